/* What do points cost whose steps are not the next ones? A value of long ago beside the newest one, ranges that ranks fill
 * side by side, a value that is late by as much as an evaluation takes. By processor time and by what is written, beside
 * points in order. */
#include "bench.h"
#include <sys/resource.h>

enum { LONG = 10000000, RANGES = 8, FILLED = 8000000, SEQUENCE = 5000000, LATE = 10000, COMMITS = 20 };

static double processor(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) * 1e-6;
}

/* Bytes that this process has written to files so far. */
static double written(void) {
    unsigned long long bytes = 0;
    char line[100];
    FILE *file = fopen("/proc/self/io", "r");
    require(file != NULL, "/proc/self/io");
    while (fgets(line, sizeof line, file) != NULL)
        if (sscanf(line, "write_bytes: %llu", &bytes) == 1) break;
    fclose(file);
    return (double)bytes;
}

static double value(int step) { return (float)(1.0 / (1 + step % 1000)); }

static void track(aim_metric *metric, int step) {
    if (aim_metric_track(metric, value(step), step, AIM_EPOCH_NONE) != AIM_OK) abort();
}

static void flush(aim_run *run) {
    aim_error *err = NULL;
    CHECK(aim_run_flush(run, &err));
}

static double filled(const char *root, const char *name, int ranges, double *slowest) {
    aim_run *run = open_run(fresh(root, name), NULL);
    aim_metric *metric = open_metric(run, "loss", NULL);
    const int each = FILLED / ranges;
    double begun = processor();
    *slowest = 0;
    for (int i = 0; i < FILLED; i++) {
        double before = seconds();
        track(metric, i % ranges * each + i / ranges);
        double took = seconds() - before;
        if (took > *slowest) *slowest = took;
    }
    flush(run);
    double took = processor() - begun;
    aim_metric_free(metric);
    close_run(run);
    return took;
}

int main(int argc, char **argv) {
    const char *root = argc > 1 ? argv[1] : ".";
    aim_run *run = open_run(fresh(root, "late"), NULL);
    aim_metric *metric = open_metric(run, "loss", NULL);
    for (int i = 0; i < LONG; i++) track(metric, i);
    flush(run);
    double before = processor(), bytes = written();
    track(metric, LONG);
    track(metric, 0);
    flush(run);
    printf("one new and one old point of %d: %.1f ms of a processor, %.0f KB written\n", LONG, (processor() - before) * 1e3,
           (written() - bytes) / 1e3);
    aim_metric_free(metric);
    close_run(run);

    double slowest, worst;
    double in_order = filled(root, "in order", 1, &slowest);
    double side_by_side = filled(root, "side by side", RANGES, &worst);
    printf("%d points in %d ranges side by side: %.2f s of a processor, in order %.2f s: %.1f x; slowest call %.1f and %.1f ms\n",
           FILLED, RANGES, side_by_side, in_order, side_by_side / in_order, worst * 1e3, slowest * 1e3);

    run = open_run(fresh(root, "evaluation"), NULL);
    metric = open_metric(run, "loss", NULL);
    for (int i = 0; i < SEQUENCE; i++) track(metric, i);
    flush(run);
    double cost[2], wrote[2];
    int next = SEQUENCE;
    for (int late = 0; late < 2; late++) {
        before = processor();
        bytes = written();
        for (int commit = 0; commit < COMMITS; commit++) {
            for (int i = 0; i < 100; i++) track(metric, next++);
            if (late) track(metric, next - LATE);
            flush(run);
        }
        cost[late] = (processor() - before) / COMMITS * 1e3;
        wrote[late] = (written() - bytes) / COMMITS / 1e3;
    }
    printf("a commit of 100 new points of %d: %.2f ms of a processor, %.0f KB; with one %d steps late %.2f ms, %.0f KB\n",
           SEQUENCE, cost[0], wrote[0], LATE, cost[1], wrote[1]);
    aim_metric_free(metric);
    close_run(run);
    return 0;
}
