package aim

// #include "capi.h"
import "C"

import (
	"bytes"
	"context"
	"image"
	_ "image/gif"  // what Image decodes
	_ "image/jpeg" // what Image decodes
	_ "image/png"  // what Image decodes
	"io"
	"iter"
	"runtime"
	"slices"
	"time"
	"unsafe"
)

// A SequenceRow is a sequence of objects that a query found, and its run.
type SequenceRow struct {
	RunRow
	name, context string
}

// QueryObjects selects sequences of objects of a kind with their runs, as in `images.name == 'preview'`; the expression names
// the kind as the library does: images, texts, audios, distributions, figures, videos, tables, arrays. Otherwise as
// [Repo.QueryRuns].
func (r *Repo) QueryObjects(ctx context.Context, kind ObjectKind, expression string, options ...QueryOption) (
	*Query[SequenceRow], error) {
	if kind < Images || kind > Arrays {
		return nil, failed(ErrInvalidArgument, nil, "kind is %d; it is one of Images, Texts, ...", kind)
	}
	return newQuery(ctx, r, expression, C.int32_t(kind), options, sequenceRow)
}

func sequenceRow(query *queryRef, i int) (SequenceRow, error) {
	row, err := metricRow(query, i)
	return SequenceRow(row), err
}

// Name returns the name of the sequence.
func (s SequenceRow) Name() string { return s.name }

// ContextJSON returns the context of the sequence as JSON with sorted keys.
func (s SequenceRow) ContextJSON() string { return s.context }

// Context returns the context of the sequence; as [MetricRow.Context].
func (s SequenceRow) Context() (Context, error) { return MetricRow(s).Context() }

// SequenceInfo is what is known of a sequence of objects without reading its points.
type SequenceInfo struct {
	Count               uint64 // points
	FirstStep, LastStep int64
	Longest             int // objects of the longest list that a point had
}

// Info returns what is known of the sequence, as of the query.
func (s SequenceRow) Info() (SequenceInfo, error) {
	query, err := s.query.acquire()
	if err != nil {
		return SequenceInfo{}, err
	}
	defer s.query.handle.release()
	info := C.aim_sequence_info{struct_size: C.sizeof_aim_sequence_info}
	var e *C.aim_error
	if err := check(C.aim_query_sequence_info(query, s.index, &info, &e), e); err != nil {
		return SequenceInfo{}, err
	}
	return SequenceInfo{uint64(info.count), int64(info.first_step), int64(info.last_step), int(info.longest)}, nil
}

// A Selection says which points of a sequence, and which objects of each; without one it is all.
type Selection func(*selection)

type selection struct{ c C.aim_range }

// Steps selects points from a step up to, not including, another one.
func Steps(first, end int64) Selection {
	return func(s *selection) { s.c.first_step, s.c.end_step = C.int64_t(first), C.int64_t(end) }
}

// Points selects at most so many points, at even distances, the first and the last among them; one alone is the last.
func Points(most int) Selection {
	return func(s *selection) { s.c.points = C.size_t(max(most, 0)) }
}

// Indices selects the objects of each point from an index up to, not including, another one.
func Indices(first, end uint32) Selection {
	return func(s *selection) { s.c.first_index, s.c.end_index = C.uint32_t(first), C.uint32_t(end) }
}

// PerPoint selects at most so many objects of each point, as [Points] selects points.
func PerPoint(most int) Selection {
	return func(s *selection) { s.c.objects = C.size_t(max(most, 0)) }
}

// Objects are objects of a sequence, in the order of steps and indices. Their bytes are read when they are asked for.
type Objects struct {
	ref *objectsRef
	all []Found
}

type objectsRef struct{ handle *handle }

func freeObjects(objects unsafe.Pointer) { C.aim_objects_free((*C.aim_objects)(objects)) }

// Objects finds objects of the sequence.
func (s SequenceRow) Objects(selections ...Selection) (*Objects, error) {
	query, err := s.query.acquire()
	if err != nil {
		return nil, err
	}
	defer s.query.handle.release()
	wanted := selection{C.aim_range{struct_size: C.sizeof_aim_range, first_step: C.INT64_MIN, end_step: C.INT64_MAX,
		end_index: C.UINT32_MAX}}
	for _, selection := range selections {
		selection(&wanted)
	}
	var pointer *C.aim_objects
	var e *C.aim_error
	if err := check(C.aim_query_objects(query, s.index, &wanted.c, &pointer, &e), e); err != nil {
		return nil, err
	}
	h := &handle{what: "list of objects", pointer: unsafe.Pointer(pointer), free: freeObjects}
	ref := &objectsRef{h}
	runtime.AddCleanup(ref, (*handle).close, h)
	found := &Objects{ref, make([]Found, int(C.aim_objects_len(pointer)))}
	for k := range found.all {
		info := C.aim_object_info{struct_size: C.sizeof_aim_object_info}
		if err := check(C.aim_objects_info(pointer, C.size_t(k), &info, &e), e); err != nil {
			return nil, err
		}
		found.all[k] = Found{
			Step: int64(info.step), Epoch: int64(info.epoch), Time: fromSeconds(float64(info.time)),
			Index: int(info.index), Width: int(info.width), Height: int(info.height), Size: int64(info.size),
			Format: C.GoString(info.format), Caption: C.GoString(info.caption), MetaJSON: C.GoString(info.meta),
			ref: ref, number: C.size_t(k),
		}
	}
	return found, nil
}

