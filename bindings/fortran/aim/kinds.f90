! Generic procedures, one for every combination of kinds: values are real64, real32, int64 or int32, steps and
! epochs int64 or int32, params these and logicals, texts and arrays. Written by bindings/fortran/generate; do
! not edit.
module aim_kinds
    use, intrinsic :: iso_c_binding, only: c_null_ptr, c_ptr
    use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
    use aim_c, only: AIM_EPOCH_NONE, aim_metric_track, AIM_OK, AIM_STEP_AUTO
    use aim_decoding, only: decode
    use aim_params, only: found_in_row, found_in_run, store
    use aim_tracking, only: track_again, track_columns, track_named
    implicit none
    private

    type, abstract, public :: metric_kinds
        !> The handle of the C interface, which stays this object's; c_null_ptr while it holds none.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure, private :: metric_track_r64_ll, metric_track_r64_li, metric_track_r64_il, metric_track_r64_ii, &
            metric_track_r32_ll, metric_track_r32_li, metric_track_r32_il, metric_track_r32_ii, metric_track_i64_ll, &
            metric_track_i64_li, metric_track_i64_il, metric_track_i64_ii, metric_track_i32_ll, metric_track_i32_li, &
            metric_track_i32_il, metric_track_i32_ii
        generic, public :: track => metric_track_r64_ll, metric_track_r64_li, metric_track_r64_il, &
            metric_track_r64_ii, metric_track_r32_ll, metric_track_r32_li, metric_track_r32_il, metric_track_r32_ii, &
            metric_track_i64_ll, metric_track_i64_li, metric_track_i64_il, metric_track_i64_ii, metric_track_i32_ll, &
            metric_track_i32_li, metric_track_i32_il, metric_track_i32_ii
        procedure, private :: metric_track_many_r64_ll, metric_track_many_r64_li, metric_track_many_r64_il, &
            metric_track_many_r64_ii, metric_track_many_r32_ll, metric_track_many_r32_li, metric_track_many_r32_il, &
            metric_track_many_r32_ii, metric_track_many_i64_ll, metric_track_many_i64_li, metric_track_many_i64_il, &
            metric_track_many_i64_ii, metric_track_many_i32_ll, metric_track_many_i32_li, metric_track_many_i32_il, &
            metric_track_many_i32_ii
        generic, public :: track_many => metric_track_many_r64_ll, metric_track_many_r64_li, metric_track_many_r64_il, &
            metric_track_many_r64_ii, metric_track_many_r32_ll, metric_track_many_r32_li, metric_track_many_r32_il, &
            metric_track_many_r32_ii, metric_track_many_i64_ll, metric_track_many_i64_li, metric_track_many_i64_il, &
            metric_track_many_i64_ii, metric_track_many_i32_ll, metric_track_many_i32_li, metric_track_many_i32_il, &
            metric_track_many_i32_ii
    end type

    type, abstract, public :: run_kinds
        !> The handle of the C interface, which stays this object's; c_null_ptr while it holds none.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure, private :: run_track_r64_ll, run_track_r64_li, run_track_r64_il, run_track_r64_ii, &
            run_track_r32_ll, run_track_r32_li, run_track_r32_il, run_track_r32_ii, run_track_i64_ll, &
            run_track_i64_li, run_track_i64_il, run_track_i64_ii, run_track_i32_ll, run_track_i32_li, &
            run_track_i32_il, run_track_i32_ii
        generic, public :: track => run_track_r64_ll, run_track_r64_li, run_track_r64_il, run_track_r64_ii, &
            run_track_r32_ll, run_track_r32_li, run_track_r32_il, run_track_r32_ii, run_track_i64_ll, &
            run_track_i64_li, run_track_i64_il, run_track_i64_ii, run_track_i32_ll, run_track_i32_li, &
            run_track_i32_il, run_track_i32_ii
        procedure, private :: run_set_r64, run_set_r32, run_set_i64, run_set_i32, run_set_logical, run_set_text, &
            run_set_r64s, run_set_r32s, run_set_i64s, run_set_i32s
        generic, public :: set_param => run_set_r64, run_set_r32, run_set_i64, run_set_i32, run_set_logical, &
            run_set_text, run_set_r64s, run_set_r32s, run_set_i64s, run_set_i32s
        procedure, private :: run_get_r64, run_get_r32, run_get_i64, run_get_i32, run_get_logical, run_get_text, &
            run_get_r64s, run_get_i64s, run_get_i32s
        generic, public :: get_param => run_get_r64, run_get_r32, run_get_i64, run_get_i32, run_get_logical, &
            run_get_text, run_get_r64s, run_get_i64s, run_get_i32s
    end type

    type, abstract, public :: query_kinds
        !> The handle of the C interface, which stays this object's; c_null_ptr while it holds none.
        type(c_ptr) :: handle = c_null_ptr
    contains
        procedure, private :: query_get_r64, query_get_r32, query_get_i64, query_get_i32, query_get_logical, &
            query_get_text, query_get_r64s, query_get_i64s, query_get_i32s
        generic, public :: get_param => query_get_r64, query_get_r32, query_get_i64, query_get_i32, query_get_logical, &
            query_get_text, query_get_r64s, query_get_i64s, query_get_i32s
    end type

