/* Queries: which rows, in which order, and how long a result lasts. */
#include "check.h"

#include <math.h>
#include <pthread.h>

static void fill(void)
{
    static const char *const optimizers[] = {"sgd", "adam", "adam"};
    for (int i = 0; i < 3; i++) {
        aim_run *run = new_run(NULL);
        EXPECT(AIM_OK, aim_run_set_param_double, run, "/hparams/lr", 0.1 / (i + 1));
        EXPECT(AIM_OK, aim_run_set_param_string, run, "/hparams/optimizer", optimizers[i]);
        if (i == 2)
            EXPECT(AIM_OK, aim_run_set_param_int64, run, "/hparams/warmup", 100);
        for (int step = 0; step < 10; step++) {
            EXPECT(AIM_OK, aim_run_track, run, "loss", 1.0 / (step + 1) - i, step, 0, "{\"subset\": \"train\"}");
            EXPECT(AIM_OK, aim_run_track, run, "loss", 2.0 / (step + 1) - i, step, 0, "{\"subset\": \"val\"}");
            EXPECT(AIM_OK, aim_run_track, run, "accuracy", step / 10.0, step, 0, "{\"subset\": \"val\"}");
        }
        EXPECT(AIM_OK, aim_run_close, run);
        aim_run_free(run);
    }
}

static size_t count(aim_repo *repo, const char *expression, int32_t kind)
{
    aim_query *q = query(repo, expression, kind);
    size_t n = aim_query_len(q);
    uint64_t failed = 1;
    EXPECT(AIM_OK, aim_query_failures, q, &failed, NULL);
    CHECK(aim_query_warning(q) == NULL);
    CHECK(failed == 0);
    aim_query_free(q);
    return n;
}

static void selection(aim_repo *repo)
{
    CHECK(count(repo, "run.hparams.optimizer == 'adam'", AIM_QUERY_RUNS) == 2);
    CHECK(count(repo, "run.hparams['lr'] >= 0.05 and run['hparams', 'optimizer'] == 'adam'", AIM_QUERY_RUNS) == 1);
    CHECK(count(repo, "run.hparams.warmup == None", AIM_QUERY_RUNS) == 2);
    CHECK(count(repo, "run.hparams.warmup > 10", AIM_QUERY_RUNS) == 1);
    CHECK(count(repo, "run.metrics['loss', {'subset': 'train'}].last < 0", AIM_QUERY_RUNS) == 2);
    CHECK(count(repo, "metric.name == 'loss'", AIM_QUERY_METRICS) == 6);
    CHECK(count(repo, "metric.last > 0.5", AIM_QUERY_METRICS) == 3);
    CHECK(count(repo, "metric.context.subset.startswith('v') and 'acc' in metric.name", AIM_QUERY_METRICS) == 3);
    CHECK(count(repo, "SELECT loss IF metric.name == 'loss' and run.hparams.warmup == 100", AIM_QUERY_METRICS) == 2);
    CHECK(count(repo, "False", AIM_QUERY_METRICS) == 0);
}

static void order(aim_repo *repo)
{
    aim_query *runs = query(repo, "True", AIM_QUERY_RUNS);
    aim_query *metrics = query(repo, "True", AIM_QUERY_METRICS);
    CHECK(aim_query_len(runs) == 3 && aim_query_len(metrics) == 9);
    for (size_t i = 0; i < aim_query_len(metrics); i++) {
        CHECK_TEXT(aim_query_run_hash(metrics, i), aim_query_run_hash(runs, i / 3));
        CHECK_TEXT(aim_query_metric_name(metrics, i), i % 3 ? "loss" : "accuracy");
        CHECK(strstr(aim_query_metric_context(metrics, i), i % 3 == 1 ? "train" : "val") != NULL);
    }
    aim_query_free(metrics);
    aim_query_free(runs);
}

static void failures(aim_repo *repo)
{
    /* A row on which the expression fails is not selected, and is counted. */
    uint64_t failed = 0;
    char *reason = NULL;
    aim_query *q = query(repo, "run.hparams.warmup + 1 > 0", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == 1);
    EXPECT(AIM_OK, aim_query_failures, q, &failed, &reason);
    CHECK(failed == 2 && reason != NULL && strlen(reason) > 3);
    aim_string_free(reason);
    aim_query_free(q);
    q = query(repo, "run.hparams.lr * 9 ** 9 ** 9 > 1", AIM_QUERY_RUNS);
    EXPECT(AIM_OK, aim_query_failures, q, &failed, NULL);
    CHECK(aim_query_len(q) == 0 && failed == 3);
    aim_query_free(q);
}

static int32_t count_calls(uint64_t done, uint64_t total, void *userdata)
{
    int *calls = (int *)userdata;
    if (*calls < 0 || done > total)
        return 1;
    *calls += 1;
    return 0;
}

