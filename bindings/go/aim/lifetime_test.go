package aim_test

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

// collectGarbage lets cleanups run.
func collectGarbage() {
	for range 3 {
		runtime.GC()
		time.Sleep(10 * time.Millisecond)
	}
}

// eventually waits for what happens in the background.
func eventually(t *testing.T, what string, happens func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !happens(); collectGarbage() {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not happen", what)
		}
	}
}

func status(repo *aim.Repo) string {
	row := must(must(repo.QueryRuns(ctx, "")).At(0))
	return must(row.Properties()).Status
}

func TestForgottenRunIsClosed(t *testing.T) {
	repo := newRepo(t)
	func() {
		run := must(repo.NewRun(ctx))
		succeeds(t, run.Track("loss", nil, 0.5))
	}()
	eventually(t, "closing", func() bool { return status(repo) == "finished" })
	equal(t, "values", values(t, repo, "").Values, []float64{0.5})
}

func TestMetricKeepsItsRun(t *testing.T) {
	repo := newRepo(t)
	metric := must(must(repo.NewRun(ctx)).Metric("loss", nil))
	collectGarbage()
	succeeds(t, metric.Track(0.5))
	equal(t, "status", status(repo), "running")
	succeeds(t, metric.Run().Close())
	equal(t, "status", status(repo), "finished")
}

// openFiles counts the files below a directory that this process has open.
func openFiles(directory string) (open int) {
	for _, descriptor := range must(os.ReadDir("/proc/self/fd")) {
		to, _ := os.Readlink("/proc/self/fd/" + descriptor.Name())
		if strings.HasPrefix(to, directory) {
			open++
		}
	}
	return open
}

func TestCloseLetsGo(t *testing.T) {
	repo := must(aim.Open(t.TempDir(), aim.WithCreate()))
	run := must(repo.NewRun(ctx))
	succeeds(t, run.Track("loss", nil, 1))
	query := must(repo.QueryMetrics(ctx, ""))
	if openFiles(repo.Path()) == 0 {
		t.Fatal("an open repository has no open file")
	}
	succeeds(t, run.Close())
	succeeds(t, query.Close())
	succeeds(t, repo.Close())
	equal(t, "open files", openFiles(repo.Path()), 0)
}

func TestMetricLetsGoOfTheJournal(t *testing.T) {
	repo := must(aim.Open(t.TempDir(), aim.WithCreate()))
	run := must(repo.NewRun(ctx))
	func() {
		metric := must(run.Metric("loss", nil))
		succeeds(t, run.Close())
		succeeds(t, repo.Close())
		fails(t, metric.Track(1), aim.ErrClosed)
	}()
	eventually(t, "closing the journal", func() bool { return openFiles(repo.Path()) == 0 })
}

func TestForgottenRepoIsClosed(t *testing.T) {
	path := t.TempDir()
	func() {
		repo := must(aim.Open(path, aim.WithCreate()))
		succeeds(t, must(repo.NewRun(ctx)).Track("loss", nil, 1))
		must(repo.QueryMetrics(ctx, ""))
		must(repo.QueryRunsArrow(ctx, ""))
	}()
	if openFiles(path) == 0 {
		t.Fatal("an open repository has no open file")
	}
	eventually(t, "closing the files", func() bool { return openFiles(path) == 0 })
}

func TestManyGoroutines(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	shared := must(run.Metric("shared", nil))
	const goroutines, points = 8, 500
	var group sync.WaitGroup
	for g := range goroutines {
		group.Add(1)
		go func() {
			defer group.Done()
			own := must(run.Metric("own", aim.Context{"goroutine": g}))
			for i := range points {
				succeeds(t, own.Track(float64(i)))
				succeeds(t, shared.Track(1))
				succeeds(t, run.Track("by name", aim.Context{"goroutine": g}, float64(i)))
				if i%100 == 0 {
					succeeds(t, run.SetParam(fmt.Sprint("param", g), i))
					query := must(repo.QueryMetrics(ctx, "metric.name == 'own'"))
					for _, row := range query.All() {
						must(row.Values())
					}
					succeeds(t, query.Close())
				}
			}
		}()
	}
	group.Wait()
	equal(t, "points", len(values(t, repo, "metric.name == 'shared'").Steps), goroutines*points)
	for _, row := range must(repo.QueryMetrics(ctx, "metric.name != 'shared'")).All() {
		equal(t, "points", must(row.Info()).Count, uint64(points))
	}
}

func TestClosingUnderUse(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	metric := must(run.Metric("loss", nil))
	succeeds(t, metric.TrackMany(make([]float64, 1000), nil, nil))
	query := must(repo.QueryMetrics(ctx, ""))
	row := must(query.At(0))
	var group sync.WaitGroup
	started := make(chan struct{}, 8)
	for range 8 {
		group.Add(1)
		go func() {
			defer group.Done()
			for i, closed := 0, false; !closed; i++ {
				var err error
				switch i % 4 {
				case 0:
					err = metric.Track(1)
				case 1:
					_, err = row.Values()
				case 2:
					_, err = repo.Stats()
				case 3:
					err = run.SetParam("i", i)
				}
				if closed = err != nil; closed {
					fails(t, err, aim.ErrClosed)
				}
				if i == 4 {
					started <- struct{}{}
				}
			}
		}()
	}
	for range 8 {
		<-started
	}
	for range 4 {
		group.Add(1)
		go func() {
			defer group.Done()
			succeeds(t, query.Close())
			succeeds(t, run.Close())
			succeeds(t, repo.Close())
		}()
	}
	group.Wait()
}
