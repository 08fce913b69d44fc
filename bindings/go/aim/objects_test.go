package aim_test

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

// objects reads what the one sequence of a kind has.
func objects(t testing.TB, repo *aim.Repo, kind aim.ObjectKind, selections ...aim.Selection) *aim.Objects {
	t.Helper()
	query := must(repo.QueryObjects(ctx, kind, ""))
	equal(t, "number of sequences", query.Len(), 1)
	return must(must(query.At(0)).Objects(selections...))
}

func tracked(t testing.TB, kind aim.ObjectKind, object aim.Object) aim.Found {
	t.Helper()
	repo := newRepo(t)
	sequence := must(newRun(t, repo).Sequence(kind, "one", nil))
	succeeds(t, sequence.Track(object))
	found := objects(t, repo, kind)
	equal(t, "number of objects", found.Len(), 1)
	return found.At(0)
}

// samePixels compares images as colours without premultiplied alpha.
func samePixels(t *testing.T, got, want image.Image) {
	t.Helper()
	equal(t, "size", got.Bounds().Size(), want.Bounds().Size())
	from, to := want.Bounds().Min, got.Bounds().Min
	for y := range want.Bounds().Dy() {
		for x := range want.Bounds().Dx() {
			a := color.NRGBA64Model.Convert(got.At(to.X+x, to.Y+y))
			b := color.NRGBA64Model.Convert(want.At(from.X+x, from.Y+y))
			if a != b {
				t.Fatalf("the pixel at %d, %d is %v, not %v", x, y, a, b)
			}
		}
	}
}

func TestImages(t *testing.T) {
	bounds := image.Rect(-3, 2, 14, 13)
	paint := func(img interface {
		image.Image
		Set(x, y int, c color.Color)
	}, opaque bool) image.Image {
		for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
			for x := bounds.Min.X; x < bounds.Max.X; x++ {
				alpha := uint16(0xffff)
				if !opaque {
					alpha = uint16(x*4321) | 0x0101
				}
				img.Set(x, y, color.NRGBA64{uint16(x * 3001), uint16(y * 4001), uint16(x * y * 501), alpha})
			}
		}
		return img
	}
	palette := color.Palette{color.Black, color.White, color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 0, 255, 128}}
	part := paint(image.NewNRGBA(bounds), false).(*image.NRGBA).SubImage(image.Rect(0, 4, 5, 9))
	for name, img := range map[string]image.Image{
		"Gray":              paint(image.NewGray(bounds), true),
		"Gray16":            paint(image.NewGray16(bounds), true),
		"NRGBA":             paint(image.NewNRGBA(bounds), false),
		"a part of NRGBA":   part,
		"RGBA":              paint(image.NewRGBA(bounds), true),
		"NRGBA64":           paint(image.NewNRGBA64(bounds), false),
		"RGBA64":            paint(image.NewRGBA64(bounds), true),
		"Paletted":          paint(image.NewPaletted(bounds, palette), false),
		"a part of Gray":    paint(image.NewGray(bounds), true).(*image.Gray).SubImage(image.Rect(5, 5, 6, 6)),
		"a part of NRGBA64": paint(image.NewNRGBA64(bounds), false).(*image.NRGBA64).SubImage(image.Rect(5, 5, 9, 6)),
	} {
		t.Run(name, func(t *testing.T) {
			found := tracked(t, aim.Images, aim.FromImage(img).Caption(name).Meta(map[string]any{"boxes": []int{1, 2}}))
			equal(t, "format", found.Format, "png")
			equal(t, "caption", found.Caption, name)
			equal(t, "meta", must(found.Meta()), map[string]any{"boxes": []any{int64(1), int64(2)}})
			equal(t, "width", found.Width, img.Bounds().Dx())
			equal(t, "height", found.Height, img.Bounds().Dy())
			samePixels(t, must(found.Image()), img)
		})
	}
}

func TestTranslucentImagesKeepWhatTheyHave(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 1, 1))
	img.SetRGBA(0, 0, color.RGBA{51, 17, 0, 51}) // premultiplied
	decoded := must(tracked(t, aim.Images, aim.FromImage(img)).Image())
	equal(t, "the pixel", color.RGBAModel.Convert(decoded.At(0, 0)), color.RGBA{51, 17, 0, 51})
}

