package aim_test

import (
	"math"
	"testing"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

func propertiesOf(t *testing.T, repo *aim.Repo, expression string) aim.RunProperties {
	t.Helper()
	query := must(repo.QueryRuns(ctx, expression))
	defer query.Close()
	return must(must(query.At(0)).Properties())
}

func TestRunsAreFoundByAnIdAndRewound(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo, aim.WithRunID("job 1", aim.CreateOnly))
	_, err := repo.NewRun(ctx, aim.WithRunID("job 1", aim.CreateOnly))
	fails(t, err, aim.ErrExists)
	for step := range int64(150) {
		succeeds(t, run.Track("loss", nil, -float64(step), aim.Step(step)))
	}
	equal(t, "dropped", must(run.Rewind(140, "acc")), uint64(0))
	equal(t, "dropped", must(run.Rewind(140)), uint64(10))
	succeeds(t, run.CloseAs(aim.Outcome{Status: aim.Interrupted, Signal: 2}))
	found := propertiesOf(t, repo, "")
	equal(t, "status", found.Status, "interrupted")
	equal(t, "signal", *found.Signal, 2)
	again := newRun(t, repo, aim.WithRunID("job 1", aim.OpenOnly), aim.WithResumeStep(100))
	equal(t, "hash", again.Hash(), run.Hash())
	equal(t, "points", len(values(t, repo, "metric.name == 'loss'").Steps), 100)
	succeeds(t, again.FlushWithin(time.Minute))
	succeeds(t, again.CloseWithin(time.Minute))
	equal(t, "id", propertiesOf(t, repo, "").RunID, "job 1")
}

func TestTrackingIsSwitchedOff(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo, aim.WithMode(aim.Disabled))
	succeeds(t, run.Track("loss", nil, 1))
	succeeds(t, run.Close())
	t.Setenv("AIM_MODE", "disabled")
	run = newRun(t, repo, aim.WithMode(aim.Enabled), aim.WithSystemTracking(100*time.Millisecond),
		aim.WithSystemTrackingChildren())
	equal(t, "runs", must(repo.QueryRuns(ctx, "")).Len(), 1)
	found := 0 // the first reading comes when it is made
	for i := 0; i < 1200 && found == 0; i++ {
		time.Sleep(50 * time.Millisecond)
		found = must(repo.QueryMetrics(ctx, "metric.name == '__system__children_count'")).Len()
	}
	equal(t, "what the children use", found, 1)
}

func TestWhatIsPastKeepsItsTimes(t *testing.T) {
	repo := newRepo(t)
	created := time.Unix(1_500_000_000, 0)
	run := newRun(t, repo, aim.WithImport("0123456789abcdef01234567", created))
	metric := must(run.Metric("loss", nil))
	times := []float64{1.5e9, 1.5e9 + 0.5}
	succeeds(t, metric.TrackManyAt([]float64{1, 2}, times, []int64{0, 10}, nil))
	fails(t, metric.TrackManyAt([]float64{1}, []float64{math.NaN()}, nil, nil), aim.ErrInvalidArgument)
	fails(t, metric.TrackManyAt([]float64{1}, times, nil, nil), aim.ErrInvalidArgument)
	succeeds(t, run.LogAt(created, aim.LevelInfo, "then"))
	succeeds(t, run.AddTerminalLineAt(created, 1, "line"))
	ended := created.Add(time.Second)
	succeeds(t, run.CloseAs(aim.Outcome{Status: aim.Failed, ExitCode: 3, ExitCodeKnown: true, FinalizedAt: ended}))
	found := propertiesOf(t, repo, "run.failed")
	equal(t, "exit code", *found.ExitCode, 3)
	if !found.CreatedAt.Equal(created) || !found.FinalizedAt.Equal(ended) {
		t.Fatalf("from %v to %v", found.CreatedAt, found.FinalizedAt)
	}
	equalFloats(t, "times", values(t, repo, "").Times, times)
}

func TestStoredRunsAreEdited(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo, aim.WithExperiment("old"))
	succeeds(t, run.Track("loss", nil, 1))
	succeeds(t, run.Track("junk", nil, 1))
	succeeds(t, run.Close())
	succeeds(t, repo.EditRun(run.Hash(), aim.EditName("renamed"), aim.EditExperiment("new"), aim.EditAddTag("t"),
		aim.EditParam("/net/depth", 3), aim.EditDropMetric("junk", nil), aim.EditAddNote("a note")))
	found := propertiesOf(t, repo, "run.net.depth == 3")
	equal(t, "name", found.Name, "renamed")
	equal(t, "status", found.Status, "finished")
	equal(t, "edited", must(repo.EditRuns("run.experiment == 'new'", aim.EditNote(1, "better"))), uint64(1))
	notes := must(repo.Notes(run.Hash()))
	equal(t, "note", notes[0].Text, "better")
	equal(t, "history", notes[0].History[0].Text, "a note")
	fails(t, repo.EditRun(run.Hash(), aim.EditName("")), aim.ErrInvalidArgument)
	succeeds(t, repo.Describe(aim.Tags, "t", "what it means", "#00ff00"))
	equal(t, "metrics", must(repo.List(aim.ListMetricNames, "")), map[string]uint64{"loss": 1})
	equal(t, "renamed", must(repo.Rename(aim.Experiments, "new", "newer")), uint64(1))
	equal(t, "tags", must(repo.DeleteTag("t")), uint64(1))
	deleted, busy, err := repo.DeleteRuns("run.experiment == 'newer'")
	succeeds(t, err)
	equal(t, "deleted", deleted+busy, uint64(1))
}
