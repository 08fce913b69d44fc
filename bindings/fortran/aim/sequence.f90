! A sequence of objects of an open run.
module aim_sequences
    use, intrinsic :: iso_c_binding, only: c_char, c_int32_t, c_loc, c_null_char, c_null_ptr, c_ptr, c_size_t, &
        c_sizeof
    use, intrinsic :: iso_fortran_env, only: int8, real64
    use aim_arguments, only: lent
    use aim_c, c_object => aim_object
    use aim_errors, only: complain, settle
    use aim_handing, only: at_moment, moment, said, words
    use aim_object_kinds, only: sequence_kinds
    implicit none
    private

    !> A sequence of objects: what it holds, name and context, resolved by run%sequence. Threads may share it. Every call
    !> tracks a point, in place of the point of that step; what the call has accepted survives the death of the process.
    !>
    !> Everywhere `step` and `epoch` are integers of 32 or 64 bits, `caption` says what an object shows, `meta` is a JSON
    !> object that is kept with it, and `time` is in seconds since 1970-01-01 UTC.
    !>
    !> call sequence%track_image(pixels [, low] [, high] [, step] [, epoch] [, caption] [, meta] [, time] [, stat] [, errmsg])
    !> tracks an image, whose rows run along the first index, pixels(x, y), or, with channels, the second one,
    !> pixels(channel, x, y): 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. pixels(channel, x, y, i) is a list of images. Reals go
    !> from `low` to `high` (0 and 1) and get 8 bits; integers of 8 and 16 bits are taken as unsigned.
    !>
    !> call sequence%track_audio(samples, rate [, step] ...) tracks a clip, samples(frame) or samples(channel, frame):
    !> integers of 16 or 32 bits, or reals from -1 to 1.
    !>
    !> call sequence%track_values(values [, bins] [, low] [, high] [, step] [, epoch] [, time] [, stat] [, errmsg]) counts an
    !> array of any rank into bins at even distances: 64, from the least value to the greatest, unless said otherwise.
    !>
    !> call sequence%track_array(array [, step] ...) tracks an array of reals, integers or logicals with its shape.
    type, extends(sequence_kinds), public :: aim_sequence
    contains
        procedure :: track_bytes, track_text, track_texts, track_histogram, track_table, keep
        procedure :: free => free_sequence
        procedure, private :: refuse_copy
        generic, public :: assignment(=) => refuse_copy
        final :: finish
    end type

