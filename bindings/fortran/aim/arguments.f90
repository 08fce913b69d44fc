! Text that Fortran hands to C.
module aim_arguments
    use, intrinsic :: iso_c_binding, only: c_char, c_int32_t, c_loc, c_null_char, c_null_ptr, c_ptr
    use aim_c, only: AIM_ERR_INVALID_ARGUMENT
    use aim_errors, only: fail, settle
    use aim_text, only: decimal, strlen
    implicit none
    private
    public :: carry_out, lent

    abstract interface
        function text_teller(handle, text, err) bind(c)
            import :: c_int32_t, c_ptr
            type(c_ptr), value :: handle, text
            type(c_ptr), intent(inout) :: err
            integer(c_int32_t) :: text_teller
        end function
    end interface

contains

    !> Lends `text`, without its trailing blanks, to a C call: `buffer` holds it, `address` points to it, and is NULL if
    !> there is no text. False, and reported as an error, if it holds a NUL, which C would take for its end.
    logical function lent(what, text, buffer, address, stat, errmsg)
        character(*), intent(in) :: what
        character(*), intent(in), optional :: text
        character(kind=c_char, len=:), allocatable, intent(out), target :: buffer
        type(c_ptr), intent(out) :: address
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer :: n
        address = c_null_ptr
        lent = .true.
        if (.not. present(text)) return
        n = len_trim(text)
        allocate (character(n + 1) :: buffer)
        buffer(:n) = text(:n)
        buffer(n + 1:) = c_null_char
        address = c_loc(buffer)
        lent = strlen(address) == n
        if (.not. lent) call fail(AIM_ERR_INVALID_ARGUMENT, &
            what//' holds a NUL at position '//trim(decimal(int(strlen(address)) + 1)), stat, errmsg)
    end function

    !> Makes a call that is told one text.
    subroutine carry_out(teller, handle, what, text, stat, errmsg)
        procedure(text_teller) :: teller
        type(c_ptr), intent(in) :: handle
        character(*), intent(in) :: what, text
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: c_text
        type(c_ptr) :: address, err
        integer(c_int32_t) :: status
        if (.not. lent(what, text, c_text, address, stat, errmsg)) return
        err = c_null_ptr
        status = teller(handle, address, err)
        call settle(status, err, stat, errmsg)
    end subroutine
end module aim_arguments
