! A metric of an open run.
module aim_metrics
    use, intrinsic :: iso_c_binding, only: c_null_ptr
    use aim_c, only: aim_metric_free
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
        procedure :: free => free_metric
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

contains

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
