! Objects: images, texts, audio, distributions and arrays of every type, tracked and read back.
program test_objects
    use aim
    use checks
    use, intrinsic :: ieee_arithmetic, only: ieee_is_nan, ieee_quiet_nan, ieee_value
    use, intrinsic :: iso_fortran_env, only: int16, int32, int64, int8, real32, real64
    implicit none
    type(aim_run) :: run
    type(aim_repo) :: repo
    integer :: stat
    character(300) :: errmsg

    call run%open(repo=scratch())
    call repo%open(scratch())
    call texts()
    call some_stay()
    call images()
    call clips()
    call distributions()
    call arrays()
    call encoded()
    call refusals()
    call run%close()
    call run%free()
    call finish()

contains

    !> The objects of the sequence `name`.
    subroutine find(kind, what, name, objects)
        integer, intent(in) :: kind
        character(*), intent(in) :: what, name
        type(aim_objects), intent(inout) :: objects
        type(aim_query) :: found
        call repo%query_objects(kind, what//'.name == "'//name//'"', found)
        call check(found%size() == 1, name//' is found')
        call found%objects(1, objects)
    end subroutine

    subroutine texts()
        type(aim_sequence) :: notes
        type(aim_query) :: found
        type(aim_objects) :: objects
        type(aim_sequence_info) :: about
        type(aim_object_info) :: known
        character(:), allocatable :: long
        long = repeat('long ', 20000)//'.' ! lies in a pack
        call run%sequence(AIM_QUERY_TEXTS, 'notes', notes, context=aim_object('subset', 'val'))
        call notes%track_texts(['one  ', '     ', 'three'], step=5, epoch=1_int64)
        call notes%track_text('# two', format='markdown')
        call notes%track_text(long, step=2_int64, time=1.7e9_real64, caption='long', meta='{"a": 1}')
        call repo%query_objects(AIM_QUERY_TEXTS, 'texts.name == "notes" and texts.context.subset == "val"', found)
        call check(found%size() == 1, 'one sequence of texts')
        call check_text(found%run_hash(1), run%hash(), 'its run')
        call check_text(found%metric_name(1), 'notes', 'its name')
        call check_text(found%metric_context(1), '{"subset":"val"}', 'its context')
        about = found%sequence_info(1)
        call check(about%count == 3 .and. about%first_step == 2 .and. about%last_step == 6 .and. about%longest == 3, &
            'what is known of it')
        call found%objects(1, objects)
        call check(objects%size() == 5, 'number of texts')
        call check_text(objects%text(1), long, 'a long text')
        call check_text(objects%text(2), 'one', 'the first of a list')
        call check_text(objects%text(3), '', 'an empty one')
        call check_text(objects%text(5), '# two', 'the last')
        known = objects%info(1)
        call check(known%step == 2 .and. known%epoch == AIM_EPOCH_NONE .and. abs(known%time - 1.7e9_real64) < 1e-6_real64 &
            .and. known%size == 100001, 'what is known of an object')
        call check_text(known%caption, 'long', 'its caption')
        call check_text(known%meta, '{"a": 1}', 'its meta')
        known = objects%info(4)
        call check(known%step == 5 .and. known%epoch == 1 .and. known%index == 2, 'the third of a list')
        known = objects%info(5)
        call check_text(known%format, 'markdown', 'a format')
        call found%objects(1, objects, first_step=3, end_step=6_int64, first_index=1, end_index=2)
        call check(objects%size() == 1, 'a range')
        call check_text(objects%text(1), '', 'its text')
        call found%objects(1, objects, points=1, per_point=1)
        call check_text(objects%text(1), '# two', 'the last point')
    end subroutine

    subroutine some_stay()
        type(aim_sequence) :: notes
        type(aim_objects) :: objects
        type(aim_object_info) :: known
        integer :: step, k
        integer(int64) :: steps(5)
        call run%sequence(AIM_QUERY_TEXTS, 'kept', notes)
        call notes%keep(last=2, every=10)
        do step = 0, 24
            call notes%track_text('text', step=step)
        end do
        call find(AIM_QUERY_TEXTS, 'texts', 'kept', objects)
        call check(objects%size() == 5, 'number of points that stay')
        do k = 1, objects%size()
            known = objects%info(k)
            steps(k) = known%step
        end do
        call check(all(steps == [0, 10, 20, 23, 24]), 'which stay')
        errmsg = ''
        call notes%keep(every=3, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'none of the last')
    end subroutine

    !> Checks the header of a PNG: width, height, bits of a channel, kind of colour.
    subroutine expect_image(objects, k, header, what)
        type(aim_objects), intent(in) :: objects
        integer, intent(in) :: k, header(4)
        character(*), intent(in) :: what
        integer(int8), allocatable :: bytes(:)
        type(aim_object_info) :: known
        bytes = objects%bytes(k)
        known = objects%info(k)
        call check_text(known%format, 'png', what//': format')
        call check(known%width == header(1) .and. known%height == header(2) .and. size(bytes) == known%size, what//': sides')
        call check(all(bytes([20, 24, 25, 26]) == header), what//': header')
    end subroutine

    subroutine images()
        type(aim_sequence) :: previews
        type(aim_objects) :: objects
        integer(int8) :: bytes(3, 7, 5)
        integer(int16) :: deep(4, 7, 5)
        real(real32) :: field(6, 4)
        bytes = 1
        deep = 2
        field = 0.5
        field(1, 1) = ieee_value(field(1, 1), ieee_quiet_nan)
        call run%sequence(AIM_QUERY_IMAGES, 'preview', previews)
        call previews%track_image(bytes, step=0, caption='a cat', meta='{"boxes": [1, 2]}')
        call previews%track_image(deep, step=1)
        call previews%track_image(field, low=-1.0_real64, high=1.0_real64, step=2)
        call previews%track_image(reshape(real([1, 2, 3, 4], real64), [1, 2, 1, 2]), step=3) ! two images
        call previews%track_image(field(1:5:2, 2:3), step=4) ! not contiguous
        call find(AIM_QUERY_IMAGES, 'images', 'preview', objects)
        call check(objects%size() == 6, 'number of images')
        call expect_image(objects, 1, [7, 5, 8, 2], 'RGB')
        call expect_image(objects, 2, [7, 5, 16, 6], 'RGBA of 16 bits')
        call expect_image(objects, 3, [6, 4, 8, 0], 'a field')
        call expect_image(objects, 4, [2, 1, 8, 0], 'the first of a list')
        call expect_image(objects, 5, [2, 1, 8, 0], 'the second of a list')
        call expect_image(objects, 6, [3, 2, 8, 0], 'a part of a field')
    end subroutine

    subroutine clips()
        type(aim_sequence) :: audio
        type(aim_objects) :: objects
        integer(int8), allocatable :: bytes(:)
        call run%sequence(AIM_QUERY_AUDIOS, 'clip', audio)
        call audio%track_audio(reshape([1_int16, 2_int16, 3_int16, 4_int16], [2, 2]), 8000, step=0)
        call audio%track_audio([0.5_real64, -0.5_real64], 8000, step=1)
        call audio%track_audio([7_int32, 8_int32], 8000, step=2)
        call audio%track_audio([0.5_real32, -0.5_real32], 8000, step=3)
        call find(AIM_QUERY_AUDIOS, 'audios', 'clip', objects)
        call check(objects%size() == 4, 'number of clips')
        bytes = objects%bytes(1)
        call check(all(bytes(size(bytes) - 7:) == [1, 0, 2, 0, 3, 0, 4, 0]), 'samples of 16 bits')
        bytes = objects%bytes(2)
        call check(all(transfer(bytes(size(bytes) - 7:), 0.0_real32, 2) == [0.5, -0.5]), 'reals')
        call check(all(objects%bytes(4) == bytes), 'reals of 32 bits')
        bytes = objects%bytes(3)
        call check(all(transfer(bytes(size(bytes) - 7:), 0_int32, 2) == [7, 8]), 'samples of 32 bits')
    end subroutine

    subroutine distributions()
        type(aim_sequence) :: weights
        type(aim_objects) :: objects
        type(aim_histogram) :: bins
        call run%sequence(AIM_QUERY_DISTRIBUTIONS, 'weights', weights)
        call weights%track_values([0, 1, 1, 2], bins=2, step=0)
        call weights%track_values(reshape([0.0_real64, 1.0_real64, 2.0_real64, 3.0_real64], [2, 2]), bins=1, &
            low=1.0_real64, high=2.0_real64, step=1)
        call weights%track_histogram([3.0_real64, 1.0_real64], [0.0_real64, 1.0_real64, 10.0_real64], step=2)
        call weights%track_values([1.0_real32, 2.0_real32], step=3)
        call weights%track_values([1_int64, 2_int64], step=4)
        call find(AIM_QUERY_DISTRIBUTIONS, 'distributions', 'weights', objects)
        bins = objects%histogram(1)
        call check(all(bins%weights == [1, 3]) .and. all(bins%edges == [0, 1, 2]), 'counted bins')
        call check(all([bins%count, bins%sum, bins%sum_squares, bins%min, bins%max] == [4, 4, 6, 0, 2]), 'what is known')
        bins = objects%histogram(2)
        call check(all(bins%weights == [2]) .and. bins%count == 4, 'bins between bounds')
        bins = objects%histogram(3)
        call check(all(bins%weights == [3, 1]) .and. all(bins%edges == [0, 1, 10]) .and. ieee_is_nan(bins%sum), 'uneven bins')
        bins = objects%histogram(4)
        call check(size(bins%weights) == 64 .and. size(bins%edges) == 65, 'bins by default')
        errmsg = ''
        call find(AIM_QUERY_TEXTS, 'texts', 'notes', objects)
        bins = objects%histogram(1, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'a text is no distribution')
    end subroutine

    subroutine arrays()
        type(aim_sequence) :: tensors
        type(aim_objects) :: objects
        integer, allocatable :: sides(:)
        real(real64), allocatable :: r64(:)
        real(real32), allocatable :: r32(:)
        integer(int64), allocatable :: i64(:)
        integer(int32), allocatable :: i32(:)
        integer(int16), allocatable :: i16(:)
        integer(int8), allocatable :: i8(:)
        logical, allocatable :: bits(:)
        real(real64) :: cube(2, 3, 4), many(1, 2, 1, 2, 1, 2, 3)
        integer :: i
        cube = reshape(real([(i, i=1, 24)], real64), [2, 3, 4])
        many = reshape(real([(i, i=1, 24)], real64), shape(many))
        call run%sequence(AIM_QUERY_ARRAYS, 'tensor', tensors)
        call tensors%track_array(cube, step=0, meta='{"role": "points"}')
        call tensors%track_array(real(cube(2, :, 1:4:3), real32), step=1)
        call tensors%track_array([int(8, int64)**20, -1_int64], step=2)
        call tensors%track_array(reshape([1_int32, 2_int32, 3_int32], [1, 3]), step=3)
        call tensors%track_array([-1_int16], step=4)
        call tensors%track_array([-127_int8, 127_int8], step=5)
        call tensors%track_array(reshape([.true., .false., .false., .true., .true., .false.], [2, 3]), step=6)
        call tensors%track_array(many, step=7)
        call tensors%track_array(cube(1:0, :, :), step=8)
        call find(AIM_QUERY_ARRAYS, 'arrays', 'tensor', objects)
        call objects%read_array(1, r64, sides)
        call check(all(sides == [2, 3, 4]) .and. all(reshape(r64, [2, 3, 4]) == cube), 'an array of three dimensions')
        call objects%read_array(2, r32, sides)
        call check(all(sides == [3, 2]) .and. all(reshape(r32, [3, 2]) == cube(2, :, 1:4:3)), 'a section')
        call objects%read_array(3, i64, sides)
        call check(all(i64 == [int(8, int64)**20, -1_int64]), 'integers of 64 bits')
        call objects%read_array(4, i32, sides)
        call check(all(sides == [1, 3]) .and. all(i32 == [1, 2, 3]), 'integers of 32 bits')
        call objects%read_array(5, i16, sides)
        call check(all(i16 == [-1]), 'integers of 16 bits')
        call objects%read_array(6, i8, sides)
        call check(all(i8 == [-127, 127]), 'integers of 8 bits')
        call objects%read_array(7, bits, sides)
        call check(all(sides == [2, 3]) .and. all(bits .eqv. [.true., .false., .false., .true., .true., .false.]), 'logicals')
        call objects%read_array(8, r64, sides)
        call check(all(sides == shape(many)) .and. all(reshape(r64, shape(many)) == many), 'seven dimensions')
        call objects%read_array(9, r64, sides)
        call check(all(sides == [0, 3, 4]) .and. size(r64) == 0, 'an empty array')
        errmsg = ''
        call objects%read_array(1, i64, sides, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'an array of another type', 'f8')
        call find(AIM_QUERY_TEXTS, 'texts', 'notes', objects)
        errmsg = ''
        call objects%read_array(5, i64, sides, stat, errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'a text is no array')
    end subroutine

    subroutine encoded()
        type(aim_sequence) :: tables
        type(aim_objects) :: objects
        integer(int8) :: bytes(4)
        bytes = [iachar('a', int8), 10_int8, iachar('1', int8), 10_int8]
        call run%sequence(AIM_QUERY_TABLES, 'rows', tables)
        call tables%track_bytes(bytes, format='csv')
        call find(AIM_QUERY_TABLES, 'tables', 'rows', objects)
        call check(all(objects%bytes(1) == bytes), 'bytes in a format')
    end subroutine

    subroutine refusals()
        type(aim_sequence) :: images, none
        type(aim_run) :: closed
        type(aim_objects) :: nothing
        character(:), allocatable :: text
        call run%sequence(AIM_QUERY_IMAGES, 'refused', images)
        errmsg = ''
        call images%track_image(reshape([1_int8], [1, 1]), step=1.5, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a step that is no integer', 'step')
        errmsg = ''
        call images%track_image(reshape([1_int8, 2_int8, 3_int8, 4_int8, 5_int8], [5, 1, 1]), stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'five channels', '5 channels')
        errmsg = ''
        call images%track_array([1], stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_TYPE, errmsg, 'an array among images')
        errmsg = ''
        call images%track_text('text', caption='a'//achar(0)//'b', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a NUL in a caption', 'NUL')
        errmsg = ''
        call images%track_histogram([1.0_real64], [1.0_real64], stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'too few edges', 'edges')
        errmsg = ''
        call none%track_image(reshape([1_int8], [1, 1]), stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a sequence that is none', 'run%sequence')
        errmsg = ''
        call run%sequence(99, 'x', none, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'an unknown kind', '99')
        errmsg = ''
        text = nothing%text(1, stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'objects that are none')
        call closed%open(repo=scratch())
        call closed%sequence(AIM_QUERY_TEXTS, 'late', none)
        call closed%close()
        errmsg = ''
        call none%track_text('late', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_CLOSED, errmsg, 'a closed run')
    end subroutine
end program test_objects
