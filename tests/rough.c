/* A rough host: it rounds upwards, traps, flushes denormals, is interrupted by handlers that track, tracks late steps and
 * sets params that are too deep, while other processes delete runs - and keeps book of what was acknowledged.
 *
 *     rough run REPO BOOK SEED    tracks until it is killed; the same BOOK continues its run
 *     rough delete REPO           deletes short runs of others until it is killed
 *     rough check REPO BOOK       succeeds if all that was acknowledged is stored, bit by bit, and nothing that was not
 *                                 begun; prints how many points it read */
#define _GNU_SOURCE
#include "must.h"

#include <fcntl.h>
#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

enum { KEYS = 8, WINDOW = 1024, DEEPEST = 128 };

/* What outlives the process: what was begun, and what was acknowledged. */
struct count {
    volatile uint64_t begun, done;
};
struct book {
    volatile char hash[32];
    struct count metrics[3], params;
};
static struct book *book;

static const char *const names[] = {"in order", "late", "in a handler"};

static uint64_t mix(uint64_t i)
{
    i += 0x9e3779b97f4a7c15u;
    i = (i ^ i >> 30) * 0xbf58476d1ce4e5b9u;
    i = (i ^ i >> 27) * 0x94d049bb133111ebu;
    return i ^ i >> 31;
}

/* Any bits, denormal numbers and NaN among them, and no computation. */
static double value(int metric, int64_t step)
{
    uint64_t bits = mix((uint64_t)step << 2 | (uint64_t)metric);
    double made;
    if (bits % 5 == 0)
        bits &= 0x800fffffffffffffu;
    memcpy(&made, &bits, sizeof made);
    return made;
}

/* The step of the i-th point: of a late metric each window comes in an order that jumps about. */
static int64_t step_of(int metric, uint64_t i)
{
    if (metric != 1)
        return (int64_t)i;
    uint64_t in = i % WINDOW, out = 0;
    for (int bit = 1; bit < WINDOW; bit <<= 1, in >>= 1)
        out = out << 1 | (in & 1);
    return (int64_t)(i - i % WINDOW + out);
}

static void map_book(const char *path)
{
    int file = open(path, O_RDWR | O_CREAT, 0666);
    if (file < 0 || ftruncate(file, sizeof *book) != 0)
        abort();
    book = mmap(NULL, sizeof *book, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (book == MAP_FAILED)
        abort();
    close(file);
}

static void track(aim_metric *const *metrics, int metric)
{
    struct count *count = &book->metrics[metric];
    uint64_t i = count->done;
    int64_t step = step_of(metric, i);
    count->begun = i + 1;
    aim_status status = aim_metric_track(metrics[metric], value(metric, step), step, AIM_EPOCH_NONE);
    if (status == AIM_OK)
        count->done = i + 1;
    else if (status != AIM_ERR_FULL)
        abort();
}

static aim_metric *metrics[3];

static void handler(int signal)
{
    (void)signal;
    track(metrics, 2);
}

/* The n-th param: the number in so many lists. Every third is one too deep, or many. */
static int depth_of(uint64_t n)
{
    static const int depths[] = {0, 1, DEEPEST - 2, DEEPEST - 1, 3 * DEEPEST, 9, DEEPEST, 17};
    return depths[mix(n) % (sizeof depths / sizeof depths[0])];
}

static void param_json(uint64_t n, char *json, size_t size)
{
    int depth = depth_of(n), at = 0;
    for (int i = 0; i < depth; i++)
        json[at++] = '[';
    at += snprintf(json + at, size - (size_t)at, "%llu", (unsigned long long)n);
    for (int i = 0; i < depth; i++)
        json[at++] = ']';
    json[at] = '\0';
}

static void set_param(aim_run *run)
{
    char json[8 * DEEPEST], key[16];
    uint64_t n = book->params.done;
    param_json(n, json, sizeof json);
    snprintf(key, sizeof key, "p%d", (int)(n % KEYS));
    book->params.begun = n + 1;
    aim_status status = aim_run_set_param(run, key, json, NULL);
    if ((depth_of(n) > DEEPEST) != (status == AIM_ERR_LIMIT) && status != AIM_ERR_FULL)
        if (status != AIM_OK || depth_of(n) > DEEPEST)
            abort();
    if (status == AIM_OK || status == AIM_ERR_LIMIT)
        book->params.done = n + 1;
}

static void roughen(uint64_t seed)
{
    static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    fesetround(roundings[seed % 4]);
    if (seed >> 2 & 1)
        feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INEXACT);
#if defined(__SSE__)
    if (seed >> 3 & 1)
        _mm_setcsr(_mm_getcsr() | 0x8040); /* denormals are zero, as operands and as results */
#endif
    if (seed >> 4 & 1) {
        struct sigaction action;
        memset(&action, 0, sizeof action);
        action.sa_handler = handler;
        action.sa_flags = SA_RESTART;
        sigaction(SIGALRM, &action, NULL);
        struct itimerval timer = {{0, 300}, {0, 300}};
        setitimer(ITIMER_REAL, &timer, NULL);
    }
}