static void options(aim_repo *repo)
{
    aim_query_options opt = AIM_QUERY_OPTIONS_INIT;
    aim_query *all = query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS), *q = NULL;
    opt.offset = 2;
    opt.limit = 3;
    EXPECT(AIM_OK, aim_repo_query_with, repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &opt, &q);
    CHECK(aim_query_len(q) == 3);
    for (size_t i = 0; i < aim_query_len(q); i++) {
        CHECK_TEXT(aim_query_run_hash(q, i), aim_query_run_hash(all, i + 2));
        CHECK_TEXT(aim_query_metric_context(q, i), aim_query_metric_context(all, i + 2));
    }
    aim_query_free(q);
    opt.offset = 1000;
    EXPECT(AIM_OK, aim_repo_query_with, repo, "True", AIM_QUERY_METRICS, &opt, &q);
    CHECK(aim_query_len(q) == 0);
    aim_query_free(q);

    aim_query_options scan = AIM_QUERY_OPTIONS_INIT;
    scan.no_index = true;
    EXPECT(AIM_OK, aim_repo_query_with, repo, "run.hparams.lr >= 0.05", AIM_QUERY_RUNS, &scan, &q);
    CHECK(aim_query_len(q) == count(repo, "run.hparams.lr >= 0.05", AIM_QUERY_RUNS));
    aim_query_free(q);

    aim_query_options watched = AIM_QUERY_OPTIONS_INIT;
    int calls = 0;
    watched.progress = count_calls;
    watched.progress_userdata = &calls;
    EXPECT(AIM_OK, aim_repo_query_with, repo, "True", AIM_QUERY_RUNS, &watched, &q);
    CHECK(aim_query_len(q) == 3 && calls > 0);
    aim_query_free(q);
    q = NULL;
    calls = -1;
    EXPECT(AIM_ERR_CANCELLED, aim_repo_query_with, repo, "True", AIM_QUERY_RUNS, &watched, &q);
    CHECK(q == NULL);
    aim_query_free(all);
}

static aim_status ask(aim_repo *repo, const char *expression, const aim_query_options *opt, aim_query **q,
                      aim_error **err)
{
    *q = NULL;
    *err = NULL;
    return aim_repo_query_with(repo, expression, AIM_QUERY_RUNS, opt, q, err);
}

static int32_t count_and_cancel(uint64_t done, uint64_t total, void *userdata)
{
    (void)done;
    (void)total;
    return ++*(int *)userdata == 3;
}

static void bounds(aim_repo *repo)
{
    static const char long_row[] = "all(True for i in range(900000))";
    static const char endless[] = "all(True for i in range(10**15))";
    aim_query *q;
    aim_error *err;
    aim_query_options opt = AIM_QUERY_OPTIONS_INIT;

    opt.max_steps = 1000000;
    CHECK(ask(repo, long_row, &opt, &q, &err) == AIM_ERR_LIMIT);
    CHECK(strstr(aim_error_message(err), "1000000 steps") != NULL);
    aim_error_free(err);
    opt.max_steps = 0;

    opt.max_rows = 2;
    CHECK(ask(repo, "", &opt, &q, &err) == AIM_ERR_LIMIT);
    aim_error_free(err);
    opt.max_rows = 3;
    CHECK(ask(repo, "", &opt, &q, &err) == AIM_OK && aim_query_len(q) == 3);
    aim_query_free(q);
    opt.max_rows = 0;

    opt.max_memory = 1;
    CHECK(ask(repo, "", &opt, &q, &err) == AIM_ERR_LIMIT);
    aim_error_free(err);
    opt.max_memory = 0;

    opt.max_row_steps = opt.max_steps = UINT64_MAX;
    opt.timeout = 0.05;
    CHECK(ask(repo, endless, &opt, &q, &err) == AIM_ERR_LIMIT);
    CHECK(strstr(aim_error_message(err), "0.05 s") != NULL);
    aim_error_free(err);

    /* Within one row, too. */
    int calls = 0;
    opt.timeout = INFINITY;
    opt.progress = count_and_cancel;
    opt.progress_userdata = &calls;
    CHECK(ask(repo, endless, &opt, &q, &err) == AIM_ERR_CANCELLED && calls == 3);
    aim_error_free(err);

    opt.timeout = -1;
    CHECK(ask(repo, "", &opt, &q, &err) == AIM_ERR_INVALID_ARGUMENT);
    aim_error_free(err);
    opt.timeout = NAN;
    CHECK(ask(repo, "", &opt, &q, &err) == AIM_ERR_INVALID_ARGUMENT);
    aim_error_free(err);

    aim_query_options row = AIM_QUERY_OPTIONS_INIT;
    row.max_row_steps = 1000;
    CHECK(ask(repo, long_row, &row, &q, &err) == AIM_OK && aim_query_len(q) == 0);
    uint64_t failed = 0;
    EXPECT(AIM_OK, aim_query_failures, q, &failed, NULL);
    CHECK(failed == 3);
    aim_query_free(q);
}

