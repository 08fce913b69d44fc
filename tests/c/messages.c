/* Every error names the value, the rule, and what to do about it. */
#include "check.h"

/* The call fails, and its message holds all of these, which '|' separates. */
static void check_message(aim_status got, aim_status want, aim_error *err, const char *parts, int line)
{
    const char *message = err ? aim_error_message(err) : "";
    char wanted[500], *rest = wanted, *part;
    int good = got == want;
    snprintf(wanted, sizeof wanted, "%s", parts);
    while ((part = strtok_r(rest, "|", &rest)) != NULL)
        good = good && strstr(message, part) != NULL;
    check_that(good, __FILE__, line, parts);
    if (!good)
        printf("#   status %d, expected %d: %s\n", (int)got, (int)want, message);
    aim_error_free(err);
}

#define SAYS(want, parts, function, ...)                                                                               \
    do {                                                                                                               \
        aim_error *err_ = NULL;                                                                                        \
        aim_status status_ = function(__VA_ARGS__, &err_);                                                             \
        check_message(status_, want, err_, parts, __LINE__);                                                           \
    } while (0)

static const int32_t invalid = AIM_ERR_INVALID_ARGUMENT;

static aim_status open_with(aim_run_options *options, aim_error **err)
{
    aim_run *run = NULL;
    return aim_run_new(options, &run, err);
}

static void places(void)
{
    aim_repo *repo = NULL;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    char file[300], expected[500];
    snprintf(file, sizeof file, "%s/file", scratch);
    fclose(fopen(file, "w"));
    snprintf(expected, sizeof expected, "%s|is a file, and a repository is a directory|give another path", file);
    SAYS(invalid, expected, aim_repo_open, file, NULL, &repo);
    options.repo = file;
    SAYS(invalid, expected, open_with, &options);
    snprintf(file, sizeof file, "%s/none", scratch);
    snprintf(expected, sizeof expected, "no repository at %s|the first run that is opened there makes one", file);
    SAYS(AIM_ERR_NOT_FOUND, expected, aim_repo_open, file, NULL, &repo);
    SAYS(AIM_ERR_NOT_FOUND, file, aim_repo_salvage, file, scratch, NULL, NULL);
    snprintf(expected, sizeof expected, "%s|holds a repository already|goes into a new one", scratch);
    SAYS(invalid, expected, aim_repo_salvage, scratch, scratch, NULL, NULL);
    options.repo = "/proc/self/fdinfo/none";
    SAYS(AIM_ERR_IO, "/proc/self/fdinfo/none", open_with, &options);
}

static void options(void)
{
    aim_run_options of_run = AIM_RUN_OPTIONS_INIT;
    aim_repo_options of_repo = AIM_REPO_OPTIONS_INIT;
    aim_repo *repo = NULL;
    of_run.repo = scratch;
    of_run.run_hash = "0123";
    SAYS(invalid, "\"0123\"|is not 24 hexadecimal digits", open_with, &of_run);
    of_run.run_hash = "0123456789abcdef01234567";
    SAYS(AIM_ERR_NOT_FOUND, "no run 0123456789abcdef01234567", open_with, &of_run);
    of_run.new_hash = of_run.run_hash;
    SAYS(invalid, "run_hash, new_hash and run_id|each names a run", open_with, &of_run);
    of_run.run_hash = of_run.new_hash = NULL;
    of_run.system_tracking_interval = -1;
    SAYS(invalid, "system_tracking_interval is -1|it is 0 or ", open_with, &of_run);
    of_run.system_tracking_interval = 0;
    of_run.experiment = "";
    SAYS(invalid, "the experiment is empty|it has 1 to 4096 bytes", open_with, &of_run);
    of_run.struct_size = 3;
    SAYS(invalid, "struct_size is 3|initialise with the _INIT macro", open_with, &of_run);
    of_repo.flush_interval = 1e-9;
    SAYS(invalid, "flush_interval is 0.000000001|0, or 0.001 to 3600 seconds", aim_repo_open, scratch, &of_repo, &repo);
    of_repo.flush_interval = 0;
    of_repo.any_owner = 2;
    SAYS(invalid, "any_owner is 2|it is 0 or 1", aim_repo_open, scratch, &of_repo, &repo);
}

