/* Makes what `benches/program.py` and `benches/web_peers.py` look at.
 *
 * usage: fill sweep DIRECTORY RUNS POINTS     many runs alike
 *        fill long DIRECTORY RUNS POINTS      runs of one metric
 *        fill live DIRECTORY RUNS SECONDS     runs of 20 metrics that go on, a point of each a second */
#include "sweep.h"

enum { LIVE = 20 };

static void longer(const char *directory, int runs, int points) {
    for (int r = 0; r < runs; r++) {
        aim_run *run = open_run(directory, NULL);
        aim_metric *metric = open_metric(run, "loss", NULL);
        for (int i = 0; i < points; i++)
            if (aim_metric_track(metric, (float)(1.0 / (1 + (i + r) % 1000)), i, AIM_EPOCH_NONE) != AIM_OK) abort();
        aim_metric_free(metric);
        close_run(run);
    }
}

static void live(const char *directory, int runs, int long_) {
    aim_run **run = calloc((size_t)runs, sizeof *run);
    aim_metric **metric = calloc((size_t)runs * LIVE, sizeof *metric);
    require(run && metric, "calloc");
    for (int r = 0; r < runs; r++) {
        run[r] = open_run(directory, NULL);
        for (int m = 0; m < LIVE; m++) {
            char name[32];
            snprintf(name, sizeof name, "layer%d/loss", m);
            metric[r * LIVE + m] = open_metric(run[r], name, NULL);
        }
    }
    puts("open");
    fflush(stdout);
    for (int step = 0; step < long_; step++) {
        for (int i = 0; i < runs * LIVE; i++)
            if (aim_metric_track(metric[i], 1.0 / (1 + step + i % LIVE), step, AIM_EPOCH_NONE) != AIM_OK) abort();
        sleep(1);
    }
    for (int i = 0; i < runs * LIVE; i++) aim_metric_free(metric[i]);
    for (int r = 0; r < runs; r++) close_run(run[r]);
    free(metric);
    free(run);
}

int main(int argc, char **argv) {
    require(argc == 5, "usage: fill sweep|long|live DIRECTORY RUNS POINTS|SECONDS");
    int runs = atoi(argv[3]), more = atoi(argv[4]);
    if (strcmp(argv[1], "sweep") == 0) sweep(argv[2], runs, more);
    if (strcmp(argv[1], "long") == 0) longer(argv[2], runs, more);
    if (strcmp(argv[1], "live") == 0) live(argv[2], runs, more);
    return 0;
}
