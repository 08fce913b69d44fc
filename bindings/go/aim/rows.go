package aim

// #include "capi.h"
import "C"

import (
	"runtime"
	"slices"
	"time"
	"unsafe"
)

// A RunRow is a run that a query found, as of the query.
type RunRow struct {
	query *queryRef
	index C.size_t
	hash  string
}

// A MetricRow is a metric that a query found, and its run.
type MetricRow struct {
	RunRow
	name, context string
}

func runRow(query *queryRef, i int) (RunRow, error) {
	row, err := metricRow(query, i)
	return row.RunRow, err
}

func metricRow(query *queryRef, i int) (MetricRow, error) {
	pointer, err := query.acquire()
	if err != nil {
		return MetricRow{}, err
	}
	defer query.handle.release()
	row := C.aim_go_query_row(pointer, C.size_t(i))
	run := RunRow{query, C.size_t(i), C.GoString(row.hash)}
	return MetricRow{run, C.GoString(row.name), C.GoString(row.context)}, nil
}

// Hash returns the hash of the run.
func (r RunRow) Hash() string { return r.hash }

// Name returns the name of the metric.
func (m MetricRow) Name() string { return m.name }

// ContextJSON returns the context of the metric as JSON with sorted keys.
func (m MetricRow) ContextJSON() string { return m.context }

// Context returns the context of the metric; values are as in [Run.Param].
func (m MetricRow) Context() (Context, error) {
	context := Context{}
	err := scan(m.context, (*map[string]any)(&context))
	return context, err
}

// Param returns a param of the run; as [Run.Param].
func (r RunRow) Param(key string) (any, error) {
	json, err := r.paramJSON(&key)
	if err != nil {
		return nil, err
	}
	return parse(json)
}

// Params returns all params of the run; as [Run.Params].
func (r RunRow) Params() (map[string]any, error) {
	return allParams(r.paramJSON(nil))
}

// ScanParam reads a param of the run into what a pointer points to; as [Run.ScanParam].
func (r RunRow) ScanParam(key string, into any) error {
	json, err := r.paramJSON(&key)
	if err != nil {
		return err
	}
	return scan(json, into)
}

func (r RunRow) paramJSON(key *string) (string, error) {
	k, err := optionalKey(key)
	if err != nil {
		return "", err
	}
	query, err := r.query.acquire()
	if err != nil {
		return "", err
	}
	defer r.query.handle.release()
	var json *C.char
	var e *C.aim_error
	err = check(C.aim_query_run_param_json(query, r.index, k, C.AIM_JSON_WORDS, &json, &e), e)
	return takeText(json), err
}

// RunProperties are the properties of a run.
type RunProperties struct {
	Hash        string
	Name        string
	Description string
	Experiment  string
	Tags        []string // in the order of adding
	Archived    bool
	Status      string    // "running", "finished", "failed", "interrupted" or "crashed"
	CreatedAt   time.Time // to the microsecond
	FinalizedAt time.Time // zero while it is running
	ExitCode    *int      `json:"exit_code"` // nil where it is not known
	Signal      *int      // nil where it is not known
	RunID       string    `json:"run_id"` // "" if its creator chose none
}

// storedProperties is how the library spells times.
type storedProperties struct {
	RunProperties
	CreatedAt   float64  `json:"created_at"`
	FinalizedAt *float64 `json:"finalized_at"`
}

func (s storedProperties) properties() RunProperties {
	properties := s.RunProperties
	properties.CreatedAt = fromSeconds(s.CreatedAt)
	if s.FinalizedAt != nil {
		properties.FinalizedAt = fromSeconds(*s.FinalizedAt)
	}
	return properties
}

// Properties returns the properties of the run.
func (r RunRow) Properties() (RunProperties, error) {
	query, err := r.query.acquire()
	if err != nil {
		return RunProperties{}, err
	}
	defer r.query.handle.release()
	var json *C.char
	var e *C.aim_error
	if err := check(C.aim_query_run_properties(query, r.index, &json, &e), e); err != nil {
		return RunProperties{}, err
	}
	var stored storedProperties
	err = scan(takeText(json), &stored)
	return stored.properties(), err
}

// MetricInfo is what is known of a metric without reading its points.
type MetricInfo struct {
	Count               uint64 // points
	FirstStep, LastStep int64
	First, Last         float64 // by step
	Min, Max            float64 // NaN values do not count; both are NaN where there are no others
}

// Info returns aggregates of the metric, as of the query; no points are read.
func (m MetricRow) Info() (MetricInfo, error) {
	query, err := m.query.acquire()
	if err != nil {
		return MetricInfo{}, err
	}
	defer m.query.handle.release()
	var info C.aim_metric_info
	var e *C.aim_error
	if err := check(C.aim_query_metric_info(query, m.index, &info, &e), e); err != nil {
		return MetricInfo{}, err
	}
	return MetricInfo{
		Count:     uint64(info.count),
		FirstStep: int64(info.first_step), LastStep: int64(info.last_step),
		First: float64(info.first), Last: float64(info.last),
		Min: float64(info.min), Max: float64(info.max),
	}, nil
}

// Values are points of a metric: columns of equal length, in the order of their steps.
type Values struct {
	Steps  []int64
	Values []float64
	Epochs []int64   // NoEpoch where there is none
	Times  []float64 // when each point was tracked: seconds since 1970-01-01 UTC
}

func copyValues(v *C.aim_values) Values {
	return Values{
		Steps:  slices.Clone(cSlice[int64](unsafe.Pointer(v.steps), v.len)),
		Values: slices.Clone(cSlice[float64](unsafe.Pointer(v.values), v.len)),
		Epochs: slices.Clone(cSlice[int64](unsafe.Pointer(v.epochs), v.len)),
		Times:  slices.Clone(cSlice[float64](unsafe.Pointer(v.times), v.len)),
	}
}

// Values returns the points of the metric, as they are at the first such call for the row. The slices are the caller's.
func (m MetricRow) Values() (Values, error) {
	query, err := m.query.acquire()
	if err != nil {
		return Values{}, err
	}
	defer m.query.handle.release()
	var values C.aim_values
	var e *C.aim_error
	if err := check(C.aim_query_values(query, m.index, &values, &e), e); err != nil {
		return Values{}, err
	}
	return copyValues(&values), nil
}

// A SampleMethod says which points a sample has.
type SampleMethod int32

const (
	// SampleStride takes every n-th point, the first and the last among them.
	SampleStride SampleMethod = C.AIM_SAMPLE_STRIDE
	// SampleMinMax takes the points with the least and the greatest value of equally many neighbours, the first and the
	// last point: a plot looks like one of all points.
	SampleMinMax SampleMethod = C.AIM_SAMPLE_MIN_MAX
)

// Sample returns at most that many points of the metric, 4 or more, for plots; all, if it has no more. Memory grows
// with the sample, not with the metric.
func (m MetricRow) Sample(points int, method SampleMethod) (Values, error) {
	query, err := m.query.acquire()
	if err != nil {
		return Values{}, err
	}
	defer m.query.handle.release()
	var sample *C.aim_sample
	var e *C.aim_error
	size := C.size_t(max(points, 0))
	if err := check(C.aim_query_sample(query, m.index, size, C.int32_t(method), &sample, &e), e); err != nil {
		return Values{}, err
	}
	defer C.aim_sample_free(sample)
	var values C.aim_values
	if err := check(C.aim_sample_values(sample, &values, &e), e); err != nil {
		return Values{}, err
	}
	defer runtime.KeepAlive(m.query)
	return copyValues(&values), nil
}
