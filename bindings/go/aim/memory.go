package aim

// #include <stdlib.h>
// #include "capi.h"
import "C"

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// cText is text in Go's memory with a NUL behind it, for the duration of a call.
func cText(what, text string) (*C.char, error) {
	if err := checkText(what, text); err != nil {
		return nil, err
	}
	bytes := make([]byte, len(text)+1)
	copy(bytes, text)
	return (*C.char)(unsafe.Pointer(unsafe.SliceData(bytes))), nil
}

// takeText copies a string that the library gave and gives it back.
func takeText(text *C.char) string {
	defer C.aim_string_free(text)
	return C.GoString(text)
}

// arena holds C memory for the duration of a call: what a struct in C's hands points to must not lie in Go's memory.
type arena struct{ blocks []unsafe.Pointer }

func (a *arena) free() {
	for _, block := range a.blocks {
		C.free(block)
	}
}

func (a *arena) text(text string) *C.char {
	copied := C.CString(text)
	a.blocks = append(a.blocks, unsafe.Pointer(copied))
	return copied
}

// A handle owns something of the library until it is closed and the calls that use it have ended.
type handle struct {
	what    string
	free    func(unsafe.Pointer)
	pointer unsafe.Pointer
	users   atomic.Int64 // and closedBit
	freeing sync.Once
}

const closedBit = 1 << 62

// acquire returns the pointer, which lives until release.
func (h *handle) acquire() (unsafe.Pointer, error) {
	if err := h.enter(); err != nil {
		return nil, err
	}
	return h.pointer, nil
}

// enter keeps the pointer alive until release.
func (h *handle) enter() error {
	if h == nil {
		return failed(ErrInvalidArgument, nil, "a zero value is not usable; open a repository")
	}
	if h.users.Add(1) > closedBit {
		h.release()
		return failed(ErrClosed, nil, "the %s is closed", h.what)
	}
	return nil
}

func (h *handle) release() {
	if h.users.Add(-1) == closedBit {
		h.freeing.Do(func() { h.free(h.pointer) })
	}
}

// close ends what can be acquired; again, it does nothing.
func (h *handle) close() {
	if h == nil {
		return
	}
	h.users.Add(1)
	h.users.Or(closedBit)
	h.release()
}
