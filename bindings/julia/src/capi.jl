# The C API, one to one. Generated from include/aim.h by raw/generate.jl; do not edit.

const AIM_VERSION = "0.1.0"
const AIM_VERSION_MAJOR = Int32(0)
const AIM_VERSION_MINOR = Int32(1)
const AIM_VERSION_PATCH = Int32(0)
const AIM_HAS_OUTCOME = Int32(1)
const AIM_HAS_BACKFILL = Int32(1)
const AIM_HAS_REWIND = Int32(1)
const AIM_HAS_RUN_ID = Int32(1)
const AIM_HAS_EDIT = Int32(1)
const AIM_HAS_OBJECTS = Int32(1)
const AIM_HAS_ARTIFACTS = Int32(1)
const AIM_HAS_WAIT = Int32(1)
const AIM_HAS_COMPACT = Int32(1)
const AIM_HAS_MODE = Int32(1)
const AIM_HAS_ORDER = Int32(1)
const AIM_HAS_CURSOR = Int32(1)
const AIM_ARTIFACT_REFERENCE = Int32(0)
const AIM_ARTIFACT_LINK = Int32(1)
const AIM_ARTIFACT_COPY = Int32(2)
const AIM_EXPERIMENTS = Int32(0)
const AIM_TAGS = Int32(1)
const AIM_JSON_NULL = Int32(0)
const AIM_JSON_STRINGS = Int32(1)
const AIM_JSON_WORDS = Int32(2)
const AIM_LIST_EXPERIMENTS = Int32(0)
const AIM_LIST_TAGS = Int32(1)
const AIM_LIST_METRIC_NAMES = Int32(2)
const AIM_LIST_CONTEXTS = Int32(3)
const AIM_LIST_PARAM_KEYS = Int32(4)
const AIM_LOG_DEBUG = Int32(10)
const AIM_LOG_INFO = Int32(20)
const AIM_LOG_WARNING = Int32(30)
const AIM_LOG_ERROR = Int32(40)
const AIM_LOG_CRITICAL = Int32(50)
const AIM_LOGS_RECORDS = Int32(0)
const AIM_LOGS_TERMINAL = Int32(1)
const AIM_STEP_AUTO = typemin(Int64)
const AIM_EPOCH_NONE = typemin(Int64)
const AIM_QUERY_IMAGES = Int32(3)
const AIM_QUERY_TEXTS = Int32(4)
const AIM_QUERY_AUDIOS = Int32(5)
const AIM_QUERY_DISTRIBUTIONS = Int32(6)
const AIM_QUERY_FIGURES = Int32(7)
const AIM_QUERY_VIDEOS = Int32(8)
const AIM_QUERY_TABLES = Int32(9)
const AIM_QUERY_ARRAYS = Int32(10)
const AIM_U8 = Int32(1)
const AIM_U16 = Int32(2)
const AIM_I8 = Int32(3)
const AIM_I16 = Int32(4)
const AIM_I32 = Int32(5)
const AIM_I64 = Int32(6)
const AIM_F16 = Int32(7)
const AIM_BF16 = Int32(8)
const AIM_F32 = Int32(9)
const AIM_F64 = Int32(10)
const AIM_U32 = Int32(11)
const AIM_U64 = Int32(12)
const AIM_BOOL = Int32(13)
const AIM_MODE_AS_SET = Int32(0)
const AIM_MODE_ENABLED = Int32(1)
const AIM_MODE_DISABLED = Int32(2)
const AIM_OPEN_OR_CREATE = Int32(0)
const AIM_CREATE = Int32(1)
const AIM_OPEN = Int32(2)
const AIM_RUN_RUNNING = Int32(0)
const AIM_RUN_FINISHED = Int32(1)
const AIM_RUN_CRASHED = Int32(2)
const AIM_RUN_FAILED = Int32(3)
const AIM_RUN_INTERRUPTED = Int32(4)
const AIM_QUERY_RUNS = Int32(1)
const AIM_QUERY_METRICS = Int32(2)
const AIM_SAMPLE_STRIDE = Int32(1)
const AIM_SAMPLE_MIN_MAX = Int32(2)
const AIM_OK = Int32(0)
const AIM_ERR_INVALID_ARGUMENT = Int32(1)
const AIM_ERR_CLOSED = Int32(2)
const AIM_ERR_NOT_FOUND = Int32(3)
const AIM_ERR_FORKED = Int32(4)
const AIM_ERR_PANIC = Int32(5)
const AIM_ERR_IO = Int32(6)
const AIM_ERR_FULL = Int32(7)
const AIM_ERR_UNSUPPORTED_FS = Int32(8)
const AIM_ERR_CORRUPT = Int32(9)
const AIM_ERR_UNSUPPORTED_VERSION = Int32(10)
const AIM_ERR_BUSY = Int32(11)
const AIM_ERR_SYNTAX = Int32(12)
const AIM_ERR_CANCELLED = Int32(13)
const AIM_ERR_LIMIT = Int32(14)
const AIM_ERR_TYPE = Int32(15)
const AIM_ERR_READ_ONLY = Int32(16)
const AIM_ERR_EXISTS = Int32(17)
const AIM_ERR_TIMEOUT = Int32(18)
const AIM_ERR_UNSUPPORTED = Int32(19)

mutable struct aim_cursor end
mutable struct aim_edit end
mutable struct aim_error end
mutable struct aim_list end
mutable struct aim_metric end
mutable struct aim_objects end
mutable struct aim_query end
mutable struct aim_repo end
mutable struct aim_run end
mutable struct aim_sample end
mutable struct aim_sequence end

const aim_status = Int32
const aim_query_progress = Ptr{Cvoid}
const aim_log_callback = Ptr{Cvoid}
const aim_release = Ptr{Cvoid}

struct aim_artifact_options
    struct_size::Csize_t
    path::Cstring
    name::Cstring
    kind::Cstring
    metadata::Cstring
    aliases::Cstring
    step::Int64
    mode::Int32
    no_checksum::Int32
    wait::Int32
end
aim_artifact_options(; path=C_NULL, name=C_NULL, kind=C_NULL, metadata=C_NULL, aliases=C_NULL, step=AIM_STEP_AUTO,
                       mode=AIM_ARTIFACT_REFERENCE, no_checksum=0, wait=0) =
    aim_artifact_options(sizeof(aim_artifact_options), path, name, kind, metadata, aliases, step, mode, no_checksum,
                         wait)

