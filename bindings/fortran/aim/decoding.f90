! Params read into variables.
module aim_decoding
    use, intrinsic :: ieee_arithmetic, only: ieee_negative_inf, ieee_positive_inf, ieee_quiet_nan, ieee_value
    use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
    use aim_c, only: AIM_ERR_TYPE
    use aim_errors, only: fail
    use aim_floats, only: read_real
    use aim_json_text, only: split, unquote
    use aim_text, only: aim_string
    implicit none
    private
    public :: decode

    !> Reads the JSON text of the param `key` into `value`, which stays as it is if the param has another type or does
    !> not fit: AIM_ERR_TYPE. Any number fits a real.
    interface decode
        module procedure decode_r64, decode_r32, decode_i64, decode_i32, decode_logical, decode_text
        module procedure decode_r64s, decode_i64s, decode_i32s
    end interface

contains

    subroutine mismatch(key, json, wanted, stat, errmsg)
        character(*), intent(in) :: key, json, wanted
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call fail(AIM_ERR_TYPE, 'param '''//trim(key)//''' is '//json(:min(len(json), 60))//', not '//wanted, &
            stat, errmsg)
    end subroutine

    logical function is_real(json, value)
        character(*), intent(in) :: json
        real(real64), intent(out) :: value
        integer :: status
        status = 0
        select case (json)
        case ('NaN')
            value = ieee_value(value, ieee_quiet_nan)
        case ('Infinity')
            value = ieee_value(value, ieee_positive_inf)
        case ('-Infinity')
            value = ieee_value(value, ieee_negative_inf)
        case default
            status = 1
            value = 0
            if (verify(json, '+-.0123456789eE') == 0) call read_real(json, value, status)
        end select
        is_real = status == 0
    end function

    !> True if it is an integer from -`greatest` - 1 to `greatest`.
    logical function is_integer(json, greatest, value)
        character(*), intent(in) :: json
        integer(int64), intent(in) :: greatest
        integer(int64), intent(out) :: value
        integer :: status
        value = 0
        status = 1
        if (verify(json, '-0123456789') == 0) read (json, *, iostat=status) value
        is_integer = status == 0 .and. value <= greatest .and. value >= -greatest - 1
    end function

    subroutine decode_r64(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        real(real64), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        real(real64) :: number
        if (is_real(json, number)) then
            value = number
        else
            call mismatch(key, json, 'a number', stat, errmsg)
        end if
    end subroutine

    subroutine decode_r32(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        real(real32), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        real(real64) :: number
        if (is_real(json, number)) then
            value = real(number, real32)
        else
            call mismatch(key, json, 'a number', stat, errmsg)
        end if
    end subroutine

    subroutine decode_i64(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        integer(int64), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: number
        if (is_integer(json, huge(value), number)) then
            value = number
        else
            call mismatch(key, json, 'an integer of 64 bits', stat, errmsg)
        end if
    end subroutine

    subroutine decode_i32(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        integer(int32), intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64) :: number
        if (is_integer(json, int(huge(value), int64), number)) then
            value = int(number, int32)
        else
            call mismatch(key, json, 'an integer of 32 bits', stat, errmsg)
        end if
    end subroutine

    subroutine decode_logical(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        logical, intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (json == 'true' .or. json == 'false') then
            value = json == 'true'
        else
            call mismatch(key, json, 'true or false', stat, errmsg)
        end if
    end subroutine

    subroutine decode_text(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        character(:), allocatable, intent(inout) :: value
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (json(1:1) == '"') then
            call unquote(json, value)
        else
            call mismatch(key, json, 'a text', stat, errmsg)
        end if
    end subroutine

    subroutine decode_r64s(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        real(real64), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_string), allocatable :: parts(:)
        real(real64), allocatable :: numbers(:)
        logical :: good
        integer :: i
        good = json(1:1) == '['
        call split(json, parts)
        allocate (numbers(size(parts)))
        do i = 1, size(parts)
            if (good) good = is_real(parts(i)%text, numbers(i))
        end do
        if (good) then
            call move_alloc(numbers, value)
        else
            call mismatch(key, json, 'an array of numbers', stat, errmsg)
        end if
    end subroutine

    subroutine decode_i64s(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        integer(int64), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        if (.not. are_integers(json, huge(0_int64), value)) &
            call mismatch(key, json, 'an array of integers of 64 bits', stat, errmsg)
    end subroutine

    subroutine decode_i32s(json, key, value, stat, errmsg)
        character(*), intent(in) :: json, key
        integer(int32), allocatable, intent(inout) :: value(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int64), allocatable :: numbers(:)
        if (are_integers(json, int(huge(0_int32), int64), numbers)) then
            value = int(numbers, int32)
        else
            call mismatch(key, json, 'an array of integers of 32 bits', stat, errmsg)
        end if
    end subroutine

    logical function are_integers(json, greatest, values)
        character(*), intent(in) :: json
        integer(int64), intent(in) :: greatest
        integer(int64), allocatable, intent(inout) :: values(:)
        type(aim_string), allocatable :: parts(:)
        integer(int64), allocatable :: numbers(:)
        integer :: i
        are_integers = json(1:1) == '['
        call split(json, parts)
        allocate (numbers(size(parts)))
        do i = 1, size(parts)
            if (are_integers) are_integers = is_integer(parts(i)%text, greatest, numbers(i))
        end do
        if (are_integers) call move_alloc(numbers, values)
    end function
end module aim_decoding