static void runs(aim_run *run)
{
    aim_metric *metric = NULL;
    aim_sequence *sequence = NULL;
    char *text = NULL;
    double number = 0;
    static char longer[5000];
    memset(longer, 'x', sizeof longer - 1);
    SAYS(invalid, "value is not UTF-8|byte 1 ", aim_run_set_param_string, run, "key", "a\xff");
    SAYS(invalid, "line 1 column", aim_run_set_param, run, "key", "{\"a\": }");
    SAYS(AIM_ERR_LIMIT, "has 4999 bytes, more than 4096", aim_run_set_param, run, longer, "1");
    SAYS(AIM_ERR_NOT_FOUND, "no param \"none\"", aim_run_get_param, run, "none", &text);
    SAYS(AIM_ERR_TYPE, "is string, not a number", aim_run_get_param_double, run, "text", &number);
    SAYS(invalid, "below \"list\"|\"7\" is no index of the list of 1", aim_run_set_param, run, "/list/7", "1");
    SAYS(invalid, "the metric's name is empty|1 to 4096 bytes", aim_run_metric, run, "", NULL, &metric);
    SAYS(invalid, "context|object", aim_run_metric, run, "loss", "[1]", &metric);
    SAYS(invalid, "the tag is empty|1 to 4096 bytes", aim_run_add_tag, run, "");
    SAYS(invalid, "kind is 77|AIM_QUERY_IMAGES", aim_run_sequence, run, 77, "s", NULL, &sequence);
    SAYS(invalid, "metric is NULL", aim_metric_track_many, metric, NULL, NULL, NULL, 1);
}

static void queries(aim_repo *repo)
{
    aim_query *q = NULL;
    aim_values v;
    aim_sample *sample = NULL;
    aim_query_options bounds = AIM_QUERY_OPTIONS_INIT;
    SAYS(AIM_ERR_SYNTAX, "naem|name", aim_repo_query, repo, "metric.naem == 'loss'", AIM_QUERY_METRICS, &q);
    SAYS(invalid, "kind is 99|AIM_QUERY_RUNS", aim_repo_query, repo, "True", 99, &q);
    bounds.timeout = -1;
    SAYS(invalid, "timeout is -1|seconds", aim_repo_query_with, repo, "True", AIM_QUERY_RUNS, &bounds, &q);
    bounds.timeout = 0;
    bounds.max_rows = 1;
    SAYS(AIM_ERR_LIMIT, "bound of 1 rows|raise the bound", aim_repo_query_with, repo, "True", AIM_QUERY_RUNS, &bounds, &q);
    q = query(repo, "True", AIM_QUERY_RUNS);
    SAYS(invalid, "is not one for metrics|ask with AIM_QUERY_METRICS", aim_query_values, q, 0, &v);
    SAYS(invalid, "row 7 of a query that has |count from 0", aim_query_values, q, 7, &v);
    aim_query_free(q);
    q = query(repo, "True", AIM_QUERY_METRICS);
    SAYS(invalid, "a sample has 1 points|at least 4", aim_query_sample, q, 0, 1, AIM_SAMPLE_STRIDE, &sample);
    aim_query_free(q);
    SAYS(AIM_ERR_NOT_FOUND, "no run 0123456789abcdef01234567|" , aim_repo_delete_run, repo, "0123456789abcdef01234567");
}

int main(void)
{
    char expected[300];
    start();
    aim_run *run = new_run(NULL), *other = new_run(NULL);
    EXPECT(AIM_OK, aim_run_set_param_string, run, "text", "x");
    EXPECT(AIM_OK, aim_run_set_param, run, "list", "[1]");
    EXPECT(AIM_OK, aim_run_track, run, "loss", 1.0, 0, AIM_EPOCH_NONE, NULL);
    places();
    options();
    runs(run);
    aim_repo *repo = open_repo();
    queries(repo);
    snprintf(expected, sizeof expected, "run %s is being written|close it first", aim_run_hash(run));
    SAYS(AIM_ERR_BUSY, expected, aim_repo_delete_run, repo, aim_run_hash(run));
    snprintf(expected, sizeof expected, "%.60s|this process has the repository open|close its runs", scratch);
    SAYS(AIM_ERR_BUSY, expected, aim_repo_compact, scratch, NULL, NULL);
    EXPECT(AIM_OK, aim_run_close, run);
    snprintf(expected, sizeof expected, "run %s is closed|open it by its hash", aim_run_hash(run));
    SAYS(AIM_ERR_CLOSED, expected, aim_run_set_name, run, "name");
    EXPECT(AIM_OK, aim_run_close, other);
    aim_repo_free(repo);
    aim_run_free(run);
    aim_run_free(other);
    return finish();
}
