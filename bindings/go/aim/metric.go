package aim

// #include "capi.h"
// #cgo noescape aim_metric_track
import "C"

import (
	"runtime"
	"unsafe"
)

// AutoStep stands for the step after the sequence's last, or 0.
const AutoStep int64 = C.AIM_STEP_AUTO

// NoEpoch stands for no epoch.
const NoEpoch int64 = C.AIM_EPOCH_NONE

// Context tells metrics of one name apart. Contexts are equal if their values are.
type Context map[string]any

func (c Context) json() (*C.char, error) {
	if len(c) == 0 {
		return nil, nil
	}
	return encode("context", map[string]any(c))
}

// A PointOption says where in its sequence a value belongs.
type PointOption struct {
	epoch  bool
	number int64
}

// Step sets the step of a point; without it the point goes behind the last one. A step tracked again replaces its
// point.
func Step(step int64) PointOption { return PointOption{number: step} }

// Epoch sets the epoch of a point; without it there is none.
func Epoch(epoch int64) PointOption { return PointOption{epoch: true, number: epoch} }

func position(options []PointOption) (step, epoch int64) {
	step, epoch = AutoStep, NoEpoch
	for _, option := range options {
		if option.epoch {
			epoch = option.number
		} else {
			step = option.number
		}
	}
	return step, epoch
}

// Track tracks one value of the metric with that name and context, which may be nil. NaN and infinities are values. The
// point gets the present time.
//
// When the call returns, the point survives the death of the process. In a tight loop use [Run.Metric].
func (r *Run) Track(name string, context Context, value float64, options ...PointOption) error {
	step, epoch := position(options)
	return r.track(name, context, value, step, epoch)
}

func (r *Run) track(name string, context Context, value float64, step, epoch int64) error {
	if len(context) > 0 {
		metric, err := r.recognise(name, context)
		if err != nil {
			return err
		}
		return metric.track(value, step, epoch)
	}
	return r.useText("name", name, func(run *C.aim_run, name *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_track(run, name, C.double(value), C.int64_t(step), C.int64_t(epoch), nil, e)
	})
}

// A Metric is a metric of an open run: name and context, resolved. It keeps its run from being collected, and there is
// nothing to close.
type Metric struct {
	pointer *C.aim_metric // freed when the metric is unreachable, and not before: tracking needs no lock
	run     *Run
}

// Metric resolves a metric once, to track with [Metric.Track]. context may be nil.
func (r *Run) Metric(name string, context Context) (*Metric, error) {
	json, err := context.json()
	if err != nil {
		return nil, err
	}
	var pointer *C.aim_metric
	err = r.useText("name", name, func(run *C.aim_run, name *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_metric(run, name, json, &pointer, e)
	})
	if err != nil {
		return nil, err
	}
	m := &Metric{pointer, r}
	runtime.AddCleanup(m, func(pointer *C.aim_metric) { C.aim_metric_free(pointer) }, pointer)
	return m, nil
}

// Run returns the run of the metric.
func (m *Metric) Run() *Run { return m.run }

// Track tracks one value; as [Run.Track], without looking the metric up: no lock, no allocation, no system call.
func (m *Metric) Track(value float64, options ...PointOption) error {
	step, epoch := position(options)
	return m.track(value, step, epoch)
}

func (m *Metric) track(value float64, step, epoch int64) error {
	status := C.aim_metric_track(m.pointer, C.double(value), C.int64_t(step), C.int64_t(epoch))
	runtime.KeepAlive(m)
	return plain(status)
}

// TrackMany tracks values at once, all stamped with the present time. steps and epochs have as many numbers, or are nil
// for [AutoStep] and [NoEpoch] throughout. On an error, values before the failing one are tracked.
func (m *Metric) TrackMany(values []float64, steps, epochs []int64) error {
	defer runtime.KeepAlive(m)
	if steps != nil && len(steps) != len(values) || epochs != nil && len(epochs) != len(values) {
		return failed(ErrInvalidArgument, nil, "steps and epochs must be nil or as many as values: "+
			"there are %d values, %d steps and %d epochs", len(values), len(steps), len(epochs))
	}
	var e *C.aim_error
	return check(C.aim_metric_track_many(m.pointer, (*C.double)(unsafe.SliceData(values)),
		(*C.int64_t)(unsafe.SliceData(steps)), (*C.int64_t)(unsafe.SliceData(epochs)), C.size_t(len(values)), &e), e)
}
