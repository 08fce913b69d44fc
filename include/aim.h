/** @file
 * libaim: an experiment tracker with a C interface. Generated from the sources by `make header`; do not edit.
 *
 * Errors.    A function that can fail returns an aim_status: AIM_OK or one of AIM_ERR_*. Its last parameter `err` may be
 *            NULL; otherwise a failed call stores an error there, to be released with aim_error_free. A successful call
 *            leaves `*err` as it is: set it to NULL before. Out-parameters are written only on success.
 *
 * Ownership. aim_*_new and aim_*_open, and out-parameters that receive a handle, hand over a handle that its aim_*_free
 *            releases; freeing NULL does nothing. A `char *` that a call stores belongs to the caller and goes back
 *            through aim_string_free; a `const char *` that a call returns lives as long as the handle it came from.
 *            Arguments are borrowed for the duration of the call.
 *
 * Text.      NUL-terminated UTF-8; anything else is AIM_ERR_INVALID_ARGUMENT. Paths are any bytes.
 *
 * JSON.      What a call returns as JSON is JSON to every parser: NaN and infinities, which JSON does not have, are null
 *            unless AIM_JSON_STRINGS or AIM_JSON_WORDS is asked for; calls with a type in their name return them as they
 *            are. Integers may have any size, and `{"__bytes__": "<base64>"}` stands for bytes. Arguments may hold the
 *            words NaN, Infinity and -Infinity.
 *
 * Stack.     64 KiB are enough for every call: queries and nested JSON take a stack of their own where less is left than
 *            they need, callbacks of queries included.
 *
 * Threads.   Every handle may be used from several threads at once, but freed only once nobody uses it.
 *
 * Processes. A handle used in a forked child answers AIM_ERR_FORKED. Freeing it there is allowed and touches nothing.
 *
 * Host.      The library installs no signal handler and prints nothing; a bug inside it is reported as AIM_ERR_PANIC. It
 *            computes in the default floating-point environment, whatever the calling thread rounds, traps or flushes,
 *            and leaves that thread's own as it was, flags included.
 *
 * Memory.    What needs much memory because of what a caller gave or a repository holds, a piece of 4 MiB or more, is
 *            AIM_ERR_LIMIT where there is none, and of a row of a query a failure of that row. A program that is refused
 *            less than that is ended, with a line on standard error.
 *
 * Signals.   No handler of the program interrupts a call while it holds something: signals with a handler arrive when the
 *            call returns, calls back or waits; others act at once where a call may take long. So a handler may call
 *            aim_metric_track, and aim_run_track with a name and context that the run has seen and NULL for the error,
 *            whatever it interrupted: neither allocates or locks. Where the journal is full and the library needs the
 *            memory allocation that the handler interrupted to make room, ten seconds pass, and from then on values are
 *            refused with AIM_ERR_FULL until the handler has returned and there is room. It may call everything else,
 *            and exit(), where it did not interrupt the C library's memory allocation. It may also leave by siglongjmp.
 *            Callbacks must return.
 *            No call is a cancellation point of pthread_cancel. (A thread that may be cancelled at any instruction,
 *            PTHREAD_CANCEL_ASYNCHRONOUS, must not call any library.)
 *
 * Language.  C99 or newer, C++11 or newer.
 */
#ifndef AIM_H
#define AIM_H

#if !defined(__cplusplus) && defined(__STRICT_ANSI__) && (!defined(__STDC_VERSION__) || __STDC_VERSION__ < 199901L)
#error "aim.h needs C99 or newer: compile with -std=c99 or -std=gnu89"
#endif

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Version of this header; aim_version() tells that of the library.
#define AIM_VERSION "0.1.0"
/// MAJOR of `AIM_VERSION`.
#define AIM_VERSION_MAJOR 0
/// MINOR of `AIM_VERSION`.
#define AIM_VERSION_MINOR 1
/// PATCH of `AIM_VERSION`.
#define AIM_VERSION_PATCH 0

/// `AIM_VERSION` as a number that can be compared: MAJOR * 10000 + MINOR * 100 + PATCH.
#define AIM_VERSION_NUMBER (AIM_VERSION_MAJOR * 10000 + AIM_VERSION_MINOR * 100 + AIM_VERSION_PATCH)

#if !defined(AIM_NODISCARD) && defined(__GNUC__)
/// Marks functions whose result must be looked at: what they make is not there where they fail.
#  define AIM_NODISCARD __attribute__((warn_unused_result))
#elif !defined(AIM_NODISCARD)
/// As nothing, also where a program defines it so before it includes this header: it is not warned then.
#  define AIM_NODISCARD
#endif
#if !defined(AIM_DEPRECATED) && defined(__GNUC__)
/// Marks functions that will go, and for which there is something better; none at present.
#  define AIM_DEPRECATED __attribute__((deprecated))
#elif !defined(AIM_DEPRECATED)
/// As nothing, also where a program defines it so before it includes this header: it is not warned then.
#  define AIM_DEPRECATED
#endif

/// This header declares how runs end: `aim_run_close_as`, `aim_outcome`.
#define AIM_HAS_OUTCOME 1
/// This header declares times of points, records and lines: `aim_metric_track_many_at` and kin.
#define AIM_HAS_BACKFILL 1
/// This header declares `aim_run_rewind`.
#define AIM_HAS_REWIND 1
/// This header declares `run_id` in `aim_run_options`.
#define AIM_HAS_RUN_ID 1
/// This header declares changes of stored runs: `aim_edit` and kin.
#define AIM_HAS_EDIT 1
/// This header declares images and other objects: `aim_sequence` and kin.
#define AIM_HAS_OBJECTS 1
/// This header declares artifacts: `aim_run_log_artifact` and kin.
#define AIM_HAS_ARTIFACTS 1
/// This header declares `aim_run_start_closing` and `aim_run_wait`.
#define AIM_HAS_WAIT 1
/// This header declares `aim_repo_compact`.
#define AIM_HAS_COMPACT 1
/// This header declares `mode` and `system_tracking_children` in `aim_run_options`.
#define AIM_HAS_MODE 1
/// This header declares `order_by` in `aim_query_options`.
#define AIM_HAS_ORDER 1
/// This header declares `aim_cursor` and `aim_repo_query_arrow_with`.
#define AIM_HAS_CURSOR 1

/// Arrow's C Stream Interface; its definition comes from the Arrow specification.
struct ArrowArrayStream;

/// The file stays where it is: its path, size, time and checksum are recorded.
#define AIM_ARTIFACT_REFERENCE 0

/// The file gets a second name in the repository, a hard link, which costs no space and outlives the first; where the
/// filesystem cannot do that, it is copied. Its bytes are the same as long as nobody writes to the file in place.
#define AIM_ARTIFACT_LINK 1

/// The file is copied into the repository, by sharing blocks where the filesystem can; the same bytes are there once.
#define AIM_ARTIFACT_COPY 2

/// Experiments; as a param of `aim_repo_describe` and others.
#define AIM_EXPERIMENTS 0

/// Tags.
#define AIM_TAGS 1

/// NaN and infinities are null in JSON: the text is JSON that every parser reads. The rule wherever a call returns JSON,
/// unless its options or arguments say otherwise; the typed calls return numbers as they are.
#define AIM_JSON_NULL 0

/// NaN and infinities are the strings "NaN", "Infinity" and "-Infinity" in JSON.
#define AIM_JSON_STRINGS 1

/// NaN and infinities are the words NaN, Infinity and -Infinity, as Python's `json` and JSON5 have them, and as
/// `aim_run_set_param` reads them: nothing is lost, but strict parsers refuse the text.
#define AIM_JSON_WORDS 2

/// The experiments of runs, and those that were described.
#define AIM_LIST_EXPERIMENTS 0

/// The tags of runs, and those that were described.
#define AIM_LIST_TAGS 1

/// The names of metrics.
#define AIM_LIST_METRIC_NAMES 2

/// The contexts of metrics, JSON with sorted keys.
#define AIM_LIST_CONTEXTS 3

/// The params that hold a value other than an object, as JSON Pointers.
#define AIM_LIST_PARAM_KEYS 4

/// The finest level, for finding errors. Levels are those of a run's log records and of the library's own messages.
#define AIM_LOG_DEBUG 10

/// Level of the ordinary course of things.
#define AIM_LOG_INFO 20

/// Level of what may need attention.
#define AIM_LOG_WARNING 30

/// Level of what failed; the library's own messages go no higher.
#define AIM_LOG_ERROR 40

/// Level of what ends the program.
#define AIM_LOG_CRITICAL 50

/// The log of a run that holds the records from `aim_run_log`.
#define AIM_LOGS_RECORDS 0

/// The log of a run that holds the lines that `capture_terminal_logs` records.
#define AIM_LOGS_TERMINAL 1

/// In place of a step: the one after the sequence's last, or 0.
#define AIM_STEP_AUTO INT64_MIN

/// In place of an epoch: none.
#define AIM_EPOCH_NONE INT64_MIN

/// Images; `images` in an expression.
#define AIM_QUERY_IMAGES 3

/// Texts; `texts` in an expression.
#define AIM_QUERY_TEXTS 4

/// Audio clips; `audios` in an expression.
#define AIM_QUERY_AUDIOS 5

/// Distributions; `distributions` in an expression.
#define AIM_QUERY_DISTRIBUTIONS 6

/// Figures; `figures` in an expression.
#define AIM_QUERY_FIGURES 7

/// Videos; `videos` in an expression.
#define AIM_QUERY_VIDEOS 8

/// Tables; `tables` in an expression.
#define AIM_QUERY_TABLES 9

/// Arrays; `arrays` in an expression.
#define AIM_QUERY_ARRAYS 10

/// Elements: unsigned, 8 bits.
#define AIM_U8 1

/// Elements: unsigned, 16 bits.
#define AIM_U16 2

/// Elements: signed, 8 bits.
#define AIM_I8 3

/// Elements: signed, 16 bits.
#define AIM_I16 4

/// Elements: signed, 32 bits.
#define AIM_I32 5

/// Elements: signed, 64 bits.
#define AIM_I64 6

/// Elements: IEEE 754 half.
#define AIM_F16 7

/// Elements: bfloat16.
#define AIM_BF16 8

/// Elements: `float`.
#define AIM_F32 9

/// Elements: `double`.
#define AIM_F64 10

/// Elements: unsigned, 32 bits.
#define AIM_U32 11

/// Elements: unsigned, 64 bits.
#define AIM_U64 12

/// Elements: bytes that are 0 or 1.
#define AIM_BOOL 13

/// As the environment variable `AIM_MODE` says: `disabled`, or, where it is not set, enabled.
#define AIM_MODE_AS_SET 0

/// What the program tracks is stored, whatever `AIM_MODE` says.
#define AIM_MODE_ENABLED 1

/// Nothing is tracked, whatever `AIM_MODE` says.
#define AIM_MODE_DISABLED 2

/// Opens the run with that `run_id`, or creates it.
#define AIM_OPEN_OR_CREATE 0

/// Creates a run with that `run_id`.
#define AIM_CREATE 1

/// Opens the run with that `run_id`.
#define AIM_OPEN 2

/// The run is being written.
#define AIM_RUN_RUNNING 0

/// Its program ended well.
#define AIM_RUN_FINISHED 1

/// Its process died without a word: a signal, `_exit`, a power loss.
#define AIM_RUN_CRASHED 2

/// Its program ended with an error.
#define AIM_RUN_FAILED 3

/// Somebody stopped it.
#define AIM_RUN_INTERRUPTED 4

/// A query that selects runs.
#define AIM_QUERY_RUNS 1

/// A query that selects metrics, with their runs.
#define AIM_QUERY_METRICS 2

/// Every n-th point, the first and the last among them.
#define AIM_SAMPLE_STRIDE 1

/// The points with the least and the greatest value of equally many neighbours, the first and the last point: a plot
/// looks like one of all points.
#define AIM_SAMPLE_MIN_MAX 2

/// An answer that comes in parts. It may be used from several threads at once.
typedef struct aim_cursor aim_cursor;

/// Changes of stored runs, collected to be made together.
typedef struct aim_edit aim_edit;

/// What went wrong, in words. Made by a failing call for the caller, who frees it.
typedef struct aim_error aim_error;

/// Names, in order. It may be used from several threads at once.
typedef struct aim_list aim_list;

/// A metric of an open run: name and context, resolved. It may be used from several threads at once.
typedef struct aim_metric aim_metric;

/// Objects of a row of a query. They may be used from several threads at once.
typedef struct aim_objects aim_objects;

/// The answer to a query. It may be used from several threads at once.
typedef struct aim_query aim_query;

/// An open repository, for queries and administration. It may be used from several threads at once.
typedef struct aim_repo aim_repo;

/// A run being written. It may be used from several threads at once.
typedef struct aim_run aim_run;

/// A part of a metric's points.
typedef struct aim_sample aim_sample;

