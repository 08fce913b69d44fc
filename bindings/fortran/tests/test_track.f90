! Tracking: every combination of kinds, steps and epochs, contexts, arrays.
program test_track
    use aim
    use checks
    use, intrinsic :: ieee_arithmetic, only: ieee_is_nan, ieee_quiet_nan, ieee_value
    use, intrinsic :: iso_fortran_env, only: int32, int64, real32, real64
    implicit none
    type(aim_run) :: run
    integer :: stat
    character(300) :: errmsg

    call run%open(repo=scratch())
    call by_metric()
    call by_name()
    call many()
    call contexts()
    call values()
    call run%close()
    call run%free()
    call finish()

contains

    !> The points of the run's metric `name` with `context`, '{}' if it is not given.
    function points(name, context)
        character(*), intent(in) :: name
        character(*), intent(in), optional :: context
        type(aim_values) :: points
        type(aim_repo) :: repo
        type(aim_query) :: found
        integer :: row
        call repo%open(scratch())
        call repo%query_metrics('run.hash == "'//run%hash()//'" and metric.name == "'//name//'"', found)
        do row = 1, found%size()
            if (present(context)) then
                if (found%metric_context(row) /= context) cycle
            else if (found%metric_context(row) /= '{}') then
                cycle
            end if
            points = found%values(row)
            return
        end do
        call check(.false., 'no metric '//name)
    end function

    integer function number_of_points(name, context)
        character(*), intent(in) :: name, context
        type(aim_values) :: found
        found = points(name, context)
        number_of_points = size(found%values)
    end function

    subroutine expect(name, steps, values, epochs)
        character(*), intent(in) :: name
        integer, intent(in) :: steps(:), epochs(:)
        real(real64), intent(in) :: values(:)
        type(aim_values) :: found
        integer(int64) :: wanted(size(epochs))
        found = points(name)
        wanted = epochs
        where (epochs == unset) wanted = AIM_EPOCH_NONE
        call check(size(found%steps) == size(steps), name//': number of points')
        if (size(found%steps) /= size(steps)) return
        call check(all(found%steps == steps), name//': steps')
        call check(all(found%values == values), name//': values')
        call check(all(found%epochs == wanted), name//': epochs')
    end subroutine

    subroutine by_metric()
        type(aim_metric) :: m
        type(aim_values) :: found
        integer(int64), parameter :: l = 20, e = 3
        call run%metric('metric', m)
        call m%track(0.5_real64)
        call m%track(0.25_real32)
        call m%track(3_int64)
        call m%track(4_int32)
        call m%track(5.0_real64, 10)
        call m%track(6.0_real32, 11, 1)
        call m%track(7_int64, 12, e)
        call m%track(8_int32, l, 2)
        call m%track(9.0_real64, l + 1, e)
        call m%track(10.0_real32, l + 2)
        call m%track(11_int64, epoch=4)
        call m%track(12_int32, epoch=e)
        call m%track(13.0_real64, AIM_STEP_AUTO, AIM_EPOCH_NONE)
        call m%track(14.0_real64, step=30, epoch=AIM_EPOCH_NONE)
        call expect('metric', [0, 1, 2, 3, 10, 11, 12, 20, 21, 22, 23, 24, 25, 30], &
            [0.5_real64, 0.25_real64, 3.0_real64, 4.0_real64, 5.0_real64, 6.0_real64, 7.0_real64, 8.0_real64, 9.0_real64, &
            10.0_real64, 11.0_real64, 12.0_real64, 13.0_real64, 14.0_real64], &
            [unset, unset, unset, unset, unset, 1, 3, 2, 3, unset, 4, 3, unset, unset])
        call m%track(100.0_real64, step=10, stat=stat)
        call check(stat == AIM_OK, 'stat of a success')
        found = points('metric')
        call check(any(found%values == 100) .and. size(found%values) == 14, 'a step tracked again replaces its point')
    end subroutine

    subroutine by_name()
        integer(int64), parameter :: l = 20, e = 3
        call run%track('name  ', 0.5_real64)
        call run%track('name', 0.25_real32)
        call run%track('name', 3_int64)
        call run%track('name', 4_int32)
        call run%track('name', 5.0_real64, 10)
        call run%track('name', 6.0_real32, 11, 1)
        call run%track('name', 7_int64, 12, e)
        call run%track('name', 8_int32, l, 2)
        call run%track('name', 9.0_real64, l + 1, e)
        call run%track('name', 10.0_real32, l + 2)
        call run%track('name', 11_int64, epoch=4)
        call run%track('name', 12_int32, epoch=e, context='{}', stat=stat)
        call check(stat == AIM_OK, 'stat of a success')
        call expect('name', [0, 1, 2, 3, 10, 11, 12, 20, 21, 22, 23, 24], &
            [0.5_real64, 0.25_real64, 3.0_real64, 4.0_real64, 5.0_real64, 6.0_real64, 7.0_real64, 8.0_real64, 9.0_real64, &
            10.0_real64, 11.0_real64, 12.0_real64], &
            [unset, unset, unset, unset, unset, 1, 3, 2, 3, unset, 4, 3])
    end subroutine

    subroutine many()
        type(aim_metric) :: m
        integer(int64), parameter :: longs(2) = [20, 21]
        real(real64) :: strided(6)
        real(real64) :: none(0)
        integer :: no_steps(0)
        strided = [1, 9, 2, 9, 3, 9]
        call run%metric('many', m)
        call m%track_many(strided(1:6:2))
        call m%track_many([4.0, 5.0], [10, 11])
        call m%track_many([6_int64, 7_int64], longs)
        call m%track_many([8, 9], longs + 2, [1, 2])
        call m%track_many([10.0_real64, 11.0_real64], [30, 31], longs)
        call m%track_many([12.0_real64], [40], [7])
        call m%track_many([13.0_real64], epochs=[8])
        call m%track_many([14.0_real64], epochs=[9_int64])
        call m%track_many([15.0_real64, 16.0_real64], longs + 30, longs)
        call m%track_many(none)
        call m%track_many(none, no_steps)
        call expect('many', [0, 1, 2, 10, 11, 20, 21, 22, 23, 30, 31, 40, 41, 42, 50, 51], &
            [1.0_real64, 2.0_real64, 3.0_real64, 4.0_real64, 5.0_real64, 6.0_real64, 7.0_real64, 8.0_real64, 9.0_real64, &
            10.0_real64, 11.0_real64, 12.0_real64, 13.0_real64, 14.0_real64, 15.0_real64, 16.0_real64], &
            [unset, unset, unset, unset, unset, unset, unset, 1, 2, 20, 21, 7, 8, 9, 20, 21])
        errmsg = ''
        call m%track_many([1.0, 2.0], [1, 2, 3], stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'too many steps', '3 steps for 2 values')
        errmsg = ''
        call m%track_many([1.0, 2.0], [1, 2], [1], stat, errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'too few epochs', '1 epochs for 2 values')
        call m%track_many([1.0, 2.0], [60, 61], stat=stat)
        call check(stat == AIM_OK, 'stat of a success')
    end subroutine

    subroutine contexts()
        type(aim_metric) :: m
        call run%metric('loss', m, context=aim_object('subset', 'train', 'rank', 3))
        call m%track(1.0)
        call run%track('loss', 2.0, context='{"rank": 3, "subset": "train"}')
        call run%track('loss', 3.0, context=aim_object('subset', 'val'))
        call check(number_of_points('loss', '{"rank":3,"subset":"train"}') == 2, 'the order of keys does not matter')
        call check(number_of_points('loss', '{"subset":"val"}') == 1, 'another context is another sequence')
        errmsg = ''
        call run%track('loss', 1.0, context='[1]', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a context that is no object')
        errmsg = ''
        call run%metric('loss', m, context='{"a":', stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a context that is no JSON')
        call m%track(4.0)
        call check(number_of_points('loss', '{"rank":3,"subset":"train"}') == 3, 'the metric stays what it was')
        errmsg = ''
        call run%track(repeat('n', 5000), 1.0, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_LIMIT, errmsg, 'a name too long', '5000')
        errmsg = ''
        call run%track('n'//achar(0), 1.0, stat=stat, errmsg=errmsg)
        call check_status(stat, AIM_ERR_INVALID_ARGUMENT, errmsg, 'a name with a NUL', 'the name holds a NUL')
    end subroutine

    subroutine values()
        type(aim_values) :: found
        call run%track('special', ieee_value(0.0_real64, ieee_quiet_nan))
        call run%track('special', huge(0.0_real64), step=huge(0_int64) - 1, epoch=-huge(0_int64))
        found = points('special')
        call check(ieee_is_nan(found%values(1)) .and. found%values(2) == huge(0.0_real64), 'NaN and the greatest')
        call check(found%steps(2) == huge(0_int64) - 1 .and. found%epochs(2) == -huge(0_int64), 'wide steps and epochs')
        call check(all(found%times > 1.6e9_real64), 'times')
        call run%track('many points', 1.0)
    end subroutine
end program test_track
