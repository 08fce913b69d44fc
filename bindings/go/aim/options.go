package aim

// #include <stdlib.h>
// #include "capi.h"
import "C"

import (
	"slices"
	"strings"
	"time"
	"unsafe"
)

// A RepoOption is a setting of a repository. Settings count when the process first opens the repository; what joins
// later shares them.
type RepoOption func(*repoOptions)

type repoOptions struct {
	create        bool
	mapSize       uint64
	flushInterval time.Duration
	journalSize   uint64
	networkFS     bool
	anyOwner      bool
}

// WithCreate lets [Open] succeed where there is no repository yet: the first run makes it, with all directories on the
// way. Until then queries answer [ErrNotFound].
func WithCreate() RepoOption {
	return func(o *repoOptions) { o.create = true }
}

// WithMapSize sets the bytes of address space to reserve for the database at first. The default is the
// environment variable AIM_MAP_SIZE, else 1 TiB, or a quarter of what `ulimit -v` leaves.
func WithMapSize(bytes uint64) RepoOption {
	return func(o *repoOptions) { o.mapSize = bytes }
}

// WithFlushInterval sets how long a tracked value may wait before it is committed, up to an hour. The default is one
// second.
func WithFlushInterval(interval time.Duration) RepoOption {
	return func(o *repoOptions) { o.flushInterval = interval }
}

// WithJournalSize sets the bytes of the journal that takes up tracked values, a file of its own for each process. The
// default is 6 MiB.
func WithJournalSize(bytes uint64) RepoOption {
	return func(o *repoOptions) { o.journalSize = bytes }
}

// WithNetworkFS opens the repository on a network filesystem too. That is safe only while one host uses it. The
// environment variable AIM_ALLOW_NETWORK_FS=1 does the same.
func WithNetworkFS() RepoOption {
	return func(o *repoOptions) { o.networkFS = true }
}

// WithAnyOwner lets the search upwards from the working directory, made without a path, take a .aim of any user; else it
// takes one of this user only. The environment variable AIM_SAFE_DIRECTORY names directories where it may.
func WithAnyOwner() RepoOption {
	return func(o *repoOptions) { o.anyOwner = true }
}

// c returns the options in C's memory.
func (o *repoOptions) c(memory *arena) *C.aim_repo_options {
	options := (*C.aim_repo_options)(C.calloc(1, C.sizeof_aim_repo_options))
	memory.blocks = append(memory.blocks, unsafe.Pointer(options))
	options.struct_size = C.sizeof_aim_repo_options
	options.map_size = C.uint64_t(o.mapSize)
	options.flush_interval = C.double(o.flushInterval.Seconds())
	options.journal_size = C.uint64_t(o.journalSize)
	options.allow_network_fs = C.bool(o.networkFS)
	if o.anyOwner {
		options.any_owner = 1
	}
	return options
}

// A RunOption says how a run is opened.
type RunOption func(*runOptions)

type runOptions struct {
	experiment      string
	hash            string
	systemInterval  time.Duration
	systemGroup     string
	systemParams    bool
	maskNames       []string
	envNames        []string
	onlyNamed       bool
	captureTerminal bool
	runID           string
	runIDMode       RunIDMode
	newHash         string
	createdAt       time.Time
	noLease         bool
	resume          bool
	resumeStep      int64
	systemChildren  bool
	mode            Mode
}

// WithExperiment names the experiment of the run. Without it a new run goes into "default", and a continued run stays
// where it is.
func WithExperiment(name string) RunOption {
	return func(o *runOptions) { o.experiment = name }
}

// WithSystemTracking records what the process, the host and its GPUs use, every 0.1 seconds to every day, in metrics
// called "__system__...".
func WithSystemTracking(interval time.Duration) RunOption {
	return func(o *runOptions) { o.systemInterval = interval }
}

// WithSystemTrackingGroup lets one at a time of the processes on this host that give the same name read the system; the
// others record nothing of it. Good for the ranks of one job: give the job's id.
func WithSystemTrackingGroup(name string) RunOption {
	return func(o *runOptions) { o.systemGroup = name }
}

// WithSystemTrackingChildren lets [WithSystemTracking] read what the processes below this one use, too.
func WithSystemTrackingChildren() RunOption {
	return func(o *runOptions) { o.systemChildren = true }
}

// A Mode says whether anything is tracked.
type Mode int32

// The modes; the zero value is what the environment variable AIM_MODE says.
const (
	Enabled  Mode = C.AIM_MODE_ENABLED  // whatever AIM_MODE says
	Disabled Mode = C.AIM_MODE_DISABLED // calls succeed and do nothing, whatever AIM_MODE says
)

