! Numbers to text and back, in the default floating-point environment: whatever the program rounds, traps or flushes, a
! number comes back as it was.
module aim_floats
    use, intrinsic :: ieee_arithmetic, only: ieee_is_finite, ieee_is_nan
    use, intrinsic :: iso_c_binding, only: c_int, c_int64_t, c_intptr_t, c_loc, c_null_ptr, c_ptr
    use, intrinsic :: iso_fortran_env, only: real64
    implicit none
    private
    public :: longest, read_real, write_real

    integer, parameter :: longest = 24 ! characters of a number
    integer, parameter :: words = 16 ! of C's fenv_t, or more

    interface
        integer(c_int) function fegetenv(environment) bind(c)
            import :: c_int, c_ptr
            type(c_ptr), value :: environment
        end function
        integer(c_int) function fesetenv(environment) bind(c)
            import :: c_int, c_ptr
            type(c_ptr), value :: environment
        end function
    end interface

contains

    !> As JSON with 17 digits, so that the number comes back as it was.
    function write_real(value) result(json)
        real(real64), intent(in) :: value
        character(longest) :: json
        integer(c_int64_t), target :: before(words)
        call use_default(before)
        if (ieee_is_nan(value)) then
            json = 'NaN'
        else if (.not. ieee_is_finite(value)) then
            json = merge('Infinity ', '-Infinity', value > 0)
        else
            write (json, '(es24.16e3)') value
            json = adjustl(json)
        end if
        call restore(before)
    end function

    subroutine read_real(text, value, iostat)
        character(*), intent(in) :: text
        real(real64), intent(inout) :: value
        integer, intent(out) :: iostat
        integer(c_int64_t), target :: before(words)
        call use_default(before)
        read (text, *, iostat=iostat) value
        call restore(before)
    end subroutine

    subroutine use_default(before)
        integer(c_int64_t), intent(out), target :: before(words)
        integer(c_int) :: ignored
        ignored = fegetenv(c_loc(before))
        ignored = fesetenv(transfer(-1_c_intptr_t, c_null_ptr)) ! FE_DFL_ENV of every C library that libaim runs on
    end subroutine

    subroutine restore(before)
        integer(c_int64_t), intent(in), target :: before(words)
        integer(c_int) :: ignored
        ignored = fesetenv(c_loc(before))
    end subroutine
end module
