/* Tracking: steps, epochs, contexts, values, columns. */
#include "check.h"

static aim_run *run;
static aim_repo *repo;

/* The only sequence called `name`; the result set keeps the columns alive. */
static aim_query *sequence(const char *name, aim_values *v)
{
    char expression[100];
    snprintf(expression, sizeof expression, "metric.name == '%s'", name);
    aim_query *q = query(repo, expression, AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == 1);
    memset(v, 0, sizeof *v);
    EXPECT(AIM_OK, aim_query_values, q, 0, v);
    return q;
}

static void track(const char *name, double value, int64_t step, int64_t epoch)
{
    EXPECT(AIM_OK, aim_run_track, run, name, value, step, epoch, NULL);
}

static void automatic_steps(void)
{
    aim_values v;
    track("auto", 10, AIM_STEP_AUTO, AIM_EPOCH_NONE);
    track("auto", 11, AIM_STEP_AUTO, 2);
    track("auto", 12, 10, AIM_EPOCH_NONE);
    track("auto", 13, AIM_STEP_AUTO, AIM_EPOCH_NONE);
    aim_query *q = sequence("auto", &v);
    CHECK(v.len == 4);
    CHECK(v.steps[0] == 0 && v.steps[1] == 1 && v.steps[2] == 10 && v.steps[3] == 11);
    CHECK(v.values[0] == 10 && v.values[3] == 13);
    CHECK(v.epochs[0] == AIM_EPOCH_NONE && v.epochs[1] == 2);
    aim_query_free(q);
}

static void any_order(void)
{
    aim_values v;
    track("order", 3, 3, 0);
    track("order", 1, 1, 0);
    track("order", -5, -5, 0);
    track("order", 2, 2, 0);
    track("order", 33, 3, 1); /* the same step again replaces the point */
    aim_query *q = sequence("order", &v);
    CHECK(v.len == 4);
    CHECK(v.steps[0] == -5 && v.steps[1] == 1 && v.steps[2] == 2 && v.steps[3] == 3);
    CHECK(v.values[0] == -5 && v.values[3] == 33 && v.epochs[3] == 1);
    aim_query_free(q);
}

static void special_values(void)
{
    aim_values v;
    track("special", (double)NAN, 0, AIM_EPOCH_NONE);
    track("special", (double)INFINITY, 1, AIM_EPOCH_NONE);
    track("special", -(double)INFINITY, 2, AIM_EPOCH_NONE);
    track("special", -0.0, 3, AIM_EPOCH_NONE);
    track("special", 5e-324, 4, AIM_EPOCH_NONE);
    track("special", 1.7976931348623157e308, INT64_MAX, INT64_MAX);
    aim_query *q = sequence("special", &v);
    CHECK(v.len == 6);
    CHECK(isnan(v.values[0]) && isinf(v.values[1]) && v.values[2] < 0 && isinf(v.values[2]));
    CHECK(v.values[3] == 0 && signbit(v.values[3]));
    CHECK(v.values[4] == 5e-324 && v.values[5] == 1.7976931348623157e308);
    CHECK(v.steps[5] == INT64_MAX && v.epochs[5] == INT64_MAX);
    aim_query_free(q);
}

static void contexts(void)
{
    /* Contexts compare by value: neither key order nor spaces matter. */
    EXPECT(AIM_OK, aim_run_track, run, "context", 1, 0, 0, "{\"a\": 1, \"b\": {\"c\": \"x\"}}");
    EXPECT(AIM_OK, aim_run_track, run, "context", 2, 1, 0, "{ \"b\":{\"c\":\"x\"},\"a\":1 }");
    EXPECT(AIM_OK, aim_run_track, run, "context", 3, 0, 0, "{\"a\": 2}");
    EXPECT(AIM_OK, aim_run_track, run, "context", 4, 0, 0, "{}");
    EXPECT(AIM_OK, aim_run_track, run, "context", 5, 1, 0, NULL);
    aim_query *q = query(repo, "metric.name == 'context'", AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == 3);
    aim_query_free(q);

    q = query(repo, "metric.name == 'context' and metric.context.b.c == 'x'", AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == 1);
    aim_values v;
    memset(&v, 0, sizeof v);
    EXPECT(AIM_OK, aim_query_values, q, 0, &v);
    CHECK(v.len == 2 && v.values[0] == 1 && v.values[1] == 2);
    aim_query_free(q);

    static const char *const bad[] = {"", "[]", "3", "\"text\"", "{", "{\"a\": 1} x", "{\"a\": \"\xff\"}"};
    aim_metric *metric = NULL;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_track, run, "context", 1, 0, 0, bad[i]);
        EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_metric, run, "context", bad[i], &metric);
    }
    CHECK(metric == NULL);
}

