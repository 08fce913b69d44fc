package aim_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/libaim/libaim/bindings/go/aim"
)

const exitStatus = 3 // package testing forbids 0

// leave is a program that ends while goroutines track and garbage is collected. It prints how many points are tracked.
func leave(path string) {
	run := must(must(aim.Open(path, aim.WithCreate())).NewRun(ctx))
	metric := must(run.Metric("loss", nil))
	var tracked atomic.Int64
	for range 4 {
		go func() {
			for {
				must(metric, metric.Track(1))
				tracked.Add(1)
				must(run.Metric("forgotten", nil))
			}
		}()
	}
	go func() {
		for {
			must(aim.Open(path))
			runtime.GC()
		}
	}()
	for tracked.Load() < 10_000 {
		runtime.Gosched()
	}
	fmt.Println(tracked.Load())
	os.Exit(exitStatus)
}

func TestExitLosesNothing(t *testing.T) {
	if path := os.Getenv("AIM_TEST_LEAVE"); path != "" {
		leave(path)
	}
	path := t.TempDir()
	child := exec.Command(os.Args[0], "-test.run=^TestExitLosesNothing$")
	child.Env = append(os.Environ(), "AIM_TEST_LEAVE="+path)
	output, err := child.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != exitStatus {
		t.Fatalf("%v\n%s", err, output)
	}
	var tracked int
	must(fmt.Sscan(strings.TrimSpace(string(output)), &tracked))
	repo := must(aim.Open(path))
	defer repo.Close()
	equal(t, "status", status(repo), "crashed")
	if points := len(values(t, repo, "metric.name == 'loss'").Steps); points < tracked {
		t.Fatalf("%d points of %d are there", points, tracked)
	}
}
