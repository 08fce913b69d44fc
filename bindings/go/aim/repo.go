package aim

// #include "capi.h"
import "C"

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
	"unsafe"
)

// A Repo is an open repository: runs are made in it, and queries find them.
type Repo struct {
	path    string // absolute: the program may change its working directory
	options repoOptions
	handle  *handle
	opening sync.Mutex // guards the handle's pointer, which is nil until there is a repository
}

// Open opens the repository in the directory path, which holds .aim; "" stands for the nearest directory upwards from
// the working directory that does. What processes left that died is brought in first. A repository that may not be
// written is opened for reading. Where there is none it answers [ErrNotFound], or see [WithCreate].
func Open(path string, options ...RepoOption) (*Repo, error) {
	r := &Repo{handle: &handle{what: "repository", free: freeRepo}}
	for _, option := range options {
		option(&r.options)
	}
	if err := checkText("path", path); err != nil {
		return nil, err
	}
	var err error
	if r.path, err = locate(path); err != nil {
		return nil, failed(ErrIO, err, "the working directory: %v", err)
	}
	if _, err := r.acquire(); err == nil {
		r.handle.release()
	} else if !r.options.create || !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	runtime.AddCleanup(r, (*handle).close, r.handle)
	return r, nil
}

// locate returns the absolute directory of a repository.
func locate(path string) (string, error) {
	if path == "" {
		path = os.Getenv("AIM_REPO")
	}
	if path != "" {
		return filepath.Abs(path)
	}
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for directory := start; ; directory = filepath.Dir(directory) {
		if info, err := os.Stat(filepath.Join(directory, ".aim")); err == nil && info.IsDir() {
			return directory, nil
		}
		if directory == filepath.Dir(directory) {
			return start, nil
		}
	}
}

func freeRepo(repo unsafe.Pointer) { C.aim_repo_free((*C.aim_repo)(repo)) }

// acquire returns the repository, which lives until it is released.
func (r *Repo) acquire() (*C.aim_repo, error) {
	if err := r.handle.enter(); err != nil {
		return nil, err
	}
	r.opening.Lock()
	defer r.opening.Unlock()
	if r.handle.pointer == nil {
		repo, err := r.open()
		if err != nil {
			r.handle.release()
			return nil, err
		}
		r.handle.pointer = unsafe.Pointer(repo)
	}
	return (*C.aim_repo)(r.handle.pointer), nil
}

func (r *Repo) open() (repo *C.aim_repo, err error) {
	path, err := cText("path", r.path)
	if err != nil {
		return nil, err
	}
	var memory arena
	defer memory.free()
	var e *C.aim_error
	err = check(C.aim_repo_open(path, r.options.c(&memory), &repo, &e), e)
	return repo, err
}

// Path returns the directory that holds .aim, as an absolute path.
func (r *Repo) Path() string { return r.path }

// Close gives the repository up; what was made or found in it stays usable. It always succeeds, also again.
func (r *Repo) Close() error {
	r.handle.close()
	return nil
}

// NewRun starts a run, which other processes see at once. If ctx is done, there is none; later it has no effect.
func (r *Repo) NewRun(ctx context.Context, options ...RunOption) (*Run, error) {
	return r.openRun(ctx, "", options)
}

// ContinueRun opens the run with that hash, 24 hex digits, to write on: finished, crashed, or being written by others.
func (r *Repo) ContinueRun(ctx context.Context, hash string, options ...RunOption) (*Run, error) {
	if hash == "" {
		return nil, failed(ErrInvalidArgument, nil, "the hash of the run to continue is empty")
	}
	return r.openRun(ctx, hash, options)
}

func (r *Repo) openRun(ctx context.Context, hash string, options []RunOption) (*Run, error) {
	if err := ctx.Err(); err != nil {
		return nil, failed(ErrCancelled, context.Cause(ctx), "no run was opened: %v", context.Cause(ctx))
	}
	if err := r.handle.enter(); err != nil {
		return nil, err
	}
	defer r.handle.release()
	asked := runOptions{hash: hash}
	for _, option := range options {
		option(&asked)
	}
	if err := asked.check(); err != nil {
		return nil, err
	}
	var memory arena
	defer memory.free()
	c := asked.c(r.path, &r.options, &memory)
	var run *C.aim_run
	var e *C.aim_error
	if err := check(C.aim_run_new(&c, &run, &e), e); err != nil {
		return nil, err
	}
	return newRun(run), nil
}

// DeleteRun deletes a run with its params and points. The space is used again by what is stored later; the file does
// not shrink. A run that is being written answers [ErrBusy].
func (r *Repo) DeleteRun(hash string) error {
	text, err := cText("hash", hash)
	if err != nil {
		return err
	}
	repo, err := r.acquire()
	if err != nil {
		return err
	}
	defer runtime.KeepAlive(r)
	defer r.handle.release()
	var e *C.aim_error
	return check(C.aim_repo_delete_run(repo, text, &e), e)
}

