/* A run's whole life: opened by an id, filled from the past, ended with an outcome, rewound, edited, read without a query. */
#include "check.h"

#include <sys/wait.h>

static aim_run *open_run(const aim_run_options *options)
{
    aim_run *run = NULL;
    EXPECT(AIM_OK, aim_run_new, options, &run);
    return run;
}

static aim_run_options here(void)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    return options;
}

static void check_property(aim_repo *repo, const char *hash, const char *name, const char *want)
{
    aim_query *run = NULL;
    char *text = NULL;
    EXPECT(AIM_OK, aim_repo_open_run, repo, hash, AIM_QUERY_RUNS, &run);
    EXPECT(AIM_OK, aim_query_run_property_string, run, 0, name, &text);
    CHECK_OWNED(text, want);
    aim_query_free(run);
}

static void backfill(aim_repo *repo)
{
    const char *hash = "0123456789abcdef01234567";
    aim_run_options options = here();
    options.new_hash = hash;
    options.created_at = 1.5e9;
    options.no_lease = true;
    aim_run *run = open_run(&options), *other = NULL;
    CHECK_TEXT(aim_run_hash(run), hash);
    EXPECT(AIM_ERR_EXISTS, aim_run_new, &options, &other);
    options.run_hash = hash;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_new, &options, &other);

    aim_metric *loss = NULL;
    EXPECT(AIM_OK, aim_run_metric, run, "loss", NULL, &loss);
    const double values[] = {3, 2, 1}, times[] = {1.5e9 + 0.25, 1.5e9 + 1.5, 1.5e9 + 2};
    const int64_t steps[] = {0, 10, 20};
    EXPECT(AIM_OK, aim_metric_track_many_at, loss, values, steps, NULL, times, 3);
    const double none[] = {NAN};
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_metric_track_many_at, loss, values, steps, NULL, none, 1);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_metric_track_many_at, loss, NULL, steps, NULL, times, 1);
    EXPECT(AIM_OK, aim_metric_track_many_at, loss, NULL, NULL, NULL, NULL, 0);
    EXPECT(AIM_OK, aim_run_log_at, run, 1.5e9 + 3, AIM_LOG_INFO, "then", NULL, 0, NULL);
    EXPECT(AIM_OK, aim_run_add_terminal_line_at, run, 1.5e9 + 4, 1, "a line");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_add_terminal_line_at, run, 0.0, 3, "a line");

    aim_outcome outcome = AIM_OUTCOME_INIT;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_close_as, run, &outcome);
    outcome.status = 5;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_close_as, run, &outcome);
    outcome.status = AIM_RUN_FAILED;
    outcome.has_exit_code = true;
    outcome.exit_code = 9;
    outcome.signal = 15;
    outcome.finalized_at = 1.5e9 + 5;
    EXPECT(AIM_OK, aim_run_close_as, run, &outcome);
    EXPECT(AIM_ERR_CLOSED, aim_run_close_as, run, &outcome);
    aim_metric_free(loss);
    aim_run_free(run);

    aim_query *metrics = NULL, *runs = NULL;
    EXPECT(AIM_OK, aim_repo_open_run, repo, hash, AIM_QUERY_METRICS, &metrics);
    CHECK(aim_query_len(metrics) == 1);
    aim_values stored;
    EXPECT(AIM_OK, aim_query_values, metrics, 0, &stored);
    CHECK(stored.len == 3 && memcmp(stored.times, times, sizeof times) == 0 && memcmp(stored.steps, steps, sizeof steps) == 0);
    aim_query_free(metrics);
    EXPECT(AIM_OK, aim_repo_open_run, repo, hash, AIM_QUERY_RUNS, &runs);
    double created = 0, finalized = 0;
    int64_t code = 0;
    EXPECT(AIM_OK, aim_query_run_property_double, runs, 0, "created_at", &created);
    EXPECT(AIM_OK, aim_query_run_property_double, runs, 0, "finalized_at", &finalized);
    EXPECT(AIM_OK, aim_query_run_property_int64, runs, 0, "exit_code", &code);
    CHECK(created == 1.5e9 && finalized == 1.5e9 + 5 && code == 9);
    EXPECT(AIM_OK, aim_query_run_property_int64, runs, 0, "signal", &code);
    CHECK(code == 15);
    EXPECT(AIM_ERR_NOT_FOUND, aim_query_run_property_int64, runs, 0, "run_id", &code);
    EXPECT(AIM_ERR_TYPE, aim_query_run_property_int64, runs, 0, "name", &code);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_query_run_property_int64, runs, 0, "nmae", &code);
    aim_query_free(runs);
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_open_run, repo, "ffffffffffffffffffffffff", AIM_QUERY_RUNS, &runs);
    check_property(repo, hash, "status", "failed");
    EXPECT(AIM_OK, aim_repo_delete_run, repo, hash);
}

