/* A walk through the C API, every call checked: create a run, track, continue it later, query.
 *
 *     cc walkthrough.c -o walkthrough -lm $(pkg-config --cflags --libs aim) && ./walkthrough [REPO]
 */
#include <aim.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Ends the program with the library's message if a call failed. */
static void check(aim_status status, aim_error *err, const char *call)
{
    if (status == AIM_OK)
        return;
    fprintf(stderr, "%s failed (status %d): %s\n", call, (int)status, err ? aim_error_message(err) : "no details");
    aim_error_free(err);
    exit(1);
}

/* For functions whose last parameter is the error: CHECK(aim_run_close, run). */
#define CHECK(function, ...)                                                                                          \
    do {                                                                                                              \
        aim_error *err_ = NULL;                                                                                       \
        aim_status status_ = function(__VA_ARGS__, &err_);                                                            \
        check(status_, err_, #function);                                                                              \
    } while (0)

#define STEPS 1000
#define STEPS_PER_EPOCH 100
#define MORE_STEPS 5

static double loss_at(int step)
{
    return exp(-step / 250.0) + 0.02 * sin(step / 9.0);
}

/* 1. A new run: params, 1000 steps of loss, close. Its hash goes to `hash`. */
static void create_run(const char *repo, char *hash, size_t size)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.experiment = "walkthrough";
    aim_run *run = NULL;
    CHECK(aim_run_new, &options, &run);

    CHECK(aim_run_set_param, run, "hparams",
          "{\"lr\": 1e-4, \"batch_size\": 32, \"optimizer\": {\"name\": \"adam\", \"betas\": [0.9, 0.999]}}");
    CHECK(aim_run_set_param_double, run, "/hparams/lr", 3e-4); /* one value in the tree, by JSON Pointer */
    CHECK(aim_run_set_name, run, "first walk");
    CHECK(aim_run_add_tag, run, "example");

    aim_metric *loss = NULL;
    CHECK(aim_run_metric, run, "loss", "{\"subset\": \"train\"}", &loss);
    for (int step = 0; step < STEPS; step++)
        check(aim_metric_track(loss, loss_at(step), step, step / STEPS_PER_EPOCH), NULL, "aim_metric_track");
    aim_metric_free(loss);

    snprintf(hash, size, "%s", aim_run_hash(run));
    CHECK(aim_run_close, run);
    aim_run_free(run);
    printf("created run %s and tracked %d steps\n", hash, STEPS);
}

/* 2. The same run, continued by its hash; steps go on where they ended. */
static void continue_run(const char *repo, const char *hash)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.run_hash = hash;
    aim_run *run = NULL;
    CHECK(aim_run_new, &options, &run);
    for (int more = 0; more < MORE_STEPS; more++)
        CHECK(aim_run_track, run, "loss", loss_at(STEPS + more), AIM_STEP_AUTO, STEPS / STEPS_PER_EPOCH,
              "{\"subset\": \"train\"}");
    CHECK(aim_run_close, run);
    aim_run_free(run);
    printf("continued run %s by %d steps\n", hash, MORE_STEPS);
}

/* 3. Query: the runs, then the metrics of each with their points. */
static void print_metrics(aim_repo *repo, const char *hash)
{
    char expression[128];
    snprintf(expression, sizeof expression, "metric.name == 'loss' and run.hash == '%s'", hash);
    aim_query *metrics = NULL;
    CHECK(aim_repo_query, repo, expression, AIM_QUERY_METRICS, &metrics);
    for (size_t i = 0; i < aim_query_len(metrics); i++) {
        aim_values v;
        CHECK(aim_query_values, metrics, i, &v);
        printf("  metric %s %s: %zu points\n", aim_query_metric_name(metrics, i), aim_query_metric_context(metrics, i),
               v.len);
        for (size_t k = 0; k < v.len; k++)
            if (k < 3 || k + 3 >= v.len)
                printf("    step %4lld  epoch %2lld  loss %.6f\n", (long long)v.steps[k], (long long)v.epochs[k],
                       v.values[k]);
            else if (k == 3)
                printf("    ...\n");
    }
    aim_query_free(metrics);
}

static void query(const char *path)
{
    aim_repo *repo = NULL;
    CHECK(aim_repo_open, path, NULL, &repo);
    aim_query *runs = NULL;
    CHECK(aim_repo_query, repo, "run.experiment == 'walkthrough'", AIM_QUERY_RUNS, &runs);
    for (size_t i = 0; i < aim_query_len(runs); i++) {
        char *hparams = NULL, *lr = NULL;
        CHECK(aim_query_run_param, runs, i, "hparams", &hparams);
        CHECK(aim_query_run_param, runs, i, "/hparams/lr", &lr);
        printf("run %s\n  hparams = %s\n  hparams.lr = %s\n", aim_query_run_hash(runs, i), hparams, lr);
        aim_string_free(hparams);
        aim_string_free(lr);
        print_metrics(repo, aim_query_run_hash(runs, i));
    }
    aim_query_free(runs);
    aim_repo_free(repo);
}

int main(int argc, char **argv)
{
    const char *repo = argc > 1 ? argv[1] : ".";
    char hash[64];
    create_run(repo, hash, sizeof hash);
    continue_run(repo, hash);
    query(repo);
    return 0;
}
