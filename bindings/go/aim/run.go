package aim

// #include "capi.h"
import "C"

import (
	"runtime"
	"sync"
	"unsafe"
)

// A Run is a run being written.
type Run struct {
	handle *handle
	hash   string
	seen   recognised
	// Closes once, with an outcome or as the program ends.
	closing sync.Once
	closed  error
}

func newRun(run *C.aim_run) *Run {
	h := &handle{what: "run", pointer: unsafe.Pointer(run), free: freeRun}
	r := &Run{handle: h, hash: C.GoString(C.aim_run_hash(run))}
	runtime.AddCleanup(r, (*handle).close, h)
	remember(r)
	return r
}

func freeRun(run unsafe.Pointer) { C.aim_run_free((*C.aim_run)(run)) }

// use makes a call with the run.
func (r *Run) use(call func(run *C.aim_run, e **C.aim_error) C.aim_status) error {
	defer runtime.KeepAlive(r)
	run, err := r.handle.acquire()
	if err != nil {
		return err
	}
	defer r.handle.release()
	var e *C.aim_error
	return check(call((*C.aim_run)(run), &e), e)
}

// useText makes a call with the run and a text.
func (r *Run) useText(what, text string, call func(*C.aim_run, *C.char, **C.aim_error) C.aim_status) error {
	c, err := cText(what, text)
	if err != nil {
		return err
	}
	return r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status { return call(run, c, e) })
}

// text makes a call with the run that gives a text.
func (r *Run) text(call func(*C.aim_run, **C.char, **C.aim_error) C.aim_status) (string, error) {
	var text *C.char
	err := r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status { return call(run, &text, e) })
	return takeText(text), err
}

// Hash names the run: 24 hex digits.
func (r *Run) Hash() string { return r.hash }

// Flush waits until everything that this process tracked and set before is committed to disk. An error says what keeps
// the repository from being written; nothing is lost, the library goes on trying.
func (r *Run) Flush() error {
	return r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status { return C.aim_run_flush(run, e) })
}

// Close commits everything and ends the run: its status becomes finished, unless other processes are still writing it.
// An error says what keeps the repository from being written: the run is closed all the same, and the library goes on
// trying to store it. Closing again waits for the first Close and gives the same answer.
//
// Where a panic has the deferred Close called, the run has failed, and the panic goes on. The end of main and [os.Exit] end
// a program without a word to the library, so that a run that is open then counts as crashed: close it, or use [Exit].
func (r *Run) Close() error {
	if cause := recover(); cause != nil {
		const exitCode = 2 // that of a Go program that panics
		_ = r.CloseAs(Outcome{Status: Failed, ExitCode: exitCode, ExitCodeKnown: true})
		panic(cause)
	}
	return r.finish(func(run *C.aim_run, e **C.aim_error) C.aim_status { return C.aim_run_close(run, e) })
}

// finish closes once.
func (r *Run) finish(call func(run *C.aim_run, e **C.aim_error) C.aim_status) error {
	if r.handle == nil { // a zero value
		return nil
	}
	r.closing.Do(func() {
		defer r.handle.close()
		r.closed = r.use(call)
	})
	return r.closed
}
