! Ranks that know nothing of libaim; compiled with the module mpi and with mpi_f08. With an argument, the program ends with
! this code after MPI_Finalize.
program plain
#ifdef OLD
    use mpi
#else
    use mpi_f08
#endif
    implicit none
    integer :: rank, size, round, code, ierr
    double precision :: mine, total
    character(10) :: argument

    call MPI_Init(ierr)
    call MPI_Comm_rank(MPI_COMM_WORLD, rank, ierr)
    call MPI_Comm_size(MPI_COMM_WORLD, size, ierr)
    mine = rank
    do round = 1, 10
        call MPI_Allreduce(mine, total, 1, MPI_DOUBLE_PRECISION, MPI_SUM, MPI_COMM_WORLD, ierr)
    end do
    if (rank == 0) then
        call MPI_Send(mine, 1, MPI_DOUBLE_PRECISION, 1, 0, MPI_COMM_WORLD, ierr)
    else if (rank == 1) then
        call MPI_Recv(mine, 1, MPI_DOUBLE_PRECISION, 0, 0, MPI_COMM_WORLD, MPI_STATUS_IGNORE, ierr)
    end if
    call MPI_Finalize(ierr)
    call get_command_argument(1, argument)
    if (argument == '') stop
    read (argument, *) code
    stop code
end program plain
