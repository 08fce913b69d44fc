/* ranks - every rank of an MPI program tracks into the one run that the job names, in a context of its own. */
#include <aim.h>
#include <mpi.h>
#include <stdio.h>

int main(int count, char **words)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    aim_error *err = NULL;
    int rank, step, failed = 0;
    char context[40];

    MPI_Init(&count, &words);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    snprintf(context, sizeof context, "{\"rank\": %d}", rank);
    failed = aim_run_new(&options, &run, &err) != AIM_OK;
    for (step = 0; !failed && step < 1000; step++)
        failed = aim_run_track(run, "loss", rank + 1.0 / (1 + step), step, AIM_EPOCH_NONE, context, &err) != AIM_OK;
    MPI_Barrier(MPI_COMM_WORLD);
    if (!failed)
        failed = aim_run_close(run, &err) != AIM_OK;
    if (failed)
        fprintf(stderr, "rank %d: %s\n", rank, err ? aim_error_message(err) : "?");
    aim_run_free(run);
    MPI_Finalize();
    return failed;
}
