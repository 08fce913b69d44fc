package aimexpvar_test

import (
	"context"
	"expvar"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
	"github.com/libaim/libaim/bindings/go/aimexpvar"
)

func newRun(t *testing.T) (*aim.Repo, *aim.Run) {
	t.Helper()
	repo, err := aim.Open(t.TempDir(), aim.WithCreate())
	if err != nil {
		t.Fatal(err)
	}
	run, err := repo.NewRun(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { run.Close(); repo.Close() })
	return repo, run
}

// values of each metric.
func values(t *testing.T, repo *aim.Repo) map[string][]float64 {
	t.Helper()
	found, err := repo.QueryMetrics(context.Background(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer found.Close()
	all := map[string][]float64{}
	for _, row := range found.All() {
		values, err := row.Values()
		if err != nil {
			t.Fatal(err)
		}
		all[row.Name()] = values.Values
	}
	return all
}

var (
	steps    = expvar.NewInt("steps")
	loss     = expvar.NewFloat("loss")
	requests = expvar.NewMap("requests")
)

func init() {
	expvar.NewString("version").Set("1.2")
	expvar.Publish("state", expvar.Func(func() any {
		return map[string]any{"depth": 3, "on": true, "of": []int{1, 2}, "in": map[string]any{"queue": 0.5}}
	}))
}

func TestNumbersAreTracked(t *testing.T) {
	repo, run := newRun(t)
	steps.Set(7)
	loss.Set(math.Inf(1))
	requests.Add("get", 2)
	if err := aimexpvar.Track(run, "steps", "loss", "requests", "state", "version"); err != nil {
		t.Fatal(err)
	}
	steps.Add(1)
	if err := aimexpvar.Track(run); err != nil {
		t.Fatal(err)
	}
	found := values(t, repo)
	for name, want := range map[string][]float64{
		"steps": {7, 8}, "loss": {math.Inf(1), math.Inf(1)}, "requests.get": {2, 2}, "state.depth": {3, 3},
		"state.in.queue": {0.5, 0.5},
	} {
		if !slices.Equal(found[name], want) {
			t.Errorf("%s is %v, not %v", name, found[name], want)
		}
	}
	if heap := found["memstats.HeapAlloc"]; len(heap) != 1 || heap[0] < 1000 {
		t.Errorf("memstats.HeapAlloc is %v", heap)
	}
	for name := range found {
		if name == "version" || name == "state.on" || name == "state.of" || strings.HasPrefix(name, "cmdline") {
			t.Errorf("%s is no number", name)
		}
	}
	if err := aimexpvar.Track(run, "stepz"); err == nil || !strings.Contains(err.Error(), `"stepz"`) {
		t.Errorf("the error is %v", err)
	}
}

func TestWatchGoesOnUntilItIsStopped(t *testing.T) {
	repo, run := newRun(t)
	watched, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- aimexpvar.Watch(watched, run, time.Millisecond, "steps") }()
	for len(values(t, repo)["steps"]) < 5 {
		time.Sleep(time.Millisecond)
	}
	steps.Set(99)
	stop()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	if all := values(t, repo)["steps"]; all[len(all)-1] != 99 {
		t.Errorf("the last value is %v", all[len(all)-1])
	}
	if err := aimexpvar.Watch(watched, run, 0); err == nil {
		t.Error("an interval of nothing is taken")
	}
	run.Close()
	if err := aimexpvar.Watch(context.Background(), run, time.Millisecond); err == nil {
		t.Error("a closed run is tracked")
	}
}
