package aim

// #include "capi.h"
import "C"

import (
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// Lend returns the object, lent: tracking checks and queues it and returns, and a thread of the library encodes and stores it,
// while processors are free. Until then its memory must not change, and a death of the process loses the point; [Run.Flush],
// [Run.Close] and queries wait for it. released, unless it is nil, is called in a goroutine of its own when the library does
// not need the memory any more; not where tracking fails. Of a point all objects are lent, or none; values and histograms, which
// are counted by the call, cannot be.
func (o Object) Lend(released func()) Object {
	o.lent = &lent{released: released}
	return o
}

// lent says that an object is lent.
type lent struct{ released func() }

// A loan is memory that is the library's until it is released: it stays where it is until then.
type loan struct {
	pins     runtime.Pinner
	released func()
}

// A borrowing is what the library reads: for the duration of a call, or longer.
type borrowing struct {
	runtime.Pinner
	loans []cgo.Handle
}

// lend fills in who hears of the end of a loan, if the object is lent.
func (b *borrowing) lend(object *Object, data unsafe.Pointer, release *C.aim_release, userdata *unsafe.Pointer) {
	if object.lent == nil {
		return
	}
	l := &loan{released: object.lent.released}
	l.pins.Pin(data)
	h := cgo.NewHandle(l)
	b.loans = append(b.loans, h)
	C.aim_go_lend(release, userdata, C.uintptr_t(h))
}

// end ends a call: where it failed, nothing is lent.
func (b *borrowing) end(failed bool) {
	b.Unpin()
	if failed {
		for _, h := range b.loans {
			h.Value().(*loan).pins.Unpin()
			h.Delete()
		}
	}
}

// aimGoReleased is called by a thread of the library.
//
//export aimGoReleased
func aimGoReleased(handle C.uintptr_t) {
	h := cgo.Handle(handle)
	l := h.Value().(*loan)
	h.Delete()
	l.pins.Unpin()
	if l.released != nil {
		go l.released()
	}
}
