/* Threads: handles shared between them, runs of their own, and the library's own threads. */
#include "check.h"

#include <pthread.h>
#include <signal.h>

enum { THREADS = 8, POINTS = 20000 };

static aim_run *shared_run;
static aim_metric *shared_metric;

static volatile sig_atomic_t signals;
static void on_signal(int number)
{
    (void)number;
    signals = signals + 1;
}

/* A signal to the process that the host's threads block stays pending: no thread of the library takes it. */
static void check_signals(aim_run *run)
{
    sigset_t usr1, before, pending;
    signal(SIGUSR1, on_signal);
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    pthread_sigmask(SIG_BLOCK, &usr1, &before);
    kill(getpid(), SIGUSR1);
    EXPECT(AIM_OK, aim_run_track, run, "loss", 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, NULL);
    EXPECT(AIM_OK, aim_run_flush, run);
    CHECK(signals == 0 && sigpending(&pending) == 0 && sigismember(&pending, SIGUSR1));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    CHECK(signals == 1);
}

/* Tracks its own sequence of the shared run, and every eighth point of the shared sequence. */
static void *share(void *argument)
{
    long id = (long)argument, failed = 0;
    char name[32];
    snprintf(name, sizeof name, "own%ld", id);
    aim_metric *own = NULL;
    if (aim_run_metric(shared_run, name, NULL, &own, NULL) != AIM_OK)
        return (void *)-1L;
    for (int64_t i = 0; i < POINTS; i++) {
        failed += aim_metric_track(own, (double)i, AIM_STEP_AUTO, AIM_EPOCH_NONE) != AIM_OK;
        failed += aim_metric_track(shared_metric, (double)i, i * THREADS + id, AIM_EPOCH_NONE) != AIM_OK;
    }
    aim_metric_free(own);
    char key[32];
    snprintf(key, sizeof key, "/threads/%ld", id);
    failed += aim_run_set_param_int64(shared_run, key, id, NULL) != AIM_OK;
    return (void *)failed;
}

/* Opens, writes and closes runs of its own. */
static void *separate(void *argument)
{
    long failed = 0;
    for (int i = 0; i < 5; i++) {
        aim_run_options options = AIM_RUN_OPTIONS_INIT;
        options.repo = scratch;
        options.experiment = "separate";
        aim_run *run = NULL;
        if (aim_run_new(&options, &run, NULL) != AIM_OK)
            return (void *)-1L;
        for (int k = 0; k < 100; k++)
            failed += aim_run_track(run, "loss", k, k, 0, NULL, NULL) != AIM_OK;
        failed += aim_run_close(run, NULL) != AIM_OK;
        aim_run_free(run);
    }
    (void)argument;
    return (void *)failed;
}

/* Reads while others write: whatever is there is whole and in order. */
static void *look(void *argument)
{
    long failed = 0;
    aim_repo *repo = (aim_repo *)argument;
    for (int i = 0; i < 20; i++) {
        aim_query *q = NULL;
        if (aim_repo_query(repo, "metric.name == 'shared'", AIM_QUERY_METRICS, &q, NULL) != AIM_OK)
            return (void *)-1L;
        aim_values v;
        for (size_t row = 0; row < aim_query_len(q); row++) {
            if (aim_query_values(q, row, &v, NULL) != AIM_OK)
                return (void *)-2L;
            for (size_t k = 0; k < v.len; k++)
                failed += v.values[k] != (double)(v.steps[k] / THREADS) || (k > 0 && v.steps[k] <= v.steps[k - 1]);
        }
        aim_query_free(q);
    }
    return (void *)failed;
}

static long run_threads(void *(*body)(void *), void *common)
{
    pthread_t threads[THREADS];
    long failed = 0;
    for (long i = 0; i < THREADS; i++)
        failed += pthread_create(&threads[i], NULL, body, common ? common : (void *)i) != 0;
    for (int i = 0; i < THREADS; i++) {
        void *result = NULL;
        failed += pthread_join(threads[i], &result) != 0 || result != NULL;
    }
    return failed;
}

static void check_points(aim_repo *repo)
{
    aim_query *q = query(repo, "metric.name.startswith('own')", AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == THREADS);
    aim_values v;
    memset(&v, 0, sizeof v);
    long wrong = 0;
    for (size_t row = 0; row < aim_query_len(q); row++) {
        wrong += aim_query_values(q, row, &v, NULL) != AIM_OK || v.len != POINTS;
        for (size_t k = 0; k < v.len; k++)
            wrong += v.steps[k] != (int64_t)k || v.values[k] != (double)k;
    }
    CHECK(wrong == 0);
    aim_query_free(q);
    q = query(repo, "metric.name == 'shared'", AIM_QUERY_METRICS);
    EXPECT(AIM_OK, aim_query_values, q, 0, &v);
    CHECK(v.len == (size_t)THREADS * POINTS);
    aim_query_free(q);
    q = query(repo, "run.threads['7'] == 7 and run.threads['0'] == 0", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == 1);
    aim_query_free(q);
    q = query(repo, "run.experiment == 'separate' and metric.last == 99", AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == THREADS * 5);
    aim_query_free(q);
}

int main(void)
{
    start();
    /* The library starts no thread before it has something to write, and leaves none behind. */
    const int before = process_threads();
    aim_run *first = new_run(NULL);
    CHECK(process_threads() > before);
    check_signals(first);
    EXPECT(AIM_OK, aim_run_close, first);
    CHECK(settled_threads(before) == before);
    aim_run_free(first);
    CHECK_TEXT(aim_version(), AIM_VERSION);
    aim_repo *repo = open_repo();
    aim_query_free(query(repo, "True", AIM_QUERY_RUNS));
    CHECK(settled_threads(before) == before);

    shared_run = new_run(NULL);
    CHECK(process_threads() > before);
    shared_metric = new_metric(shared_run, "shared", NULL);
    pthread_t reader;
    void *seen = NULL;
    CHECK(pthread_create(&reader, NULL, look, repo) == 0);
    CHECK(run_threads(share, NULL) == 0);
    CHECK(pthread_join(reader, &seen) == 0 && seen == NULL);
    CHECK(run_threads(separate, NULL) == 0);
    CHECK(run_threads(look, repo) == 0);
    EXPECT(AIM_OK, aim_run_close, shared_run);
    aim_metric_free(shared_metric);
    aim_run_free(shared_run);
    check_points(repo);
    CHECK(settled_threads(before) == before);
    aim_repo_free(repo);
    CHECK(settled_threads(before) == before);
    return finish();
}
