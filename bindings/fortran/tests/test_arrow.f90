! The Arrow stream, read as its specification says.
module arrow
    use, intrinsic :: iso_c_binding
    implicit none

    type, bind(c) :: arrow_array
        integer(c_int64_t) :: length = 0, null_count = 0, offset = 0, n_buffers = 0, n_children = 0
        type(c_ptr) :: buffers = c_null_ptr, children = c_null_ptr, dictionary = c_null_ptr
        type(c_funptr) :: release = c_null_funptr
        type(c_ptr) :: private_data = c_null_ptr
    end type

    type, bind(c) :: arrow_stream
        type(c_funptr) :: get_schema = c_null_funptr, get_next = c_null_funptr, get_last_error = c_null_funptr
        type(c_funptr) :: release = c_null_funptr
        type(c_ptr) :: private_data = c_null_ptr
    end type

    abstract interface
        function next_array(stream, array) bind(c)
            import :: arrow_array, arrow_stream, c_int
            type(arrow_stream), intent(inout) :: stream
            type(arrow_array), intent(inout) :: array
            integer(c_int) :: next_array
        end function
        subroutine release(address) bind(c)
            import :: c_ptr
            type(c_ptr), value :: address
        end subroutine
    end interface
end module arrow

program test_arrow
    use aim
    use arrow
    use checks
    implicit none
    type(aim_run) :: run
    type(aim_repo) :: repo
    type(arrow_stream), target :: stream
    integer :: i, stat
    character(300) :: errmsg

    call run%open(repo=scratch())
    do i = 1, 1000
        call run%track('loss', 1.0 / i)
    end do
    call run%close()
    call run%free()
    call repo%open(scratch())
    call repo%query_arrow('metric.name == "loss"', AIM_QUERY_METRICS, c_loc(stream))
    call check(rows() == 1000, 'a row for every point')
    call repo%query_arrow('', AIM_QUERY_RUNS, c_loc(stream))
    call check(rows() == 1, 'a row for every run')
    call repo%query_arrow('', AIM_QUERY_METRICS, c_loc(stream), columns=[character(5) :: 'step', 'value'], limit=1)
    call check(rows() == 1000, 'a row for every point, of two columns')
    errmsg = ''
    call repo%query_arrow('', AIM_QUERY_METRICS, c_loc(stream), stat, errmsg, columns=['stop'])
    call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'an unknown column', 'step')
    errmsg = ''
    call repo%query_arrow('metric.name ==', AIM_QUERY_METRICS, c_loc(stream), stat, errmsg)
    call check_status(stat, AIM_ERR_SYNTAX, errmsg, 'a syntax error')
    errmsg = ''
    call repo%query_arrow('', 99, c_loc(stream), stat, errmsg)
    call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'an unknown kind', '99')
    errmsg = ''
    call repo%query_arrow('', AIM_QUERY_RUNS, c_null_ptr, stat, errmsg)
    call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'no stream', 'NULL')
    call tables()
    call repo%free()
    call finish()

contains

    subroutine tables()
        type(aim_run) :: into
        type(aim_sequence) :: sequence
        type(aim_query) :: found
        type(aim_objects) :: objects
        integer(c_int8_t), allocatable :: bytes(:)
        call into%open(repo=scratch())
        call into%sequence(AIM_QUERY_TABLES, 'points', sequence)
        call repo%query_arrow('metric.name == "loss"', AIM_QUERY_METRICS, c_loc(stream))
        call sequence%track_table(c_loc(stream), step=3, caption='all of them')
        call check(.not. c_associated(stream%release), 'the stream is released')
        errmsg = ''
        call sequence%track_table(c_loc(stream), stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a stream that was read', 'released')
        call sequence%free()
        call into%close()
        call into%free()
        call repo%query_objects(AIM_QUERY_TABLES, '', found)
        call found%objects(1, objects)
        bytes = objects%bytes(1)
        call check(all(bytes(:6) == iachar(['A', 'R', 'R', 'O', 'W', '1']) .and. bytes(:6) == bytes(size(bytes) - 5:)), &
            'the rows of the stream are an Arrow file')
        call objects%free()
        call found%free()
    end subroutine

    !> Reads the stream to its end and releases it.
    integer function rows()
        type(arrow_array), target :: array
        procedure(next_array), pointer :: next
        procedure(release), pointer :: free
        rows = 0
        call c_f_procpointer(stream%get_next, next)
        do while (next(stream, array) == 0)
            if (.not. c_associated(array%release)) exit
            rows = rows + int(array%length)
            call c_f_procpointer(array%release, free)
            call free(c_loc(array))
        end do
        call c_f_procpointer(stream%release, free)
        call free(c_loc(stream))
    end function
end program test_arrow
