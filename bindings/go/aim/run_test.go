package aim_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

func TestProperties(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo, aim.WithExperiment("digits"))
	equal(t, "experiment", must(run.Experiment()), "digits")
	equal(t, "name", must(run.Name()), "Run: "+run.Hash())
	equal(t, "description", must(run.Description()), "")
	succeeds(t, run.SetName("Ürsel ✓"))
	succeeds(t, run.SetDescription("lang"))
	succeeds(t, run.SetExperiment("other"))
	succeeds(t, run.AddTag("b"))
	succeeds(t, run.AddTag("a"))
	succeeds(t, run.AddTag("c"))
	succeeds(t, run.RemoveTag("a"))
	succeeds(t, run.SetArchived(true))
	equal(t, "name", must(run.Name()), "Ürsel ✓")
	equal(t, "description", must(run.Description()), "lang")
	equal(t, "experiment", must(run.Experiment()), "other")
	equal(t, "tags", must(run.Tags()), []string{"b", "c"})
	equal(t, "archived", must(run.Archived()), true)
	succeeds(t, run.SetArchived(false))
	equal(t, "archived", must(run.Archived()), false)

	row := must(must(repo.QueryRuns(ctx, "")).At(0))
	properties := must(row.Properties())
	if since := time.Since(properties.CreatedAt); since < -time.Second || since > time.Hour {
		t.Fatalf("created at %v", properties.CreatedAt)
	}
	properties.CreatedAt = time.Time{}
	equal(t, "properties", properties, aim.RunProperties{Hash: run.Hash(), Name: "Ürsel ✓", Description: "lang",
		Experiment: "other", Tags: []string{"b", "c"}, Status: "running"})

	succeeds(t, run.Close())
	row = must(must(repo.QueryRuns(ctx, "")).At(0))
	properties = must(row.Properties())
	equal(t, "status", properties.Status, "finished")
	if properties.FinalizedAt.Before(properties.CreatedAt) {
		t.Fatalf("finished at %v, created at %v", properties.FinalizedAt, properties.CreatedAt)
	}
}

func TestContinue(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo, aim.WithExperiment("first"))
	succeeds(t, run.Track("loss", nil, 1))
	succeeds(t, run.Close())
	again := must(repo.ContinueRun(ctx, run.Hash()))
	equal(t, "hash", again.Hash(), run.Hash())
	equal(t, "experiment", must(again.Experiment()), "first")
	succeeds(t, again.Track("loss", nil, 0.5))
	succeeds(t, again.Close())
	equal(t, "steps", values(t, repo, "metric.name == 'loss'").Steps, []int64{0, 1})

	_, err := repo.ContinueRun(ctx, strings.Repeat("0", 24))
	fails(t, err, aim.ErrNotFound)
	_, err = repo.ContinueRun(ctx, "no hash")
	fails(t, err, aim.ErrInvalidArgument)
	_, err = repo.ContinueRun(ctx, "")
	fails(t, err, aim.ErrInvalidArgument)
}

func TestClosedRun(t *testing.T) {
	repo := newRepo(t)
	run := must(repo.NewRun(ctx))
	metric := must(run.Metric("loss", nil))
	succeeds(t, run.Close())
	succeeds(t, run.Close())
	fails(t, run.Track("loss", nil, 1), aim.ErrClosed)
	fails(t, metric.Track(1), aim.ErrClosed)
	fails(t, metric.TrackMany([]float64{1}, nil, nil), aim.ErrClosed)
	fails(t, run.SetParam("a", 1), aim.ErrClosed)
	fails(t, run.SetParam("a", []int{1}), aim.ErrClosed)
	fails(t, run.SetName("a"), aim.ErrClosed)
	fails(t, run.Flush(), aim.ErrClosed)
	fails(t, run.Log(aim.LevelInfo, "a"), aim.ErrClosed)
	_, err := run.Metric("loss", nil)
	fails(t, err, aim.ErrClosed)
	_, err = run.Params()
	fails(t, err, aim.ErrClosed)
	if !errors.Is(err, fs.ErrClosed) {
		t.Fatalf("%v is not fs.ErrClosed", err)
	}
	equal(t, "hash", len(run.Hash()), 24)
}

