/* A program that closes all descriptors it does not know, as daemons do, and opens files of its own, which get their
 * numbers. Nothing is lost, and its files stay its own. */
#include "check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { FILES = 40, BYTES = 8192, POINTS = 1000 };

static int files[FILES];

static void close_all(void)
{
    for (int fd = 3; fd < 1024; fd++)
        close(fd);
}

static void open_files(void)
{
    char path[300], bytes[BYTES];
    for (int i = 0; i < FILES; i++) {
        snprintf(path, sizeof path, "%s/file-%d", scratch, i);
        files[i] = open(path, O_RDWR | O_CREAT, 0600);
        /* Some have no name, as temporary files. */
        if (i % 2 == 0)
            unlink(path);
        memset(bytes, 'a' + i % 26, sizeof bytes);
        if (write(files[i], bytes, sizeof bytes) != BYTES)
            _exit(90);
    }
}

/* How many of the program's files are closed, or hold anything else than it wrote. */
static int changed_files(void)
{
    int changed = 0;
    for (int i = 0; i < FILES; i++) {
        char bytes[BYTES];
        struct stat about;
        int good = fstat(files[i], &about) == 0 && about.st_size == BYTES && pread(files[i], bytes, BYTES, 0) == BYTES;
        for (int k = 0; k < BYTES && good; k++)
            good = bytes[k] == 'a' + i % 26;
        changed += !good;
    }
    return changed;
}

static void track(aim_metric *metric, int from)
{
    int failed = 0;
    for (int i = from; i < from + POINTS; i++)
        failed += aim_metric_track(metric, i, i, AIM_EPOCH_NONE) != AIM_OK;
    CHECK(failed == 0);
}

/* The number of points that another process finds, which brings in what dead processes left. */
static int points_elsewhere(const char *self, const char *hash)
{
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        execl(self, self, scratch, hash, (char *)NULL);
        _exit(97);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) * POINTS : -1;
}

/* In that process: how many thousand points there are. */
static int look(const char *path, const char *hash)
{
    snprintf(scratch, sizeof scratch, "%s", path);
    aim_repo *repo = NULL;
    aim_query *q = NULL;
    aim_values v;
    char expression[100];
    snprintf(expression, sizeof expression, "run.hash == '%s'", hash);
    if (aim_repo_open(scratch, NULL, &repo, NULL) != AIM_OK ||
        aim_repo_query(repo, expression, AIM_QUERY_METRICS, &q, NULL) != AIM_OK)
        return 98;
    int thousands = 0;
    if (aim_query_len(q) == 1)
        thousands = aim_query_values(q, 0, &v, NULL) == AIM_OK ? (int)(v.len / POINTS) : 99;
    aim_query_free(q);
    aim_repo_free(repo);
    return thousands;
}

int main(int argc, char **argv)
{
    if (argc == 3)
        return look(argv[1], argv[2]);
    start();
    aim_repo_options slow = AIM_REPO_OPTIONS_INIT;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    slow.flush_interval = 3600;
    options.repo = scratch;
    options.repo_options = &slow;
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    aim_metric *metric = new_metric(run, "loss", NULL);
    track(metric, 0);

    close_all();
    /* The journal is not taken from a process that lives, whatever it closed. */
    CHECK(points_elsewhere(argv[0], aim_run_hash(run)) == 0);
    track(metric, POINTS);
    EXPECT(AIM_OK, aim_run_flush, run);
    CHECK(points_elsewhere(argv[0], aim_run_hash(run)) == 2 * POINTS);

    close_all();
    open_files();
    track(metric, 2 * POINTS);
    CHECK(points_elsewhere(argv[0], aim_run_hash(run)) == 2 * POINTS);
    EXPECT(AIM_OK, aim_run_flush, run);
    EXPECT(AIM_OK, aim_run_set_param, run, "p", "1");
    EXPECT(AIM_OK, aim_run_flush, run);
    CHECK(changed_files() == 0);
    CHECK(points_elsewhere(argv[0], aim_run_hash(run)) == 3 * POINTS);

    /* In the middle of all, and to the end. */
    close_all();
    open_files();
    track(metric, 3 * POINTS);
    EXPECT(AIM_OK, aim_run_close, run);
    CHECK(changed_files() == 0);
    CHECK(points_elsewhere(argv[0], aim_run_hash(run)) == 4 * POINTS);

    /* A journal that is only about to be used. */
    aim_run *late = new_run(NULL);
    close_all();
    open_files();
    aim_metric *other = new_metric(late, "loss", NULL);
    track(other, 0);
    EXPECT(AIM_OK, aim_run_close, late);
    CHECK(changed_files() == 0);
    CHECK(points_elsewhere(argv[0], aim_run_hash(late)) == POINTS);

    /* Closed with everything else: what the library gives back is its own alone. */
    close_all();
    open_files();
    aim_metric_free(other);
    aim_run_free(late);
    aim_metric_free(metric);
    aim_run_free(run);
    CHECK(changed_files() == 0);
    return finish();
}
