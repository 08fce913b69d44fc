/* The whole story once: create, track, close, continue, query, read back. */
#include "check.h"

#define STEPS 1000
#define MORE 5

static double loss_at(int64_t step)
{
    return exp(-(double)step / 100.0);
}

static void create(char *hash, size_t size)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    options.experiment = "digits";
    aim_run *run = NULL;
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    EXPECT(AIM_OK, aim_run_set_param, run, "hparams",
           "{\"lr\": 1e-4, \"batch_size\": 32, \"optimizer\": {\"name\": \"adam\", \"betas\": [0.9, 0.999]}}");
    int failed = 0;
    for (int64_t step = 0; step < STEPS; step++)
        failed += aim_run_track(run, "loss", loss_at(step), step, step / 100, "{\"subset\": \"train\"}", NULL) != AIM_OK;
    CHECK(failed == 0);
    CHECK(strlen(aim_run_hash(run)) == 24 && strspn(aim_run_hash(run), "0123456789abcdef") == 24);
    snprintf(hash, size, "%s", aim_run_hash(run));
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
}

static void go_on(const char *hash)
{
    aim_run *run = new_run(hash);
    CHECK_TEXT(aim_run_hash(run), hash);
    char *experiment = NULL;
    EXPECT(AIM_OK, aim_run_get_experiment, run, &experiment);
    CHECK_OWNED(experiment, "digits");
    int failed = 0;
    for (int64_t step = STEPS; step < STEPS + MORE; step++)
        failed += aim_run_track(run, "loss", loss_at(step), AIM_STEP_AUTO, AIM_EPOCH_NONE, "{\"subset\": \"train\"}",
                                NULL) != AIM_OK;
    CHECK(failed == 0);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
}

static void read_values(aim_query *metrics)
{
    aim_values v;
    memset(&v, 0, sizeof v);
    EXPECT(AIM_OK, aim_query_values, metrics, 0, &v);
    CHECK(v.len == STEPS + MORE);
    int wrong = 0;
    for (size_t i = 0; i < v.len; i++) {
        int64_t epoch = i < STEPS ? (int64_t)i / 100 : AIM_EPOCH_NONE;
        wrong += v.steps[i] != (int64_t)i || v.values[i] != loss_at((int64_t)i) || v.epochs[i] != epoch;
        wrong += v.times[i] < 1.6e9 || (i > 0 && v.times[i] < v.times[i - 1]);
    }
    CHECK(wrong == 0);
}

static void read_back(const char *hash)
{
    aim_repo *repo = open_repo();
    aim_query *runs = query(repo, "run.experiment == 'digits' and run.hparams.lr < 1e-3", AIM_QUERY_RUNS);
    CHECK(aim_query_len(runs) == 1);
    CHECK_TEXT(aim_query_run_hash(runs, 0), hash);
    char *json = NULL;
    EXPECT(AIM_OK, aim_query_run_param, runs, 0, "/hparams/optimizer/betas/1", &json);
    CHECK_OWNED(json, "0.999");
    EXPECT(AIM_OK, aim_query_run_param, runs, 0, "/hparams/batch_size", &json);
    CHECK_OWNED(json, "32");

    aim_query *metrics = query(repo, "metric.name == 'loss' and metric.context.subset == 'train'", AIM_QUERY_METRICS);
    CHECK(aim_query_len(metrics) == 1);
    CHECK_TEXT(aim_query_run_hash(metrics, 0), hash);
    CHECK_TEXT(aim_query_metric_name(metrics, 0), "loss");
    CHECK(strstr(aim_query_metric_context(metrics, 0), "\"subset\"") != NULL);
    read_values(metrics);

    aim_query *none = query(repo, "metric.name == 'loss' and metric.context.subset == 'val'", AIM_QUERY_METRICS);
    CHECK(aim_query_len(none) == 0);
    aim_query_free(none);
    aim_query_free(metrics);
    aim_query_free(runs);
    aim_repo_free(repo);
}

int main(void)
{
    char hash[64];
    start();
    create(hash, sizeof hash);
    go_on(hash);
    read_back(hash);
    return finish();
}
