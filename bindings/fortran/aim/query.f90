! Answers to queries.
module aim_queries
    use, intrinsic :: iso_c_binding, only: c_associated, c_f_pointer, c_int32_t, c_int64_t, c_null_ptr, c_ptr, c_size_t, c_loc, &
        c_sizeof
    use, intrinsic :: iso_fortran_env, only: int64, real64
    use aim_c, c_values => aim_values, c_info => aim_object_info
    use aim_errors, only: fail, settle
    use aim_found, only: aim_objects
    use aim_handing, only: number
    use aim_json_text, only: member, member_number, member_text, split_strings
    use aim_kinds, only: query_kinds
    use aim_params, only: found_in_row
    use aim_text, only: aim_string, copy, decimal, take
    implicit none
    private

    !> Points of a metric, in step order.
    type, public :: aim_values
        integer(int64), allocatable :: steps(:)
        real(real64), allocatable :: values(:)
        !> AIM_EPOCH_NONE where there is none.
        integer(int64), allocatable :: epochs(:)
        !> When each point was tracked: seconds since 1970-01-01 UTC.
        real(real64), allocatable :: times(:)
    end type

    !> What is known of a run beside its params and metrics.
    type, public :: aim_run_properties
        character(:), allocatable :: hash, name, description, experiment
        type(aim_string), allocatable :: tags(:)
        logical :: archived = .false.
        !> 'running', 'finished', 'failed', 'interrupted' or 'crashed'.
        character(:), allocatable :: status
        !> The exit code of the program, where it is known, and the signal that ended it; 0: none is known.
        logical :: has_exit_code = .false.
        integer :: exit_code = 0, signal = 0
        !> The text that its creator chose as its id; '' if none.
        character(:), allocatable :: run_id
        !> Seconds since 1970-01-01 UTC; `finalized_at` is 0 while the run is running.
        real(real64) :: created_at = 0, finalized_at = 0
    end type

    !> The answer to a query, by query_runs, query_metrics or query_objects of a repository: rows, counted from 1, newest run first,
    !> then by name, then by context. A snapshot, which threads may share. What it returns is the caller's.
    !>
    !> call query%get_param(row, key, value [, stat] [, errmsg]) reads a param of the row's run, as run%get_param does.
    type, extends(query_kinds), public :: aim_query
    contains
        procedure :: size => query_size
        procedure :: run_hash, metric_name, metric_context, metric_info
        procedure :: values => row_values
        procedure :: sample, sequence_info, objects
        procedure :: param_json, params_json, run_properties
        procedure :: failures, warning, table
        procedure :: free => free_query
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

    abstract interface
        function row_text(query, i) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), value :: query
            integer(c_size_t), value :: i
            type(c_ptr) :: row_text
        end function
    end interface

