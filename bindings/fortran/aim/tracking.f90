! Tracking, once the kinds of the arguments are settled.
module aim_tracking
    use, intrinsic :: iso_c_binding, only: c_char, c_int32_t, c_loc, c_null_char, c_null_ptr, c_ptr, c_size_t
    use, intrinsic :: iso_fortran_env, only: int64, real64
    use aim_arguments, only: lent
    use aim_c
    use aim_errors, only: complain, settle
    use aim_text, only: decimal
    implicit none
    private
    public :: track_again, track_columns, track_named

    !> Names and contexts up to this length cost no allocation.
    integer, parameter :: short = 255

contains

    !> aim_metric_track gives no message: after a refusal the value is offered once more to a call that does.
    subroutine track_again(metric, value, step, epoch, stat, errmsg)
        type(c_ptr), value :: metric
        real(real64), value :: value
        integer(int64), value :: step, epoch
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call track_columns(metric, [value], [step], [epoch], stat, errmsg)
    end subroutine

    subroutine track_columns(metric, values, steps, epochs, stat, errmsg)
        type(c_ptr), intent(in) :: metric
        real(real64), intent(in), target, contiguous :: values(:)
        integer(int64), intent(in), optional, target, contiguous :: steps(:), epochs(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_ptr) :: steps_address, epochs_address, err
        integer(c_int32_t) :: status
        steps_address = c_null_ptr
        epochs_address = c_null_ptr
        if (present(steps)) then
            if (differs('steps', size(steps))) return
            steps_address = c_loc(steps)
        end if
        if (present(epochs)) then
            if (differs('epochs', size(epochs))) return
            epochs_address = c_loc(epochs)
        end if
        err = c_null_ptr
        status = aim_metric_track_many(metric, c_loc(values), steps_address, epochs_address, &
            size(values, kind=c_size_t), err)
        call settle(status, err, stat, errmsg, tracks=.true.)

    contains

        logical function differs(what, n)
            character(*), intent(in) :: what
            integer, intent(in) :: n
            differs = n /= size(values)
            if (differs) call complain(AIM_ERR_INVALID_ARGUMENT, &
                trim(decimal(n))//' '//what//' for '//trim(decimal(size(values)))//' values', stat, errmsg)
        end function
    end subroutine

    subroutine track_named(run, name, value, step, epoch, context, stat, errmsg)
        type(c_ptr), intent(in) :: run
        character(*), intent(in) :: name
        real(real64), intent(in) :: value
        integer(int64), intent(in) :: step, epoch
        character(*), intent(in), optional :: context
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_name, c_context
        character(kind=c_char, len=short + 1), target :: short_name, short_context
        type(c_ptr) :: name_address, context_address, err
        integer(c_int32_t) :: status
        integer :: wrong
        wrong = AIM_OK
        if (fits(name)) then
            call put(name, short_name, name_address)
        else if (.not. lent('the name', name, c_name, name_address, wrong, errmsg)) then
            call complain(wrong, 'the name holds a NUL', stat)
            return
        end if
        context_address = c_null_ptr
        if (present(context)) then
            if (fits(context)) then
                call put(context, short_context, context_address)
            else if (.not. lent('the context', context, c_context, context_address, wrong, errmsg)) then
                call complain(wrong, 'the context holds a NUL', stat)
                return
            end if
        end if
        err = c_null_ptr
        status = aim_run_track(run, name_address, value, step, epoch, context_address, err)
        if (status == AIM_OK) then
            if (present(stat)) stat = AIM_OK
        else
            call settle(status, err, stat, errmsg, tracks=.true.)
        end if
    end subroutine

    !> Whether a text can be lent from the stack: it is short, and without a NUL.
    pure logical function fits(text)
        character(*), intent(in) :: text
        integer :: n
        n = len_trim(text)
        fits = n <= short
        if (fits) fits = index(text(:n), c_null_char) == 0
    end function

    subroutine put(text, buffer, address)
        character(*), intent(in) :: text
        character(kind=c_char, len=short + 1), intent(inout), target :: buffer
        type(c_ptr), intent(out) :: address
        integer :: n
        n = len_trim(text)
        buffer(:n) = text(:n)
        buffer(n + 1:n + 1) = c_null_char
        address = c_loc(buffer)
    end subroutine
end module aim_tracking
