! What the tests share: checks that print TAP, and the scratch directory that the program gets as its argument.
module checks
    use, intrinsic :: iso_fortran_env, only: int64, output_unit, real64
    use aim
    implicit none
    private
    public :: check, check_status, check_text, decimal, finish, scratch, unset

    !> A value that no call stores, for variables that a failed call has to leave alone.
    integer, parameter :: unset = -12345

    integer :: count = 0, failed = 0

contains

    subroutine check(good, what)
        logical, intent(in) :: good
        character(*), intent(in) :: what
        count = count + 1
        if (.not. good) failed = failed + 1
        write (output_unit, '(a, i0, 2a)') trim(merge('ok    ', 'not ok', good))//' ', count, ' - ', what
        flush (output_unit)
    end subroutine

    subroutine check_text(got, want, what)
        character(*), intent(in) :: got, want, what
        logical :: good
        good = got == want .and. len(got) == len(want)
        call check(good, what)
        if (.not. good) write (output_unit, '(5a)') '#   got "', got, '", want "', want, '"'
    end subroutine

    !> A failed call stores its status, and a message that says something and holds `part`; a successful one leaves the
    !> message alone. `errmsg` was '' before.
    subroutine check_status(stat, want, errmsg, what, part)
        integer, intent(in) :: stat, want
        character(*), intent(in) :: errmsg, what
        character(*), intent(in), optional :: part
        logical :: good
        good = stat == want .and. ((want == AIM_OK) .eqv. errmsg == '')
        if (present(part)) good = good .and. index(errmsg, part) > 0
        call check(good, what)
        if (.not. good) write (output_unit, '(a, i0, a, i0, 2a)') '#   status ', stat, ', want ', want, ': ', trim(errmsg)
    end subroutine

    function scratch() result(directory)
        character(:), allocatable :: directory
        character(1000) :: argument
        call get_command_argument(1, argument)
        directory = trim(argument)
    end function

    function decimal(number) result(text)
        integer, intent(in) :: number
        character(:), allocatable :: text
        character(20) :: digits
        write (digits, '(i0)') number
        text = trim(digits)
    end function

    !> Prints the plan and ends the program.
    subroutine finish()
        write (output_unit, '(a, i0)') '1..', count
        flush (output_unit)
        if (failed > 0) error stop
    end subroutine
end module checks