/// A sequence of objects of an open run: what it holds, name and context, resolved. It may be used from several threads at
/// once.
typedef struct aim_sequence aim_sequence;

/// Result of a call: `AIM_OK` or one of `AIM_ERR_…`. The numbers never change.
typedef int32_t aim_status;

/// A file or directory that a run logs. Initialise with `AIM_ARTIFACT_OPTIONS_INIT`.
typedef struct {
    /// `sizeof(aim_artifact_options)`; set by the initialiser.
    size_t struct_size;
    /// A file, or a directory: one artifact with a list of its files.
    const char *path;
    /// At most 512 bytes without a colon; may have parts, separated by '/'. NULL: the last part of `path`.
    const char *name;
    /// "model", "checkpoint", "dataset", ... NULL: "file".
    const char *kind;
    /// A JSON object of at most 64 KiB. NULL: none.
    const char *metadata;
    /// More names for this version, separated by commas: "best,step-100". Each moves here from the version that has it.
    /// NULL: none. "latest" moves by itself.
    const char *aliases;
    /// The step at which it was made; `AIM_STEP_AUTO`: none.
    int64_t step;
    /// `AIM_ARTIFACT_REFERENCE`, `AIM_ARTIFACT_LINK` or `AIM_ARTIFACT_COPY`.
    int32_t mode;
    /// 1: no checksum is made, size and time serve. The next version is another one then, whatever its bytes. 0: it is made.
    int32_t no_checksum;
    /// 1: the call returns when the file is copied and summed, and says what kept it from that. 0: when that is queued.
    int32_t wait;
} aim_artifact_options;

/// The defaults of an `aim_artifact_options`: a reference, with a checksum.
#define AIM_ARTIFACT_OPTIONS_INIT { sizeof(aim_artifact_options), NULL, NULL, NULL, NULL, NULL, AIM_STEP_AUTO, AIM_ARTIFACT_REFERENCE, 0, 0 }

/// Settings of a repository. They count when the process first opens it; handles that join later share them.
/// Initialise with `AIM_REPO_OPTIONS_INIT`.
typedef struct {
    /// `sizeof(aim_repo_options)`; set by the initialiser.
    size_t struct_size;
    /// Bytes of address space to reserve for the database at first; it takes more when it needs more. 0: the environment variable
    /// `AIM_MAP_SIZE`, else 1 TiB, or a quarter of what `ulimit -v` leaves.
    uint64_t map_size;
    /// Seconds that a tracked value may wait before it is committed, 0.001 to 3600. 0: one second.
    double flush_interval;
    /// Bytes of the journal that takes up tracked values, a file of its own for each process. 0: 6 MiB.
    uint64_t journal_size;
    /// Open a database on a network filesystem too, and make a new repository there one, instead of a spool, which any
    /// number of hosts may use. Safe only while one host uses it. The environment variable `AIM_ALLOW_NETWORK_FS=1` does the
    /// same.
    bool allow_network_fs;
    /// 1: without a path the search upwards takes a `.aim` of any user. 0: only of this one, since others could have put
    /// theirs there for it to find, or in directories that the environment variable `AIM_SAFE_DIRECTORY` names (separated
    /// by colons; `*` for all).
    uint64_t any_owner;
} aim_repo_options;

/// The defaults of an `aim_repo_options`.
#define AIM_REPO_OPTIONS_INIT { sizeof(aim_repo_options), 0, 0.0, 0, false, 0 }

/// What a compaction gave back. Initialise with `AIM_COMPACT_REPORT_INIT`.
typedef struct {
    /// `sizeof(aim_compact_report)`; set by the initialiser.
    size_t struct_size;
    /// Bytes of the data file and of packs before.
    uint64_t bytes_before;
    /// Bytes of the data file and of packs now.
    uint64_t bytes_after;
    /// Names of metrics, contexts and paths of params that no run has any more, and that were forgotten.
    uint64_t forgotten;
} aim_compact_report;

/// An empty `aim_compact_report`.
#define AIM_COMPACT_REPORT_INIT { sizeof(aim_compact_report), 0, 0, 0 }

/// Told how far a query is: runs looked at, and runs to look at in all. A result other than 0 cancels the query. It is
/// called by the thread that asks, at the first run and then every five milliseconds, also while one row is evaluated;
/// only a single operation on a very large value may take longer.
typedef int32_t (*aim_query_progress)(uint64_t done, uint64_t total, void *userdata);

/// How a query is asked. Initialise with `AIM_QUERY_OPTIONS_INIT`.
typedef struct {
    /// `sizeof(aim_query_options)`; set by the initialiser.
    size_t struct_size;
    /// Rows to leave out at the beginning.
    uint64_t offset;
    /// Rows to return at most; 0: all.
    uint64_t limit;
    /// Called with `progress_userdata`; NULL for none.
    aim_query_progress progress;
    /// What `progress` gets as `userdata`.
    void *progress_userdata;
    /// Evaluate the expression on every run instead of asking the indexes first. The answer is the same.
    bool no_index;
    /// Seconds that the query may take; INFINITY: as long as it takes. 0: 60. Longer is `AIM_ERR_LIMIT`, as for all
    /// bounds but those of a row.
    double timeout;
    /// Steps of all rows: loop iterations, calls, or 16 bytes handled, some 30 ns each. 0: 1,000,000,000.
    uint64_t max_steps;
    /// Steps of a row. A row that needs more is not selected and counts among the failures; one that reads a large value
    /// may take a step for each two bytes of it on top. 0: 1,000,000.
    uint64_t max_row_steps;
    /// Bytes of the values that a row makes, as `max_row_steps`; eight times the largest value it reads come on top.
    /// 0: 16 MiB.
    uint64_t max_row_memory;
    /// Rows of the answer. 0: 10,000,000.
    uint64_t max_rows;
    /// Bytes that the rows of the answer take in memory. 0: 1 GiB.
    uint64_t max_memory;
    /// How JSON of the answer writes NaN and infinities: `AIM_JSON_NULL`, `AIM_JSON_STRINGS` or `AIM_JSON_WORDS`.
    int32_t json;
    /// What the rows are ordered by: an expression over a row, as in `run.created_at`, `run.hparams.lr`, `metric.last`,
    /// `run.metrics['loss', {}].last`, `(run.experiment, metric.min)`. Least first: numbers, times, texts; rows without a value come last,
    /// rows of one value as they do without this. NULL: newest run first, then by name, then by context.
    const char *order_by;
    /// Greatest first. Rows without a value still come last.
    bool descending;
    /// Of `aim_repo_query_arrow_with`: the names of the columns to be given, in this order. NULL: all.
    const char *const *columns;
    /// How many those are.
    size_t columns_len;
} aim_query_options;

/// The defaults of an `aim_query_options`.
#define AIM_QUERY_OPTIONS_INIT { sizeof(aim_query_options), 0, 0, NULL, NULL, false, 0.0, 0, 0, 0, 0, 0, 0, NULL, false, NULL, 0 }

/// Receives a message of the library: its level, the text (borrowed for the call), and the pointer that was
/// registered. A thread of the library calls it, one message at a time, with no lock of the library held: it may call
/// every function of the library, and take locks that the program holds while it calls the library. A call that gave
/// messages waits a moment for the callback, 100 milliseconds at most.
typedef void (*aim_log_callback)(int32_t level, const char *message, void *userdata);

/// Called when the memory of an object is not needed any more, by a thread of the library. It may call the library.
typedef void (*aim_release)(void *userdata);

/// An array, which is stored as NPY. Initialise with `AIM_ARRAY_INIT`.
typedef struct {
    /// `sizeof(aim_array)`; set by the initialiser.
    size_t struct_size;
    /// The first element.
    const void *data;
    /// One of `AIM_U8`, ... What NPY does not have, `AIM_BF16`, is stored as `AIM_F32`.
    int32_t dtype;
    /// Dimensions, at most 8.
    uint32_t ndim;
    /// The extent of each dimension.
    const uint64_t *shape;
    /// Bytes from one element to the next in each dimension; less than 0 where they go backwards from `data`. NULL: packed,
    /// the last dimension fastest.
    const int64_t *strides;
    /// As in `aim_object`.
    const char *caption;
    /// As in `aim_object`; the role of the array, say, as in {"role": "points"}.
    const char *meta;
    /// As in `aim_object`.
    aim_release release;
    /// As in `aim_object`.
    void *release_userdata;
} aim_array;

/// The defaults of an `aim_array`.
#define AIM_ARRAY_INIT { sizeof(aim_array), NULL, AIM_F32, 0, NULL, NULL, NULL, NULL, NULL, NULL }

/// A histogram. Initialise with `AIM_DISTRIBUTION_INIT`.
typedef struct {
    /// `sizeof(aim_distribution)`; set by the initialiser.
    size_t struct_size;
    /// The weight of each bin, 0 or more.
    const double *weights;
    /// How many bins there are, 1 to 4096. Aim draws up to 512.
    size_t bins;
    /// `bins` + 1 ascending edges. NULL where tracked: even ones from `low` to `high`. Never NULL where read.
    const double *edges;
    /// The first edge.
    double low;
    /// The last edge.
    double high;
    /// Values that are NaN, beside those in the bins.
    uint64_t nans;
    /// Values that are infinite, beside those in the bins.
    uint64_t infinities;
    /// How many values were counted, those outside of the bins among them. NaN, here and below, where it is not known: where
    /// bins were handed over.
    double count;
    /// Their sum.
    double sum;
    /// The sum of their squares.
    double sum_squares;
    /// The least.
    double min;
    /// The greatest.
    double max;
} aim_distribution;

/// An empty `aim_distribution`.
#define AIM_DISTRIBUTION_INIT { sizeof(aim_distribution), NULL, 0, NULL, 0.0, 0.0, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0 }

/// An object that is encoded already. Initialise with `AIM_OBJECT_INIT`.
typedef struct {
    /// `sizeof(aim_object)`; set by the initialiser.
    size_t struct_size;
    /// The encoded bytes, at most 1 GiB, of a text 16 MiB.
    const void *data;
    /// How many bytes those are.
    size_t size;
    /// What they are. Images: "png", "jpeg", "gif", "webp", "bmp", "svg"; texts: "text", "markdown", "html"; audio: "wav",
    /// "flac", "mp3", "ogg"; figures: "plotly", "vega-lite", "html", "svg"; videos: "mp4", "webm", "gif"; tables: "arrow",
    /// "csv", "parquet"; arrays: "npy", "pcd", "ply", "vtk". NULL: told by the first bytes, where they do.
    const char *format;
    /// What it shows, at most 4096 bytes. NULL: nothing is said.
    const char *caption;
    /// A JSON object that is kept with it (boxes, masks, camera, units), at most 64 KiB. NULL: none.
    const char *meta;
    /// NULL: the call does it all. Else it returns at once: a thread of the library encodes and stores the object, and calls
    /// this, with `release_userdata`, when it does not need `data` any more, once. Until then a death of the process loses
    /// the object; flush and close wait for it. Of a point all objects have it, or none. Where the call fails it is not
    /// called.
    aim_release release;
    /// What `release` gets as `userdata`.
    void *release_userdata;
} aim_object;

/// An empty `aim_object`.
#define AIM_OBJECT_INIT { sizeof(aim_object), NULL, 0, NULL, NULL, NULL, NULL, NULL }

/// Pixels of an image, which is stored as PNG. Initialise with `AIM_PIXELS_INIT`.
typedef struct {
    /// `sizeof(aim_pixels)`; set by the initialiser.
    size_t struct_size;
    /// The first pixel, top left.
    const void *data;
    /// Pixels of a row.
    uint32_t width;
    /// Rows.
    uint32_t height;
    /// 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA.
    uint32_t channels;
    /// `AIM_U8`, `AIM_U16` (stored with 16 bits), `AIM_F16`, `AIM_BF16`, `AIM_F32` or `AIM_F64`.
    int32_t dtype;
    /// 0: the channels of a pixel lie beside each other (height, width, channel). 1: each channel is a plane of its own
    /// (channel, height, width).
    int32_t planar;
    /// Bytes from one row to the next. 0: packed. Less than 0: the rows lie bottom up, as OpenGL and BMP have them, and `data`
    /// is the beginning of the one that lies last. Planes lie behind each other, `height` rows each.
    int64_t row_stride;
    /// Of floats: what becomes black. Both 0: 0 and 1.
    double low;
    /// Of floats: what becomes white. NaN becomes black.
    double high;
    /// As in `aim_object`.
    const char *caption;
    /// As in `aim_object`.
    const char *meta;
    /// As in `aim_object`.
    aim_release release;
    /// As in `aim_object`.
    void *release_userdata;
} aim_pixels;

/// The defaults of an `aim_pixels`: packed 8-bit RGB.
#define AIM_PIXELS_INIT { sizeof(aim_pixels), NULL, 0, 0, 3, AIM_U8, 0, 0, 0.0, 0.0, NULL, NULL, NULL, NULL }