/* A short run that others delete as soon as they see it. */
static void victim(const char *repo)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.experiment = "victims";
    aim_run *run = NULL;
    MUST(aim_run_new, &options, &run);
    for (int i = 0; i < 20; i++)
        aim_run_track(run, "loss", i, i, AIM_EPOCH_NONE, NULL, NULL);
    MUST(aim_run_close, run);
    aim_run_free(run);
}

static void run(const char *repo, uint64_t seed)
{
    aim_repo_options repo_options = AIM_REPO_OPTIONS_INIT;
    repo_options.flush_interval = 0.001 * (double)(1 + mix(seed) % 40);
    repo_options.journal_size = (uint64_t)3072 << mix(seed + 1) % 8;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.repo_options = &repo_options;
    char hash[32];
    memcpy(hash, (const char *)book->hash, sizeof hash);
    options.run_hash = hash[0] ? hash : NULL;
    aim_run *run = NULL;
    MUST(aim_run_new, &options, &run);
    for (int i = 0; i < 3; i++)
        MUST(aim_run_metric, run, names[i], NULL, &metrics[i]);
    if (!hash[0])
        memcpy((char *)book->hash, aim_run_hash(run), 25);
    roughen(mix(seed + 2));
    for (uint64_t i = 0;; i++) {
        track(metrics, 0);
        track(metrics, 1);
        if (i % 64 == 0)
            set_param(run);
        if (i % 4096 == 4095)
            MUST(aim_run_flush, run);
        if (i % 8192 == 8191)
            victim(repo);
    }
}

static void delete_victims(const char *repo_path)
{
    for (;;) {
        aim_repo *repo = NULL;
        aim_query *query = NULL;
        MUST(aim_repo_open, repo_path, NULL, &repo);
        MUST(aim_repo_query, repo, "run.experiment == 'victims'", AIM_QUERY_RUNS, &query);
        for (size_t i = 0; i < aim_query_len(query); i++) {
            aim_status status = aim_repo_delete_run(repo, aim_query_run_hash(query, i), NULL);
            if (status != AIM_OK && status != AIM_ERR_BUSY && status != AIM_ERR_NOT_FOUND)
                abort();
        }
        aim_query_free(query);
        aim_repo_free(repo);
        usleep(3000);
    }
}

