! The library itself: its version and its messages.
module aim_library
    use, intrinsic :: iso_c_binding, only: c_char, c_f_pointer, c_funloc, c_int32_t, c_loc, c_null_char, c_null_funptr, &
        c_null_ptr, c_ptr
    use aim_c, only: c_set_log_callback => aim_set_log_callback, c_library_version => aim_library_version, &
        c_has => aim_has
    use aim_text, only: copy
    implicit none
    private
    public :: aim_has, aim_library_version, aim_set_log_callback

    abstract interface
        !> Receives a message of the library and its level, one of AIM_LOG_DEBUG to AIM_LOG_ERROR. It may be called by
        !> any thread, also by several at once.
        subroutine aim_log_procedure(level, message)
            integer, intent(in) :: level
            character(*), intent(in) :: message
        end subroutine
    end interface
    public :: aim_log_procedure

    !> Kept for good: a thread may be calling the procedure while it is replaced.
    type :: receiver
        procedure(aim_log_procedure), pointer, nopass :: call => null()
        type(receiver), pointer :: previous => null()
    end type
    type(receiver), pointer :: latest => null()

contains

    !> The library's version, 'MAJOR.MINOR.PATCH'; AIM_VERSION is that of this module.
    function aim_library_version() result(version)
        character(:), allocatable :: version
        call copy(c_library_version(), version)
    end function

    !> Whether the library was built with a part that a build may be without: 'arrow', 'git', 'gpu' or 'terminal'.
    function aim_has(part) result(has)
        character(*), intent(in) :: part
        logical :: has
        character(len(part) + 1, c_char), target :: text
        text = part // c_null_char
        has = c_has(c_loc(text))
    end function

    !> Sends the library's messages of `level`, one of AIM_LOG_DEBUG to AIM_LOG_ERROR, and above to `callback`; without
    !> it the library is silent, which is how it starts. A callback that is being replaced may still be running when the
    !> call returns. For one thread at a time.
    subroutine aim_set_log_callback(level, callback)
        integer, intent(in) :: level
        procedure(aim_log_procedure), optional :: callback
        type(receiver), pointer :: next
        if (present(callback)) then
            allocate (next)
            next%call => callback
            next%previous => latest
            latest => next
            call c_set_log_callback(int(level, c_int32_t), c_funloc(relay), c_loc(next))
        else
            call c_set_log_callback(int(level, c_int32_t), c_null_funptr, c_null_ptr)
        end if
    end subroutine

    subroutine relay(level, message, userdata) bind(c)
        integer(c_int32_t), value :: level
        type(c_ptr), value :: message, userdata
        type(receiver), pointer :: to
        character(:), allocatable :: text
        call c_f_pointer(userdata, to)
        call copy(message, text)
        call to%call(int(level), text)
    end subroutine
end module aim_library
