/* A program on a cluster, for `benches/spool.py`: METRICS metrics of so many steps, single precision, flushed every FLUSH steps or,
 * with 0, as the library does by itself. Prints the processor time of a point, from the call to the end of its process's work.
 *
 * usage: spool DIRECTORY METRICS STEPS FLUSH */
#include "bench.h"

int main(int argc, char **argv) {
    require(argc == 5, "usage: spool DIRECTORY METRICS STEPS FLUSH");
    int metrics = atoi(argv[2]), steps = atoi(argv[3]), often = atoi(argv[4]);
    aim_error *err = NULL;
    aim_run *run = open_run(argv[1], NULL);
    aim_metric **metric = calloc((size_t)metrics, sizeof *metric);
    require(metric != NULL, "calloc");
    for (int m = 0; m < metrics; m++) {
        char name[32];
        snprintf(name, sizeof name, "layer%d/loss", m);
        metric[m] = open_metric(run, name, NULL);
    }
    CHECK(aim_run_flush(run, &err));
    double start = processor_seconds();
    for (int step = 0; step < steps; step++) {
        for (int m = 0; m < metrics; m++) {
            float value = (float)(1.0 / (1 + (step * 7 + m) % 1000));
            if (aim_metric_track(metric[m], value, step, AIM_EPOCH_NONE) != AIM_OK) abort();
        }
        if (often > 0 && (step + 1) % often == 0) CHECK(aim_run_flush(run, &err));
    }
    CHECK(aim_run_flush(run, &err));
    printf("%.2f\n", (processor_seconds() - start) / ((double)metrics * steps) * 1e9);
    for (int m = 0; m < metrics; m++) aim_metric_free(metric[m]);
    free(metric);
    close_run(run);
    return 0;
}