/* The points of a metric are those that were acknowledged, and perhaps the one that was begun. */
static uint64_t check_metric(aim_query *query, size_t row)
{
    aim_values v;
    MUST(aim_query_values, query, row, &v);
    int metric = 0;
    while (strcmp(names[metric], aim_query_metric_name(query, row)) != 0)
        metric++;
    struct count *count = &book->metrics[metric];
    if (v.len < count->done || v.len > count->begun) {
        printf("%s: %llu points of %llu acknowledged, %llu begun\n", names[metric], (unsigned long long)v.len,
               (unsigned long long)count->done, (unsigned long long)count->begun);
        exit(1);
    }
    /* Steps are in order: those of the windows that are full, and then some of the last. */
    for (size_t i = 0; i < v.len; i++) {
        double want = value(metric, v.steps[i]);
        if (memcmp(&want, &v.values[i], sizeof want) != 0 || (i > 0 && v.steps[i] <= v.steps[i - 1])) {
            printf("%s: step %lld has another value\n", names[metric], (long long)v.steps[i]);
            exit(1);
        }
    }
    size_t at = 0;
    for (uint64_t i = 0; i < count->done; i++) {
        /* Within a window by bisection, since the order of the steps is not that of the points. */
        int64_t step = step_of(metric, i);
        size_t low = i - i % WINDOW, high = low + WINDOW < v.len ? low + WINDOW : v.len;
        if (metric != 1) {
            at = i;
        } else {
            while (low + 1 < high) {
                size_t middle = (low + high) / 2;
                if (v.steps[middle] <= step)
                    low = middle;
                else
                    high = middle;
            }
            at = low;
        }
        if (v.steps[at] != step) {
            printf("%s: point %llu of step %lld is lost\n", names[metric], (unsigned long long)i, (long long)step);
            exit(1);
        }
    }
    return v.len;
}

static int is_param(const char *got, uint64_t count, int key)
{
    /* The last of the first `count` params that this key took. */
    char want[8 * DEEPEST] = "";
    for (uint64_t n = count; n-- > 0 && count - n <= 64 * KEYS;)
        if (n % KEYS == (uint64_t)key && depth_of(n) <= DEEPEST) {
            param_json(n, want, sizeof want);
            break;
        }
    return strcmp(got, want) == 0;
}

static void check_params(aim_query *query)
{
    for (int key = 0; key < KEYS; key++) {
        char name[16], *json = NULL;
        snprintf(name, sizeof name, "p%d", key);
        aim_status status = aim_query_run_param(query, 0, name, &json, NULL);
        const char *got = status == AIM_OK ? json : "";
        if (!is_param(got, book->params.done, key) && !is_param(got, book->params.begun, key)) {
            printf("param %s is %.40s of %llu acknowledged\n", name, got, (unsigned long long)book->params.done);
            exit(1);
        }
        aim_string_free(json);
    }
}

static void check(const char *repo_path)
{
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    char expression[64];
    uint64_t points = 0, acknowledged = 0;
    snprintf(expression, sizeof expression, "run.hash == '%s'", (const char *)book->hash);
    MUST(aim_repo_open, repo_path, NULL, &repo);
    MUST(aim_repo_query, repo, expression, AIM_QUERY_METRICS, &query);
    for (size_t row = 0; row < aim_query_len(query); row++)
        points += check_metric(query, row);
    for (int i = 0; i < 3; i++)
        acknowledged += book->metrics[i].done;
    if (points < acknowledged)
        exit(printf("%llu of %llu points are there\n", (unsigned long long)points, (unsigned long long)acknowledged) > 0);
    aim_query_free(query);
    MUST(aim_repo_query, repo, expression, AIM_QUERY_RUNS, &query);
    check_params(query);
    aim_query_free(query);
    aim_repo_free(repo);
    printf("%llu\n", (unsigned long long)points);
}

int main(int argc, char **argv)
{
    if (argc > 3)
        map_book(argv[3]);
    if (argc == 5 && strcmp(argv[1], "run") == 0)
        run(argv[2], strtoull(argv[4], NULL, 10));
    else if (argc == 3 && strcmp(argv[1], "delete") == 0)
        delete_victims(argv[2]);
    else if (argc == 4 && strcmp(argv[1], "check") == 0)
        check(argv[2]);
    else
        return 2;
    return 0;
}
