package aim

// #include "capi.h"
import "C"

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// A Code is a status of the C API, and the sentinel that [errors.Is] compares an [*Error] with.
type Code int32

// The codes, as in aim.h. The numbers never change.
const (
	// ErrInvalidArgument: an argument is malformed or out of range.
	ErrInvalidArgument Code = C.AIM_ERR_INVALID_ARGUMENT
	// ErrClosed: the run, query or repository was closed. Also [fs.ErrClosed].
	ErrClosed Code = C.AIM_ERR_CLOSED
	// ErrNotFound: no such repository, run, metric or param. Also [fs.ErrNotExist].
	ErrNotFound Code = C.AIM_ERR_NOT_FOUND
	// ErrForked: it belongs to the parent of this forked process.
	ErrForked Code = C.AIM_ERR_FORKED
	// ErrPanic: a bug in the library; the program is unharmed.
	ErrPanic Code = C.AIM_ERR_PANIC
	// ErrIO: the operating system refused.
	ErrIO Code = C.AIM_ERR_IO
	// ErrFull: the disk, the database's map or the journal is full.
	ErrFull Code = C.AIM_ERR_FULL
	// ErrUnsupportedFS: the repository lies on a filesystem on which the database is unsafe.
	ErrUnsupportedFS Code = C.AIM_ERR_UNSUPPORTED_FS
	// ErrCorrupt: stored data is damaged.
	ErrCorrupt Code = C.AIM_ERR_CORRUPT
	// ErrUnsupportedVersion: a newer version of libaim wrote the repository.
	ErrUnsupportedVersion Code = C.AIM_ERR_UNSUPPORTED_VERSION
	// ErrBusy: somebody else is using what the call would change.
	ErrBusy Code = C.AIM_ERR_BUSY
	// ErrSyntax: a query does not parse; the message shows line, column and text.
	ErrSyntax Code = C.AIM_ERR_SYNTAX
	// ErrCancelled: the context of a query was cancelled; the error is also that of the context.
	ErrCancelled Code = C.AIM_ERR_CANCELLED
	// ErrLimit: a bound on size, depth, work or memory was reached.
	ErrLimit Code = C.AIM_ERR_LIMIT
	// ErrType: the stored value has another type.
	ErrType Code = C.AIM_ERR_TYPE
	// ErrReadOnly: the repository cannot be written. Also [fs.ErrPermission].
	ErrReadOnly Code = C.AIM_ERR_READ_ONLY
	// ErrExists: there is one already. Also [fs.ErrExist].
	ErrExists Code = C.AIM_ERR_EXISTS
	// ErrTimeout: the time that the caller gave is over. Also [os.ErrDeadlineExceeded].
	ErrTimeout Code = C.AIM_ERR_TIMEOUT
	// ErrUnsupported: the library was built without what the call needs. Also [errors.ErrUnsupported].
	ErrUnsupported Code = C.AIM_ERR_UNSUPPORTED
)

var codeTexts = map[Code]string{
	ErrInvalidArgument:    "invalid argument",
	ErrClosed:             "closed",
	ErrNotFound:           "not found",
	ErrForked:             "the handle belongs to the parent process",
	ErrPanic:              "a bug in libaim",
	ErrIO:                 "the operating system refused",
	ErrFull:               "full",
	ErrUnsupportedFS:      "unsafe filesystem",
	ErrCorrupt:            "stored data is damaged",
	ErrUnsupportedVersion: "written by a newer libaim",
	ErrBusy:               "in use",
	ErrSyntax:             "syntax error in a query",
	ErrCancelled:          "cancelled",
	ErrLimit:              "a limit was reached",
	ErrType:               "of another type",
	ErrReadOnly:           "read-only",
	ErrExists:             "exists already",
	ErrTimeout:            "the time is over",
	ErrUnsupported:        "not in this build of libaim",
}

// Error says what the code means.
func (c Code) Error() string {
	if text, known := codeTexts[c]; known {
		return "aim: " + text
	}
	return fmt.Sprintf("aim: status %d", int32(c))
}

// Is tells which errors of io/fs and os a code stands for.
func (c Code) Is(target error) bool {
	switch target {
	case fs.ErrClosed:
		return c == ErrClosed
	case fs.ErrNotExist:
		return c == ErrNotFound
	case os.ErrDeadlineExceeded:
		return c == ErrTimeout
	case errors.ErrUnsupported:
		return c == ErrUnsupported
	case fs.ErrExist:
		return c == ErrExists
	case fs.ErrPermission:
		return c == ErrReadOnly
	}
	return false
}

// An Error is what the library refuses or cannot do.
type Error struct {
	Code    Code   // the status of the C API
	Message string // what was wrong with which value, and the rule; as the C API gives it
	cause   error
}

// Error returns the message.
func (e *Error) Error() string {
	if e.Message == "" {
		return e.Code.Error()
	}
	return "aim: " + e.Message
}

// Unwrap returns the code, and what caused the error where that came from Go.
func (e *Error) Unwrap() []error {
	if e.cause == nil {
		return []error{e.Code}
	}
	return []error{e.Code, e.cause}
}

func failed(code Code, cause error, format string, values ...any) error {
	return &Error{code, fmt.Sprintf(format, values...), cause}
}

// check turns the outcome of a call into an error, and frees that of the library.
func check(status C.aim_status, err *C.aim_error) error {
	if status == C.AIM_OK {
		return nil
	}
	defer C.aim_error_free(err)
	return &Error{Code: Code(status), Message: C.GoString(C.aim_error_message(err))}
}

// plain returns the error of a call that gives a status alone.
func plain(status C.aim_status) error {
	if status == C.AIM_OK {
		return nil
	}
	return &Error{Code: Code(status)}
}

// checkText refuses text that C would cut short.
func checkText(what, text string) error {
	if at := strings.IndexByte(text, 0); at >= 0 {
		return failed(ErrInvalidArgument, nil, "%s must not contain a NUL byte: %q has one at byte %d", what, text, at)
	}
	return nil
}
