/* What hosts do to the process that they share with the library. */
#ifndef MANNERS_H
#define MANNERS_H

#include "book.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char **manners;

static inline void take_manners(char **given)
{
    manners = given;
}

/* Whether one of the manners begins so. */
static inline int has(const char *manner)
{
    for (char **each = manners; *each; each++)
        if (strncmp(*each, manner, strlen(manner)) == 0)
            return 1;
    return 0;
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    _exit(99);
}

/* A flush that has to succeed, but where somebody is stopped who has the turn to write; whether it did. */
static int flush(const aim_run *run, const char *when)
{
    aim_error *err = NULL;
    aim_status status = aim_run_flush(run, &err);
    if (status != AIM_OK && !(status == AIM_ERR_BUSY && has("stopped"))) {
        fprintf(stderr, "a flush %s: %d: %s\n", when, (int)status, aim_error_message(err));
        _exit(99);
    }
    aim_error_free(err);
    return status == AIM_OK;
}

/* ---- Files that may not grow ---- */

static void limit_files(rlim_t size)
{
    struct rlimit limit;
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size < limit.rlim_max ? size : limit.rlim_max;
    setrlimit(RLIMIT_FSIZE, &limit);
}

static void limit_or_not(const char *repo, const aim_run *run, uint64_t chance)
{
    static int limited;
    char path[4200];
    struct stat about;
    snprintf(path, sizeof path, "%s/.aim/lmdb/data.mdb", repo);
    if (limited) {
        limit_files(RLIM_INFINITY);
        flush(run, "where files may grow again");
    } else if (stat(path, &about) == 0) {
        limit_files(chance % 4 == 0 ? 0 : (rlim_t)about.st_size + chance % 65536);
    }
    limited = !limited;
}

/* ---- Descriptors closed behind its back, their numbers used again ---- */

enum { FILES = 12, BYTES = 4096 };

/* Whether every other thread of the process sleeps. */
static int others_sleep(void)
{
    char path[300], line[200];
    int asleep = 1;
    DIR *threads = opendir("/proc/self/task");
    for (struct dirent *each; threads && (each = readdir(threads)) != NULL;) {
        if (each->d_name[0] == '.' || atoi(each->d_name) == getpid())
            continue;
        snprintf(path, sizeof path, "/proc/self/task/%s/stat", each->d_name);
        FILE *file = fopen(path, "r");
        const char *state = file && fgets(line, sizeof line, file) ? strrchr(line, ')') : NULL;
        asleep = asleep && (state == NULL || state[2] == 'S');
        if (file)
            fclose(file);
    }
    if (threads)
        closedir(threads);
    return asleep;
}

/* Waits until nothing of the library is at work, however busy the machine is. */
static void wait_until_still(void)
{
    for (int still = 0; still < 5; usleep(4000))
        still = others_sleep() ? still + 1 : 0;
}

static void close_descriptors(const aim_run *run)
{
    static int files[FILES];
    static unsigned round;
    char bytes[BYTES], found[BYTES];
    /* Nothing of the library is at work: there is no moment in which it could be told. */
    if (!flush(run, "before descriptors are closed"))
        return;
    wait_until_still();
    for (int i = 0; i < FILES && round > 0; i++) {
        memset(bytes, (int)('a' + (round + (unsigned)i) % 26), sizeof bytes);
        struct stat about;
        if (fstat(files[i], &about) != 0 || about.st_size != BYTES || pread(files[i], found, BYTES, 0) != BYTES ||
            memcmp(bytes, found, BYTES) != 0)
            fail("a file of the program was written to or closed");
    }
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
    round++;
    for (int i = 0; i < FILES; i++) {
        char name[] = "/tmp/aim-host-XXXXXX";
        files[i] = mkstemp(name);
        unlink(name);
        memset(bytes, (int)('a' + (round + (unsigned)i) % 26), sizeof bytes);
        if (files[i] < 0 || write(files[i], bytes, BYTES) != BYTES)
            fail("no file of the program's own");
    }
}

/* ---- Threads that are cancelled in a call ---- */

static void *call_on(void *argument)
{
    for (int i = 0;; i++) {
        aim_run *own = NULL;
        aim_repo *repo = NULL;
        aim_query *query = NULL;
        aim_run_options options = AIM_RUN_OPTIONS_INIT;
        options.repo = argument;
        options.experiment = "victims";
        /* What a call gave is given back before the thread may end. */
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
        aim_status status = aim_run_new(&options, &own, NULL);
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
        if (status == AIM_OK) {
            pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
            aim_run_track(own, "loss", 0.5, i, AIM_EPOCH_NONE, NULL, NULL);
            aim_run_set_param(own, "p", "1.5", NULL);
            aim_run_flush(own, NULL);
            status = aim_repo_open(argument, NULL, &repo, NULL);
            pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
            if (status == AIM_OK && aim_repo_query(repo, "run.p > 2", AIM_QUERY_RUNS, &query, NULL) == AIM_OK)
                aim_query_free(query);
            aim_repo_free(repo);
            aim_run_close(own, NULL);
            aim_run_free(own);
        }
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
        pthread_testcancel();
    }
    return NULL;
}

