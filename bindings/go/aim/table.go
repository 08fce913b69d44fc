package aim

// #include "capi.h"
import "C"

import "runtime"

// A TableRow is a run in a table.
type TableRow struct {
	RunProperties
	Params  map[string]any // by JSON Pointer; values are as in Run.Param
	Metrics []TableMetric
}

// A TableMetric is a metric of a run in a table.
type TableMetric struct {
	Name     string
	Context  Context
	Last     float64
	LastStep int64 `json:"last_step"`
	Min, Max float64
	Count    uint64
}

// Table returns the query's runs, newest first, with all that is known without reading points.
func (q *Query[Row]) Table() ([]TableRow, error) {
	query, err := q.ref.acquire()
	if err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(q)
	defer q.ref.handle.release()
	var json *C.char
	var e *C.aim_error
	if err := check(C.aim_query_table(query, &json, &e), e); err != nil {
		return nil, err
	}
	var stored []struct {
		storedProperties
		Params  map[string]any
		Metrics []TableMetric
	}
	if err := scan(takeText(json), &stored); err != nil {
		return nil, err
	}
	rows := make([]TableRow, len(stored))
	for i, run := range stored {
		rows[i] = TableRow{run.properties(), run.Params, run.Metrics}
	}
	return rows, nil
}
