// Command endings opens a run, prints its hash, tracks, and ends in the given way: endings REPO WAY.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/libaim/libaim/bindings/go/aim"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func open(path string) *aim.Run {
	run := must(must(aim.Open(path, aim.WithCreate())).NewRun(context.Background()))
	fmt.Println(run.Hash())
	if err := run.Track("loss", nil, 0.5); err != nil {
		panic(err)
	}
	return run
}

func outOfScope(path string) {
	defer func() { recover() }()
	run := open(path)
	defer run.Close()
	panic("an error")
}

func letGo(path string) { open(path) }

func main() {
	path, way := os.Args[1], os.Args[2]
	switch way {
	case "error out of scope":
		outOfScope(path)
		return
	case "let go":
		letGo(path)
		for range 10 {
			runtime.GC()
			time.Sleep(50 * time.Millisecond)
		}
		return
	}
	run := open(path)
	defer runtime.KeepAlive(run)
	if number, found := strings.CutPrefix(way, "signal "); found {
		_ = syscall.Kill(os.Getpid(), syscall.Signal(must(strconv.Atoi(number))))
		time.Sleep(10 * time.Second)
	}
	if number, found := strings.CutPrefix(way, "exit "); found && !strings.Contains(way, "close") {
		aim.Exit(must(strconv.Atoi(number)))
	}
	switch way {
	case "close", "close twice", "exit 3 after close", "error after close":
		must(0, run.Close())
	case "close as failed":
		must(0, run.CloseAs(aim.Outcome{Status: aim.Failed, ExitCode: 7, ExitCodeKnown: true}))
	case "close as interrupted":
		must(0, run.CloseAs(aim.Outcome{Status: aim.Interrupted}))
	case "_exit 0":
		os.Exit(0)
	case "abort":
		_ = syscall.Kill(os.Getpid(), syscall.SIGABRT)
		time.Sleep(10 * time.Second)
	case "exec":
		must(0, syscall.Exec("/bin/true", []string{"true"}, os.Environ()))
	}
	switch way {
	case "close twice":
		_ = run.Close()
	case "exit 3 after close":
		aim.Exit(3)
	case "error", "error after close":
		defer run.Close()
		panic("an error")
	}
}
