/* Queries: which rows, in which order, and how long a result lasts. */
#include "check.h"

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
    CHECK(aim_query_failures(q) == 0);
    aim_query_free(q);
    return n;
}

static void selection(aim_repo *repo)
{
    CHECK(count(repo, "run.hparams.optimizer == 'adam'", AIM_QUERY_RUNS) == 2);
    CHECK(count(repo, "run.hparams['lr'] >= 0.05 and run['hparams', 'optimizer'] == 'adam'", AIM_QUERY_RUNS) == 1);
    CHECK(count(repo, "run.hparams.warmup is None", AIM_QUERY_RUNS) <= 3);
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
    aim_query *q = query(repo, "run.hparams.warmup + 1 > 0", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == 1);
    CHECK(aim_query_failures(q) == 2);
    aim_query_free(q);
    q = query(repo, "9 ** 9 ** 9 > 1", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == 0 && aim_query_failures(q) == 3);
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
    syntax(repo);
    lifetime(repo);
    return finish();
}
