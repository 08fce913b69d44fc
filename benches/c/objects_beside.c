/* How long does another process's commit take while this one stores 100 MB of objects a second? Beside that, each commit alone. */
#include "bench.h"
#include <signal.h>
#include <sys/wait.h>

enum { COMMITS = 300, SIZE = 1 << 20, PER_SECOND = 100 };

static void wait_until(double time) {
    double left = time - seconds();
    if (left <= 0) return;
    struct timespec t = {(time_t)left, (long)((left - (double)(time_t)left) * 1e9)};
    nanosleep(&t, NULL);
}

/* Stores objects at that rate until it is killed. */
static void store(const char *directory) {
    aim_error *err = NULL;
    aim_run *run = open_run(directory, NULL);
    aim_sequence *sequence = NULL;
    CHECK(aim_run_sequence(run, AIM_QUERY_VIDEOS, "films", NULL, &sequence, &err));
    static uint8_t bytes[SIZE];
    aim_object object = AIM_OBJECT_INIT;
    object.data = bytes;
    object.size = sizeof bytes;
    object.format = "mp4";
    double start = seconds();
    for (int64_t i = 0;; i++) {
        memcpy(bytes + 64, &i, sizeof i);
        CHECK(aim_sequence_track(sequence, &object, 1, i, AIM_EPOCH_NONE, 0.0, &err));
        wait_until(start + (double)(i + 1) / PER_SECOND);
    }
}

/* The 95th percentile of commits, 20 ms apart, in milliseconds. */
static double commits(aim_metric *loss, aim_run *run) {
    static double took[COMMITS];
    aim_error *err = NULL;
    double start = seconds();
    for (int i = 0; i < COMMITS; i++) {
        wait_until(start + i * 0.02);
        double before = seconds();
        require(aim_metric_track(loss, 1.0, AIM_STEP_AUTO, AIM_EPOCH_NONE) == AIM_OK, "aim_metric_track");
        CHECK(aim_run_flush(run, &err));
        took[i] = (seconds() - before) * 1e3;
    }
    qsort(took, COMMITS, sizeof *took, by_value);
    return took[COMMITS * 95 / 100];
}

int main(int argc, char **argv) {
    if (argc == 3) store(argv[2]);
    require(argc == 2, "usage: objects_beside DIRECTORY");
    const char *directory = fresh(argv[1], "objects_beside");
    aim_error *err = NULL;
    aim_run *run = open_run(directory, NULL);
    aim_metric *loss = NULL;
    CHECK(aim_run_metric(run, "loss", NULL, &loss, &err));
    double alone[2], beside;
    alone[0] = commits(loss, run);
    pid_t child = fork();
    require(child >= 0, "fork");
    if (child == 0) {
        execl(argv[0], argv[0], "store", directory, (char *)NULL);
        _exit(127);
    }
    wait_until(seconds() + 1);
    beside = commits(loss, run);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    wait_until(seconds() + 2);
    alone[1] = commits(loss, run);
    printf("p95 of commits, alone                   %8.2f ms before, %.2f ms after\n", alone[0], alone[1]);
    double best = alone[0] > alone[1] ? alone[0] : alone[1];
    printf("beside 100 MB of objects a second       %8.2f ms, %.2f x (goal <= 1.5)\n", beside, beside / best);
    aim_metric_free(loss);
    close_run(run);
    return 0;
}
