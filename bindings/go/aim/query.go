package aim

// #include "capi.h"
import "C"

import (
	"context"
	"iter"
	"runtime"
	"runtime/cgo"
	"unsafe"
)

// A Query is the answer to a query: rows, newest run first, then by name, then by context, or as [WithOrder] says. Row is
// [RunRow], [MetricRow] or [SequenceRow]. It is a snapshot that holds all that this process has tracked before, and outlives
// its repository.
type Query[Row any] struct {
	ref    *queryRef
	length int
	row    func(*queryRef, int) (Row, error)
}

// queryRef is what rows keep of their query: it is freed when neither it nor its rows are in use.
type queryRef struct{ handle *handle }

func (q *queryRef) acquire() (*C.aim_query, error) {
	var h *handle
	if q != nil {
		h = q.handle
	}
	query, err := h.acquire()
	return (*C.aim_query)(query), err
}

// QueryRuns selects runs by an AimQL expression, a Python expression over run and metric, as in
// `run.hparams.lr > 1e-4`; an empty one selects all. Rows on which the expression fails are left out; see
// [Query.Failures]. When ctx is done the query ends with an error that is both [ErrCancelled] and that of ctx.
func (r *Repo) QueryRuns(ctx context.Context, expression string, options ...QueryOption) (*Query[RunRow], error) {
	return newQuery(ctx, r, expression, C.AIM_QUERY_RUNS, options, runRow)
}

// QueryMetrics selects metrics with their runs, as in `metric.name == 'loss' and run.hparams.lr > 1e-4`; otherwise as
// [Repo.QueryRuns].
func (r *Repo) QueryMetrics(ctx context.Context, expression string, options ...QueryOption) (*Query[MetricRow], error) {
	return newQuery(ctx, r, expression, C.AIM_QUERY_METRICS, options, metricRow)
}

// OpenRun opens a run for reading by its hash, without a query. It answers [ErrNotFound] where there is none.
func (r *Repo) OpenRun(hash string) (RunRow, error) {
	rows, err := openRows(r, hash, C.AIM_QUERY_RUNS, runRow)
	if err != nil {
		return RunRow{}, err
	}
	return rows.At(0)
}

// OpenMetrics opens the metrics of a run for reading by its hash, by name, then by context; otherwise as [Repo.OpenRun].
func (r *Repo) OpenMetrics(hash string) (*Query[MetricRow], error) {
	return openRows(r, hash, C.AIM_QUERY_METRICS, metricRow)
}

func openRows[Row any](r *Repo, hash string, kind C.int32_t, row func(*queryRef, int) (Row, error)) (*Query[Row], error) {
	text, err := cText("hash", hash)
	if err != nil {
		return nil, err
	}
	var query *C.aim_query
	err = r.use(func(repo *C.aim_repo, e **C.aim_error) C.aim_status {
		return C.aim_repo_open_run(repo, text, kind, &query, e)
	})
	if err != nil {
		return nil, err
	}
	return ownQuery(query, row), nil
}

func newQuery[Row any](ctx context.Context, r *Repo, expression string, kind C.int32_t, options []QueryOption,
	row func(*queryRef, int) (Row, error)) (*Query[Row], error) {
	query, err := r.query(ctx, expression, kind, options)
	if err != nil {
		return nil, err
	}
	return ownQuery(query, row), nil
}

func ownQuery[Row any](query *C.aim_query, row func(*queryRef, int) (Row, error)) *Query[Row] {
	h := &handle{what: "query", pointer: unsafe.Pointer(query), free: freeQuery}
	ref := &queryRef{h}
	runtime.AddCleanup(ref, (*handle).close, h)
	return &Query[Row]{ref, int(C.aim_query_len(query)), row}
}

func freeQuery(query unsafe.Pointer) { C.aim_query_free((*C.aim_query)(query)) }

func (r *Repo) query(ctx context.Context, expression string, kind C.int32_t, options []QueryOption) (
	*C.aim_query, error) {
	var query *C.aim_query
	err := r.ask(ctx, expression, options, func(repo *C.aim_repo, text *C.char, c *C.aim_query_options, e **C.aim_error) C.aim_status {
		return C.aim_repo_query_with(repo, text, kind, c, &query, e)
	}, func() { C.aim_query_free(query) })
	return query, err
}