contains

    !> Number of rows; 0 for a query that was not asked.
    integer function query_size(self)
        class(aim_query), intent(in) :: self
        query_size = int(aim_query_len(self%handle))
    end function

    !> Hash of the row's run.
    function run_hash(self, row, stat, errmsg)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: run_hash
        call get_text(aim_query_run_hash, self, row, run_hash, stat, errmsg)
    end function

    !> Name of the row's metric.
    function metric_name(self, row, stat, errmsg)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: metric_name
        call get_text(aim_query_metric_name, self, row, metric_name, stat, errmsg)
    end function

    !> Context of the row's metric as JSON with sorted keys.
    function metric_context(self, row, stat, errmsg)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: metric_context
        call get_text(aim_query_metric_context, self, row, metric_context, stat, errmsg)
    end function

    subroutine get_text(getter, self, row, text, stat, errmsg)
        procedure(row_text) :: getter
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        character(:), allocatable, intent(out) :: text
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: address
        address = getter(self%handle, row - 1_c_size_t)
        call copy(address, text)
        if (c_associated(address)) then
            if (present(stat)) stat = AIM_OK
        else
            call fail(AIM_ERR_INVALID_ARGUMENT, 'no such text: row '//trim(decimal(row))//' of '// &
                trim(decimal(self%size()))//' rows, or a query for runs', stat, errmsg)
        end if
    end subroutine

    !> What is known of the row's metric without reading its points.
    function metric_info(self, row, stat, errmsg) result(info)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_metric_info) :: info
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        status = aim_query_metric_info(self%handle, row - 1_c_size_t, info, err)
        call settle(status, err, stat, errmsg)
    end function

    !> What is known of the row's sequence of objects without reading its points.
    function sequence_info(self, row, stat, errmsg) result(info)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_sequence_info) :: info
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        info%struct_size = c_sizeof(info)
        err = c_null_ptr
        status = aim_query_sequence_info(self%handle, row - 1_c_size_t, info, err)
        call settle(status, err, stat, errmsg)
    end function

    !> Finds the objects of the row's sequence: of steps and indices, which count from 0, from the first up to, not including,
    !> the end, and of these so many points, and objects of each, at even distances; one point alone is the last. Objects that
    !> the variable held before are given back.
    subroutine objects(self, row, found, first_step, end_step, points, first_index, end_index, per_point, stat, errmsg)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        type(aim_objects), intent(inout) :: found
        class(*), intent(in), optional :: first_step, end_step
        integer, intent(in), optional :: points, first_index, end_index, per_point
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_range), target :: range
        type(c_ptr) :: list, err
        integer(c_int32_t) :: status
        range%struct_size = c_sizeof(range)
        range%first_step = ibset(0_c_int64_t, 63) ! the least
        range%end_step = huge(range%end_step)
        range%end_index = -1 ! all ones
        if (.not. number('first_step', first_step, range%first_step, stat, errmsg)) return
        if (.not. number('end_step', end_step, range%end_step, stat, errmsg)) return
        if (present(points)) range%points = max(points, 0)
        if (present(first_index)) range%first_index = int(first_index, c_int32_t)
        if (present(end_index)) range%end_index = int(end_index, c_int32_t)
        if (present(per_point)) range%objects = max(per_point, 0)
        list = c_null_ptr
        err = c_null_ptr
        status = aim_query_objects(self%handle, row - 1_c_size_t, c_loc(range), list, err)
        if (status == AIM_OK) then
            call found%free()
            found%handle = list
        end if
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Points of the row's metric.
    function row_values(self, row, stat, errmsg) result(points)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_values) :: points
        type(c_values) :: columns
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        err = c_null_ptr
        status = aim_query_values(self%handle, row - 1_c_size_t, columns, err)
        call copy_columns(columns, points)
        call settle(status, err, stat, errmsg)
    end function

    !> At most `points` points of the row's metric, for plots; all, if it has no more. `method` is AIM_SAMPLE_MIN_MAX,
    !> the default, or AIM_SAMPLE_STRIDE.
    function sample(self, row, points, method, stat, errmsg) result(chosen)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row, points
        integer, intent(in), optional :: method
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_values) :: chosen
        type(c_values) :: columns
        type(c_ptr) :: handle, err
        integer(c_int32_t) :: status, by
        by = AIM_SAMPLE_MIN_MAX
        if (present(method)) by = int(method, c_int32_t)
        handle = c_null_ptr
        err = c_null_ptr
        status = aim_query_sample(self%handle, row - 1_c_size_t, int(max(points, 0), c_size_t), by, handle, err)
        if (status == AIM_OK) status = aim_sample_values(handle, columns, err)
        call copy_columns(columns, chosen)
        call aim_sample_free(handle)
        call settle(status, err, stat, errmsg)
    end function

    subroutine copy_columns(columns, points)
        type(c_values), intent(in) :: columns
        type(aim_values), intent(inout) :: points
        integer(int64), pointer :: integers(:)
        real(real64), pointer :: reals(:)
        associate (n => columns%len)
            allocate (points%steps(n), points%values(n), points%epochs(n), points%times(n))
        end associate
        if (columns%len == 0) return
        call c_f_pointer(columns%steps, integers, [columns%len])
        points%steps = integers
        call c_f_pointer(columns%values, reals, [columns%len])
        points%values = reals
        call c_f_pointer(columns%epochs, integers, [columns%len])
        points%epochs = integers
        call c_f_pointer(columns%times, reals, [columns%len])
        points%times = reals
    end subroutine

    !> A param of the row's run as JSON.
    function param_json(self, row, key, stat, errmsg) result(json)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        logical :: found
        found = found_in_row(self%handle, row, json, key, stat, errmsg)
    end function

    !> All params of the row's run as one JSON object.
    function params_json(self, row, stat, errmsg) result(json)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        logical :: found
        found = found_in_row(self%handle, row, json, stat=stat, errmsg=errmsg)
    end function

    !> Properties of the row's run.
    function run_properties(self, row, stat, errmsg) result(properties)
        class(aim_query), intent(in) :: self
        integer, intent(in) :: row
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_run_properties) :: properties
        character(:), allocatable :: json, part
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        address = c_null_ptr
        err = c_null_ptr
        status = aim_query_run_properties(self%handle, row - 1_c_size_t, address, err)
        call take(address, json)
        if (status == AIM_OK) then
            call member_text(json, 'hash', properties%hash)
            call member_text(json, 'name', properties%name)
            call member_text(json, 'description', properties%description)
            call member_text(json, 'experiment', properties%experiment)
            call member(json, 'tags', part)
            call split_strings(part, properties%tags)
            call member(json, 'archived', part)
            properties%archived = part == 'true'
            call member_text(json, 'status', properties%status)
            properties%created_at = member_number(json, 'created_at')
            properties%finalized_at = member_number(json, 'finalized_at')
            call member(json, 'exit_code', part)
            properties%has_exit_code = part /= 'null'
            properties%exit_code = int(member_number(json, 'exit_code'))
            properties%signal = int(member_number(json, 'signal'))
            call member(json, 'run_id', part)
            properties%run_id = ''
            if (part /= 'null') call member_text(json, 'run_id', properties%run_id)
        end if
        call settle(status, err, stat, errmsg)
    end function

    !> How many rows the expression failed on, which are not among the results; `reason` receives why the first one did,
    !> '' if there is none.
    function failures(self, reason, stat, errmsg)
        class(aim_query), intent(in) :: self
        character(:), allocatable, intent(out), optional :: reason
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: failures
        integer(c_int64_t) :: count
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        character(:), allocatable :: why
        count = 0
        address = c_null_ptr
        err = c_null_ptr
        status = aim_query_failures(self%handle, count, address, err)
        failures = count
        call take(address, why)
        if (present(reason)) reason = why
        call settle(status, err, stat, errmsg)
    end function

    !> What the answer misses, as text for people: values that could not be committed, on a full disk, say. '' for an
    !> answer that holds all that was tracked before.
    function warning(self)
        class(aim_query), intent(in) :: self
        character(:), allocatable :: warning
        call copy(aim_query_warning(self%handle), warning)
    end function

    !> A table of the query's runs as a JSON array, newest first: properties, params and metrics; as aim_query_table.
    function table(self, stat, errmsg) result(json)
        class(aim_query), intent(in) :: self
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        address = c_null_ptr
        err = c_null_ptr
        status = aim_query_table(self%handle, address, err)
        call take(address, json)
        call settle(status, err, stat, errmsg)
    end function

    !> Gives the query back before it goes out of scope; nothing happens if it is free.
    subroutine free_query(self)
        class(aim_query), intent(inout) :: self
        call aim_query_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_query), intent(inout) :: left
        class(aim_query), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: a query cannot be assigned; pass it as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_query), intent(inout) :: self
        call self%free()
    end subroutine
end module aim_queries