/* What JSON does not have is null in it, unless it is asked for. */
static void json(aim_repo *repo)
{
    static const char *const forms[] = {"{\"a\":[null,null,null]}", "{\"a\":[\"NaN\",\"Infinity\",\"-Infinity\"]}",
                                        "{\"a\":[NaN,Infinity,-Infinity]}"};
    aim_run *run = new_run(NULL);
    EXPECT(AIM_OK, aim_run_set_param, run, "odd", "{\"a\": [NaN, Infinity, -Infinity]}");
    char *text = NULL;
    EXPECT(AIM_OK, aim_run_get_param, run, "odd", &text);
    CHECK_OWNED(text, forms[AIM_JSON_NULL]);
    for (int32_t form = AIM_JSON_NULL; form <= AIM_JSON_WORDS; form++) {
        EXPECT(AIM_OK, aim_run_get_param_json, run, "odd", form, &text);
        CHECK_OWNED(text, forms[form]);
        aim_query *q;
        aim_error *err;
        aim_query_options opt = AIM_QUERY_OPTIONS_INIT;
        opt.json = form;
        CHECK(ask(repo, "run.odd", &opt, &q, &err) == AIM_OK);
        EXPECT(AIM_OK, aim_query_run_param, q, 0, "odd", &text);
        CHECK_OWNED(text, forms[form]);
        EXPECT(AIM_OK, aim_query_table, q, &text);
        CHECK((strstr(text, "NaN") != NULL) == (form != AIM_JSON_NULL));
        aim_string_free(text);
        aim_query_free(q);
    }
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_get_param_json, run, "odd", 3, &text);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
}

/* Names that nothing has. */
static void unknown(aim_repo *repo)
{
    aim_query *q;
    aim_error *err;
    CHECK(ask(repo, "run.hparams.lrr > 0", NULL, &q, &err) == AIM_OK);
    CHECK_TEXT(aim_query_warning(q), "no run has the param run.hparams.lrr; did you mean run.hparams.lr?");
    aim_query_free(q);
    CHECK(ask(repo, "metric.naem == 'loss'", NULL, &q, &err) == AIM_ERR_SYNTAX);
    CHECK(strstr(aim_error_message(err), "did you mean \"name\"?") != NULL);
    aim_error_free(err);
    CHECK(count(repo, "metric.count == 10", AIM_QUERY_METRICS) == 9);
}

static void *on_little_stack(void *repo)
{
    aim_repo *r = (aim_repo *)repo;
    char deep[140], tree[260];
    memset(deep, '(', 60);
    memcpy(deep + 60, "run.hparams.lr", 14);
    memset(deep + 74, ')', 60);
    deep[134] = '\0';
    CHECK(count(r, deep, AIM_QUERY_RUNS) == 3);
    aim_query *newest = query(r, "", AIM_QUERY_RUNS);
    memset(tree, '[', 128);
    memset(tree + 128, ']', 128);
    tree[256] = '\0';
    aim_run *run = new_run(aim_query_run_hash(newest, 0));
    aim_query_free(newest);
    char *text = NULL;
    EXPECT(AIM_OK, aim_run_set_param, run, "deep", tree);
    EXPECT(AIM_OK, aim_run_get_param, run, "deep", &text);
    CHECK_OWNED(text, tree);
    EXPECT(AIM_OK, aim_run_delete_param, run, "deep");
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    return NULL;
}