contains

    subroutine metric_track_r64_ll(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, value, s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, value, s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_r64_li(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        if (aim_metric_track(self%handle, value, s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, value, s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_r64_il(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        if (aim_metric_track(self%handle, value, s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, value, s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_r64_ii(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, value, s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, value, s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_r32_ll(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_r32_li(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_r32_il(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_r32_ii(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i64_ll(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i64_li(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i64_il(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i64_ii(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i32_ll(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i32_li(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i32_il(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_i32_ii(self, value, step, epoch, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        if (aim_metric_track(self%handle, real(value, real64), s, e) == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call track_again(self%handle, real(value, real64), s, e, stat, errmsg)
        end if
    end subroutine

    subroutine metric_track_many_r64_ll(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int64), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, values, steps, epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_r64_li(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int32), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, values, steps, int(epochs, int64), stat, errmsg)
    end subroutine

    subroutine metric_track_many_r64_il(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int64), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, values, int(steps, int64), epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_r64_ii(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real64), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int32), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (present(epochs)) then
            call track_columns(self%handle, values, int(steps, int64), int(epochs, int64), stat, errmsg)
        else
            call track_columns(self%handle, values, int(steps, int64), stat=stat, errmsg=errmsg)
        end if
    end subroutine

    subroutine metric_track_many_r32_ll(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int64), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), steps, epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_r32_li(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int32), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), steps, int(epochs, int64), stat, errmsg)
    end subroutine

    subroutine metric_track_many_r32_il(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int64), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), int(steps, int64), epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_r32_ii(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        real(real32), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int32), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (present(epochs)) then
            call track_columns(self%handle, real(values, real64), int(steps, int64), int(epochs, int64), stat, errmsg)
        else
            call track_columns(self%handle, real(values, real64), int(steps, int64), stat=stat, errmsg=errmsg)
        end if
    end subroutine

    subroutine metric_track_many_i64_ll(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int64), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), steps, epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_i64_li(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int32), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), steps, int(epochs, int64), stat, errmsg)
    end subroutine

    subroutine metric_track_many_i64_il(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int64), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), int(steps, int64), epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_i64_ii(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int64), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int32), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (present(epochs)) then
            call track_columns(self%handle, real(values, real64), int(steps, int64), int(epochs, int64), stat, errmsg)
        else
            call track_columns(self%handle, real(values, real64), int(steps, int64), stat=stat, errmsg=errmsg)
        end if
    end subroutine

    subroutine metric_track_many_i32_ll(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int64), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), steps, epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_i32_li(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous :: values(:)
        integer(int64), intent(in), optional, contiguous :: steps(:)
        integer(int32), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), steps, int(epochs, int64), stat, errmsg)
    end subroutine

    subroutine metric_track_many_i32_il(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int64), intent(in), contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(self%handle, real(values, real64), int(steps, int64), epochs, stat, errmsg)
    end subroutine

    subroutine metric_track_many_i32_ii(self, values, steps, epochs, stat, errmsg)
        class(metric_kinds), intent(in) :: self
        integer(int32), intent(in), contiguous :: values(:)
        integer(int32), intent(in), contiguous :: steps(:)
        integer(int32), intent(in), optional, contiguous :: epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (present(epochs)) then
            call track_columns(self%handle, real(values, real64), int(steps, int64), int(epochs, int64), stat, errmsg)
        else
            call track_columns(self%handle, real(values, real64), int(steps, int64), stat=stat, errmsg=errmsg)
        end if
    end subroutine

    subroutine run_track_r64_ll(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, value, s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_r64_li(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        call track_named(self%handle, name, value, s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_r64_il(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        call track_named(self%handle, name, value, s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_r64_ii(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, value, s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_r32_ll(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_r32_li(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_r32_il(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_r32_ii(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        real(real32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i64_ll(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i64_li(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int64), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i64_il(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i64_ii(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int64), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i32_ll(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int64), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i32_li(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int32), intent(in) :: value
        integer(int64), intent(in), optional :: step
        integer(int32), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = AIM_STEP_AUTO
        if (present(step)) s = step
        e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i32_il(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int64), intent(in) :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_track_i32_ii(self, name, value, step, epoch, context, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: name
        integer(int32), intent(in) :: value
        integer(int32), intent(in) :: step
        integer(int32), intent(in), optional :: epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: s, e
        s = step
        e = AIM_EPOCH_NONE
        if (present(epoch)) e = epoch
        call track_named(self%handle, name, real(value, real64), s, e, context, stat, errmsg)
    end subroutine

    subroutine run_set_r64(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        real(real64), intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, real(value, real64), stat, errmsg)
    end subroutine

    subroutine run_set_r32(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        real(real32), intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, real(value, real64), stat, errmsg)
    end subroutine

    subroutine run_set_i64(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int64), intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, int(value, int64), stat, errmsg)
    end subroutine

    subroutine run_set_i32(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int32), intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, int(value, int64), stat, errmsg)
    end subroutine

    subroutine run_set_logical(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        logical, intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, value, stat, errmsg)
    end subroutine

    subroutine run_set_text(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        character(*), intent(in) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, value, stat, errmsg)
    end subroutine

    subroutine run_set_r64s(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        real(real64), intent(in) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, real(value, real64), stat, errmsg)
    end subroutine

    subroutine run_set_r32s(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        real(real32), intent(in) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, real(value, real64), stat, errmsg)
    end subroutine

    subroutine run_set_i64s(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int64), intent(in) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, int(value, int64), stat, errmsg)
    end subroutine

    subroutine run_set_i32s(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int32), intent(in) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call store(self%handle, key, int(value, int64), stat, errmsg)
    end subroutine

    subroutine run_get_r64(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        real(real64), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_r32(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        real(real32), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_i64(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int64), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_i32(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int32), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_logical(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        logical, intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_text(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        character(:), allocatable, intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_r64s(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        real(real64), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_i64s(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int64), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine run_get_i32s(self, key, value, stat, errmsg)
        class(run_kinds), intent(in) :: self
        character(*), intent(in) :: key
        integer(int32), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_run(self%handle, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_r64(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        real(real64), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_r32(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        real(real32), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_i64(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        integer(int64), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_i32(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        integer(int32), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_logical(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        logical, intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_text(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        character(:), allocatable, intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_r64s(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        real(real64), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_i64s(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        integer(int64), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine

    subroutine query_get_i32s(self, row, key, value, stat, errmsg)
        class(query_kinds), intent(in) :: self
        integer, intent(in) :: row
        character(*), intent(in) :: key
        integer(int32), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: json
        if (found_in_row(self%handle, row, json, key, stat, errmsg)) call decode(json, key, value, stat, errmsg)
    end subroutine
end module aim_kinds