struct aim_repo_options
    struct_size::Csize_t
    map_size::UInt64
    flush_interval::Cdouble
    journal_size::UInt64
    allow_network_fs::Bool
    any_owner::UInt64
end
aim_repo_options(; map_size=0, flush_interval=0.0, journal_size=0, allow_network_fs=false, any_owner=0) =
    aim_repo_options(sizeof(aim_repo_options), map_size, flush_interval, journal_size, allow_network_fs, any_owner)

struct aim_compact_report
    struct_size::Csize_t
    bytes_before::UInt64
    bytes_after::UInt64
    forgotten::UInt64
end
aim_compact_report(; bytes_before=0, bytes_after=0, forgotten=0) =
    aim_compact_report(sizeof(aim_compact_report), bytes_before, bytes_after, forgotten)

struct aim_query_options
    struct_size::Csize_t
    offset::UInt64
    limit::UInt64
    progress::aim_query_progress
    progress_userdata::Ptr{Cvoid}
    no_index::Bool
    timeout::Cdouble
    max_steps::UInt64
    max_row_steps::UInt64
    max_row_memory::UInt64
    max_rows::UInt64
    max_memory::UInt64
    json::Int32
    order_by::Cstring
    descending::Bool
    columns::Ptr{Cstring}
    columns_len::Csize_t
end
aim_query_options(; offset=0, limit=0, progress=C_NULL, progress_userdata=C_NULL, no_index=false, timeout=0.0,
                    max_steps=0, max_row_steps=0, max_row_memory=0, max_rows=0, max_memory=0, json=0, order_by=C_NULL,
                    descending=false, columns=C_NULL, columns_len=0) =
    aim_query_options(sizeof(aim_query_options), offset, limit, progress, progress_userdata, no_index, timeout,
                      max_steps, max_row_steps, max_row_memory, max_rows, max_memory, json, order_by, descending,
                      columns, columns_len)

struct aim_array
    struct_size::Csize_t
    data::Ptr{Cvoid}
    dtype::Int32
    ndim::UInt32
    shape::Ptr{UInt64}
    strides::Ptr{Int64}
    caption::Cstring
    meta::Cstring
    release::aim_release
    release_userdata::Ptr{Cvoid}
end
aim_array(; data=C_NULL, dtype=AIM_F32, ndim=0, shape=C_NULL, strides=C_NULL, caption=C_NULL, meta=C_NULL,
            release=C_NULL, release_userdata=C_NULL) =
    aim_array(sizeof(aim_array), data, dtype, ndim, shape, strides, caption, meta, release, release_userdata)

struct aim_distribution
    struct_size::Csize_t
    weights::Ptr{Cdouble}
    bins::Csize_t
    edges::Ptr{Cdouble}
    low::Cdouble
    high::Cdouble
    nans::UInt64
    infinities::UInt64
    count::Cdouble
    sum::Cdouble
    sum_squares::Cdouble
    min::Cdouble
    max::Cdouble
end
aim_distribution(; weights=C_NULL, bins=0, edges=C_NULL, low=0.0, high=0.0, nans=0, infinities=0, count=0.0, sum=0.0,
                   sum_squares=0.0, min=0.0, max=0.0) =
    aim_distribution(sizeof(aim_distribution), weights, bins, edges, low, high, nans, infinities, count, sum,
                     sum_squares, min, max)

struct aim_object
    struct_size::Csize_t
    data::Ptr{Cvoid}
    size::Csize_t
    format::Cstring
    caption::Cstring
    meta::Cstring
    release::aim_release
    release_userdata::Ptr{Cvoid}
end
aim_object(; data=C_NULL, size=0, format=C_NULL, caption=C_NULL, meta=C_NULL, release=C_NULL, release_userdata=C_NULL) =
    aim_object(sizeof(aim_object), data, size, format, caption, meta, release, release_userdata)

struct aim_pixels
    struct_size::Csize_t
    data::Ptr{Cvoid}
    width::UInt32
    height::UInt32
    channels::UInt32
    dtype::Int32
    planar::Int32
    row_stride::Int64
    low::Cdouble
    high::Cdouble
    caption::Cstring
    meta::Cstring
    release::aim_release
    release_userdata::Ptr{Cvoid}
end
aim_pixels(; data=C_NULL, width=0, height=0, channels=3, dtype=AIM_U8, planar=0, row_stride=0, low=0.0, high=0.0,
             caption=C_NULL, meta=C_NULL, release=C_NULL, release_userdata=C_NULL) =
    aim_pixels(sizeof(aim_pixels), data, width, height, channels, dtype, planar, row_stride, low, high, caption, meta,
               release, release_userdata)

struct aim_sequence_info
    struct_size::Csize_t
    count::UInt64
    first_step::Int64
    last_step::Int64
    longest::UInt32
end
aim_sequence_info(; count=0, first_step=0, last_step=0, longest=0) =
    aim_sequence_info(sizeof(aim_sequence_info), count, first_step, last_step, longest)

struct aim_range
    struct_size::Csize_t
    first_step::Int64
    end_step::Int64
    points::Csize_t
    first_index::UInt32
    end_index::UInt32
    objects::Csize_t
end
aim_range(; first_step=typemin(Int64), end_step=typemax(Int64), points=0, first_index=0, end_index=typemax(UInt32),
            objects=0) =
    aim_range(sizeof(aim_range), first_step, end_step, points, first_index, end_index, objects)

struct aim_object_info
    struct_size::Csize_t
    step::Int64
    epoch::Int64
    time::Cdouble
    index::UInt32
    width::UInt32
    height::UInt32
    size::UInt64
    format::Cstring
    caption::Cstring
    meta::Cstring
end
aim_object_info(; step=0, epoch=0, time=0.0, index=0, width=0, height=0, size=0, format=C_NULL, caption=C_NULL,
                  meta=C_NULL) =
    aim_object_info(sizeof(aim_object_info), step, epoch, time, index, width, height, size, format, caption, meta)

struct aim_samples
    struct_size::Csize_t
    data::Ptr{Cvoid}
    frames::UInt64
    channels::UInt32
    rate::UInt32
    dtype::Int32
    caption::Cstring
    meta::Cstring
    release::aim_release
    release_userdata::Ptr{Cvoid}