contains

    !> Tracks an object that is encoded already: 'png', 'jpeg', 'wav', 'plotly', 'mp4', 'arrow', ...; without `format` the
    !> first bytes tell.
    subroutine track_bytes(self, bytes, format, step, epoch, caption, meta, time, stat, errmsg)
        class(aim_sequence), intent(in) :: self
        integer(int8), intent(in), contiguous, target :: bytes(:)
        character(*), intent(in), optional :: format
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        call hand_bytes(self, c_loc(bytes), size(bytes, kind=c_size_t), format, step, epoch, caption, meta, time, stat, errmsg)
    end subroutine

    !> Tracks a text; `format` is 'text', 'markdown' or 'html'.
    subroutine track_text(self, text, format, step, epoch, caption, meta, time, stat, errmsg)
        class(aim_sequence), intent(in) :: self
        character(*), intent(in) :: text
        character(*), intent(in), optional :: format
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=:), allocatable, target :: copied
        type(c_ptr) :: address
        copied = trim(text)//c_null_char
        ! gfortran 12 passes the length of what c_loc looks at, too, if it stands among the arguments.
        address = c_loc(copied)
        call hand_bytes(self, address, len_trim(text, kind=c_size_t), format, step, epoch, caption, meta, time, stat, &
            errmsg)
    end subroutine

    subroutine hand_bytes(self, bytes, n, format, step, epoch, caption, meta, time, stat, errmsg)
        class(aim_sequence), intent(in) :: self
        type(c_ptr), intent(in) :: bytes
        integer(c_size_t), intent(in) :: n
        character(*), intent(in), optional :: format
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(c_object), target :: object
        type(words), target :: text
        type(moment) :: at
        character(kind=c_char, len=:), allocatable, target :: c_format
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        if (.not. said(text, caption, meta, stat, errmsg)) return
        if (.not. lent('the format', format, c_format, object%format, stat, errmsg)) return
        object%struct_size = c_sizeof(object)
        object%data = bytes
        object%size = n
        object%caption = text%caption
        object%meta = text%meta
        err = c_null_ptr
        status = aim_sequence_track(self%handle, c_loc(object), 1_c_size_t, at%step, at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine

    !> Tracks the rows of the struct ArrowArrayStream (Arrow's C Stream Interface) at `rows` as a table; the stream is read to
    !> its end and released, whatever the outcome.
    subroutine track_table(self, rows, step, epoch, caption, meta, time, stat, errmsg)
        class(aim_sequence), intent(in) :: self
        type(c_ptr), intent(in) :: rows
        class(*), intent(in), optional :: step, epoch
        character(*), intent(in), optional :: caption, meta
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(words), target :: text
        type(moment) :: at
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        if (.not. said(text, caption, meta, stat, errmsg)) return
        err = c_null_ptr
        status = aim_sequence_track_table(self%handle, rows, text%caption, text%meta, at%step, at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine

    !> Tracks a list of texts as one point.
    subroutine track_texts(self, texts, step, epoch, time, stat, errmsg)
        class(aim_sequence), intent(in) :: self
        character(*), intent(in) :: texts(:)
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        character(kind=c_char, len=len(texts) + 1), target :: copied(size(texts))
        type(c_ptr) :: addresses(size(texts)), err
        type(moment) :: at
        integer(c_int32_t) :: status
        integer :: i
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        do i = 1, size(texts)
            if (index(texts(i), c_null_char) > 0) then
                call complain(AIM_ERR_INVALID_ARGUMENT, 'a text holds a NUL', stat, errmsg)
                return
            end if
            copied(i) = trim(texts(i))//c_null_char
            addresses(i) = c_loc(copied(i))
        end do
        err = c_null_ptr
        status = aim_sequence_track_texts(self%handle, addresses, size(texts, kind=c_size_t), at%step, at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine

    !> Tracks a distribution by the weights of its bins and their ascending edges, one more, which may be uneven.
    subroutine track_histogram(self, weights, edges, step, epoch, time, stat, errmsg)
        class(aim_sequence), intent(in) :: self
        real(real64), intent(in), contiguous, target :: weights(:), edges(:)
        class(*), intent(in), optional :: step, epoch
        real(real64), intent(in), optional :: time
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        type(aim_distribution), target :: distribution
        type(moment) :: at
        type(c_ptr) :: err
        integer(c_int32_t) :: status
        if (.not. at_moment(at, step, epoch, time, stat, errmsg)) return
        if (size(edges) /= size(weights) + 1) then
            call complain(AIM_ERR_INVALID_ARGUMENT, 'the edges are not one more than the weights', stat, errmsg)
            return
        end if
        distribution%struct_size = c_sizeof(distribution)
        distribution%weights = c_loc(weights)
        distribution%bins = size(weights, kind=c_size_t)
        distribution%edges = c_loc(edges)
        err = c_null_ptr
        status = aim_sequence_track_distribution(self%handle, c_loc(distribution), at%step, at%epoch, at%time, err)
        call settle(status, err, stat, errmsg, tracks=.true.)
    end subroutine

    !> Says which points stay, from now on and for this variable: the last ones, and those whose step is a multiple of `every`.
    !> Each point that is added lets go of the others. Without either all stay.
    subroutine keep(self, last, every, stat, errmsg)
        class(aim_sequence), intent(in) :: self
        integer, intent(in), optional :: last, every
        integer, intent(out), optional :: stat
        character(*), intent(inout), optional :: errmsg
        integer(c_int32_t) :: the_last, multiples, status
        type(c_ptr) :: err
        the_last = 0
        if (present(last)) the_last = int(last, c_int32_t)
        multiples = 0
        if (present(every)) multiples = int(every, c_int32_t)
        err = c_null_ptr
        status = aim_sequence_keep(self%handle, the_last, multiples, err)
        call settle(status, err, stat, errmsg)
    end subroutine

    !> Gives the sequence back before it goes out of scope; nothing happens if it is free.
    subroutine free_sequence(self)
        class(aim_sequence), intent(inout) :: self
        call aim_sequence_free(self%handle)
        self%handle = c_null_ptr
    end subroutine

    subroutine refuse_copy(left, right)
        class(aim_sequence), intent(inout) :: left
        class(aim_sequence), intent(in) :: right
        if (.not. same_type_as(left, right)) error stop
        error stop 'aim: a sequence cannot be assigned; pass it as an argument, or by a pointer'
    end subroutine

    impure elemental subroutine finish(self)
        type(aim_sequence), intent(inout) :: self
        call self%free()
    end subroutine
end module aim_sequences
