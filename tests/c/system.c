/* What a run records beside metrics and params: log records, the terminal, the machine. */
#include "check.h"

static aim_run *run_with(const aim_run_options *given, aim_status want)
{
    aim_run_options options = *given;
    options.repo = scratch;
    aim_run *run = NULL;
    EXPECT(want, aim_run_new, &options, &run);
    return run;
}

static void refused(const aim_run_options *given)
{
    CHECK(run_with(given, AIM_ERR_INVALID_ARGUMENT) == NULL);
}

static void options_are_checked(void)
{
    static const double intervals[] = {-1, 0.05, 86401, HUGE_VAL, NAN};
    for (size_t i = 0; i < sizeof intervals / sizeof *intervals; i++) {
        aim_run_options options = AIM_RUN_OPTIONS_INIT;
        options.system_tracking_interval = intervals[i];
        refused(&options);
    }
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.system_tracking_interval = 1;
    options.system_tracking_group = "\xff";
    refused(&options);
    options.system_tracking_group = NULL;
    options.log_system_params = true;
    options.mask_names = "\xff";
    refused(&options);
    options.mask_names = NULL;
    options.env_names = "\xff";
    refused(&options);
}

static void records(void)
{
    aim_run *run = new_run(NULL);
    uint64_t first = 7, end = 7;
    char *json = NULL;
    EXPECT(AIM_OK, AIM_RUN_LOG, run, AIM_LOG_WARNING, "loss is NaN");
    EXPECT(AIM_OK, aim_run_log, run, 33, "two\nlines", NULL, 0, NULL);

    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log, NULL, AIM_LOG_INFO, "text", NULL, 0, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log, run, AIM_LOG_INFO, NULL, NULL, 0, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log, run, AIM_LOG_INFO, "\xff", NULL, 0, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log, run, AIM_LOG_INFO, "text", "\xff", 1, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log, run, AIM_LOG_INFO, "text", "a.c", 1, "\xff");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log, run, 0, "text", NULL, 0, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_log, run, 101, "text", NULL, 0, NULL);
    size_t size = (1u << 20) + 1;
    char *large = (char *)malloc(size + 1);
    memset(large, 'x', size);
    large[size] = 0;
    EXPECT(AIM_ERR_LIMIT, aim_run_log, run, AIM_LOG_INFO, large, NULL, 0, NULL);
    free(large);

    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_read_logs, NULL, AIM_LOGS_RECORDS, 0, 10, &json);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_read_logs, run, 2, 0, 10, &json);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_read_logs, run, AIM_LOGS_RECORDS, 0, 10, NULL);
    EXPECT(AIM_OK, aim_run_read_logs, run, AIM_LOGS_RECORDS, 1, 10, &json);
    CHECK(json && strstr(json, "\"number\":1") && strstr(json, "two\\nlines") && !strstr(json, "NaN"));
    aim_string_free(json);

    aim_repo *repo = open_repo();
    const char *hash = aim_run_hash(run);
    EXPECT(AIM_OK, aim_repo_read_logs, repo, hash, AIM_LOGS_RECORDS, 0, 1, &json);
    CHECK(json && strstr(json, "\"level\":30") && strstr(json, "system.c") && strstr(json, "\"function\":\"records\""));
    aim_string_free(json);
    EXPECT(AIM_OK, aim_repo_count_logs, repo, hash, AIM_LOGS_RECORDS, &first, &end);
    CHECK(first == 0 && end == 2);
    EXPECT(AIM_OK, aim_repo_count_logs, repo, hash, AIM_LOGS_TERMINAL, &first, &end);
    CHECK(first == 0 && end == 0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_count_logs, NULL, hash, AIM_LOGS_RECORDS, &first, &end);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_count_logs, repo, NULL, AIM_LOGS_RECORDS, &first, &end);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_count_logs, repo, hash, -1, &first, &end);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_read_logs, repo, "no hash", AIM_LOGS_RECORDS, 0, 1, &json);
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_read_logs, repo, "0123456789abcdef01234567", AIM_LOGS_RECORDS, 0, 1, &json);
    aim_repo_free(repo);

    EXPECT(AIM_OK, aim_run_close, run);
    EXPECT(AIM_ERR_CLOSED, aim_run_log, run, AIM_LOG_INFO, "late", NULL, 0, NULL);
    EXPECT(AIM_ERR_CLOSED, aim_run_read_logs, run, AIM_LOGS_RECORDS, 0, 1, &json);
    aim_run_free(run);
}

/* One run with everything on: its machine's readings, its params with a secret masked, and what it printed. */
static void machine_and_terminal(void)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.system_tracking_interval = 0.1;
    options.log_system_params = true;
    options.mask_names = "SITE_*";
    options.capture_terminal_logs = true;
    options.env_names = "SITE_PLACE,SHOWN_*";
    setenv("SITE_PLACE", "hidden value", 1);
    setenv("SHOWN_PLACE", "shown value", 1);
    aim_run *run = run_with(&options, AIM_OK);
    printf("# captured line\n");
    fflush(stdout);
    usleep(400000);
    char hash[32], *json = NULL;
    snprintf(hash, sizeof hash, "%s", aim_run_hash(run));
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);

    aim_repo *repo = open_repo();
    aim_query *q = query(repo, "metric.name == '__system__memory_percent' and 0 < metric.last <= 100", AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == 1);
    EXPECT(AIM_OK, aim_query_run_param, q, 0, "__system_params", &json);
    CHECK(json && strstr(json, "shown value") && !strstr(json, "hidden value") && !strstr(json, "\"PATH\""));
    aim_string_free(json);
    aim_query_free(q);
    EXPECT(AIM_OK, aim_repo_read_logs, repo, hash, AIM_LOGS_TERMINAL, 0, 10, &json);
    CHECK(json && strstr(json, "# captured line") && strstr(json, "\"descriptor\":1"));
    aim_string_free(json);
    aim_repo_free(repo);
}

int main(void)
{
    start();
    options_are_checked();
    records();
    machine_and_terminal();
    return finish();
}
