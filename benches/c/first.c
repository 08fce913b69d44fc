/* What do the first values of a process cost, tracked at once after its run is opened? Each in a fresh process; of the
 * thousandth as a peer. */
#include "bench.h"

#include <sys/wait.h>

enum { PROCESSES = 100, LATER = 1000 };
enum part { METRIC, BY_HANDLE, LATER_BY_HANDLE, BY_NAME, PARTS };

static void track(const char *directory, int by_name, double *us) {
    aim_error *err = NULL;
    aim_run *run = open_run(directory, NULL);
    double start = seconds();
    if (by_name) {
        CHECK(aim_run_track(run, "loss", 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, NULL, &err));
        us[BY_NAME] = (seconds() - start) * 1e6;
    } else {
        aim_metric *metric = open_metric(run, "loss", NULL);
        us[METRIC] = (seconds() - start) * 1e6;
        for (int i = 0; i < LATER; i++) {
            start = seconds();
            if (aim_metric_track(metric, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE) != AIM_OK) abort();
            us[i ? LATER_BY_HANDLE : BY_HANDLE] = (seconds() - start) * 1e6;
        }
        aim_metric_free(metric);
    }
    close_run(run);
}

static void in_a_process(const char *directory, int by_name, double *us) {
    int ends[2], status;
    require(pipe(ends) == 0, "pipe");
    pid_t child = fork();
    require(child >= 0, "fork");
    if (child == 0) {
        track(directory, by_name, us);
        _exit(write(ends[1], us, PARTS * sizeof *us) != PARTS * sizeof *us);
    }
    require(read(ends[0], us, PARTS * sizeof *us) == PARTS * sizeof *us, "read");
    require(waitpid(child, &status, 0) == child && status == 0, "waitpid");
    close(ends[0]);
    close(ends[1]);
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: first DIRECTORY");
    const char *directory = fresh(argv[1], "first");
    double all[PARTS][PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        double us[PARTS] = {0};
        in_a_process(directory, 0, us);
        in_a_process(directory, 1, us);
        for (int part = 0; part < PARTS; part++) all[part][i] = us[part];
    }
    static const char *names[PARTS] = {"aim_run_metric, first", "aim_metric_track, first", "aim_metric_track, later",
                                       "aim_run_track, first"};
    for (int part = 0; part < PARTS; part++) {
        double middle = median(all[part], PROCESSES);
        printf("%-24s median %7.2f us  slowest %8.2f us%s\n", names[part], middle, all[part][PROCESSES - 1],
               part == BY_HANDLE || part == BY_NAME ? "  (goal <= 50)" : "");
    }
    return 0;
}