end
aim_samples(; data=C_NULL, frames=0, channels=1, rate=0, dtype=AIM_F32, caption=C_NULL, meta=C_NULL, release=C_NULL,
              release_userdata=C_NULL) =
    aim_samples(sizeof(aim_samples), data, frames, channels, rate, dtype, caption, meta, release, release_userdata)

struct aim_outcome
    struct_size::Csize_t
    status::Int32
    has_exit_code::Bool
    exit_code::Int32
    signal::Int32
    finalized_at::Cdouble
end
aim_outcome(; status=0, has_exit_code=false, exit_code=0, signal=0, finalized_at=0.0) =
    aim_outcome(sizeof(aim_outcome), status, has_exit_code, exit_code, signal, finalized_at)

struct aim_metric_info
    count::UInt64
    first_step::Int64
    last_step::Int64
    first::Cdouble
    last::Cdouble
    min::Cdouble
    max::Cdouble
end

struct aim_values
    len::Csize_t
    steps::Ptr{Int64}
    values::Ptr{Cdouble}
    epochs::Ptr{Int64}
    times::Ptr{Cdouble}
end

struct aim_repo_stats
    struct_size::Csize_t
    runs::UInt64
    file_bytes::UInt64
    used_bytes::UInt64
    journal_slots::UInt64
    journal_used::UInt64
    journal_records::UInt64
    commits::UInt64
    commit_failures::UInt64
    waits::UInt64
    wait_nanoseconds::UInt64
    set_aside::UInt64
    encoding::UInt64
    encode_waits::UInt64
    encode_wait_nanoseconds::UInt64
    encode_failures::UInt64
end
aim_repo_stats(; runs=0, file_bytes=0, used_bytes=0, journal_slots=0, journal_used=0, journal_records=0, commits=0,
                 commit_failures=0, waits=0, wait_nanoseconds=0, set_aside=0, encoding=0, encode_waits=0,
                 encode_wait_nanoseconds=0, encode_failures=0) =
    aim_repo_stats(sizeof(aim_repo_stats), runs, file_bytes, used_bytes, journal_slots, journal_used, journal_records,
                   commits, commit_failures, waits, wait_nanoseconds, set_aside, encoding, encode_waits,
                   encode_wait_nanoseconds, encode_failures)

struct aim_run_options
    struct_size::Csize_t
    repo::Cstring
    experiment::Cstring
    run_hash::Cstring
    repo_options::Ptr{aim_repo_options}
    system_tracking_interval::Cdouble
    system_tracking_group::Cstring
    log_system_params::Bool
    mask_names::Cstring
    capture_terminal_logs::Bool
    env_names::Cstring
    run_id::Cstring
    run_id_mode::Int32
    new_hash::Cstring
    created_at::Cdouble
    no_lease::Bool
    resume::Bool
    resume_step::Int64
    system_tracking_children::Bool
    mode::Int32
end
aim_run_options(; repo=C_NULL, experiment=C_NULL, run_hash=C_NULL, repo_options=C_NULL, system_tracking_interval=0.0,
                  system_tracking_group=C_NULL, log_system_params=false, mask_names=C_NULL,
                  capture_terminal_logs=false, env_names=C_NULL, run_id=C_NULL, run_id_mode=0, new_hash=C_NULL,
                  created_at=0.0, no_lease=false, resume=false, resume_step=0, system_tracking_children=false, mode=0) =
    aim_run_options(sizeof(aim_run_options), repo, experiment, run_hash, repo_options, system_tracking_interval,
                    system_tracking_group, log_system_params, mask_names, capture_terminal_logs, env_names, run_id,
                    run_id_mode, new_hash, created_at, no_lease, resume, resume_step, system_tracking_children, mode)

struct aim_salvage_report
    struct_size::Csize_t
    runs::UInt64
    metrics::UInt64
    points::UInt64
    lost_pages::UInt64
    lost_rows::UInt64
    uncounted::UInt64
end
aim_salvage_report(; runs=0, metrics=0, points=0, lost_pages=0, lost_rows=0, uncounted=0) =
    aim_salvage_report(sizeof(aim_salvage_report), runs, metrics, points, lost_pages, lost_rows, uncounted)

@inline aim_version() =
    ccall((:aim_version, libaim), Cstring, ())

@inline aim_has(part) =
    ccall((:aim_has, libaim), Bool, (Cstring,), part)

@inline aim_set_log_callback(level, callback, userdata) =
    ccall((:aim_set_log_callback, libaim), Cvoid, (Int32, aim_log_callback, Ptr{Cvoid}), level, callback, userdata)

@inline aim_string_free(string) =
    ccall((:aim_string_free, libaim), Cvoid, (Cstring,), string)

@inline aim_bytes_free(data, size) =
    ccall((:aim_bytes_free, libaim), Cvoid, (Ptr{UInt8}, Csize_t), data, size)

@inline aim_error_code(error) =
    ccall((:aim_error_code, libaim), aim_status, (Ptr{aim_error},), error)

@inline aim_error_message(error) =
    ccall((:aim_error_message, libaim), Cstring, (Ptr{aim_error},), error)

@inline aim_status_text(status) =
    ccall((:aim_status_text, libaim), Cstring, (aim_status,), status)

@inline aim_error_free(error) =
    ccall((:aim_error_free, libaim), Cvoid, (Ptr{aim_error},), error)

@inline aim_run_new(options, run, err) =
    ccall((:aim_run_new, libaim), aim_status, (Ptr{aim_run_options}, Ptr{Ptr{aim_run}}, Ptr{Ptr{aim_error}}), options,
          run, err)

@inline aim_run_hash(run) =
    ccall((:aim_run_hash, libaim), Cstring, (Ptr{aim_run},), run)

@inline aim_run_track(run, name, value, step, epoch, context, err) =
    ccall((:aim_run_track, libaim), aim_status, (Ptr{aim_run}, Cstring, Cdouble, Int64, Int64, Cstring,
          Ptr{Ptr{aim_error}}), run, name, value, step, epoch, context, err)

