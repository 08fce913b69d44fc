package aim

// #include "capi.h"
import "C"

import (
	"math"
	"runtime"
	"time"
)

// A Level is that of a log record: one of these, or a number from 1 to 100 between them.
type Level int32

// The levels; the library's own messages go up to LevelError.
const (
	LevelDebug    Level = C.AIM_LOG_DEBUG
	LevelInfo     Level = C.AIM_LOG_INFO
	LevelWarning  Level = C.AIM_LOG_WARNING
	LevelError    Level = C.AIM_LOG_ERROR
	LevelCritical Level = C.AIM_LOG_CRITICAL
)

// A LogStream is one of the logs of a run.
type LogStream int32

const (
	// LogRecords are those of Run.Log.
	LogRecords LogStream = C.AIM_LOGS_RECORDS
	// LogTerminal are the lines that WithTerminalCapture records.
	LogTerminal LogStream = C.AIM_LOGS_TERMINAL
)

// A LogRecord is a record of a run's log.
type LogRecord struct {
	Number     uint64 // from 0
	Time       time.Time
	Text       string
	Level      Level  // of LogRecords
	File       string // of LogRecords; "" if unknown, as the next two
	Line       int
	Function   string
	Descriptor int // of LogTerminal: 1 or 2
}

// Log logs a message in the run's [LogRecords], with the present time and the place that calls.
func (r *Run) Log(level Level, message string) error {
	var err error
	var file, function *C.char
	var line C.uint32_t
	if pc, path, number, known := runtime.Caller(1); known {
		if file, err = cText("file", path); err != nil {
			return err
		}
		line = C.uint32_t(number)
		if caller := runtime.FuncForPC(pc); caller != nil {
			if function, err = cText("function", caller.Name()); err != nil {
				return err
			}
		}
	}
	return r.useText("message", message, func(run *C.aim_run, text *C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_log(run, C.int32_t(level), text, file, line, function, e)
	})
}

// ReadLogs reads up to count records of one of the run's logs, from number first on. Numbers that are kept no more are
// passed over.
func (r *Run) ReadLogs(stream LogStream, first, count uint64) ([]LogRecord, error) {
	json, err := r.text(func(run *C.aim_run, json **C.char, e **C.aim_error) C.aim_status {
		return C.aim_run_read_logs(run, C.int32_t(stream), C.uint64_t(first), C.uint64_t(count), json, e)
	})
	if err != nil {
		return nil, err
	}
	return logRecords(json)
}

// ReadLogs reads the logs of any run of the repository; otherwise as [Run.ReadLogs].
func (r *Repo) ReadLogs(hash string, stream LogStream, first, count uint64) ([]LogRecord, error) {
	text, err := cText("hash", hash)
	if err != nil {
		return nil, err
	}
	repo, err := r.acquire()
	if err != nil {
		return nil, err
	}
	defer runtime.KeepAlive(r)
	defer r.handle.release()
	var json *C.char
	var e *C.aim_error
	status := C.aim_repo_read_logs(repo, text, C.int32_t(stream), C.uint64_t(first), C.uint64_t(count), &json, &e)
	if err := check(status, e); err != nil {
		return nil, err
	}
	return logRecords(takeText(json))
}

// CountLogs tells which records of a run's log are there: first is the number of the first that is kept, end the one
// after the last. Both are 0 for an empty log.
func (r *Repo) CountLogs(hash string, stream LogStream) (first, end uint64, err error) {
	text, err := cText("hash", hash)
	if err != nil {
		return 0, 0, err
	}
	repo, err := r.acquire()
	if err != nil {
		return 0, 0, err
	}
	defer runtime.KeepAlive(r)
	defer r.handle.release()
	var from, to C.uint64_t
	var e *C.aim_error
	err = check(C.aim_repo_count_logs(repo, text, C.int32_t(stream), &from, &to, &e), e)
	return uint64(from), uint64(to), err
}

func logRecords(json string) ([]LogRecord, error) {
	var stored []struct {
		LogRecord
		Time float64
	}
	if err := scan(json, &stored); err != nil {
		return nil, err
	}
	records := make([]LogRecord, len(stored))
	for i, record := range stored {
		records[i] = record.LogRecord
		records[i].Time = fromSeconds(record.Time)
	}
	return records, nil
}

// fromSeconds turns seconds since 1970-01-01 UTC into a time, to the microsecond.
func fromSeconds(seconds float64) time.Time {
	return time.UnixMicro(int64(math.Round(seconds * 1e6)))
}
