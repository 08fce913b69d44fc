! A run being written.
module aim_runs
    use, intrinsic :: iso_c_binding, only: c_bool, c_char, c_int8_t, c_int32_t, c_int64_t, c_f_pointer, &
        c_loc, c_null_ptr, c_ptr, c_size_t, c_sizeof
    use, intrinsic :: iso_fortran_env, only: int8, real64
    use aim_arguments, only: carry_out, lent
    use aim_artifacts, only: run_artifacts
    use aim_c
    use aim_errors, only: settle
    use aim_json_text, only: split_strings
    use aim_logs, only: aim_log_record, take_records
    use aim_metrics, only: aim_metric
    use aim_params, only: found_in_run, store_json
    use aim_sequences, only: aim_sequence
    use aim_text, only: aim_string, copy, take
    implicit none
    private

    !> A run being written. Threads may share it. One that goes out of scope without close() is closed by the library in
    !> the background: nothing is lost, but nobody waits. Variables of the main program never go out of scope.
    !>
    !> Texts, wherever they are passed, count without their trailing blanks and are UTF-8. `stat` receives AIM_OK or
    !> AIM_ERR_...; without it an error ends the program. `errmsg` receives the message of an error, else stays as it
    !> is.
    !>
    !> call run%track(name, value [, step] [, epoch] [, context] [, stat] [, errmsg]) tracks a value of the metric
    !> `name` with `context`, a JSON object as aim_object makes it. A metric that is resolved once, by run%metric, is
    !> faster.
    !>
    !> call run%set_param(key, value [, stat] [, errmsg]) sets a param to a real, an integer, a logical, a text, or an
    !> array of numbers. `key` is a top-level key, or, with a leading '/', a JSON Pointer into the tree.
    !>
    !> call run%get_param(key, value [, stat] [, errmsg]) reads a param into a variable of these types, allocatable if
    !> it is a text or an array; AIM_ERR_TYPE if the param is something else or does not fit.
    type, extends(run_artifacts), public :: aim_run
    contains
        procedure :: open => open_run
        procedure :: hash
        procedure :: metric, sequence
        procedure :: flush => flush_run
        procedure :: close => close_run
        procedure :: free => free_run
        procedure :: set_param_json, set_param_bytes, set_param_null, delete_param
        procedure :: param_json, params_json, param_bytes
        procedure :: set_name, set_description, set_experiment, add_tag, remove_tag, set_archived
        procedure :: name, description, experiment, tags, archived
        procedure :: close_as, start_closing, wait, rewind
        procedure :: log => log_message
        procedure :: log_at, add_terminal_line_at
        procedure :: read_logs
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

    abstract interface
        function text_getter(run, text, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: run
            type(c_ptr), intent(inout) :: text, err
            integer(c_int32_t) :: text_getter
        end function
    end interface

contains

    !> Opens a run: a new one, or, with `run_hash`, one that exists. A run that the variable held before is given back.
    !> `repo` is a directory, made if missing; without it the nearest directory upwards that holds `.aim` is taken, else
    !> the working directory. `system_tracking_interval` is in seconds; docs/system.md tells of it and the five options
    !> after it. With `run_id` the run is found by this text, the id of a job for one ('auto': what the batch system calls
    !> it), as `run_id_mode` says: AIM_OPEN_OR_CREATE, AIM_CREATE or AIM_OPEN. `resume_step`: what the run's metrics have
    !> from there on is dropped by the first process that goes on with it. `new_hash` and `created_at` (seconds since 1970)
    !> are those of a new run; with `no_lease` what is past is brought in: the run does not run.
    !> `system_tracking_children` reads what the processes below this one use, too. `mode`: AIM_MODE_ENABLED or
    !> AIM_MODE_DISABLED, where calls succeed and do nothing, whatever the environment variable AIM_MODE says.
    subroutine open_run(self, repo, experiment, run_hash, repo_options, system_tracking_interval, &
            system_tracking_group, log_system_params, mask_names, capture_terminal_logs, env_names, run_id, &
            run_id_mode, resume_step, new_hash, created_at, no_lease, stat, errmsg, &
            system_tracking_children, mode)
        class(aim_run), intent(inout) :: self
        character(*), intent(in), optional :: repo, experiment, run_hash
        type(aim_repo_options), intent(in), optional :: repo_options
        real(real64), intent(in), optional :: system_tracking_interval
        character(*), intent(in), optional :: system_tracking_group
        logical, intent(in), optional :: log_system_params
        character(*), intent(in), optional :: mask_names
        logical, intent(in), optional :: capture_terminal_logs
        character(*), intent(in), optional :: env_names
        character(*), intent(in), optional :: run_id
        integer, intent(in), optional :: run_id_mode, resume_step
        character(*), intent(in), optional :: new_hash
        real(real64), intent(in), optional :: created_at
        logical, intent(in), optional :: no_lease
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        logical, intent(in), optional :: system_tracking_children
        integer, intent(in), optional :: mode
        type(aim_run_options), target :: options
        type(aim_repo_options), target :: of_repo
        character(kind=c_char, len=:), allocatable, target :: c_repo, c_experiment, c_hash, c_group, c_mask, c_env
        character(kind=c_char, len=:), allocatable, target :: c_id, c_new
        type(c_ptr) :: run, err
        integer(c_int32_t) :: status
        options%struct_size = c_sizeof(options)
        if (.not. lent('repo', repo, c_repo, options%repo, stat, errmsg)) return
        if (.not. lent('experiment', experiment, c_experiment, options%experiment, stat, errmsg)) return
        if (.not. lent('run_hash', run_hash, c_hash, options%run_hash, stat, errmsg)) return
        if (.not. lent('system_tracking_group', system_tracking_group, c_group, options%system_tracking_group, stat, &
            errmsg)) return
        if (.not. lent('mask_names', mask_names, c_mask, options%mask_names, stat, errmsg)) return
        if (.not. lent('env_names', env_names, c_env, options%env_names, stat, errmsg)) return
        if (.not. lent('run_id', run_id, c_id, options%run_id, stat, errmsg)) return
        if (.not. lent('new_hash', new_hash, c_new, options%new_hash, stat, errmsg)) return
        if (present(run_id_mode)) options%run_id_mode = int(run_id_mode, c_int32_t)
        options%resume = present(resume_step)
        if (present(resume_step)) options%resume_step = int(resume_step, c_int64_t)
        if (present(created_at)) options%created_at = created_at
        if (present(system_tracking_children)) &
            options%system_tracking_children = logical(system_tracking_children, c_bool)
        if (present(mode)) options%mode = int(mode, c_int32_t)
        if (present(no_lease)) options%no_lease = logical(no_lease, c_bool)
        if (present(repo_options)) then
            of_repo = repo_options
            of_repo%struct_size = c_sizeof(of_repo)
            options%repo_options = c_loc(of_repo)
        end if
        if (present(system_tracking_interval)) options%system_tracking_interval = system_tracking_interval
        if (present(log_system_params)) options%log_system_params = logical(log_system_params, c_bool)
        if (present(capture_terminal_logs)) options%capture_terminal_logs = logical(capture_terminal_logs, c_bool)
        run = c_null_ptr
        err = c_null_ptr
        status = aim_run_new(c_loc(options), run, err)
        if (status == AIM_OK) then
            call self%free()
            self%handle = run
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    !> The run's hash, 24 hex digits; '' if no run is open.
    function hash(self)
        class(aim_run), intent(in) :: self
        character(:), allocatable :: hash
        call copy(aim_run_hash(self%handle), hash)
    end function

    !> Resolves a metric once, to track it in nanoseconds. A metric that the variable held before is given back.
    !> `context` is a JSON object as aim_object makes it.
    subroutine metric(self, name, handle, context, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: name
        type(aim_metric), intent(inout) :: handle
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_name, c_context
        type(c_ptr) :: name_address, context_address, found, err
        integer(c_int32_t) :: status
        if (.not. lent('the name', name, c_name, name_address, stat, errmsg)) return
        if (.not. lent('the context', context, c_context, context_address, stat, errmsg)) return
        found = c_null_ptr
        err = c_null_ptr
        status = aim_run_metric(self%handle, name_address, context_address, found, err)
        if (status == AIM_OK) then
            call handle%free()
            handle%handle = found
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Resolves a sequence of objects once, to track them. `kind` is one of AIM_QUERY_IMAGES, ...; else as metric.
    subroutine sequence(self, kind, name, handle, context, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(in) :: kind
        character(*), intent(in) :: name
        type(aim_sequence), intent(inout) :: handle
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_name, c_context
        type(c_ptr) :: name_address, context_address, found, err
        integer(c_int32_t) :: status
        if (.not. lent('the name', name, c_name, name_address, stat, errmsg)) return
        if (.not. lent('the context', context, c_context, context_address, stat, errmsg)) return
        found = c_null_ptr
        err = c_null_ptr
        status = aim_run_sequence(self%handle, int(kind, c_int32_t), name_address, context_address, found, err)
        if (status == AIM_OK) then
            call handle%free()
            handle%handle = found
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Waits until everything that this process tracked and set before is committed to disk.
    subroutine flush_run(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        status = aim_run_flush(self%handle, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Commits everything and ends the run: its status becomes finished, unless other processes are still writing it.
    !> Further calls answer AIM_ERR_CLOSED.
    subroutine close_run(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        status = aim_run_close(self%handle, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Closes, and says how the run ended: `status` is AIM_RUN_FINISHED, AIM_RUN_FAILED, AIM_RUN_INTERRUPTED or
    !> AIM_RUN_CRASHED; `finalized_at` in seconds since 1970-01-01 UTC. Without it, a run ends as its program does: `stop`
    !> with a number other than 0 and `error stop` are failures.
    subroutine close_as(self, status, exit_code, signal, finalized_at, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(in) :: status
        integer, intent(in), optional :: exit_code, signal
        real(real64), intent(in), optional :: finalized_at
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_outcome), target :: outcome
        type(c_ptr) :: err
        integer(c_int32_t) :: answer
        outcome%struct_size = c_sizeof(outcome)
        outcome%status = int(status, c_int32_t)
        outcome%has_exit_code = present(exit_code)
        if (present(exit_code)) outcome%exit_code = int(exit_code, c_int32_t)
        if (present(signal)) outcome%signal = int(signal, c_int32_t)
        if (present(finalized_at)) outcome%finalized_at = finalized_at
        err = c_null_ptr
        answer = aim_run_close_as(self%handle, c_loc(outcome), err)
        call settle(answer, err, stat, errmsg)
    end subroutine

    !> Closes without waiting; wait() waits for what is stored in the background.
    subroutine start_closing(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        status = aim_run_start_closing(self%handle, c_null_ptr, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Waits until everything that this process tracked is stored, no longer than `seconds`, also after the run was closed;
    !> AIM_ERR_TIMEOUT if the time is over before.
    subroutine wait(self, seconds, stat, errmsg)
        class(aim_run), intent(in) :: self
        real(real64), intent(in) :: seconds
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        status = aim_run_wait(self%handle, seconds, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Drops the points of all metrics, or of the metric `name`, from `step` on; `dropped` receives their number.
    subroutine rewind(self, step, name, dropped, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(in) :: step
        character(*), intent(in), optional :: name
        integer, intent(out), optional :: dropped
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_name
        type(c_ptr) :: names(1), err
        integer(c_int64_t) :: count
        integer(c_int32_t) :: status
        integer(c_size_t) :: n
        if (.not. lent('the name', name, c_name, names(1), stat, errmsg)) return
        n = merge(1, 0, present(name))
        count = 0
        err = c_null_ptr
        status = aim_run_rewind(self%handle, int(step, c_int64_t), names, n, count, err)
        if (present(dropped)) dropped = int(count)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Logs a message with its time in seconds since 1970-01-01 UTC.
    subroutine log_at(self, time, level, message, stat, errmsg)
        class(aim_run), intent(in) :: self
        real(real64), intent(in) :: time
        integer, intent(in) :: level
        character(*), intent(in) :: message
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_message
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        if (.not. lent('the message', message, c_message, address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_log_at(self%handle, time, int(level, c_int32_t), address, c_null_ptr, 0_c_int32_t, c_null_ptr, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Adds a line of the terminal with its time in seconds since 1970-01-01 UTC; `descriptor` is 1 or 2.
    subroutine add_terminal_line_at(self, time, descriptor, text, stat, errmsg)
        class(aim_run), intent(in) :: self
        real(real64), intent(in) :: time
        integer, intent(in) :: descriptor
        character(*), intent(in) :: text
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_text
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        if (.not. lent('the text', text, c_text, address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_add_terminal_line_at(self%handle, time, int(descriptor, c_int32_t), address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Gives the run back before it goes out of scope; nothing happens if it is free. One that is not closed is closed
    !> in the background.
    subroutine free_run(self)
        class(aim_run), intent(inout) :: self
        call aim_run_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_run), intent(inout) :: left
        class(aim_run), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: a run cannot be assigned; pass it as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_run), intent(inout) :: self
        call self%free()
    end subroutine

    !> Sets a param to a JSON value; NaN, Infinity and -Infinity are numbers.
    subroutine set_param_json(self, key, json, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: key, json
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store_json(self%handle, key, json, stat, errmsg)
    end subroutine

    !> Sets a param to bytes.
    subroutine set_param_bytes(self, key, bytes, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: key
        integer(int8), intent(in), contiguous, target :: bytes(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_key
        type(c_ptr) :: key_address, err
        integer(c_int32_t) :: status
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        err = c_null_ptr
        status = aim_run_set_param_bytes(self%handle, key_address, c_loc(bytes), size(bytes, kind=c_size_t), err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Sets a param to null.
    subroutine set_param_null(self, key, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_set_param_null, self%handle, 'the key', key, stat, errmsg)
    end subroutine

    !> Deletes a param with all below it.
    subroutine delete_param(self, key, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_delete_param, self%handle, 'the key', key, stat, errmsg)
    end subroutine

    !> A param as JSON, types intact.
    function param_json(self, key, stat, errmsg) result(json)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        logical :: found
        found = found_in_run(self%handle, json, key, stat, errmsg)
    end function

    !> All params as one JSON object.
    function params_json(self, stat, errmsg) result(json)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        logical :: found
        found = found_in_run(self%handle, json, stat=stat, errmsg=errmsg)
    end function

    !> A param that is bytes.
    function param_bytes(self, key, stat, errmsg) result(bytes)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable :: bytes(:)
        character(kind=c_char, len=:), allocatable, target :: c_key
        integer(c_int8_t), pointer :: stored(:)
        type(c_ptr) :: key_address, address, err
        integer(c_size_t) :: n
        integer(c_int32_t) :: status
        allocate (bytes(0))
        if (.not. lent('the key', key, c_key, key_address, stat, errmsg)) return
        address = c_null_ptr
        err = c_null_ptr
        n = 0
        status = aim_run_get_param_bytes(self%handle, key_address, address, n, err)
        if (n > 0) then
            call c_f_pointer(address, stored, [n])
            bytes = stored
        end if
        call aim_bytes_free(address, n)
        call settle(status, err, stat, errmsg)
    end function

    !> Names the run for people.
    subroutine set_name(self, name, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: name
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_set_name, self%handle, 'the name', name, stat, errmsg)
    end subroutine

    !> Describes the run for people.
    subroutine set_description(self, description, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: description
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_set_description, self%handle, 'the description', description, stat, errmsg)
    end subroutine

    !> Moves the run to another experiment.
    subroutine set_experiment(self, experiment, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: experiment
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_set_experiment, self%handle, 'the experiment', experiment, stat, errmsg)
    end subroutine

    !> Adds a tag; nothing happens if the run has it.
    subroutine add_tag(self, tag, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: tag
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_add_tag, self%handle, 'the tag', tag, stat, errmsg)
    end subroutine

    !> Removes a tag; nothing happens if the run does not have it.
    subroutine remove_tag(self, tag, stat, errmsg)
        class(aim_run), intent(in) :: self
        character(*), intent(in) :: tag
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call carry_out(aim_run_remove_tag, self%handle, 'the tag', tag, stat, errmsg)
    end subroutine

    !> Archives the run or brings it back: queries leave archived runs out unless they mention run.archived.
    subroutine set_archived(self, archived, stat, errmsg)
        class(aim_run), intent(in) :: self
        logical, intent(in) :: archived
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        status = aim_run_set_archived(self%handle, logical(archived, c_bool), err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> The run's name; 'Run: ' and its hash until one is set.
    function name(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: name
        call get_text(aim_run_get_name, self, name, stat, errmsg)
    end function

    !> The run's description, '' until one is set.
    function description(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: description
        call get_text(aim_run_get_description, self, description, stat, errmsg)
    end function

    !> The run's experiment.
    function experiment(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: experiment
        call get_text(aim_run_get_experiment, self, experiment, stat, errmsg)
    end function

    !> The run's tags, in the order of adding.
    function tags(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_string), allocatable :: tags(:)
        character(:), allocatable :: json
        call get_text(aim_run_get_tags, self, json, stat, errmsg)
        call split_strings(json, tags)
    end function

    !> Whether the run is archived.
    logical function archived(self, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: err
        logical(c_bool) :: answer
        integer(c_int32_t) :: status
        answer = .false.
        err = c_null_ptr
        status = aim_run_get_archived(self%handle, answer, err)
        archived = answer
        call settle(status, err, stat, errmsg)
    end function

    !> Logs a message in the run's AIM_LOGS_RECORDS. `level` is one of AIM_LOG_DEBUG to AIM_LOG_CRITICAL, or a number
    !> from 1 to 100 between them. `file`, `line` and `procedure` say where in the source.
    subroutine log_message(self, level, message, file, line, procedure, stat, errmsg)
        class(aim_run), intent(in) :: self
        integer, intent(in) :: level
        character(*), intent(in) :: message
        character(*), intent(in), optional :: file
        integer, intent(in), optional :: line
        character(*), intent(in), optional :: procedure
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_message, c_file, c_procedure
        type(c_ptr) :: message_address, file_address, procedure_address, err
        integer(c_int32_t) :: status, at
        if (.not. lent('the message', message, c_message, message_address, stat, errmsg)) return
        if (.not. lent('the file', file, c_file, file_address, stat, errmsg)) return
        if (.not. lent('the procedure', procedure, c_procedure, procedure_address, stat, errmsg)) return
        at = 0
        if (present(line)) at = int(line, c_int32_t)
        err = c_null_ptr
        status = aim_run_log(self%handle, int(level, c_int32_t), message_address, file_address, at, &
            procedure_address, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Up to `count` records of one of the run's logs, AIM_LOGS_RECORDS or AIM_LOGS_TERMINAL, from number `first` on;
    !> they are numbered from 0.
    function read_logs(self, stream, first, count, stat, errmsg) result(records)
        class(aim_run), intent(in) :: self
        integer, intent(in) :: stream
        integer, intent(in) :: first, count
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_log_record), allocatable :: records(:)
        type(c_ptr) :: json, err
        integer(c_int32_t) :: status
        json = c_null_ptr
        err = c_null_ptr
        status = aim_run_read_logs(self%handle, int(stream, c_int32_t), int(first, c_int64_t), &
            int(count, c_int64_t), json, err)
        call take_records(json, records)
        call settle(status, err, stat, errmsg)
    end function

    subroutine get_text(getter, self, text, stat, errmsg)
        procedure(text_getter) :: getter
        class(aim_run), intent(in) :: self
        character(:), allocatable, intent(out) :: text
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        address = c_null_ptr
        err = c_null_ptr
        status = getter(self%handle, address, err)
        call take(address, text)
        call settle(status, err, stat, errmsg)
    end subroutine
end module aim_runs
