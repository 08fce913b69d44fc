/* Every public function with what a confused caller may pass: NULL, closed handles, bad text, indices out of range. */
#include "check.h"

static const int32_t invalid = AIM_ERR_INVALID_ARGUMENT;

static void no_run(void)
{
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool flag = false;
    aim_metric *metric = NULL;
    aim_run *none = NULL;
    EXPECT(invalid, aim_run_set_param, none, "key", "1");
    EXPECT(invalid, aim_run_set_param_int64, none, "key", 1);
    EXPECT(invalid, aim_run_set_param_double, none, "key", 1.0);
    EXPECT(invalid, aim_run_set_param_bool, none, "key", true);
    EXPECT(invalid, aim_run_set_param_string, none, "key", "text");
    EXPECT(invalid, aim_run_set_param_bytes, none, "key", (const uint8_t *)"x", 1);
    EXPECT(invalid, aim_run_set_param_null, none, "key");
    EXPECT(invalid, aim_run_get_param, none, "key", &text);
    EXPECT(invalid, aim_run_get_param_json, none, "key", AIM_JSON_NULL, &text);
    EXPECT(invalid, aim_run_get_param_bytes, none, "key", &bytes, &size);
    EXPECT(invalid, aim_run_delete_param, none, "key");
    EXPECT(invalid, aim_run_set_name, none, "name");
    EXPECT(invalid, aim_run_set_description, none, "text");
    EXPECT(invalid, aim_run_set_experiment, none, "name");
    EXPECT(invalid, aim_run_set_archived, none, true);
    EXPECT(invalid, aim_run_add_tag, none, "tag");
    EXPECT(invalid, aim_run_remove_tag, none, "tag");
    EXPECT(invalid, aim_run_get_name, none, &text);
    EXPECT(invalid, aim_run_get_description, none, &text);
    EXPECT(invalid, aim_run_get_experiment, none, &text);
    EXPECT(invalid, aim_run_get_tags, none, &text);
    EXPECT(invalid, aim_run_get_archived, none, &flag);
    EXPECT(invalid, aim_run_track, none, "loss", 1.0, 0, 0, NULL);
    EXPECT(invalid, aim_run_metric, none, "loss", NULL, &metric);
    EXPECT(invalid, aim_run_flush, none);
    EXPECT(invalid, aim_run_close, none);
    EXPECT(invalid, aim_metric_track_many, metric, NULL, NULL, NULL, 0);
    CHECK(aim_metric_track(NULL, 1.0, 0, 0) == invalid);
    CHECK(aim_run_hash(NULL) == NULL);
    CHECK(text == NULL && metric == NULL);
}

static void no_arguments(aim_run *run)
{
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    aim_metric *metric = NULL;
    EXPECT(invalid, aim_run_set_param, run, NULL, "1"); /* only a whole dictionary could stand at the root */
    EXPECT(invalid, aim_run_set_param, run, "key", NULL);
    EXPECT(invalid, aim_run_set_param_int64, run, NULL, 1);
    EXPECT(invalid, aim_run_set_param_double, run, NULL, 1.0);
    EXPECT(invalid, aim_run_set_param_bool, run, NULL, true);
    EXPECT(invalid, aim_run_set_param_string, run, NULL, "text");
    EXPECT(invalid, aim_run_set_param_string, run, "key", NULL);
    EXPECT(invalid, aim_run_set_param_bytes, run, NULL, (const uint8_t *)"x", 1);
    EXPECT(invalid, aim_run_set_param_null, run, NULL);
    EXPECT(invalid, aim_run_get_param, run, "key", NULL);
    EXPECT(invalid, aim_run_get_param_bytes, run, "key", NULL, &size);
    EXPECT(invalid, aim_run_get_param_bytes, run, "key", &bytes, NULL);
    EXPECT(invalid, aim_run_get_param_bytes, run, NULL, &bytes, &size);
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_get_param, run, "key", &text);
    EXPECT(invalid, aim_run_get_param, run, "\xff", &text);
    EXPECT(invalid, aim_run_delete_param, run, NULL);
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_delete_param, run, "key");
    EXPECT(invalid, aim_run_set_name, run, NULL);
    EXPECT(invalid, aim_run_set_name, run, "\xff");
    EXPECT(invalid, aim_run_set_description, run, NULL);
    EXPECT(invalid, aim_run_set_description, run, "\xc3");
    EXPECT(invalid, aim_run_set_experiment, run, NULL);
    EXPECT(invalid, aim_run_set_experiment, run, "\xed\xa0\x80");
    EXPECT(invalid, aim_run_add_tag, run, NULL);
    EXPECT(invalid, aim_run_add_tag, run, "\xff");
    EXPECT(invalid, aim_run_remove_tag, run, NULL);
    EXPECT(invalid, aim_run_get_name, run, NULL);
    EXPECT(invalid, aim_run_get_description, run, NULL);
    EXPECT(invalid, aim_run_get_experiment, run, NULL);
    EXPECT(invalid, aim_run_get_tags, run, NULL);
    EXPECT(invalid, aim_run_get_archived, run, NULL);
    EXPECT(invalid, aim_run_track, run, NULL, 1.0, 0, 0, NULL);
    EXPECT(invalid, aim_run_metric, run, NULL, NULL, &metric);
    EXPECT(invalid, aim_run_metric, run, "loss", NULL, NULL);
    CHECK(text == NULL && metric == NULL);

    /* Who passes no error object still gets the status. */
    CHECK(aim_run_set_param(run, "key", "{", NULL) == invalid);
    CHECK(aim_run_track(run, NULL, 1.0, 0, 0, NULL, NULL) == invalid);
}

