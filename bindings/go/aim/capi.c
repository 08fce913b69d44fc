#include "capi.h"
#include "_cgo_export.h"

static int32_t tell_progress(uint64_t done, uint64_t total, void *userdata)
{
    return aimGoProgress((uintptr_t)userdata, done, total);
}

void aim_go_watch(aim_query_options *options, uintptr_t handle)
{
    options->progress = tell_progress;
    options->progress_userdata = (void *)handle;
}

static void tell_released(void *userdata) { aimGoReleased((uintptr_t)userdata); }

void aim_go_lend(aim_release *release, void **userdata, uintptr_t handle)
{
    *release = tell_released;
    *userdata = (void *)handle;
}

static void tell_log(int32_t level, const char *message, void *userdata)
{
    (void)userdata;
    aimGoLog(level, (char *)message);
}

void aim_go_listen(int32_t level)
{
    aim_set_log_callback(level == 0 ? AIM_LOG_ERROR : level, level == 0 ? NULL : tell_log, NULL);
}

aim_go_row aim_go_query_row(const aim_query *query, size_t i)
{
    aim_go_row row = {aim_query_run_hash(query, i), aim_query_metric_name(query, i),
                      aim_query_metric_context(query, i)};
    return row;
}

void aim_go_release_stream(struct ArrowArrayStream *stream)
{
    if (stream->release != NULL)
        stream->release(stream);
}
