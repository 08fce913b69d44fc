! Objects handed over to the library, once the kinds of the arguments are settled.
module aim_handing
    use, intrinsic :: iso_c_binding, only: c_char, c_int32_t, c_int64_t, c_intptr_t, c_loc, c_null_ptr, c_ptr, c_size_t, &
        c_sizeof
    use, intrinsic :: iso_fortran_env, only: int32, int64, real64
    use aim_arguments, only: lent
    use aim_c
    use aim_errors, only: complain, settle
    implicit none
    private
    public :: at_moment, hand_array, hand_pixels, hand_samples, hand_values, number, said

    !> When a point is.
    type, public :: moment
        integer(c_int64_t) :: step = AIM_STEP_AUTO, epoch = AIM_EPOCH_NONE
        real(real64) :: time = 0
    end type

    !> What is said of an object, as long as a call reads it.
    type, public :: words
        character(kind=c_char, len=:), allocatable :: caption_text, meta_text
        type(c_ptr) :: caption = c_null_ptr, meta = c_null_ptr
    end type

contains

    !> Reads an integer of either kind; false, and reported as an error, if it is something else.
    logical function number(what, given, found, stat, errmsg)
        character(*), intent(in) :: what
        class(*), intent(in), optional :: given
        integer(c_int64_t), intent(inout) :: found
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        number = .true.
        if (.not. present(given)) return
        select type (given)
        type is (integer(int32))
            found = given
        type is (integer(int64))
            found = given
        class default
            number = .false.
            call complain(AIM_ERR_INVALID_ARGUMENT, what//' is no integer of 32 or 64 bits', stat, errmsg)
        end select
    end function

    logical function at_moment(at, step, epoch, time, stat, errmsg)
        type(moment), intent(out) :: at
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        at_moment = number('step', step, at%step, stat, errmsg)
        if (at_moment) at_moment = number('epoch', epoch, at%epoch, stat, errmsg)
        if (present(time)) at%time = time
    end function

    !> Lends caption and meta to a C call.
    logical function said(of, caption, meta, stat, errmsg)
        type(words), intent(inout), target :: of
        character(*), intent(in), optional :: caption, meta
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        said = lent('the caption', caption, of%caption_text, of%caption, stat, errmsg)
        if (said) said = lent('the meta', meta, of%meta_text, of%meta, stat, errmsg)
    end function

    !> The first index of an array moves fastest here, the last one in the file: strides tell the library.
    subroutine hand_array(sequence, data, element, sides, step, epoch, caption, meta, time, stat, errmsg)
        type(c_ptr), intent(in) :: sequence, data
        integer, intent(in) :: element, sides(:)
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_array), target :: array
        type(words), target :: text
        type(moment) :: at
        integer(c_int64_t), target :: extents(size(sides)), distances(size(sides))
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        integer :: d
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        if (.not. said(text, caption, meta, stat, errmsg)) return
        extents = sides
        distances(1) = width(element)
        do d = 2, size(sides)
            distances(d) = distances(d - 1) * sides(d - 1)
        end do
        array%struct_size = c_sizeof(array)
        array%data = data
        array%dtype = int(element, c_int32_t)
        array%ndim = size(sides, kind=c_int32_t)
        array%shape = c_loc(extents)
        array%strides = c_loc(distances)
        array%caption = text%caption
        array%meta = text%meta
        err = c_null_ptr
        status = aim_sequence_track_array(sequence, c_loc(array), at%step, at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine

    !> Bytes of an element.
    pure integer function width(element)
        integer, intent(in) :: element
        select case (element)
        case (AIM_I8, AIM_U8, AIM_BOOL)
            width = 1
        case (AIM_I16, AIM_U16)
            width = 2
        case (AIM_I32, AIM_F32)
            width = 4
        case default
            width = 8
        end select
    end function

    !> Images of equal size, behind each other: `sides` are channels, pixels of a row, rows, images.
    subroutine hand_pixels(sequence, data, element, sides, low, high, step, epoch, caption, meta, time, stat, errmsg)
        type(c_ptr), intent(in) :: sequence, data
        integer, intent(in) :: element, sides(4)
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_pixels), target :: images(max(sides(4), 1))
        type(words), target :: text
        type(moment) :: at
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        integer(c_intptr_t) :: first, each
        integer :: i
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        if (.not. said(text, caption, meta, stat, errmsg)) return
        first = transfer(data, first)
        each = int(sides(1), c_intptr_t) * sides(2) * sides(3) * width(element)
        do i = 1, sides(4)
            images(i)%struct_size = c_sizeof(images(i))
            images(i)%data = transfer(first + (i - 1) * each, data)
            images(i)%channels = int(sides(1), c_int32_t)
            images(i)%width = int(sides(2), c_int32_t)
            images(i)%height = int(sides(3), c_int32_t)
            images(i)%dtype = int(element, c_int32_t)
            if (present(low)) images(i)%low = low
            images(i)%high = merge(1, 0, present(low))
            if (present(high)) images(i)%high = high
            images(i)%caption = text%caption
            images(i)%meta = text%meta
        end do
        err = c_null_ptr
        status = aim_sequence_track_pixels(sequence, c_loc(images), int(sides(4), c_size_t), at%step, at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine

    !> A clip: `sides` are channels and frames.
    subroutine hand_samples(sequence, data, element, sides, rate, step, epoch, caption, meta, time, stat, errmsg)
        type(c_ptr), intent(in) :: sequence, data
        integer, intent(in) :: element, sides(2), rate
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_samples), target :: clip
        type(words), target :: text
        type(moment) :: at
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        if (.not. said(text, caption, meta, stat, errmsg)) return
        clip%struct_size = c_sizeof(clip)
        clip%data = data
        clip%channels = int(sides(1), c_int32_t)
        clip%frames = sides(2)
        clip%rate = int(rate, c_int32_t)
        clip%dtype = int(element, c_int32_t)
        clip%caption = text%caption
        clip%meta = text%meta
        err = c_null_ptr
        status = aim_sequence_track_samples(sequence, c_loc(clip), 1_c_size_t, at%step, at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine

    !> Values to be counted.
    subroutine hand_values(sequence, data, element, n, bins, low, high, step, epoch, time, stat, errmsg)
        type(c_ptr), intent(in) :: sequence, data
        integer, intent(in) :: element
        integer(c_size_t), intent(in) :: n
        integer, intent(in), optional :: bins
        real(real64), intent(in), optional :: low, high
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(moment) :: at
        integer(c_size_t) :: count
        real(real64) :: from, to
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        count = 0
        if (present(bins)) count = bins
        from = 0
        if (present(low)) from = low
        to = 0
        if (present(high)) to = high
        err = c_null_ptr
        status = aim_sequence_track_values(sequence, data, n, int(element, c_int32_t), count, from, to, at%step, &
            at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine
end module aim_handing
