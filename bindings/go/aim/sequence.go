package aim

// #include "capi.h"
import "C"

import (
	"runtime"
	"time"
	"unsafe"
)

// An ObjectKind is what a sequence of objects holds.
type ObjectKind int32

// The kinds.
const (
	Images        ObjectKind = C.AIM_QUERY_IMAGES
	Texts         ObjectKind = C.AIM_QUERY_TEXTS
	Audios        ObjectKind = C.AIM_QUERY_AUDIOS
	Distributions ObjectKind = C.AIM_QUERY_DISTRIBUTIONS
	Figures       ObjectKind = C.AIM_QUERY_FIGURES
	Videos        ObjectKind = C.AIM_QUERY_VIDEOS
	Tables        ObjectKind = C.AIM_QUERY_TABLES
	Arrays        ObjectKind = C.AIM_QUERY_ARRAYS
)

// A Sequence is a sequence of objects of an open run: kind, name and context, resolved. It keeps its run from being
// collected, and there is nothing to close.
type Sequence struct {
	pointer *C.aim_sequence // freed when the sequence is unreachable, and not before
	run     *Run
}

// Sequence resolves a sequence of objects once, to track them. context may be nil. Sequences of two kinds may have one
// name.
func (r *Run) Sequence(kind ObjectKind, name string, context Context) (*Sequence, error) {
	json, err := context.json()
	if err != nil {
		return nil, err
	}
	var pointer *C.aim_sequence
	err = r.useText("name", name, func(run *C.aim_run, name *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_sequence(run, C.int32_t(kind), name, json, &pointer, e)
	})
	if err != nil {
		return nil, err
	}
	s := &Sequence{pointer, r}
	runtime.AddCleanup(s, func(pointer *C.aim_sequence) { C.aim_sequence_free(pointer) }, pointer)
	return s, nil
}

// Run returns the run of the sequence.
func (s *Sequence) Run() *Run { return s.run }

// Track tracks a point of one object. When the call returns, the object survives the death of the process, unless
// it is lent; the same bytes are stored once.
func (s *Sequence) Track(object Object, options ...PointOption) error {
	return s.TrackAt(time.Time{}, []Object{object}, options...)
}

// TrackAll tracks a point of several objects, numbered from 0; none is a point too. All are raw (pixels, samples), or all
// are encoded; of arrays, values and histograms a point has one.
func (s *Sequence) TrackAll(objects []Object, options ...PointOption) error {
	return s.TrackAt(time.Time{}, objects, options...)
}

// TrackAt tracks as [Sequence.TrackAll], a point of the time given.
func (s *Sequence) TrackAt(at time.Time, objects []Object, options ...PointOption) error {
	if s == nil || s.pointer == nil {
		return failed(ErrInvalidArgument, nil, "a zero value is not usable; resolve a sequence by Run.Sequence")
	}
	defer runtime.KeepAlive(s)
	var p point
	p.step, p.epoch = position(options)
	p.time = float64(seconds(at))
	// What the library reads through structs stays where it is until the call is over.
	var b borrowing
	if len(objects) == 0 {
		return encodedForm{}.track(s.pointer, nil, p, &b)
	}
	for _, object := range objects {
		if object.err != nil {
			return object.err
		}
		if object.form == nil {
			return failed(ErrInvalidArgument, nil, "a zero value is no object; make one by FromImage, FromText, ...")
		}
	}
	failed := true
	defer func() { b.end(failed) }()
	err := objects[0].form.track(s.pointer, objects, p, &b)
	failed = err != nil
	return err
}

// Keep says which points of the sequence stay, from now on and for this value: the last ones, and those whose step is a
// multiple of every (0: none). Each point that is added lets go of the others. Keep(0, 0): all stay.
func (s *Sequence) Keep(last, every uint32) error {
	defer runtime.KeepAlive(s)
	var e *C.aim_error
	return check(C.aim_sequence_keep(s.pointer, C.uint32_t(last), C.uint32_t(every), &e), e)
}