// Len returns the number of objects.
func (o *Objects) Len() int { return len(o.all) }

// At returns object k, from 0 on. It panics where there is no such object, as a slice does.
func (o *Objects) At(k int) Found { return o.all[k] }

// All iterates over the objects and their numbers.
func (o *Objects) All() iter.Seq2[int, Found] { return slices.All(o.all) }

// Close frees what was read; the objects answer [ErrClosed]. It always succeeds, also again.
func (o *Objects) Close() error {
	if o.ref != nil {
		o.ref.handle.close()
	}
	return nil
}

// A Found is an object that a query found.
type Found struct {
	Step          int64
	Epoch         int64 // NoEpoch where there is none
	Time          time.Time
	Index         int // its place among the objects of the point
	Width, Height int // of images whose format says it; else 0
	Size          int64
	Format        string // what the bytes are
	Caption       string
	MetaJSON      string // a JSON object

	ref    *objectsRef
	number C.size_t
}

// Meta returns what is kept with the object.
func (f Found) Meta() (map[string]any, error) {
	meta := map[string]any{}
	err := scan(f.MetaJSON, &meta)
	return meta, err
}

// use calls with the bytes, which are the library's until it returns.
func (f Found) use(read func(data []byte) error) error {
	if f.ref == nil {
		return failed(ErrInvalidArgument, nil, "a zero value is no object")
	}
	defer runtime.KeepAlive(f.ref)
	pointer, err := f.ref.handle.acquire()
	if err != nil {
		return err
	}
	defer f.ref.handle.release()
	var data *C.uint8_t
	var size C.size_t
	var e *C.aim_error
	if err := check(C.aim_objects_data((*C.aim_objects)(pointer), f.number, &data, &size, &e), e); err != nil {
		return err
	}
	return read(unsafe.Slice((*byte)(data), int(size)))
}

// Bytes returns the bytes, checked against what was tracked. They are the caller's.
func (f Found) Bytes() (data []byte, err error) {
	err = f.use(func(borrowed []byte) error {
		data = bytes.Clone(borrowed)
		return nil
	})
	return data, err
}

// WriteTo writes the bytes, without a copy of them in Go's memory.
func (f Found) WriteTo(w io.Writer) (written int64, err error) {
	err = f.use(func(borrowed []byte) error {
		n, err := w.Write(borrowed)
		written = int64(n)
		return err
	})
	return written, err
}

// Text returns the bytes as a text.
func (f Found) Text() (text string, err error) {
	err = f.use(func(borrowed []byte) error {
		text = string(borrowed)
		return nil
	})
	return text, err
}

// Image decodes an image: PNG, JPEG, GIF, and what else the program has registered with the package image.
func (f Found) Image() (decoded image.Image, err error) {
	err = f.use(func(borrowed []byte) error {
		decoded, _, err = image.Decode(bytes.NewReader(borrowed))
		return err
	})
	return decoded, err
}

// Distribution are bins, and what is known of the values beside them. Count and what follows are NaN where bins were handed
// over.
type Distribution struct {
	Weights          []float64
	Edges            []float64 // one more
	NaNs, Infinities uint64    // beside those in the bins
	Count            float64   // of values, those outside of the bins among them
	Sum, SumSquares  float64
	Min, Max         float64
}

// Distribution returns a distribution; of others it answers [ErrType].
func (f Found) Distribution() (Distribution, error) {
	if f.ref == nil {
		return Distribution{}, failed(ErrInvalidArgument, nil, "a zero value is no object")
	}
	defer runtime.KeepAlive(f.ref)
	pointer, err := f.ref.handle.acquire()
	if err != nil {
		return Distribution{}, err
	}
	defer f.ref.handle.release()
	c := C.aim_distribution{struct_size: C.sizeof_aim_distribution}
	var e *C.aim_error
	if err := check(C.aim_objects_distribution((*C.aim_objects)(pointer), f.number, &c, &e), e); err != nil {
		return Distribution{}, err
	}
	return Distribution{
		Weights:    slices.Clone(cSlice[float64](unsafe.Pointer(c.weights), c.bins)),
		Edges:      slices.Clone(cSlice[float64](unsafe.Pointer(c.edges), c.bins+1)),
		NaNs:       uint64(c.nans),
		Infinities: uint64(c.infinities),
		Count:      float64(c.count), Sum: float64(c.sum), SumSquares: float64(c.sum_squares),
		Min: float64(c.min), Max: float64(c.max),
	}, nil
}