/// What is known of a sequence of objects without reading its points. Initialise with `AIM_SEQUENCE_INFO_INIT`.
typedef struct {
    /// `sizeof(aim_sequence_info)`; set by the initialiser.
    size_t struct_size;
    /// Number of points.
    uint64_t count;
    /// Least step.
    int64_t first_step;
    /// Greatest step.
    int64_t last_step;
    /// Objects of the longest list that a point had.
    uint32_t longest;
} aim_sequence_info;

/// An empty `aim_sequence_info`.
#define AIM_SEQUENCE_INFO_INIT { sizeof(aim_sequence_info), 0, 0, 0, 0 }

/// Which points of a sequence, and which objects of each. Initialise with `AIM_RANGE_INIT`: all.
typedef struct {
    /// `sizeof(aim_range)`; set by the initialiser.
    size_t struct_size;
    /// The first step.
    int64_t first_step;
    /// The step before which it ends; `INT64_MAX`: that one is among them, too.
    int64_t end_step;
    /// At most so many points, at even distances, the first and the last among them; one alone is the last. 0: all.
    size_t points;
    /// The first index.
    uint32_t first_index;
    /// The index before which it ends.
    uint32_t end_index;
    /// At most so many objects of a point, chosen like points. 0: all.
    size_t objects;
} aim_range;

/// All objects: the defaults of an `aim_range`.
#define AIM_RANGE_INIT { sizeof(aim_range), INT64_MIN, INT64_MAX, 0, 0, UINT32_MAX, 0 }

/// What is known of an object. Initialise with `AIM_OBJECT_INFO_INIT`.
typedef struct {
    /// `sizeof(aim_object_info)`; set by the initialiser.
    size_t struct_size;
    /// The step of its point.
    int64_t step;
    /// The epoch, or `AIM_EPOCH_NONE`.
    int64_t epoch;
    /// When the point was tracked: seconds since 1970-01-01 UTC.
    double time;
    /// Its place among the objects of the point.
    uint32_t index;
    /// Of images whose format says it; else 0.
    uint32_t width;
    /// Of images whose format says it; else 0.
    uint32_t height;
    /// Bytes.
    uint64_t size;
    /// What the bytes are. This and the following are borrowed until the objects are freed.
    const char *format;
    /// "" where there is none.
    const char *caption;
    /// A JSON object; "{}" where there is none.
    const char *meta;
} aim_object_info;

/// An empty `aim_object_info`.
#define AIM_OBJECT_INFO_INIT { sizeof(aim_object_info), 0, 0, 0.0, 0, 0, 0, 0, NULL, NULL, NULL }

/// Samples of an audio clip, which is stored as WAV. Initialise with `AIM_SAMPLES_INIT`.
typedef struct {
    /// `sizeof(aim_samples)`; set by the initialiser.
    size_t struct_size;
    /// Frames, each a sample of every channel.
    const void *data;
    /// How many frames there are.
    uint64_t frames;
    /// Channels, 1 to 64.
    uint32_t channels;
    /// Frames a second.
    uint32_t rate;
    /// `AIM_I16`, `AIM_I32`, or `AIM_F32` from -1 to 1.
    int32_t dtype;
    /// As in `aim_object`.
    const char *caption;
    /// As in `aim_object`.
    const char *meta;
    /// As in `aim_object`.
    aim_release release;
    /// As in `aim_object`.
    void *release_userdata;
} aim_samples;

/// The defaults of an `aim_samples`: one channel of floats.
#define AIM_SAMPLES_INIT { sizeof(aim_samples), NULL, 0, 1, 0, AIM_F32, NULL, NULL, NULL, NULL }

/// How a run ended. Initialise with `AIM_OUTCOME_INIT`.
typedef struct {
    /// `sizeof(aim_outcome)`; set by the initialiser.
    size_t struct_size;
    /// `AIM_RUN_FINISHED`, `AIM_RUN_FAILED`, `AIM_RUN_INTERRUPTED` or `AIM_RUN_CRASHED`.
    int32_t status;
    /// Whether `exit_code` is known.
    bool has_exit_code;
    /// The exit code of the program.
    int32_t exit_code;
    /// The number of the signal that ended it; 0: none.
    int32_t signal;
    /// When it ended, in seconds since 1970-01-01 UTC; 0: now.
    double finalized_at;
} aim_outcome;

/// An empty `aim_outcome`.
#define AIM_OUTCOME_INIT { sizeof(aim_outcome), 0, false, 0, 0, 0.0 }

/// What is known of a metric without reading its points.
typedef struct {
    /// Number of points.
    uint64_t count;
    /// Least step.
    int64_t first_step;
    /// Greatest step.
    int64_t last_step;
    /// Value at the least step.
    double first;
    /// Value at the greatest step.
    double last;
    /// Least value. NaN values do not count; `min` and `max` are NaN where there are no others.
    double min;
    /// Greatest value, as `min`.
    double max;
} aim_metric_info;

/// Points of a metric: columns of `len` numbers each, in step order.
typedef struct {
    /// Number of points.
    size_t len;
    /// Steps, ascending.
    const int64_t *steps;
    /// Values.
    const double *values;
    /// Epochs; `AIM_EPOCH_NONE` where there is none.
    const int64_t *epochs;
    /// When each point was tracked: seconds since 1970-01-01 UTC.
    const double *times;
} aim_values;

/// Figures of a repository and of this process's writing to it. Initialise with `AIM_REPO_STATS_INIT`.
typedef struct {
    /// `sizeof(aim_repo_stats)`; set by the initialiser.
    size_t struct_size;
    /// Runs in the repository.
    uint64_t runs;
    /// Bytes of the data file.
    uint64_t file_bytes;
    /// Bytes of the pages in it that hold data.
    uint64_t used_bytes;
    /// Slots of 48 bytes in this process's journal; 0 while it writes no run.
    uint64_t journal_slots;
    /// Slots that hold what is not committed yet; 0 while this process writes no run.
    uint64_t journal_used;
    /// Slots handed out since this process last opened its first run.
    uint64_t journal_records;
    /// Commits since then.
    uint64_t commits;
    /// Commits since then that failed and were tried again.
    uint64_t commit_failures;
    /// Back-pressure: calls that waited because the journal was full.
    uint64_t waits;
    /// Nanoseconds that these calls waited together.
    uint64_t wait_nanoseconds;
    /// Records since then that could not be applied (a change of a param that another process had made impossible, say).
    /// They are kept in the database and told to the log callback; nothing else waits for them. Since 0.1.
    uint64_t set_aside;
    /// Points whose objects, lent with a release callback, are not encoded yet.
    uint64_t encoding;
    /// Back-pressure there: calls that waited because too many were.
    uint64_t encode_waits;
    /// Nanoseconds that these calls waited together.
    uint64_t encode_wait_nanoseconds;
    /// Points that could not be stored behind the call that lent them; the log callback was told why.
    uint64_t encode_failures;
} aim_repo_stats;

/// An empty `aim_repo_stats`.
#define AIM_REPO_STATS_INIT { sizeof(aim_repo_stats), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }

/// How a run is opened. Initialise with `AIM_RUN_OPTIONS_INIT`.
typedef struct {
    /// `sizeof(aim_run_options)`; set by the initialiser.
    size_t struct_size;
    /// Directory of the repository, made if missing. NULL: the nearest directory upwards from the working directory
    /// that holds `.aim`, else the working directory; before these the environment variable `AIM_REPO`.
    const char *repo;
    /// Name of the experiment. NULL: "default", or what a continued run has.
    const char *experiment;
    /// NULL: a new run. Else 24 hex digits: continues that run, finished, crashed or being written by others.
    const char *run_hash;
    /// Settings of the repository; NULL for the defaults.
    const aim_repo_options *repo_options;
    /// Seconds between two readings of what the process, the host and its GPUs use, 0.1 to 86400. 0: none. They go
    /// into sequences called `__system__...`; docs/system.md lists them.
    double system_tracking_interval;
    /// Of the processes on this host that give the same name here, one at a time reads the system; the others record
    /// nothing of it. Good for the ranks of one job: give the job's id. NULL: this process reads for itself.
    const char *system_tracking_group;
    /// Record what the program and the machine are, as the param `__system_params`: arguments, environment, git, host,
    /// GPUs, libraries, batch system, MPI rank. Values with a secret name, like `*TOKEN*`, and what looks like a secret
    /// are masked; docs/system.md has the list. Nobody may call `setenv` meanwhile. May take half a second.
    bool log_system_params;
    /// More names to mask, separated by commas; `*` stands for anything: "*_LICENCE,SITE_*". NULL: none. The environment
    /// variable `AIM_MASK_NAMES` adds to them.
    const char *mask_names;
    /// Record what the process and its children write to file descriptors 1 and 2, in the run's `AIM_LOGS_TERMINAL`;
    /// it still reaches the terminal. docs/system.md says what that changes for the program.
    bool capture_terminal_logs;
    /// The only variables of the environment that `log_system_params` records, separated by commas; `*` stands for
    /// anything: "OMP_*,SLURM_*". "": none. NULL: all. Where the environment variable `AIM_ENV_NAMES` is such a list
    /// too, what is recorded is in both. Their values are masked as ever.
    const char *env_names;
    /// The run is found by this text, up to 255 bytes, from which its hash is made: the id of a job, for one. "auto": what
    /// the batch system calls the job (Slurm, PBS, LSF, Kubernetes, torchrun), so that all its ranks, and the job when it is
    /// queued again, have one run. NULL: not so.
    const char *run_id;
    /// With `run_id`: `AIM_OPEN_OR_CREATE`, `AIM_CREATE` (`AIM_ERR_EXISTS` if there is one) or `AIM_OPEN`
    /// (`AIM_ERR_NOT_FOUND` if there is none). Processes that open one id at once get one run.
    int32_t run_id_mode;
    /// 24 hex digits that a new run gets as its hash; `AIM_ERR_EXISTS` if there is one. NULL: drawn at random.
    const char *new_hash;
    /// When a new run was created, in seconds since 1970-01-01 UTC; 0: now.
    double created_at;
    /// Nobody writes the run live: what is past is brought in. It does not run and does not crash with the process; a new
    /// one counts as finished, one that exists keeps status and end, unless `aim_run_close_as` gives others.
    bool no_lease;
    /// Continue the run from `resume_step`: what its metrics and sequences of objects have from there on is dropped, as by `aim_run_rewind`. Where
    /// several processes go on with a run, the first one does so, and the others join.
    bool resume;
    /// The first step that will be tracked again; counts if `resume` is set.
    int64_t resume_step;
    /// With `system_tracking_interval`: read what the processes below this one use, too, its children, theirs, and so on, as
    /// sequences `__system__children_...`.
    bool system_tracking_children;
    /// Whether anything is tracked: `AIM_MODE_AS_SET`, `AIM_MODE_ENABLED` or `AIM_MODE_DISABLED`, where calls succeed and do
    /// nothing, no file is made and no thread started.
    int32_t mode;
} aim_run_options;

/// The defaults of an `aim_run_options`.
#define AIM_RUN_OPTIONS_INIT { sizeof(aim_run_options), NULL, NULL, NULL, NULL, 0.0, NULL, false, NULL, false, NULL, NULL, 0, NULL, 0.0, false, false, 0, false, 0 }

/// What a salvage brought over, and what it could not. Initialise with `AIM_SALVAGE_REPORT_INIT`.
typedef struct {
    /// `sizeof(aim_salvage_report)`; set by the initialiser.
    size_t struct_size;
    /// Runs in the new repository.
    uint64_t runs;
    /// Metrics in the new repository.
    uint64_t metrics;
    /// Points in the new repository.
    uint64_t points;
    /// Pages of the database that cannot be read.
    uint64_t lost_pages;
    /// Rows that do not pass their checks: blocks of points, params, records of runs, names.
    uint64_t lost_rows;
    /// 1 where more may be missing than is counted: a page that says where the newest state of the database begins cannot
    /// be read, so what is here may be the state before it, with what was found on other pages. Else 0.
    uint64_t uncounted;
} aim_salvage_report;

/// An empty `aim_salvage_report`.
#define AIM_SALVAGE_REPORT_INIT { sizeof(aim_salvage_report), 0, 0, 0, 0, 0, 0 }

/// Success.
#define AIM_OK 0

/// An argument is NULL, malformed or out of range.
#define AIM_ERR_INVALID_ARGUMENT 1

/// The handle was closed.
#define AIM_ERR_CLOSED 2

/// No such repository, run, metric or param.
#define AIM_ERR_NOT_FOUND 3

/// The handle belongs to the parent of this forked process.
#define AIM_ERR_FORKED 4

/// A bug in the library; the program is unharmed.
#define AIM_ERR_PANIC 5

/// The operating system refused.
#define AIM_ERR_IO 6

/// The disk, the database's map or the journal is full.
#define AIM_ERR_FULL 7