/* How programs end, and what their runs are called then. */
static void outcomes(aim_repo *repo)
{
    static const struct {
        const char *ending, *status;
    } endings[] = {
        {"close", "finished"}, {"return", "finished"}, {"exit 3", "failed"}, {"_exit", "crashed"},
        {"abort", "crashed"},  {"SIGTERM", "crashed"}, {"failed", "failed"}, {"interrupted", "interrupted"},
    };
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        const char *ending = endings[i].ending;
        char hash[32] = "";
        int ends[2];
        CHECK(pipe(ends) == 0);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            aim_run_options options = here();
            aim_run *run = NULL;
            if (aim_run_new(&options, &run, NULL) != AIM_OK) _exit(9);
            aim_run_track(run, "loss", 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, NULL, NULL);
            if (write(ends[1], aim_run_hash(run), 24) != 24) _exit(9);
            aim_outcome outcome = AIM_OUTCOME_INIT;
            if (!strcmp(ending, "close")) aim_run_close(run, NULL);
            if (!strcmp(ending, "exit 3")) exit(3);
            if (!strcmp(ending, "_exit")) _exit(0);
            if (!strcmp(ending, "abort")) abort();
            if (!strcmp(ending, "SIGTERM")) kill(getpid(), SIGTERM);
            outcome.status = !strcmp(ending, "failed") ? AIM_RUN_FAILED : AIM_RUN_INTERRUPTED;
            if (!strcmp(ending, "failed") || !strcmp(ending, "interrupted")) aim_run_close_as(run, &outcome, NULL);
            exit(0);
        }
        close(ends[1]);
        CHECK(read(ends[0], hash, 24) == 24);
        close(ends[0]);
        waitpid(child, NULL, 0);
        check_property(repo, hash, "status", endings[i].status);
    }
}

static void rewinding(aim_repo *repo)
{
    aim_run_options options = here();
    aim_run *missing = NULL;
    options.run_id = "job-17";
    options.run_id_mode = AIM_OPEN;
    EXPECT(AIM_ERR_NOT_FOUND, aim_run_new, &options, &missing);
    options.run_id_mode = AIM_CREATE;
    aim_run *run = open_run(&options);
    EXPECT(AIM_ERR_EXISTS, aim_run_new, &options, &missing);
    for (int64_t step = 0; step < 150; step++) {
        EXPECT(AIM_OK, aim_run_track, run, "loss", -(double)step, step, AIM_EPOCH_NONE, NULL);
        EXPECT(AIM_OK, aim_run_track, run, "acc", (double)step, step, AIM_EPOCH_NONE, NULL);
    }
    uint64_t dropped = 0;
    const char *const names[] = {"acc"};
    EXPECT(AIM_OK, aim_run_rewind, run, 140, names, 1, &dropped);
    CHECK(dropped == 10);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_rewind, run, 140, NULL, 1, NULL);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);

    options.run_id_mode = AIM_OPEN_OR_CREATE;
    options.resume = true;
    options.resume_step = 100;
    run = open_run(&options);
    EXPECT(AIM_OK, aim_run_set_param_int64, run, "seed", 42);
    int64_t seed = 0;
    double number = 0;
    bool flag = false;
    EXPECT(AIM_OK, aim_run_get_param_int64, run, "seed", &seed);
    EXPECT(AIM_OK, aim_run_get_param_double, run, "seed", &number);
    CHECK(seed == 42 && number == 42.0);
    EXPECT(AIM_ERR_TYPE, aim_run_get_param_bool, run, "seed", &flag);
    aim_query *metrics = NULL;
    EXPECT(AIM_OK, aim_repo_open_run, repo, aim_run_hash(run), AIM_QUERY_METRICS, &metrics);
    CHECK(aim_query_len(metrics) == 2);
    for (size_t i = 0; i < aim_query_len(metrics); i++) {
        aim_metric_info info;
        EXPECT(AIM_OK, aim_query_metric_info, metrics, i, &info);
        CHECK(info.count == 100 && info.last_step == 99);
    }
    aim_query_free(metrics);
    check_property(repo, aim_run_hash(run), "run_id", "job-17");
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
}

