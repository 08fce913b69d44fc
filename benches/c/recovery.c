/* How long does it take to bring in what a killed process left? A child fills a large journal and kills itself. */
#include "bench.h"
#include <signal.h>
#include <sys/wait.h>

enum { POINTS = 4000000 };

int main(int argc, char **argv) {
    require(argc == 2, "usage: recovery DIRECTORY");
    const char *directory = fresh(argv[1], "recovery");
    aim_error *err = NULL;
    pid_t child = fork();
    if (child == 0) {
        aim_repo_options options = AIM_REPO_OPTIONS_INIT;
        options.journal_size = 512u << 20; /* less than half full, so that nothing is committed before the kill */
        options.flush_interval = 3600;
        aim_run *run = open_run(directory, &options);
        aim_metric *metric = open_metric(run, "loss", NULL);
        for (int i = 0; i < POINTS; i++)
            if (aim_metric_track(metric, (float)(i * 0.37), i, AIM_EPOCH_NONE) != AIM_OK) abort();
        kill(getpid(), SIGKILL);
    }
    int status;
    waitpid(child, &status, 0);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) {
        fprintf(stderr, "the child did not live until its kill\n");
        return 1;
    }
    aim_repo *repo = NULL;
    double start = seconds();
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    double elapsed = seconds() - start, gigabytes = POINTS * 48.0 / 1e9;
    aim_query *query = NULL;
    aim_metric_info info;
    CHECK(aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &query, &err));
    CHECK(aim_query_metric_info(query, 0, &info, &err));
    printf("recovery of %d points: %.0f ms, %.2f s a gigabyte of journal (goal <= 1), %llu points back\n", POINTS,
           elapsed * 1e3, elapsed / gigabytes, (unsigned long long)info.count);
    aim_query_free(query);
    aim_repo_free(repo);
    return info.count == POINTS ? 0 : 1;
}
