/* The order of an answer, and answers in parts. */
#include "check.h"

static const char *const names[] = {"a", "b", "c"};

/* Runs called c, a and b, in this order, with lr 1, 2 and none, and a metric of as many points. */
static void fill(void)
{
    static const int order[] = {2, 0, 1};
    for (int i = 0; i < 3; i++) {
        aim_run *run = new_run(NULL);
        EXPECT(AIM_OK, aim_run_set_name, run, names[order[i]]);
        if (i < 2)
            EXPECT(AIM_OK, aim_run_set_param_int64, run, "/hparams/lr", i + 1);
        for (int step = 0; step <= i; step++)
            EXPECT(AIM_OK, aim_run_track, run, "loss", 10.0 * step - i, step, AIM_EPOCH_NONE, NULL);
        EXPECT(AIM_OK, aim_run_close, run);
        aim_run_free(run);
    }
}

/* The names of an answer's runs, one behind the other. */
static const char *called(aim_query *query)
{
    static char found[16];
    size_t n = aim_query_len(query);
    for (size_t i = 0; i < n && i < sizeof found - 1; i++) {
        char *name = NULL;
        EXPECT(AIM_OK, aim_query_run_property_string, query, i, "name", &name);
        found[i] = name ? name[0] : '?';
        aim_string_free(name);
    }
    found[n] = 0;
    return found;
}

static void ask(aim_repo *repo, const char *by, bool descending, int32_t kind, const char *want)
{
    aim_query_options options = AIM_QUERY_OPTIONS_INIT;
    aim_query *query = NULL;
    options.order_by = by;
    options.descending = descending;
    EXPECT(AIM_OK, aim_repo_query_with, repo, "", kind, &options, &query);
    CHECK_TEXT(called(query), want);
    aim_query_free(query);
    /* The same in parts. */
    aim_cursor *cursor = NULL;
    EXPECT(AIM_OK, aim_cursor_open, repo, "", kind, &options, &cursor);
    EXPECT(AIM_OK, aim_cursor_next, cursor, &query);
    CHECK_TEXT(called(query), want);
    aim_query *none = query;
    EXPECT(AIM_OK, aim_cursor_next, cursor, &none);
    CHECK(none == NULL);
    aim_cursor_free(cursor);
    CHECK_TEXT(called(query), want); /* the parts stay */
    aim_query_free(query);
}

static int32_t cancel(uint64_t done, uint64_t total, void *userdata)
{
    *(int *)userdata += done <= total;
    return 1;
}

static void mistakes(aim_repo *repo)
{
    static const char *const columns[] = {"step"};
    aim_query_options options = AIM_QUERY_OPTIONS_INIT;
    aim_query *query = NULL;
    aim_cursor *cursor = NULL;
    options.order_by = "run.hparams.lr +";
    EXPECT(AIM_ERR_SYNTAX, aim_repo_query_with, repo, "", AIM_QUERY_RUNS, &options, &query);
    options.order_by = "";
    EXPECT(AIM_ERR_SYNTAX, aim_repo_query_with, repo, "", AIM_QUERY_RUNS, &options, &query);
    options.order_by = NULL;
    options.columns = columns;
    options.columns_len = 1;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_query_with, repo, "", AIM_QUERY_RUNS, &options, &query);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_cursor_open, repo, "", AIM_QUERY_RUNS, &options, &cursor);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_cursor_open, NULL, "", AIM_QUERY_RUNS, NULL, &cursor);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_cursor_open, repo, "", 77, NULL, &cursor);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_cursor_next, NULL, &query);
    EXPECT(AIM_OK, aim_cursor_open, repo, "run.", AIM_QUERY_RUNS, NULL, &cursor);
    EXPECT(AIM_ERR_SYNTAX, aim_cursor_next, cursor, &query);
    EXPECT(AIM_OK, aim_cursor_next, cursor, &query);
    CHECK(query == NULL);
    aim_cursor_free(cursor);
    aim_cursor_free(NULL);

    aim_query_options watched = AIM_QUERY_OPTIONS_INIT;
    int told = 0;
    watched.progress = cancel;
    watched.progress_userdata = &told;
    EXPECT(AIM_OK, aim_cursor_open, repo, "", AIM_QUERY_METRICS, &watched, &cursor);
    CHECK(told == 0);
    EXPECT(AIM_ERR_CANCELLED, aim_cursor_next, cursor, &query);
    CHECK(told == 1);
    aim_cursor_free(cursor);
}

int main(void)
{
    start();
    fill();
    aim_repo *repo = open_repo();
    ask(repo, NULL, false, AIM_QUERY_RUNS, "bac");
    ask(repo, "run.name", false, AIM_QUERY_RUNS, "abc");
    ask(repo, "run.name", true, AIM_QUERY_RUNS, "cba");
    ask(repo, "run.created_at", false, AIM_QUERY_RUNS, "cab");
    ask(repo, "run.hparams.lr", false, AIM_QUERY_RUNS, "cab");
    ask(repo, "run.hparams.lr", true, AIM_QUERY_RUNS, "acb");
    ask(repo, "run.metrics['loss', {}].last", true, AIM_QUERY_RUNS, "bac");
    ask(repo, "metric.min", false, AIM_QUERY_METRICS, "bac");
    ask(repo, "metric.count", false, AIM_QUERY_METRICS, "cab");
    mistakes(repo);
    aim_repo_free(repo);
    return finish();
}
