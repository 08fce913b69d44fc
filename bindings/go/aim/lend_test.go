package aim_test

import (
	"image"
	"runtime"
	"sync"
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
)

func TestLentObjectsAreStoredBehindTheCall(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	previews := must(run.Sequence(aim.Images, "previews", nil))
	const points = 100 // more than may wait
	var released sync.WaitGroup
	made := func(step int) *image.Gray {
		img := image.NewGray(image.Rect(0, 0, 60, 50))
		for i := range img.Pix {
			img.Pix[i] = uint8(i * (step + 1))
		}
		return img
	}
	for step := range points {
		released.Add(2)
		// Nothing but the loan keeps the second one.
		second := aim.FromImage(made(step + 1)).Lend(released.Done)
		succeeds(t, previews.TrackAll([]aim.Object{
			aim.FromImage(made(step)).Caption("lent").Lend(released.Done), second,
		}, aim.Step(int64(step))))
		if step%10 == 0 {
			runtime.GC()
		}
	}
	for kind, object := range map[aim.ObjectKind]aim.Object{
		aim.Audios: aim.FromSamples([]int16{1, 2}, 1, 8000),
		aim.Arrays: aim.FromArray([]float64{1, 2, 3}),
		aim.Texts:  aim.FromText("lent"),
	} {
		released.Add(1)
		succeeds(t, must(run.Sequence(kind, "other", nil)).Track(object.Lend(released.Done)))
		succeeds(t, must(run.Sequence(kind, "other", nil)).Track(object.Lend(nil)))
		equal(t, "number of objects", objects(t, repo, kind).Len(), 2) // a query waits for them
	}
	found := objects(t, repo, aim.Images)
	equal(t, "number of images", found.Len(), 2*points)
	for i := range found.Len() {
		samePixels(t, must(found.At(i).Image()), made(i/2+i%2))
	}
	released.Wait()

	// Where tracking fails nobody is told.
	never := func() { t.Error("nothing was lent") }
	gray := aim.FromImage(made(0))
	fails(t, previews.TrackAll([]aim.Object{gray.Lend(never), gray}), aim.ErrInvalidArgument)
	fails(t, previews.Track(gray.Caption("a\x00b").Lend(never)), aim.ErrInvalidArgument)
	values := must(run.Sequence(aim.Distributions, "values", nil))
	fails(t, values.Track(aim.FromValues([]float64{1}, 1).Lend(never)), aim.ErrInvalidArgument)
	succeeds(t, run.Close())
	fails(t, previews.Track(gray.Lend(never)), aim.ErrClosed)
}