static void little_stack(aim_repo *repo)
{
    pthread_attr_t attributes;
    pthread_t thread;
    /* Some machines have none as little as that. */
    long least = sysconf(_SC_THREAD_STACK_MIN);
    size_t size = least > 64 * 1024 ? (size_t)least : 64 * 1024;
    CHECK(pthread_attr_init(&attributes) == 0 && pthread_attr_setstacksize(&attributes, size) == 0);
    CHECK(pthread_create(&thread, &attributes, on_little_stack, repo) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
}

static void aggregates(aim_repo *repo)
{
    aim_query *q = query(repo, "metric.name == 'accuracy' and run.hparams.warmup == 100", AIM_QUERY_METRICS);
    aim_metric_info info;
    EXPECT(AIM_OK, aim_query_metric_info, q, 0, &info);
    CHECK(info.count == 10 && info.first_step == 0 && info.last_step == 9);
    CHECK(info.first == 0.0 && info.last == 0.9 && info.min == 0.0 && info.max == 0.9);
    char *json = NULL;
    EXPECT(AIM_OK, aim_query_table, q, &json);
    CHECK(json != NULL && json[0] == '[' && strstr(json, aim_query_run_hash(q, 0)) && strstr(json, "\"accuracy\""));
    aim_string_free(json);
    aim_query_free(q);
}

static void samples(aim_repo *repo)
{
    enum { POINTS = 10000, SAMPLE = 100 };
    aim_run *run = new_run(NULL);
    aim_metric *metric = new_metric(run, "long", NULL);
    int failed = 0;
    for (int64_t i = 0; i < POINTS; i++)
        failed += aim_metric_track(metric, i == 7777 ? 1e6 : (double)(i % 100), i, AIM_EPOCH_NONE) != AIM_OK;
    CHECK(failed == 0);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_metric_free(metric);
    aim_run_free(run);

    static const int32_t methods[] = {AIM_SAMPLE_STRIDE, AIM_SAMPLE_MIN_MAX};
    aim_query *q = query(repo, "metric.name == 'long'", AIM_QUERY_METRICS);
    for (int m = 0; m < 2; m++) {
        aim_sample *sample = NULL;
        aim_values v;
        memset(&v, 0, sizeof v);
        EXPECT(AIM_OK, aim_query_sample, q, 0, SAMPLE, methods[m], &sample);
        EXPECT(AIM_OK, aim_sample_values, sample, &v);
        CHECK(v.len > SAMPLE / 2 && v.len <= SAMPLE);
        CHECK(v.steps[0] == 0 && v.steps[v.len - 1] == POINTS - 1);
        int wrong = 0, peaks = 0;
        for (size_t i = 0; i < v.len; i++) {
            wrong += v.values[i] != (v.steps[i] == 7777 ? 1e6 : (double)(v.steps[i] % 100));
            wrong += i > 0 && v.steps[i] <= v.steps[i - 1];
            peaks += v.values[i] == 1e6;
        }
        CHECK(wrong == 0);
        CHECK(methods[m] == AIM_SAMPLE_STRIDE || peaks == 1); /* a peak is not lost between two points */
        aim_sample_free(sample);
    }
    aim_query_free(q);
}

static void syntax(aim_repo *repo)
{
    aim_query *q = NULL;
    aim_error *err = NULL;
    CHECK(aim_repo_query(repo, "run.hparams.lr > > 1", AIM_QUERY_RUNS, &q, &err) == AIM_ERR_SYNTAX);
    CHECK(q == NULL && aim_error_code(err) == AIM_ERR_SYNTAX);
    CHECK(strstr(aim_error_message(err), "line 1") != NULL);
    CHECK(strstr(aim_error_message(err), "column") != NULL);
    aim_error_free(err);

    size_t depth = 100000;
    char *nested = (char *)malloc(2 * depth + 2);
    memset(nested, '(', depth);
    nested[depth] = '1';
    memset(nested + depth + 1, ')', depth);
    nested[2 * depth + 1] = '\0';
    err = NULL;
    aim_status status = aim_repo_query(repo, nested, AIM_QUERY_RUNS, &q, &err);
    CHECK(status == AIM_ERR_SYNTAX || status == AIM_ERR_LIMIT);
    aim_error_free(err);
    free(nested);
}

static void lifetime(aim_repo *repo)
{
    aim_query *q = query(repo, "metric.name == 'loss' and metric.context.subset == 'val'", AIM_QUERY_METRICS);
    aim_values first, again, other;
    memset(&first, 0, sizeof first);
    memset(&other, 0, sizeof other);
    memset(&again, 0, sizeof again);
    EXPECT(AIM_OK, aim_query_values, q, 0, &first);
    EXPECT(AIM_OK, aim_query_values, q, 1, &other);
    EXPECT(AIM_OK, aim_query_values, q, 0, &again);
    CHECK(first.len == 10 && other.len == 10 && again.values[9] == first.values[9]);
    aim_repo_free(repo); /* the result set outlives the repository handle */
    EXPECT(AIM_OK, aim_query_values, q, 2, &other);
    CHECK(other.len == 10 && first.values[0] - other.values[0] == -2.0);
    char *json = NULL;
    EXPECT(AIM_OK, aim_query_run_param, q, 0, "/hparams/warmup", &json);
    CHECK_OWNED(json, "100");
    aim_query_free(q);
}

int main(void)
{
    start();
    fill();
    aim_repo *repo = open_repo();
    selection(repo);
    order(repo);
    failures(repo);
    options(repo);
    aggregates(repo);
    bounds(repo);
    unknown(repo);
    little_stack(repo);
    samples(repo);
    syntax(repo);
    json(repo);
    lifetime(repo);
    return finish();
}
