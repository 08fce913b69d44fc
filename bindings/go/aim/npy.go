//go:build cgo

package aim

import (
	"encoding/binary"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"unsafe"
)

// Array reads an array as NPY has it: its elements, the last dimension fastest, and its shape. T is the type that it was
// tracked with, float32 where that was [BFloat16]; another one answers [ErrType].
func Array[T Element](f Found) (elements []T, shape []int, err error) {
	err = f.use(func(data []byte) error {
		elements, shape, err = readNPY[T](data)
		return err
	})
	return elements, shape, err
}

// The header of NPY: a dictionary of Python with these keys in the order of the alphabet.
var npyHeader = regexp.MustCompile(`^\{'descr': '([<|=]?)([a-z]\d+)', 'fortran_order': (True|False), 'shape': \(([\d, ]*)\), *\}\s*$`)

func readNPY[T Element](data []byte) ([]T, []int, error) {
	damaged := func(what string) ([]T, []int, error) {
		return nil, nil, failed(ErrType, nil, "the object cannot be read as an array: %s", what)
	}
	if len(data) < 10 || string(data[:6]) != "\x93NUMPY" || data[6] != 1 {
		return damaged("it is no NPY of version 1")
	}
	start := 10 + int(binary.LittleEndian.Uint16(data[8:]))
	if start > len(data) {
		return damaged("its header is cut short")
	}
	header := npyHeader.FindStringSubmatch(string(data[10:start]))
	if header == nil || header[3] == "True" {
		return damaged(fmt.Sprintf("its header is %q", data[10:start]))
	}
	if wanted := npyType[T](); header[2] != wanted {
		return damaged(fmt.Sprintf("its elements are %s, not %s", header[2], wanted))
	}
	shape, count := []int{}, 1
	for _, side := range strings.FieldsFunc(header[4], func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(side)
		if err != nil {
			return damaged("its shape is too large")
		}
		shape = append(shape, n)
		count *= n
	}
	var one T
	body := data[start:]
	if count < 0 || len(body) != count*int(unsafe.Sizeof(one)) {
		return damaged(fmt.Sprintf("%d bytes are no array of shape %v", len(body), shape))
	}
	elements := make([]T, count)
	raw := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(elements))), len(body))
	copy(raw, body)
	if binary.NativeEndian.Uint16([]byte{0, 1}) == 1 {
		reverseEach(raw, int(unsafe.Sizeof(one)))
	}
	return elements, shape, nil
}

// reverseEach turns the bytes of every element round.
func reverseEach(raw []byte, size int) {
	for at := 0; at < len(raw); at += size {
		for i, j := at, at+size-1; i < j; i, j = i+1, j-1 {
			raw[i], raw[j] = raw[j], raw[i]
		}
	}
}

// npyType spells a type as NPY does, without the order of the bytes.
func npyType[T Element]() string {
	kind := reflect.TypeFor[T]()
	letter := "i"
	switch kind.Kind() {
	case reflect.Bool:
		letter = "b"
	case reflect.Float32, reflect.Float64:
		letter = "f"
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		letter = "u"
	}
	if kind == reflect.TypeFor[Float16]() {
		letter = "f"
	}
	return letter + strconv.Itoa(int(kind.Size()))
}