func TestEncodedImages(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 8, 4))
	var encoded bytes.Buffer
	succeeds(t, jpeg.Encode(&encoded, img, nil))
	want := bytes.Clone(encoded.Bytes())
	found := tracked(t, aim.Images, aim.FromReader(&encoded, ""))
	equal(t, "format", found.Format, "jpeg")
	equal(t, "width", found.Width, 8)
	equal(t, "bytes", must(found.Bytes()), want)
	var written bytes.Buffer
	equal(t, "bytes written", must(found.WriteTo(&written)), int64(len(want)))
	equal(t, "bytes", written.Bytes(), want)
}

func TestPixels(t *testing.T) {
	rgb := []uint8{255, 0, 0, 0, 255, 0}
	planes := []float32{-1, 0, 1, float32(math.NaN())}
	wide := must(tracked(t, aim.Images, aim.FromPixels(rgb, 2, 1, 3)).Image())
	equal(t, "the first pixel", color.NRGBAModel.Convert(wide.At(0, 0)), color.NRGBA{255, 0, 0, 255})
	equal(t, "the second pixel", color.NRGBAModel.Convert(wide.At(1, 0)), color.NRGBA{0, 255, 0, 255})
	grey := must(tracked(t, aim.Images, aim.FromPlanes(planes, 2, 2, 1, -1, 1)).Image()).(*image.Gray)
	equal(t, "the pixels", grey.Pix, []uint8{0, 128, 255, 0})
}

func TestTexts(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	sequence := must(run.Sequence(aim.Texts, "notes", aim.Context{"subset": "val"}))
	equal(t, "run", sequence.Run(), run)
	at := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	long := strings.Repeat("ä", 100_000) // lies in a pack
	succeeds(t, sequence.TrackAll([]aim.Object{aim.FromText("one"), aim.FromText("")}, aim.Step(5), aim.Epoch(1)))
	succeeds(t, sequence.Track(aim.FromBytes([]byte("# two"), "markdown")))
	succeeds(t, sequence.TrackAt(at, []aim.Object{aim.FromText(long)}, aim.Step(2)))
	succeeds(t, sequence.TrackAll(nil, aim.Step(9)))

	query := must(repo.QueryObjects(ctx, aim.Texts, "texts.name == 'notes' and texts.context.subset == 'val'"))
	row := must(query.At(0))
	equal(t, "hash", row.Hash(), run.Hash())
	equal(t, "name", row.Name(), "notes")
	equal(t, "context", row.ContextJSON(), `{"subset":"val"}`)
	equal(t, "context", must(row.Context()), aim.Context{"subset": "val"})
	equal(t, "info", must(row.Info()), aim.SequenceInfo{Count: 4, FirstStep: 2, LastStep: 9, Longest: 2})
	read := func(selections ...aim.Selection) (texts []string) {
		found := must(row.Objects(selections...))
		defer found.Close()
		for k, object := range found.All() {
			equal(t, "number", object.Step, found.At(k).Step)
			texts = append(texts, must(object.Text()))
		}
		return texts
	}
	equal(t, "texts", read(), []string{long, "one", "", "# two"})
	equal(t, "texts of steps", read(aim.Steps(3, 6)), []string{"one", ""})
	equal(t, "texts of indices", read(aim.Indices(1, 2)), []string{""})
	equal(t, "texts of points", read(aim.Points(1), aim.Steps(0, 9)), []string{"# two"})
	equal(t, "texts of each point", read(aim.PerPoint(1), aim.Steps(5, 6)), []string{""})
	first := must(row.Objects()).At(0)
	equal(t, "time", first.Time.UTC(), at)
	equal(t, "epoch", first.Epoch, aim.NoEpoch)
	second := must(row.Objects()).At(2)
	equal(t, "epoch", second.Epoch, int64(1))
	equal(t, "index", second.Index, 1)
	equal(t, "size", first.Size, int64(200_000))
}

