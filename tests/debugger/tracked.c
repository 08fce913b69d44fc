/* Tracks values, some of them in a call that a debugger steps through, and prints what the repository has of those.
 *
 *     tracked REPO */
#include "must.h"

#include <pthread.h>

/* After a few rounds of so many points the journal's tail is this thread's alone. */
#define POINTS 5000
#define ROUNDS 4
/* Before that a metric takes slots before it needs them, from its second point on: another thread has tracked. */
#define EARLY 3

/* Where the debugger stops. */
void stop_here(aim_metric *metric, double value);
void stop_here(aim_metric *metric, double value)
{
    if (aim_metric_track(metric, value, AIM_STEP_AUTO, AIM_EPOCH_NONE) != AIM_OK)
        exit(1);
}

static void track_points(aim_metric *metric)
{
    for (int i = 0; i < POINTS; i++)
        aim_metric_track(metric, i, AIM_STEP_AUTO, AIM_EPOCH_NONE);
}

static void *another(void *metric)
{
    track_points(metric);
    return NULL;
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = argv[1];
    options.system_tracking_interval = 0;
    aim_run *run = NULL;
    aim_metric *others = NULL, *stepped = NULL;
    MUST(aim_run_new, &options, &run);
    MUST(aim_run_metric, run, "others", NULL, &others);
    MUST(aim_run_metric, run, "stepped", NULL, &stepped);
    pthread_t thread;
    if (pthread_create(&thread, NULL, another, others) != 0 || pthread_join(thread, NULL) != 0)
        return 3;
    for (int early = 0; early < EARLY; early++)
        stop_here(stepped, early);
    for (int round = 0; round < ROUNDS; round++) {
        stop_here(stepped, EARLY + round);
        track_points(others);
        MUST(aim_run_flush, run);
    }
    stop_here(stepped, EARLY + ROUNDS);
    aim_metric_free(others);
    aim_metric_free(stepped);
    MUST(aim_run_close, run);
    aim_run_free(run);

    aim_repo *repo = NULL;
    aim_query *metrics = NULL;
    aim_values values;
    MUST(aim_repo_open, argv[1], NULL, &repo);
    MUST(aim_repo_query, repo, "metric.name == 'stepped'", AIM_QUERY_METRICS, &metrics);
    MUST(aim_query_values, metrics, 0, &values);
    for (size_t i = 0; i < values.len; i++)
        printf("value %g\n", values.values[i]);
    aim_query_free(metrics);
    aim_repo_free(repo);
    return 0;
}
