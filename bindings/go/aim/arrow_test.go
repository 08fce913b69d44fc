package aim_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
	"github.com/libaim/libaim/bindings/go/internal/arrowtest"
)

func TestArrowMetrics(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	metric := must(run.Metric("loss", aim.Context{"subset": "train"}))
	succeeds(t, metric.TrackMany([]float64{1, 0.5, 0.25}, nil, []int64{0, aim.NoEpoch, 1}))
	stream := must(repo.QueryMetricsArrow(ctx, "metric.name == 'loss'"))
	batches := must(arrowtest.Read(stream.Pointer()))
	succeeds(t, stream.Close()) // the importer took over what it had
	equal(t, "batches", len(batches), 1)
	equal(t, "rows", batches[0].Length, 3)

	columns := map[string]arrowtest.Column{}
	var names []string
	for _, column := range batches[0].Columns {
		columns[column.Name] = column
		names = append(names, column.Name)
	}
	equal(t, "columns", names, []string{"run", "name", "context", "step", "value", "epoch", "time"})
	for name, text := range map[string]string{"run": run.Hash(), "name": "loss", "context": `{"subset":"train"}`} {
		column := columns[name]
		for _, index := range column.Ints {
			equal(t, name, column.Dictionary.Texts[index], text)
		}
		equal(t, "rows of "+name, len(column.Ints), 3)
	}
	equal(t, "steps", columns["step"].Ints, []int64{0, 1, 2})
	equal(t, "values", columns["value"].Floats, []float64{1, 0.5, 0.25})
	equal(t, "epochs", columns["epoch"].Valid, []bool{true, false, true})
	equal(t, "epoch", columns["epoch"].Ints[2], int64(1))
}

func TestArrowRuns(t *testing.T) {
	repo := newRepo(t)
	for lr := range 3 {
		run := newRun(t, repo)
		succeeds(t, run.SetParam("hparams", map[string]any{"lr": float64(lr)}))
	}
	stream := must(repo.QueryRunsArrow(ctx, ""))
	succeeds(t, repo.Close()) // the stream outlives it
	batches := must(arrowtest.Read(stream.Pointer()))
	for _, column := range batches[0].Columns {
		if column.Name == "params/hparams/lr" {
			equal(t, "format", column.Format, "g")
			equal(t, "lr", column.Floats, []float64{2, 1, 0})
			return
		}
	}
	t.Fatal("there is no column for the param")
}

func TestArrowColumns(t *testing.T) {
	repo := newRepo(t)
	for lr := range 3 {
		run := newRun(t, repo)
		succeeds(t, run.SetParam("lr", lr))
		succeeds(t, run.Track("loss", nil, 1))
	}
	stream := must(repo.QueryRunsArrow(ctx, "", aim.WithColumns("params/lr", "experiment"), aim.WithOrder("run.lr"),
		aim.WithLimit(2)))
	batches := must(arrowtest.Read(stream.Pointer()))
	equal(t, "columns", len(batches[0].Columns), 2)
	equal(t, "lr", batches[0].Columns[0].Ints, []int64{0, 1})
	equal(t, "name", batches[0].Columns[1].Name, "experiment")
	_, err := repo.QueryMetricsArrow(ctx, "", aim.WithColumns("lr"))
	fails(t, err, aim.ErrInvalidArgument)
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	_, err = repo.QueryMetricsArrow(cancelled, "")
	fails(t, err, aim.ErrCancelled)
}

func TestArrowTables(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	succeeds(t, run.Track("loss", nil, 1))
	stream := must(repo.QueryMetricsArrow(ctx, ""))
	defer stream.Close()
	tables := must(run.Sequence(aim.Tables, "points", nil))
	succeeds(t, tables.Track(aim.FromArrow(stream.Pointer()).Caption("all of them")))
	fails(t, tables.Track(aim.FromArrow(stream.Pointer())), aim.ErrInvalidArgument) // it was read
	fails(t, tables.Track(aim.FromArrow(stream.Pointer()).Lend(nil)), aim.ErrInvalidArgument)
	found := objects(t, repo, aim.Tables)
	equal(t, "tables", found.Len(), 1)
	equal(t, "format", found.At(0).Format, "arrow")
	equal(t, "caption", found.At(0).Caption, "all of them")
	data := must(found.At(0).Bytes())
	if !bytes.HasPrefix(data, []byte("ARROW1")) || !bytes.HasSuffix(data, []byte("ARROW1")) {
		t.Fatalf("%d bytes are no Arrow file", len(data))
	}
}

func TestArrowStreamsClose(t *testing.T) {
	repo := newRepo(t)
	newRun(t, repo)
	stream := must(repo.QueryRunsArrow(ctx, ""))
	succeeds(t, stream.Close())
	succeeds(t, stream.Close())
	if stream.Pointer() != nil {
		t.Fatal("a closed stream has a pointer")
	}
	_, err := repo.QueryRunsArrow(ctx, "run.")
	fails(t, err, aim.ErrSyntax)
}
