package aim

// #include "capi.h"
import "C"

import (
	"context"
	"iter"
	"runtime/cgo"
)

// StreamRuns asks as [Repo.QueryRuns], for answers that are larger than memory: it iterates over parts of some thousands
// of rows, each of which is found when it is asked for. Bounds hold for each part. An error, which comes with no part,
// ends it.
func (r *Repo) StreamRuns(ctx context.Context, expression string, options ...QueryOption) iter.Seq2[*Query[RunRow], error] {
	return stream(ctx, r, expression, C.AIM_QUERY_RUNS, options, runRow)
}

// StreamMetrics asks as [Repo.QueryMetrics], in parts; otherwise as [Repo.StreamRuns].
func (r *Repo) StreamMetrics(ctx context.Context, expression string, options ...QueryOption) iter.Seq2[*Query[MetricRow], error] {
	return stream(ctx, r, expression, C.AIM_QUERY_METRICS, options, metricRow)
}

func stream[Row any](ctx context.Context, r *Repo, expression string, kind C.int32_t, options []QueryOption,
	row func(*queryRef, int) (Row, error)) iter.Seq2[*Query[Row], error] {
	return func(yield func(*Query[Row], error) bool) {
		var asked queryOptions
		for _, option := range options {
			option(&asked)
		}
		// Told by the parts, so that it outlives the call that begins.
		p := progress{ctx: ctx, tell: asked.progress}
		told := cgo.NewHandle(&p)
		defer told.Delete()
		var cursor *C.aim_cursor
		options := append(options[:len(options):len(options)], WithProgress(nil))
		err := r.ask(context.WithoutCancel(ctx), expression, options,
			func(repo *C.aim_repo, text *C.char, c *C.aim_query_options, e **C.aim_error) C.aim_status {
				C.aim_go_watch(c, C.uintptr_t(told))
				return C.aim_cursor_open(repo, text, kind, c, &cursor, e)
			}, func() {})
		if err != nil {
			yield(nil, err)
			return
		}
		defer func() { C.aim_cursor_free(cursor) }()
		for {
			var part *C.aim_query
			var e *C.aim_error
			err := check(C.aim_cursor_next(cursor, &part, &e), e)
			if err := p.settle(err, func() { C.aim_query_free(part) }); err != nil {
				yield(nil, err)
				return
			}
			if part == nil || !yield(ownQuery(part, row), nil) {
				return
			}
		}
	}
}
