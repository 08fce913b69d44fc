#include "loop.h"

#include <time.h>

aim_metric *bench_open(const char *directory, const char *name, aim_run **run)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_metric *metric = NULL;
    options.repo = directory;
    if (aim_run_new(&options, run, NULL) == AIM_OK)
        aim_run_metric(*run, name, NULL, &metric, NULL);
    return metric;
}

double bench_loop(const aim_metric *metric, int64_t n)
{
    struct timespec begin, end;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    for (int64_t i = 0; i < n; i++)
        if (aim_metric_track(metric, 1.5, i, 0) != AIM_OK)
            return -1;
    clock_gettime(CLOCK_MONOTONIC, &end);
    return (double)(end.tv_sec - begin.tv_sec) * 1e9 + (double)(end.tv_nsec - begin.tv_nsec);
}

int32_t bench_nothing(const void *pointer, double value, int64_t step, int64_t epoch)
{
    return pointer == NULL && value > 0 && step > epoch;
}
