/* features REPO [PART...] - of the parts that a build of the library may be without, this one has those named and no other:
 * what needs another one is refused with an error that names it, and everything else works. The working directory lies in a
 * repository of git. Says what is not so. */
#include "must.h"

#include <stdbool.h>

/* As Arrow's specification has it. */
struct ArrowArrayStream {
    int (*get_schema)(struct ArrowArrayStream *, void *);
    int (*get_next)(struct ArrowArrayStream *, void *);
    const char *(*get_last_error)(struct ArrowArrayStream *);
    void (*release)(struct ArrowArrayStream *);
    void *private_data;
};

static int failures;

static void hold(bool good, const char *what)
{
    if (!good)
        printf("not so: %s\n", what);
    failures += !good;
}

/* The call succeeded if the part is there, and names it if not. */
static void answered(bool there, aim_status status, aim_error *err, const char *part)
{
    const aim_status want = there ? AIM_OK : AIM_ERR_UNSUPPORTED;
    if (status != want || (!there && strstr(aim_error_message(err), part) == NULL)) {
        printf("%s: status %d: %s\n", part, (int)status, err ? aim_error_message(err) : "no error");
        failures++;
    }
    aim_error_free(err);
}

int main(int argc, char **argv)
{
    static const char *const parts[] = {"arrow", "git", "gpu", "terminal"};
    bool there[4] = {false, false, false, false};
    for (int k = 0; k < 4; k++) {
        for (int i = 2; i < argc; i++)
            there[k] |= strcmp(argv[i], parts[k]) == 0;
        hold(aim_has(parts[k]) == there[k], parts[k]);
    }
    hold(!aim_has(NULL) && !aim_has("") && !aim_has("arro") && !aim_has("arrows"), "there is nothing else");

    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = argv[1];
    options.log_system_params = true;
    options.system_tracking_interval = 0.1;
    aim_run *run = NULL;
    MUST(aim_run_new, &options, &run);
    for (int step = 0; step < 10; step++)
        MUST(aim_run_track, run, "loss", step / 2.0, step, AIM_EPOCH_NONE, "{\"subset\": \"val\"}");
    MUST(aim_run_close, run);
    aim_run_free(run);

    aim_repo *repo = NULL;
    aim_query *query = NULL;
    MUST(aim_repo_open, argv[1], NULL, &repo);
    MUST(aim_repo_query, repo, "metric.name == 'loss' and metric.last == 4.5", AIM_QUERY_METRICS, &query);
    hold(aim_query_len(query) == 1, "one metric is found");
    aim_values values;
    MUST(aim_query_values, query, 0, &values);
    hold(values.len == 10 && values.values[9] == 4.5, "its points are read");
    char *json = NULL;
    MUST(aim_query_run_param, query, 0, "__system_params", &json);
    hold((strstr(json, "\"git_info\"") != NULL) == there[1], "the state of git is recorded if that part is there");
    hold(strstr(json, "\"env_variables\"") != NULL, "the environment is recorded");
    aim_string_free(json);
    aim_query_free(query);

    aim_error *err = NULL;
    struct ArrowArrayStream stream;
    memset(&stream, 0, sizeof stream);
    aim_status status = aim_repo_query_arrow(repo, "True", AIM_QUERY_RUNS, &stream, &err);
    answered(there[0], status, err, "arrow");
    if (status == AIM_OK)
        stream.release(&stream);
    err = NULL;
    status = aim_repo_query_arrow_with(repo, "True", AIM_QUERY_RUNS, NULL, &stream, &err);
    answered(there[0], status, err, "arrow");
    if (status == AIM_OK)
        stream.release(&stream);
    err = NULL;
    status = aim_sequence_track_table(NULL, &stream, NULL, NULL, 0, 0, 0, &err);
    hold(status == (there[0] ? AIM_ERR_INVALID_ARGUMENT : AIM_ERR_UNSUPPORTED), "so are tables of a stream");
    aim_error_free(err);
    aim_repo_free(repo);

    err = NULL;
    options.log_system_params = false;
    options.capture_terminal_logs = true;
    status = aim_run_new(&options, &run, &err);
    answered(there[3], status, err, "terminal");
    if (status == AIM_OK)
        aim_run_free(run);
    return failures != 0;
}
