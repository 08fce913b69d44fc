/* The loop that Fortran's is compared with. */
#include <aim.h>

/* Tracks n values; 0 if all succeeded. */
int c_loop(const aim_metric *metric, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (aim_metric_track(metric, (double)i * 0.5, i, AIM_EPOCH_NONE) != AIM_OK)
            return 1;
    return 0;
}

/* The same by name and context. */
int c_loop_by_name(const aim_run *run, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        if (aim_run_track(run, "loss", (double)i * 0.5, i, AIM_EPOCH_NONE, "{\"subset\": \"train\"}", NULL) != AIM_OK)
            return 1;
    return 0;
}
