/* Log callbacks use the library and take locks of the program, whoever holds them; files may not grow (ulimit -f), and
 * nothing ends the process. */
#include "check.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/stat.h>

static pthread_mutex_t programs_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile int messages, failures;
static aim_run *logged;

/* Whatever a program may want to do with a message. */
static void on_message(int32_t level, const char *message, void *userdata)
{
    aim_repo *repo = NULL;
    aim_repo_stats stats = AIM_REPO_STATS_INIT;
    (void)level;
    pthread_mutex_lock(&programs_lock);
    messages++;
    failures += message == NULL || userdata != &messages;
    failures += aim_repo_open(scratch, NULL, &repo, NULL) != AIM_OK;
    failures += aim_repo_get_stats(repo, &stats, NULL) != AIM_OK;
    aim_repo_free(repo);
    if (logged != NULL)
        failures += aim_run_track(logged, "messages", messages, AIM_STEP_AUTO, AIM_EPOCH_NONE, NULL, NULL) != AIM_OK;
    pthread_mutex_unlock(&programs_lock);
}

/* What the callback counted, once it has had the time. */
static int messages_seen(int least)
{
    for (int i = 0; i < 10000; i++) {
        pthread_mutex_lock(&programs_lock);
        int seen = messages;
        pthread_mutex_unlock(&programs_lock);
        if (seen >= least)
            return seen;
        usleep(1000);
    }
    return messages;
}

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static off_t data_size(void)
{
    char path[400];
    struct stat about;
    snprintf(path, sizeof path, "%s/.aim/lmdb/data.mdb", scratch);
    return stat(path, &about) == 0 ? about.st_size : 0;
}

enum { BLOB = 1 << 20 };

int main(void)
{
    /* What is printed under the limit may go into a file. */
    FILE *out = popen("cat", "w");
    if (out == NULL || dup2(fileno(out), 1) != 1)
        return 1;
    start();
    aim_set_log_callback(AIM_LOG_DEBUG, on_message, (void *)&messages);
    logged = new_run(NULL);
    EXPECT(AIM_OK, aim_run_track, logged, "loss", 1.0, 0, 0, NULL);
    EXPECT(AIM_OK, aim_run_flush, logged);

    /* The program holds its lock in calls whose messages want it. */
    char *text = (char *)malloc(BLOB + 3);
    memset(text, 'x', BLOB + 2);
    text[0] = text[BLOB + 1] = '"';
    text[BLOB + 2] = '\0';
    limit_files((rlim_t)data_size());
    pthread_mutex_lock(&programs_lock);
    int before = messages;
    aim_error *err = NULL;
    aim_status status = AIM_OK;
    for (int i = 0; i < 40 && status == AIM_OK; i++) {
        char path[20];
        snprintf(path, sizeof path, "/big/%d", i);
        status = aim_run_set_param(logged, path, text, NULL);
        if (status == AIM_OK)
            status = aim_run_flush(logged, &err);
    }
    pthread_mutex_unlock(&programs_lock);
    CHECK(status == AIM_ERR_FULL);
    aim_error_free(err);
    CHECK(messages_seen(before + 1) > before);

    /* Wherever the limit cuts a write off, it says what is wrong, and all is stored when it is gone. */
    int cut = 0;
    for (int i = 0; i < 60; i++) {
        limit_files((rlim_t)(data_size() / 60 * i + i * 7));
        text[1] = (char)('a' + i % 26);
        CHECK(aim_run_set_param(logged, "/cut", text, NULL) == AIM_OK);
        status = aim_run_flush(logged, NULL);
        CHECK(status == AIM_ERR_FULL || status == AIM_OK); /* free pages may lie below the limit */
        cut += status == AIM_ERR_FULL;
        limit_files(RLIM_INFINITY);
        EXPECT(AIM_OK, aim_run_flush, logged);
    }
    CHECK(cut > 10);

    /* Reading goes on, in this process and in a repository that is opened under the limit. */
    limit_files(0);
    aim_repo *repo = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    aim_query *q = NULL;
    status = aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &q, NULL);
    CHECK(status == AIM_OK && aim_query_len(q) == 1);
    aim_query_free(q);
    aim_run *refused = NULL;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    CHECK(aim_run_new(&options, &refused, NULL) != AIM_OK);
    char other[300];
    snprintf(other, sizeof other, "%s/other", scratch);
    options.repo = other;
    CHECK(aim_run_new(&options, &refused, NULL) != AIM_OK);

    /* With room again all is stored. */
    limit_files(RLIM_INFINITY);
    EXPECT(AIM_OK, aim_run_flush, logged);
    aim_repo_free(repo);
    aim_run *run = logged;
    pthread_mutex_lock(&programs_lock);
    logged = NULL;
    pthread_mutex_unlock(&programs_lock);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    aim_set_log_callback(AIM_LOG_ERROR, NULL, NULL);
    pthread_mutex_lock(&programs_lock);
    CHECK(messages > 0 && failures == 0);
    pthread_mutex_unlock(&programs_lock);
    free(text);
    int result = finish();
    fflush(stdout);
    close(1);
    pclose(out);
    return result;
}