@inline aim_run_metric(run, name, context, metric, err) =
    ccall((:aim_run_metric, libaim), aim_status, (Ptr{aim_run}, Cstring, Cstring, Ptr{Ptr{aim_metric}},
          Ptr{Ptr{aim_error}}), run, name, context, metric, err)

@inline aim_run_sequence(run, kind, name, context, sequence, err) =
    ccall((:aim_run_sequence, libaim), aim_status, (Ptr{aim_run}, Int32, Cstring, Cstring, Ptr{Ptr{aim_sequence}},
          Ptr{Ptr{aim_error}}), run, kind, name, context, sequence, err)

@inline aim_run_rewind(run, step, names, n, dropped, err) =
    ccall((:aim_run_rewind, libaim), aim_status, (Ptr{aim_run}, Int64, Ptr{Cstring}, Csize_t, Ptr{UInt64},
          Ptr{Ptr{aim_error}}), run, step, names, n, dropped, err)

@inline aim_run_set_param(run, key, json, err) =
    ccall((:aim_run_set_param, libaim), aim_status, (Ptr{aim_run}, Cstring, Cstring, Ptr{Ptr{aim_error}}), run, key,
          json, err)

@inline aim_run_set_param_int64(run, key, value, err) =
    ccall((:aim_run_set_param_int64, libaim), aim_status, (Ptr{aim_run}, Cstring, Int64, Ptr{Ptr{aim_error}}), run,
          key, value, err)

@inline aim_run_set_param_double(run, key, value, err) =
    ccall((:aim_run_set_param_double, libaim), aim_status, (Ptr{aim_run}, Cstring, Cdouble, Ptr{Ptr{aim_error}}), run,
          key, value, err)

@inline aim_run_set_param_bool(run, key, value, err) =
    ccall((:aim_run_set_param_bool, libaim), aim_status, (Ptr{aim_run}, Cstring, Bool, Ptr{Ptr{aim_error}}), run, key,
          value, err)

@inline aim_run_set_param_string(run, key, value, err) =
    ccall((:aim_run_set_param_string, libaim), aim_status, (Ptr{aim_run}, Cstring, Cstring, Ptr{Ptr{aim_error}}), run,
          key, value, err)

@inline aim_run_set_param_bytes(run, key, data, size, err) =
    ccall((:aim_run_set_param_bytes, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{UInt8}, Csize_t,
          Ptr{Ptr{aim_error}}), run, key, data, size, err)

@inline aim_run_set_param_null(run, key, err) =
    ccall((:aim_run_set_param_null, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, key, err)

@inline aim_run_delete_param(run, key, err) =
    ccall((:aim_run_delete_param, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, key, err)

@inline aim_run_get_param(run, key, json, err) =
    ccall((:aim_run_get_param, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Cstring}, Ptr{Ptr{aim_error}}), run,
          key, json, err)

@inline aim_run_get_param_json(run, key, json_numbers, json, err) =
    ccall((:aim_run_get_param_json, libaim), aim_status, (Ptr{aim_run}, Cstring, Int32, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), run, key, json_numbers, json, err)

@inline aim_run_get_param_bool(run, key, value, err) =
    ccall((:aim_run_get_param_bool, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Bool}, Ptr{Ptr{aim_error}}), run,
          key, value, err)

@inline aim_run_get_param_int64(run, key, value, err) =
    ccall((:aim_run_get_param_int64, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Int64}, Ptr{Ptr{aim_error}}),
          run, key, value, err)

@inline aim_run_get_param_double(run, key, value, err) =
    ccall((:aim_run_get_param_double, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Cdouble}, Ptr{Ptr{aim_error}}),
          run, key, value, err)

@inline aim_run_get_param_string(run, key, value, err) =
    ccall((:aim_run_get_param_string, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Cstring}, Ptr{Ptr{aim_error}}),
          run, key, value, err)

@inline aim_run_get_param_bytes(run, key, data, size, err) =
    ccall((:aim_run_get_param_bytes, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{UInt8}}, Ptr{Csize_t},
          Ptr{Ptr{aim_error}}), run, key, data, size, err)

