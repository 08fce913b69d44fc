// What Go adds to the C call: tracks through the binding and in a loop in C, in turn, into one journal. Prints, for
// each way to track, nanoseconds a call, and how many calls of C from Go that do nothing it costs above the C call.
package main

// #cgo pkg-config: aim
// #include <stdlib.h>
// #include "loop.h"
// #cgo noescape bench_nothing
import "C"

import (
	"context"
	"errors"
	"fmt"
	"log"
	"math"
	"os"
	"time"
	"unsafe"

	"github.com/libaim/libaim/bindings/go/aim"
)

const (
	calls  = 1_000
	rounds = 1_000
)

// A way to make calls; it returns the nanoseconds that they took.
type way struct {
	name string
	best float64 // a call
	call func() (float64, error)
}

func main() {
	directory, err := os.MkdirTemp(os.Args[1], "go-")
	if err == nil {
		err = measure(directory)
		err = errors.Join(err, os.RemoveAll(directory))
	}
	if err != nil {
		log.Fatal(err)
	}
}

func measure(directory string) error {
	// A journal that holds a round of all: the calls are measured, not the waiting for the disk.
	repo, err := aim.Open(directory, aim.WithCreate(), aim.WithJournalSize(64<<20))
	if err != nil {
		return err
	}
	defer repo.Close()
	run, err := repo.NewRun(context.Background())
	if err != nil {
		return err
	}
	defer run.Close()
	ways, err := waysToTrack(repo, run)
	if err != nil {
		return err
	}
	for range rounds {
		for i := range ways {
			took, err := ways[i].call()
			if err != nil {
				return err
			}
			ways[i].best = min(ways[i].best, took/calls)
		}
		if err := run.Flush(); err != nil { // so that no call waits for the disk
			return err
		}
	}
	floor, crossing := ways[0].best, ways[1].best
	fmt.Printf("%-40s %6.1f ns\n%-40s %6.1f ns\n", ways[0].name, floor, ways[1].name, crossing)
	for _, way := range ways[2:] {
		fmt.Printf("%-40s %6.1f ns, %5.2f x C, %+6.1f ns: %5.2f cgo calls\n",
			way.name, way.best, way.best/floor, way.best-floor, (way.best-floor)/crossing)
	}
	return nil
}

func waysToTrack(repo *aim.Repo, run *aim.Run) ([]way, error) {
	path, name := C.CString(repo.Path()), C.CString("loss in C")
	defer C.free(unsafe.Pointer(path))
	defer C.free(unsafe.Pointer(name))
	var own *C.aim_run
	inC := C.bench_open(path, name, &own)
	if inC == nil {
		return nil, errors.New("the metric in C was not opened")
	}
	labels := aim.Context{"subset": "train"}
	loss, err := run.Metric("loss", labels)
	if err != nil {
		return nil, err
	}

	timed := func(call func(step int64) error) func() (float64, error) {
		return func() (float64, error) {
			begin := time.Now()
			for step := range int64(calls) {
				if err := call(step); err != nil {
					return 0, err
				}
			}
			return float64(time.Since(begin).Nanoseconds()), nil
		}
	}
	return []way{
		{"aim_metric_track in C", math.Inf(1), func() (float64, error) {
			took := float64(C.bench_loop(inC, calls))
			if took < 0 {
				return 0, errors.New("tracking in C failed")
			}
			return took, nil
		}},
		{"a cgo call that does nothing", math.Inf(1), func() (float64, error) {
			begin := time.Now()
			for step := range int64(calls) {
				if C.bench_nothing(unsafe.Pointer(inC), 1.5, C.int64_t(step), 0) != 0 {
					return 0, errors.New("nothing failed")
				}
			}
			return float64(time.Since(begin).Nanoseconds()), nil
		}},
		{"metric.Track(v, Step, Epoch)", math.Inf(1), func() (float64, error) {
			begin := time.Now()
			for step := range int64(calls) {
				if err := loss.Track(1.5, aim.Step(step), aim.Epoch(0)); err != nil {
					return 0, err
				}
			}
			return float64(time.Since(begin).Nanoseconds()), nil
		}},
		{"run.Track(name, nil, v, Step, Epoch)", math.Inf(1), timed(func(step int64) error {
			return run.Track("loss", nil, 1.5, aim.Step(step), aim.Epoch(0))
		})},
		{"run.Track(name, context, v, Step, Epoch)", math.Inf(1), timed(func(step int64) error {
			return run.Track("loss", labels, 1.5, aim.Step(step), aim.Epoch(0))
		})},
	}, nil
}
