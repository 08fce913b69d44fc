package aim

// #include <stdlib.h>
// #include "capi.h"
import "C"

import (
	"sync"
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
	mu      sync.Mutex
	pointer unsafe.Pointer
	users   int
	closed  bool
}

// lock locks what may be used.
func (h *handle) lock() error {
	if h == nil {
		return failed(ErrInvalidArgument, nil, "a zero value is not usable; open a repository")
	}
	h.mu.Lock()
	if h.closed {
		h.mu.Unlock()
		return failed(ErrClosed, nil, "the %s is closed", h.what)
	}
	return nil
}

// acquire returns the pointer, which lives until release. Where there is none yet, open gets it.
func (h *handle) acquire(open func() (unsafe.Pointer, error)) (unsafe.Pointer, error) {
	if err := h.lock(); err != nil {
		return nil, err
	}
	defer h.mu.Unlock()
	if h.pointer == nil {
		pointer, err := open()
		if err != nil {
			return nil, err
		}
		h.pointer = pointer
	}
	h.users++
	return h.pointer, nil
}

func (h *handle) release() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.users--
	h.freeUnused()
}

func (h *handle) close() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	h.freeUnused()
}

func (h *handle) freeUnused() {
	if h.closed && h.users == 0 && h.pointer != nil {
		h.free(h.pointer)
		h.pointer = nil
	}
}