@inline aim_run_set_name(run, name, err) =
    ccall((:aim_run_set_name, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, name, err)

@inline aim_run_get_name(run, name, err) =
    ccall((:aim_run_get_name, libaim), aim_status, (Ptr{aim_run}, Ptr{Cstring}, Ptr{Ptr{aim_error}}), run, name, err)

@inline aim_run_set_description(run, description, err) =
    ccall((:aim_run_set_description, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run,
          description, err)

@inline aim_run_get_description(run, description, err) =
    ccall((:aim_run_get_description, libaim), aim_status, (Ptr{aim_run}, Ptr{Cstring}, Ptr{Ptr{aim_error}}), run,
          description, err)

@inline aim_run_set_experiment(run, experiment, err) =
    ccall((:aim_run_set_experiment, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, experiment,
          err)

@inline aim_run_get_experiment(run, experiment, err) =
    ccall((:aim_run_get_experiment, libaim), aim_status, (Ptr{aim_run}, Ptr{Cstring}, Ptr{Ptr{aim_error}}), run,
          experiment, err)

@inline aim_run_add_tag(run, tag, err) =
    ccall((:aim_run_add_tag, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, tag, err)

@inline aim_run_remove_tag(run, tag, err) =
    ccall((:aim_run_remove_tag, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, tag, err)

@inline aim_run_get_tags(run, tags, err) =
    ccall((:aim_run_get_tags, libaim), aim_status, (Ptr{aim_run}, Ptr{Cstring}, Ptr{Ptr{aim_error}}), run, tags, err)

@inline aim_run_set_archived(run, archived, err) =
    ccall((:aim_run_set_archived, libaim), aim_status, (Ptr{aim_run}, Bool, Ptr{Ptr{aim_error}}), run, archived, err)

@inline aim_run_get_archived(run, archived, err) =
    ccall((:aim_run_get_archived, libaim), aim_status, (Ptr{aim_run}, Ptr{Bool}, Ptr{Ptr{aim_error}}), run, archived,
          err)

@inline aim_run_log_artifact(run, options, err) =
    ccall((:aim_run_log_artifact, libaim), aim_status, (Ptr{aim_run}, Ptr{aim_artifact_options}, Ptr{Ptr{aim_error}}),
          run, options, err)

@inline aim_run_log(run, level, message, file, line, function_, err) =
    ccall((:aim_run_log, libaim), aim_status, (Ptr{aim_run}, Int32, Cstring, Cstring, UInt32, Cstring,
          Ptr{Ptr{aim_error}}), run, level, message, file, line, function_, err)

@inline aim_run_log_at(run, time, level, message, file, line, function_, err) =
    ccall((:aim_run_log_at, libaim), aim_status, (Ptr{aim_run}, Cdouble, Int32, Cstring, Cstring, UInt32, Cstring,
          Ptr{Ptr{aim_error}}), run, time, level, message, file, line, function_, err)

@inline aim_run_add_terminal_line_at(run, time, descriptor, text, err) =
    ccall((:aim_run_add_terminal_line_at, libaim), aim_status, (Ptr{aim_run}, Cdouble, Int32, Cstring,
          Ptr{Ptr{aim_error}}), run, time, descriptor, text, err)

@inline aim_run_read_logs(run, stream, first, count, json, err) =
    ccall((:aim_run_read_logs, libaim), aim_status, (Ptr{aim_run}, Int32, UInt64, UInt64, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), run, stream, first, count, json, err)

@inline aim_run_flush(run, err) =
    ccall((:aim_run_flush, libaim), aim_status, (Ptr{aim_run}, Ptr{Ptr{aim_error}}), run, err)

@inline aim_run_set_artifacts_uri(run, uri, err) =
    ccall((:aim_run_set_artifacts_uri, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, uri, err)

@inline aim_run_use_artifact(run, reference, err) =
    ccall((:aim_run_use_artifact, libaim), aim_status, (Ptr{aim_run}, Cstring, Ptr{Ptr{aim_error}}), run, reference,
          err)

@inline aim_run_start_closing(run, outcome, err) =
    ccall((:aim_run_start_closing, libaim), aim_status, (Ptr{aim_run}, Ptr{aim_outcome}, Ptr{Ptr{aim_error}}), run,
          outcome, err)

@inline aim_run_wait(run, seconds, err) =
    ccall((:aim_run_wait, libaim), aim_status, (Ptr{aim_run}, Cdouble, Ptr{Ptr{aim_error}}), run, seconds, err)

@inline aim_run_close(run, err) =
    ccall((:aim_run_close, libaim), aim_status, (Ptr{aim_run}, Ptr{Ptr{aim_error}}), run, err)

@inline aim_run_close_as(run, outcome, err) =
    ccall((:aim_run_close_as, libaim), aim_status, (Ptr{aim_run}, Ptr{aim_outcome}, Ptr{Ptr{aim_error}}), run, outcome,
          err)

@inline aim_run_free(run) =
    ccall((:aim_run_free, libaim), Cvoid, (Ptr{aim_run},), run)

@inline aim_metric_track(metric, value, step, epoch) =
    ccall((:aim_metric_track, libaim), aim_status, (Ptr{aim_metric}, Cdouble, Int64, Int64), metric, value, step, epoch)

@inline aim_metric_track_many(metric, values, steps, epochs, n, err) =
    ccall((:aim_metric_track_many, libaim), aim_status, (Ptr{aim_metric}, Ptr{Cdouble}, Ptr{Int64}, Ptr{Int64},
          Csize_t, Ptr{Ptr{aim_error}}), metric, values, steps, epochs, n, err)

@inline aim_metric_track_many_at(metric, values, steps, epochs, times, n, err) =
    ccall((:aim_metric_track_many_at, libaim), aim_status, (Ptr{aim_metric}, Ptr{Cdouble}, Ptr{Int64}, Ptr{Int64},
          Ptr{Cdouble}, Csize_t, Ptr{Ptr{aim_error}}), metric, values, steps, epochs, times, n, err)

@inline aim_metric_free(metric) =
    ccall((:aim_metric_free, libaim), Cvoid, (Ptr{aim_metric},), metric)

@inline aim_sequence_track_array(sequence, array, step, epoch, time, err) =
    ccall((:aim_sequence_track_array, libaim), aim_status, (Ptr{aim_sequence}, Ptr{aim_array}, Int64, Int64, Cdouble,
          Ptr{Ptr{aim_error}}), sequence, array, step, epoch, time, err)

@inline aim_sequence_track_distribution(sequence, distribution, step, epoch, time, err) =
    ccall((:aim_sequence_track_distribution, libaim), aim_status, (Ptr{aim_sequence}, Ptr{aim_distribution}, Int64,
          Int64, Cdouble, Ptr{Ptr{aim_error}}), sequence, distribution, step, epoch, time, err)

@inline aim_sequence_track_values(sequence, values, n, dtype, bins, low, high, step, epoch, time, err) =
    ccall((:aim_sequence_track_values, libaim), aim_status, (Ptr{aim_sequence}, Ptr{Cvoid}, Csize_t, Int32, Csize_t,
          Cdouble, Cdouble, Int64, Int64, Cdouble, Ptr{Ptr{aim_error}}), sequence, values, n, dtype, bins, low, high,
          step, epoch, time, err)

@inline aim_sequence_track(sequence, objects, n, step, epoch, time, err) =
    ccall((:aim_sequence_track, libaim), aim_status, (Ptr{aim_sequence}, Ptr{aim_object}, Csize_t, Int64, Int64,
          Cdouble, Ptr{Ptr{aim_error}}), sequence, objects, n, step, epoch, time, err)

@inline aim_sequence_track_texts(sequence, texts, n, step, epoch, time, err) =
    ccall((:aim_sequence_track_texts, libaim), aim_status, (Ptr{aim_sequence}, Ptr{Cstring}, Csize_t, Int64, Int64,
          Cdouble, Ptr{Ptr{aim_error}}), sequence, texts, n, step, epoch, time, err)

@inline aim_sequence_track_pixels(sequence, images, n, step, epoch, time, err) =
    ccall((:aim_sequence_track_pixels, libaim), aim_status, (Ptr{aim_sequence}, Ptr{aim_pixels}, Csize_t, Int64, Int64,
          Cdouble, Ptr{Ptr{aim_error}}), sequence, images, n, step, epoch, time, err)

@inline aim_sequence_track_samples(sequence, clips, n, step, epoch, time, err) =
    ccall((:aim_sequence_track_samples, libaim), aim_status, (Ptr{aim_sequence}, Ptr{aim_samples}, Csize_t, Int64,
          Int64, Cdouble, Ptr{Ptr{aim_error}}), sequence, clips, n, step, epoch, time, err)

@inline aim_sequence_track_table(sequence, rows, caption, meta, step, epoch, time, err) =
    ccall((:aim_sequence_track_table, libaim), aim_status, (Ptr{aim_sequence}, Ptr{ArrowArrayStream}, Cstring, Cstring,
          Int64, Int64, Cdouble, Ptr{Ptr{aim_error}}), sequence, rows, caption, meta, step, epoch, time, err)

@inline aim_sequence_keep(sequence, last, every, err) =
    ccall((:aim_sequence_keep, libaim), aim_status, (Ptr{aim_sequence}, UInt32, UInt32, Ptr{Ptr{aim_error}}), sequence,
          last, every, err)

@inline aim_sequence_free(sequence) =
    ccall((:aim_sequence_free, libaim), Cvoid, (Ptr{aim_sequence},), sequence)

@inline aim_repo_open(repo_path, options, repo, err) =
    ccall((:aim_repo_open, libaim), aim_status, (Cstring, Ptr{aim_repo_options}, Ptr{Ptr{aim_repo}},
          Ptr{Ptr{aim_error}}), repo_path, options, repo, err)

@inline aim_repo_query(repo, expression, kind, query, err) =
    ccall((:aim_repo_query, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, Ptr{Ptr{aim_query}},
          Ptr{Ptr{aim_error}}), repo, expression, kind, query, err)

@inline aim_repo_query_with(repo, expression, kind, options, query, err) =
    ccall((:aim_repo_query_with, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, Ptr{aim_query_options},
          Ptr{Ptr{aim_query}}, Ptr{Ptr{aim_error}}), repo, expression, kind, options, query, err)

@inline aim_repo_query_arrow(repo, expression, kind, stream, err) =
    ccall((:aim_repo_query_arrow, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, Ptr{ArrowArrayStream},
          Ptr{Ptr{aim_error}}), repo, expression, kind, stream, err)

@inline aim_repo_query_arrow_with(repo, expression, kind, options, stream, err) =
    ccall((:aim_repo_query_arrow_with, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, Ptr{aim_query_options},
          Ptr{ArrowArrayStream}, Ptr{Ptr{aim_error}}), repo, expression, kind, options, stream, err)

@inline aim_repo_open_run(repo, run_hash, kind, query, err) =
    ccall((:aim_repo_open_run, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, Ptr{Ptr{aim_query}},
          Ptr{Ptr{aim_error}}), repo, run_hash, kind, query, err)

@inline aim_repo_list(repo, what, expression, list, err) =
    ccall((:aim_repo_list, libaim), aim_status, (Ptr{aim_repo}, Int32, Cstring, Ptr{Ptr{aim_list}},
          Ptr{Ptr{aim_error}}), repo, what, expression, list, err)

@inline aim_list_len(list) =
    ccall((:aim_list_len, libaim), Csize_t, (Ptr{aim_list},), list)

@inline aim_list_name(list, i) =
    ccall((:aim_list_name, libaim), Cstring, (Ptr{aim_list}, Csize_t), list, i)

@inline aim_list_count(list, i) =
    ccall((:aim_list_count, libaim), UInt64, (Ptr{aim_list}, Csize_t), list, i)

@inline aim_list_free(list) =
    ccall((:aim_list_free, libaim), Cvoid, (Ptr{aim_list},), list)

@inline aim_repo_read_logs(repo, run_hash, stream, first, count, json, err) =
    ccall((:aim_repo_read_logs, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, UInt64, UInt64, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), repo, run_hash, stream, first, count, json, err)

@inline aim_repo_count_logs(repo, run_hash, stream, first, end_, err) =
    ccall((:aim_repo_count_logs, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, Ptr{UInt64}, Ptr{UInt64},
          Ptr{Ptr{aim_error}}), repo, run_hash, stream, first, end_, err)

@inline aim_repo_get_notes(repo, run_hash, json, err) =
    ccall((:aim_repo_get_notes, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{Cstring}, Ptr{Ptr{aim_error}}), repo,
          run_hash, json, err)

@inline aim_repo_get_stats(repo, stats, err) =
    ccall((:aim_repo_get_stats, libaim), aim_status, (Ptr{aim_repo}, Ptr{aim_repo_stats}, Ptr{Ptr{aim_error}}), repo,
          stats, err)

@inline aim_repo_edit_run(repo, run_hash, edit, err) =
    ccall((:aim_repo_edit_run, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{aim_edit}, Ptr{Ptr{aim_error}}), repo,
          run_hash, edit, err)

@inline aim_repo_edit_runs(repo, expression, edit, count, err) =
    ccall((:aim_repo_edit_runs, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{aim_edit}, Ptr{UInt64},
          Ptr{Ptr{aim_error}}), repo, expression, edit, count, err)

@inline aim_repo_describe(repo, what, name, description, colour, err) =
    ccall((:aim_repo_describe, libaim), aim_status, (Ptr{aim_repo}, Int32, Cstring, Cstring, Cstring,
          Ptr{Ptr{aim_error}}), repo, what, name, description, colour, err)

@inline aim_repo_rename(repo, what, from, to, count, err) =
    ccall((:aim_repo_rename, libaim), aim_status, (Ptr{aim_repo}, Int32, Cstring, Cstring, Ptr{UInt64},
          Ptr{Ptr{aim_error}}), repo, what, from, to, count, err)

@inline aim_repo_delete_run(repo, run_hash, err) =
    ccall((:aim_repo_delete_run, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{Ptr{aim_error}}), repo, run_hash,
          err)

@inline aim_repo_delete_runs(repo, expression, count, busy, err) =
    ccall((:aim_repo_delete_runs, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{UInt64}, Ptr{UInt64},
          Ptr{Ptr{aim_error}}), repo, expression, count, busy, err)

@inline aim_repo_delete_tag(repo, tag, count, err) =
    ccall((:aim_repo_delete_tag, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{UInt64}, Ptr{Ptr{aim_error}}), repo,
          tag, count, err)

@inline aim_repo_artifacts(repo, run_hash, json, err) =
    ccall((:aim_repo_artifacts, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{Cstring}, Ptr{Ptr{aim_error}}), repo,
          run_hash, json, err)

@inline aim_repo_verify_artifacts(repo, run_hash, json, err) =
    ccall((:aim_repo_verify_artifacts, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), repo, run_hash, json, err)

@inline aim_repo_fetch_artifact(repo, reference, into, path, err) =
    ccall((:aim_repo_fetch_artifact, libaim), aim_status, (Ptr{aim_repo}, Cstring, Cstring, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), repo, reference, into, path, err)

@inline aim_repo_alias_artifact(repo, reference, alias, err) =
    ccall((:aim_repo_alias_artifact, libaim), aim_status, (Ptr{aim_repo}, Cstring, Cstring, Ptr{Ptr{aim_error}}), repo,
          reference, alias, err)

@inline aim_repo_delete_artifact(repo, reference, err) =
    ccall((:aim_repo_delete_artifact, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{Ptr{aim_error}}), repo,
          reference, err)

@inline aim_repo_artifact_users(repo, reference, json, err) =
    ccall((:aim_repo_artifact_users, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{Cstring}, Ptr{Ptr{aim_error}}),
          repo, reference, json, err)

@inline aim_repo_compact(repo_path, options, report, err) =
    ccall((:aim_repo_compact, libaim), aim_status, (Cstring, Ptr{aim_repo_options}, Ptr{aim_compact_report},
          Ptr{Ptr{aim_error}}), repo_path, options, report, err)

@inline aim_repo_salvage(repo_path, into, options, report, err) =
    ccall((:aim_repo_salvage, libaim), aim_status, (Cstring, Cstring, Ptr{aim_repo_options}, Ptr{aim_salvage_report},
          Ptr{Ptr{aim_error}}), repo_path, into, options, report, err)

@inline aim_repo_free(repo) =
    ccall((:aim_repo_free, libaim), Cvoid, (Ptr{aim_repo},), repo)

@inline aim_edit_new(edit, err) =
    ccall((:aim_edit_new, libaim), aim_status, (Ptr{Ptr{aim_edit}}, Ptr{Ptr{aim_error}}), edit, err)

@inline aim_edit_set_name(edit, name, err) =
    ccall((:aim_edit_set_name, libaim), aim_status, (Ptr{aim_edit}, Cstring, Ptr{Ptr{aim_error}}), edit, name, err)

@inline aim_edit_set_description(edit, description, err) =
    ccall((:aim_edit_set_description, libaim), aim_status, (Ptr{aim_edit}, Cstring, Ptr{Ptr{aim_error}}), edit,
          description, err)

@inline aim_edit_set_experiment(edit, experiment, err) =
    ccall((:aim_edit_set_experiment, libaim), aim_status, (Ptr{aim_edit}, Cstring, Ptr{Ptr{aim_error}}), edit,
          experiment, err)

@inline aim_edit_set_archived(edit, archived, err) =
    ccall((:aim_edit_set_archived, libaim), aim_status, (Ptr{aim_edit}, Bool, Ptr{Ptr{aim_error}}), edit, archived, err)

@inline aim_edit_set_param(edit, key, json, err) =
    ccall((:aim_edit_set_param, libaim), aim_status, (Ptr{aim_edit}, Cstring, Cstring, Ptr{Ptr{aim_error}}), edit, key,
          json, err)

@inline aim_edit_set_note(edit, number, text, err) =
    ccall((:aim_edit_set_note, libaim), aim_status, (Ptr{aim_edit}, Int32, Cstring, Ptr{Ptr{aim_error}}), edit, number,
          text, err)

@inline aim_edit_add_tag(edit, tag, err) =
    ccall((:aim_edit_add_tag, libaim), aim_status, (Ptr{aim_edit}, Cstring, Ptr{Ptr{aim_error}}), edit, tag, err)

@inline aim_edit_remove_tag(edit, tag, err) =
    ccall((:aim_edit_remove_tag, libaim), aim_status, (Ptr{aim_edit}, Cstring, Ptr{Ptr{aim_error}}), edit, tag, err)

@inline aim_edit_delete_param(edit, key, err) =
    ccall((:aim_edit_delete_param, libaim), aim_status, (Ptr{aim_edit}, Cstring, Ptr{Ptr{aim_error}}), edit, key, err)

@inline aim_edit_add_note(edit, text, err) =
    ccall((:aim_edit_add_note, libaim), aim_status, (Ptr{aim_edit}, Cstring, Ptr{Ptr{aim_error}}), edit, text, err)

@inline aim_edit_delete_note(edit, number, err) =
    ccall((:aim_edit_delete_note, libaim), aim_status, (Ptr{aim_edit}, Int32, Ptr{Ptr{aim_error}}), edit, number, err)

@inline aim_edit_drop_metric(edit, name, context, err) =
    ccall((:aim_edit_drop_metric, libaim), aim_status, (Ptr{aim_edit}, Cstring, Cstring, Ptr{Ptr{aim_error}}), edit,
          name, context, err)

@inline aim_edit_free(edit) =
    ccall((:aim_edit_free, libaim), Cvoid, (Ptr{aim_edit},), edit)

@inline aim_query_len(query) =
    ccall((:aim_query_len, libaim), Csize_t, (Ptr{aim_query},), query)

@inline aim_query_run_hash(query, i) =
    ccall((:aim_query_run_hash, libaim), Cstring, (Ptr{aim_query}, Csize_t), query, i)

@inline aim_query_run_property_double(query, i, name, value, err) =
    ccall((:aim_query_run_property_double, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Cdouble},
          Ptr{Ptr{aim_error}}), query, i, name, value, err)

@inline aim_query_run_property_int64(query, i, name, value, err) =
    ccall((:aim_query_run_property_int64, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Int64},
          Ptr{Ptr{aim_error}}), query, i, name, value, err)

@inline aim_query_run_property_bool(query, i, name, value, err) =
    ccall((:aim_query_run_property_bool, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Bool},
          Ptr{Ptr{aim_error}}), query, i, name, value, err)

@inline aim_query_run_property_string(query, i, name, value, err) =
    ccall((:aim_query_run_property_string, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), query, i, name, value, err)

@inline aim_query_run_properties(query, i, json, err) =
    ccall((:aim_query_run_properties, libaim), aim_status, (Ptr{aim_query}, Csize_t, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), query, i, json, err)

@inline aim_query_run_param(query, i, key, json, err) =
    ccall((:aim_query_run_param, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), query, i, key, json, err)

@inline aim_query_run_param_json(query, i, key, json_numbers, json, err) =
    ccall((:aim_query_run_param_json, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Int32, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), query, i, key, json_numbers, json, err)

@inline aim_query_run_param_bool(query, i, key, value, err) =
    ccall((:aim_query_run_param_bool, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Bool},
          Ptr{Ptr{aim_error}}), query, i, key, value, err)

@inline aim_query_run_param_int64(query, i, key, value, err) =
    ccall((:aim_query_run_param_int64, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Int64},
          Ptr{Ptr{aim_error}}), query, i, key, value, err)

@inline aim_query_run_param_double(query, i, key, value, err) =
    ccall((:aim_query_run_param_double, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Cdouble},
          Ptr{Ptr{aim_error}}), query, i, key, value, err)

