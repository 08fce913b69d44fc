! How a call that failed is reported, the same everywhere: as the statements of Fortran do it, by `stat` and `errmsg`,
! or by ending the program. Only what is tracked, and what is asked of a run that was never opened, ends no program: one
! line on the error unit tells of the first, and the job goes on.
module aim_errors
    use, intrinsic :: iso_c_binding, only: c_int32_t, c_ptr
    use, intrinsic :: iso_fortran_env, only: error_unit
    use aim_c, only: aim_error_free, aim_error_message, AIM_OK
    use aim_text, only: copy
    implicit none
    private
    public :: complain, fail, settle

contains

    !> Ends a call of the C interface: `stat` receives its status; `err`, which a failed call stored, becomes the
    !> message.
    subroutine settle(status, err, stat, errmsg, tracks)
        integer(c_int32_t), intent(in) :: status
        type(c_ptr), intent(in) :: err
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        logical, intent(in), optional :: tracks
        character(:), allocatable :: text
        logical :: goes_on
        if (status == AIM_OK) then
            if (present(stat)) stat = AIM_OK
            return
        end if
        call copy(aim_error_message(err), text)
        call aim_error_free(err)
        goes_on = .false.
        if (present(tracks)) goes_on = tracks
        if (text == 'run is NULL') then
            text = 'the run is not open: call run%open first'
            goes_on = .true.
        else if (text == 'metric is NULL') then
            text = 'the metric is not resolved: call run%metric first'
            goes_on = .true.
        else if (text == 'sequence is NULL') then
            text = 'the sequence is not resolved: call run%sequence first'
            goes_on = .true.
        end if
        if (goes_on) then
            call complain(int(status), text, stat, errmsg)
        else
            call fail(int(status), text, stat, errmsg)
        end if
    end subroutine

    !> Reports an error that ends no program: to `stat` and `errmsg`, or, without `stat`, the first one on the error unit.
    subroutine complain(status, message, stat, errmsg)
        integer, intent(in) :: status
        character(*), intent(in) :: message
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        logical, save :: told = .false.
        if (present(errmsg)) errmsg = message
        if (present(stat)) then
            stat = status
        else if (.not. told) then
            told = .true.
            write (error_unit, '(3a)') 'aim: ', message, ' (what is lost after this is not told)'
        end if
    end subroutine

    !> Reports an error: to `stat` and `errmsg`, or, without `stat`, on the error unit and by ending the program.
    subroutine fail(status, message, stat, errmsg)
        integer, intent(in) :: status
        character(*), intent(in) :: message
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (present(errmsg)) errmsg = message
        if (present(stat)) then
            stat = status
        else
            write (error_unit, '(2a)') 'aim: ', message
            error stop
        end if
    end subroutine
end module aim_errors