func TestKeep(t *testing.T) {
	repo := newRepo(t)
	sequence := must(newRun(t, repo).Sequence(aim.Texts, "notes", nil))
	succeeds(t, sequence.Keep(2, 10))
	for step := range int64(25) {
		succeeds(t, sequence.Track(aim.FromText("text"), aim.Step(step)))
	}
	var steps []int64
	for _, found := range objects(t, repo, aim.Texts).All() {
		steps = append(steps, found.Step)
	}
	equal(t, "steps", steps, []int64{0, 10, 20, 23, 24})
	fails(t, sequence.Keep(0, 1), aim.ErrInvalidArgument)
}

func TestDistributions(t *testing.T) {
	nan := math.NaN()
	counted := must(tracked(t, aim.Distributions, aim.FromValues([]float64{0, 1, 1, 2, nan, math.Inf(1)}, 2)).Distribution())
	equal(t, "a distribution", counted, aim.Distribution{Weights: []float64{1, 3}, Edges: []float64{0, 1, 2}, NaNs: 1,
		Infinities: 1, Count: 4, Sum: 4, SumSquares: 6, Min: 0, Max: 2})
	within := must(tracked(t, aim.Distributions, aim.FromValuesBetween([]int32{0, 1, 2, 3}, 1, 1, 2)).Distribution())
	equal(t, "weights", within.Weights, []float64{2})
	equal(t, "count", within.Count, 4.0)
	uneven := must(tracked(t, aim.Distributions, aim.FromHistogram([]float64{3, 1}, []float64{0, 1, 10})).Distribution())
	equal(t, "edges", uneven.Edges, []float64{0, 1, 10})
	equal(t, "whether the sum is known", math.IsNaN(uneven.Sum), true)
	_, err := tracked(t, aim.Texts, aim.FromText("text")).Distribution()
	fails(t, err, aim.ErrType)
}

func sameArray[T interface {
	comparable
	aim.Element
}](t *testing.T, elements ...T) {
	t.Helper()
	found := tracked(t, aim.Arrays, aim.FromArray(elements, 1, len(elements)).Meta(map[string]any{"role": "points"}))
	got, shape, err := aim.Array[T](found)
	succeeds(t, err)
	equal(t, "elements", got, elements)
	equal(t, "shape", shape, []int{1, len(elements)})
	equal(t, "meta", found.MetaJSON, `{"role":"points"}`)
}

func TestArrays(t *testing.T) {
	sameArray(t, true, false)
	sameArray[uint8](t, 0, 255)
	sameArray[uint16](t, 0, 65535)
	sameArray[uint32](t, 0, math.MaxUint32)
	sameArray[uint64](t, 0, math.MaxUint64)
	sameArray[uint](t, 0, math.MaxUint32)
	sameArray[int8](t, -128, 127)
	sameArray[int16](t, -32768, 32767)
	sameArray[int32](t, math.MinInt32, math.MaxInt32)
	sameArray[int64](t, math.MinInt64, math.MaxInt64)
	sameArray(t, -1, 1)
	sameArray[float32](t, 0.5, -1)
	sameArray(t, 0.1, math.Inf(-1))
	sameArray[aim.Float16](t, 0x3c00, 0xc000)
	half := tracked(t, aim.Arrays, aim.FromArray([]aim.BFloat16{0x3f80, 0xbf00}))
	wide, shape, err := aim.Array[float32](half)
	succeeds(t, err)
	equal(t, "elements", wide, []float32{1, -0.5})
	equal(t, "shape", shape, []int{2})
	none, shape, err := aim.Array[int16](tracked(t, aim.Arrays, aim.FromArray([]int16{}, 3, 0)))
	succeeds(t, err)
	equal(t, "elements", none, []int16{})
	equal(t, "shape", shape, []int{3, 0})
	_, _, err = aim.Array[int32](half)
	fails(t, err, aim.ErrType)
	_, _, err = aim.Array[float32](tracked(t, aim.Texts, aim.FromText("no array")))
	fails(t, err, aim.ErrType)
}