@inline aim_query_run_param_string(query, i, key, value, err) =
    ccall((:aim_query_run_param_string, libaim), aim_status, (Ptr{aim_query}, Csize_t, Cstring, Ptr{Cstring},
          Ptr{Ptr{aim_error}}), query, i, key, value, err)

@inline aim_query_metric_name(query, i) =
    ccall((:aim_query_metric_name, libaim), Cstring, (Ptr{aim_query}, Csize_t), query, i)

@inline aim_query_metric_context(query, i) =
    ccall((:aim_query_metric_context, libaim), Cstring, (Ptr{aim_query}, Csize_t), query, i)

@inline aim_query_metric_info(query, i, info, err) =
    ccall((:aim_query_metric_info, libaim), aim_status, (Ptr{aim_query}, Csize_t, Ptr{aim_metric_info},
          Ptr{Ptr{aim_error}}), query, i, info, err)

@inline aim_query_values(query, i, values, err) =
    ccall((:aim_query_values, libaim), aim_status, (Ptr{aim_query}, Csize_t, Ptr{aim_values}, Ptr{Ptr{aim_error}}),
          query, i, values, err)

@inline aim_query_sample(query, i, points, method, sample, err) =
    ccall((:aim_query_sample, libaim), aim_status, (Ptr{aim_query}, Csize_t, Csize_t, Int32, Ptr{Ptr{aim_sample}},
          Ptr{Ptr{aim_error}}), query, i, points, method, sample, err)