func TestOpen(t *testing.T) {
	directory := t.TempDir()
	_, err := aim.Open(filepath.Join(directory, "none"))
	fails(t, err, aim.ErrNotFound)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "none") {
		t.Fatal(err)
	}
	_, err = aim.Open("a\x00b")
	fails(t, err, aim.ErrInvalidArgument)

	repo := must(aim.Open(filepath.Join(directory, "new", "one"), aim.WithCreate()))
	_, err = repo.QueryRuns(ctx, "")
	fails(t, err, aim.ErrNotFound) // the first run makes it
	run := must(repo.NewRun(ctx))
	equal(t, "runs", must(repo.QueryRuns(ctx, "")).Len(), 1)
	succeeds(t, run.Close())
	succeeds(t, repo.Close())
	succeeds(t, repo.Close())
	_, err = repo.QueryRuns(ctx, "")
	fails(t, err, aim.ErrClosed)
	_, err = repo.NewRun(ctx)
	fails(t, err, aim.ErrClosed)
	_, err = repo.Stats()
	fails(t, err, aim.ErrClosed)

	t.Chdir(directory)
	relative := must(aim.Open("new/one"))
	t.Chdir(filepath.Join(directory, "new", "one"))
	succeeds(t, must(relative.NewRun(ctx)).Close())
	succeeds(t, os.MkdirAll("below/here", 0o755))
	t.Chdir("below/here")
	upwards := must(aim.Open(""))
	equal(t, "path", upwards.Path(), must(filepath.EvalSymlinks(relative.Path())))
	equal(t, "runs", must(upwards.QueryRuns(ctx, "")).Len(), 2)
}

func TestZeroValues(t *testing.T) {
	var repo aim.Repo
	_, err := repo.QueryRuns(ctx, "")
	fails(t, err, aim.ErrInvalidArgument)
	_, err = repo.NewRun(ctx)
	fails(t, err, aim.ErrInvalidArgument)
	succeeds(t, repo.Close())
	var run aim.Run
	fails(t, run.Track("loss", nil, 1), aim.ErrInvalidArgument)
	succeeds(t, run.Close())
	fails(t, new(aim.Metric).Track(1), aim.ErrInvalidArgument)
	_, err = aim.MetricRow{}.Values()
	fails(t, err, aim.ErrInvalidArgument)
	_, err = new(aim.Query[aim.RunRow]).Table()
	fails(t, err, aim.ErrInvalidArgument)
	succeeds(t, new(aim.Query[aim.RunRow]).Close())
}

func TestNoRunWhenTheContextIsDone(t *testing.T) {
	repo := newRepo(t)
	newRun(t, repo)
	done, cancel := context.WithCancel(ctx)
	cancel()
	_, err := repo.NewRun(done)
	fails(t, err, aim.ErrCancelled)
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("%v is not context.Canceled", err)
	}
	equal(t, "runs", must(repo.Stats()).Runs, uint64(1))
}

func TestDeleteRun(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	fails(t, repo.DeleteRun(run.Hash()), aim.ErrBusy)
	succeeds(t, run.Close())
	succeeds(t, repo.DeleteRun(run.Hash()))
	fails(t, repo.DeleteRun(run.Hash()), aim.ErrNotFound)
	equal(t, "runs", must(repo.Stats()).Runs, uint64(0))
}

