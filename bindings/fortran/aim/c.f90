! The C interface, documented in aim.h. Written by bindings/fortran/generate; do not edit.
! What a call reads through a pointer is passed as type(c_ptr), what it stores by reference. Fortran has no
! unsigned numbers: they are signed here.
module aim_c
    use, intrinsic :: iso_c_binding
    implicit none
    private

    character(*), parameter, public :: AIM_VERSION = '0.1.0'
    integer, parameter, public :: AIM_VERSION_MAJOR = 0
    integer, parameter, public :: AIM_VERSION_MINOR = 1
    integer, parameter, public :: AIM_VERSION_PATCH = 0
    integer, parameter, public :: AIM_HAS_OUTCOME = 1
    integer, parameter, public :: AIM_HAS_BACKFILL = 1
    integer, parameter, public :: AIM_HAS_REWIND = 1
    integer, parameter, public :: AIM_HAS_RUN_ID = 1
    integer, parameter, public :: AIM_HAS_EDIT = 1
    integer, parameter, public :: AIM_HAS_OBJECTS = 1
    integer, parameter, public :: AIM_HAS_ARTIFACTS = 1
    integer, parameter, public :: AIM_HAS_WAIT = 1
    integer, parameter, public :: AIM_HAS_COMPACT = 1
    integer, parameter, public :: AIM_HAS_MODE = 1
    integer, parameter, public :: AIM_HAS_ORDER = 1
    integer, parameter, public :: AIM_HAS_CURSOR = 1
    integer, parameter, public :: AIM_ARTIFACT_REFERENCE = 0
    integer, parameter, public :: AIM_ARTIFACT_LINK = 1
    integer, parameter, public :: AIM_ARTIFACT_COPY = 2
    integer, parameter, public :: AIM_EXPERIMENTS = 0
    integer, parameter, public :: AIM_TAGS = 1
    integer, parameter, public :: AIM_JSON_NULL = 0
    integer, parameter, public :: AIM_JSON_STRINGS = 1
    integer, parameter, public :: AIM_JSON_WORDS = 2
    integer, parameter, public :: AIM_LIST_EXPERIMENTS = 0
    integer, parameter, public :: AIM_LIST_TAGS = 1
    integer, parameter, public :: AIM_LIST_METRIC_NAMES = 2
    integer, parameter, public :: AIM_LIST_CONTEXTS = 3
    integer, parameter, public :: AIM_LIST_PARAM_KEYS = 4
    integer, parameter, public :: AIM_LOG_DEBUG = 10
    integer, parameter, public :: AIM_LOG_INFO = 20
    integer, parameter, public :: AIM_LOG_WARNING = 30
    integer, parameter, public :: AIM_LOG_ERROR = 40
    integer, parameter, public :: AIM_LOG_CRITICAL = 50
    integer, parameter, public :: AIM_LOGS_RECORDS = 0
    integer, parameter, public :: AIM_LOGS_TERMINAL = 1
    integer(c_int64_t), parameter, public :: AIM_STEP_AUTO = ibset(0_c_int64_t, 63)
    integer(c_int64_t), parameter, public :: AIM_EPOCH_NONE = ibset(0_c_int64_t, 63)
    integer, parameter, public :: AIM_QUERY_IMAGES = 3
    integer, parameter, public :: AIM_QUERY_TEXTS = 4
    integer, parameter, public :: AIM_QUERY_AUDIOS = 5
    integer, parameter, public :: AIM_QUERY_DISTRIBUTIONS = 6
    integer, parameter, public :: AIM_QUERY_FIGURES = 7
    integer, parameter, public :: AIM_QUERY_VIDEOS = 8
    integer, parameter, public :: AIM_QUERY_TABLES = 9
    integer, parameter, public :: AIM_QUERY_ARRAYS = 10
    integer, parameter, public :: AIM_U8 = 1
    integer, parameter, public :: AIM_U16 = 2
    integer, parameter, public :: AIM_I8 = 3
    integer, parameter, public :: AIM_I16 = 4
    integer, parameter, public :: AIM_I32 = 5
    integer, parameter, public :: AIM_I64 = 6
    integer, parameter, public :: AIM_F16 = 7
    integer, parameter, public :: AIM_BF16 = 8
    integer, parameter, public :: AIM_F32 = 9
    integer, parameter, public :: AIM_F64 = 10
    integer, parameter, public :: AIM_U32 = 11
    integer, parameter, public :: AIM_U64 = 12
    integer, parameter, public :: AIM_BOOL = 13
    integer, parameter, public :: AIM_MODE_AS_SET = 0
    integer, parameter, public :: AIM_MODE_ENABLED = 1
    integer, parameter, public :: AIM_MODE_DISABLED = 2
    integer, parameter, public :: AIM_OPEN_OR_CREATE = 0
    integer, parameter, public :: AIM_CREATE = 1
    integer, parameter, public :: AIM_OPEN = 2
    integer, parameter, public :: AIM_RUN_RUNNING = 0
    integer, parameter, public :: AIM_RUN_FINISHED = 1
    integer, parameter, public :: AIM_RUN_CRASHED = 2
    integer, parameter, public :: AIM_RUN_FAILED = 3
    integer, parameter, public :: AIM_RUN_INTERRUPTED = 4
    integer, parameter, public :: AIM_QUERY_RUNS = 1
    integer, parameter, public :: AIM_QUERY_METRICS = 2
    integer, parameter, public :: AIM_SAMPLE_STRIDE = 1
    integer, parameter, public :: AIM_SAMPLE_MIN_MAX = 2
    integer, parameter, public :: AIM_OK = 0
    integer, parameter, public :: AIM_ERR_INVALID_ARGUMENT = 1
    integer, parameter, public :: AIM_ERR_CLOSED = 2
    integer, parameter, public :: AIM_ERR_NOT_FOUND = 3
    integer, parameter, public :: AIM_ERR_FORKED = 4
    integer, parameter, public :: AIM_ERR_PANIC = 5
    integer, parameter, public :: AIM_ERR_IO = 6
    integer, parameter, public :: AIM_ERR_FULL = 7
    integer, parameter, public :: AIM_ERR_UNSUPPORTED_FS = 8
    integer, parameter, public :: AIM_ERR_CORRUPT = 9
    integer, parameter, public :: AIM_ERR_UNSUPPORTED_VERSION = 10
    integer, parameter, public :: AIM_ERR_BUSY = 11
    integer, parameter, public :: AIM_ERR_SYNTAX = 12
    integer, parameter, public :: AIM_ERR_CANCELLED = 13
    integer, parameter, public :: AIM_ERR_LIMIT = 14
    integer, parameter, public :: AIM_ERR_TYPE = 15
    integer, parameter, public :: AIM_ERR_READ_ONLY = 16
    integer, parameter, public :: AIM_ERR_EXISTS = 17
    integer, parameter, public :: AIM_ERR_TIMEOUT = 18
    integer, parameter, public :: AIM_ERR_UNSUPPORTED = 19

    type, bind(c), public :: aim_artifact_options
        integer(c_size_t) :: struct_size = 0
        type(c_ptr) :: path = c_null_ptr
        type(c_ptr) :: name = c_null_ptr
        type(c_ptr) :: kind = c_null_ptr
        type(c_ptr) :: metadata = c_null_ptr
        type(c_ptr) :: aliases = c_null_ptr
        integer(c_int64_t) :: step = 0
        integer(c_int32_t) :: mode = 0
        integer(c_int32_t) :: no_checksum = 0
        integer(c_int32_t) :: wait = 0
    end type

    type, bind(c), public :: aim_repo_options
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: map_size = 0
        real(c_double) :: flush_interval = 0
        integer(c_int64_t) :: journal_size = 0
        logical(c_bool) :: allow_network_fs = .false.
        integer(c_int64_t) :: any_owner = 0
    end type

    type, bind(c), public :: aim_compact_report
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: bytes_before = 0
        integer(c_int64_t) :: bytes_after = 0
        integer(c_int64_t) :: forgotten = 0
    end type

    type, bind(c), public :: aim_query_options
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: offset = 0
        integer(c_int64_t) :: limit = 0
        type(c_funptr) :: progress = c_null_funptr
        type(c_ptr) :: progress_userdata = c_null_ptr
        logical(c_bool) :: no_index = .false.
        real(c_double) :: timeout = 0
        integer(c_int64_t) :: max_steps = 0
        integer(c_int64_t) :: max_row_steps = 0
        integer(c_int64_t) :: max_row_memory = 0
        integer(c_int64_t) :: max_rows = 0
        integer(c_int64_t) :: max_memory = 0
        integer(c_int32_t) :: json = 0
        type(c_ptr) :: order_by = c_null_ptr
        logical(c_bool) :: descending = .false.
        type(c_ptr) :: columns = c_null_ptr
        integer(c_size_t) :: columns_len = 0
    end type

    type, bind(c), public :: aim_array
        integer(c_size_t) :: struct_size = 0
        type(c_ptr) :: data = c_null_ptr
        integer(c_int32_t) :: dtype = 0
        integer(c_int32_t) :: ndim = 0
        type(c_ptr) :: shape = c_null_ptr
        type(c_ptr) :: strides = c_null_ptr
        type(c_ptr) :: caption = c_null_ptr
        type(c_ptr) :: meta = c_null_ptr
        type(c_funptr) :: release = c_null_funptr
        type(c_ptr) :: release_userdata = c_null_ptr
    end type

    type, bind(c), public :: aim_distribution
        integer(c_size_t) :: struct_size = 0
        type(c_ptr) :: weights = c_null_ptr
        integer(c_size_t) :: bins = 0
        type(c_ptr) :: edges = c_null_ptr
        real(c_double) :: low = 0
        real(c_double) :: high = 0
        integer(c_int64_t) :: nans = 0
        integer(c_int64_t) :: infinities = 0
        real(c_double) :: count = 0
        real(c_double) :: sum = 0
        real(c_double) :: sum_squares = 0
        real(c_double) :: min = 0
        real(c_double) :: max = 0
    end type

    type, bind(c), public :: aim_object
        integer(c_size_t) :: struct_size = 0
        type(c_ptr) :: data = c_null_ptr
        integer(c_size_t) :: size = 0
        type(c_ptr) :: format = c_null_ptr
        type(c_ptr) :: caption = c_null_ptr
        type(c_ptr) :: meta = c_null_ptr
        type(c_funptr) :: release = c_null_funptr
        type(c_ptr) :: release_userdata = c_null_ptr
    end type

    type, bind(c), public :: aim_pixels
        integer(c_size_t) :: struct_size = 0
        type(c_ptr) :: data = c_null_ptr
        integer(c_int32_t) :: width = 0
        integer(c_int32_t) :: height = 0
        integer(c_int32_t) :: channels = 0
        integer(c_int32_t) :: dtype = 0
        integer(c_int32_t) :: planar = 0
        integer(c_int64_t) :: row_stride = 0
        real(c_double) :: low = 0
        real(c_double) :: high = 0
        type(c_ptr) :: caption = c_null_ptr
        type(c_ptr) :: meta = c_null_ptr
        type(c_funptr) :: release = c_null_funptr
        type(c_ptr) :: release_userdata = c_null_ptr
    end type

    type, bind(c), public :: aim_sequence_info
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: count = 0
        integer(c_int64_t) :: first_step = 0
        integer(c_int64_t) :: last_step = 0
        integer(c_int32_t) :: longest = 0
    end type

    type, bind(c), public :: aim_range
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: first_step = 0
        integer(c_int64_t) :: end_step = 0
        integer(c_size_t) :: points = 0
        integer(c_int32_t) :: first_index = 0
        integer(c_int32_t) :: end_index = 0
        integer(c_size_t) :: objects = 0
    end type

    type, bind(c), public :: aim_object_info
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: step = 0
        integer(c_int64_t) :: epoch = 0
        real(c_double) :: time = 0
        integer(c_int32_t) :: index = 0
        integer(c_int32_t) :: width = 0
        integer(c_int32_t) :: height = 0
        integer(c_int64_t) :: size = 0
        type(c_ptr) :: format = c_null_ptr
        type(c_ptr) :: caption = c_null_ptr
        type(c_ptr) :: meta = c_null_ptr
    end type

    type, bind(c), public :: aim_samples
        integer(c_size_t) :: struct_size = 0
        type(c_ptr) :: data = c_null_ptr
        integer(c_int64_t) :: frames = 0
        integer(c_int32_t) :: channels = 0
        integer(c_int32_t) :: rate = 0
        integer(c_int32_t) :: dtype = 0
        type(c_ptr) :: caption = c_null_ptr
        type(c_ptr) :: meta = c_null_ptr
        type(c_funptr) :: release = c_null_funptr
        type(c_ptr) :: release_userdata = c_null_ptr
    end type

    type, bind(c), public :: aim_outcome
        integer(c_size_t) :: struct_size = 0
        integer(c_int32_t) :: status = 0
        logical(c_bool) :: has_exit_code = .false.
        integer(c_int32_t) :: exit_code = 0
        integer(c_int32_t) :: signal = 0
        real(c_double) :: finalized_at = 0
    end type

    type, bind(c), public :: aim_metric_info
        integer(c_int64_t) :: count = 0
        integer(c_int64_t) :: first_step = 0
        integer(c_int64_t) :: last_step = 0
        real(c_double) :: first = 0
        real(c_double) :: last = 0
        real(c_double) :: min = 0
        real(c_double) :: max = 0
    end type

    type, bind(c), public :: aim_values
        integer(c_size_t) :: len = 0
        type(c_ptr) :: steps = c_null_ptr
        type(c_ptr) :: values = c_null_ptr
        type(c_ptr) :: epochs = c_null_ptr
        type(c_ptr) :: times = c_null_ptr
    end type

    type, bind(c), public :: aim_repo_stats
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: runs = 0
        integer(c_int64_t) :: file_bytes = 0
        integer(c_int64_t) :: used_bytes = 0
        integer(c_int64_t) :: journal_slots = 0
        integer(c_int64_t) :: journal_used = 0
        integer(c_int64_t) :: journal_records = 0
        integer(c_int64_t) :: commits = 0
        integer(c_int64_t) :: commit_failures = 0
        integer(c_int64_t) :: waits = 0
        integer(c_int64_t) :: wait_nanoseconds = 0
        integer(c_int64_t) :: set_aside = 0
        integer(c_int64_t) :: encoding = 0
        integer(c_int64_t) :: encode_waits = 0
        integer(c_int64_t) :: encode_wait_nanoseconds = 0
        integer(c_int64_t) :: encode_failures = 0
    end type

    type, bind(c), public :: aim_run_options
        integer(c_size_t) :: struct_size = 0
        type(c_ptr) :: repo = c_null_ptr
        type(c_ptr) :: experiment = c_null_ptr
        type(c_ptr) :: run_hash = c_null_ptr
        type(c_ptr) :: repo_options = c_null_ptr
        real(c_double) :: system_tracking_interval = 0
        type(c_ptr) :: system_tracking_group = c_null_ptr
        logical(c_bool) :: log_system_params = .false.
        type(c_ptr) :: mask_names = c_null_ptr
        logical(c_bool) :: capture_terminal_logs = .false.
        type(c_ptr) :: env_names = c_null_ptr
        type(c_ptr) :: run_id = c_null_ptr
        integer(c_int32_t) :: run_id_mode = 0
        type(c_ptr) :: new_hash = c_null_ptr
        real(c_double) :: created_at = 0
        logical(c_bool) :: no_lease = .false.
        logical(c_bool) :: resume = .false.
        integer(c_int64_t) :: resume_step = 0
        logical(c_bool) :: system_tracking_children = .false.
        integer(c_int32_t) :: mode = 0
    end type

    type, bind(c), public :: aim_salvage_report
        integer(c_size_t) :: struct_size = 0
        integer(c_int64_t) :: runs = 0
        integer(c_int64_t) :: metrics = 0
        integer(c_int64_t) :: points = 0
        integer(c_int64_t) :: lost_pages = 0
        integer(c_int64_t) :: lost_rows = 0
        integer(c_int64_t) :: uncounted = 0
    end type

    public :: aim_library_version
    public :: aim_has
    public :: aim_set_log_callback
    public :: aim_string_free
    public :: aim_bytes_free
    public :: aim_error_code
    public :: aim_error_message
    public :: aim_status_text
    public :: aim_error_free
    public :: aim_run_new
    public :: aim_run_hash
    public :: aim_run_track
    public :: aim_run_metric
    public :: aim_run_sequence
    public :: aim_run_rewind
    public :: aim_run_set_param
    public :: aim_run_set_param_int64
    public :: aim_run_set_param_double
    public :: aim_run_set_param_bool
    public :: aim_run_set_param_string
    public :: aim_run_set_param_bytes
    public :: aim_run_set_param_null
    public :: aim_run_delete_param
    public :: aim_run_get_param
    public :: aim_run_get_param_json
    public :: aim_run_get_param_bool
    public :: aim_run_get_param_int64
    public :: aim_run_get_param_double
    public :: aim_run_get_param_string
    public :: aim_run_get_param_bytes
    public :: aim_run_set_name
    public :: aim_run_get_name
    public :: aim_run_set_description
    public :: aim_run_get_description
    public :: aim_run_set_experiment
    public :: aim_run_get_experiment
    public :: aim_run_add_tag
    public :: aim_run_remove_tag
    public :: aim_run_get_tags
    public :: aim_run_set_archived
    public :: aim_run_get_archived
    public :: aim_run_log_artifact
    public :: aim_run_log
    public :: aim_run_log_at
    public :: aim_run_add_terminal_line_at
    public :: aim_run_read_logs
    public :: aim_run_flush
    public :: aim_run_set_artifacts_uri
    public :: aim_run_use_artifact
    public :: aim_run_start_closing
    public :: aim_run_wait
    public :: aim_run_close
    public :: aim_run_close_as
    public :: aim_run_free
    public :: aim_metric_track
    public :: aim_metric_track_many
    public :: aim_metric_track_many_at
    public :: aim_metric_free
    public :: aim_sequence_track_array
    public :: aim_sequence_track_distribution
    public :: aim_sequence_track_values
    public :: aim_sequence_track
    public :: aim_sequence_track_texts
    public :: aim_sequence_track_pixels
    public :: aim_sequence_track_samples
    public :: aim_sequence_track_table
    public :: aim_sequence_keep
    public :: aim_sequence_free
    public :: aim_repo_open
    public :: aim_repo_query
    public :: aim_repo_query_with
    public :: aim_repo_query_arrow
    public :: aim_repo_query_arrow_with
    public :: aim_repo_open_run
    public :: aim_repo_list
    public :: aim_list_len
    public :: aim_list_name
    public :: aim_list_count
    public :: aim_list_free
    public :: aim_repo_read_logs
    public :: aim_repo_count_logs
    public :: aim_repo_get_notes
    public :: aim_repo_get_stats
    public :: aim_repo_edit_run
    public :: aim_repo_edit_runs
    public :: aim_repo_describe
    public :: aim_repo_rename
    public :: aim_repo_delete_run
    public :: aim_repo_delete_runs
    public :: aim_repo_delete_tag
    public :: aim_repo_artifacts
    public :: aim_repo_verify_artifacts
    public :: aim_repo_fetch_artifact
    public :: aim_repo_alias_artifact
    public :: aim_repo_delete_artifact
    public :: aim_repo_artifact_users
    public :: aim_repo_compact
    public :: aim_repo_salvage
    public :: aim_repo_free
    public :: aim_edit_new
    public :: aim_edit_set_name
    public :: aim_edit_set_description
    public :: aim_edit_set_experiment
    public :: aim_edit_set_archived
    public :: aim_edit_set_param
    public :: aim_edit_set_note
    public :: aim_edit_add_tag
    public :: aim_edit_remove_tag
    public :: aim_edit_delete_param
    public :: aim_edit_add_note
    public :: aim_edit_delete_note
    public :: aim_edit_drop_metric
    public :: aim_edit_free
    public :: aim_query_len
    public :: aim_query_run_hash
    public :: aim_query_run_property_double
    public :: aim_query_run_property_int64
    public :: aim_query_run_property_bool
    public :: aim_query_run_property_string
    public :: aim_query_run_properties
    public :: aim_query_run_param
    public :: aim_query_run_param_json
    public :: aim_query_run_param_bool
    public :: aim_query_run_param_int64
    public :: aim_query_run_param_double
    public :: aim_query_run_param_string
    public :: aim_query_metric_name
    public :: aim_query_metric_context
    public :: aim_query_metric_info
    public :: aim_query_values
    public :: aim_query_sample
    public :: aim_sample_values
    public :: aim_sample_free
    public :: aim_query_sequence_info
    public :: aim_query_objects
    public :: aim_query_table
    public :: aim_query_failures
    public :: aim_query_warning
    public :: aim_query_explain
    public :: aim_cursor_open
    public :: aim_cursor_next
    public :: aim_cursor_free
    public :: aim_query_free
    public :: aim_objects_len
    public :: aim_objects_info
    public :: aim_objects_data
    public :: aim_objects_distribution
    public :: aim_objects_free

    interface
        function aim_library_version() bind(c, name='aim_version')
            import :: c_ptr
            type(c_ptr) :: aim_library_version
        end function
        function aim_has(part) bind(c)
            import :: c_bool, c_ptr
            type(c_ptr), value :: part
            logical(c_bool) :: aim_has
        end function
        subroutine aim_set_log_callback(level, callback, userdata) bind(c)
            import :: c_funptr, c_int32_t, c_ptr
            integer(c_int32_t), value :: level
            type(c_funptr), value :: callback
            type(c_ptr), value :: userdata
        end subroutine
        subroutine aim_string_free(string) bind(c)
            import :: c_ptr
            type(c_ptr), value :: string
        end subroutine
        subroutine aim_bytes_free(data, size) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: data
            integer(c_size_t), value :: size
        end subroutine
        function aim_error_code(error) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: error
            integer(c_int32_t) :: aim_error_code
        end function
        function aim_error_message(error) bind(c)
            import :: c_ptr
            type(c_ptr), value :: error
            type(c_ptr) :: aim_error_message
        end function
        function aim_status_text(status) bind(c)
            import :: c_int32_t, c_ptr
            integer(c_int32_t), value :: status
            type(c_ptr) :: aim_status_text
        end function
        subroutine aim_error_free(error) bind(c)
            import :: c_ptr
            type(c_ptr), value :: error
        end subroutine
        function aim_run_new(options, run, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: options
            type(c_ptr), intent(inout) :: run
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_new
        end function
        function aim_run_hash(run) bind(c)
            import :: c_ptr
            type(c_ptr), value :: run
            type(c_ptr) :: aim_run_hash
        end function
        function aim_run_track(run, name, value, step, epoch, context, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: name
            real(c_double), value :: value
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            type(c_ptr), value :: context
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_track
        end function
        function aim_run_metric(run, name, context, metric, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: name
            type(c_ptr), value :: context
            type(c_ptr), intent(inout) :: metric
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_metric
        end function
        function aim_run_sequence(run, kind, name, context, sequence, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            integer(c_int32_t), value :: kind
            type(c_ptr), value :: name
            type(c_ptr), value :: context
            type(c_ptr), intent(inout) :: sequence
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_sequence
        end function
        function aim_run_rewind(run, step, names, n, dropped, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: run
            integer(c_int64_t), value :: step
            type(c_ptr), intent(in) :: names(*)
            integer(c_size_t), value :: n
            integer(c_int64_t), intent(inout) :: dropped
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_rewind
        end function
        function aim_run_set_param(run, key, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), value :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_param
        end function
        function aim_run_set_param_int64(run, key, value, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            integer(c_int64_t), value :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_param_int64
        end function
        function aim_run_set_param_double(run, key, value, err) bind(c)
            import :: c_double, c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            real(c_double), value :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_param_double
        end function
        function aim_run_set_param_bool(run, key, value, err) bind(c)
            import :: c_bool, c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            logical(c_bool), value :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_param_bool
        end function
        function aim_run_set_param_string(run, key, value, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), value :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_param_string
        end function
        function aim_run_set_param_bytes(run, key, data, size, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), value :: data
            integer(c_size_t), value :: size
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_param_bytes
        end function
        function aim_run_set_param_null(run, key, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_param_null
        end function
        function aim_run_delete_param(run, key, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_delete_param
        end function
        function aim_run_get_param(run, key, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_param
        end function
        function aim_run_get_param_json(run, key, json_numbers, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            integer(c_int32_t), value :: json_numbers
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_param_json
        end function
        function aim_run_get_param_bool(run, key, value, err) bind(c)
            import :: c_bool, c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            logical(c_bool), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_param_bool
        end function
        function aim_run_get_param_int64(run, key, value, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            integer(c_int64_t), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_param_int64
        end function
        function aim_run_get_param_double(run, key, value, err) bind(c)
            import :: c_double, c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            real(c_double), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_param_double
        end function
        function aim_run_get_param_string(run, key, value, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_param_string
        end function
        function aim_run_get_param_bytes(run, key, data, size, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: run
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: data
            integer(c_size_t), intent(inout) :: size
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_param_bytes
        end function
        function aim_run_set_name(run, name, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: name
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_name
        end function
        function aim_run_get_name(run, name, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), intent(inout) :: name
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_name
        end function
        function aim_run_set_description(run, description, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: description
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_description
        end function
        function aim_run_get_description(run, description, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), intent(inout) :: description
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_description
        end function
        function aim_run_set_experiment(run, experiment, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: experiment
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_experiment
        end function
        function aim_run_get_experiment(run, experiment, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), intent(inout) :: experiment
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_experiment
        end function
        function aim_run_add_tag(run, tag, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: tag
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_add_tag
        end function
        function aim_run_remove_tag(run, tag, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: tag
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_remove_tag
        end function
        function aim_run_get_tags(run, tags, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), intent(inout) :: tags
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_tags
        end function
        function aim_run_set_archived(run, archived, err) bind(c)
            import :: c_bool, c_int32_t, c_ptr
            type(c_ptr), value :: run
            logical(c_bool), value :: archived
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_archived
        end function
        function aim_run_get_archived(run, archived, err) bind(c)
            import :: c_bool, c_int32_t, c_ptr
            type(c_ptr), value :: run
            logical(c_bool), intent(inout) :: archived
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_get_archived
        end function
        function aim_run_log_artifact(run, options, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: options
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_log_artifact
        end function
        function aim_run_log(run, level, message, file, line, function, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            integer(c_int32_t), value :: level
            type(c_ptr), value :: message
            type(c_ptr), value :: file
            integer(c_int32_t), value :: line
            type(c_ptr), value :: function
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_log
        end function
        function aim_run_log_at(run, time, level, message, file, line, function, err) bind(c)
            import :: c_double, c_int32_t, c_ptr
            type(c_ptr), value :: run
            real(c_double), value :: time
            integer(c_int32_t), value :: level
            type(c_ptr), value :: message
            type(c_ptr), value :: file
            integer(c_int32_t), value :: line
            type(c_ptr), value :: function
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_log_at
        end function
        function aim_run_add_terminal_line_at(run, time, descriptor, text, err) bind(c)
            import :: c_double, c_int32_t, c_ptr
            type(c_ptr), value :: run
            real(c_double), value :: time
            integer(c_int32_t), value :: descriptor
            type(c_ptr), value :: text
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_add_terminal_line_at
        end function
        function aim_run_read_logs(run, stream, first, count, json, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: run
            integer(c_int32_t), value :: stream
            integer(c_int64_t), value :: first
            integer(c_int64_t), value :: count
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_read_logs
        end function
        function aim_run_flush(run, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_flush
        end function
        function aim_run_set_artifacts_uri(run, uri, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: uri
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_set_artifacts_uri
        end function
        function aim_run_use_artifact(run, reference, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: reference
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_use_artifact
        end function
        function aim_run_start_closing(run, outcome, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: outcome
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_start_closing
        end function
        function aim_run_wait(run, seconds, err) bind(c)
            import :: c_double, c_int32_t, c_ptr
            type(c_ptr), value :: run
            real(c_double), value :: seconds
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_wait
        end function
        function aim_run_close(run, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_close
        end function
        function aim_run_close_as(run, outcome, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), value :: outcome
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_run_close_as
        end function
        subroutine aim_run_free(run) bind(c)
            import :: c_ptr
            type(c_ptr), value :: run
        end subroutine
        function aim_metric_track(metric, value, step, epoch) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: metric
            real(c_double), value :: value
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            integer(c_int32_t) :: aim_metric_track
        end function
        function aim_metric_track_many(metric, values, steps, epochs, n, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: metric
            type(c_ptr), value :: values
            type(c_ptr), value :: steps
            type(c_ptr), value :: epochs
            integer(c_size_t), value :: n
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_metric_track_many
        end function
        function aim_metric_track_many_at(metric, values, steps, epochs, times, n, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: metric
            type(c_ptr), value :: values
            type(c_ptr), value :: steps
            type(c_ptr), value :: epochs
            type(c_ptr), value :: times
            integer(c_size_t), value :: n
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_metric_track_many_at
        end function
        subroutine aim_metric_free(metric) bind(c)
            import :: c_ptr
            type(c_ptr), value :: metric
        end subroutine
        function aim_sequence_track_array(sequence, array, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: sequence
            type(c_ptr), value :: array
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track_array
        end function
        function aim_sequence_track_distribution(sequence, distribution, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: sequence
            type(c_ptr), value :: distribution
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track_distribution
        end function
        function aim_sequence_track_values(sequence, values, n, dtype, bins, low, high, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: sequence
            type(c_ptr), value :: values
            integer(c_size_t), value :: n
            integer(c_int32_t), value :: dtype
            integer(c_size_t), value :: bins
            real(c_double), value :: low
            real(c_double), value :: high
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track_values
        end function
        function aim_sequence_track(sequence, objects, n, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: sequence
            type(c_ptr), value :: objects
            integer(c_size_t), value :: n
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track
        end function
        function aim_sequence_track_texts(sequence, texts, n, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: sequence
            type(c_ptr), intent(in) :: texts(*)
            integer(c_size_t), value :: n
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track_texts
        end function
        function aim_sequence_track_pixels(sequence, images, n, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: sequence
            type(c_ptr), value :: images
            integer(c_size_t), value :: n
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track_pixels
        end function
        function aim_sequence_track_samples(sequence, clips, n, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: sequence
            type(c_ptr), value :: clips
            integer(c_size_t), value :: n
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track_samples
        end function
        function aim_sequence_track_table(sequence, rows, caption, meta, step, epoch, time, err) bind(c)
            import :: c_double, c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: sequence
            type(c_ptr), value :: rows
            type(c_ptr), value :: caption
            type(c_ptr), value :: meta
            integer(c_int64_t), value :: step
            integer(c_int64_t), value :: epoch
            real(c_double), value :: time
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_track_table
        end function
        function aim_sequence_keep(sequence, last, every, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: sequence
            integer(c_int32_t), value :: last
            integer(c_int32_t), value :: every
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sequence_keep
        end function
        subroutine aim_sequence_free(sequence) bind(c)
            import :: c_ptr
            type(c_ptr), value :: sequence
        end subroutine
        function aim_repo_open(repo_path, options, repo, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo_path
            type(c_ptr), value :: options
            type(c_ptr), intent(inout) :: repo
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_open
        end function
        function aim_repo_query(repo, expression, kind, query, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            integer(c_int32_t), value :: kind
            type(c_ptr), intent(inout) :: query
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_query
        end function
        function aim_repo_query_with(repo, expression, kind, options, query, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            integer(c_int32_t), value :: kind
            type(c_ptr), value :: options
            type(c_ptr), intent(inout) :: query
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_query_with
        end function
        function aim_repo_query_arrow(repo, expression, kind, stream, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            integer(c_int32_t), value :: kind
            type(c_ptr), value :: stream
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_query_arrow
        end function
        function aim_repo_query_arrow_with(repo, expression, kind, options, stream, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            integer(c_int32_t), value :: kind
            type(c_ptr), value :: options
            type(c_ptr), value :: stream
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_query_arrow_with
        end function
        function aim_repo_open_run(repo, run_hash, kind, query, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            integer(c_int32_t), value :: kind
            type(c_ptr), intent(inout) :: query
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_open_run
        end function
        function aim_repo_list(repo, what, expression, list, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            integer(c_int32_t), value :: what
            type(c_ptr), value :: expression
            type(c_ptr), intent(inout) :: list
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_list
        end function
        function aim_list_len(list) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: list
            integer(c_size_t) :: aim_list_len
        end function
        function aim_list_name(list, i) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: list
            integer(c_size_t), value :: i
            type(c_ptr) :: aim_list_name
        end function
        function aim_list_count(list, i) bind(c)
            import :: c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: list
            integer(c_size_t), value :: i
            integer(c_int64_t) :: aim_list_count
        end function
        subroutine aim_list_free(list) bind(c)
            import :: c_ptr
            type(c_ptr), value :: list
        end subroutine
        function aim_repo_read_logs(repo, run_hash, stream, first, count, json, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            integer(c_int32_t), value :: stream
            integer(c_int64_t), value :: first
            integer(c_int64_t), value :: count
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_read_logs
        end function
        function aim_repo_count_logs(repo, run_hash, stream, first, end, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            integer(c_int32_t), value :: stream
            integer(c_int64_t), intent(inout) :: first
            integer(c_int64_t), intent(inout) :: end
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_count_logs
        end function
        function aim_repo_get_notes(repo, run_hash, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_get_notes
        end function
        function aim_repo_get_stats(repo, stats, err) bind(c)
            import :: aim_repo_stats, c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(aim_repo_stats), intent(inout) :: stats
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_get_stats
        end function
        function aim_repo_edit_run(repo, run_hash, edit, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            type(c_ptr), value :: edit
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_edit_run
        end function
        function aim_repo_edit_runs(repo, expression, edit, count, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            type(c_ptr), value :: edit
            integer(c_int64_t), intent(inout) :: count
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_edit_runs
        end function
        function aim_repo_describe(repo, what, name, description, colour, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            integer(c_int32_t), value :: what
            type(c_ptr), value :: name
            type(c_ptr), value :: description
            type(c_ptr), value :: colour
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_describe
        end function
        function aim_repo_rename(repo, what, from, to, count, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: repo
            integer(c_int32_t), value :: what
            type(c_ptr), value :: from
            type(c_ptr), value :: to
            integer(c_int64_t), intent(inout) :: count
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_rename
        end function
        function aim_repo_delete_run(repo, run_hash, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_delete_run
        end function
        function aim_repo_delete_runs(repo, expression, count, busy, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            integer(c_int64_t), intent(inout) :: count
            integer(c_int64_t), intent(inout) :: busy
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_delete_runs
        end function
        function aim_repo_delete_tag(repo, tag, count, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: tag
            integer(c_int64_t), intent(inout) :: count
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_delete_tag
        end function
        function aim_repo_artifacts(repo, run_hash, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_artifacts
        end function
        function aim_repo_verify_artifacts(repo, run_hash, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: run_hash
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_verify_artifacts
        end function
        function aim_repo_fetch_artifact(repo, reference, into, path, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: reference
            type(c_ptr), value :: into
            type(c_ptr), intent(inout) :: path
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_fetch_artifact
        end function
        function aim_repo_alias_artifact(repo, reference, alias, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: reference
            type(c_ptr), value :: alias
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_alias_artifact
        end function
        function aim_repo_delete_artifact(repo, reference, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: reference
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_delete_artifact
        end function
        function aim_repo_artifact_users(repo, reference, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: reference
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_artifact_users
        end function
        function aim_repo_compact(repo_path, options, report, err) bind(c)
            import :: aim_compact_report, c_int32_t, c_ptr
            type(c_ptr), value :: repo_path
            type(c_ptr), value :: options
            type(aim_compact_report), intent(inout) :: report
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_compact
        end function
        function aim_repo_salvage(repo_path, into, options, report, err) bind(c)
            import :: aim_salvage_report, c_int32_t, c_ptr
            type(c_ptr), value :: repo_path
            type(c_ptr), value :: into
            type(c_ptr), value :: options
            type(aim_salvage_report), intent(inout) :: report
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_repo_salvage
        end function
        subroutine aim_repo_free(repo) bind(c)
            import :: c_ptr
            type(c_ptr), value :: repo
        end subroutine
        function aim_edit_new(edit, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), intent(inout) :: edit
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_new
        end function
        function aim_edit_set_name(edit, name, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: name
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_set_name
        end function
        function aim_edit_set_description(edit, description, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: description
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_set_description
        end function
        function aim_edit_set_experiment(edit, experiment, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: experiment
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_set_experiment
        end function
        function aim_edit_set_archived(edit, archived, err) bind(c)
            import :: c_bool, c_int32_t, c_ptr
            type(c_ptr), value :: edit
            logical(c_bool), value :: archived
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_set_archived
        end function
        function aim_edit_set_param(edit, key, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: key
            type(c_ptr), value :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_set_param
        end function
        function aim_edit_set_note(edit, number, text, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            integer(c_int32_t), value :: number
            type(c_ptr), value :: text
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_set_note
        end function
        function aim_edit_add_tag(edit, tag, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: tag
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_add_tag
        end function
        function aim_edit_remove_tag(edit, tag, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: tag
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_remove_tag
        end function
        function aim_edit_delete_param(edit, key, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_delete_param
        end function
        function aim_edit_add_note(edit, text, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: text
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_add_note
        end function
        function aim_edit_delete_note(edit, number, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            integer(c_int32_t), value :: number
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_delete_note
        end function
        function aim_edit_drop_metric(edit, name, context, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: edit
            type(c_ptr), value :: name
            type(c_ptr), value :: context
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_edit_drop_metric
        end function
        subroutine aim_edit_free(edit) bind(c)
            import :: c_ptr
            type(c_ptr), value :: edit
        end subroutine
        function aim_query_len(query) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t) :: aim_query_len
        end function
        function aim_query_run_hash(query, i) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr) :: aim_query_run_hash
        end function
        function aim_query_run_property_double(query, i, name, value, err) bind(c)
            import :: c_double, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: name
            real(c_double), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_property_double
        end function
        function aim_query_run_property_int64(query, i, name, value, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: name
            integer(c_int64_t), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_property_int64
        end function
        function aim_query_run_property_bool(query, i, name, value, err) bind(c)
            import :: c_bool, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: name
            logical(c_bool), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_property_bool
        end function
        function aim_query_run_property_string(query, i, name, value, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: name
            type(c_ptr), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_property_string
        end function
        function aim_query_run_properties(query, i, json, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_properties
        end function
        function aim_query_run_param(query, i, key, json, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_param
        end function
        function aim_query_run_param_json(query, i, key, json_numbers, json, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: key
            integer(c_int32_t), value :: json_numbers
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_param_json
        end function
        function aim_query_run_param_bool(query, i, key, value, err) bind(c)
            import :: c_bool, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: key
            logical(c_bool), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_param_bool
        end function
        function aim_query_run_param_int64(query, i, key, value, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: key
            integer(c_int64_t), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_param_int64
        end function
        function aim_query_run_param_double(query, i, key, value, err) bind(c)
            import :: c_double, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: key
            real(c_double), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_param_double
        end function
        function aim_query_run_param_string(query, i, key, value, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: key
            type(c_ptr), intent(inout) :: value
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_run_param_string
        end function
        function aim_query_metric_name(query, i) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr) :: aim_query_metric_name
        end function
        function aim_query_metric_context(query, i) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr) :: aim_query_metric_context
        end function
        function aim_query_metric_info(query, i, info, err) bind(c)
            import :: aim_metric_info, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(aim_metric_info), intent(inout) :: info
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_metric_info
        end function
        function aim_query_values(query, i, values, err) bind(c)
            import :: aim_values, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(aim_values), intent(inout) :: values
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_values
        end function
        function aim_query_sample(query, i, points, method, sample, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            integer(c_size_t), value :: points
            integer(c_int32_t), value :: method
            type(c_ptr), intent(inout) :: sample
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_sample
        end function
        function aim_sample_values(sample, values, err) bind(c)
            import :: aim_values, c_int32_t, c_ptr
            type(c_ptr), value :: sample
            type(aim_values), intent(inout) :: values
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_sample_values
        end function
        subroutine aim_sample_free(sample) bind(c)
            import :: c_ptr
            type(c_ptr), value :: sample
        end subroutine
        function aim_query_sequence_info(query, i, info, err) bind(c)
            import :: aim_sequence_info, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(aim_sequence_info), intent(inout) :: info
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_sequence_info
        end function
        function aim_query_objects(query, i, range, objects, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr), value :: range
            type(c_ptr), intent(inout) :: objects
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_objects
        end function
        function aim_query_table(query, json, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: query
            type(c_ptr), intent(inout) :: json
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_table
        end function
        function aim_query_failures(query, count, reason, err) bind(c)
            import :: c_int32_t, c_int64_t, c_ptr
            type(c_ptr), value :: query
            integer(c_int64_t), intent(inout) :: count
            type(c_ptr), intent(inout) :: reason
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_failures
        end function
        function aim_query_warning(query) bind(c)
            import :: c_ptr
            type(c_ptr), value :: query
            type(c_ptr) :: aim_query_warning
        end function
        function aim_query_explain(repo, expression, plan, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            type(c_ptr), intent(inout) :: plan
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_query_explain
        end function
        function aim_cursor_open(repo, expression, kind, options, cursor, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: repo
            type(c_ptr), value :: expression
            integer(c_int32_t), value :: kind
            type(c_ptr), value :: options
            type(c_ptr), intent(inout) :: cursor
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_cursor_open
        end function
        function aim_cursor_next(cursor, query, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: cursor
            type(c_ptr), intent(inout) :: query
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_cursor_next
        end function
        subroutine aim_cursor_free(cursor) bind(c)
            import :: c_ptr
            type(c_ptr), value :: cursor
        end subroutine
        subroutine aim_query_free(query) bind(c)
            import :: c_ptr
            type(c_ptr), value :: query
        end subroutine
        function aim_objects_len(objects) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: objects
            integer(c_size_t) :: aim_objects_len
        end function
        function aim_objects_info(objects, k, info, err) bind(c)
            import :: aim_object_info, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: objects
            integer(c_size_t), value :: k
            type(aim_object_info), intent(inout) :: info
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_objects_info
        end function
        function aim_objects_data(objects, k, data, size, err) bind(c)
            import :: c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: objects
            integer(c_size_t), value :: k
            type(c_ptr), intent(inout) :: data
            integer(c_size_t), intent(inout) :: size
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_objects_data
        end function
        function aim_objects_distribution(objects, k, distribution, err) bind(c)
            import :: aim_distribution, c_int32_t, c_ptr, c_size_t
            type(c_ptr), value :: objects
            integer(c_size_t), value :: k
            type(aim_distribution), intent(inout) :: distribution
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: aim_objects_distribution
        end function
        subroutine aim_objects_free(objects) bind(c)
            import :: c_ptr
            type(c_ptr), value :: objects
        end subroutine
    end interface
end module aim_c