@inline aim_sample_values(sample, values, err) =
    ccall((:aim_sample_values, libaim), aim_status, (Ptr{aim_sample}, Ptr{aim_values}, Ptr{Ptr{aim_error}}), sample,
          values, err)

@inline aim_sample_free(sample) =
    ccall((:aim_sample_free, libaim), Cvoid, (Ptr{aim_sample},), sample)

@inline aim_query_sequence_info(query, i, info, err) =
    ccall((:aim_query_sequence_info, libaim), aim_status, (Ptr{aim_query}, Csize_t, Ptr{aim_sequence_info},
          Ptr{Ptr{aim_error}}), query, i, info, err)

@inline aim_query_objects(query, i, range, objects, err) =
    ccall((:aim_query_objects, libaim), aim_status, (Ptr{aim_query}, Csize_t, Ptr{aim_range}, Ptr{Ptr{aim_objects}},
          Ptr{Ptr{aim_error}}), query, i, range, objects, err)

@inline aim_query_table(query, json, err) =
    ccall((:aim_query_table, libaim), aim_status, (Ptr{aim_query}, Ptr{Cstring}, Ptr{Ptr{aim_error}}), query, json, err)

@inline aim_query_failures(query, count, reason, err) =
    ccall((:aim_query_failures, libaim), aim_status, (Ptr{aim_query}, Ptr{UInt64}, Ptr{Cstring}, Ptr{Ptr{aim_error}}),
          query, count, reason, err)

