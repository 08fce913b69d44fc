package aim_test

import (
	"math"
	"strings"
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
)

func TestTrack(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	nan, inf := math.NaN(), math.Inf(1)
	succeeds(t, run.Track("loss", aim.Context{"subset": "train"}, 1, aim.Step(5), aim.Epoch(1)))
	succeeds(t, run.Track("loss", aim.Context{"subset": "train"}, nan))
	succeeds(t, run.Track("loss", aim.Context{"subset": "train"}, inf, aim.Step(-3)))
	succeeds(t, run.Track("loss", nil, -inf, aim.Epoch(0)))
	succeeds(t, run.Track("loss", aim.Context{}, 2, aim.Step(aim.AutoStep), aim.Epoch(aim.NoEpoch)))
	succeeds(t, run.Track("loss", nil, 3, aim.Step(math.MaxInt64)))

	train := values(t, repo, "metric.name == 'loss' and metric.context.subset == 'train'")
	equal(t, "steps", train.Steps, []int64{-3, 5, 6})
	equalFloats(t, "values", train.Values, []float64{inf, 1, nan})
	equal(t, "epochs", train.Epochs, []int64{aim.NoEpoch, 1, aim.NoEpoch})
	equal(t, "number of times", len(train.Times), 3)
	plain := values(t, repo, "metric.context == {}")
	equal(t, "steps", plain.Steps, []int64{0, 1, math.MaxInt64})
	equalFloats(t, "values", plain.Values, []float64{-inf, 2, 3})
	equal(t, "epochs", plain.Epochs, []int64{0, aim.NoEpoch, aim.NoEpoch})
}

func TestMetric(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	metric := must(run.Metric("loss", aim.Context{"b": 1, "a": []float64{0.5}}))
	equal(t, "run", metric.Run(), run)
	for step := range int64(10) {
		succeeds(t, metric.Track(float64(step), aim.Step(step), aim.Epoch(step/5)))
	}
	succeeds(t, metric.Track(0.25))
	succeeds(t, metric.Track(9.5, aim.Step(9))) // replaces its point
	found := values(t, repo, "")
	equal(t, "values", found.Values, []float64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9.5, 0.25})
	equal(t, "epochs", found.Epochs, []int64{0, 0, 0, 0, 0, 1, 1, 1, 1, aim.NoEpoch, aim.NoEpoch})
	row := must(must(repo.QueryMetrics(ctx, "")).At(0))
	equal(t, "context", row.ContextJSON(), `{"a":[0.5],"b":1}`)
	equal(t, "context", must(row.Context()), aim.Context{"a": []any{0.5}, "b": int64(1)})
}

func TestTrackMany(t *testing.T) {
	repo := newRepo(t)
	metric := must(newRun(t, repo).Metric("loss", nil))
	succeeds(t, metric.TrackMany([]float64{1, 2, 3}, nil, nil))
	succeeds(t, metric.TrackMany([]float64{4, 5}, []int64{10, aim.AutoStep}, []int64{1, aim.NoEpoch}))
	succeeds(t, metric.TrackMany(nil, nil, nil))
	succeeds(t, metric.TrackMany([]float64{}, []int64{}, []int64{}))
	found := values(t, repo, "")
	equal(t, "steps", found.Steps, []int64{0, 1, 2, 10, 11})
	equal(t, "values", found.Values, []float64{1, 2, 3, 4, 5})
	equal(t, "epochs", found.Epochs, []int64{aim.NoEpoch, aim.NoEpoch, aim.NoEpoch, 1, aim.NoEpoch})
	err := metric.TrackMany([]float64{1, 2}, []int64{1}, nil)
	fails(t, err, aim.ErrInvalidArgument)
	if !strings.Contains(err.Error(), "2 values, 1 steps") {
		t.Fatal(err)
	}
	fails(t, metric.TrackMany([]float64{1}, nil, []int64{}), aim.ErrInvalidArgument)
}

func TestTrackRefuses(t *testing.T) {
	run := newRun(t, newRepo(t))
	fails(t, run.Track("", nil, 1), aim.ErrInvalidArgument)
	fails(t, run.Track("a\x00", nil, 1), aim.ErrInvalidArgument)
	fails(t, run.Track(strings.Repeat("x", 5000), nil, 1), aim.ErrLimit)
	fails(t, run.Track("loss", aim.Context{"f": func() {}}, 1), aim.ErrInvalidArgument)
	fails(t, run.Track("loss", aim.Context{"x": strings.Repeat("x", 1<<17)}, 1), aim.ErrLimit)
	_, err := run.Metric("a\x00", nil)
	fails(t, err, aim.ErrInvalidArgument)
	_, err = run.Metric("loss", aim.Context{"c": make(chan int)})
	fails(t, err, aim.ErrInvalidArgument)
}

func TestTrackAllocatesNothing(t *testing.T) {
	metric := must(newRun(t, newRepo(t)).Metric("loss", nil))
	step := int64(0)
	allocations := testing.AllocsPerRun(1000, func() {
		step++
		if err := metric.Track(0.5, aim.Step(step), aim.Epoch(1)); err != nil {
			t.Fatal(err)
		}
	})
	equal(t, "allocations", allocations, 0.0)
}

// TestContextsAreTold: what a context holds counts at each call, however often a map comes again.
func TestContextsAreTold(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	reused := aim.Context{}
	for i := range 3000 { // more than a run recognises at once
		reused["i"] = i
		succeeds(t, run.Track("loss", reused, float64(i)))
		succeeds(t, run.Track("loss", aim.Context{"i": i}, float64(i)))
	}
	for _, context := range []aim.Context{
		{"a": 1}, {"a": 1.0}, {"a": "1"}, {"a": true}, {"a": false}, {"a": int64(1)}, {"a": uint8(1)}, {"a": nil},
		{"a": []int{1}}, {"a": 1, "b": 2}, {"b": 1, "a": 2}, {"a": math.NaN()},
	} {
		for range 3 {
			succeeds(t, run.Track("acc", context, 1))
		}
		fails(t, run.Track("a\x00", context, 1), aim.ErrInvalidArgument)
	}
	many := must(repo.QueryMetrics(ctx, "metric.name == 'loss' and metric.last == metric.context.i"))
	equal(t, "metrics in a context of a number", many.Len(), 3000)
	var counts []string
	for _, line := range points(t, repo) {
		if strings.HasPrefix(line, `acc {"a":"1"}`) {
			counts = append(counts, line)
		}
	}
	equal(t, "points", counts, []string{`acc {"a":"1"} 0 - 1`, `acc {"a":"1"} 1 - 1`, `acc {"a":"1"} 2 - 1`})
	succeeds(t, run.Close())
	fails(t, run.Track("acc", aim.Context{"a": 1}, 1), aim.ErrClosed)
}
