package aim_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

func TestLogs(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo)
	succeeds(t, run.Log(aim.LevelInfo, "first ✓"))
	succeeds(t, run.Log(35, "second"))
	records := must(run.ReadLogs(aim.LogRecords, 0, 10))
	equal(t, "records", len(records), 2)
	first := records[0]
	equal(t, "file", filepath.Base(first.File), "logs_test.go")
	if !strings.HasSuffix(first.Function, "TestLogs") || first.Line == 0 {
		t.Fatalf("the place is %+v", first)
	}
	if since := time.Since(first.Time); since < -time.Second || since > time.Hour {
		t.Fatalf("the time is %v", first.Time)
	}
	equal(t, "record", []any{first.Number, first.Text, first.Level}, []any{uint64(0), "first ✓", aim.LevelInfo})
	equal(t, "record", []any{records[1].Number, records[1].Text, records[1].Level},
		[]any{uint64(1), "second", aim.Level(35)})
	equal(t, "the second", must(repo.ReadLogs(run.Hash(), aim.LogRecords, 1, 10)), records[1:])
	from, end, err := repo.CountLogs(run.Hash(), aim.LogRecords)
	succeeds(t, err)
	equal(t, "numbers", []uint64{from, end}, []uint64{0, 2})
	equal(t, "terminal", len(must(run.ReadLogs(aim.LogTerminal, 0, 10))), 0)

	fails(t, run.Log(0, "x"), aim.ErrInvalidArgument)
	fails(t, run.Log(aim.LevelInfo, "x\x00"), aim.ErrInvalidArgument)
	_, err = run.ReadLogs(7, 0, 1)
	fails(t, err, aim.ErrInvalidArgument)
	_, err = repo.ReadLogs(strings.Repeat("0", 24), aim.LogRecords, 0, 1)
	fails(t, err, aim.ErrNotFound)
	_, _, err = repo.CountLogs(strings.Repeat("0", 24), aim.LogRecords)
	fails(t, err, aim.ErrNotFound)
}

func TestTerminalCapture(t *testing.T) {
	repo := newRepo(t)
	run := newRun(t, repo, aim.WithTerminalCapture())
	os.Stdout.WriteString("# a line for the log\n")
	os.Stderr.WriteString("# another one\n")
	succeeds(t, run.Close())
	text := ""
	for _, record := range must(repo.ReadLogs(run.Hash(), aim.LogTerminal, 0, 100)) {
		if record.Descriptor != 1 && record.Descriptor != 2 {
			t.Fatalf("%+v", record)
		}
		text += record.Text
	}
	if !strings.Contains(text, "a line for the log") || !strings.Contains(text, "another one") {
		t.Fatal(text)
	}
}

func TestSystem(t *testing.T) {
	repo := newRepo(t)
	t.Setenv("GO_TEST_SEAL", "wax")
	t.Setenv("GO_TEST_PLAIN", "paper")
	run := newRun(t, repo, aim.WithSystemTracking(100*time.Millisecond), aim.WithSystemTrackingGroup("go"),
		aim.WithSystemParams(), aim.WithMaskNames("*_SEAL", "OTHER"))
	params := must(run.Param("__system_params")).(map[string]any)
	environment, _ := params["env_variables"].(map[string]any)
	if environment["GO_TEST_PLAIN"] != "paper" || environment["GO_TEST_SEAL"] == "wax" {
		t.Fatalf("%v, %v", environment["GO_TEST_PLAIN"], environment["GO_TEST_SEAL"])
	}
	for _, names := range [][]string{{"GO_TEST_PL*", "NONE"}, {}} {
		run := newRun(t, repo, aim.WithSystemParams(), aim.WithEnvNames(names...))
		params := must(run.Param("__system_params")).(map[string]any)
		environment, _ := params["env_variables"].(map[string]any)
		if len(environment) != len(names)/2 || len(names) > 0 && environment["GO_TEST_PLAIN"] != "paper" {
			t.Fatalf("%v: %v", names, environment)
		}
	}
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if must(repo.QueryMetrics(ctx, "metric.name.startswith('__system__')")).Len() > 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was read of the system")
		}
	}
	for _, option := range []aim.RunOption{aim.WithSystemTracking(time.Millisecond), aim.WithMaskNames("a,b"),
		aim.WithEnvNames("a,b"),
		aim.WithExperiment("a\x00")} {
		_, err := repo.NewRun(ctx, option)
		fails(t, err, aim.ErrInvalidArgument)
	}
}

func TestLogCallback(t *testing.T) {
	path := t.TempDir()
	// open opens the repository, in which lies a journal that makes no sense: it is set aside, with an error message.
	open := func(number int) {
		collectGarbage()
		repo := must(aim.Open(path, aim.WithCreate()))
		succeeds(t, must(repo.NewRun(ctx)).Close())
		succeeds(t, repo.Close())
		journal := filepath.Join(path, ".aim", "journal", fmt.Sprintf("%032x", number))
		succeeds(t, os.WriteFile(journal, bytes.Repeat([]byte("no journal"), 1000), 0o644))
		succeeds(t, must(aim.Open(path)).Close())
	}
	var mu sync.Mutex
	var heard []string
	hear := func(level aim.Level, text string) {
		mu.Lock()
		defer mu.Unlock()
		if level == aim.LevelError {
			heard = append(heard, text)
		}
	}
	defer aim.SetLogCallback(0, nil)
	aim.SetLogCallback(aim.LevelError, hear)
	open(1)
	aim.SetLogCallback(0, nil)
	open(2)
	mu.Lock()
	defer mu.Unlock()
	if len(heard) != 1 || !strings.Contains(heard[0], fmt.Sprintf("%032x", 1)) {
		t.Fatalf("heard %q", heard)
	}
}
