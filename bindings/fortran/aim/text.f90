! Text that C hands to Fortran.
module aim_text
    use, intrinsic :: iso_c_binding, only: c_associated, c_char, c_f_pointer, c_ptr, c_size_t
    use aim_c, only: aim_string_free
    implicit none
    private
    public :: borrowed, decimal, strlen, taken

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
    function borrowed(address) result(text)
        type(c_ptr), intent(in) :: address
        character(:), allocatable :: text
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
    end function

    !> A copy of a text that the library handed over; '' for NULL. Gives the text back.
    function taken(address) result(text)
        type(c_ptr), intent(in) :: address
        character(:), allocatable :: text
        text = borrowed(address)
        call aim_string_free(address)
    end function

    !> A number in decimal.
    pure function decimal(number) result(text)
        integer, intent(in) :: number
        character(:), allocatable :: text
        character(20) :: digits
        write (digits, '(i0)') number
        text = trim(digits)
    end function
end module aim_text
