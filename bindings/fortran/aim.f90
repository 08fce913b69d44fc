! libaim for Fortran 2008: runs, params, metrics and queries. README.md tells how it is used; the comments in aim/
! document every procedure. Compile this file, which brings in the others, and use the module aim.
include 'aim/c.f90'
include 'aim/text.f90'
include 'aim/errors.f90'
include 'aim/arguments.f90'
include 'aim/floats.f90'
include 'aim/json.f90'
include 'aim/decoding.f90'
include 'aim/tracking.f90'
include 'aim/params.f90'
include 'aim/kinds.f90'
include 'aim/logs.f90'
include 'aim/library.f90'
include 'aim/metric.f90'
include 'aim/edit.f90'
include 'aim/handing.f90'
include 'aim/reading.f90'
include 'aim/object_kinds.f90'
include 'aim/sequence.f90'
include 'aim/objects.f90'
include 'aim/artifacts.f90'
include 'aim/run.f90'
include 'aim/query.f90'
include 'aim/cursor.f90'
include 'aim/asking.f90'
include 'aim/repo.f90'

module aim
    use aim_c, only: AIM_VERSION, AIM_VERSION_MAJOR, AIM_VERSION_MINOR, AIM_VERSION_PATCH, &
        AIM_LOG_DEBUG, AIM_LOG_INFO, AIM_LOG_WARNING, AIM_LOG_ERROR, AIM_LOG_CRITICAL, &
        AIM_LOGS_RECORDS, AIM_LOGS_TERMINAL, AIM_STEP_AUTO, AIM_EPOCH_NONE, AIM_QUERY_RUNS, AIM_QUERY_METRICS, &
        AIM_QUERY_IMAGES, AIM_QUERY_TEXTS, AIM_QUERY_AUDIOS, AIM_QUERY_DISTRIBUTIONS, AIM_QUERY_FIGURES, &
        AIM_QUERY_VIDEOS, AIM_QUERY_TABLES, AIM_QUERY_ARRAYS, AIM_U8, AIM_U16, AIM_U32, AIM_U64, AIM_I8, AIM_I16, &
        AIM_I32, AIM_I64, AIM_F16, AIM_BF16, AIM_F32, AIM_F64, AIM_BOOL, &
        AIM_SAMPLE_STRIDE, AIM_SAMPLE_MIN_MAX, AIM_JSON_NULL, AIM_JSON_STRINGS, AIM_JSON_WORDS, &
        AIM_OK, AIM_ERR_INVALID_ARGUMENT, AIM_ERR_CLOSED, AIM_ERR_NOT_FOUND, AIM_ERR_FORKED, AIM_ERR_PANIC, &
        AIM_ERR_IO, AIM_ERR_FULL, AIM_ERR_UNSUPPORTED_FS, AIM_ERR_CORRUPT, AIM_ERR_UNSUPPORTED_VERSION, &
        AIM_ERR_BUSY, AIM_ERR_SYNTAX, AIM_ERR_CANCELLED, AIM_ERR_LIMIT, AIM_ERR_TYPE, AIM_ERR_READ_ONLY, &
        AIM_ERR_EXISTS, AIM_ERR_TIMEOUT, AIM_ERR_UNSUPPORTED, AIM_OPEN_OR_CREATE, AIM_CREATE, AIM_OPEN, &
        AIM_RUN_RUNNING, AIM_RUN_FINISHED, &
        AIM_RUN_CRASHED, &
        AIM_ARTIFACT_REFERENCE, AIM_ARTIFACT_LINK, AIM_ARTIFACT_COPY, &
        AIM_RUN_FAILED, AIM_RUN_INTERRUPTED, AIM_MODE_AS_SET, AIM_MODE_ENABLED, &
        AIM_MODE_DISABLED, AIM_EXPERIMENTS, AIM_TAGS, AIM_LIST_EXPERIMENTS, AIM_LIST_TAGS, &
        AIM_LIST_METRIC_NAMES, AIM_LIST_CONTEXTS, AIM_LIST_PARAM_KEYS, &
        aim_metric_info, aim_sequence_info, aim_repo_options, aim_repo_stats, aim_salvage_report, aim_compact_report
    use aim_artifacts, only: aim_artifact, aim_artifact_user, aim_verified_artifact
    use aim_asking, only: aim_query_bounds, aim_query_progress
    use aim_cursors, only: aim_cursor
    use aim_edits, only: aim_edit
    use aim_found, only: aim_histogram, aim_object_info, aim_objects
    use aim_json_text, only: aim_json, aim_object
    use aim_library, only: aim_has, aim_library_version, aim_log_procedure, aim_set_log_callback
    use aim_logs, only: aim_log_record
    use aim_metrics, only: aim_metric
    use aim_queries, only: aim_query, aim_run_properties, aim_values
    use aim_repos, only: aim_repo, aim_repo_compact => compact, aim_repo_salvage => salvage
    use aim_runs, only: aim_run
    use aim_sequences, only: aim_sequence
    use aim_text, only: aim_string
    implicit none
    public
end module aim
