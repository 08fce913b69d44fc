! Text that Fortran hands to C.
module aim_arguments
    use, intrinsic :: iso_c_binding, only: c_char, c_loc, c_null_char, c_null_ptr, c_ptr
    use aim_c, only: AIM_ERR_INVALID_ARGUMENT
    use aim_errors, only: fail
    use aim_text, only: decimal
    implicit none
    private
    public :: lent

contains

    !> Lends `text`, without its trailing blanks, to a C call: `buffer` holds it, `address` points to it, and is NULL if
    !> there is no text. False, and reported as an error, if it holds a NUL, which C would take for its end.
    logical function lent(what, text, buffer, address, stat, errmsg)
        character(*), intent(in) :: what
        character(*), intent(in), optional :: text
        character(kind=c_char, len=:), allocatable, intent(inout), target :: buffer
        type(c_ptr), intent(out) :: address
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        address = c_null_ptr
        lent = .true.
        if (.not. present(text)) return
        if (index(text, c_null_char) > 0) then
            lent = .false.
            call fail(AIM_ERR_INVALID_ARGUMENT, what//' holds a NUL at position '//decimal(index(text, c_null_char)), &
                stat, errmsg)
            return
        end if
        buffer = trim(text)//c_null_char
        address = c_loc(buffer)
    end function
end module aim_arguments
