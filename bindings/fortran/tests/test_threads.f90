! Several threads use one run, one metric and one answer.
program test_threads
    use aim
    use checks
    use, intrinsic :: iso_fortran_env, only: int64, real64
    implicit none
    integer, parameter :: n = 5000
    call write_points()
    call read_points()
    call finish()

contains

    subroutine write_points()
        type(aim_run) :: run
        type(aim_metric) :: metric
        integer :: step, stat, errors
        character(*), parameter :: contexts(0:1) = ['{"odd": 0}', '{"odd": 1}']
        character(20) :: digits
        call run%open(repo=scratch())
        call run%metric('shared', metric)
        errors = 0
        !$omp parallel do num_threads(4) private(stat, digits) reduction(+: errors)
        do step = 1, n
            call metric%track(step, step, stat=stat)
            if (stat /= AIM_OK) errors = errors + 1
            call run%track('by name', real(step, real64), step, context=contexts(modulo(step, 2)), stat=stat)
            if (stat /= AIM_OK) errors = errors + 1
            write (digits, '(i0)') step
            call run%set_param('/params/'//digits, [step, step + 1], stat)
            if (stat /= AIM_OK) errors = errors + 1
        end do
        !$omp end parallel do
        call check(errors == 0, 'no call failed')
        call run%close()
    end subroutine

    subroutine read_points()
        type(aim_repo) :: repo
        type(aim_query) :: found
        type(aim_values) :: points
        integer :: i, errors
        call repo%open(scratch())
        call repo%query_metrics('metric.name == "shared"', found)
        points = found%values(1)
        call check(size(points%steps) == n, 'every point of every thread')
        call check(all(points%values == [(real(i, real64), i=1, n)]), 'with its value')
        call repo%query_metrics('metric.name == "by name"', found)
        call check(found%size() == 2, 'two contexts')
        errors = 0
        !$omp parallel do num_threads(4) reduction(+: errors)
        do i = 1, 100
            if (number_of_points(found, 1 + modulo(i, 2)) /= n / 2) errors = errors + 1
        end do
        !$omp end parallel do
        call check(errors == 0, 'threads share an answer')
        errors = 0
        !$omp parallel do num_threads(4) reduction(+: errors)
        do i = 1, n
            if (.not. param_is_right(found, i)) errors = errors + 1
        end do
        !$omp end parallel do
        call check(errors == 0, 'and read params')
    end subroutine

    logical function param_is_right(found, i)
        type(aim_query), intent(in) :: found
        integer, intent(in) :: i
        integer, allocatable :: numbers(:)
        character(20) :: digits
        write (digits, '(i0)') i
        call found%get_param(1, '/params/'//digits, numbers)
        param_is_right = all(numbers == [i, i + 1])
    end function

    integer function number_of_points(found, row)
        type(aim_query), intent(in) :: found
        integer, intent(in) :: row
        type(aim_values) :: points
        points = found%values(row)
        number_of_points = size(points%steps)
    end function
end program test_threads
