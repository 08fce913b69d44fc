! points REPO RANKS - whether the run of examples/mpi is finished and holds every point of every rank.
program points
    use aim
    use, intrinsic :: iso_fortran_env, only: error_unit, real64
    implicit none
    integer, parameter :: steps = 1000
    type(aim_repo) :: repo
    type(aim_query) :: runs, metrics
    type(aim_run_properties) :: properties
    type(aim_values) :: found
    character(1000) :: argument
    real(real64), allocatable :: wanted(:)
    integer :: ranks, rank, step, stored

    call get_command_argument(1, argument)
    call repo%open(argument)
    call get_command_argument(2, argument)
    read (argument, *) ranks
    call repo%query_runs('', runs)
    call expect(runs%size() == 1, 'one run')
    properties = runs%run_properties(1)
    call expect(properties%status == 'finished', 'the run is finished, not '//properties%status)
    call runs%get_param(1, 'ranks', stored)
    call expect(stored == ranks, 'the param ranks')

    call repo%query_metrics('metric.name == "loss"', metrics)
    call expect(metrics%size() == ranks, 'a sequence for every rank')
    do rank = 0, ranks - 1
        write (argument, '(a, i0)') 'metric.name == "loss" and metric.context.rank == ', rank
        call repo%query_metrics(argument, metrics)
        call expect(metrics%size() == 1, 'one sequence with the context of the rank')
        found = metrics%values(1)
        wanted = [(1.0_real64 / (1 + step) + rank, step=0, steps - 1)]
        call expect(size(found%values) == steps, 'all points of the rank')
        call expect(all(found%steps == [(step, step=0, steps - 1)]), 'steps')
        call expect(all(abs(found%values - wanted) <= 0), 'values')
    end do
    call repo%query_metrics('metric.name == "mean loss"', metrics)
    found = metrics%values(1)
    call expect(size(found%values) == steps, 'all means')
    wanted = [(1.0_real64 / (1 + step) + 0.5_real64 * (ranks - 1), step=0, steps - 1)]
    call expect(all(abs(found%values - wanted) < 1e-12_real64), 'means')

contains

    subroutine expect(good, what)
        logical, intent(in) :: good
        character(*), intent(in) :: what
        if (good) return
        write (error_unit, '(2a)') 'expected: ', what
        error stop 1
    end subroutine
end program points
