/* A small host program for the shell tests: does one thing with a repository and says what came of it.
 *
 *     probe write REPO N             tracks N points of `loss` in a new run, closes it, prints its hash
 *     probe hold REPO N              the same, but waits for a line on stdin before the close
 *     probe slow REPO N              as hold, and commits nothing of it before the close: it is in the journal only
 *     probe read REPO                prints each sequence: hash name length sum; and what the answer misses
 *     probe salvage REPO INTO        copies what is intact
 *
 * REPO may be -: none is given.
 *
 * Exit status: 0 if every call succeeded; 10 + aim_status after a failed call, with its message on stderr. */
#include <aim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void check(aim_status status, aim_error *err, const char *call)
{
    if (status == AIM_OK)
        return;
    fprintf(stderr, "%s: %s\n", call, err ? aim_error_message(err) : "no details");
    aim_error_free(err);
    exit(10 + status);
}

#define CHECK(function, ...)                                                                                           \
    do {                                                                                                               \
        aim_error *err_ = NULL;                                                                                        \
        aim_status status_ = function(__VA_ARGS__, &err_);                                                             \
        check(status_, err_, #function);                                                                               \
    } while (0)

static void log_message(int32_t level, const char *message, void *userdata)
{
    (void)userdata;
    fprintf(stderr, "log %d: %s\n", (int)level, message);
}

static const char *given(const char *repo)
{
    return strcmp(repo, "-") == 0 ? NULL : repo;
}

static void write_run(const char *repo, long n, int hold, double flush_interval)
{
    aim_repo_options repo_options = AIM_REPO_OPTIONS_INIT;
    repo_options.flush_interval = flush_interval;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = given(repo);
    options.repo_options = &repo_options;
    aim_run *run = NULL;
    CHECK(aim_run_new, &options, &run);
    CHECK(aim_run_set_param, run, "hparams", "{\"lr\": 0.1}");
    aim_metric *metric = NULL;
    CHECK(aim_run_metric, run, "loss", NULL, &metric);
    unsigned long long noise = 88172645463325252ull; /* xorshift: values that do not compress away */
    for (long i = 0; i < n; i++) {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        check(aim_metric_track(metric, (double)(noise >> 11), i, AIM_EPOCH_NONE), NULL, "aim_metric_track");
    }
    printf("%s\n", aim_run_hash(run));
    fflush(stdout);
    while (hold && getchar() != '\n' && !feof(stdin))
        ;
    CHECK(aim_run_close, run);
    aim_metric_free(metric);
    aim_run_free(run);
}

static void read_repo(const char *path)
{
    aim_repo *repo = NULL;
    aim_query *q = NULL;
    CHECK(aim_repo_open, given(path), NULL, &repo);
    CHECK(aim_repo_query, repo, "True", AIM_QUERY_METRICS, &q);
    for (size_t i = 0; i < aim_query_len(q); i++) {
        aim_values v;
        CHECK(aim_query_values, q, i, &v);
        double sum = 0;
        for (size_t k = 0; k < v.len; k++)
            sum += v.values[k];
        printf("%s %s %zu %.17g\n", aim_query_run_hash(q, i), aim_query_metric_name(q, i), v.len, sum);
    }
    const char *warning = aim_query_warning(q);
    if (warning && *warning)
        fprintf(stderr, "warning: %s\n", warning);
    aim_query_free(q);
    aim_repo_free(repo);
}

int main(int argc, char **argv)
{
    aim_set_log_callback(AIM_LOG_WARNING, log_message, NULL);
    if (argc == 4 && strcmp(argv[1], "write") == 0)
        write_run(argv[2], atol(argv[3]), 0, 0);
    else if (argc == 4 && strcmp(argv[1], "hold") == 0)
        write_run(argv[2], atol(argv[3]), 1, 0);
    else if (argc == 4 && strcmp(argv[1], "slow") == 0)
        write_run(argv[2], atol(argv[3]), 1, 3600);
    else if (argc == 3 && strcmp(argv[1], "read") == 0)
        read_repo(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "salvage") == 0)
        CHECK(aim_repo_salvage, argv[2], argv[3], NULL, NULL);
    else
        return 2;
    return 0;
}
