package aim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

// points lists all points of a repository as "name context step epoch value".
func points(t *testing.T, repo *aim.Repo) (lines []string) {
	t.Helper()
	for _, row := range must(repo.QueryMetrics(ctx, "")).All() {
		found := must(row.Values())
		for i := range found.Steps {
			epoch := fmt.Sprint(found.Epochs[i])
			if found.Epochs[i] == aim.NoEpoch {
				epoch = "-"
			}
			lines = append(lines, fmt.Sprintf("%s %s %d %s %v",
				row.Name(), row.ContextJSON(), found.Steps[i], epoch, found.Values[i]))
		}
	}
	return lines
}

type resolved struct{}

func (resolved) LogValue() slog.Value { return slog.Float64Value(0.75) }

func TestSlogTracks(t *testing.T) {
	repo := newRepo(t)
	var text bytes.Buffer
	log := slog.New(aim.NewSlogHandler(newRun(t, repo), slog.NewTextHandler(&text, nil)))
	log.Info("trained", "loss", 0.5, "step", 7, "epoch", 2, "what", "first", "ok", true)
	log.Info("trained", "loss", 0.25, "count", uint8(3), "took", 1500*time.Millisecond, "lazy", resolved{})
	log.Debug("not wanted by the next handler", "loss", 9)
	log.Info("nothing to track", "at", time.Now())
	equal(t, "points", points(t, repo), []string{
		"count {} 0 - 3",
		"lazy {} 0 - 0.75",
		"loss {} 7 2 0.5",
		"loss {} 8 - 0.25",
		"loss {} 9 - 9",
		"took {} 0 - 1.5",
	})
	lines := strings.Split(strings.TrimSpace(text.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[0], "msg=trained loss=0.5 step=7 epoch=2 what=first ok=true") {
		t.Fatalf("%q", lines)
	}
}

func TestSlogGroupsAndContexts(t *testing.T) {
	repo := newRepo(t)
	log := slog.New(aim.NewSlogHandler(newRun(t, repo), nil))
	group := slog.Group("val", "loss", 1.5, slog.Group("deep", "x", 1, "step", 3))
	log.Info("groups", group, "step", 2, slog.Group("", "inline", 4))
	log.WithGroup("train").Info("a group of the logger", "loss", 2.5, "step", 9)
	log.With("subset", "test", "step", 5, "seed", 1).WithGroup("g").With("k", true).Info("context", "loss", 3.5)
	log.With(slog.Group("", "epoch", 4)).Info("inlined", "loss", 4.5, slog.Group("", "step", 6))
	found := points(t, repo)
	slices.Sort(found)
	equal(t, "points", found, []string{
		`g.loss {"g.k":true,"seed":1,"subset":"test"} 5 - 3.5`,
		"inline {} 2 - 4",
		"loss {} 6 4 4.5",
		"train.loss {} 9 - 2.5",
		"val.deep.x {} 3 - 1",
		"val.loss {} 2 - 1.5",
	})
}

func TestSlogErrors(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	handler := aim.NewSlogHandler(run, nil)
	handle := func(attrs ...slog.Attr) error {
		record := slog.NewRecord(time.Now(), slog.LevelInfo, "x", 0)
		record.AddAttrs(attrs...)
		return handler.Handle(ctx, record)
	}
	err := handle(slog.Float64("loss", 1), slog.String("step", "three"))
	fails(t, err, aim.ErrInvalidArgument)
	if !strings.Contains(err.Error(), "three") {
		t.Fatal(err)
	}
	equal(t, "points", points(t, repo), []string{"loss {} 0 - 1"}) // not lost
	succeeds(t, run.Close())
	fails(t, handle(slog.Float64("loss", 1)), aim.ErrClosed)
	succeeds(t, handle(slog.String("text", "goes on")))

	broken := errors.New("broken")
	handler = aim.NewSlogHandler(run, failing{slog.NewTextHandler(&bytes.Buffer{}, nil), broken})
	if err := handle(slog.Float64("loss", 1)); !errors.Is(err, broken) || !errors.Is(err, aim.ErrClosed) {
		t.Fatal(err)
	}
}

type failing struct {
	slog.Handler
	err error
}

func (f failing) Handle(context.Context, slog.Record) error { return f.err }

// TestSlogTracksWhateverTheNextHandlerWants: nothing decides before a record arrives.
func TestSlogTracksWhateverTheNextHandlerWants(t *testing.T) {
	var text bytes.Buffer
	errorsOnly := slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelError})
	for _, next := range []slog.Handler{nil, slog.DiscardHandler, errorsOnly} {
		repo := newRepo(t)
		log := slog.New(aim.NewSlogHandler(newRun(t, repo), next))
		log.Debug("low", "loss", 1)
		log.With("subset", "test").WithGroup("g").Info("deep", "loss", 2)
		equal(t, "points", points(t, repo), []string{"g.loss {\"subset\":\"test\"} 0 - 2", "loss {} 0 - 1"})
	}
	if text.Len() > 0 {
		t.Fatal(text.String())
	}
}

// TestSlogPassesOn lets the standard library's tests see what reaches the next handler.
func TestSlogPassesOn(t *testing.T) {
	run := newRun(t, newRepo(t))
	var text bytes.Buffer
	handler := aim.NewSlogHandler(run, slog.NewJSONHandler(&text, nil))
	succeeds(t, slogtest.TestHandler(handler, func() (records []map[string]any) {
		for line := range bytes.Lines(text.Bytes()) {
			var record map[string]any
			succeeds(t, json.Unmarshal(line, &record))
			records = append(records, record)
		}
		return records
	}))
}