static void closed_run(aim_run *run, aim_metric *metric)
{
    const int32_t closed = AIM_ERR_CLOSED;
    char *text = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    bool flag = false;
    aim_metric *other = NULL;
    const double value = 1.0;
    EXPECT(closed, aim_run_set_param, run, "key", "1");
    EXPECT(closed, aim_run_set_param_int64, run, "key", 1);
    EXPECT(closed, aim_run_set_param_double, run, "key", 1.0);
    EXPECT(closed, aim_run_set_param_bool, run, "key", true);
    EXPECT(closed, aim_run_set_param_string, run, "key", "text");
    EXPECT(closed, aim_run_set_param_bytes, run, "key", (const uint8_t *)"x", 1);
    EXPECT(closed, aim_run_set_param_null, run, "key");
    EXPECT(closed, aim_run_get_param, run, "key", &text);
    EXPECT(closed, aim_run_get_param_bytes, run, "key", &bytes, &size);
    EXPECT(closed, aim_run_delete_param, run, "key");
    EXPECT(closed, aim_run_set_name, run, "name");
    EXPECT(closed, aim_run_set_description, run, "text");
    EXPECT(closed, aim_run_set_experiment, run, "name");
    EXPECT(closed, aim_run_set_archived, run, true);
    EXPECT(closed, aim_run_add_tag, run, "tag");
    EXPECT(closed, aim_run_remove_tag, run, "tag");
    EXPECT(closed, aim_run_get_name, run, &text);
    EXPECT(closed, aim_run_get_description, run, &text);
    EXPECT(closed, aim_run_get_experiment, run, &text);
    EXPECT(closed, aim_run_get_tags, run, &text);
    EXPECT(closed, aim_run_get_archived, run, &flag);
    EXPECT(closed, aim_run_track, run, "loss", 1.0, 0, 0, NULL);
    EXPECT(closed, aim_run_metric, run, "loss", NULL, &other);
    EXPECT(closed, aim_run_flush, run);
    EXPECT(closed, aim_run_close, run);
    EXPECT(closed, aim_metric_track_many, metric, &value, NULL, NULL, 1);
    CHECK(aim_metric_track(metric, 1.0, 0, 0) == closed);
    CHECK(strlen(aim_run_hash(run)) == 24); /* a closed run still knows its name */
    CHECK(text == NULL && other == NULL);
}