/* A thread that takes no signals. */
static pthread_t thread(void *(*work)(void *), void *argument)
{
    sigset_t all, before;
    pthread_t made;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    if (pthread_create(&made, NULL, work, argument) != 0)
        fail("no thread");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return made;
}

static void cancel_one(const char *repo, uint64_t chance)
{
    void *result = NULL;
    pthread_t made = thread(call_on, (void *)repo);
    usleep((useconds_t)(chance % 20000));
    pthread_cancel(made);
    pthread_join(made, &result);
    if (result != PTHREAD_CANCELED)
        fail("a thread did not end where it was cancelled");
}

/* ---- A child that inherits the handles ---- */

static void fork_one(aim_run *run, aim_metric *metric, uint64_t chance)
{
    pid_t child = fork();
    if (child == 0) {
        if (aim_metric_track(metric, 1, 1, AIM_EPOCH_NONE) != AIM_ERR_FORKED || aim_run_flush(run, NULL) != AIM_ERR_FORKED)
            _exit(98);
        aim_run_free(run);
        chance % 2 == 0 ? _exit(0) : exit(0);
    }
    int status = -1;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    if (status != 0)
        fail("a forked child could use the handles of its parent, or did not end");
}

/* ---- Memory that is not there ---- */

static void take_memory_away(const aim_run *run)
{
    enum { LARGE = 48 << 20, SPARE = 24 << 20 };
    static uint8_t *bytes;
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!bytes)
        bytes = calloc(1, LARGE);
    if (!file || fscanf(file, "%zu", &pages) != 1 || !bytes)
        fail("how much memory there is cannot be asked");
    fclose(file);
    struct rlimit before, little;
    getrlimit(RLIMIT_AS, &before);
    little.rlim_max = before.rlim_max;
    little.rlim_cur = pages * 4096 + SPARE;
    setrlimit(RLIMIT_AS, &little);
    aim_status status = aim_run_set_param_bytes(run, "large", bytes, LARGE, NULL);
    setrlimit(RLIMIT_AS, &before);
    if (status != AIM_ERR_LIMIT)
        fail("what there is no memory for was not refused");
}

/* ---- A log callback that uses the library, and a lock that the program holds in calls ---- */

static pthread_mutex_t programs_lock = PTHREAD_MUTEX_INITIALIZER;

static void on_message(int32_t level, const char *message, void *userdata)
{
    aim_repo *repo = NULL;
    aim_repo_stats stats = AIM_REPO_STATS_INIT;
    (void)level, (void)message;
    pthread_mutex_lock(&programs_lock);
    if (aim_repo_open(userdata, NULL, &repo, NULL) == AIM_OK)
        aim_repo_get_stats(repo, &stats, NULL);
    aim_repo_free(repo);
    pthread_mutex_unlock(&programs_lock);
}

static void flush_locked(const aim_run *run)
{
    pthread_mutex_lock(&programs_lock);
    flush(run, "with a lock that callbacks want");
    pthread_mutex_unlock(&programs_lock);
}

/* ---- Another thread that tracks ---- */

static volatile int beside_ends;

static void *track_beside(void *metric)
{
    struct count *count = &book->metrics[BESIDE];
    while (!beside_ends) {
        uint64_t i = count->done;
        count->begun = i + 1;
        if (aim_metric_track(metric, value(BESIDE, (int64_t)i), (int64_t)i, AIM_EPOCH_NONE) == AIM_OK)
            count->done = i + 1;
        if (i % 512 == 0)
            usleep(1000);
    }
    return NULL;
}

static pthread_t crowd;

/* ---- All together ---- */

static void prepare(const char *repo, const aim_run *run, aim_metric *beside)
{
    (void)run;
    if (has("logs"))
        aim_set_log_callback(AIM_LOG_DEBUG, on_message, (void *)repo);
    if (has("crowd"))
        crowd = thread(track_beside, beside);
}

/* Now and then. */
static void misbehave(const char *repo, aim_run *run, aim_metric *metric, uint64_t chance)
{
    if (has("small"))
        limit_or_not(repo, run, chance);
    if (has("closes"))
        close_descriptors(run);
    if (has("cancels"))
        cancel_one(repo, chance);
    if (has("forks"))
        fork_one(run, metric, chance);
    if (has("lean"))
        take_memory_away(run);
    if (has("logs"))
        flush_locked(run);
}

/* Before the end. */
static void settle(void)
{
    limit_files(RLIM_INFINITY);
    beside_ends = 1;
    if (has("crowd"))
        pthread_join(crowd, NULL);
}

#endif