// WithMode says whether anything is tracked.
func WithMode(mode Mode) RunOption {
	return func(o *runOptions) { o.mode = mode }
}

// WithSystemParams records what the program and the machine are, as the param "__system_params": arguments,
// environment, git, host, GPUs, libraries, batch system, MPI rank. Values with a secret name, like *TOKEN*, are masked.
// Nobody may call [os.Setenv] meanwhile. It may take half a second.
func WithSystemParams() RunOption {
	return func(o *runOptions) { o.systemParams = true }
}

// WithMaskNames adds names to mask in what [WithSystemParams] records; * stands for anything.
func WithMaskNames(names ...string) RunOption {
	return func(o *runOptions) { o.maskNames = append(o.maskNames, names...) }
}

// WithEnvNames lets [WithSystemParams] record only the environment variables of these names; * stands for anything. Without
// names it records none. docs/system.md of libaim says what a site may set for all programs.
func WithEnvNames(names ...string) RunOption {
	return func(o *runOptions) {
		o.envNames = append(o.envNames, names...)
		o.onlyNamed = true
	}
}

// WithTerminalCapture records what the process and its children write to standard output and standard error; it still
// reaches the terminal.
func WithTerminalCapture() RunOption {
	return func(o *runOptions) { o.captureTerminal = true }
}

// A RunIDMode says what may happen where a run is named by an id.
type RunIDMode int32

// The modes.
const (
	OpenOrCreate RunIDMode = C.AIM_OPEN_OR_CREATE
	CreateOnly   RunIDMode = C.AIM_CREATE // ErrExists if there is one
	OpenOnly     RunIDMode = C.AIM_OPEN   // ErrNotFound if there is none
)

// WithRunID finds the run by a text, up to 255 bytes: the id of a job, for one. "auto" is what the batch system calls the
// job, so that all its ranks, and the job when it is queued again, have one run.
func WithRunID(id string, mode RunIDMode) RunOption {
	return func(o *runOptions) { o.runID, o.runIDMode = id, mode }
}

// WithResumeStep drops what the run's metrics have from that step on; of several processes that go on with a run the first
// one does so.
func WithResumeStep(step int64) RunOption {
	return func(o *runOptions) { o.resume, o.resumeStep = true, step }
}

// WithImport brings in what is past: the run does not run, and keeps its status and its end unless [Run.CloseAs] gives
// others. A new run gets the hash, if it is not "", and the creation time, if it is not zero.
func WithImport(hash string, createdAt time.Time) RunOption {
	return func(o *runOptions) { o.noLease, o.newHash, o.createdAt = true, hash, createdAt }
}

func (o *runOptions) check() error {
	for _, name := range append(slices.Clone(o.maskNames), o.envNames...) {
		if strings.Contains(name, ",") {
			return failed(ErrInvalidArgument, nil, "a name to mask or to record must not contain a comma: %q", name)
		}
	}
	masked, recorded := strings.Join(o.maskNames, ","), strings.Join(o.envNames, ",")
	for what, text := range map[string]string{
		"experiment": o.experiment, "hash": o.hash, "system tracking group": o.systemGroup, "name to mask": masked,
		"name of the environment": recorded, "run id": o.runID, "new hash": o.newHash,
	} {
		if err := checkText(what, text); err != nil {
			return err
		}
	}
	return nil
}

// c returns the options for a run in the repository at path; what they point to lies in memory.
func (o *runOptions) c(path string, repo *repoOptions, memory *arena) C.aim_run_options {
	optional := func(text string) *C.char {
		if text == "" {
			return nil
		}
		return memory.text(text)
	}
	var recorded *C.char
	if o.onlyNamed {
		recorded = memory.text(strings.Join(o.envNames, ","))
	}
	return C.aim_run_options{
		struct_size:              C.sizeof_aim_run_options,
		repo:                     memory.text(path),
		experiment:               optional(o.experiment),
		run_hash:                 optional(o.hash),
		repo_options:             repo.c(memory),
		system_tracking_interval: C.double(o.systemInterval.Seconds()),
		system_tracking_group:    optional(o.systemGroup),
		log_system_params:        C.bool(o.systemParams),
		mask_names:               optional(strings.Join(o.maskNames, ",")),
		capture_terminal_logs:    C.bool(o.captureTerminal),
		env_names:                recorded,
		run_id:                   optional(o.runID),
		run_id_mode:              C.int32_t(o.runIDMode),
		new_hash:                 optional(o.newHash),
		created_at:               seconds(o.createdAt),
		no_lease:                 C.bool(o.noLease),
		resume:                   C.bool(o.resume),
		resume_step:              C.int64_t(o.resumeStep),
		system_tracking_children: C.bool(o.systemChildren),
		mode:                     C.int32_t(o.mode),
	}
}

