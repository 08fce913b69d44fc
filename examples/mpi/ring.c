/*
 * Passes numbers around a ring of ranks. It knows nothing of libaim: libaim_pmpi.so tracks it as it is.
 *
 *     mpicc -O2 ring.c -o ring
 *     mpirun -n 4 -x LD_PRELOAD=./libaim_pmpi.so ./ring
 *
 * With an argument, the last rank gives up by MPI_Abort with this code.
 */
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    int rank, size;
    double mine, other, sum = 0;
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &size);
    mine = rank;
    for (int round = 0; round < 100; round++) {
        MPI_Sendrecv(&mine, 1, MPI_DOUBLE, (rank + 1) % size, 0, &other, 1, MPI_DOUBLE, (rank + size - 1) % size, 0,
                     MPI_COMM_WORLD, MPI_STATUS_IGNORE);
        mine = other;
        MPI_Allreduce(&mine, &sum, 1, MPI_DOUBLE, MPI_SUM, MPI_COMM_WORLD);
    }
    if (rank == 0) printf("sum %g\n", sum);
    MPI_Barrier(MPI_COMM_WORLD);
    if (argc > 1 && rank == size - 1) MPI_Abort(MPI_COMM_WORLD, atoi(argv[1]));
    MPI_Barrier(MPI_COMM_WORLD);
    MPI_Finalize();
}
