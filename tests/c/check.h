/* What the C tests share: checks that print TAP, and a scratch directory. Include it first.
 *
 * The tests compile as C99 and as C++11, so they cast what C would convert by itself. */
#ifndef CHECK_H
#define CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <aim.h>

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int check_count, check_failures;
static char scratch[256]; /* an empty directory, removed at the end */

static inline void check_that(int good, const char *file, int line, const char *what)
{
    check_count++;
    check_failures += !good;
    printf("%sok %d - %s:%d %.100s\n", good ? "" : "not ", check_count, file, line, what);
    fflush(stdout);
}

#define CHECK(condition) check_that((condition) ? 1 : 0, __FILE__, __LINE__, #condition)

static inline void check_text(const char *got, const char *want, const char *file, int line, const char *what)
{
    int good = got != NULL && strcmp(got, want) == 0;
    check_that(good, file, line, what);
    if (!good)
        printf("#   got  %.300s\n#   want %.300s\n", got ? got : "NULL", want);
}

#define CHECK_TEXT(got, want) check_text(got, want, __FILE__, __LINE__, #got " is " #want)

/* The same for a text that the caller owns; frees it. */
static inline void check_owned(char *got, const char *want, const char *file, int line, const char *what)
{
    check_text(got, want, file, line, what);
    aim_string_free(got);
}

#define CHECK_OWNED(got, want) check_owned(got, want, __FILE__, __LINE__, #got " is " #want)

/* Every failed call brings an error that repeats the status and says something; a successful one brings none. */
static inline void check_status(aim_status got, aim_status want, aim_error *err, const char *file, int line, const char *what)
{
    int good = got == want;
    if (got == AIM_OK)
        good = good && err == NULL;
    else
        good = good && err != NULL && aim_error_code(err) == got && strlen(aim_error_message(err)) > 3;
    check_that(good, file, line, what);
    if (!good)
        printf("#   status %d, expected %d: %s\n", (int)got, (int)want, err ? aim_error_message(err) : "no error object");
    aim_error_free(err);
}

/* EXPECT(AIM_OK, aim_run_close, run) calls aim_run_close(run, &err). */
#define EXPECT(want, function, ...)                                                                                    \
    do {                                                                                                               \
        aim_error *err_ = NULL;                                                                                        \
        aim_status status_ = function(__VA_ARGS__, &err_);                                                             \
        check_status(status_, want, err_, __FILE__, __LINE__, #function "(" #__VA_ARGS__ ") gives " #want);            \
    } while (0)

static inline void remove_scratch(void)
{
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    if (system(command) != 0)
        printf("# could not remove %s\n", scratch);
}

/* Begins the program: makes the scratch directory. */
static inline void start(void)
{
    const char *parent = getenv("TMPDIR");
    snprintf(scratch, sizeof scratch, "%s/aim-test-XXXXXX", parent ? parent : "/tmp");
    if (mkdtemp(scratch) == NULL) {
        printf("Bail out! cannot make a directory like %s\n", scratch);
        exit(1);
    }
}

/* Ends the program: prints the plan and returns the exit status. */
static inline int finish(void)
{
    remove_scratch();
    printf("1..%d\n", check_count);
    return check_failures > 0;
}

/* How many entries a directory has. */
static inline int entries(const char *directory)
{
    int count = 0;
    DIR *dir = opendir(directory);
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count - 2;
}

/* Threads of this process. */
static inline int process_threads(void)
{
    return entries("/proc/self/task");
}

/* A thread that was joined stays listed for a moment, until the kernel is done with it. */
static inline int settled_threads(int expected)
{
    const struct timespec pause = {0, 1000000};
    for (int i = 0; i < 20000 && process_threads() != expected; i++)
        nanosleep(&pause, NULL);
    return process_threads();
}

/* A run in the scratch directory, new or continued by its hash; ends the program if there is none. */
static inline aim_run *new_run(const char *hash)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    options.run_hash = hash;
    aim_run *run = NULL;
    aim_error *err = NULL;
    if (aim_run_new(&options, &run, &err) != AIM_OK) {
        printf("Bail out! aim_run_new: %s\n", aim_error_message(err));
        exit(1);
    }
    return run;
}

static inline aim_metric *new_metric(aim_run *run, const char *name, const char *context)
{
    aim_metric *metric = NULL;
    EXPECT(AIM_OK, aim_run_metric, run, name, context, &metric);
    return metric;
}

static inline aim_repo *open_repo(void)
{
    aim_repo *repo = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    return repo;
}

static inline aim_query *query(aim_repo *repo, const char *expression, int32_t kind)
{
    aim_query *result = NULL;
    EXPECT(AIM_OK, aim_repo_query, repo, expression, kind, &result);
    return result;
}

#endif