static void repositories_and_queries(void)
{
    aim_repo *repo = NULL;
    aim_query *q = NULL;
    aim_values v;
    aim_metric_info info;
    aim_sample *sample = NULL;
    uint64_t failed = 0;
    char *text = NULL;
    aim_repo_stats stats = AIM_REPO_STATS_INIT;
    EXPECT(invalid, aim_repo_open, scratch, NULL, NULL);
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_open, "/proc/self/fdinfo", NULL, &repo);
    EXPECT(invalid, aim_repo_get_stats, repo, &stats);
    EXPECT(invalid, aim_repo_delete_run, repo, "0123456789abcdef01234567");
    EXPECT(invalid, aim_repo_query, repo, "True", AIM_QUERY_RUNS, &q);
    EXPECT(invalid, aim_repo_query_with, repo, "True", AIM_QUERY_RUNS, NULL, &q);
    EXPECT(invalid, aim_repo_query_arrow, repo, "True", AIM_QUERY_RUNS, NULL);

    repo = open_repo();
    EXPECT(invalid, aim_repo_query, repo, NULL, AIM_QUERY_RUNS, &q);
    EXPECT(invalid, aim_repo_query_with, repo, "True", AIM_QUERY_RUNS, NULL, NULL);
    EXPECT(invalid, aim_repo_query_arrow, repo, "True", AIM_QUERY_METRICS, NULL);
    EXPECT(invalid, aim_sequence_track_table, NULL, NULL, NULL, NULL, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0);
    EXPECT(invalid, aim_repo_delete_run, repo, NULL);
    EXPECT(invalid, aim_repo_get_stats, repo, NULL);
    EXPECT(AIM_OK, aim_repo_get_stats, repo, &stats);
    CHECK(stats.runs == 1 && stats.file_bytes >= stats.used_bytes && stats.used_bytes > 0);
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_delete_run, repo, "0123456789abcdef01234567");
    EXPECT(invalid, aim_repo_query, repo, "True", AIM_QUERY_RUNS, NULL);
    EXPECT(invalid, aim_repo_query, repo, "True", -1, &q);
    EXPECT(invalid, aim_repo_query, repo, "True", 99, &q);
    EXPECT(invalid, aim_repo_query, repo, "run.name == '\xff'", AIM_QUERY_RUNS, &q);
    EXPECT(AIM_ERR_SYNTAX, aim_repo_query, repo, "run.name ==", AIM_QUERY_RUNS, &q);
    EXPECT(AIM_ERR_SYNTAX, aim_repo_query, repo, "import os", AIM_QUERY_RUNS, &q);
    CHECK(q == NULL);

    CHECK(aim_query_len(NULL) == 0);
    CHECK(aim_query_run_hash(NULL, 0) == NULL && aim_query_metric_name(NULL, 0) == NULL);
    CHECK(aim_query_metric_context(NULL, 0) == NULL);
    EXPECT(invalid, aim_query_values, q, 0, &v);
    EXPECT(invalid, aim_query_run_param, q, 0, "key", &text);
    EXPECT(invalid, aim_query_run_properties, q, 0, &text);
    EXPECT(invalid, aim_query_metric_info, q, 0, &info);
    EXPECT(invalid, aim_query_failures, q, &failed, &text);
    EXPECT(invalid, aim_query_table, q, &text);
    EXPECT(invalid, aim_query_sample, q, 0, 100, AIM_SAMPLE_STRIDE, &sample);
    EXPECT(invalid, aim_sample_values, sample, &v);

    q = query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS);
    size_t len = aim_query_len(q);
    CHECK(len == 1);
    CHECK(aim_query_run_hash(q, len) == NULL && aim_query_metric_name(q, len) == NULL);
    CHECK(aim_query_metric_context(q, (size_t)-1) == NULL);
    EXPECT(invalid, aim_query_values, q, len, &v);
    EXPECT(invalid, aim_query_values, q, 0, NULL);
    EXPECT(invalid, aim_query_run_param, q, len, "key", &text);
    EXPECT(invalid, aim_query_run_param, q, 0, "key", NULL);
    EXPECT(invalid, aim_query_run_properties, q, len, &text);
    EXPECT(invalid, aim_query_run_properties, q, 0, NULL);
    EXPECT(invalid, aim_query_metric_info, q, len, &info);
    EXPECT(invalid, aim_query_metric_info, q, 0, NULL);
    EXPECT(invalid, aim_query_failures, q, NULL, NULL);
    CHECK(aim_query_warning(NULL) == NULL);
    EXPECT(invalid, aim_query_table, q, NULL);
    EXPECT(invalid, aim_query_sample, q, 0, 100, AIM_SAMPLE_STRIDE, NULL);
    EXPECT(invalid, aim_query_sample, q, len, 100, AIM_SAMPLE_STRIDE, &sample);
    EXPECT(invalid, aim_query_sample, q, 0, 3, AIM_SAMPLE_STRIDE, &sample);
    EXPECT(invalid, aim_query_sample, q, 0, 100, 99, &sample);
    aim_query_free(q);

    q = query(repo, "True", AIM_QUERY_RUNS); /* a list of runs has no metrics */
    CHECK(aim_query_metric_name(q, 0) == NULL && aim_query_metric_context(q, 0) == NULL);
    EXPECT(invalid, aim_query_values, q, 0, &v);
    EXPECT(invalid, aim_query_metric_info, q, 0, &info);
    EXPECT(invalid, aim_query_sample, q, 0, 100, AIM_SAMPLE_STRIDE, &sample);
    aim_query_free(q);
    aim_repo_free(repo);
    CHECK(sample == NULL);
    CHECK(text == NULL);
}

