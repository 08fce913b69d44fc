package aim

// #include "capi.h"
import "C"

import (
	"io"
	"reflect"
	"slices"
	"unsafe"
)

// An Object is something to track at a point of a [Sequence]. It borrows the memory that it is made from until it was
// tracked, or, where it is lent, until it is released.
type Object struct {
	form    form
	err     error // what kept the object from being made; tracking answers it
	caption string
	meta    map[string]any
	lent    *lent
}

// A form is how an object is handed over.
type form interface {
	// track tracks objects, the first of which has this form.
	track(s *C.aim_sequence, objects []Object, p point, b *borrowing) error
}

type encodedForm struct {
	data   []byte
	format string
}

type pixelForm struct {
	data                    unsafe.Pointer
	width, height, channels int
	element                 int32
	planar                  bool
	stride                  int
	low, high               float64
}

type sampleForm struct {
	data             unsafe.Pointer
	frames, channels int
	rate             int
	element          int32
}

type arrayForm struct {
	data    unsafe.Pointer
	element int32
	shape   []uint64
}

type tableForm struct{ rows unsafe.Pointer }

type valueForm struct {
	data      unsafe.Pointer
	count     int
	element   int32
	bins      int
	low, high float64
}

type histogramForm struct{ weights, edges []float64 }

// Caption returns the object with a text that says what it shows.
func (o Object) Caption(text string) Object {
	o.caption = text
	return o
}

// Meta returns the object with what is kept with it: boxes, masks, units.
func (o Object) Meta(meta map[string]any) Object {
	o.meta = meta
	return o
}

// FromBytes is an object that is encoded already. format is "png", "jpeg", "wav", "plotly", "mp4", "arrow", ..., or "" where
// the first bytes tell.
func FromBytes(data []byte, format string) Object {
	return Object{form: encodedForm{data, format}}
}

// FromReader is an object that is encoded already, read to its end now. An error of the reader is that of tracking.
func FromReader(reader io.Reader, format string) Object {
	data, err := io.ReadAll(reader)
	if err != nil {
		return Object{err: failed(ErrIO, err, "reading the object: %v", err)}
	}
	return FromBytes(data, format)
}

// FromText is a text.
func FromText(text string) Object {
	return FromBytes(unsafe.Slice(unsafe.StringData(text), len(text)), "text")
}

// Float16 and BFloat16 are the bits of numbers of half precision.
type (
	Float16  uint16
	BFloat16 uint16
)

// An Element is what arrays, pixels, samples and values consist of.
type Element interface {
	~bool | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uint | ~int8 | ~int16 | ~int32 | ~int64 | ~int | ~float32 | ~float64
}

// element is the number of a type in the C API.
func element[T Element]() int32 {
	switch kind := reflect.TypeFor[T](); kind {
	case reflect.TypeFor[Float16]():
		return C.AIM_F16
	case reflect.TypeFor[BFloat16]():
		return C.AIM_BF16
	default:
		return elementOf(kind.Kind(), kind.Size())
	}
}

func elementOf(kind reflect.Kind, size uintptr) int32 {
	wide := size == 8
	switch kind {
	case reflect.Bool:
		return C.AIM_BOOL
	case reflect.Uint8:
		return C.AIM_U8
	case reflect.Uint16:
		return C.AIM_U16
	case reflect.Int8:
		return C.AIM_I8
	case reflect.Int16:
		return C.AIM_I16
	case reflect.Float32:
		return C.AIM_F32
	case reflect.Float64:
		return C.AIM_F64
	case reflect.Uint, reflect.Uint32, reflect.Uint64:
		if wide {
			return C.AIM_U64
		}
		return C.AIM_U32
	}
	if wide {
		return C.AIM_I64
	}
	return C.AIM_I32
}

func first[T any](data []T) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(data)) }

// pinned is memory that stays where it is.
func pinned[T any](data []T, b *borrowing) unsafe.Pointer {
	at := first(data)
	b.Pin(at)
	return at
}