/// The repository lies on a filesystem on which the database is unsafe.
#define AIM_ERR_UNSUPPORTED_FS 8

/// Stored data is damaged.
#define AIM_ERR_CORRUPT 9

/// A newer version of libaim wrote the repository.
#define AIM_ERR_UNSUPPORTED_VERSION 10

/// Somebody else is using what the call would change.
#define AIM_ERR_BUSY 11

/// A query does not parse.
#define AIM_ERR_SYNTAX 12

/// The caller cancelled.
#define AIM_ERR_CANCELLED 13

/// A bound on size, depth, work or memory was reached.
#define AIM_ERR_LIMIT 14

/// The stored value has another type.
#define AIM_ERR_TYPE 15

/// The repository cannot be written.
#define AIM_ERR_READ_ONLY 16

/// There is one already.
#define AIM_ERR_EXISTS 17

/// The time that the caller gave is over; what was asked for goes on.
#define AIM_ERR_TIMEOUT 18

/// The library was built without what the call needs; `aim_has` tells.
#define AIM_ERR_UNSUPPORTED 19

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/* ---- The library ---- */

/// The library's version as text, "MAJOR.MINOR.PATCH". The string is static. Since 0.1.
const char *aim_version(void);

/// Whether the library was built with a part that a build may be without: "arrow" (`aim_repo_query_arrow` and its kin), "git"
/// (the state of the git repository in `__system_params`), "gpu" (the use of GPUs, and what they are) or "terminal"
/// (`capture_terminal_logs`). false for every other text, and for NULL. Builds have all of them unless somebody turned
/// them off; a call that needs one that is not there answers `AIM_ERR_UNSUPPORTED`. Thread-safe. Since 0.1.
bool aim_has(const char *part);

/// Sends the library's messages of `level` (one of `AIM_LOG_…`) and above to `callback`; NULL silences it, which is
/// how it starts. The library prints nothing by itself. A callback that is being replaced may still be running when
/// the call returns. Thread-safe. Since 0.1.
void aim_set_log_callback(int32_t level,
                          aim_log_callback callback,
                          void *userdata);

/// Frees a string that a call gave to the caller. NULL is allowed. Since 0.1.
void aim_string_free(char *string);

/// Frees bytes from `aim_run_get_param_bytes`; `size` is what it gave. NULL is allowed. Since 0.1.
void aim_bytes_free(uint8_t *data, size_t size);

/* ---- Errors ---- */

/// The status that the failed call returned; `AIM_OK` for NULL. Since 0.1.
aim_status aim_error_code(const aim_error *error);

/// The message: what was wrong with which value, and the rule. Borrowed until the error is freed; "" for NULL.
/// Since 0.1.
const char *aim_error_message(const aim_error *error);

/// What a status means, in a few words: "no such run" and the like; "unknown status" for a number that is none. Static.
/// Since 0.1.
const char *aim_status_text(aim_status status);

/// Frees an error. NULL is allowed. Since 0.1.
void aim_error_free(aim_error *error);

/* ---- Runs ---- */

/// Opens a run: a new one, or one that `run_hash` or `run_id` in the options names. `options` may be NULL for all defaults.
/// The run is visible to other processes at once. With `AIM_MODE_DISABLED` as `mode`, or the environment variable `AIM_MODE=disabled`, nothing is tracked:
/// calls with the run succeed and do nothing, and it reads as an empty one. On success `*run` is the caller's, to be given back with
/// `aim_run_free`.
///
/// @code
/// aim_run_options options = AIM_RUN_OPTIONS_INIT;
/// aim_run *run = NULL;
/// aim_error *err = NULL;
/// options.repo = "/scratch/me";
/// options.experiment = "digits";
/// if (aim_run_new(&options, &run, &err) != AIM_OK) {
///     fprintf(stderr, "%s\n", aim_error_message(err));
///     aim_error_free(err);
///     exit(1);
/// }
/// aim_run_set_param(run, "hparams", "{\"lr\": 1e-4}", NULL);
/// for (int step = 0; step < 100; step++)
///     aim_run_track(run, "loss", 1.0 / (step + 1), step, AIM_EPOCH_NONE, "{\"subset\": \"train\"}", NULL);
/// aim_run_close(run, NULL);
/// aim_run_free(run);
/// @endcode
///
/// Errors: `AIM_ERR_NOT_FOUND` for an unknown `run_hash` or, with `AIM_OPEN`, `run_id`; `AIM_ERR_EXISTS` for a `new_hash` or,
/// with `AIM_CREATE`, a `run_id` that there is; `AIM_ERR_INVALID_ARGUMENT`; `AIM_ERR_LIMIT`; `AIM_ERR_READ_ONLY`,
/// `AIM_ERR_BUSY` (another process that writes does not get on; the message names it), `AIM_ERR_FULL`, `AIM_ERR_IO`,
/// `AIM_ERR_UNSUPPORTED_FS`, `AIM_ERR_UNSUPPORTED_VERSION` or `AIM_ERR_CORRUPT` if the
/// repository cannot be used. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_run_new(const aim_run_options *options,
                       aim_run **run,
                       aim_error **err);

/// The run's hash, 24 hex digits. Borrowed until the run is freed; NULL for NULL. Since 0.1.
const char *aim_run_hash(const aim_run *run);

/// Tracks one value of the metric `name` with `context`, a JSON object or NULL for `{}`; contexts are equal if their
/// values are, whatever the order of their keys. `step` may be `AIM_STEP_AUTO`: the step after the sequence's last,
/// or 0. `epoch` may be `AIM_EPOCH_NONE`. A step tracked again replaces its point. NaN and infinities are values. The
/// point gets the present time.
///
/// When the call returns `AIM_OK` the point survives the death of the process. Name and context are resolved
/// once; from then on a call takes tens of nanoseconds, without locks, allocation or system calls. (The first call of
/// another thread, after one thread has tracked thousands of values alone, makes one system call of some microseconds.)
/// With the journal full it waits for the commit thread.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (name above 4096 bytes, context above 64 KiB),
/// `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL` (the journal is full, and the repository takes nothing or has not
/// answered for ten seconds), `AIM_ERR_IO` or `AIM_ERR_READ_ONLY` (the filesystem has failed: this process can write to the
/// repository no more).
/// Thread-safe. Since 0.1.
aim_status aim_run_track(const aim_run *run,
                         const char *name,
                         double value,
                         int64_t step,
                         int64_t epoch,
                         const char *context,
                         aim_error **err);

/// Resolves a metric once, to track with `aim_metric_track`. `context` is a JSON object or NULL for `{}`. On success
/// `*metric` is the caller's, to be given back with `aim_metric_free`, before or after the run.
///
/// @code
/// aim_metric *loss = NULL;
/// if (aim_run_metric(run, "loss", "{\"subset\": \"train\"}", &loss, NULL) == AIM_OK)
///     for (int step = 0; step < 1000; step++)
///         aim_metric_track(loss, 1.0 / (step + 1), step, AIM_EPOCH_NONE);
/// aim_metric_free(loss);
/// @endcode
///
/// Errors: as `aim_run_track`. Thread-safe. Since 0.1.
aim_status aim_run_metric(const aim_run *run,
                          const char *name,
                          const char *context,
                          aim_metric **metric,
                          aim_error **err);

/// Resolves a sequence of objects once, to track them. `kind` is one of `AIM_QUERY_IMAGES`, ...; `context` is a JSON object
/// or NULL for `{}`. Sequences of two kinds may have one name. On success `*sequence` is the caller's, to be given back
/// with `aim_sequence_free`, before or after the run.
///
/// @code
/// aim_sequence *samples = NULL;
/// uint8_t grey[28 * 28] = {0};
/// aim_pixels image = AIM_PIXELS_INIT;
/// image.data = grey;
/// image.width = image.height = 28;
/// image.channels = 1;
/// image.caption = "a digit";
/// if (aim_run_sequence(run, AIM_QUERY_IMAGES, "samples", NULL, &samples, NULL) == AIM_OK)
///     aim_sequence_track_pixels(samples, &image, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0, NULL);
/// aim_sequence_free(samples);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (name above 4096 bytes, context above 64 KiB). Thread-safe. Since 0.1.
aim_status aim_run_sequence(const aim_run *run,
                            int32_t kind,
                            const char *name,
                            const char *context,
                            aim_sequence **sequence,
                            aim_error **err);

/// Drops the points of the run's metrics and sequences of objects from `step` on, in one transaction: of all of them, or, with
/// `n` above 0, of those that have one of the `n` names. What is known of a metric without reading its points is right at once. Other processes
/// that write the run are told by a warning, and what they tracked before from that step on is dropped, too. `*dropped`, if
/// it is not NULL, receives the number of points that were stored. Flushes first.
///
/// @code
/// uint64_t dropped = 0;
/// aim_run_rewind(run, 100, NULL, 0, &dropped, NULL); // goes on from the checkpoint of step 100
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, or what keeps the repository
/// from being written. Thread-safe. Since 0.1.
aim_status aim_run_rewind(const aim_run *run,
                          int64_t step,
                          const char *const *names,
                          size_t n,
                          uint64_t *dropped,
                          aim_error **err);

/// Sets a param to a JSON value. `key` is a top-level key, whatever dots or slashes it holds inside, or, with a
/// leading '/', a JSON Pointer (RFC 6901) into the tree: missing objects on the way are made, an array takes an index
/// or '-' to append. `NaN`, `Infinity` and `-Infinity` are numbers, integers have any size, and
/// `{"__bytes__": "<base64>"}` is bytes. A value that is there is replaced with all below it.
///
/// @code
/// aim_run_set_param(run, "hparams", "{\"lr\": 1e-4, \"layers\": [64, 10]}", NULL);
/// aim_run_set_param(run, "/hparams/layers/-", "20", NULL);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no JSON, no such array index), `AIM_ERR_LIMIT` (nested deeper than 128 levels,
/// key above 4096 bytes, a value for which there is no memory), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
aim_status aim_run_set_param(const aim_run *run,
                             const char *key,
                             const char *json,
                             aim_error **err);

/// Sets a param to an integer; otherwise as `aim_run_set_param`. Since 0.1.
aim_status aim_run_set_param_int64(const aim_run *run, const char *key, int64_t value, aim_error **err);

/// Sets a param to a floating-point number; otherwise as `aim_run_set_param`. Since 0.1.
aim_status aim_run_set_param_double(const aim_run *run, const char *key, double value, aim_error **err);

/// Sets a param to true or false; otherwise as `aim_run_set_param`. Since 0.1.
aim_status aim_run_set_param_bool(const aim_run *run, const char *key, bool value, aim_error **err);

/// Sets a param to a string, not parsed as JSON; otherwise as `aim_run_set_param`. Since 0.1.
aim_status aim_run_set_param_string(const aim_run *run, const char *key, const char *value, aim_error **err);

/// Sets a param to `size` bytes, which are copied; otherwise as `aim_run_set_param`. `data` may be NULL if `size` is
/// 0. Since 0.1.
aim_status aim_run_set_param_bytes(const aim_run *run,
                                   const char *key,
                                   const uint8_t *data,
                                   size_t size,
                                   aim_error **err);

/// Sets a param to null; otherwise as `aim_run_set_param`. Since 0.1.
aim_status aim_run_set_param_null(const aim_run *run, const char *key, aim_error **err);

/// Deletes a param with all below it. `key` is as for `aim_run_set_param`.
///
/// Errors: `AIM_ERR_NOT_FOUND` if there is none; else as `aim_run_set_param`. Thread-safe. Since 0.1.
aim_status aim_run_delete_param(const aim_run *run, const char *key, aim_error **err);

/// Reads a param back as JSON, types intact but for NaN and infinities, which are null (`aim_run_get_param_json` has
/// them); `key` is as for `aim_run_set_param`, and NULL reads all params as one
/// object. On success `*json` is the caller's, to be given back with `aim_string_free`. Flushes first.
///
/// Errors: `AIM_ERR_NOT_FOUND` if there is none, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, or what keeps the repository
/// from being used. Thread-safe. Since 0.1.
aim_status aim_run_get_param(const aim_run *run,
                             const char *key,
                             char **json,
                             aim_error **err);

/// As `aim_run_get_param`, with a choice of how NaN and infinities are written: `json_numbers` is `AIM_JSON_NULL`,
/// `AIM_JSON_STRINGS` or `AIM_JSON_WORDS`.
///
/// Errors: as `aim_run_get_param`, and `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_run_get_param_json(const aim_run *run,
                                  const char *key,
                                  int32_t json_numbers,
                                  char **json,
                                  aim_error **err);

/// A param of the run that is true or false, without JSON: into `*value`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
aim_status aim_run_get_param_bool(const aim_run *run,
                                  const char *key,
                                  bool *value,
                                  aim_error **err);

/// A param of the run that is an integer, without JSON: into `*value`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
aim_status aim_run_get_param_int64(const aim_run *run,
                                   const char *key,
                                   int64_t *value,
                                   aim_error **err);