// RepoStats are figures of a repository and of this process's writing to it.
type RepoStats struct {
	Runs      uint64 // in the repository
	FileBytes uint64 // of the data file
	UsedBytes uint64 // of the pages in it that hold data

	JournalSlots uint64 // of 48 bytes in this process's journal; 0 while it writes no run
	JournalUsed  uint64 // slots that hold what is not committed yet

	// Since this process last opened its first run.
	JournalRecords uint64 // slots handed out
	Commits        uint64
	CommitFailures uint64        // failed and tried again
	Waits          uint64        // calls that waited because the journal was full
	WaitTime       time.Duration // that they waited together
	SetAside       uint64        // records that could not be applied and are kept; nothing else waits for them
	Encoding       uint64        // points that were lent by a program in C and are not encoded yet
	EncodeWaits    uint64        // calls that waited because too many were
	EncodeWaitTime time.Duration // that they waited together
	EncodeFailures uint64        // points that could not be stored behind the call that lent them
}

// Stats returns figures of the repository.
func (r *Repo) Stats() (RepoStats, error) {
	repo, err := r.acquire()
	if err != nil {
		return RepoStats{}, err
	}
	defer runtime.KeepAlive(r)
	defer r.handle.release()
	stats := C.aim_repo_stats{struct_size: C.sizeof_aim_repo_stats}
	var e *C.aim_error
	if err := check(C.aim_repo_get_stats(repo, &stats, &e), e); err != nil {
		return RepoStats{}, err
	}
	return RepoStats{
		Runs:           uint64(stats.runs),
		FileBytes:      uint64(stats.file_bytes),
		UsedBytes:      uint64(stats.used_bytes),
		JournalSlots:   uint64(stats.journal_slots),
		JournalUsed:    uint64(stats.journal_used),
		JournalRecords: uint64(stats.journal_records),
		Commits:        uint64(stats.commits),
		CommitFailures: uint64(stats.commit_failures),
		Waits:          uint64(stats.waits),
		WaitTime:       time.Duration(stats.wait_nanoseconds),
		SetAside:       uint64(stats.set_aside),
		Encoding:       uint64(stats.encoding),
		EncodeWaits:    uint64(stats.encode_waits),
		EncodeWaitTime: time.Duration(stats.encode_wait_nanoseconds),
		EncodeFailures: uint64(stats.encode_failures),
	}, nil
}

// SalvageReport says what a salvage brought over, and what it could not.
type SalvageReport struct {
	Runs, Metrics, Points uint64 // in the new repository
	LostPages             uint64 // pages of the database that cannot be read
	LostRows              uint64 // rows that do not pass their checks
	Uncounted             bool   // more may be missing than is counted: the newest state may be one that cannot be read
}

// Salvage copies what is intact in the repository at path, which cannot be opened any more ([ErrCorrupt]), into a new
// one at into, and leaves the damaged one as it is. The options are those of the new repository.
func Salvage(path, into string, options ...RepoOption) (SalvageReport, error) {
	var asked repoOptions
	for _, option := range options {
		option(&asked)
	}
	from, err := cText("path", path)
	if err != nil {
		return SalvageReport{}, err
	}
	to, err := cText("into", into)
	if err != nil {
		return SalvageReport{}, err
	}
	var memory arena
	defer memory.free()
	report := C.aim_salvage_report{struct_size: C.sizeof_aim_salvage_report}
	var e *C.aim_error
	if err := check(C.aim_repo_salvage(from, to, asked.c(&memory), &report, &e), e); err != nil {
		return SalvageReport{}, err
	}
	return SalvageReport{
		Runs:      uint64(report.runs),
		Metrics:   uint64(report.metrics),
		Points:    uint64(report.points),
		LostPages: uint64(report.lost_pages),
		LostRows:  uint64(report.lost_rows),
		Uncounted: report.uncounted != 0,
	}, nil
}

// CompactReport says what a compaction gave back.
type CompactReport struct {
	BytesBefore, BytesAfter uint64 // of the data file
	Forgotten               uint64 // names, contexts and param paths that no run has any more
}

// Compact makes the data file of the repository at path as small as what it holds, while nobody has it open ([ErrBusy]).
func Compact(path string, options ...RepoOption) (CompactReport, error) {
	var asked repoOptions
	for _, option := range options {
		option(&asked)
	}
	from, err := cText("path", path)
	if err != nil {
		return CompactReport{}, err
	}
	var memory arena
	defer memory.free()
	report := C.aim_compact_report{struct_size: C.sizeof_aim_compact_report}
	var e *C.aim_error
	if err := check(C.aim_repo_compact(from, asked.c(&memory), &report, &e), e); err != nil {
		return CompactReport{}, err
	}
	return CompactReport{
		BytesBefore: uint64(report.bytes_before),
		BytesAfter:  uint64(report.bytes_after),
		Forgotten:   uint64(report.forgotten),
	}, nil
}