// point is where in its sequence a list of objects belongs.
type point struct {
	step, epoch int64
	time        float64
}

// words are what is said of an object, in memory that stays where it is.
func (o *Object) words(b *borrowing) (caption, meta *C.char, err error) {
	if caption, err = pinnedText("caption", o.caption, b); err != nil {
		return nil, nil, err
	}
	if o.meta != nil {
		if meta, err = encode("meta", o.meta); err != nil {
			return nil, nil, err
		}
		b.Pin(meta)
	}
	return caption, meta, nil
}

func pinnedText(what, text string, b *borrowing) (*C.char, error) {
	if text == "" {
		return nil, nil
	}
	c, err := cText(what, text)
	if err == nil {
		b.Pin(c)
	}
	return c, err
}

// alike returns the objects of one form; a point has no others.
func alike[Form any](objects []Object) ([]Form, error) {
	forms := make([]Form, len(objects))
	for i, object := range objects {
		form, same := object.form.(Form)
		if !same {
			return nil, failed(ErrInvalidArgument, nil, "objects 0 and %d of the point have different forms: "+
				"all of a point are made by the same of FromImage and FromPixels, FromSamples, FromBytes", i)
		}
		forms[i] = form
	}
	return forms, nil
}

// alone refuses lists of what a point has one of.
func alone(objects []Object) error {
	if len(objects) != 1 {
		return failed(ErrInvalidArgument, nil, "a point has one array, table of a stream or distribution, not %d", len(objects))
	}
	return nil
}

func (encodedForm) track(s *C.aim_sequence, objects []Object, p point, b *borrowing) error {
	forms, err := alike[encodedForm](objects)
	if err != nil {
		return err
	}
	all := make([]C.aim_object, len(forms))
	for i, form := range forms {
		c := &all[i]
		c.struct_size = C.sizeof_aim_object
		c.data, c.size = pinned(form.data, b), C.size_t(len(form.data))
		b.lend(&objects[i], c.data, &c.release, &c.release_userdata)
		if c.format, err = pinnedText("format", form.format, b); err != nil {
			return err
		}
		if c.caption, c.meta, err = objects[i].words(b); err != nil {
			return err
		}
	}
	var e *C.aim_error
	return check(C.aim_sequence_track(s, unsafe.SliceData(all), C.size_t(len(all)), C.int64_t(p.step),
		C.int64_t(p.epoch), C.double(p.time), &e), e)
}

func (*pixelForm) track(s *C.aim_sequence, objects []Object, p point, b *borrowing) error {
	forms, err := alike[*pixelForm](objects)
	if err != nil {
		return err
	}
	all := make([]C.aim_pixels, len(forms))
	for i, form := range forms {
		b.Pin(form.data)
		all[i] = C.aim_pixels{
			struct_size: C.sizeof_aim_pixels,
			data:        form.data,
			width:       C.uint32_t(form.width), height: C.uint32_t(form.height), channels: C.uint32_t(form.channels),
			dtype:      C.int32_t(form.element),
			row_stride: C.int64_t(form.stride),
			low:        C.double(form.low), high: C.double(form.high),
		}
		if form.planar {
			all[i].planar = 1
		}
		b.lend(&objects[i], form.data, &all[i].release, &all[i].release_userdata)
		if all[i].caption, all[i].meta, err = objects[i].words(b); err != nil {
			return err
		}
	}
	var e *C.aim_error
	return check(C.aim_sequence_track_pixels(s, unsafe.SliceData(all), C.size_t(len(all)), C.int64_t(p.step),
		C.int64_t(p.epoch), C.double(p.time), &e), e)
}