// ask makes a call that is told what is asked; undo takes back what it did where the progress panicked.
func (r *Repo) ask(ctx context.Context, expression string, options []QueryOption,
	call func(*C.aim_repo, *C.char, *C.aim_query_options, **C.aim_error) C.aim_status, undo func()) error {
	var asked queryOptions
	for _, option := range options {
		option(&asked)
	}
	text, err := cText("expression", expression)
	if err != nil {
		return err
	}
	if err := asked.check(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return failed(ErrCancelled, context.Cause(ctx), "the query was not asked: %v", context.Cause(ctx))
	}
	repo, err := r.acquire()
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(r)
	defer r.handle.release()

	var memory arena
	defer memory.free()
	c := asked.c(&memory)
	p := progress{ctx: ctx, tell: asked.progress}
	if ctx.Done() != nil || asked.progress != nil {
		told := cgo.NewHandle(&p)
		defer told.Delete()
		C.aim_go_watch(c, C.uintptr_t(told))
	}
	var e *C.aim_error
	err = check(call(repo, text, c, &e), e)
	return p.settle(err, undo)
}

// progress is what the library's progress callback reaches.
type progress struct {
	ctx      context.Context
	tell     func(done, total uint64)
	panicked any
}

// settle goes on with a panic of the progress, and gives an error the cause of the context.
func (p *progress) settle(err error, undo func()) error {
	if p.panicked != nil {
		undo()
		panicked := p.panicked
		p.panicked = nil
		panic(panicked)
	}
	if cause := context.Cause(p.ctx); err != nil && err.(*Error).Code == ErrCancelled && cause != nil {
		err.(*Error).cause = cause
	}
	return err
}

//export aimGoProgress
func aimGoProgress(handle C.uintptr_t, done, total C.uint64_t) (cancel C.int32_t) {
	p := cgo.Handle(handle).Value().(*progress)
	// A panic must not unwind the library's stack; it goes on behind the call.
	defer func() {
		if p.panicked = recover(); p.panicked != nil {
			cancel = 1
		}
	}()
	if p.tell != nil {
		p.tell(uint64(done), uint64(total))
	}
	if p.ctx.Err() != nil {
		return 1
	}
	return 0
}

// Len returns the number of rows.
func (q *Query[Row]) Len() int { return q.length }

// At returns row i, from 0 on. It answers [ErrInvalidArgument] where there is no such row.
func (q *Query[Row]) At(i int) (Row, error) {
	var none Row
	if i < 0 || i >= q.length {
		return none, failed(ErrInvalidArgument, nil, "there is no row %d; the query has %d rows", i, q.length)
	}
	return q.row(q.ref, i)
}

// All iterates over the rows and their numbers. It ends early where the query is closed.
func (q *Query[Row]) All() iter.Seq2[int, Row] {
	return func(yield func(int, Row) bool) {
		for i := range q.length {
			row, err := q.row(q.ref, i)
			if err != nil || !yield(i, row) {
				return
			}
		}
	}
}

// Failures tells how many rows the expression failed on, which are not among the results, and why the first one did.
func (q *Query[Row]) Failures() (count uint64, reason string, err error) {
	query, err := q.ref.acquire()
	if err != nil {
		return 0, "", err
	}
	defer runtime.KeepAlive(q)
	defer q.ref.handle.release()
	var failures C.uint64_t
	var text *C.char
	var e *C.aim_error
	err = check(C.aim_query_failures(query, &failures, &text, &e), e)
	return uint64(failures), takeText(text), err
}

// Warning tells what the answer misses, values that could not be committed (on a full disk, say); "" for an answer that
// holds all that was tracked before.
func (q *Query[Row]) Warning() (string, error) {
	query, err := q.ref.acquire()
	if err != nil {
		return "", err
	}
	defer runtime.KeepAlive(q)
	defer q.ref.handle.release()
	return C.GoString(C.aim_query_warning(query)), nil
}

// Close frees the query and what it read; its rows answer [ErrClosed], but for what they hold themselves. It always
// succeeds, also again.
func (q *Query[Row]) Close() error {
	if q.ref != nil {
		q.ref.handle.close()
	}
	return nil
}

// Explain tells people how a query would be answered: which conditions the indexes answer and with how many runs, and
// how many runs the expression is evaluated on. The query itself is not run.
func (r *Repo) Explain(expression string) (string, error) {
	text, err := cText("expression", expression)
	if err != nil {
		return "", err
	}
	repo, err := r.acquire()
	if err != nil {
		return "", err
	}
	defer runtime.KeepAlive(r)
	defer r.handle.release()
	var plan *C.char
	var e *C.aim_error
	err = check(C.aim_query_explain(repo, text, &plan, &e), e)
	return takeText(plan), err
}