func TestStats(t *testing.T) {
	repo := newRepo(t, aim.WithJournalSize(1<<20), aim.WithMapSize(1<<30), aim.WithFlushInterval(time.Hour))
	run := newRun(t, repo)
	before := must(repo.Stats())
	metric := must(run.Metric("loss", nil))
	for range 1000 {
		succeeds(t, metric.Track(1))
	}
	stats := must(repo.Stats())
	if stats.JournalRecords < before.JournalRecords+1000 || stats.JournalUsed < 1000 {
		t.Fatalf("the journal took %+v", stats)
	}
	if stats.JournalSlots == 0 || stats.JournalSlots > 1<<20/48 {
		t.Fatalf("the journal has %d slots", stats.JournalSlots)
	}
	if stats.FileBytes < stats.UsedBytes || stats.UsedBytes == 0 {
		t.Fatalf("%+v", stats)
	}
	succeeds(t, run.Flush())
	if after := must(repo.Stats()); after.Commits <= stats.Commits || after.JournalUsed != 0 {
		t.Fatalf("after a flush: %+v", after)
	}
	_, err := aim.Open(repo.Path(), aim.WithFlushInterval(2*time.Hour))
	fails(t, err, aim.ErrInvalidArgument)
}

func TestSalvage(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	succeeds(t, must(run.Metric("loss", nil)).TrackMany([]float64{3, 2, 1}, nil, nil))
	succeeds(t, run.Close())
	into := t.TempDir()
	_, err := aim.Salvage(filepath.Join(into, "none"), into)
	fails(t, err, aim.ErrNotFound)
	report := must(aim.Salvage(repo.Path(), filepath.Join(into, "salvaged")))
	equal(t, "report", report, aim.SalvageReport{Runs: 1, Metrics: 1, Points: 3})
	salvaged := must(aim.Open(filepath.Join(into, "salvaged")))
	equal(t, "values", values(t, salvaged, "").Values, []float64{3, 2, 1})
	_, err = aim.Salvage(repo.Path(), salvaged.Path())
	fails(t, err, aim.ErrInvalidArgument)
}

func TestCompact(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	succeeds(t, must(run.Metric("loss", nil)).TrackMany([]float64{3, 2, 1}, nil, nil))
	succeeds(t, run.Close())
	equal(t, "values", values(t, repo, "").Values, []float64{3, 2, 1}) // opens it
	_, err := aim.Compact(repo.Path())
	fails(t, err, aim.ErrBusy)
	succeeds(t, repo.Close())
	report := must(aim.Compact(repo.Path()))
	if report.BytesAfter == 0 || report.BytesAfter > report.BytesBefore || report.Forgotten != 0 {
		t.Fatal(report)
	}
	equal(t, "values", values(t, must(aim.Open(repo.Path())), "").Values, []float64{3, 2, 1})
}

func TestVersion(t *testing.T) {
	if parts := strings.Split(aim.Version(), "."); len(parts) != 3 {
		t.Fatalf("the version is %q", aim.Version())
	}
	if !aim.Has("arrow") || aim.Has("arro") {
		t.Fatal("the library has all its parts, and no other")
	}
}

func TestErrors(t *testing.T) {
	run := newRun(t, newRepo(t))
	err := run.SetName("a\x00b")
	fails(t, err, aim.ErrInvalidArgument)
	if !strings.Contains(err.Error(), `"a\x00b"`) || !strings.Contains(err.Error(), "NUL") {
		t.Fatal(err)
	}
	err = run.SetName("\xff")
	fails(t, err, aim.ErrInvalidArgument)
	fails(t, run.SetName(strings.Repeat("x", 5000)), aim.ErrLimit)
	if errors.Is(err, aim.ErrLimit) || errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("%v is of several codes", err)
	}
	if !errors.Is(&aim.Error{Code: aim.ErrReadOnly}, fs.ErrPermission) {
		t.Fatal("ErrReadOnly is not fs.ErrPermission")
	}
	for code := aim.ErrInvalidArgument; code <= aim.ErrReadOnly; code++ {
		if strings.Contains(code.Error(), "status") {
			t.Errorf("code %d has no text", code)
		}
	}
	equal(t, "an unknown code", aim.Code(99).Error(), "aim: status 99")
}
