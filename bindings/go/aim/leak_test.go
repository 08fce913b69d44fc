package aim_test

import (
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
	"github.com/libaim/libaim/bindings/go/internal/heap"
)

// everyCall makes every call that gives memory of the library to the binding, and some that fail.
func everyCall(repo *aim.Repo, run *aim.Run, close bool) {
	metric := must(run.Metric("loss", aim.Context{"subset": "train"}))
	metric.Track(1, aim.Step(1))
	metric.TrackMany([]float64{1}, []int64{1}, nil)
	run.Track("loss", aim.Context{"subset": "train"}, 1, aim.Step(1))
	run.Track("", nil, 1)
	run.SetParam("p", map[string]any{"a": 1})
	run.SetParam("/p/b", []byte("bytes"))
	run.SetParam("/p/x/", "text")
	run.Param("p")
	run.Param("none")
	run.ParamBytes("/p/b")
	run.Params()
	run.Name()
	run.Tags()
	run.ReadLogs(aim.LogRecords, 0, 10)
	run.DeleteParam("none")
	repo.ReadLogs(run.Hash(), aim.LogRecords, 0, 10)
	repo.Explain("run.name == 'name'")
	repo.Explain("run.")
	repo.QueryRuns(ctx, "run.")
	aim.Open("/none")
	notes := must(run.Sequence(aim.Texts, "notes", nil))
	notes.Track(aim.FromText("text").Caption("caption").Meta(map[string]any{"a": 1}), aim.Step(1))
	notes.Track(aim.FromPixels([]uint8{1}, 1, 1, 1))
	again := must(aim.Open(repo.Path()))
	metrics := must(repo.QueryMetrics(ctx, "metric.name == 'loss'", aim.WithProgress(func(uint64, uint64) {})))
	metrics.Failures()
	metrics.Table()
	row := must(metrics.At(0))
	row.Values()
	row.Sample(4, aim.SampleMinMax)
	row.Info()
	row.Properties()
	row.Params()
	row.Param("none")
	texts := must(repo.QueryObjects(ctx, aim.Texts, "texts.name == 'notes'"))
	found := must(must(texts.At(0)).Objects())
	found.At(0).Text()
	found.At(0).Distribution()
	failing := must(repo.QueryRuns(ctx, "run.hash + 1 == 1"))
	failing.Failures()
	arrow := must(repo.QueryMetricsArrow(ctx, ""))
	repo.QueryRunsArrow(ctx, "run.")
	if close {
		again.Close()
		metrics.Close()
		found.Close()
		texts.Close()
		failing.Close()
		arrow.Close()
	}
}

// leaks fails if each of several tries leaves more than that many bytes of C memory a round behind: a leak shows in all
// of them, caches that the library and malloc fill do not.
func leaks(t *testing.T, most int64, use func()) {
	t.Helper()
	const tries, rounds = 8, 150
	before := heap.InUse()
	for range tries {
		for range rounds {
			use()
		}
		for range 5 {
			collectGarbage()
		}
		after := heap.InUse()
		left := (after - before) / rounds
		before = after
		if t.Logf("%d bytes a round", left); left <= most {
			return
		}
	}
	t.Fatal("that leaks")
}

func TestCallsLeakNothing(t *testing.T) {
	// The strings and the errors of a round take some hundred bytes each. How much the library keeps for queries at the
	// same time varies with the garbage; one that is not freed has columns of 32,000 bytes.
	for name, most := range map[string]int64{"closed": 120, "forgotten": 3000} {
		t.Run(name, func(t *testing.T) {
			repo := newRepo(t)
			run := newRun(t, repo)
			metric := must(run.Metric("loss", aim.Context{"subset": "train"}))
			succeeds(t, metric.TrackMany(make([]float64, 1000), nil, nil))
			leaks(t, most, func() { everyCall(repo, run, name == "closed") })
		})
	}
}

func TestRunsLeakNothing(t *testing.T) {
	repo := newRepo(t)
	newRun(t, repo) // keeps the library writing
	hash := newRun(t, repo).Hash()
	// The library keeps a few bytes; a run takes a thousand.
	leaks(t, 300, func() {
		run := must(repo.ContinueRun(ctx, hash, aim.WithExperiment("leaks"), aim.WithMaskNames("X"),
			aim.WithSystemTrackingGroup("leaks")))
		must(run.Metric("loss", nil))
		run.Close()
	})
}