func (*sampleForm) track(s *C.aim_sequence, objects []Object, p point, b *borrowing) error {
	forms, err := alike[*sampleForm](objects)
	if err != nil {
		return err
	}
	all := make([]C.aim_samples, len(forms))
	for i, form := range forms {
		b.Pin(form.data)
		all[i] = C.aim_samples{
			struct_size: C.sizeof_aim_samples,
			data:        form.data,
			frames:      C.uint64_t(form.frames),
			channels:    C.uint32_t(form.channels),
			rate:        C.uint32_t(form.rate),
			dtype:       C.int32_t(form.element),
		}
		b.lend(&objects[i], form.data, &all[i].release, &all[i].release_userdata)
		if all[i].caption, all[i].meta, err = objects[i].words(b); err != nil {
			return err
		}
	}
	var e *C.aim_error
	return check(C.aim_sequence_track_samples(s, unsafe.SliceData(all), C.size_t(len(all)), C.int64_t(p.step),
		C.int64_t(p.epoch), C.double(p.time), &e), e)
}

func (a *arrayForm) track(s *C.aim_sequence, objects []Object, p point, b *borrowing) error {
	if err := alone(objects); err != nil {
		return err
	}
	b.Pin(a.data)
	b.Pin(unsafe.SliceData(a.shape))
	caption, meta, err := objects[0].words(b)
	if err != nil {
		return err
	}
	c := C.aim_array{
		struct_size: C.sizeof_aim_array,
		data:        a.data,
		dtype:       C.int32_t(a.element),
		ndim:        C.uint32_t(len(a.shape)),
		shape:       (*C.uint64_t)(unsafe.SliceData(a.shape)),
		caption:     caption,
		meta:        meta,
	}
	b.lend(&objects[0], a.data, &c.release, &c.release_userdata)
	var e *C.aim_error
	return check(C.aim_sequence_track_array(s, &c, C.int64_t(p.step), C.int64_t(p.epoch), C.double(p.time), &e), e)
}

func (t *tableForm) track(s *C.aim_sequence, objects []Object, p point, b *borrowing) error {
	if err := alone(objects); err != nil {
		return err
	}
	if objects[0].lent != nil {
		return failed(ErrInvalidArgument, nil, "a table cannot be lent: its stream is read by the call")
	}
	caption, meta, err := objects[0].words(b)
	if err != nil {
		return err
	}
	var e *C.aim_error
	return check(C.aim_sequence_track_table(s, (*C.struct_ArrowArrayStream)(t.rows), caption, meta, C.int64_t(p.step),
		C.int64_t(p.epoch), C.double(p.time), &e), e)
}

func (v *valueForm) track(s *C.aim_sequence, objects []Object, p point, _ *borrowing) error {
	if err := alone(objects); err != nil {
		return err
	}
	if objects[0].lent != nil {
		return failed(ErrInvalidArgument, nil, "a distribution cannot be lent: it is counted by the call")
	}
	var e *C.aim_error
	return check(C.aim_sequence_track_values(s, v.data, C.size_t(v.count), C.int32_t(v.element), C.size_t(v.bins),
		C.double(v.low), C.double(v.high), C.int64_t(p.step), C.int64_t(p.epoch), C.double(p.time), &e), e)
}

func (h *histogramForm) track(s *C.aim_sequence, objects []Object, p point, b *borrowing) error {
	if err := alone(objects); err != nil {
		return err
	}
	if objects[0].lent != nil {
		return failed(ErrInvalidArgument, nil, "a distribution cannot be lent: it is counted by the call")
	}
	b.Pin(unsafe.SliceData(h.weights))
	b.Pin(unsafe.SliceData(h.edges))
	c := C.aim_distribution{
		struct_size: C.sizeof_aim_distribution,
		weights:     (*C.double)(unsafe.SliceData(h.weights)),
		bins:        C.size_t(len(h.weights)),
		edges:       (*C.double)(unsafe.SliceData(h.edges)),
	}
	var e *C.aim_error
	return check(C.aim_sequence_track_distribution(s, &c, C.int64_t(p.step), C.int64_t(p.epoch), C.double(p.time), &e), e)
}