// FromPixels is an image of width times height pixels with 1 (grey), 2 (grey, alpha), 3 (RGB) or 4 (RGBA) channels beside
// each other: 8- or 16-bit unsigned integers, or floats from 0 to 1, which get 8 bits. It is stored as PNG.
func FromPixels[T Element](pixels []T, width, height, channels int) Object {
	return fromPixels(pixels, width, height, channels, false, 0, 0)
}

// FromPlanes is as [FromPixels], each channel a plane of its own, and floats from low to high.
func FromPlanes[T Element](pixels []T, width, height, channels int, low, high float64) Object {
	return fromPixels(pixels, width, height, channels, true, low, high)
}

func fromPixels[T Element](pixels []T, width, height, channels int, planar bool, low, high float64) Object {
	if !covers(len(pixels), width, height, channels) {
		return Object{err: failed(ErrInvalidArgument, nil, "%d elements are no image of %d times %d pixels with %d "+
			"channels", len(pixels), width, height, channels)}
	}
	return Object{form: &pixelForm{first(pixels), width, height, channels, element[T](), planar, 0, low, high}}
}

// covers tells whether sides multiply to a length.
func covers(length int, sides ...int) bool {
	if slices.Contains(sides, 0) {
		return length == 0
	}
	for _, side := range sides {
		if side < 0 || length%side != 0 {
			return false
		}
		length /= side
	}
	return length == 1
}

// FromSamples is a clip of interleaved samples: int16, int32, or float32 from -1 to 1. It is stored as WAV.
func FromSamples[T Element](samples []T, channels, rate int) Object {
	if channels < 1 || len(samples)%channels != 0 || rate < 1 || uint64(rate) > 1<<32-1 {
		return Object{err: failed(ErrInvalidArgument, nil, "%d samples are no frames of %d channels at a rate of %d: "+
			"channels and rate are 1 or more, samples a multiple of the channels", len(samples), channels, rate)}
	}
	return Object{form: &sampleForm{first(samples), len(samples) / channels, channels, rate, element[T]()}}
}

// FromArray is an array, the last dimension fastest, with up to 8 dimensions; without a shape it has one. It is stored as NPY.
func FromArray[T Element](data []T, shape ...int) Object {
	if len(shape) == 0 {
		shape = []int{len(data)}
	}
	if !covers(len(data), shape...) {
		return Object{err: failed(ErrInvalidArgument, nil, "%d elements are no array of shape %v", len(data), shape)}
	}
	sides := make([]uint64, len(shape))
	for i, side := range shape {
		sides[i] = uint64(side)
	}
	return Object{form: &arrayForm{first(data), element[T](), sides}}
}

// FromArrow makes a table of the rows of a struct ArrowArrayStream of Arrow's C Stream Interface, such as arrow-go exports:
//
//	cdata.ExportRecordReader(reader, (*cdata.CArrowArrayStream)(stream))
//
// Tracking it reads the stream to its end and releases it, whatever the outcome, so that it is tracked once.
func FromArrow(stream unsafe.Pointer) Object { return Object{form: &tableForm{stream}} }

// FromValues counts values into bins at even distances between their least and greatest: 1 to 4096, 0 for 64. NaN and
// infinities are counted apart.
func FromValues[T Element](values []T, bins int) Object {
	return FromValuesBetween(values, bins, 0, 0)
}

// FromValuesBetween is as [FromValues], with bins from low to high; values outside are counted apart.
func FromValuesBetween[T Element](values []T, bins int, low, high float64) Object {
	return Object{form: &valueForm{first(values), len(values), element[T](), max(bins, 0), low, high}}
}

// FromHistogram is a distribution whose bins are counted already, between ascending edges, one more than the weights.
func FromHistogram(weights, edges []float64) Object {
	if len(edges) != len(weights)+1 {
		return Object{err: failed(ErrInvalidArgument, nil, "%d edges for %d weights: they are one more", len(edges),
			len(weights))}
	}
	return Object{form: &histogramForm{weights, edges}}
}