// A QueryOption says how a query is asked.
type QueryOption func(*queryOptions)

type queryOptions struct {
	offset, limit uint64
	progress      func(done, total uint64)
	noIndex       bool
	orderBy       string
	descending    bool
	columns       []string
	chosen        bool
	bounds        QueryBounds
}

func (o *queryOptions) check() error {
	for _, name := range o.columns {
		if err := checkText("column", name); err != nil {
			return err
		}
	}
	return checkText("order", o.orderBy)
}

// c returns the options in C's memory.
func (o *queryOptions) c(memory *arena) *C.aim_query_options {
	options := (*C.aim_query_options)(C.calloc(1, C.sizeof_aim_query_options))
	memory.blocks = append(memory.blocks, unsafe.Pointer(options))
	*options = C.aim_query_options{
		struct_size: C.sizeof_aim_query_options,
		offset:      C.uint64_t(o.offset),
		limit:       C.uint64_t(o.limit),
		no_index:    C.bool(o.noIndex),

		timeout:        C.double(o.bounds.Timeout.Seconds()),
		max_steps:      C.uint64_t(o.bounds.Steps),
		max_row_steps:  C.uint64_t(o.bounds.RowSteps),
		max_row_memory: C.uint64_t(o.bounds.RowMemory),
		max_rows:       C.uint64_t(o.bounds.Rows),
		max_memory:     C.uint64_t(o.bounds.Memory),
		json:           C.AIM_JSON_WORDS,
		descending:     C.bool(o.descending),
	}
	if o.orderBy != "" {
		options.order_by = memory.text(o.orderBy)
	}
	if o.chosen {
		columns := C.calloc(C.size_t(len(o.columns)+1), C.size_t(unsafe.Sizeof((*C.char)(nil))))
		memory.blocks = append(memory.blocks, columns)
		names := unsafe.Slice((**C.char)(columns), len(o.columns))
		for i, name := range o.columns {
			names[i] = memory.text(name)
		}
		options.columns = (**C.char)(columns)
		options.columns_len = C.size_t(len(o.columns))
	}
	return options
}

// WithOrder orders the rows by the value of an expression, least first, as in `run.hparams.lr`, `metric.last`,
// `(run.experiment, run.created_at)`; rows without a value come last. Without it the newest run comes first.
func WithOrder(expression string) QueryOption {
	return func(o *queryOptions) { o.orderBy, o.descending = expression, false }
}

// WithOrderDescending is [WithOrder], greatest first; rows without a value still come last.
func WithOrderDescending(expression string) QueryOption {
	return func(o *queryOptions) { o.orderBy, o.descending = expression, true }
}

// WithColumns chooses the columns of an Arrow stream, by name and in this order; see [Repo.QueryRunsArrow].
func WithColumns(names ...string) QueryOption {
	return func(o *queryOptions) { o.columns, o.chosen = names, true }
}

// QueryBounds is what a query may cost; 0 is the default. A query that needs more ends with [ErrLimit], a row that
// needs more counts among the failures.
type QueryBounds struct {
	Timeout   time.Duration // that the query may take: a minute
	Steps     uint64        // of all rows: loop iterations, calls, or 16 bytes handled; 1e9
	RowSteps  uint64        // of one row: 1e6
	RowMemory uint64        // bytes of the values that a row makes: 16 MiB
	Rows      uint64        // of the answer: 1e7
	Memory    uint64        // bytes that the rows of the answer take: 1 GiB
}

// WithBounds says what the query may cost.
func WithBounds(bounds QueryBounds) QueryOption {
	return func(o *queryOptions) { o.bounds = bounds }
}

// WithOffset leaves out that many rows at the beginning.
func WithOffset(rows uint64) QueryOption {
	return func(o *queryOptions) { o.offset = rows }
}

// WithLimit returns at most that many rows; 0 is all.
func WithLimit(rows uint64) QueryOption {
	return func(o *queryOptions) { o.limit = rows }
}

// WithProgress is told how far the query is: runs looked at, and runs to look at in all. It is called on the goroutine
// that asks, every few milliseconds. Cancelling the query's context ends it.
func WithProgress(progress func(done, total uint64)) QueryOption {
	return func(o *queryOptions) { o.progress = progress }
}

// WithoutIndex evaluates the expression on every run instead of asking the indexes first. The answer is the same.
func WithoutIndex() QueryOption {
	return func(o *queryOptions) { o.noIndex = true }
}