/* Closing in the background, and waiting for it no longer than one likes. */
static void deadlines(aim_repo *repo)
{
    aim_run_options options = here();
    aim_run *run = open_run(&options);
    EXPECT(AIM_OK, aim_run_track, run, "loss", 1.0, 0, AIM_EPOCH_NONE, NULL);
    EXPECT(AIM_OK, aim_run_wait, run, 60.0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_wait, run, -1.0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_wait, run, NAN);
    EXPECT(AIM_OK, aim_run_track, run, "loss", 2.0, 1, AIM_EPOCH_NONE, NULL);
    EXPECT(AIM_ERR_TIMEOUT, aim_run_wait, run, 0.0);
    EXPECT(AIM_OK, aim_run_start_closing, run, NULL);
    EXPECT(AIM_ERR_CLOSED, aim_run_start_closing, run, NULL);
    EXPECT(AIM_ERR_CLOSED, aim_run_track, run, "loss", 1.0, 2, AIM_EPOCH_NONE, NULL);
    EXPECT(AIM_OK, aim_run_wait, run, 60.0);
    check_property(repo, aim_run_hash(run), "status", "finished");
    aim_run_free(run);
}

/* The environment sets what the program does not. */
static void environment(void)
{
    setenv("AIM_REPO", scratch, 1);
    setenv("AIM_EXPERIMENT", "from outside", 1);
    setenv("AIM_RUN_ID", "job 1", 1);
    setenv("AIM_FLUSH_INTERVAL", "0.2", 1);
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *first = open_run(&options), *second = open_run(&options), *other = NULL;
    CHECK_TEXT(aim_run_hash(second), aim_run_hash(first));
    char *experiment = NULL;
    EXPECT(AIM_OK, aim_run_get_experiment, first, &experiment);
    CHECK_OWNED(experiment, "from outside");
    EXPECT(AIM_OK, aim_run_close, first);
    EXPECT(AIM_OK, aim_run_close, second);
    options.run_id = "job 2";
    options.experiment = "own";
    other = open_run(&options);
    CHECK(strcmp(aim_run_hash(other), aim_run_hash(first)) != 0);
    EXPECT(AIM_OK, aim_run_get_experiment, other, &experiment);
    CHECK_OWNED(experiment, "own");
    EXPECT(AIM_OK, aim_run_close, other);
    aim_run_free(first);
    aim_run_free(second);
    aim_run_free(other);
    setenv("AIM_FLUSH_INTERVAL", "soon", 1);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_run_new, &options, &other);
    unsetenv("AIM_REPO");
    unsetenv("AIM_EXPERIMENT");
    unsetenv("AIM_RUN_ID");
    unsetenv("AIM_FLUSH_INTERVAL");
}

static void check_list(aim_repo *repo, int32_t what, const char *expression, const char *name, uint64_t count)
{
    aim_list *list = NULL;
    uint64_t found = 0;
    EXPECT(AIM_OK, aim_repo_list, repo, what, expression, &list);
    for (size_t i = 0; i < aim_list_len(list); i++)
        if (!strcmp(aim_list_name(list, i), name)) found = aim_list_count(list, i);
    CHECK(found == count);
    CHECK(aim_list_name(list, aim_list_len(list)) == NULL);
    aim_list_free(list);
}

