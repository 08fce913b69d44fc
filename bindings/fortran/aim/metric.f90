! A metric of an open run.
module aim_metrics
    use, intrinsic :: iso_c_binding, only: c_int32_t, c_loc, c_null_ptr, c_ptr, c_size_t
    use, intrinsic :: iso_fortran_env, only: int64, real64
    use aim_c, only: AIM_ERR_INVALID_ARGUMENT, aim_metric_free, aim_metric_track_many_at
    use aim_errors, only: fail, settle
    use aim_kinds, only: metric_kinds
    implicit none
    private

    !> A metric of an open run: name and context, resolved by run%metric. Threads may share it.
    !>
    !> call metric%track(value [, step] [, epoch] [, stat] [, errmsg]) tracks a value, a real or an integer, without
    !> lock, allocation or system call. Without `step` the value goes behind the sequence's last.
    !>
    !> call metric%track_many(values [, steps] [, epochs] [, stat] [, errmsg]) tracks an array at once, all stamped with
    !> the present time. On an error, values before the failing one are tracked.
    type, extends(metric_kinds), public :: aim_metric
    contains
        procedure :: track_many_at
        procedure :: free => free_metric
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

contains

    !> Tracks values, each with its time in seconds since 1970-01-01 UTC. A time that is none keeps the call from tracking
    !> anything. The columns have equal lengths.
    subroutine track_many_at(self, values, times, steps, epochs, stat, errmsg)
        class(aim_metric), intent(in) :: self
        real(real64), intent(in), contiguous, target :: values(:), times(:)
        integer(int64), intent(in), contiguous, target, optional :: steps(:), epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: step_column, epoch_column, err
        integer(c_int32_t) :: status
        step_column = c_null_ptr
        epoch_column = c_null_ptr
        if (size(times) /= size(values)) then
            call fail(AIM_ERR_INVALID_ARGUMENT, 'there are not as many times as values', stat, errmsg)
            return
        end if
        if (present(steps)) then
            step_column = c_loc(steps)
            if (size(steps) /= size(values)) then
                call fail(AIM_ERR_INVALID_ARGUMENT, 'there are not as many steps as values', stat, errmsg)
                return
            end if
        end if
        if (present(epochs)) then
            epoch_column = c_loc(epochs)
            if (size(epochs) /= size(values)) then
                call fail(AIM_ERR_INVALID_ARGUMENT, 'there are not as many epochs as values', stat, errmsg)
                return
            end if
        end if
        err = c_null_ptr
        status = aim_metric_track_many_at(self%handle, c_loc(values), step_column, epoch_column, c_loc(times), &
            size(values, kind=c_size_t), err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Gives the metric back before it goes out of scope; nothing happens if it is free.
    subroutine free_metric(self)
        class(aim_metric), intent(inout) :: self
        call aim_metric_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_metric), intent(inout) :: left
        class(aim_metric), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: a metric cannot be assigned; pass it as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_metric), intent(inout) :: self
        call self%free()
    end subroutine
end module aim_metrics
