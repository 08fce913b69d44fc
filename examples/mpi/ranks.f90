! Every rank of an MPI program tracks into one run, with its own context {"rank": n}.
!
! Rank 0 makes the run and broadcasts its hash; the others continue it by that. Each closes it when it is done, and the
! run is finished when the last one has. All ranks are on one machine, for they share the database's memory.
!
!     mpifort -O2 PREFIX/share/aim/fortran/aim.f90 ranks.f90 -o ranks -L PREFIX/lib -laim
!     mpirun -n 4 ./ranks [REPO]
program ranks
    use, intrinsic :: iso_fortran_env, only: real64
    use aim
    use mpi_f08
    implicit none
    integer, parameter :: steps = 1000
    type(aim_run) :: run
    type(aim_metric) :: loss
    character(24) :: hash
    character(1000) :: repo
    real(real64) :: mine, mean
    integer :: rank, size, step

    call MPI_Init()
    call MPI_Comm_rank(MPI_COMM_WORLD, rank)
    call MPI_Comm_size(MPI_COMM_WORLD, size)
    call get_command_argument(1, repo)
    if (repo == '') repo = '.'

    if (rank == 0) then
        call run%open(repo=repo, experiment='ranks')
        call run%set_param('ranks', size)
        hash = run%hash()
    end if
    call MPI_Bcast(hash, len(hash), MPI_CHARACTER, 0, MPI_COMM_WORLD)
    if (rank /= 0) call run%open(repo=repo, run_hash=hash)

    call run%metric('loss', loss, context=aim_object('rank', rank))
    do step = 0, steps - 1
        mine = 1.0_real64 / (1 + step) + rank
        call loss%track(mine, step)
        call MPI_Reduce(mine, mean, 1, MPI_DOUBLE_PRECISION, MPI_SUM, 0, MPI_COMM_WORLD)
        if (rank == 0) call run%track('mean loss', mean / size, step)
    end do
    call run%close()
    if (rank == 0) print '(2a)', 'run ', hash
    call MPI_Finalize()
end program ranks
