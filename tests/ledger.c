/* A run whose points can be told by their number, and a reader that knows them.
 *
 *     ledger write REPO           tracks until it is killed; after each flush prints the run's hash and how many
 *                                 points were tracked before
 *     ledger flushes REPO N       tracks 20 points and flushes, N times, and closes
 *     ledger steady REPO MS N     tracks N points every MS milliseconds, one if N is not given; flushes for every line on
 *                                 stdin and says so, or what went wrong; at the end of stdin it says how many
 *                                 milliseconds the longest call took, and closes
 *     ledger check REPO HASH N    succeeds if the run has N points or more, each as it was tracked; prints its status */
#include "must.h"

#include <poll.h>
#include <stdint.h>
#include <time.h>

/* Any number of 53 bits: the finalizer of SplitMix64. */
static double value(uint64_t i)
{
    i += 0x9e3779b97f4a7c15u;
    i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9u;
    i = (i ^ i >> 27) * 0x94d049bb133111ebu;
    return (double)((i ^ i >> 31) >> 11);
}

static aim_run *open_run(const char *repo, aim_metric **metric)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    aim_run *run = NULL;
    MUST(aim_run_new, &options, &run);
    MUST(aim_run_metric, run, "loss", NULL, metric);
    return run;
}

static void write_run(const char *repo)
{
    aim_metric *metric = NULL;
    aim_run *run = open_run(repo, &metric);
    for (uint64_t i = 0;;) {
        for (uint64_t end = i + 100 + (uint64_t)value(i) % 1000; i < end; i++)
            if (aim_metric_track(metric, value(i), (int64_t)i, AIM_EPOCH_NONE) != AIM_OK)
                abort();
        MUST(aim_run_flush, run);
        printf("flushed %s %llu\n", aim_run_hash(run), (unsigned long long)i);
        fflush(stdout);
    }
}

static void log_message(int32_t level, const char *message, void *userdata)
{
    (void)userdata;
    fprintf(stderr, "log %d: %s\n", (int)level, message);
}

static void flushes(const char *repo, long n)
{
    aim_metric *metric = NULL;
    aim_run *run = open_run(repo, &metric);
    for (uint64_t i = 0; i < 20 * (uint64_t)n;) {
        for (uint64_t end = i + 20; i < end; i++)
            if (aim_metric_track(metric, value(i), (int64_t)i, AIM_EPOCH_NONE) != AIM_OK)
                abort();
        MUST(aim_run_flush, run);
    }
    MUST(aim_run_close, run);
    aim_metric_free(metric);
    aim_run_free(run);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void steady(const char *repo, int milliseconds, int points)
{
    double longest = 0;
    aim_metric *metric = NULL;
    aim_set_log_callback(AIM_LOG_WARNING, log_message, NULL);
    aim_run *run = open_run(repo, &metric);
    struct pollfd input = {.fd = 0, .events = POLLIN};
    char line[16];
    for (uint64_t i = 0;;) {
        if (poll(&input, 1, milliseconds) == 0) {
            for (int k = 0; k < points; k++) {
                const double begun = now();
                if (aim_metric_track(metric, value(i), (int64_t)i, AIM_EPOCH_NONE) == AIM_OK)
                    i++;
                const double took = now() - begun;
                longest = took > longest ? took : longest;
            }
            continue;
        }
        aim_error *err = NULL;
        if (read(0, line, sizeof line) <= 0) {
            printf("slowest %.3f\n", longest);
            printf("tracked %s %llu\n", aim_run_hash(run), (unsigned long long)i);
            break;
        }
        if (aim_run_flush(run, &err) == AIM_OK)
            printf("flushed %s %llu\n", aim_run_hash(run), (unsigned long long)i);
        else
            printf("error %d: %s\n", (int)aim_error_code(err), aim_error_message(err));
        aim_error_free(err);
        fflush(stdout);
    }
    fflush(stdout);
    MUST(aim_run_close, run);
    aim_metric_free(metric);
    aim_run_free(run);
}

static int check(const char *path, const char *hash, uint64_t least)
{
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    aim_values v;
    char *properties = NULL, expression[64];
    snprintf(expression, sizeof expression, "run.hash == '%s'", hash);
    MUST(aim_repo_open, path, NULL, &repo);
    MUST(aim_repo_query, repo, expression, AIM_QUERY_METRICS, &query);
    if (aim_query_len(query) != 1) {
        printf("%s: no such run, or no points\n", hash);
        return 1;
    }
    MUST(aim_query_values, query, 0, &v);
    for (size_t i = 0; i < v.len; i++)
        if (v.steps[i] != (int64_t)i || v.values[i] != value(i)) {
            printf("%s: point %zu of %zu is %lld %.17g\n", hash, i, v.len, (long long)v.steps[i], v.values[i]);
            return 1;
        }
    MUST(aim_query_run_properties, query, 0, &properties);
    printf("%s: %zu points, %llu promised, %s\n", hash, v.len, (unsigned long long)least, properties);
    return v.len < least;
}

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "write") == 0)
        write_run(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "flushes") == 0)
        flushes(argv[2], atol(argv[3]));
    else if ((argc == 4 || argc == 5) && strcmp(argv[1], "steady") == 0)
        steady(argv[2], atoi(argv[3]), argc == 5 ? atoi(argv[4]) : 1);
    else if (argc == 5 && strcmp(argv[1], "check") == 0)
        return check(argv[2], argv[3], strtoull(argv[4], NULL, 10));
    else
        return 2;
    return 0;
}