/// A param of the run that is a number, without JSON: into `*value`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
aim_status aim_run_get_param_double(const aim_run *run,
                                    const char *key,
                                    double *value,
                                    aim_error **err);

/// A param of the run that is a string, without JSON: into `*value`; the string is the caller's, to be given back with `aim_string_free`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
aim_status aim_run_get_param_string(const aim_run *run,
                                    const char *key,
                                    char **value,
                                    aim_error **err);

/// Reads a bytes param back. On success `*data` holds `*size` bytes and is the caller's, to be given back with
/// `aim_bytes_free`. `key` is as for `aim_run_set_param`. Flushes first.
///
/// Errors: `AIM_ERR_TYPE` if the param is something else; else as `aim_run_get_param`. Thread-safe. Since 0.1.
aim_status aim_run_get_param_bytes(const aim_run *run,
                                   const char *key,
                                   uint8_t **data,
                                   size_t *size,
                                   aim_error **err);

/// Names the run for people. A run without a name is called "Run: " and its hash.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
aim_status aim_run_set_name(const aim_run *run,
                            const char *name,
                            aim_error **err);

/// The run's name. On success `*name` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
aim_status aim_run_get_name(const aim_run *run,
                            char **name,
                            aim_error **err);

/// Describes the run for people.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
aim_status aim_run_set_description(const aim_run *run,
                                   const char *description,
                                   aim_error **err);

/// The run's description, "" until one is set. On success `*description` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
aim_status aim_run_get_description(const aim_run *run,
                                   char **description,
                                   aim_error **err);

/// Moves the run to another experiment.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
aim_status aim_run_set_experiment(const aim_run *run,
                                  const char *experiment,
                                  aim_error **err);

/// The run's experiment. On success `*experiment` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
aim_status aim_run_get_experiment(const aim_run *run,
                                  char **experiment,
                                  aim_error **err);

/// Adds a tag; nothing happens if the run has it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
aim_status aim_run_add_tag(const aim_run *run,
                           const char *tag,
                           aim_error **err);

/// Removes a tag; nothing happens if the run does not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
aim_status aim_run_remove_tag(const aim_run *run,
                              const char *tag,
                              aim_error **err);

/// The run's tags as a JSON array, in the order of adding. On success `*tags` is the caller's, to be given back with `aim_string_free`.
/// Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_NOT_FOUND` (the run was deleted),
/// or what keeps the repository from being used. Thread-safe. Since 0.1.
aim_status aim_run_get_tags(const aim_run *run,
                            char **tags,
                            aim_error **err);

/// Archives the run or brings it back: queries leave archived runs out unless they mention `run.archived`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
aim_status aim_run_set_archived(const aim_run *run,
                                bool archived,
                                aim_error **err);

/// Whether the run is archived. Flushes first.
///
/// Errors: as `aim_run_get_name`. Thread-safe. Since 0.1.
aim_status aim_run_get_archived(const aim_run *run, bool *archived, aim_error **err);

/// Logs a file or directory as an artifact of the run: what a checkpoint, a table of results or a data set is called, where
/// it is, and what its bytes are. It is the next version of the artifact of that name, counted from 0; if its bytes are
/// those of the version before, it is that version again, and only the aliases move.
///
/// The call notes the file (and links it, if that was asked for) and returns; a thread of low priority copies and sums it.
/// `aim_run_close` waits for that, and so does `aim_run_wait`. A file that changes before it is summed makes no version:
/// this is logged, and recorded as the reason. With `AIM_ARTIFACT_LINK` the file may be renamed or deleted as soon as the
/// call returns.
///
/// If the process is killed, what it logged stays recorded as queued, and what it linked is kept.
///
/// Errors: `AIM_ERR_NOT_FOUND` (no such file), `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`, `AIM_ERR_CLOSED`,
/// `AIM_ERR_FORKED`, `AIM_ERR_FULL`, `AIM_ERR_IO`; with `wait` also `AIM_ERR_BUSY`: the file changed meanwhile.
/// Thread-safe. Since 0.1.
aim_status aim_run_log_artifact(const aim_run *run,
                                const aim_artifact_options *options,
                                aim_error **err);

/// Logs a message, stamped with the present time, in the run's `AIM_LOGS_RECORDS`. `level` is one of
/// `AIM_LOG_DEBUG` to `AIM_LOG_CRITICAL`, or a number from 1 to 100 between them. `file`, `line` and `function` say
/// where in the source; `file` may be NULL if that is unknown, and `function` too. The macro `AIM_RUN_LOG` fills them in.
///
/// @code
/// AIM_RUN_LOG(run, AIM_LOG_WARNING, "the learning rate is high", NULL);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (message above 1 MiB, names above 4096 bytes),
/// `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
aim_status aim_run_log(const aim_run *run,
                       int32_t level,
                       const char *message,
                       const char *file,
                       uint32_t line,
                       const char *function,
                       aim_error **err);

/// Logs a message with the place in the source from which it is called.
#define AIM_RUN_LOG(run, level, message, err) aim_run_log(run, level, message, __FILE__, __LINE__, __func__, err)

/// Logs as `aim_run_log`, with the time of the message in seconds since 1970-01-01 UTC; 0: now.
///
/// Errors: as `aim_run_log`. Thread-safe. Since 0.1.
aim_status aim_run_log_at(const aim_run *run,
                          double time,
                          int32_t level,
                          const char *message,
                          const char *file,
                          uint32_t line,
                          const char *function,
                          aim_error **err);

/// Adds a line, without its end, to the run's `AIM_LOGS_TERMINAL`, with its time in seconds since 1970-01-01 UTC; 0: now.
/// `descriptor` is 1 or 2. Of a run's lines the last 32 MiB are kept.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 1 MiB), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`.
/// Thread-safe. Since 0.1.
aim_status aim_run_add_terminal_line_at(const aim_run *run,
                                        double time,
                                        int32_t descriptor,
                                        const char *text,
                                        aim_error **err);

/// Reads up to `count` records of one of the run's logs, from number `first` on; they are numbered from 0. `stream` is
/// one of `AIM_LOGS_...`. Numbers that are kept no more are passed over. `*json` receives an array of objects:
/// `number`, `time` (seconds since 1970), `text`, and, in `AIM_LOGS_RECORDS`, `level` and, if known, `file`, `line` and
/// `function`; in `AIM_LOGS_TERMINAL`, `descriptor` (1 or 2). It is the caller's, to be given back with
/// `aim_string_free`. Flushes first.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, or what keeps the repository from being
/// used. Thread-safe. Since 0.1.
aim_status aim_run_read_logs(const aim_run *run,
                             int32_t stream,
                             uint64_t first,
                             uint64_t count,
                             char **json,
                             aim_error **err);

/// Waits until everything that this process tracked and set before is committed to disk.
///
/// Errors: what keeps the repository from being written; nothing is lost, the library goes on trying.
/// `AIM_ERR_BUSY`: another process does not get on. `AIM_ERR_NOT_FOUND`: the repository was removed, and the message says
/// where its data is saved. Thread-safe. Since 0.1.
aim_status aim_run_flush(const aim_run *run,
                         aim_error **err);

/// Notes where the run's artifacts belong, for whoever sends them there: the beginning of their addresses, as in
/// "s3://bucket/path" or "file:///path".
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`,
/// `AIM_ERR_FULL`. Thread-safe. Since 0.1.
aim_status aim_run_set_artifacts_uri(const aim_run *run,
                                     const char *uri,
                                     aim_error **err);

/// Notes that the run uses an artifact of a run of its repository: "RUN/NAME", "RUN/NAME:v3" or "RUN/NAME:ALIAS", where RUN is
/// the 24 digits of a hash; without version or alias it is the latest. The version that is meant now is noted.
/// `aim_repo_artifact_users` finds the run again.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_NOT_FOUND` (also for what is not summed yet), `AIM_ERR_CLOSED`,
/// `AIM_ERR_FORKED`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
aim_status aim_run_use_artifact(const aim_run *run,
                                const char *reference,
                                aim_error **err);

/// Closes without waiting: what is not stored yet is stored in the background, for which `aim_run_wait` waits. `outcome` is
/// as for `aim_run_close_as`, or NULL.
///
/// Errors: `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_run_start_closing(const aim_run *run,
                                 const aim_outcome *outcome,
                                 aim_error **err);

/// Waits until everything that this process tracked and set before is committed to disk, no longer than `seconds`; also
/// after the run was closed.
///
/// @code
/// aim_run_start_closing(run, NULL, NULL);
/// if (aim_run_wait(run, 60.0, NULL) == AIM_ERR_TIMEOUT)
///     fprintf(stderr, "the disk is slow\n");
/// @endcode
///
/// Errors: `AIM_ERR_TIMEOUT` if the time is over before: storing it goes on; else as `aim_run_flush`. Thread-safe. Since 0.1.
aim_status aim_run_wait(const aim_run *run,
                        double seconds,
                        aim_error **err);

/// Commits everything and ends the run: its status becomes finished, unless other processes are still writing it.
/// The handle stays until `aim_run_free`; further calls answer `AIM_ERR_CLOSED`.
///
/// Errors: `AIM_ERR_CLOSED` if it is closed already; else what keeps the repository from being written: the run is
/// closed all the same, and the library goes on trying to store it. Thread-safe. Since 0.1.
aim_status aim_run_close(const aim_run *run,
                         aim_error **err);

/// Closes as `aim_run_close`, and says how the run ended, and when. Without this, a run ends as its process does: closed or
/// left open at a return from `main` or `exit(0)` it is finished, after `exit` with another code it failed, and after
/// anything else it crashed. Where several processes write a run, the first that does not end well says how the run ended.
///
/// @code
/// aim_outcome outcome = AIM_OUTCOME_INIT;
/// outcome.status = AIM_RUN_FAILED;
/// outcome.has_exit_code = true;
/// outcome.exit_code = 3;
/// aim_run_close_as(run, &outcome, NULL);
/// @endcode
///
/// Errors: as `aim_run_close`, and `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_run_close_as(const aim_run *run,
                            const aim_outcome *outcome,
                            aim_error **err);

/// Frees a run. One that was not closed is closed in the background, without waiting. Never fails. NULL is
/// allowed. Since 0.1.
void aim_run_free(aim_run *run);

/* ---- Metrics ---- */

/// Tracks one value; as `aim_run_track`, without looking the metric up. This is the fastest way: no lock, no
/// allocation, no system call. Returns `AIM_OK` or the status of the error. Thread-safe. Since 0.1.
aim_status aim_metric_track(const aim_metric *metric, double value, int64_t step, int64_t epoch);

/// Tracks `n` values at once, all stamped with the present time. `steps` and `epochs` hold `n` numbers each, or are
/// NULL for `AIM_STEP_AUTO` and `AIM_EPOCH_NONE` throughout. On an error, values before the failing one are tracked.
///
/// Errors: as `aim_run_track`. Thread-safe. Since 0.1.
aim_status aim_metric_track_many(const aim_metric *metric,
                                 const double *values,
                                 const int64_t *steps,
                                 const int64_t *epochs,
                                 size_t n,
                                 aim_error **err);

/// Tracks as `aim_metric_track_many`, each point with its time in seconds since 1970-01-01 UTC, in the years 1 to 9999,
/// kept to a microsecond. `times` may be NULL: all get the present one. A time that is none keeps the call from tracking
/// anything. Made for bringing in millions of points: one call with thousands of them is fastest.
///
/// Errors: as `aim_metric_track_many`. Thread-safe. Since 0.1.
aim_status aim_metric_track_many_at(const aim_metric *metric,
                                    const double *values,
                                    const int64_t *steps,
                                    const int64_t *epochs,
                                    const double *times,
                                    size_t n,
                                    aim_error **err);

/// Frees a metric handle. NULL is allowed. Since 0.1.
void aim_metric_free(aim_metric *metric);

/* ---- Sequences of objects ---- */

/// Tracks an array as a point of a sequence of arrays, encoded as NPY; else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold arrays. Thread-safe. Since 0.1.
aim_status aim_sequence_track_array(const aim_sequence *sequence,
                                    const aim_array *array,
                                    int64_t step,
                                    int64_t epoch,
                                    double time,
                                    aim_error **err);

/// Tracks a distribution whose bins the caller has counted, as a point of a sequence of distributions; else as
/// `aim_sequence_track`. Uneven edges are kept.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold distributions. Thread-safe. Since 0.1.
aim_status aim_sequence_track_distribution(const aim_sequence *sequence,
                                           const aim_distribution *distribution,
                                           int64_t step,
                                           int64_t epoch,
                                           double time,
                                           aim_error **err);

