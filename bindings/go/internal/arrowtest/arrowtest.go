// Package arrowtest reads streams of Arrow's C Stream Interface with nothing but the C structs, as an importer would.
package arrowtest

// #include <stdlib.h>
// #include "walk.h"
import "C"

import (
	"errors"
	"fmt"
	"unsafe"
)

// A Column is one child of a record batch. Of its buffers only those are read that its format has.
type Column struct {
	Name, Format string
	Nullable     bool
	Dictionary   *Column // of dictionary-encoded columns

	Valid  []bool
	Ints   []int64 // formats l, i and timestamps: dictionary-encoded columns hold indices
	Floats []float64
	Texts  []string
}

// A Batch is a record batch.
type Batch struct {
	Length  int
	Columns []Column
}

// Read takes a struct ArrowArrayStream over, as importers do: it moves the struct away, reads all batches and releases
// it.
func Read(stream unsafe.Pointer) ([]Batch, error) {
	var moved C.struct_ArrowArrayStream
	memory := C.malloc(C.sizeof_struct_ArrowArrayStream) // the producer may keep no pointer to where it was
	defer C.free(memory)
	s := (*C.struct_ArrowArrayStream)(memory)
	original := (*C.struct_ArrowArrayStream)(stream)
	*s, original.release = *original, moved.release
	defer C.release_stream(s)

	var schema C.struct_ArrowSchema
	if code := C.next_schema(s, &schema); code != 0 {
		return nil, fmt.Errorf("schema: %d, %s", code, C.GoString(C.last_error(s)))
	}
	defer C.release_schema(&schema)
	if C.GoString(schema.format) != "+s" {
		return nil, fmt.Errorf("the stream is of format %s", C.GoString(schema.format))
	}
	var batches []Batch
	for {
		var array C.struct_ArrowArray
		if code := C.next_array(s, &array); code != 0 {
			return nil, fmt.Errorf("batch: %d, %s", code, C.GoString(C.last_error(s)))
		}
		if array.release == nil {
			return batches, nil
		}
		batch, err := readBatch(&schema, &array)
		C.release_array(&array)
		if err != nil {
			return nil, err
		}
		batches = append(batches, batch)
	}
}

func readBatch(schema *C.struct_ArrowSchema, array *C.struct_ArrowArray) (Batch, error) {
	if array.n_children != schema.n_children {
		return Batch{}, errors.New("schema and batch have different numbers of columns")
	}
	batch := Batch{Length: int(array.length)}
	schemas := unsafe.Slice(schema.children, int(schema.n_children))
	arrays := unsafe.Slice(array.children, int(array.n_children))
	for i := range schemas {
		column, err := readColumn(schemas[i], arrays[i])
		if err != nil {
			return Batch{}, err
		}
		batch.Columns = append(batch.Columns, column)
	}
	return batch, nil
}

func readColumn(schema *C.struct_ArrowSchema, array *C.struct_ArrowArray) (Column, error) {
	c := Column{
		Name:     C.GoString(schema.name),
		Format:   C.GoString(schema.format),
		Nullable: schema.flags&2 != 0,
	}
	buffers := unsafe.Slice(array.buffers, int(array.n_buffers))
	from, n := int(array.offset), int(array.length)
	c.Valid = make([]bool, n)
	for i := range c.Valid {
		c.Valid[i] = buffers[0] == nil || bit(buffers[0], from+i)
	}
	switch c.Format {
	case "l":
		c.Ints = append(c.Ints, column[int64](buffers[1], from, n)...)
	case "i":
		for _, v := range column[int32](buffers[1], from, n) {
			c.Ints = append(c.Ints, int64(v))
		}
	case "g":
		c.Floats = append(c.Floats, column[float64](buffers[1], from, n)...)
	case "u":
		offsets := column[int32](buffers[1], from, n+1)
		for i := range n {
			c.Texts = append(c.Texts, text(buffers[2], int64(offsets[i]), int64(offsets[i+1])))
		}
	case "U":
		offsets := column[int64](buffers[1], from, n+1)
		for i := range n {
			c.Texts = append(c.Texts, text(buffers[2], offsets[i], offsets[i+1]))
		}
	}
	if schema.dictionary != nil {
		dictionary, err := readColumn(schema.dictionary, array.dictionary)
		if err != nil {
			return c, err
		}
		c.Dictionary = &dictionary
	}
	return c, nil
}

func column[T any](buffer unsafe.Pointer, from, n int) []T {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(buffer), from+n)[from:]
}

func text(buffer unsafe.Pointer, from, to int64) string {
	if from == to {
		return ""
	}
	return string(unsafe.Slice((*byte)(buffer), to)[from:])
}

func bit(buffer unsafe.Pointer, i int) bool {
	return unsafe.Slice((*byte)(buffer), i/8+1)[i/8]>>(i%8)&1 == 1
}
