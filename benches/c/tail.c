/* How long do the slowest calls take at 100,000 calls a second, with commits going on? Floor and call take turns, so
 * both meet the same disturbances. */
#include "bench.h"

enum { CALLS = 1000000, RATE = 100000 };

static void report(const char *what, double *ns, const double *base) {
    static const double parts[] = {0.5, 0.99, 0.999};
    printf("%-24s", what);
    for (int i = 0; i < 3; i++) printf("  p%-5g %8.0f ns", parts[i] * 100, ns[(size_t)(parts[i] * CALLS)]);
    printf("  max %10.0f ns", ns[CALLS - 1]);
    if (base) printf("  p99.9 %.2f x floor (goal <= 3)", ns[(size_t)(0.999 * CALLS)] / base[(size_t)(0.999 * CALLS)]);
    printf("\n");
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: tail DIRECTORY");
    const char *directory = fresh(argv[1], "tail");
    struct floor_ring ring = floor_open(directory);
    aim_run *run = open_run(directory, NULL);
    aim_metric *metric = open_metric(run, "loss", NULL);
    double *floor_ns = calloc(CALLS, sizeof *floor_ns), *call_ns = calloc(CALLS, sizeof *call_ns);
    require(floor_ns && call_ns, "memory");
    memset(floor_ns, 1, CALLS * sizeof *floor_ns);
    memset(call_ns, 1, CALLS * sizeof *call_ns);
    aim_metric_track(metric, 0, AIM_STEP_AUTO, AIM_EPOCH_NONE);

    uint64_t before = ticks();
    double start = seconds();
    for (int i = 0; i < CALLS; i++) {
        double due = start + (double)i / RATE;
        while (seconds() < due) {}
        uint64_t a = ticks();
        floor_store(&ring, 7, i, i);
        floor_ns[i] = (double)(ticks() - a);
        while (seconds() < due + 0.5 / RATE) {} /* so that the call does not wait for the floor's store */
        a = ticks();
        aim_metric_track(metric, i, i, AIM_EPOCH_NONE);
        call_ns[i] = (double)(ticks() - a);
    }
    double ns_per_tick = (seconds() - start) * 1e9 / (double)(ticks() - before);
    for (int i = 0; i < CALLS; i++) floor_ns[i] *= ns_per_tick, call_ns[i] *= ns_per_tick;
    qsort(floor_ns, CALLS, sizeof *floor_ns, by_value);
    qsort(call_ns, CALLS, sizeof *call_ns, by_value);
    report("floor", floor_ns, NULL);
    report("aim_metric_track", call_ns, floor_ns);
    aim_metric_free(metric);
    close_run(run);
    return 0;
}