static void editing(aim_repo *repo)
{
    aim_run_options options = here();
    options.experiment = "old";
    options.run_id = "edited";
    aim_run *run = open_run(&options);
    EXPECT(AIM_OK, aim_run_track, run, "loss", 1.0, 0, AIM_EPOCH_NONE, NULL);
    EXPECT(AIM_OK, aim_run_track, run, "junk", 1.0, 0, AIM_EPOCH_NONE, "{\"a\":1}");
    EXPECT(AIM_OK, aim_run_close, run);
    const char *hash = aim_run_hash(run);

    aim_edit *edit = NULL;
    EXPECT(AIM_OK, aim_edit_new, &edit);
    EXPECT(AIM_OK, aim_edit_set_name, edit, "renamed");
    EXPECT(AIM_OK, aim_edit_set_description, edit, "text");
    EXPECT(AIM_OK, aim_edit_set_experiment, edit, "new");
    EXPECT(AIM_OK, aim_edit_add_tag, edit, "good");
    EXPECT(AIM_OK, aim_edit_remove_tag, edit, "bad");
    EXPECT(AIM_OK, aim_edit_set_archived, edit, false);
    EXPECT(AIM_OK, aim_edit_set_param, edit, "/net/depth", "3");
    EXPECT(AIM_OK, aim_edit_delete_param, edit, "gone");
    EXPECT(AIM_OK, aim_edit_add_note, edit, "a note");
    EXPECT(AIM_OK, aim_edit_drop_metric, edit, "junk", "{\"a\": 1}");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_edit_set_name, edit, "");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_edit_set_param, edit, "x", "{");
    EXPECT(AIM_OK, aim_repo_edit_run, repo, hash, edit);
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_edit_run, repo, "ffffffffffffffffffffffff", edit);
    aim_edit_free(edit);
    check_property(repo, hash, "experiment", "new");
    check_property(repo, hash, "status", "finished");
    check_list(repo, AIM_LIST_METRIC_NAMES, "run.experiment == 'new'", "junk", 0);
    check_list(repo, AIM_LIST_METRIC_NAMES, "run.experiment == 'new'", "loss", 1);
    check_list(repo, AIM_LIST_PARAM_KEYS, NULL, "/net/depth", 1);
    check_list(repo, AIM_LIST_CONTEXTS, "run.experiment == 'new'", "{}", 1);

    char *json = NULL;
    EXPECT(AIM_OK, aim_edit_new, &edit);
    EXPECT(AIM_OK, aim_edit_set_note, edit, 1, "a better note");
    EXPECT(AIM_OK, aim_repo_edit_run, repo, hash, edit);
    aim_edit_free(edit);
    EXPECT(AIM_OK, aim_repo_get_notes, repo, hash, &json);
    CHECK(json != NULL && strstr(json, "\"text\":\"a better note\"") && strstr(json, "\"text\":\"a note\""));
    aim_string_free(json);

    uint64_t count = 0, busy = 9;
    EXPECT(AIM_OK, aim_edit_new, &edit);
    EXPECT(AIM_OK, aim_edit_delete_note, edit, 1);
    EXPECT(AIM_OK, aim_edit_add_tag, edit, "bulk");
    EXPECT(AIM_OK, aim_repo_edit_runs, repo, "run.experiment == 'new'", edit, &count);
    CHECK(count == 1);
    EXPECT(AIM_ERR_SYNTAX, aim_repo_edit_runs, repo, "run.", edit, &count);
    aim_edit_free(edit);
    EXPECT(AIM_OK, aim_repo_describe, repo, AIM_TAGS, "bulk", "many", "#00ff00");
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_describe, repo, AIM_TAGS, "bulk", "many", "green");
    EXPECT(AIM_OK, aim_repo_describe, repo, AIM_EXPERIMENTS, "new", "what it is", NULL);
    EXPECT(AIM_OK, aim_repo_rename, repo, AIM_EXPERIMENTS, "new", "newer", &count);
    CHECK(count == 1);
    check_list(repo, AIM_LIST_EXPERIMENTS, NULL, "newer", 1);
    check_list(repo, AIM_LIST_TAGS, NULL, "bulk", 1);
    EXPECT(AIM_OK, aim_repo_delete_tag, repo, "bulk", &count);
    check_list(repo, AIM_LIST_TAGS, NULL, "bulk", 0);
    EXPECT(AIM_OK, aim_repo_delete_runs, repo, "run.experiment == 'newer'", &count, &busy);
    CHECK(count == 1 && busy == 0);
    aim_run_free(run);
}

int main(void)
{
    start();
    aim_run_options options = here();
    aim_run *first = open_run(&options);
    EXPECT(AIM_OK, aim_run_close, first);
    aim_run_free(first);
    /* Before this process has threads and handles that a fork would take away. */
    aim_repo *repo = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    outcomes(repo);
    backfill(repo);
    rewinding(repo);
    editing(repo);
    deadlines(repo);
    environment();
    CHECK_TEXT(aim_status_text(AIM_ERR_EXISTS), "exists already");
    CHECK_TEXT(aim_status_text(-5), "unknown status");
    aim_repo_free(repo);
    return finish();
}