/// Counts `n` values of type `dtype` into `bins` bins at even distances from `low` to `high`, and tracks them as a
/// distribution; else as `aim_sequence_track`. `bins` is 1 to 4096; 0: 64. `low` and `high` both 0: from the least finite
/// value to the greatest. NaN, infinities and values outside are counted apart, so is what all the finite ones are together.
///
/// Errors: as `aim_sequence_track_distribution`. Thread-safe. Since 0.1.
aim_status aim_sequence_track_values(const aim_sequence *sequence,
                                     const void *values,
                                     size_t n,
                                     int32_t dtype,
                                     size_t bins,
                                     double low,
                                     double high,
                                     int64_t step,
                                     int64_t epoch,
                                     double time,
                                     aim_error **err);

/// Tracks a point of `n` objects, numbered from 0; none is a point too. It takes the place of the point that has its step.
/// `step` may be `AIM_STEP_AUTO`, `epoch` `AIM_EPOCH_NONE`; `time` is in seconds since 1970-01-01 UTC, 0 for now. The objects
/// lie behind each other, each as large as its `struct_size` says. The same bytes are stored once.
///
/// When the call returns `AIM_OK` the objects survive the death of the process. Up to 4 KiB travel in the journal; larger
/// ones are appended to a file of this process's own, which other processes never wait for.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (among others for a format that the kind does not have), `AIM_ERR_LIMIT` (size, caption,
/// meta, or above 65535 objects), `AIM_ERR_CLOSED`, `AIM_ERR_FORKED`, `AIM_ERR_FULL`, `AIM_ERR_IO`; of the point nothing is
/// tracked then. Thread-safe. Since 0.1.
aim_status aim_sequence_track(const aim_sequence *sequence,
                              const aim_object *objects,
                              size_t n,
                              int64_t step,
                              int64_t epoch,
                              double time,
                              aim_error **err);

/// Tracks `n` texts as a point of a sequence of texts; else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold texts. Thread-safe. Since 0.1.
aim_status aim_sequence_track_texts(const aim_sequence *sequence,
                                    const char *const *texts,
                                    size_t n,
                                    int64_t step,
                                    int64_t epoch,
                                    double time,
                                    aim_error **err);

/// Tracks `n` images as a point of a sequence of images, each encoded as PNG; else as `aim_sequence_track`.
/// Integers are stored as they are, floats with 8 bits.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold images. Thread-safe. Since 0.1.
aim_status aim_sequence_track_pixels(const aim_sequence *sequence,
                                     const aim_pixels *images,
                                     size_t n,
                                     int64_t step,
                                     int64_t epoch,
                                     double time,
                                     aim_error **err);

/// Tracks `n` clips as a point of a sequence of audio, each encoded as WAV; else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold audio. Thread-safe. Since 0.1.
aim_status aim_sequence_track_samples(const aim_sequence *sequence,
                                      const aim_samples *clips,
                                      size_t n,
                                      int64_t step,
                                      int64_t epoch,
                                      double time,
                                      aim_error **err);

/// Tracks a table as a point of a sequence of tables: all rows of a stream (Arrow's C Stream Interface), stored as a file of
/// Arrow's IPC format, "arrow", at most 1 GiB. Cells may be images: encoded ones, in a column of bytes. The stream is read to
/// its end and released, whatever the call answers. Columns with a dictionary are stored as the values that it says; unions,
/// run ends and views of lists are not stored. `caption` and `meta` are as in `aim_object`. Else as `aim_sequence_track`.
///
/// Errors: as `aim_sequence_track`; `AIM_ERR_TYPE` if the sequence does not hold tables; `AIM_ERR_INVALID_ARGUMENT` for an error
/// of the stream, whose message is told, or a type that is not stored; `AIM_ERR_UNSUPPORTED` in a build without Arrow, which
/// leaves the stream alone. Thread-safe; the stream is read by the calling thread. Since 0.1.
aim_status aim_sequence_track_table(const aim_sequence *sequence,
                                    struct ArrowArrayStream *rows,
                                    const char *caption,
                                    const char *meta,
                                    int64_t step,
                                    int64_t epoch,
                                    double time,
                                    aim_error **err);

/// Says which points of a sequence stay, from this call on and for this handle: the `last` ones, and those whose step is a
/// multiple of `every` (0: none). Each point that is added lets go of the others, whose space `aim_repo_compact` gives back.
/// `last` 0 and `every` 0: all stay.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (`every` without `last`). Thread-safe. Since 0.1.
aim_status aim_sequence_keep(const aim_sequence *sequence,
                             uint32_t last,
                             uint32_t every,
                             aim_error **err);

/// Frees a sequence. NULL is allowed. Since 0.1.
void aim_sequence_free(aim_sequence *sequence);

/* ---- Repositories ---- */

/// Opens a repository that exists. `repo_path` is the directory that holds `.aim`; NULL: the nearest one upwards from
/// the working directory. `options` may be NULL. What processes left that died is brought in first. On success `*repo`
/// is the caller's, to be given back with `aim_repo_free`. A repository that may not be written is opened for reading:
/// in place where nobody may write it, else from a copy of its newest state, made in the directory for temporary files
/// (`TMPDIR`), anew for each query if it has changed.
///
/// @code
/// aim_repo *repo = NULL;
/// aim_error *err = NULL;
/// if (aim_repo_open("/scratch/me", NULL, &repo, &err) != AIM_OK)
///     fprintf(stderr, "%s\n", aim_error_message(err));
/// aim_error_free(err);
/// aim_repo_free(repo);
/// @endcode
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_IO`, `AIM_ERR_CORRUPT`, `AIM_ERR_UNSUPPORTED_FS`,
/// `AIM_ERR_UNSUPPORTED_VERSION`, `AIM_ERR_FULL`. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_repo_open(const char *repo_path,
                         const aim_repo_options *options,
                         aim_repo **repo,
                         aim_error **err);

/// Selects runs, metrics or sequences of objects by an AimQL expression, a Python expression over `run` and `metric`, as in
/// ``metric.name == 'loss' and run.hparams.lr > 1e-4``; an empty one selects all. `kind` is `AIM_QUERY_RUNS`,
/// `AIM_QUERY_METRICS`, or one of `AIM_QUERY_IMAGES`, ..., where the sequences are called `images`, ... in the expression. Rows come newest run first, then by name, then by context. The answer is a snapshot that holds
/// all that this process has tracked before, unless `aim_query_warning` says otherwise; a query that takes longer than a
/// second sees later changes of the runs that it has yet to look at. A thread with little stack is no trouble: the query
/// takes another one of 1 MiB meanwhile. On success `*query` is the caller's, to be given back with `aim_query_free`,
/// before or after the repository.
///
/// @code
/// aim_query *query = NULL;
/// if (aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &query, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_query_len(query); i++) {
///         aim_values v;
///         if (aim_query_values(query, i, &v, NULL) == AIM_OK && v.len > 0)
///             printf("%s: the last of %zu is %g\n", aim_query_run_hash(query, i), v.len, v.values[v.len - 1]);
///     }
/// aim_query_free(query);
/// @endcode
///
/// Errors: `AIM_ERR_SYNTAX`, whose message shows line, column and text, also for an attribute of `metric` or of a builtin
/// that does not exist; `AIM_ERR_INVALID_ARGUMENT`; `AIM_ERR_LIMIT` (one of the bounds in `aim_query_options` was
/// reached); `AIM_ERR_FORKED`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`. Rows on which the expression fails are left out; see
/// `aim_query_failures`. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_repo_query(const aim_repo *repo,
                          const char *expression,
                          int32_t kind,
                          aim_query **query,
                          aim_error **err);

/// As `aim_repo_query`, with options; NULL for the defaults.
///
/// @code
/// aim_query_options options = AIM_QUERY_OPTIONS_INIT;
/// aim_query *best = NULL;
/// options.order_by = "run.metrics['loss', {'subset': 'train'}].min";
/// options.limit = 10;
/// if (aim_repo_query_with(repo, "run.experiment == 'digits'", AIM_QUERY_RUNS, &options, &best, NULL) == AIM_OK)
///     printf("the best %zu\n", aim_query_len(best));
/// aim_query_free(best);
/// @endcode
///
/// Errors: as `aim_repo_query`, and `AIM_ERR_CANCELLED`. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_repo_query_with(const aim_repo *repo,
                               const char *expression,
                               int32_t kind,
                               const aim_query_options *options,
                               aim_query **query,
                               aim_error **err);

/// Asks as `aim_repo_query` and fills the caller's `struct ArrowArrayStream` (Arrow's C Stream Interface), which
/// pyarrow, polars, DuckDB and others read without copying. `kind` is `AIM_QUERY_METRICS`: a row per point with the
/// columns run, name, context (dictionary-encoded text), step, value, epoch (null for none) and time; or
/// `AIM_QUERY_RUNS`: a row per run with its properties and a column `params/…` for each param, named by its JSON
/// Pointer, typed where all values have one type, else JSON text. On success the stream is the caller's to release,
/// before or after the repository.
///
/// Errors: as `aim_repo_query`. Errors while the stream is read come through the stream. Thread-safe; the stream is
/// for one thread at a time. Since 0.1.
AIM_NODISCARD
aim_status aim_repo_query_arrow(const aim_repo *repo,
                                const char *expression,
                                int32_t kind,
                                struct ArrowArrayStream *stream,
                                aim_error **err);

/// As `aim_repo_query_arrow`, with options; NULL for the defaults. `offset`, `limit` and `order_by` are about metrics, all
/// of whose points are in the stream, or runs; `columns` leaves columns out. Batches are made as they are read, and metrics
/// are looked for as they are needed, so that a stream may hold more than memory does; bounds hold for some thousands of
/// them at a time. Of runs all are looked for at first. `progress` is told by this call; while the stream is read, whoever
/// reads it may release it.
///
/// Errors: as `aim_repo_query_with`. Thread-safe; the stream is for one thread at a time. Since 0.1.
AIM_NODISCARD
aim_status aim_repo_query_arrow_with(const aim_repo *repo,
                                     const char *expression,
                                     int32_t kind,
                                     const aim_query_options *options,
                                     struct ArrowArrayStream *stream,
                                     aim_error **err);

/// Opens a run for reading, by its hash: as a query whose one row is the run (`kind` `AIM_QUERY_RUNS`), or whose rows are
/// its metrics, by name, then by context (`AIM_QUERY_METRICS`). What this process has tracked and what dead ones left is
/// in it. On success `*query` is the caller's, to be given back with `aim_query_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe.
/// Since 0.1.
AIM_NODISCARD
aim_status aim_repo_open_run(const aim_repo *repo,
                             const char *run_hash,
                             int32_t kind,
                             aim_query **query,
                             aim_error **err);

/// Lists what runs have: `what` is one of `AIM_LIST_...`. `expression` is an AimQL expression that selects the runs; NULL:
/// every run, archived ones too. On success `*list` is the caller's, to be given back with `aim_list_free`.
///
/// @code
/// aim_list *names = NULL;
/// if (aim_repo_list(repo, AIM_LIST_METRIC_NAMES, NULL, &names, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_list_len(names); i++)
///         printf("%s: %d runs\n", aim_list_name(names, i), (int)aim_list_count(names, i));
/// aim_list_free(names);
/// @endcode
///
/// Errors: as `aim_repo_query`. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_repo_list(const aim_repo *repo,
                         int32_t what,
                         const char *expression,
                         aim_list **list,
                         aim_error **err);

/// Number of names; 0 for NULL. Since 0.1.
size_t aim_list_len(const aim_list *list);

/// Name `i`. Borrowed until the list is freed; NULL if there is no such name. Since 0.1.
const char *aim_list_name(const aim_list *list, size_t i);

/// How many runs have name `i`; 0 if there is no such name. Since 0.1.
uint64_t aim_list_count(const aim_list *list, size_t i);

/// Frees a list and the names borrowed from it. NULL is allowed. Since 0.1.
void aim_list_free(aim_list *list);

/// Reads the logs of any run of a repository; otherwise as `aim_run_read_logs`. What a dead process left is brought in
/// first.
///
/// Errors: `AIM_ERR_NOT_FOUND` for an unknown run; else as `aim_run_read_logs`. Thread-safe. Since 0.1.
aim_status aim_repo_read_logs(const aim_repo *repo,
                              const char *run_hash,
                              int32_t stream,
                              uint64_t first,
                              uint64_t count,
                              char **json,
                              aim_error **err);

/// Tells which records of a run's log are there: `*first` is the number of the first that is kept, `*end` the one
/// after the last. Both are 0 for an empty log. `stream` is one of `AIM_LOGS_...`.
///
/// Errors: as `aim_repo_read_logs`. Thread-safe. Since 0.1.
aim_status aim_repo_count_logs(const aim_repo *repo,
                               const char *run_hash,
                               int32_t stream,
                               uint64_t *first,
                               uint64_t *end,
                               aim_error **err);

