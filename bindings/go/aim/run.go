package aim

// #include "capi.h"
import "C"

import (
	"runtime"
	"sync"
)

// A Run is a run being written.
type Run struct {
	// Freed when the run is unreachable, not when it is closed: until then a closed run answers ErrClosed by itself,
	// and tracking needs no lock.
	pointer *C.aim_run
	hash    string
	close   func() error
}

func newRun(pointer *C.aim_run) *Run {
	r := &Run{
		pointer: pointer,
		hash:    C.GoString(C.aim_run_hash(pointer)),
		close: sync.OnceValue(func() error {
			var e *C.aim_error
			return check(C.aim_run_close(pointer, &e), e)
		}),
	}
	runtime.AddCleanup(r, func(pointer *C.aim_run) { C.aim_run_free(pointer) }, pointer)
	return r
}

// Hash names the run: 24 hex digits.
func (r *Run) Hash() string { return r.hash }

// Flush waits until everything that this process tracked and set before is committed to disk. An error says what keeps
// the repository from being written; nothing is lost, the library goes on trying.
func (r *Run) Flush() error {
	defer runtime.KeepAlive(r)
	var e *C.aim_error
	return check(C.aim_run_flush(r.pointer, &e), e)
}

// Close commits everything and ends the run: its status becomes finished, unless other processes are still writing it.
// An error says what keeps the repository from being written: the run is closed all the same, and the library goes on
// trying to store it. Closing again waits for the first Close and gives the same answer.
func (r *Run) Close() error {
	defer runtime.KeepAlive(r)
	if r.close == nil { // a zero value
		return nil
	}
	return r.close()
}
