package aim_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

// newSweep makes three finished runs, lr 0.1, 0.01 and 0.001, each with loss and acc of 1000 points, and returns their
// hashes.
func newSweep(t testing.TB, repo *aim.Repo) (hashes []string) {
	t.Helper()
	for _, lr := range []float64{0.1, 0.01, 0.001} {
		run := newRun(t, repo, aim.WithExperiment("sweep"))
		hashes = append(hashes, run.Hash())
		succeeds(t, run.SetParam("hparams", map[string]any{"lr": lr}))
		succeeds(t, run.AddTag("test"))
		loss := must(run.Metric("loss", aim.Context{"subset": "train"}))
		acc := must(run.Metric("acc", nil))
		for step := range int64(1000) {
			succeeds(t, loss.Track(1/float64(step+1), aim.Step(step), aim.Epoch(step/100)))
			value := 0.5
			if step == 500 {
				value = 9
			}
			succeeds(t, acc.Track(value))
		}
		succeeds(t, run.Close())
	}
	return hashes
}

func TestQueryRuns(t *testing.T) {
	repo := newRepo(t)
	hashes := newSweep(t, repo)
	runs := must(repo.QueryRuns(ctx, "run.hparams.lr > 0.005"))
	var found []string
	for i, run := range runs.All() {
		equal(t, "number", i, len(found))
		found = append(found, run.Hash())
	}
	equal(t, "hashes", found, []string{hashes[1], hashes[0]})
	equal(t, "length", runs.Len(), 2)
	for range runs.All() {
		break
	}

	run := must(runs.At(1))
	equal(t, "lr", must(run.Param("/hparams/lr")), 0.1)
	equal(t, "params", must(run.Params()), map[string]any{"hparams": map[string]any{"lr": 0.1}})
	var lr float32
	succeeds(t, run.ScanParam("/hparams/lr", &lr))
	equal(t, "lr", lr, float32(0.1))
	_, err := run.Param("none")
	fails(t, err, aim.ErrNotFound)
	fails(t, run.ScanParam("hparams", &lr), aim.ErrType)
	for _, i := range []int{-1, 2} {
		_, err = runs.At(i)
		fails(t, err, aim.ErrInvalidArgument)
	}
	equal(t, "no runs", must(repo.QueryRuns(ctx, "run.hparams.lr > 1")).Len(), 0)
}

func TestQueryMetrics(t *testing.T) {
	repo := newRepo(t)
	hashes := newSweep(t, repo)
	metrics := must(repo.QueryMetrics(ctx, "metric.name == 'loss'"))
	succeeds(t, repo.Close()) // the query outlives it
	equal(t, "length", metrics.Len(), 3)
	row := must(metrics.At(0))
	equal(t, "hash", row.Hash(), hashes[2])
	equal(t, "name", row.Name(), "loss")
	equal(t, "context", must(row.Context()), aim.Context{"subset": "train"})
	equal(t, "info", must(row.Info()), aim.MetricInfo{Count: 1000, FirstStep: 0, LastStep: 999, First: 1, Last: 0.001,
		Min: 0.001, Max: 1})
	found := must(row.Values())
	equal(t, "lengths", [4]int{len(found.Steps), len(found.Values), len(found.Epochs), len(found.Times)},
		[4]int{1000, 1000, 1000, 1000})
	equal(t, "value", found.Values[3], 0.25)
	equal(t, "epoch", found.Epochs[999], int64(9))
	if !slices.IsSorted(found.Times) || time.Since(time.Unix(int64(found.Times[0]), 0)) > time.Hour {
		t.Fatalf("times from %f to %f", found.Times[0], found.Times[999])
	}

	succeeds(t, metrics.Close())
	succeeds(t, metrics.Close())
	equal(t, "a value of a closed query", found.Values[999], 0.001) // a copy
	equal(t, "name", row.Name(), "loss")
	_, err := row.Values()
	fails(t, err, aim.ErrClosed)
	_, err = row.Param("hparams")
	fails(t, err, aim.ErrClosed)
	_, err = metrics.At(0)
	fails(t, err, aim.ErrClosed)
	for range metrics.All() {
		t.Fatal("a closed query has rows")
	}
}

func TestRowsKeepTheirQuery(t *testing.T) {
	repo := newRepo(t)
	newSweep(t, repo)
	var rows []aim.MetricRow
	for _, row := range must(repo.QueryMetrics(ctx, "metric.name == 'acc'")).All() {
		rows = append(rows, row)
	}
	collectGarbage()
	for _, row := range rows {
		equal(t, "values", len(must(row.Values()).Values), 1000)
	}
}