@inline aim_query_warning(query) =
    ccall((:aim_query_warning, libaim), Cstring, (Ptr{aim_query},), query)

@inline aim_query_explain(repo, expression, plan, err) =
    ccall((:aim_query_explain, libaim), aim_status, (Ptr{aim_repo}, Cstring, Ptr{Cstring}, Ptr{Ptr{aim_error}}), repo,
          expression, plan, err)

@inline aim_cursor_open(repo, expression, kind, options, cursor, err) =
    ccall((:aim_cursor_open, libaim), aim_status, (Ptr{aim_repo}, Cstring, Int32, Ptr{aim_query_options},
          Ptr{Ptr{aim_cursor}}, Ptr{Ptr{aim_error}}), repo, expression, kind, options, cursor, err)

@inline aim_cursor_next(cursor, query, err) =
    ccall((:aim_cursor_next, libaim), aim_status, (Ptr{aim_cursor}, Ptr{Ptr{aim_query}}, Ptr{Ptr{aim_error}}), cursor,
          query, err)

@inline aim_cursor_free(cursor) =
    ccall((:aim_cursor_free, libaim), Cvoid, (Ptr{aim_cursor},), cursor)

@inline aim_query_free(query) =
    ccall((:aim_query_free, libaim), Cvoid, (Ptr{aim_query},), query)

@inline aim_objects_len(objects) =
    ccall((:aim_objects_len, libaim), Csize_t, (Ptr{aim_objects},), objects)

@inline aim_objects_info(objects, k, info, err) =
    ccall((:aim_objects_info, libaim), aim_status, (Ptr{aim_objects}, Csize_t, Ptr{aim_object_info},
          Ptr{Ptr{aim_error}}), objects, k, info, err)

@inline aim_objects_data(objects, k, data, size, err) =
    ccall((:aim_objects_data, libaim), aim_status, (Ptr{aim_objects}, Csize_t, Ptr{Ptr{UInt8}}, Ptr{Csize_t},
          Ptr{Ptr{aim_error}}), objects, k, data, size, err)

@inline aim_objects_distribution(objects, k, distribution, err) =
    ccall((:aim_objects_distribution, libaim), aim_status, (Ptr{aim_objects}, Csize_t, Ptr{aim_distribution},
          Ptr{Ptr{aim_error}}), objects, k, distribution, err)

@inline aim_objects_free(objects) =
    ccall((:aim_objects_free, libaim), Cvoid, (Ptr{aim_objects},), objects)