static void many(void)
{
    enum { N = 5000 };
    static double values[N];
    static int64_t steps[N], epochs[N];
    for (int i = 0; i < N; i++) {
        values[i] = i * 0.5;
        steps[i] = 2 * i;
        epochs[i] = i % 7 ? i / 1000 : AIM_EPOCH_NONE;
    }
    aim_metric *metric = new_metric(run, "many", NULL);
    EXPECT(AIM_OK, aim_metric_track_many, metric, values, steps, epochs, N);
    EXPECT(AIM_OK, aim_metric_track_many, metric, values, NULL, NULL, N); /* steps go on by themselves */
    EXPECT(AIM_OK, aim_metric_track_many, metric, NULL, NULL, NULL, 0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_metric_track_many, metric, NULL, NULL, NULL, 3);
    CHECK(aim_metric_track(metric, 1.0, AIM_STEP_AUTO, AIM_EPOCH_NONE) == AIM_OK);
    aim_metric_free(metric);

    aim_values v;
    aim_query *q = sequence("many", &v);
    CHECK(v.len == 2 * N + 1);
    int wrong = 0;
    for (int i = 0; i < N; i++) {
        wrong += v.values[i] != values[i] || v.steps[i] != steps[i] || v.epochs[i] != epochs[i];
        wrong += v.values[N + i] != values[i] || v.steps[N + i] != 2 * N - 1 + i || v.epochs[N + i] != AIM_EPOCH_NONE;
    }
    CHECK(wrong == 0);
    CHECK(v.steps[2 * N] == 3 * N - 1);
    aim_query_free(q);
}

static void names(void)
{
    size_t size = 1 << 20;
    char *large = (char *)malloc(size + 1);
    memset(large, 'n', size);
    large[size] = '\0';
    aim_metric *metric = NULL;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_track, run, "", 1, 0, 0, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_metric, run, "", NULL, &metric);
    EXPECT(AIM_ERR_LIMIT, aim_run_track, run, large, 1, 0, 0, NULL);
    EXPECT(AIM_ERR_LIMIT, aim_run_metric, run, large, NULL, &metric);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_track, run, "lo\xffss", 1, 0, 0, NULL);
    CHECK(metric == NULL);
    EXPECT(AIM_OK, aim_run_track, run, "Verlust \xe2\x9c\x93 'q' / \\", 1, 0, 0, NULL);
    aim_query *q = query(repo, "'\xe2\x9c\x93' in metric.name", AIM_QUERY_METRICS);
    CHECK_TEXT(aim_query_metric_name(q, 0), "Verlust \xe2\x9c\x93 'q' / \\");
    aim_query_free(q);
    free(large);
}

int main(void)
{
    start();
    run = new_run(NULL);
    repo = open_repo();
    automatic_steps();
    any_order();
    special_values();
    contexts();
    many();
    names();

    /* Flushed values outlive the handle; a metric may be freed before or after its run. */
    aim_metric *late = new_metric(run, "late", NULL);
    EXPECT(AIM_OK, aim_run_flush, run);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    CHECK(aim_metric_track(late, 1.0, 0, 0) == AIM_ERR_CLOSED);
    aim_metric_free(late);
    aim_repo_free(repo);
    return finish();
}