/// The notes of a run as a JSON array, oldest first: objects with `number`, `text`, `created_at`, `updated_at` (seconds since
/// 1970) and `history`, an array of objects with the `time` and the `text` of each earlier text. On success `*json` is the
/// caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe.
/// Since 0.1.
aim_status aim_repo_get_notes(const aim_repo *repo,
                              const char *run_hash,
                              char **json,
                              aim_error **err);

/// Fills `*stats`, as much of it as the caller's version has.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_FORKED`, `AIM_ERR_IO`. Thread-safe. Since 0.1.
aim_status aim_repo_get_stats(const aim_repo *repo,
                              aim_repo_stats *stats,
                              aim_error **err);

/// Makes the changes to one stored run, all or none. Its status and its times stay as they are. The changes may be used
/// again.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_READ_ONLY`, `AIM_ERR_IO`, `AIM_ERR_FULL`,
/// `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
aim_status aim_repo_edit_run(const aim_repo *repo,
                             const char *run_hash,
                             const aim_edit *edit,
                             aim_error **err);

/// Makes the changes to every run that the AimQL expression selects, in one transaction: to all of them or to none; readers
/// see all or none of it. `*count`, if it is not NULL, receives the number of runs.
///
/// Errors: as `aim_repo_edit_run` and `aim_repo_query`. Thread-safe. Since 0.1.
aim_status aim_repo_edit_runs(const aim_repo *repo,
                              const char *expression,
                              const aim_edit *edit,
                              uint64_t *count,
                              aim_error **err);

/// Describes an experiment or a tag; `what` is `AIM_EXPERIMENTS` or `AIM_TAGS`. `description` and `colour`, "#" and six
/// hexadecimal digits, may be NULL or empty for none. Takes the place of what was said of it before; runs need not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (name above 4096 bytes, description above 64 KiB),
/// `AIM_ERR_READ_ONLY`, `AIM_ERR_IO`, `AIM_ERR_FULL`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
aim_status aim_repo_describe(const aim_repo *repo,
                             int32_t what,
                             const char *name,
                             const char *description,
                             const char *colour,
                             aim_error **err);

/// Renames an experiment or a tag in all runs that have it, with what is said of it, in one transaction; `what` is
/// `AIM_EXPERIMENTS` or `AIM_TAGS`. If there is one of the new name, the two become one. `*count`, if it is not NULL,
/// receives the number of runs that had it.
///
/// Errors: as `aim_repo_describe`. Thread-safe. Since 0.1.
aim_status aim_repo_rename(const aim_repo *repo,
                           int32_t what,
                           const char *from,
                           const char *to,
                           uint64_t *count,
                           aim_error **err);

/// Deletes a run with its params and points. The space is used again by what is stored later; the file does not
/// shrink.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_BUSY` (it is being written), `AIM_ERR_READ_ONLY`, `AIM_ERR_IO`,
/// `AIM_ERR_FULL`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
aim_status aim_repo_delete_run(const aim_repo *repo,
                               const char *run_hash,
                               aim_error **err);

/// Deletes every run that the AimQL expression selects, except those that are being written. Each run is deleted whole or
/// not at all. `*count` and `*busy`, if they are not NULL, receive how many are gone and how many are being written.
///
/// Errors: as `aim_repo_delete_run` and `aim_repo_query`. Thread-safe. Since 0.1.
aim_status aim_repo_delete_runs(const aim_repo *repo,
                                const char *expression,
                                uint64_t *count,
                                uint64_t *busy,
                                aim_error **err);

/// Takes a tag from all runs that have it, and forgets what is said of it. `*count`, if it is not NULL, receives the number
/// of these runs.
///
/// Errors: as `aim_repo_describe`. Thread-safe. Since 0.1.
aim_status aim_repo_delete_tag(const aim_repo *repo,
                               const char *tag,
                               uint64_t *count,
                               aim_error **err);

/// The artifacts of a run, as JSON: a list of objects, the versions of each name behind each other, then what is not summed
/// yet. Each has `name`, `version` (missing until it is summed), `type`, `path` (where it was logged), `size` in bytes, `mtime`
/// in nanoseconds since 1970-01-01 UTC, `checksum` (SHA-256 in hex, of a directory that of its list of files), `files` (how many
/// a directory has), `step`, `metadata`, `time` (when it was logged, microseconds), `aliases`, `mode` ("reference", "link",
/// "copy"), `uri` (to where it was sent), `content` (where its bytes are now), and `state`: "stored", "queued", or "failed: " and
/// why. What is not known is missing. On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
aim_status aim_repo_artifacts(const aim_repo *repo,
                              const char *run_hash,
                              char **json,
                              aim_error **err);

/// Reads the bytes of all artifacts of a run and compares them with what was recorded. `*json` is a list of objects with `name`,
/// `version`, `found` ("intact", "changed", "missing", or "unknown" for what was never summed) and, unless it is intact,
/// `detail`. On success it is the caller's, to be given back with `aim_string_free`.
///
/// Errors: as `aim_repo_artifacts`, and `AIM_ERR_IO`. Thread-safe. Since 0.1.
aim_status aim_repo_verify_artifacts(const aim_repo *repo,
                                     const char *run_hash,
                                     char **json,
                                     aim_error **err);

/// Copies an artifact into the directory `into`, which is made if it is missing, under the name that its file had. A file of
/// that name is replaced once the bytes of the new one are checked. `reference` is as for `aim_run_use_artifact`. `*path`, if
/// not NULL, is where it is then, the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_CORRUPT` (it is not what was logged: nothing is replaced), `AIM_ERR_BUSY` (it changes
/// while it is read), `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_FULL`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
aim_status aim_repo_fetch_artifact(const aim_repo *repo,
                                   const char *reference,
                                   const char *into,
                                   char **path,
                                   aim_error **err);

/// Gives a stored version one more name, "best" say, which it takes from the version that has it. `reference` is as for
/// `aim_run_use_artifact`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_READ_ONLY`, `AIM_ERR_FULL`, `AIM_ERR_FORKED`. Thread-safe.
/// Since 0.1.
aim_status aim_repo_alias_artifact(const aim_repo *repo,
                                   const char *reference,
                                   const char *alias,
                                   aim_error **err);

/// Deletes a stored version, and what the repository keeps of it; a file that it only refers to stays. Its number is not used
/// again. `reference` is as for `aim_run_use_artifact`.
///
/// Errors: as `aim_repo_alias_artifact`. Thread-safe. Since 0.1.
aim_status aim_repo_delete_artifact(const aim_repo *repo,
                                    const char *reference,
                                    aim_error **err);

/// The runs of the repository that use an artifact, in any version, or the bytes of this one under another name; as JSON, a list
/// of objects with `run` (its hash), `version` (missing for another name) and `time` (when it said so, in microseconds since
/// 1970-01-01 UTC). `reference` is as for `aim_run_use_artifact`. On success `*json` is the caller's, to be given back with
/// `aim_string_free`. All runs are looked through.
///
/// Errors: as `aim_repo_artifacts`. Thread-safe. Since 0.1.
aim_status aim_repo_artifact_users(const aim_repo *repo,
                                   const char *reference,
                                   char **json,
                                   aim_error **err);

/// Makes the data file of the repository at `repo_path` as small as what it holds: space that deleted runs and replaced
/// values left goes back to the filesystem, and that of packs to which no run refers. What dead processes left is brought in first. A new file is written beside
/// the old one and takes its place when it is whole on the disk. NULL for `repo_path`: as for `aim_repo_open`. `options`
/// and `report` may be NULL.
///
/// Errors: `AIM_ERR_BUSY` (a process has the repository open; this one too, by any handle), `AIM_ERR_NOT_FOUND`,
/// `AIM_ERR_READ_ONLY`, `AIM_ERR_FULL` (no room for the new file; the old one stays), `AIM_ERR_IO`, `AIM_ERR_CORRUPT`,
/// `AIM_ERR_UNSUPPORTED_FS`. Thread-safe. Since 0.1.
aim_status aim_repo_compact(const char *repo_path,
                            const aim_repo_options *options,
                            aim_compact_report *report,
                            aim_error **err);

/// Copies what is intact in the repository at `repo_path`, whose database cannot be opened (`AIM_ERR_CORRUPT`), into a new
/// one at `into`, and leaves the damaged one as it is. Both are directories that hold `.aim`, or will. Every row must
/// pass its checksum; a run whose record was lost comes with what else is known of it, a lost name with a stand-in.
/// Where the list of free pages was damaged, values that had been replaced or deleted may come back.
/// `options` are those of the new repository and may be NULL, as
/// `report` may.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (`into` holds a repository), `AIM_ERR_NOT_FOUND`, `AIM_ERR_BUSY` (a process
/// writes to the damaged repository), `AIM_ERR_UNSUPPORTED_VERSION` (it has a newer format), `AIM_ERR_IO`,
/// `AIM_ERR_FULL`, `AIM_ERR_UNSUPPORTED_FS`. Thread-safe. Since 0.1.
aim_status aim_repo_salvage(const char *repo_path,
                            const char *into,
                            const aim_repo_options *options,
                            aim_salvage_report *report,
                            aim_error **err);

/// Frees a repository handle; its queries stay valid. NULL is allowed. Since 0.1.
void aim_repo_free(aim_repo *repo);

/* ---- Edits ---- */

/// Begins a list of changes to stored runs, which need not be opened for it: `aim_edit_...` add to it, and
/// `aim_repo_edit_run` or `aim_repo_edit_runs` make them. On success `*edit` is the caller's, to be given back with
/// `aim_edit_free`.
///
/// @code
/// aim_edit *edit = NULL;
/// uint64_t count = 0;
/// if (aim_edit_new(&edit, NULL) == AIM_OK) {
///     aim_edit_add_tag(edit, "baseline", NULL);
///     aim_edit_add_note(edit, "before the data was cleaned", NULL);
///     aim_repo_edit_runs(repo, "run.experiment == 'digits'", edit, &count, NULL);
/// }
/// aim_edit_free(edit);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_edit_new(aim_edit **edit,
                        aim_error **err);

/// Renames the runs.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
aim_status aim_edit_set_name(const aim_edit *edit, const char *name, aim_error **err);

/// Describes the runs.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB). Thread-safe. Since 0.1.
aim_status aim_edit_set_description(const aim_edit *edit,
                                    const char *description,
                                    aim_error **err);

/// Moves the runs to another experiment.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
aim_status aim_edit_set_experiment(const aim_edit *edit,
                                   const char *experiment,
                                   aim_error **err);

/// Archives the runs or brings them back.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_edit_set_archived(const aim_edit *edit, bool archived, aim_error **err);

/// Sets a param: `key` is a top-level key or a JSON Pointer with its leading '/'; `json` its value.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`. Thread-safe. Since 0.1.
aim_status aim_edit_set_param(const aim_edit *edit,
                              const char *key,
                              const char *json,
                              aim_error **err);

/// Replaces the text of the note with this number; the one before stays in its history. A run without it makes the
/// whole edit fail with `AIM_ERR_NOT_FOUND`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB). Thread-safe. Since 0.1.
aim_status aim_edit_set_note(const aim_edit *edit,
                             int32_t number,
                             const char *text,
                             aim_error **err);

/// Adds a tag; nothing happens to runs that have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
aim_status aim_edit_add_tag(const aim_edit *edit, const char *tag, aim_error **err);

/// Removes a tag; nothing happens to runs that do not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 4096 bytes). Thread-safe. Since 0.1.
aim_status aim_edit_remove_tag(const aim_edit *edit, const char *tag, aim_error **err);

/// Deletes a param with all below it; nothing happens to runs that do not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`. Thread-safe. Since 0.1.
aim_status aim_edit_delete_param(const aim_edit *edit, const char *key, aim_error **err);

/// Adds a note, with the present time.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT` (above 64 KiB). Thread-safe. Since 0.1.
aim_status aim_edit_add_note(const aim_edit *edit, const char *text, aim_error **err);

/// Deletes the note with this number. A run without it makes the whole edit fail with `AIM_ERR_NOT_FOUND`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_edit_delete_note(const aim_edit *edit, int32_t number, aim_error **err);

/// Deletes a metric with all its points. `context` is a JSON object; NULL: in every context. Nothing happens to runs that
/// do not have it.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_LIMIT`. Thread-safe. Since 0.1.
aim_status aim_edit_drop_metric(const aim_edit *edit,
                                const char *name,
                                const char *context,
                                aim_error **err);

/// Frees a list of changes. NULL is allowed. Since 0.1.
void aim_edit_free(aim_edit *edit);

/* ---- Queries ---- */

/// Number of rows; 0 for NULL. Since 0.1.
size_t aim_query_len(const aim_query *query);

/// Hash of the run of row `i`. Borrowed until the query is freed; NULL if there is no such row. Since 0.1.
const char *aim_query_run_hash(const aim_query *query, size_t i);

/// A property of the run of row `i` that is a number, without JSON: into `*value`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
aim_status aim_query_run_property_double(const aim_query *query,
                                         size_t i,
                                         const char *name,
                                         double *value,
                                         aim_error **err);