func TestSample(t *testing.T) {
	repo := newRepo(t)
	newSweep(t, repo)
	row := must(must(repo.QueryMetrics(ctx, "metric.name == 'acc'")).At(0))
	sample := must(row.Sample(20, aim.SampleMinMax))
	if n := len(sample.Steps); n > 20 || sample.Steps[0] != 0 || sample.Steps[n-1] != 999 {
		t.Fatalf("%v", sample.Steps)
	}
	equal(t, "the outlier", slices.Max(sample.Values), 9.0)
	stride := must(row.Sample(20, aim.SampleStride))
	if len(stride.Steps) > 20 || len(stride.Steps) < 10 {
		t.Fatalf("%v", stride.Steps)
	}
	equal(t, "all", must(row.Sample(5000, aim.SampleStride)).Values, must(row.Values()).Values)
	for _, points := range []int{3, 0, -1} {
		_, err := row.Sample(points, aim.SampleMinMax)
		fails(t, err, aim.ErrInvalidArgument)
	}
	_, err := row.Sample(20, 7)
	fails(t, err, aim.ErrInvalidArgument)
}

func TestQueryWindows(t *testing.T) {
	repo := newRepo(t)
	hashes := newSweep(t, repo)
	middle := must(repo.QueryRuns(ctx, "", aim.WithOffset(1), aim.WithLimit(1)))
	equal(t, "length", middle.Len(), 1)
	row := must(middle.At(0))
	equal(t, "hash", row.Hash(), hashes[1])
	equal(t, "found", must(repo.QueryRuns(ctx, "run.hparams.lr == 0.01", aim.WithoutIndex())).Len(), 1)
}

func TestQueryFailures(t *testing.T) {
	repo := newRepo(t)
	newSweep(t, repo)
	runs := must(repo.QueryRuns(ctx, "run.hparams.lr + 'a' == 1"))
	equal(t, "length", runs.Len(), 0)
	count, reason, err := runs.Failures()
	succeeds(t, err)
	if count != 3 || reason == "" {
		t.Fatalf("%d failures: %q", count, reason)
	}
	count, reason, err = must(repo.QueryRuns(ctx, "")).Failures()
	succeeds(t, err)
	equal(t, "failures", []any{count, reason}, []any{uint64(0), ""})
	equal(t, "warning", must(must(repo.QueryRuns(ctx, "")).Warning()), "")

	_, err = repo.QueryRuns(ctx, "run.hparams.lr >")
	fails(t, err, aim.ErrSyntax)
	if !strings.Contains(err.Error(), "line 1") {
		t.Fatal(err)
	}
	_, err = repo.QueryMetrics(ctx, "run\x00")
	fails(t, err, aim.ErrInvalidArgument)
}

func TestExplain(t *testing.T) {
	repo := newRepo(t)
	newSweep(t, repo)
	if plan := must(repo.Explain("run.hparams.lr > 0.005")); !strings.Contains(plan, "lr") {
		t.Fatal(plan)
	}
	_, err := repo.Explain("run.")
	fails(t, err, aim.ErrSyntax)
}

func TestQueryIsCancelled(t *testing.T) {
	repo := newRepo(t)
	newSweep(t, repo)
	ask := func(ctx context.Context, options ...aim.QueryOption) error {
		_, err := repo.QueryMetrics(ctx, "run.hparams.lr > 0", append(options, aim.WithoutIndex())...)
		return err
	}
	running, cancel := context.WithCancel(ctx)
	total := uint64(0)
	err := ask(running, aim.WithProgress(func(_, runs uint64) {
		total = runs
		cancel()
	}))
	fails(t, err, aim.ErrCancelled)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v is not context.Canceled", err)
	}
	equal(t, "total", total, uint64(3))

	reason := errors.New("enough")
	because, cancelBecause := context.WithCancelCause(ctx)
	err = ask(because, aim.WithProgress(func(uint64, uint64) { cancelBecause(reason) }))
	fails(t, err, aim.ErrCancelled)
	if !errors.Is(err, reason) {
		t.Fatalf("%v does not wrap its cause", err)
	}
	over, cancelOver := context.WithTimeout(ctx, -1)
	defer cancelOver()
	if err := ask(over); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, aim.ErrCancelled) {
		t.Fatal(err)
	}
	living, cancelLiving := context.WithCancel(ctx)
	defer cancelLiving()
	succeeds(t, ask(living))
}

func TestProgressPanics(t *testing.T) {
	repo := newRepo(t)
	newSweep(t, repo)
	defer func() {
		equal(t, "panic", recover(), "enough")
		equal(t, "the library works on", must(repo.QueryRuns(ctx, "")).Len(), 3)
	}()
	panics := aim.WithProgress(func(uint64, uint64) { panic("enough") })
	repo.QueryRuns(ctx, "run.hparams.lr > 0", aim.WithoutIndex(), panics)
	t.Fatal("the panic did not arrive")
}

func TestClosingWhileAsking(t *testing.T) {
	repo := newRepo(t)
	newSweep(t, repo)
	inner := error(nil)
	runs := must(repo.QueryRuns(ctx, "run.hparams.lr > 0", aim.WithoutIndex(), aim.WithProgress(func(uint64, uint64) {
		succeeds(t, repo.Close())
		_, inner = repo.QueryRuns(ctx, "")
	})))
	equal(t, "length", runs.Len(), 3)
	fails(t, inner, aim.ErrClosed)
}

