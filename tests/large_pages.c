/* A host on a kernel with pages of 64 KiB, as arm64 and ppc64 have them: this program takes the place of the system's calls
 * about memory, and like such a kernel refuses addresses and offsets that are no multiples of a page.
 *
 *     large_pages write REPO     tracks 202,000 points, flushes in between, once on a disk that fails once
 *     large_pages die REPO       tracks 5,000 points and is killed
 *     large_pages read REPO      prints how many points there are
 *
 * Exit status: 0 if every call succeeded, and none was refused for its address. */
#define _GNU_SOURCE
#include <aim.h>

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PAGE = 65536 };

static atomic_int refused, asked, failing, failed;

static int is_whole(uintptr_t place)
{
    asked++;
    if (place % PAGE == 0)
        return 1;
    refused++;
    errno = EINVAL;
    return 0;
}

static size_t whole(size_t length)
{
    return (length + PAGE - 1) / PAGE * PAGE;
}

static char *map(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    return (char *)syscall(SYS_mmap, address, length, protection, flags, file, offset);
}

void *mmap(void *address, size_t length, int protection, int flags, int file, off_t offset)
{
    if (!is_whole((uintptr_t)offset) || ((flags & MAP_FIXED) && !is_whole((uintptr_t)address)))
        return MAP_FAILED;
    if (!(flags & MAP_FIXED)) {
        /* A place that begins and ends with a large page. */
        char *room = map(NULL, whole(length) + PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (room == MAP_FAILED)
            return MAP_FAILED;
        char *begin = (char *)whole((uintptr_t)room), *end = begin + whole(length);
        if (begin > room)
            syscall(SYS_munmap, room, begin - room);
        if (end < room + whole(length) + PAGE)
            syscall(SYS_munmap, end, room + whole(length) + PAGE - end);
        address = begin;
    }
    return map(address, length, protection, flags | MAP_FIXED, file, offset);
}

void *mmap64(void *address, size_t length, int protection, int flags, int file, off64_t offset)
{
    return mmap(address, length, protection, flags, file, offset);
}

int munmap(void *address, size_t length)
{
    return is_whole((uintptr_t)address) ? (int)syscall(SYS_munmap, address, whole(length)) : -1;
}

int msync(void *address, size_t length, int flags)
{
    return is_whole((uintptr_t)address) ? (int)syscall(SYS_msync, address, length, flags) : -1;
}

int madvise(void *address, size_t length, int advice)
{
    return is_whole((uintptr_t)address) ? (int)syscall(SYS_madvise, address, length, advice) : -1;
}

int mprotect(void *address, size_t length, int protection)
{
    return is_whole((uintptr_t)address) ? (int)syscall(SYS_mprotect, address, length, protection) : -1;
}

extern long __sysconf(int name);

long sysconf(int name)
{
    return name == _SC_PAGESIZE ? PAGE : __sysconf(name);
}

/* The disk fails once when it is told to. */
int fdatasync(int file)
{
    int expected = 1;
    if (atomic_compare_exchange_strong(&failing, &expected, 0)) {
        failed++;
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, file);
}

static void check(aim_status status, aim_error *err, const char *call)
{
    if (status == AIM_OK)
        return;
    fprintf(stderr, "%s: %d: %s\n", call, (int)status, err ? aim_error_message(err) : "no details");
    exit(1);
}

static void track(aim_metric *metric, int count)
{
    static int step;
    for (int i = 0; i < count; i++, step++)
        check(aim_metric_track(metric, step * 0.1, step, AIM_EPOCH_NONE), NULL, "aim_metric_track");
}

static void write_run(const char *repo, int dies)
{
    aim_repo_options repo_options = AIM_REPO_OPTIONS_INIT;
    repo_options.flush_interval = 3600;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.repo_options = &repo_options;
    aim_error *err = NULL;
    aim_run *run = NULL;
    aim_metric *metric = NULL;
    check(aim_run_new(&options, &run, &err), err, "aim_run_new");
    check(aim_run_metric(run, "loss", NULL, &metric, &err), err, "aim_run_metric");
    if (dies) {
        track(metric, 5000);
        kill(getpid(), SIGKILL);
    }
    track(metric, 200000);
    check(aim_run_flush(run, &err), err, "aim_run_flush");
    track(metric, 1000);
    failing = 1;
    aim_status status = aim_run_flush(run, NULL);
    if (failed != 1 || status == AIM_OK) {
        fprintf(stderr, "the disk did not fail: %d\n", (int)status);
        exit(1);
    }
    track(metric, 1000);
    check(aim_run_flush(run, &err), err, "aim_run_flush once the disk is well");
    aim_metric_free(metric);
    check(aim_run_close(run, &err), err, "aim_run_close");
    aim_run_free(run);
}

static void read_repo(const char *path)
{
    aim_error *err = NULL;
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    check(aim_repo_open(path, NULL, &repo, &err), err, "aim_repo_open");
    check(aim_repo_query(repo, "", AIM_QUERY_METRICS, &query, &err), err, "aim_repo_query");
    size_t points = 0;
    for (size_t i = 0; i < aim_query_len(query); i++) {
        aim_values values;
        check(aim_query_values(query, i, &values, &err), err, "aim_query_values");
        for (size_t k = 0; k < values.len; k++)
            points += values.values[k] == (double)values.steps[k] * 0.1;
    }
    printf("%zu\n", points);
    aim_query_free(query);
    aim_repo_free(repo);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    if (strcmp(argv[1], "read") == 0)
        read_repo(argv[2]);
    else
        write_run(argv[2], strcmp(argv[1], "die") == 0);
    fprintf(stderr, "%d of %d addresses refused\n", (int)refused, (int)asked);
    return refused != 0 || asked == 0;
}
