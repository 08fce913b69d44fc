/* endings REPO WAY - opens a run, prints its hash, tracks, and ends in the given way. */
#define _POSIX_C_SOURCE 200809L
#include <aim.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is(const char *way, const char *name) { return strcmp(way, name) == 0; }

int main(int argc, char **argv)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_outcome outcome = AIM_OUTCOME_INIT;
    aim_run *run = NULL;
    if (argc != 3) return 2;
    const char *way = argv[2];
    options.repo = argv[1];
    if (aim_run_new(&options, &run, NULL) != AIM_OK) return 2;
    printf("%s\n", aim_run_hash(run));
    fflush(stdout);
    aim_run_track(run, "loss", 0.5, 0, AIM_EPOCH_NONE, NULL, NULL);
    if (is(way, "return")) return 0;
    if (is(way, "exit 0")) exit(0);
    if (is(way, "exit 3")) exit(3);
    if (is(way, "exit 130")) exit(130);
    if (is(way, "_exit 0")) _exit(0);
    if (is(way, "abort")) abort();
    if (is(way, "exec")) execl("/bin/true", "true", (char *)NULL);
    if (strncmp(way, "signal ", 7) == 0) {
        kill(getpid(), atoi(way + 7));
        sleep(10);
    }
    if (is(way, "let go")) {
        aim_run_free(run);
        return 0;
    }
    if (is(way, "close") || is(way, "close twice") || is(way, "exit 3 after close")) {
        aim_run_close(run, NULL);
        if (is(way, "close twice")) aim_run_close(run, NULL);
        if (is(way, "exit 3 after close")) exit(3);
        return 0;
    }
    if (is(way, "close as failed")) {
        outcome.status = AIM_RUN_FAILED;
        outcome.has_exit_code = true;
        outcome.exit_code = 7;
        aim_run_close_as(run, &outcome, NULL);
        return 0;
    }
    if (is(way, "close as interrupted")) {
        outcome.status = AIM_RUN_INTERRUPTED;
        aim_run_close_as(run, &outcome, NULL);
        return 0;
    }
    return 2;
}
