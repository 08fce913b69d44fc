// Package aim records machine-learning experiments: runs with params and metrics, in a repository on disk that
// programs in all languages of libaim share, and finds them again by queries.
//
//	repo, err := aim.Open("runs", aim.WithCreate())
//	run, err := repo.NewRun(ctx, aim.WithExperiment("digits"))
//	err = run.SetParam("hparams", map[string]any{"lr": 1e-4})
//	loss, err := run.Metric("loss", aim.Context{"subset": "train"})
//	err = loss.Track(0.25, aim.Step(1))
//	err = run.Close()
//
// # Errors
//
// Every error of the library is an [*Error] with the message and the code of the C API; [errors.Is] compares it with
// [ErrNotFound] and its kin.
//
// # Closing
//
// [Run.Close] returns when everything is on disk. Closing again does nothing but give the same answer. What is not
// closed is released when the garbage collector finds it unused, a run then being closed in the background. At the end
// of the program nothing is collected: a run that is open then counts as crashed, its values are safe all the same.
//
// # Concurrency
//
// Everything may be used by several goroutines at once, and closed while others use it: they finish their calls, later
// ones answer [ErrClosed].
package aim

// #cgo pkg-config: aim
// #include <stdlib.h>
// #include "capi.h"
import "C"

import "unsafe"

// Version is the version of the library that the program runs with, "MAJOR.MINOR.PATCH".
func Version() string {
	return C.GoString(C.aim_version())
}

// Has tells whether that library was built with a part that a build may be without: "arrow", "git", "gpu" or "terminal". What
// needs one that is not there answers [ErrUnsupported].
func Has(part string) bool {
	text := C.CString(part)
	defer C.free(unsafe.Pointer(text))
	return bool(C.aim_has(text))
}
