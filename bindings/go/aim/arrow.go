package aim

// #include <stdlib.h>
// #include "capi.h"
import "C"

import (
	"context"
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
// named by its JSON Pointer, typed where all values have one type, else JSON text. [WithColumns] chooses columns. The
// stream is read batch by batch, and may be larger than memory; ctx counts until it is there.
func (r *Repo) QueryRunsArrow(ctx context.Context, expression string, options ...QueryOption) (*ArrowStream, error) {
	return r.queryArrow(ctx, expression, C.AIM_QUERY_RUNS, options)
}

// QueryMetricsArrow asks as [Repo.QueryMetrics]: a row per point with the columns run, name, context
// (dictionary-encoded text), step, value, epoch (null for none) and time. Offset, limit and order are about metrics, all
// of whose points are in the stream; otherwise as [Repo.QueryRunsArrow].
func (r *Repo) QueryMetricsArrow(ctx context.Context, expression string, options ...QueryOption) (*ArrowStream, error) {
	return r.queryArrow(ctx, expression, C.AIM_QUERY_METRICS, options)
}

func (r *Repo) queryArrow(ctx context.Context, expression string, kind C.int32_t, options []QueryOption) (*ArrowStream, error) {
	// In C's memory: importers keep pointers to it in C's hands.
	stream := (*C.struct_ArrowArrayStream)(C.calloc(1, C.sizeof_struct_ArrowArrayStream))
	h := &handle{what: "stream", pointer: unsafe.Pointer(stream), free: freeStream}
	err := r.ask(ctx, expression, options,
		func(repo *C.aim_repo, text *C.char, c *C.aim_query_options, e **C.aim_error) C.aim_status {
			return C.aim_repo_query_arrow_with(repo, text, kind, c, stream, e)
		}, h.close)
	if err != nil {
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
