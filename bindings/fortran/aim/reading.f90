! Bytes of objects that a query found, and the arrays that they are.
module aim_reading
    use, intrinsic :: iso_c_binding, only: c_f_pointer, c_int32_t, c_int8_t, c_null_ptr, c_ptr, c_size_t
    use, intrinsic :: iso_fortran_env, only: int8, int64
    use aim_c, only: AIM_ERR_TYPE, aim_objects_data, AIM_OK
    use aim_errors, only: fail, settle
    implicit none
    private
    public :: places, read_array, read_bytes

contains

    !> The bytes of object k, from 1 on; none after an error, which is reported.
    logical function read_bytes(objects, k, bytes, stat, errmsg)
        type(c_ptr), intent(in) :: objects
        integer, intent(in) :: k
        integer(int8), allocatable, intent(inout) :: bytes(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(c_int8_t), pointer :: stored(:)
        type(c_ptr) :: address, err
        integer(c_size_t) :: n
        integer(c_int32_t) :: status
        address = c_null_ptr
        err = c_null_ptr
        n = 0
        status = aim_objects_data(objects, k - 1_c_size_t, address, n, err)
        read_bytes = status == AIM_OK
        if (allocated(bytes)) deallocate (bytes)
        allocate (bytes(n))
        if (n > 0) then
            call c_f_pointer(address, stored, [n])
            bytes = stored
        end if
        call settle(status, err, stat, errmsg)
    end function

    !> The elements of object k, which is an array, as bytes, and its extents. `type_` is how NPY spells the type.
    logical function read_array(objects, k, type_, elements, sides, stat, errmsg)
        type(c_ptr), intent(in) :: objects
        integer, intent(in) :: k
        character(*), intent(in) :: type_
        integer(int8), allocatable, intent(inout) :: elements(:)
        integer, allocatable, intent(inout) :: sides(:)
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: header
        integer :: start, i
        read_array = read_bytes(objects, k, elements, stat, errmsg)
        if (.not. read_array) return
        read_array = .false.
        start = 0
        if (size(elements) >= 10) start = 10 + iand(int(elements(9)), 255) + 256 * iand(int(elements(10)), 255)
        if (start == 0 .or. start > size(elements)) then
            call fail(AIM_ERR_TYPE, 'the object is no array', stat, errmsg)
            return
        end if
        allocate (character(start) :: header)
        do i = 1, start
            header(i:i) = achar(iand(int(elements(i)), 127))
        end do
        if (header(2:6) /= 'NUMPY' .or. index(header, "'fortran_order': False") == 0) then
            call fail(AIM_ERR_TYPE, 'the object is no array in the order of C', stat, errmsg)
            return
        end if
        if (index(header, type_//"'") == 0) then
            call fail(AIM_ERR_TYPE, 'the elements are no '//type_//' as NPY spells it: '//header(11:), stat, errmsg)
            return
        end if
        call read_sides(header(index(header, "'shape': (") + 10:), sides)
        elements = elements(start + 1:)
        read_array = .true.
    end function

    !> Reads extents, as in `2, 3), }`.
    subroutine read_sides(text, sides)
        character(*), intent(in) :: text
        integer, allocatable, intent(inout) :: sides(:)
        integer :: i, side
        logical :: inside
        if (allocated(sides)) deallocate (sides)
        allocate (sides(0))
        inside = .false.
        side = 0
        do i = 1, len(text)
            select case (text(i:i))
            case ('0':'9')
                side = 10 * side + iachar(text(i:i)) - iachar('0')
                inside = .true.
            case default
                if (inside) sides = [sides, side]
                inside = .false.
                side = 0
                if (text(i:i) == ')') exit
            end select
        end do
    end subroutine

    !> For every element of an array, in Fortran's order, its place in that of C.
    pure function places(sides)
        integer, intent(in) :: sides(:)
        integer(int64), allocatable :: places(:)
        integer(int64) :: index_(size(sides)), step(size(sides)), i, at
        integer :: d
        allocate (places(product(int(sides, int64))))
        at = 1
        do d = size(sides), 1, -1
            step(d) = at
            at = at * sides(d)
        end do
        index_ = 0
        at = 1
        do i = 1, size(places, kind=int64)
            places(i) = at
            do d = 1, size(sides)
                index_(d) = index_(d) + 1
                at = at + step(d)
                if (index_(d) < sides(d)) exit
                at = at - index_(d) * step(d)
                index_(d) = 0
            end do
        end do
    end function
end module aim_reading
