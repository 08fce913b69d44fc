! Objects that a query found.
module aim_found
    use, intrinsic :: iso_c_binding, only: c_f_pointer, c_int32_t, c_null_ptr, c_ptr, c_size_t, c_sizeof
    use, intrinsic :: iso_fortran_env, only: int8, int64, real64
    use aim_c, c_info => aim_object_info
    use aim_errors, only: settle
    use aim_object_kinds, only: found_kinds
    use aim_reading, only: read_bytes
    use aim_text, only: copy
    implicit none
    private

    !> What is known of an object.
    type, public :: aim_object_info
        integer(int64) :: step = 0
        !> AIM_EPOCH_NONE where there is none.
        integer(int64) :: epoch = AIM_EPOCH_NONE
        !> When its point was tracked: seconds since 1970-01-01 UTC.
        real(real64) :: time = 0
        !> Its place among the objects of the point, from 0 on.
        integer :: index = 0
        !> Of images whose format says it; else 0.
        integer :: width = 0, height = 0
        !> Bytes.
        integer(int64) :: size = 0
        !> What the bytes are; what is said of the object; a JSON object.
        character(:), allocatable :: format, caption, meta
    end type

    !> A distribution, and what is known of the values beside the bins. `count` and what follows are NaN where bins were
    !> handed over.
    type, public :: aim_histogram
        !> `edges` are one more.
        real(real64), allocatable :: weights(:), edges(:)
        integer(int64) :: nans = 0, infinities = 0
        real(real64) :: count = 0, sum = 0, sum_squares = 0, min = 0, max = 0
    end type

    !> Objects of a sequence, by query%objects, counted from 1, in the order of steps and indices. Their bytes are read when
    !> they are asked for. What it returns is the caller's.
    !>
    !> call objects%read_array(k, elements, sides [, stat] [, errmsg]) reads an array: its elements in Fortran's order, as
    !> reshape(elements, sides) wants them, and its extents. The type is that which it was tracked with.
    type, extends(found_kinds), public :: aim_objects
    contains
        procedure :: size => objects_size
        procedure :: info, bytes, text, histogram
        procedure :: free => free_objects
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

contains

    !> Number of objects.
    integer function objects_size(self)
        class(aim_objects), intent(in) :: self
        objects_size = int(aim_objects_len(self%handle))
    end function

    !> What is known of object k.
    function info(self, k, stat, errmsg)
        class(aim_objects), intent(in) :: self
        integer, intent(in) :: k
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_object_info) :: info
        type(c_info) :: known
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        known%struct_size = c_sizeof(known)
        err = c_null_ptr
        status = aim_objects_info(self%handle, k - 1_c_size_t, known, err)
        info%step = known%step
        info%epoch = known%epoch
        info%time = known%time
        info%index = known%index
        info%width = known%width
        info%height = known%height
        info%size = known%size
        call copy(known%format, info%format)
        call copy(known%caption, info%caption)
        call copy(known%meta, info%meta)
        call settle(status, err, stat, errmsg)
    end function

    !> The bytes of object k, checked against what was tracked.
    function bytes(self, k, stat, errmsg)
        class(aim_objects), intent(in) :: self
        integer, intent(in) :: k
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(int8), allocatable :: bytes(:)
        logical :: good
        good = read_bytes(self%handle, k, bytes, stat, errmsg)
    end function

    !> Object k as a text.
    function text(self, k, stat, errmsg)
        class(aim_objects), intent(in) :: self
        integer, intent(in) :: k
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(:), allocatable :: text
        integer(int8), allocatable :: stored(:)
        integer :: i
        if (.not. read_bytes(self%handle, k, stored, stat, errmsg)) stored = stored(:0)
        allocate (character(size(stored)) :: text)
        do i = 1, size(stored)
            text(i:i) = transfer(stored(i), 'a')
        end do
    end function

    !> Object k as a distribution; AIM_ERR_TYPE if it is something else.
    function histogram(self, k, stat, errmsg)
        class(aim_objects), intent(in) :: self
        integer, intent(in) :: k
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_histogram) :: histogram
        type(aim_distribution) :: found
        real(real64), pointer :: column(:)
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        found%struct_size = c_sizeof(found)
        err = c_null_ptr
        status = aim_objects_distribution(self%handle, k - 1_c_size_t, found, err)
        allocate (histogram%weights(0), histogram%edges(0))
        if (status == AIM_OK) then
            call c_f_pointer(found%weights, column, [found%bins])
            histogram%weights = column
            call c_f_pointer(found%edges, column, [found%bins + 1])
            histogram%edges = column
            histogram%nans = found%nans
            histogram%infinities = found%infinities
            histogram%count = found%count
            histogram%sum = found%sum
            histogram%sum_squares = found%sum_squares
            histogram%min = found%min
            histogram%max = found%max
        end if
        call settle(status, err, stat, errmsg)
    end function

    !> Gives the objects back before they go out of scope; nothing happens if they are free.
    subroutine free_objects(self)
        class(aim_objects), intent(inout) :: self
        call aim_objects_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_objects), intent(inout) :: left
        class(aim_objects), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: objects cannot be assigned; pass them as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_objects), intent(inout) :: self
        call self%free()
    end subroutine
end module aim_found
