/* Forks, kills and log messages. */
#include "check.h"

#include <signal.h>
#include <sys/wait.h>

static int logged, too_quiet;

static void on_message(int32_t level, const char *message, void *userdata)
{
    int32_t least = *(const int32_t *)userdata;
    logged++;
    too_quiet += level < least || message == NULL || strlen(message) < 4;
}

static int exit_status(pid_t child)
{
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child)
        return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* Ends a forked child. By exec: what it inherited stays allocated on purpose, and valgrind would call that a leak. */
static void leave(int status)
{
    char command[32];
    snprintf(command, sizeof command, "exit %d", status);
    execl("/bin/sh", "sh", "-c", command, (char *)NULL);
    _exit(127);
}

/* In a forked child every handle answers AIM_ERR_FORKED, and freeing them does no harm. */
static int use_in_child(aim_run *run, aim_metric *metric, aim_repo *repo)
{
    aim_query *q = NULL;
    char *json = NULL;
    int wrong = 0;
    wrong += aim_metric_track(metric, 9.0, AIM_STEP_AUTO, AIM_EPOCH_NONE) != AIM_ERR_FORKED;
    wrong += aim_run_track(run, "loss", 9.0, 0, 0, NULL, NULL) != AIM_ERR_FORKED;
    wrong += aim_run_set_param(run, "forked", "true", NULL) != AIM_ERR_FORKED;
    wrong += aim_run_get_param(run, "forked", &json, NULL) != AIM_ERR_FORKED;
    wrong += aim_run_flush(run, NULL) != AIM_ERR_FORKED;
    wrong += aim_run_close(run, NULL) != AIM_ERR_FORKED;
    wrong += aim_repo_query(repo, "True", AIM_QUERY_RUNS, &q, NULL) != AIM_ERR_FORKED;
    aim_metric_free(metric);
    aim_run_free(run);
    aim_repo_free(repo);
    return wrong;
}

static void forks(void)
{
    aim_run *run = new_run(NULL);
    aim_metric *metric = new_metric(run, "forked", NULL);
    aim_repo *repo = open_repo();
    CHECK(aim_metric_track(metric, 1.0, AIM_STEP_AUTO, AIM_EPOCH_NONE) == AIM_OK);
    pid_t child = fork();
    if (child == 0)
        leave(use_in_child(run, metric, repo));
    CHECK(exit_status(child) == 0);

    /* The parent goes on as if nothing had happened. */
    CHECK(aim_metric_track(metric, 2.0, AIM_STEP_AUTO, AIM_EPOCH_NONE) == AIM_OK);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_query *q = query(repo, "metric.name == 'forked'", AIM_QUERY_METRICS);
    aim_values v;
    memset(&v, 0, sizeof v);
    EXPECT(AIM_OK, aim_query_values, q, 0, &v);
    CHECK(v.len == 2 && v.values[0] == 1.0 && v.values[1] == 2.0);
    aim_query_free(q);
    aim_metric_free(metric);
    aim_run_free(run);
    aim_repo_free(repo);
}

/* A writer that is killed loses nothing that a call accepted. */
static void kills(void)
{
    enum { POINTS = 2500 };
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        aim_run_options options = AIM_RUN_OPTIONS_INIT;
        options.repo = scratch;
        options.experiment = "killed";
        aim_run *run = NULL;
        if (aim_run_new(&options, &run, NULL) != AIM_OK)
            _exit(1);
        for (int i = 0; i < POINTS; i++)
            if (aim_run_track(run, "killed", i, i, 0, NULL, NULL) != AIM_OK)
                _exit(2);
        if (aim_run_set_param(run, "last", "\"words\"", NULL) != AIM_OK)
            _exit(3);
        raise(SIGKILL);
    }
    CHECK(exit_status(child) == 128 + SIGKILL);

    int32_t least = AIM_LOG_INFO;
    aim_set_log_callback(least, on_message, &least);
    aim_repo *repo = open_repo();
    CHECK(logged > 0); /* recovering another process's journal is worth a message */
    CHECK(too_quiet == 0);
    aim_set_log_callback(least, NULL, NULL);

    aim_query *q = query(repo, "metric.name == 'killed' and run.last == 'words'", AIM_QUERY_METRICS);
    CHECK(aim_query_len(q) == 1);
    aim_values v;
    memset(&v, 0, sizeof v);
    EXPECT(AIM_OK, aim_query_values, q, 0, &v);
    CHECK(v.len == POINTS && v.values[POINTS - 1] == POINTS - 1);
    char *properties = NULL;
    EXPECT(AIM_OK, aim_query_run_properties, q, 0, &properties);
    CHECK(properties != NULL && strstr(properties, "crashed") != NULL);
    aim_string_free(properties);
    char hash[64];
    snprintf(hash, sizeof hash, "%s", aim_query_run_hash(q, 0));
    aim_query_free(q);
    aim_repo_free(repo);

    /* It can be continued. */
    aim_run *run = new_run(hash);
    EXPECT(AIM_OK, aim_run_track, run, "killed", 1.0, AIM_STEP_AUTO, 0, NULL);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
}

/* Silent by default: nothing on the standard streams even when things fail. */
static void silence(void)
{
    char path[300];
    snprintf(path, sizeof path, "%s/streams", scratch);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        if (freopen(path, "w", stdout) == NULL || freopen(path, "w", stderr) == NULL)
            leave(1);
        aim_run *run = NULL;
        aim_run_options options = AIM_RUN_OPTIONS_INIT;
        options.repo = "/proc/nowhere";
        if (aim_run_new(&options, &run, NULL) == AIM_OK)
            leave(2);
        leave(fflush(NULL));
    }
    CHECK(exit_status(child) == 0);
    FILE *streams = fopen(path, "r");
    CHECK(streams != NULL && fgetc(streams) == EOF);
    if (streams != NULL)
        fclose(streams);
}

int main(void)
{
    start();
    forks();
    kills();
    silence();
    return finish();
}
