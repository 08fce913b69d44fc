package aim

// #include <stdlib.h>
// #include "capi.h"
import "C"

import (
	"os"
	"runtime"
	"sync"
	"time"
	"unsafe"
	"weak"
)

// A Status is what became of a run.
type Status int32

// How runs end.
const (
	Finished    Status = C.AIM_RUN_FINISHED
	Failed      Status = C.AIM_RUN_FAILED      // its program ended with an error
	Interrupted Status = C.AIM_RUN_INTERRUPTED // somebody stopped it
	Crashed     Status = C.AIM_RUN_CRASHED     // its process died without a word
)

// An Outcome is how a run ended.
type Outcome struct {
	Status        Status
	ExitCode      int // of the program
	ExitCodeKnown bool
	Signal        int       // that ended it; 0: none
	FinalizedAt   time.Time // zero: now
}

// CloseAs closes as [Run.Close], and says how the run ended, and when.
func (r *Run) CloseAs(outcome Outcome) error {
	c := C.aim_outcome{
		struct_size:   C.sizeof_aim_outcome,
		status:        C.int32_t(outcome.Status),
		has_exit_code: C.bool(outcome.ExitCodeKnown),
		exit_code:     C.int32_t(outcome.ExitCode),
		signal:        C.int32_t(outcome.Signal),
		finalized_at:  seconds(outcome.FinalizedAt),
	}
	return r.finish(func(run *C.aim_run, e **C.aim_error) C.aim_status { return C.aim_run_close_as(run, &c, e) })
}

// FlushWithin waits until everything that this process tracked and set before is committed to disk, no longer than the time
// given; [ErrTimeout] if that is over before.
func (r *Run) FlushWithin(patience time.Duration) error {
	return r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status {
		return C.aim_run_wait(run, C.double(patience.Seconds()), e)
	})
}

// CloseWithin closes as [Run.Close], but waits no longer than the time given: [ErrTimeout] if that is over before, and what is
// left is stored in the background.
func (r *Run) CloseWithin(patience time.Duration) error {
	return r.finish(func(run *C.aim_run, e **C.aim_error) C.aim_status {
		if status := C.aim_run_start_closing(run, nil, e); status != C.AIM_OK {
			return status
		}
		return C.aim_run_wait(run, C.double(patience.Seconds()), e)
	})
}

// seconds spells a time as the library does; 0 for none.
func seconds(at time.Time) C.double {
	if at.IsZero() {
		return 0
	}
	return C.double(float64(at.UnixMicro()) / 1e6)
}

// Runs that may be open when the program exits.
var (
	openRuns  = map[weak.Pointer[Run]]struct{}{}
	openMutex sync.Mutex
)

func remember(r *Run) {
	openMutex.Lock()
	defer openMutex.Unlock()
	pointer := weak.Make(r)
	openRuns[pointer] = struct{}{}
	runtime.AddCleanup(r, forget, pointer)
}

func forget(pointer weak.Pointer[Run]) {
	openMutex.Lock()
	defer openMutex.Unlock()
	delete(openRuns, pointer)
}

// Exit closes all open runs, which have failed if the code is not 0, and ends the program as [os.Exit].
func Exit(code int) {
	openMutex.Lock()
	pointers := make([]weak.Pointer[Run], 0, len(openRuns))
	for pointer := range openRuns {
		pointers = append(pointers, pointer)
	}
	openMutex.Unlock()
	outcome := Outcome{Status: Finished, ExitCode: code, ExitCodeKnown: true}
	if code != 0 {
		outcome.Status = Failed
	}
	for _, pointer := range pointers {
		if run := pointer.Value(); run != nil {
			_ = run.CloseAs(outcome) // what is not stored now is brought in by whoever opens the repository next
		}
	}
	os.Exit(code)
}

// Rewind drops the points of all metrics, or of those named, from step on, and tells how many were stored. Other processes
// that write the run are told by a message, and what they tracked before is dropped too.
func (r *Run) Rewind(step int64, names ...string) (dropped uint64, err error) {
	var memory arena
	defer memory.free()
	texts := (**C.char)(C.calloc(C.size_t(len(names)+1), C.size_t(unsafe.Sizeof((*C.char)(nil)))))
	memory.blocks = append(memory.blocks, unsafe.Pointer(texts))
	for i, name := range names {
		if err := checkText("name", name); err != nil {
			return 0, err
		}
		unsafe.Slice(texts, len(names))[i] = memory.text(name)
	}
	var count C.uint64_t
	err = r.use(func(run *C.aim_run, e **C.aim_error) C.aim_status {
		return C.aim_run_rewind(run, C.int64_t(step), texts, C.size_t(len(names)), &count, e)
	})
	return uint64(count), err
}

// LogAt logs a message with its time.
func (r *Run) LogAt(at time.Time, level Level, message string) error {
	return r.useText("message", message, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_log_at(run, seconds(at), C.int32_t(level), text, nil, 0, nil, e)
	})
}

// AddTerminalLineAt adds a line of the terminal with its time; descriptor is 1 or 2.
func (r *Run) AddTerminalLineAt(at time.Time, descriptor int, line string) error {
	return r.useText("line", line, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_add_terminal_line_at(run, seconds(at), C.int32_t(descriptor), text, e)
	})
}

// TrackManyAt tracks values, each with its time in seconds since 1970-01-01 UTC; otherwise as [Metric.TrackMany]. A time
// that is none keeps the call from tracking anything.
func (m *Metric) TrackManyAt(values []float64, times []float64, steps, epochs []int64) error {
	defer runtime.KeepAlive(m)
	if len(times) != len(values) || steps != nil && len(steps) != len(values) || epochs != nil && len(epochs) != len(values) {
		return failed(ErrInvalidArgument, nil, "times must be as many as values, steps and epochs too, or nil: "+
			"there are %d values, %d times, %d steps and %d epochs", len(values), len(times), len(steps), len(epochs))
	}
	var e *C.aim_error
	return check(C.aim_metric_track_many_at(m.pointer, (*C.double)(unsafe.SliceData(values)),
		(*C.int64_t)(unsafe.SliceData(steps)), (*C.int64_t)(unsafe.SliceData(epochs)),
		(*C.double)(unsafe.SliceData(times)), C.size_t(len(values)), &e), e)
}
