/* AIM_MODE=disabled: every call of a program that tracks succeeds and does nothing. */
#include "check.h"

static void reads_as_empty(aim_run *run)
{
    char *text = NULL;
    EXPECT(AIM_OK, aim_run_get_param, run, NULL, &text);
    CHECK_OWNED(text, "{}");
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param, run, "lr", &text);
    EXPECT(AIM_OK, aim_run_get_experiment, run, &text);
    CHECK_OWNED(text, "default");
    EXPECT(AIM_OK, aim_run_get_name, run, &text);
    CHECK(strncmp(text, "Run: ", 5) == 0 && strcmp(text + 5, aim_run_hash(run)) == 0);
    aim_string_free(text);
    EXPECT(AIM_OK, aim_run_get_tags, run, &text);
    CHECK_OWNED(text, "[]");
    bool archived = true;
    EXPECT(AIM_OK, aim_run_get_archived, run, &archived);
    CHECK(!archived);
    EXPECT(AIM_OK, aim_run_read_logs, run, AIM_LOGS_RECORDS, 0, 10, &text);
    CHECK_OWNED(text, "[]");
}

static void whole_life(void)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    options.system_tracking_interval = 1;
    options.log_system_params = true;
    options.capture_terminal_logs = true;
    aim_run *run = NULL;
    aim_metric *metric = NULL;
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    CHECK(strlen(aim_run_hash(run)) == 24);
    EXPECT(AIM_OK, aim_run_metric, run, "loss", "{\"subset\": \"train\"}", &metric);
    int failed = 0;
    for (int64_t step = 0; step < 100000; step++) {
        failed += aim_metric_track(metric, 0.5, step, AIM_EPOCH_NONE) != AIM_OK;
        failed += aim_run_track(run, "loss", 0.5, step, AIM_EPOCH_NONE, NULL, NULL) != AIM_OK;
    }
    CHECK(failed == 0);
    const double values[] = {1, 2, 3};
    EXPECT(AIM_OK, aim_metric_track_many, metric, values, NULL, NULL, 3);
    EXPECT(AIM_OK, aim_metric_track_many_at, metric, values, NULL, NULL, values, 3);
    EXPECT(AIM_OK, aim_run_set_param, run, "lr", "0.1");
    EXPECT(AIM_OK, aim_run_set_param_double, run, "lr", 0.1);
    EXPECT(AIM_OK, aim_run_delete_param, run, "lr");
    EXPECT(AIM_OK, aim_run_set_name, run, "a name");
    EXPECT(AIM_OK, aim_run_set_archived, run, true);
    EXPECT(AIM_OK, aim_run_add_tag, run, "a tag");
    EXPECT(AIM_OK, aim_run_log, run, AIM_LOG_INFO, "a message", NULL, 0, NULL);
    uint64_t dropped = 7;
    EXPECT(AIM_OK, aim_run_rewind, run, 3, NULL, 0, &dropped);
    reads_as_empty(run);
    EXPECT(AIM_OK, aim_run_flush, run);
    EXPECT(AIM_OK, aim_run_wait, run, 1.0);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_metric_free(metric);
    aim_run_free(run);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_flush, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_track, NULL, "loss", 1, 1, 1, NULL);

    /* Names of files that are made of the hash stay what they are. */
    options.new_hash = "0123456789abcdef01234567";
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    CHECK_TEXT(aim_run_hash(run), options.new_hash);
    aim_run_free(run);
}

/* The option wins over the variable, either way. */
static void by_option(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/option", scratch);
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = path;
    options.mode = AIM_MODE_DISABLED;
    aim_run *run = NULL;
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    EXPECT(AIM_OK, aim_run_track, run, "loss", 1.0, 0, AIM_EPOCH_NONE, NULL);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    CHECK(access(path, F_OK) != 0);

    setenv("AIM_MODE", "disabled", 1);
    options.mode = AIM_MODE_ENABLED;
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    CHECK(access(path, F_OK) == 0);
    options.mode = 3;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_new, &options, &run);
}

int main(void)
{
    start();
    setenv("AIM_MODE", "disabled", 1);
    whole_life();
    CHECK(entries(scratch) == 0);
    CHECK(process_threads() == 1);

    setenv("AIM_MODE", "offline", 1);
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    aim_run *run = NULL;
    aim_error *err = NULL;
    CHECK(aim_run_new(&options, &run, &err) == AIM_ERR_INVALID_ARGUMENT);
    CHECK(strstr(aim_error_message(err), "AIM_MODE") && strstr(aim_error_message(err), "offline"));
    aim_error_free(err);
    setenv("AIM_MODE", "", 1);
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    CHECK(entries(scratch) == 1);
    by_option();
    return finish();
}
