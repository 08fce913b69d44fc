package aim

// #include <stdlib.h>
// #include "capi.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// An ArrowStream is the answer to a query as a struct ArrowArrayStream of Arrow's C Stream Interface, for those who
// import one, such as arrow-go:
//
//	reader, err := cdata.ImportCRecordReader((*cdata.CArrowArrayStream)(stream.Pointer()), nil)
//
// The importer takes the stream over, and may outlive the ArrowStream.
type ArrowStream struct{ handle *handle }

// QueryRunsArrow asks as [Repo.QueryRuns]: a row per run with its properties and a column "params/…" for each param,
// named by its JSON Pointer, typed where all values have one type, else JSON text.
func (r *Repo) QueryRunsArrow(expression string) (*ArrowStream, error) {
	return r.queryArrow(expression, C.AIM_QUERY_RUNS)
}

// QueryMetricsArrow asks as [Repo.QueryMetrics]: a row per point with the columns run, name, context
// (dictionary-encoded text), step, value, epoch (null for none) and time.
func (r *Repo) QueryMetricsArrow(expression string) (*ArrowStream, error) {
	return r.queryArrow(expression, C.AIM_QUERY_METRICS)
}

func (r *Repo) queryArrow(expression string, kind C.int32_t) (*ArrowStream, error) {
	text, err := cText("expression", expression)
	if err != nil {
		return nil, err
	}
	repo, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(r)
	defer r.handle.release()
	// In C's memory: importers keep pointers to it in C's hands.
	stream := (*C.struct_ArrowArrayStream)(C.calloc(1, C.sizeof_struct_ArrowArrayStream))
	h := &handle{what: "stream", pointer: unsafe.Pointer(stream), free: freeStream}
	var e *C.aim_error
	if err := check(C.aim_repo_query_arrow(repo, text, kind, stream, &e), e); err != nil {
		h.close()
		return nil, err
	}
	s := &ArrowStream{h}
	runtime.AddCleanup(s, (*handle).close, h)
	return s, nil
}

func freeStream(stream unsafe.Pointer) {
	C.aim_go_release_stream((*C.struct_ArrowArrayStream)(stream))
	C.free(stream)
}

// Pointer returns the struct ArrowArrayStream; nil once the stream is closed. It lives until then, and only while the
// ArrowStream is reachable; keep that until the importer has taken the stream over. The stream is for one goroutine at
// a time.
func (s *ArrowStream) Pointer() unsafe.Pointer {
	pointer, err := s.handle.acquire()
	if err != nil {
		return nil
	}
	s.handle.release()
	return pointer
}

// Close releases the stream, unless an importer has taken it over. It always succeeds, also again.
func (s *ArrowStream) Close() error {
	s.handle.close()
	return nil
}