static void new_runs(void)
{
    aim_run *run = NULL;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    EXPECT(invalid, aim_run_new, &options, NULL);
    options.run_hash = "0123456789abcdef01234567";
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_new, &options, &run);
    options.run_hash = "not a hash";
    EXPECT(invalid, aim_run_new, &options, &run);
    options.run_hash = NULL;
    options.experiment = "\xff";
    EXPECT(invalid, aim_run_new, &options, &run);
    options.experiment = NULL;

    aim_repo_options repo_options = AIM_REPO_OPTIONS_INIT;
    options.repo_options = &repo_options;
    repo_options.flush_interval = -1.0;
    EXPECT(invalid, aim_run_new, &options, &run);
    repo_options.flush_interval = (double)NAN;
    EXPECT(invalid, aim_run_new, &options, &run);
    repo_options.flush_interval = 1e-9;
    EXPECT(invalid, aim_run_new, &options, &run);
    repo_options.flush_interval = 0;
    repo_options.struct_size = 3;
    EXPECT(invalid, aim_run_new, &options, &run);
    CHECK(run == NULL);
}

/* A version's struct ends between two fields; what lies behind the fields that this library knows is zero. */
static void sizes_of_structs(void)
{
    union {
        aim_repo_options options;
        char bytes[sizeof(aim_repo_options) + 16];
    } given;
    int wrong = 0;
    for (size_t size = 0; size <= sizeof given; size++) {
        memset(&given, 0, sizeof given);
        given.options.struct_size = size;
        aim_repo *repo = NULL;
        aim_status expected = size < sizeof(size_t) || size % sizeof(size_t) ? invalid : AIM_ERR_NOT_FOUND;
        wrong += aim_repo_open("nowhere", &given.options, &repo, NULL) != expected;
    }
    CHECK(wrong == 0);
    memset(&given, 0, sizeof given);
    given.options.struct_size = sizeof given;
    given.bytes[sizeof given - 1] = 1;
    aim_repo *repo = NULL;
    EXPECT(invalid, aim_repo_open, "nowhere", &given.options, &repo);
}

/* The numbers are part of the binary interface. */
static void pinned_numbers(void)
{
    static const int32_t numbers[] = {
        AIM_OK, AIM_ERR_INVALID_ARGUMENT, AIM_ERR_CLOSED, AIM_ERR_NOT_FOUND, AIM_ERR_FORKED, AIM_ERR_PANIC,
        AIM_ERR_IO, AIM_ERR_FULL, AIM_ERR_UNSUPPORTED_FS, AIM_ERR_CORRUPT, AIM_ERR_UNSUPPORTED_VERSION, AIM_ERR_BUSY,
        AIM_ERR_SYNTAX, AIM_ERR_CANCELLED, AIM_ERR_LIMIT, AIM_ERR_TYPE, AIM_ERR_READ_ONLY,
    };
    int wrong = 0;
    for (int32_t i = 0; i < (int32_t)(sizeof numbers / sizeof numbers[0]); i++)
        wrong += numbers[i] != i;
    CHECK(wrong == 0);
    CHECK(AIM_LOG_DEBUG == 10 && AIM_LOG_INFO == 20 && AIM_LOG_WARNING == 30 && AIM_LOG_ERROR == 40);
}

int main(void)
{
    start();
    pinned_numbers();
    sizes_of_structs();
    no_run();
    new_runs();
    aim_run *run = new_run(NULL);
    no_arguments(run);
    aim_metric *metric = new_metric(run, "loss", NULL);
    CHECK(aim_metric_track(metric, 1.0, 0, 0) == AIM_OK);
    EXPECT(AIM_OK, aim_run_close, run);
    closed_run(run, metric);
    aim_run_free(run);
    aim_metric_free(metric);
    repositories_and_queries();

    /* Freeing nothing is fine, and so is asking nothing for its message. */
    aim_run_free(NULL);
    aim_metric_free(NULL);
    aim_repo_free(NULL);
    aim_query_free(NULL);
    aim_sample_free(NULL);
    aim_error_free(NULL);
    aim_string_free(NULL);
    aim_bytes_free(NULL, 0);
    CHECK(aim_error_code(NULL) == AIM_OK);
    CHECK(aim_error_message(NULL) != NULL);
    CHECK_TEXT(aim_version(), AIM_VERSION);
    char version[32];
    snprintf(version, sizeof version, "%d.%d.%d", AIM_VERSION_MAJOR, AIM_VERSION_MINOR, AIM_VERSION_PATCH);
    CHECK_TEXT(AIM_VERSION, version);
    return finish();
}