func TestSamples(t *testing.T) {
	found := tracked(t, aim.Audios, aim.FromSamples([]int16{1, 2, 3, 4}, 2, 8000))
	equal(t, "format", found.Format, "wav")
	data := must(found.Bytes())
	equal(t, "samples", data[len(data)-8:], []byte{1, 0, 2, 0, 3, 0, 4, 0})
}

func TestObjectsRefuse(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	images, texts := must(run.Sequence(aim.Images, "i", nil)), must(run.Sequence(aim.Texts, "t", nil))
	pixel := aim.FromPixels([]uint8{1}, 1, 1, 1)
	var encoded bytes.Buffer
	succeeds(t, png.Encode(&encoded, image.NewGray(image.Rect(0, 0, 1, 1))))
	for what, object := range map[string]aim.Object{
		"a zero value":        {},
		"too few pixels":      aim.FromPixels([]uint8{1}, 2, 1, 1),
		"pixels of a size":    aim.FromPixels([]uint8{1}, -1, -1, 1),
		"no pixels":           aim.FromPixels([]uint8{}, 0, 1, 1),
		"an empty image":      aim.FromImage(image.NewRGBA(image.Rectangle{})),
		"signed pixels":       aim.FromPixels([]int8{1}, 1, 1, 1),
		"an unknown format":   aim.FromBytes([]byte("x"), "tiff"),
		"a NUL in its format": aim.FromBytes([]byte("x"), "p\x00"),
		"a NUL in a caption":  pixel.Caption("a\x00"),
		"meta of functions":   pixel.Meta(map[string]any{"f": func() {}}),
		"nothing":             aim.FromBytes(nil, "png"),
		"shapes":              aim.FromArray([]int8{1}, 2),
		"samples":             aim.FromSamples([]int16{1}, 2, 1),
		"edges":               aim.FromHistogram([]float64{1}, []float64{1}),
	} {
		t.Run(what, func(t *testing.T) { fails(t, images.Track(object), aim.ErrInvalidArgument) })
	}
	fails(t, images.TrackAll([]aim.Object{pixel, aim.FromReader(&encoded, "")}), aim.ErrInvalidArgument)
	fails(t, texts.TrackAll([]aim.Object{aim.FromArray([]int8{1}), aim.FromArray([]int8{1})}), aim.ErrInvalidArgument)
	fails(t, texts.Track(pixel), aim.ErrType)
	fails(t, texts.Track(aim.FromBytes([]byte{0xff}, "text")), aim.ErrInvalidArgument)
	lost := errors.New("lost")
	err := images.Track(aim.FromReader(iotest.ErrReader(lost), ""))
	fails(t, err, aim.ErrIO)
	fails(t, (*aim.Sequence)(nil).Track(pixel), aim.ErrInvalidArgument)
	_, err = run.Sequence(aim.ObjectKind(99), "x", nil)
	fails(t, err, aim.ErrInvalidArgument)
	_, err = run.Sequence(aim.Images, "x\x00", nil)
	fails(t, err, aim.ErrInvalidArgument)
	_, err = repo.QueryObjects(ctx, aim.ObjectKind(1), "")
	fails(t, err, aim.ErrInvalidArgument)
	_, err = (aim.Found{}).Bytes()
	fails(t, err, aim.ErrInvalidArgument)

	succeeds(t, images.Track(pixel))
	query := must(repo.QueryObjects(ctx, aim.Images, ""))
	row := must(query.At(0))
	found := must(row.Objects())
	succeeds(t, found.Close())
	_, err = found.At(0).Bytes()
	fails(t, err, aim.ErrClosed)
	succeeds(t, query.Close())
	_, err = row.Objects()
	fails(t, err, aim.ErrClosed)
	succeeds(t, run.Close())
	fails(t, images.Track(pixel), aim.ErrClosed)
}

func TestForgottenObjectsLiveAsLongAsTheyAreUsed(t *testing.T) {
	found := func() aim.Found { return tracked(t, aim.Texts, aim.FromText("still here")) }()
	collectGarbage()
	equal(t, "text", must(found.Text()), "still here")
}