/// A property of the run of row `i` that is an integer, without JSON: into `*value`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
aim_status aim_query_run_property_int64(const aim_query *query,
                                        size_t i,
                                        const char *name,
                                        int64_t *value,
                                        aim_error **err);

/// A property of the run of row `i` that is true or false, without JSON: into `*value`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
aim_status aim_query_run_property_bool(const aim_query *query,
                                       size_t i,
                                       const char *name,
                                       bool *value,
                                       aim_error **err);

/// A property of the run of row `i` that is a string, without JSON: into `*value`; the string is the caller's, to be given back with `aim_string_free`. `name` is one of the keys of
/// `aim_query_run_properties`.
///
/// Errors: `AIM_ERR_TYPE` if it is something else, `AIM_ERR_NOT_FOUND` if it is null; else as `aim_query_run_properties`.
/// Thread-safe. Since 0.1.
aim_status aim_query_run_property_string(const aim_query *query,
                                         size_t i,
                                         const char *name,
                                         char **value,
                                         aim_error **err);

/// Properties of the run of row `i` as a JSON object: hash, name, description, experiment, tags, archived, status
/// ("running", "finished", "failed", "interrupted" or "crashed"), created_at and finalized_at (seconds since 1970-01-01 UTC;
/// null while running), exit_code and signal (null where none is known), and run_id (null, or the text that its creator chose). On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: as `aim_query_run_param`. Thread-safe. Since 0.1.
aim_status aim_query_run_properties(const aim_query *query,
                                    size_t i,
                                    char **json,
                                    aim_error **err);

/// A param of the run of row `i` as JSON, NaN and infinities as the query's options say (null by default): `key` is a top-level key, a JSON Pointer with its leading '/', or NULL for
/// all params. On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_NOT_FOUND`, `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`. Thread-safe. Since 0.1.
aim_status aim_query_run_param(const aim_query *query,
                               size_t i,
                               const char *key,
                               char **json,
                               aim_error **err);

/// As `aim_query_run_param`, with a choice of how NaN and infinities are written, whatever the query's options say.
///
/// Errors: as `aim_query_run_param`. Thread-safe. Since 0.1.
aim_status aim_query_run_param_json(const aim_query *query,
                                    size_t i,
                                    const char *key,
                                    int32_t json_numbers,
                                    char **json,
                                    aim_error **err);

/// A param of the run of row `i` that is true or false, without JSON: into `*value`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
aim_status aim_query_run_param_bool(const aim_query *query,
                                    size_t i,
                                    const char *key,
                                    bool *value,
                                    aim_error **err);

/// A param of the run of row `i` that is an integer, without JSON: into `*value`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
aim_status aim_query_run_param_int64(const aim_query *query,
                                     size_t i,
                                     const char *key,
                                     int64_t *value,
                                     aim_error **err);

/// A param of the run of row `i` that is a number, without JSON: into `*value`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// @code
/// aim_query *runs = NULL;
/// double lr;
/// if (aim_repo_query(repo, "", AIM_QUERY_RUNS, &runs, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_query_len(runs); i++)
///         if (aim_query_run_param_double(runs, i, "/hparams/lr", &lr, NULL) == AIM_OK)
///             printf("%s: %g\n", aim_query_run_hash(runs, i), lr);
/// aim_query_free(runs);
/// @endcode
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
aim_status aim_query_run_param_double(const aim_query *query,
                                      size_t i,
                                      const char *key,
                                      double *value,
                                      aim_error **err);

/// A param of the run of row `i` that is a string, without JSON: into `*value`; the string is the caller's, to be given back with `aim_string_free`. `key` is a top-level key or a JSON Pointer
/// with its leading '/'.
///
/// Errors: `AIM_ERR_TYPE` if it is something else; else as `aim_query_run_param`. Thread-safe. Since 0.1.
aim_status aim_query_run_param_string(const aim_query *query,
                                      size_t i,
                                      const char *key,
                                      char **value,
                                      aim_error **err);

/// Name of the metric, or the sequence of objects, of row `i`. Borrowed until the query is freed; NULL if there is no such row or the query is for
/// runs. Since 0.1.
const char *aim_query_metric_name(const aim_query *query,
                                  size_t i);

/// Context of the metric, or the sequence of objects, of row `i` as JSON with sorted keys, NaN and infinities as the query's options say. Borrowed until the query is freed; NULL if there is no
/// such row or the query is for runs. Since 0.1.
const char *aim_query_metric_context(const aim_query *query,
                                     size_t i);

/// Aggregates of the metric of row `i`, as of the query; no points are read.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or a query for runs). Thread-safe. Since 0.1.
aim_status aim_query_metric_info(const aim_query *query, size_t i, aim_metric_info *info, aim_error **err);

/// Points of the metric of row `i`, as they are at the first such call for the row. The columns are borrowed until
/// the query is freed.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or a query for runs), `AIM_ERR_CORRUPT`, `AIM_ERR_IO`.
/// Thread-safe. Since 0.1.
aim_status aim_query_values(const aim_query *query,
                            size_t i,
                            aim_values *values,
                            aim_error **err);

/// Reads at most `points` points of the metric of row `i`, for plots; all, if it has no more. `method` is
/// `AIM_SAMPLE_STRIDE` or `AIM_SAMPLE_MIN_MAX`. Memory grows with the sample, not with the metric. On success
/// `*sample` is the caller's, to be given back with `aim_sample_free`.
///
/// @code
/// aim_query *query = NULL;
/// if (aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &query, NULL) == AIM_OK) {
///     aim_sample *sample = NULL;
///     aim_values points;
///     if (aim_query_sample(query, 0, 500, AIM_SAMPLE_MIN_MAX, &sample, NULL) == AIM_OK &&
///         aim_sample_values(sample, &points, NULL) == AIM_OK)
///         printf("%zu points for a plot\n", points.len);
///     aim_sample_free(sample);
/// }
/// aim_query_free(query);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, a query for runs, `points` below 4, unknown method),
/// `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_query_sample(const aim_query *query,
                            size_t i,
                            size_t points,
                            int32_t method,
                            aim_sample **sample,
                            aim_error **err);

/// The sample's columns, borrowed until the sample is freed.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_sample_values(const aim_sample *sample, aim_values *values, aim_error **err);

/// Frees a sample. NULL is allowed. Since 0.1.
void aim_sample_free(aim_sample *sample);

/// What is known of the sequence of objects of row `i`, as of the query; no points are read.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or not a query for objects). Thread-safe. Since 0.1.
aim_status aim_query_sequence_info(const aim_query *query,
                                   size_t i,
                                   aim_sequence_info *info,
                                   aim_error **err);

/// Objects of row `i`, as they are now, in the order of steps and indices; their bytes are read when they are asked for.
/// `range` may be NULL: all. On success `*objects` is the caller's, to be given back with `aim_objects_free`, before or after
/// the query.
///
/// @code
/// aim_query *query = NULL;
/// if (aim_repo_query(repo, "images.name == 'samples'", AIM_QUERY_IMAGES, &query, NULL) == AIM_OK)
///     for (size_t i = 0; i < aim_query_len(query); i++) {
///         aim_objects *images = NULL;
///         const uint8_t *bytes = NULL;
///         size_t size = 0;
///         if (aim_query_objects(query, i, NULL, &images, NULL) == AIM_OK &&
///             aim_objects_data(images, 0, &bytes, &size, NULL) == AIM_OK)
///             printf("%zu bytes of PNG\n", size);
///         aim_objects_free(images);
///     }
/// aim_query_free(query);
/// @endcode
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT` (no such row, or not a query for objects), `AIM_ERR_NOT_FOUND` (the run was deleted),
/// `AIM_ERR_CORRUPT`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_query_objects(const aim_query *query,
                             size_t i,
                             const aim_range *range,
                             aim_objects **objects,
                             aim_error **err);

/// A table of the query's runs as a JSON array, newest first, one object each: the properties of
/// `aim_query_run_properties`, `params` by JSON Pointer, and `metrics`, an array of objects with name, context, last,
/// last_step, min, max and count; NaN and infinities as the query's options say. On success `*json` is the caller's, to be given back with `aim_string_free`.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_CORRUPT`, `AIM_ERR_IO`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
aim_status aim_query_table(const aim_query *query,
                           char **json,
                           aim_error **err);

/// How many rows the expression failed on; they are not among the results. If there are any and `reason` is not NULL,
/// `*reason` says why the first one failed, and is the caller's, to be given back with `aim_string_free`; else it is
/// set to NULL.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_query_failures(const aim_query *query,
                              uint64_t *count,
                              char **reason,
                              aim_error **err);

/// What is to be said of the answer: a text for people, a line for each thing, or NULL if there is nothing. It names
/// what the answer misses, since values that could not be committed (a full disk, say) wait in journals, which a query
/// does not read; and each param that the expression names and no run has, which is misspelt, as a rule. Borrowed until
/// the query is freed. Thread-safe. Since 0.1.
const char *aim_query_warning(const aim_query *query);

/// Explains how a query would be answered: which conditions the indexes answer and with how many runs, and how many
/// runs the expression is evaluated on. The query itself is not run. On success `*plan` is text for people, the
/// caller's, to be given back with `aim_string_free`.
///
/// Errors: as `aim_repo_query`. Thread-safe. Since 0.1.
aim_status aim_query_explain(const aim_repo *repo,
                             const char *expression,
                             char **plan,
                             aim_error **err);

/// Begins a query whose answer comes in parts, for answers that are larger than memory: `aim_cursor_next` gives one part
/// after the other. `kind` is as for `aim_repo_query`; `options` may be NULL, and their bounds hold for each part. What
/// `progress_userdata` points to must stay until the cursor is freed. On success `*cursor` is the caller's, to be given back
/// with `aim_cursor_free`, before or after the repository.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`, `AIM_ERR_FORKED`; what is wrong with the expression `aim_cursor_next` tells.
/// Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_cursor_open(const aim_repo *repo,
                           const char *expression,
                           int32_t kind,
                           const aim_query_options *options,
                           aim_cursor **cursor,
                           aim_error **err);

/// Looks for the next rows, some thousands of them, as they are now; all rows of one run are in one part, unless
/// `order_by` parts them. `*query` receives them, the caller's as after `aim_repo_query`, or NULL after the last ones. The
/// first part may be empty. Runs that are newer than those that were read are not in the answer. With `order_by` the first
/// call looks for all rows.
///
/// @code
/// aim_cursor *cursor = NULL;
/// aim_query *part = NULL;
/// if (aim_cursor_open(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, NULL, &cursor, NULL) == AIM_OK)
///     while (aim_cursor_next(cursor, &part, NULL) == AIM_OK && part != NULL) {
///         printf("%zu metrics\n", aim_query_len(part));
///         aim_query_free(part);
///     }
/// aim_cursor_free(cursor);
/// @endcode
///
/// Errors: as `aim_repo_query`, `AIM_ERR_CANCELLED`, and `AIM_ERR_BUSY` while another thread waits for this cursor; there is nothing more then. Thread-safe. Since 0.1.
AIM_NODISCARD
aim_status aim_cursor_next(const aim_cursor *cursor,
                           aim_query **query,
                           aim_error **err);

/// Frees a cursor; the parts that it gave stay valid. NULL is allowed. Since 0.1.
void aim_cursor_free(aim_cursor *cursor);

/// Frees a query and all that was borrowed from it. NULL is allowed. Since 0.1.
void aim_query_free(aim_query *query);

/* ---- Objects ---- */

/// Number of objects; 0 for NULL. Since 0.1.
size_t aim_objects_len(const aim_objects *objects);

/// What is known of object `k`; its bytes are not read.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`. Thread-safe. Since 0.1.
aim_status aim_objects_info(const aim_objects *objects, size_t k, aim_object_info *info, aim_error **err);

/// The bytes of object `k`, checked: read once, then borrowed until the objects are freed. `*size` receives how many they are.
///
/// Errors: `AIM_ERR_INVALID_ARGUMENT`; `AIM_ERR_CORRUPT` if they are not what was tracked; `AIM_ERR_NOT_FOUND` if they were
/// deleted meanwhile; `AIM_ERR_IO`, `AIM_ERR_LIMIT`, `AIM_ERR_FORKED`. Thread-safe. Since 0.1.
aim_status aim_objects_data(const aim_objects *objects,
                            size_t k,
                            const uint8_t **data,
                            size_t *size,
                            aim_error **err);

/// Object `k` as a distribution; its columns are borrowed until the objects are freed.
///
/// Errors: as `aim_objects_data`; `AIM_ERR_TYPE` if it is none. Thread-safe. Since 0.1.
aim_status aim_objects_distribution(const aim_objects *objects,
                                    size_t k,
                                    aim_distribution *distribution,
                                    aim_error **err);

/// Frees objects and all that was borrowed from them. NULL is allowed. Since 0.1.
void aim_objects_free(aim_objects *objects);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* AIM_H */
