/* How many bytes does a point take on disk after close? Noisy values of float32 precision, real times. */
#include "bench.h"
#include <sys/stat.h>

static uint64_t state = 88172645463325252u;
static double noise(void) { /* xorshift64, in [0, 1) */
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (double)(state >> 11) / 9007199254740992.0;
}

/* A training step of some tens of microseconds, never twice the same. */
static void pause_a_step(void) {
    double end = seconds() + 20e-6 + noise() * 20e-6;
    while (seconds() < end) {}
}

static void measure(const char *root, int sequences, int points, double goal) {
    aim_error *err = NULL;
    const char *directory = fresh(root, "size");
    aim_run *run = open_run(directory, NULL);
    aim_metric **metrics = calloc((size_t)sequences, sizeof *metrics);
    for (int s = 0; s < sequences; s++) {
        char name[24];
        snprintf(name, sizeof name, "metric_%d", s);
        metrics[s] = open_metric(run, name, "{\"subset\": \"train\"}");
    }
    for (int i = 0; i < points; i++) {
        for (int s = 0; s < sequences; s++) {
            float value = (float)(2.0 / (1.0 + i * 0.001) + 0.1 * noise());
            if (aim_metric_track(metrics[s], value, i, i / 100) != AIM_OK) abort();
            if (sequences == 1) pause_a_step();
        }
        if (sequences > 1) pause_a_step();
    }
    for (int s = 0; s < sequences; s++) aim_metric_free(metrics[s]);
    free(metrics);
    close_run(run);
    aim_repo *repo = NULL;
    aim_repo_stats stats = AIM_REPO_STATS_INIT;
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    CHECK(aim_repo_get_stats(repo, &stats, &err));
    double n = (double)sequences * points;
    printf("%4d x %6d points: %5.2f bytes a point in used pages, %5.2f of file (goal <= %g)\n", sequences, points,
           (double)stats.used_bytes / n, (double)stats.file_bytes / n, goal);
    aim_repo_free(repo);
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: size DIRECTORY");
    measure(argv[1], 1, 100000, 6);
    measure(argv[1], 100, 1000, 12);
    return 0;
}
