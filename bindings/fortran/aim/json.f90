! JSON: values and objects written by the program, and reading what the library answers.
module aim_json_text
    use, intrinsic :: iso_fortran_env, only: int16, int32, int64, int8, real32, real64
    use aim_floats, only: longest, read_real, write_real
    use aim_text, only: aim_string
    implicit none
    private
    public :: aim_object, is_object, json_array, member, member_integer, member_number, member_text, split, split_strings, unquote

    !> How every object begins that aim_object makes: white space of JSON, by which it is told from text that looks like
    !> one.
    character(*), parameter :: mark = '{'//achar(9)//' '//achar(9)

    !> Text that is JSON already, as a value in aim_object: aim_json('[1, 2]').
    type, public :: aim_json
        character(:), allocatable :: text
    end type

    !> A function, for gfortran leaks what the type's own constructor makes.
    interface aim_json
        module procedure new_json
    end interface

    !> An array of numbers as JSON text.
    interface json_array
        module procedure json_integers, json_reals
    end interface

contains

    !> A JSON object of up to eight members, for contexts and params: aim_object('subset', 'train', 'rank', 3). Values
    !> are integers, reals, logicals, texts without their trailing blanks, other objects that aim_object makes, and, for
    !> all else, type(aim_json). A value of any other type ends the program.
    function aim_object(k1, v1, k2, v2, k3, v3, k4, v4, k5, v5, k6, v6, k7, v7, k8, v8) result(json)
        character(*), intent(in), optional :: k1, k2, k3, k4, k5, k6, k7, k8
        class(*), intent(in), optional :: v1, v2, v3, v4, v5, v6, v7, v8
        character(:), allocatable :: json
        json = ''
        call add(json, k1, v1)
        call add(json, k2, v2)
        call add(json, k3, v3)
        call add(json, k4, v4)
        call add(json, k5, v5)
        call add(json, k6, v6)
        call add(json, k7, v7)
        call add(json, k8, v8)
        json = mark//json//'}'
    end function

    !> Whether a text comes from aim_object.
    pure logical function is_object(text)
        character(*), intent(in) :: text
        is_object = .false.
        if (len(text) > len(mark)) is_object = text(:len(mark)) == mark
    end function

    function new_json(text) result(json)
        character(*), intent(in) :: text
        type(aim_json) :: json
        json%text = text
    end function

    subroutine add(json, key, value)
        character(:), allocatable, intent(inout) :: json
        character(*), intent(in), optional :: key
        class(*), intent(in), optional :: value
        character(:), allocatable :: name, text
        if (.not. present(key)) return
        if (.not. present(value)) error stop 'aim_object: a key without a value'
        text = ''
        select type (value)
        type is (character(*))
            if (is_object(value)) then
                text = trim(value)
            else
                call quote(value, text)
            end if
        type is (integer(int8))
            text = trim(json_integer(int(value, int64)))
        type is (integer(int16))
            text = trim(json_integer(int(value, int64)))
        type is (integer(int32))
            text = trim(json_integer(int(value, int64)))
        type is (integer(int64))
            text = trim(json_integer(value))
        type is (real(real32))
            text = trim(write_real(real(value, real64)))
        type is (real(real64))
            text = trim(write_real(value))
        type is (logical)
            text = trim(merge('true ', 'false', value))
        type is (aim_json)
            text = value%text
        class default
            error stop 'aim_object: a value is an integer, a real, a logical, a text or type(aim_json)'
        end select
        call quote(key, name)
        if (len(json) > 0) json = json//', '
        json = json//name//': '//text
    end subroutine

    pure function json_integer(value) result(json)
        integer(int64), intent(in) :: value
        character(longest) :: json
        write (json, '(i0)') value
    end function

    !> A text as a JSON string, without its trailing blanks.
    subroutine quote(text, json)
        character(*), intent(in) :: text
        character(:), allocatable, intent(out) :: json
        character(6) :: piece
        integer :: i, n, length
        allocate (character(6 * len_trim(text) + 2) :: json) ! all bytes may need an escape
        json(1:1) = '"'
        n = 1
        do i = 1, len_trim(text)
            length = 1
            piece = text(i:i)
            select case (iachar(text(i:i)))
            case (0:31)
                length = 6
                write (piece, '(a, z4.4)') '\u', iachar(text(i:i))
            case (iachar('"'), iachar('\'))
                length = 2
                piece = '\'//text(i:i)
            end select
            json(n + 1:n + length) = piece(:length)
            n = n + length
        end do
        json = json(:n)//'"'
    end subroutine

    subroutine json_integers(values, json)
        integer(int64), intent(in) :: values(:)
        character(:), allocatable, intent(out) :: json
        character(longest) :: texts(size(values))
        integer :: i
        do i = 1, size(values)
            texts(i) = json_integer(values(i))
        end do
        call join(texts, json)
    end subroutine

    subroutine json_reals(values, json)
        real(real64), intent(in) :: values(:)
        character(:), allocatable, intent(out) :: json
        character(longest) :: texts(size(values))
        integer :: i
        do i = 1, size(values)
            texts(i) = write_real(values(i))
        end do
        call join(texts, json)
    end subroutine

    subroutine join(texts, json)
        character(*), intent(in) :: texts(:)
        character(:), allocatable, intent(out) :: json
        integer :: i, n, length
        allocate (character((len(texts) + 1) * size(texts) + 2) :: json)
        json(1:1) = '['
        n = 1
        do i = 1, size(texts)
            length = len_trim(texts(i))
            json(n + 1:n + length + 1) = texts(i)(:length)//','
            n = n + length + 1
        end do
        json = json(:max(n - 1, 1))//']'
    end subroutine

    !> The JSON text of a member of an object; '' if it has none of that name.
    subroutine member(object, key, json)
        character(*), intent(in) :: object, key
        character(:), allocatable, intent(out) :: json
        type(aim_string), allocatable :: parts(:)
        character(:), allocatable :: name
        integer :: i
        json = ''
        call split(object, parts)
        do i = 1, size(parts), 2
            call unquote(parts(i)%text, name)
            if (name == key) json = parts(i + 1)%text
        end do
    end subroutine

    !> A member that is a text; '' if it is none or not there.
    subroutine member_text(object, key, text)
        character(*), intent(in) :: object, key
        character(:), allocatable, intent(out) :: text
        character(:), allocatable :: json
        call member(object, key, json)
        call unquote(json, text)
    end subroutine

    !> A member that is a number; 0 if it is null or not there.
    real(real64) function member_number(object, key) result(number)
        character(*), intent(in) :: object, key
        character(:), allocatable :: json
        integer :: status
        call member(object, key, json)
        number = 0
        if (json /= 'null' .and. json /= '') call read_real(json, number, status)
    end function

    !> A member that is an integer; `number` stays as it is if the member is null or not there.
    subroutine member_integer(object, key, number)
        character(*), intent(in) :: object, key
        integer(int64), intent(inout) :: number
        character(:), allocatable :: json
        integer(int64) :: read_number
        integer :: status
        call member(object, key, json)
        if (json == 'null' .or. json == '') return
        read (json, *, iostat=status) read_number
        if (status == 0) number = read_number
    end subroutine

    !> The JSON texts of the elements of an array; of an object, those of its keys and values in turn. None for any
    !> other value.
    subroutine split(json, parts)
        character(*), intent(in) :: json
        type(aim_string), allocatable, intent(inout) :: parts(:)
        integer :: at, last, n, pass
        if (allocated(parts)) deallocate (parts)
        do pass = 1, 2 ! counts, then copies
            n = 0
            at = 2
            do while (scan(json(:min(len(json), 1)), '[{') == 1)
                at = at + verify(json(at:), ' ,:'//achar(9)//achar(10)//achar(13)) - 1
                if (scan(json(at:at), ']}') == 1) exit
                last = value_end(json, at)
                n = n + 1
                if (pass == 2) parts(n)%text = json(at:last)
                at = last + 1
            end do
            if (pass == 1) allocate (parts(n))
        end do
    end subroutine

    !> The texts of an array of strings.
    subroutine split_strings(json, texts)
        character(*), intent(in) :: json
        type(aim_string), allocatable, intent(inout) :: texts(:)
        character(:), allocatable :: text
        integer :: i
        call split(json, texts)
        do i = 1, size(texts)
            call unquote(texts(i)%text, text)
            texts(i)%text = text
        end do
    end subroutine

    !> Where the value that begins at `first` ends.
    pure integer function value_end(json, first)
        character(*), intent(in) :: json
        integer, intent(in) :: first
        integer :: depth
        logical :: quoted
        quoted = .false.
        depth = 0
        value_end = first
        do
            select case (json(value_end:value_end))
            case ('"')
                quoted = .not. quoted
            case ('\')
                value_end = value_end + 1
            case ('[', '{')
                if (.not. quoted) depth = depth + 1
            case (']', '}')
                if (.not. quoted) depth = depth - 1
            end select
            if (value_end >= len(json)) return
            if (depth == 0 .and. .not. quoted) then
                if (scan(json(first:first), '"[{') == 1) return
                if (scan(json(value_end + 1:value_end + 1), ' ,]}') == 1) return
            end if
            value_end = value_end + 1
        end do
    end function

    !> The text of a JSON string; '' for any other value.
    subroutine unquote(json, text)
        character(*), intent(in) :: json
        character(:), allocatable, intent(out) :: text
        character(*), parameter :: names = 'bfnrt'
        integer, parameter :: codes(*) = [8, 12, 10, 13, 9]
        integer :: at, code, low, n
        allocate (character(len(json)) :: text) ! the text is never longer
        n = 0
        at = 2
        do while (json(:min(len(json), 1)) == '"' .and. at < len(json))
            if (json(at:at) /= '\') then
                call append(iachar(json(at:at)))
                at = at + 1
            else if (json(at + 1:at + 1) == 'u') then
                read (json(at + 2:at + 5), '(z4)') code
                at = at + 6
                if (code >= 55296 .and. code < 56320) then ! the first half of a surrogate pair
                    read (json(at + 2:at + 5), '(z4)') low
                    at = at + 6
                    code = 65536 + (code - 55296) * 1024 + (low - 56320)
                end if
                call append_utf8(code)
            else
                code = index(names, json(at + 1:at + 1))
                if (code > 0) call append(codes(code))
                if (code == 0) call append(iachar(json(at + 1:at + 1)))
                at = at + 2
            end if
        end do
        text = text(:n)

    contains

        subroutine append(byte)
            integer, intent(in) :: byte
            n = n + 1
            text(n:n) = char(byte)
        end subroutine

        subroutine append_utf8(code)
            integer, intent(in) :: code
            select case (code)
            case (:127)
                call append(code)
            case (128:2047)
                call append(192 + code / 64)
            case (2048:65535)
                call append(224 + code / 4096)
                call append(128 + modulo(code / 64, 64))
            case default
                call append(240 + code / 262144)
                call append(128 + modulo(code / 4096, 64))
                call append(128 + modulo(code / 64, 64))
            end select
            if (code > 127) call append(128 + modulo(code, 64))
        end subroutine
    end subroutine
end module aim_json_text
