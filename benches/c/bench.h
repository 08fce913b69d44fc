/* What the benchmark programs share: clocks, the floor, statistics, temporary repositories. */
#ifndef BENCH_H
#define BENCH_H

#define _GNU_SOURCE
#include <aim.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#if defined(__x86_64__)
#include <x86intrin.h>
#endif

static inline double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* The cheapest clock that gives a point its time: the counter that the library itself reads. */
static inline uint64_t ticks(void) {
#if defined(__x86_64__)
    return __rdtsc();
#elif defined(__aarch64__)
    uint64_t t;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(t));
    return t;
#else
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
#endif
}

/* Processor time of this process, also on a machine that others use. */
static inline double processor_seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static inline void check(aim_status status, aim_error *err, const char *what) {
    if (status != AIM_OK) {
        fprintf(stderr, "%s: %d %s\n", what, (int)status, aim_error_message(err));
        exit(1);
    }
}
#define CHECK(call) check((call), err, #call)

static inline void require(int ok, const char *what) {
    if (!ok) {
        perror(what);
        exit(1);
    }
}

/* The floor of tracking a point: a clock read and a 48-byte store into pre-faulted mapped memory of a file. */
enum { FLOOR_SLOTS = 131072, FLOOR_WORDS = 6 };
struct floor_ring {
    uint64_t *words;
    size_t next;
};

static inline struct floor_ring floor_open(const char *directory) {
    char path[4096];
    snprintf(path, sizeof path, "%s/floor", directory);
    size_t size = (size_t)FLOOR_SLOTS * FLOOR_WORDS * 8;
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    require(fd >= 0 && posix_fallocate(fd, 0, (off_t)size) == 0, path);
    void *map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, 0);
    require(map != MAP_FAILED, path);
    memset(map, 1, size);
    close(fd);
    struct floor_ring ring = {map, 0};
    return ring;
}

static inline __attribute__((always_inline)) void floor_store(struct floor_ring *ring, uint32_t series, double value,
                                                              int64_t step) {
    uint64_t *slot = ring->words + ring->next * FLOOR_WORDS;
    uint64_t bits;
    memcpy(&bits, &value, 8);
    slot[1] = series;
    slot[2] = (uint64_t)step;
    slot[3] = bits;
    slot[4] = 0;
    slot[5] = ticks();
    __atomic_store_n(slot, ring->next, __ATOMIC_RELEASE);
    ring->next = ring->next + 1 == FLOOR_SLOTS ? 0 : ring->next + 1;
}

static inline int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static inline double median(double *values, size_t n) {
    qsort(values, n, sizeof *values, by_value);
    return values[n / 2];
}

static inline aim_run *open_run(const char *directory, const aim_repo_options *repo_options) {
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_error *err = NULL;
    aim_run *run = NULL;
    options.repo = directory;
    options.repo_options = repo_options;
    CHECK(aim_run_new(&options, &run, &err));
    return run;
}

static inline void close_run(aim_run *run) {
    aim_error *err = NULL;
    CHECK(aim_run_close(run, &err));
    aim_run_free(run);
}

static inline aim_metric *open_metric(aim_run *run, const char *name, const char *context) {
    aim_error *err = NULL;
    aim_metric *metric = NULL;
    CHECK(aim_run_metric(run, name, context, &metric, &err));
    return metric;
}

/* An empty directory for the program; the caller of the benchmarks removes it. */
static inline const char *fresh(const char *root, const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/%s-XXXXXX", root, name);
    require(mkdtemp(path) != NULL, path);
    return path;
}

#endif
