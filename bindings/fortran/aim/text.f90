! Text that C hands to Fortran. The library's procedures pass text by arguments: gfortran keeps the length of what a
! function of deferred length returns in static memory, which threads would share.
module aim_text
    use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_f_pointer, c_ptr, c_size_t
    use aim_c, only: aim_string_free
    implicit none
    private
    public :: copy, decimal, strlen, take

    !> One text of an array of texts that differ in length.
    type, public :: aim_string
        character(:), allocatable :: text
    end type

    interface
        pure function strlen(string) bind(c)
            import :: c_ptr, c_size_t
            type(c_ptr), intent(in), value :: string
            integer(c_size_t) :: strlen
        end function
    end interface

contains

    !> A copy of a text that belongs to C; '' for NULL.
    subroutine copy(address, text)
        type(c_ptr), intent(in) :: address
        character(:), allocatable, intent(out) :: text
        character(kind=c_char), pointer :: bytes(:)
        integer :: i
        if (.not. c_associated(address)) then
            text = ''
            return
        end if
        call c_f_pointer(address, bytes, [strlen(address)])
        allocate (character(size(bytes)) :: text)
        do i = 1, size(bytes)
            text(i:i) = bytes(i)
        end do
    end subroutine

    !> A copy of a text that the library handed over; '' for NULL. Gives the text back.
    subroutine take(address, text)
        type(c_ptr), intent(in) :: address
        character(:), allocatable, intent(out) :: text
        call copy(address, text)
        call aim_string_free(address)
    end subroutine

    !> A number in decimal, with blanks at its end.
    pure function decimal(number) result(text)
        integer, intent(in) :: number
        character(20) :: text
        write (text, '(i0)') number
    end function
end module aim_text
