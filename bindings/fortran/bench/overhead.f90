! What Fortran adds to the C call: tracks through the binding and in loops in C, side by side in one run, in the
! repository DIRECTORY. Prints medians of nanoseconds a call, and their ratios.
program overhead
    use, intrinsic :: iso_c_binding, only: c_int, c_int64_t, c_ptr
    use, intrinsic :: iso_fortran_env, only: int64, real32, real64
    use aim
    implicit none

    interface
        function c_loop(metric, n) bind(c)
            import :: c_int, c_int64_t, c_ptr
            type(c_ptr), value :: metric
            integer(c_int64_t), value :: n
            integer(c_int) :: c_loop
        end function
        function c_loop_by_name(run, n) bind(c)
            import :: c_int, c_int64_t, c_ptr
            type(c_ptr), value :: run
            integer(c_int64_t), value :: n
            integer(c_int) :: c_loop_by_name
        end function
    end interface

    integer, parameter :: calls = 20000, rounds = 101, ways = 6
    character(*), parameter :: names(ways) = [character(42) :: 'aim_metric_track in C', &
        'metric%track(real64, int64)', 'metric%track(real32, default integer)', 'metric%track_many, 20,000 at once', &
        'aim_run_track in C', 'run%track(name, ..., context)']
    integer, parameter :: base(ways) = [1, 1, 1, 1, 5, 5]
    type(aim_run) :: run
    type(aim_metric) :: metric
    character(1000) :: directory
    real(real64) :: times(rounds, ways), values(calls), medians(ways)
    integer(int64) :: steps(calls), i64
    integer :: way, round, i

    call get_command_argument(1, directory)
    call run%open(repo=directory)
    call run%metric('loss', metric, context=aim_object('subset', 'train'))
    values = [(i * 0.5_real64, i=0, calls - 1)]
    steps = [(int(i, int64), i=0, calls - 1)]
    do round = -2, rounds ! three to warm up
        do way = 1, ways
            i64 = now()
            call track(way)
            if (round > 0) times(round, way) = real(now() - i64, real64) / calls
            call run%flush() ! so that no call waits for the disk
        end do
    end do
    do way = 1, ways
        medians(way) = median(times(:, way))
        print '(a, f8.1, a, f6.3, 2a)', names(way), medians(way), ' ns', medians(way) / medians(base(way)), ' x ', &
            trim(names(base(way)))
    end do
    call run%close()

contains

    subroutine track(way)
        integer, intent(in) :: way
        integer(int64) :: step
        integer :: i
        select case (way)
        case (1)
            if (c_loop(metric%handle, int(calls, c_int64_t)) /= 0) error stop
        case (2)
            do step = 0, calls - 1
                call metric%track(real(step, real64) * 0.5_real64, step)
            end do
        case (3)
            do i = 0, calls - 1
                call metric%track(real(i, real32) * 0.5, i)
            end do
        case (4)
            call metric%track_many(values, steps)
        case (5)
            if (c_loop_by_name(run%handle, int(calls, c_int64_t)) /= 0) error stop
        case (6)
            do step = 0, calls - 1
                call run%track('loss', real(step, real64) * 0.5_real64, step, context='{"subset": "train"}')
            end do
        end select
    end subroutine

    !> Nanoseconds of a clock that never goes back.
    integer(int64) function now()
        integer(int64) :: count, rate
        call system_clock(count, rate)
        now = count * (1000000000_int64 / rate)
    end function

    real(real64) function median(numbers)
        real(real64), intent(in) :: numbers(:)
        integer :: i
        median = 0
        do i = 1, size(numbers)
            if (count(numbers < numbers(i)) <= size(numbers) / 2 .and. count(numbers <= numbers(i)) > size(numbers) / 2) &
                median = numbers(i)
        end do
    end function
end program overhead
