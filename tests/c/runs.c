/* Several runs at once, their properties, and their listing. */
#include "check.h"

static void properties(aim_run *run)
{
    char *text = NULL;
    bool archived = true;
    EXPECT(AIM_OK, aim_run_get_experiment, run, &text);
    CHECK_OWNED(text, "default");
    EXPECT(AIM_OK, aim_run_get_archived, run, &archived);
    CHECK(!archived);
    EXPECT(AIM_OK, aim_run_get_tags, run, &text);
    CHECK_OWNED(text, "[]");

    EXPECT(AIM_OK, aim_run_set_name, run, "w\xc3\xa4rm start");
    EXPECT(AIM_OK, aim_run_set_description, run, "two\nlines");
    EXPECT(AIM_OK, aim_run_set_experiment, run, "digits");
    EXPECT(AIM_OK, aim_run_set_archived, run, true);
    EXPECT(AIM_OK, aim_run_add_tag, run, "best");
    EXPECT(AIM_OK, aim_run_add_tag, run, "best"); /* a tag is there once */
    EXPECT(AIM_OK, aim_run_add_tag, run, "draft");
    EXPECT(AIM_OK, aim_run_remove_tag, run, "draft");
    EXPECT(AIM_OK, aim_run_get_name, run, &text);
    CHECK_OWNED(text, "w\xc3\xa4rm start");
    EXPECT(AIM_OK, aim_run_get_description, run, &text);
    CHECK_OWNED(text, "two\nlines");
    EXPECT(AIM_OK, aim_run_get_experiment, run, &text);
    CHECK_OWNED(text, "digits");
    EXPECT(AIM_OK, aim_run_get_tags, run, &text);
    CHECK_OWNED(text, "[\"best\"]");
    EXPECT(AIM_OK, aim_run_get_archived, run, &archived);
    CHECK(archived);
}

static void listing(aim_repo *repo, aim_run *const *runs, int n)
{
    /* Newest first; an archived run only where the query speaks of it. */
    aim_query *q = query(repo, "run.archived in [True, False]", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == (size_t)n);
    for (int i = 0; i < n; i++)
        CHECK_TEXT(aim_query_run_hash(q, (size_t)i), aim_run_hash(runs[n - 1 - i]));
    aim_query_free(q);
    q = query(repo, "True", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == (size_t)n - 1);
    aim_query_free(q);
    q = query(repo, "", AIM_QUERY_RUNS); /* no condition: every run */
    CHECK(aim_query_len(q) == (size_t)n - 1);
    aim_query_free(q);
    q = query(repo, "run.archived and 'best' in run.tags", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == 1);
    char *json = NULL;
    EXPECT(AIM_OK, aim_query_run_properties, q, 0, &json);
    CHECK(json != NULL && strstr(json, "w\xc3\xa4rm start") && strstr(json, "digits") && strstr(json, "best"));
    CHECK(json != NULL && strstr(json, "\"created_at\"") && strstr(json, "\"status\""));
    aim_string_free(json);
    aim_query_free(q);
}

int main(void)
{
    enum { RUNS = 12 };
    start();
    aim_run *runs[RUNS];
    aim_metric *metrics[RUNS];
    for (int i = 0; i < RUNS; i++) {
        runs[i] = new_run(NULL);
        metrics[i] = new_metric(runs[i], "loss", NULL);
    }
    aim_repo *repo = open_repo();
    int failed = 0;
    for (int step = 0; step < 500; step++)
        for (int i = 0; i < RUNS; i++)
            failed += aim_metric_track(metrics[i], i * 1000.0 + step, step, AIM_EPOCH_NONE) != AIM_OK;
    CHECK(failed == 0);
    properties(runs[3]);
    listing(repo, runs, RUNS);

    /* A second handle to the same run, as another rank or thread would open it; the first goes on after its close. */
    aim_run *second = new_run(aim_run_hash(runs[0]));
    EXPECT(AIM_OK, aim_run_set_param_int64, second, "rank", 1);
    EXPECT(AIM_OK, aim_run_close, second);
    EXPECT(AIM_OK, aim_run_set_param_int64, runs[0], "after", 2);
    char *json = NULL;
    EXPECT(AIM_OK, aim_run_get_param, runs[0], "rank", &json);
    CHECK_OWNED(json, "1");
    EXPECT(AIM_ERR_BUSY, aim_repo_delete_run, repo, aim_run_hash(runs[0]));
    aim_run_free(second);

    /* What they wrote did not mix. */
    for (int i = 0; i < RUNS; i++) {
        EXPECT(AIM_OK, aim_run_close, runs[i]);
        char expression[100];
        snprintf(expression, sizeof expression, "run.hash == '%s' and run.archived in [True, False]",
                 aim_run_hash(runs[i]));
        aim_query *q = query(repo, expression, AIM_QUERY_METRICS);
        aim_values v;
        memset(&v, 0, sizeof v);
        CHECK(aim_query_len(q) == 1);
        EXPECT(AIM_OK, aim_query_values, q, 0, &v);
        int wrong = v.len != 500;
        for (size_t k = 0; k < v.len; k++)
            wrong += v.values[k] != i * 1000.0 + (double)k;
        CHECK(wrong == 0);
        aim_query_free(q);
    }

    EXPECT(AIM_OK, aim_repo_delete_run, repo, aim_run_hash(runs[5]));
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_delete_run, repo, aim_run_hash(runs[5]));
    aim_query *q = query(repo, "True", AIM_QUERY_RUNS);
    CHECK(aim_query_len(q) == RUNS - 2);
    aim_query_free(q);
    q = query(repo, "True", AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == RUNS - 2);
    aim_query_free(q);

    for (int i = 0; i < RUNS; i++) {
        aim_run_free(runs[i]); /* before its metric */
        aim_metric_free(metrics[i]);
    }
    aim_repo_free(repo);
    return finish();
}