func TestTable(t *testing.T) {
	repo := newRepo(t)
	hashes := newSweep(t, repo)
	query := must(repo.QueryRuns(ctx, ""))
	table := must(query.Table())
	equal(t, "rows", len(table), 3)
	row := must(query.At(0))
	equal(t, "properties", table[0].RunProperties, must(row.Properties()))
	equal(t, "hash", table[0].Hash, hashes[2])
	equal(t, "params", table[0].Params, map[string]any{"/hparams/lr": 0.001})
	slices.SortFunc(table[0].Metrics, func(a, b aim.TableMetric) int { return strings.Compare(a.Name, b.Name) })
	equal(t, "metrics", table[0].Metrics, []aim.TableMetric{
		{Name: "acc", Context: aim.Context{}, Last: 0.5, LastStep: 999, Min: 0.5, Max: 9, Count: 1000},
		{Name: "loss", Context: aim.Context{"subset": "train"}, Last: 0.001, LastStep: 999, Min: 0.001, Max: 1,
			Count: 1000},
	})
}

// TestTableAsJSON: a table is JSON, whatever values the runs have.
func TestTableAsJSON(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	succeeds(t, run.Track("loss", aim.Context{"x": math.Inf(1)}, math.NaN()))
	succeeds(t, run.SetParam("p", map[string]any{"list": []any{math.Inf(-1), 1.5}}))
	table := must(must(repo.QueryRuns(ctx, "")).Table())
	if !math.IsNaN(table[0].Metrics[0].Last) {
		t.Fatal(table[0].Metrics)
	}
	var rows []struct {
		Hash    string
		Params  map[string]any
		Metrics []struct {
			Name     string
			Last     *float64
			LastStep int64 `json:"last_step"`
			Count    uint64
		}
	}
	succeeds(t, json.Unmarshal(must(json.Marshal(table)), &rows))
	equal(t, "hash", rows[0].Hash, run.Hash())
	metric := rows[0].Metrics[0]
	if metric.Last != nil || metric.Name != "loss" || metric.Count != 1 || len(rows[0].Params) == 0 {
		t.Fatalf("%+v", rows)
	}
}

func TestRunsAreOpenedByTheirHash(t *testing.T) {
	repo := newRepo(t)
	hashes := newSweep(t, repo)
	run := must(repo.OpenRun(hashes[1]))
	equal(t, "hash", run.Hash(), hashes[1])
	equal(t, "lr", must(run.Param("/hparams/lr")), 0.01)
	metrics := must(repo.OpenMetrics(hashes[1]))
	equal(t, "metrics", metrics.Len(), 2)
	equal(t, "first", must(metrics.At(0)).Name(), "acc")
	_, err := repo.OpenRun("000000000000000000000000")
	fails(t, err, aim.ErrNotFound)
	_, err = repo.OpenMetrics("x")
	fails(t, err, aim.ErrInvalidArgument)
}

func TestQueryOrder(t *testing.T) {
	repo := newRepo(t)
	hashes := newSweep(t, repo)
	order := func(options ...aim.QueryOption) (found []string) {
		for _, run := range must(repo.QueryRuns(ctx, "", options...)).All() {
			found = append(found, run.Hash())
		}
		return found
	}
	equal(t, "least first", order(aim.WithOrder("run.hparams.lr")), []string{hashes[2], hashes[1], hashes[0]})
	equal(t, "greatest first", order(aim.WithOrderDescending("run.hparams.lr"), aim.WithLimit(2)), hashes[:2])
	metrics := must(repo.QueryMetrics(ctx, "", aim.WithOrderDescending("metric.max")))
	equal(t, "the metric with the greatest value", must(metrics.At(0)).Name(), "acc")
	_, err := repo.QueryRuns(ctx, "", aim.WithOrder("run."))
	fails(t, err, aim.ErrSyntax)
	_, err = repo.QueryRuns(ctx, "", aim.WithOrder("\x00"))
	fails(t, err, aim.ErrInvalidArgument)
	_, err = repo.QueryRuns(ctx, "", aim.WithColumns("hash"))
	fails(t, err, aim.ErrInvalidArgument)
}

func TestStreams(t *testing.T) {
	repo := newRepo(t)
	hashes := newSweep(t, repo)
	var found []string
	told := 0
	progress := aim.WithProgress(func(done, total uint64) { told++ })
	for part, err := range repo.StreamMetrics(ctx, "metric.name == 'loss'", aim.WithOrder("run.hparams.lr"), progress) {
		succeeds(t, err)
		for _, metric := range part.All() {
			equal(t, "points", len(must(metric.Values()).Values), 1000)
			found = append(found, metric.Hash())
		}
	}
	equal(t, "hashes", found, []string{hashes[2], hashes[1], hashes[0]})
	if told == 0 {
		t.Error("the progress was not told")
	}
	for part, err := range repo.StreamRuns(ctx, "") {
		succeeds(t, err)
		equal(t, "runs", part.Len(), 3)
		break
	}
	for part, err := range repo.StreamRuns(ctx, "run.") {
		fails(t, err, aim.ErrSyntax)
		equal(t, "no part", part == nil, true)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, err := range repo.StreamRuns(cancelled, "") {
		fails(t, err, aim.ErrCancelled)
		if !errors.Is(err, context.Canceled) {
			t.Errorf("the cause is missing: %v", err)
		}
	}
}
