/*
 * libaim_kokkos.so: a tool of Kokkos that tracks a program that was never changed.
 *
 *     cc -std=gnu11 -O2 -shared -fPIC kokkos.c -o libaim_kokkos.so -laim -pthread
 *     KOKKOS_TOOLS_LIBS=$PWD/libaim_kokkos.so ./program      (before Kokkos 4: KOKKOS_PROFILE_LIBRARY)
 *
 * It tracks seconds and calls of each kernel, seconds of each region, and the bytes that each memory space holds. What goes
 * wrong is told on stderr, and the program runs on untracked.
 */
#define _GNU_SOURCE
#include <aim.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { BUCKETS = 1024, RUNNING = 256, DEPTH = 64, LABEL = 400 };

/* A kernel, a region or a memory space. */
struct entry {
    struct entry *next, *listed;
    const char *kind;
    char *name;
    uint64_t nanoseconds, times, bytes, most;
    char *context; /* as JSON */
};

struct span {
    struct entry *entry;
    uint64_t begun;
};

struct space { /* as Kokkos passes it, by value */
    char name[64];
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct entry *table[BUCKETS], *all;
static struct span running[RUNNING], regions[DEPTH];
static int depth;
static aim_run *run;
static uint64_t interval = 1000000000, due;
static int64_t step;
static const char *rank; /* of an MPI job */

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Whether the call went wrong, which ends tracking. */
static int told(const char *what, aim_status status, aim_error **err)
{
    if (status == AIM_OK) return 0;
    fprintf(stderr, "libaim_kokkos: %s: %s\n", what, aim_error_message(*err));
    aim_error_free(*err);
    *err = NULL;
    return 1;
}

/* Text inside a JSON string; names of templates are cut. */
static void put_text(FILE *out, const char *text)
{
    size_t written = 0;
    for (; *text && (written < LABEL || ((unsigned char)*text & 0xC0) == 0x80); text++, written++) {
        if ((unsigned char)*text < 0x20) fprintf(out, "\\u%04x", (unsigned char)*text);
        else if (*text == '"' || *text == '\\') fprintf(out, "\\%c", *text);
        else fputc(*text, out);
    }
}

static char *context_of(const char *kind, const char *name)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    if (!out) return NULL;
    const char *const key = strncmp(kind, "parallel_", 9) == 0 ? "kernel" : kind;
    fprintf(out, "{\"%s\":\"", key);
    put_text(out, name);
    fputs("\"", out);
    if (key != kind) fprintf(out, ",\"type\":\"%s\"", kind);
    if (rank) fprintf(out, ",\"rank\":%s", rank);
    fputs("}", out);
    fclose(out);
    return text;
}

/* The entry of a name; NULL without memory. `kind` is a literal. */
static struct entry *entry_of(const char *kind, const char *name)
{
    uint32_t hash = 2166136261u;
    for (const char *c = kind; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    struct entry **const bucket = &table[hash % BUCKETS];
    for (struct entry *entry = *bucket; entry; entry = entry->next)
        if (entry->kind == kind && strcmp(entry->name, name) == 0) return entry;
    struct entry *const entry = calloc(1, sizeof *entry);
    char *const copy = strdup(name), *const context = context_of(kind, name);
    if (!entry || !copy || !context) {
        free(entry), free(copy), free(context);
        return NULL;
    }
    entry->kind = kind, entry->name = copy, entry->context = context;
    entry->next = *bucket, *bucket = entry;
    entry->listed = all, all = entry;
    return entry;
}

static aim_status point(const struct entry *entry, const char *name, double value, aim_error **err)
{
    return aim_run_track(run, name, value, step, AIM_EPOCH_NONE, entry->context, err);
}

static void report(uint64_t time)
{
    aim_error *err = NULL;
    aim_status status = AIM_OK;
    for (const struct entry *entry = all; entry && status == AIM_OK; entry = entry->listed) {
        if (strcmp(entry->kind, "space") == 0) {
            status = point(entry, "memory_bytes", (double)entry->bytes, &err);
            if (status == AIM_OK) status = point(entry, "memory_peak_bytes", (double)entry->most, &err);
        } else {
            const int region = strcmp(entry->kind, "region") == 0;
            status = point(entry, region ? "region_seconds" : "kernel_seconds", (double)entry->nanoseconds / 1e9, &err);
            if (status == AIM_OK)
                status = point(entry, region ? "region_calls" : "kernel_calls", (double)entry->times, &err);
        }
    }
    if (told("tracking ends", status, &err)) run = NULL;
    due = time + interval;
    step++;
}

static void finish(struct span *span)
{
    const uint64_t time = now();
    span->entry->nanoseconds += time - span->begun;
    span->entry->times++;
    span->entry = NULL;
    if (run && time >= due) report(time);
}

static void begin_kernel(const char *kind, const char *name, uint64_t *id)
{
    *id = RUNNING;
    pthread_mutex_lock(&mutex);
    for (uint64_t i = 0; run && i < RUNNING && *id == RUNNING; i++)
        if (!running[i].entry && (running[i].entry = entry_of(kind, name))) *id = i;
    pthread_mutex_unlock(&mutex);
    if (*id < RUNNING) running[*id].begun = now();
}

static void end_kernel(uint64_t id)
{
    pthread_mutex_lock(&mutex);
    if (id < RUNNING && running[id].entry) finish(&running[id]);
    pthread_mutex_unlock(&mutex);
}

/* ---- What Kokkos calls ---- */

void kokkosp_init_library(int order, uint64_t version, uint32_t devices, void *about);
void kokkosp_init_library(int order, uint64_t version, uint32_t devices, void *about)
{
    (void)order, (void)about;
    static const char *const ranks[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"};
    const char *const given = getenv("AIM_KOKKOS_INTERVAL");
    const double seconds = given ? strtod(given, NULL) : 1;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_error *err = NULL;
    if (seconds > 0 && seconds < 1e6) interval = (uint64_t)(seconds * 1e9);
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks && !rank; i++) rank = getenv(ranks[i]);
    if (rank && (!*rank || rank[strspn(rank, "0123456789")])) rank = NULL;
    if (told("no run", aim_run_new(&options, &run, &err), &err)) return;
    told("the name", aim_run_set_name(run, program_invocation_short_name, &err), &err);
    told("the param", aim_run_set_param_int64(run, "/kokkos/tools_version", (int64_t)version, &err), &err);
    told("the param", aim_run_set_param_int64(run, "/kokkos/devices", devices, &err), &err);
    due = now() + interval; /* the run stays open: the library ends it with the process, when it knows the exit code */
}

void kokkosp_finalize_library(void);
void kokkosp_finalize_library(void)
{
    aim_error *err = NULL;
    pthread_mutex_lock(&mutex);
    if (run) report(now());
    if (run) told("not stored", aim_run_flush(run, &err), &err);
    run = NULL;
    pthread_mutex_unlock(&mutex);
}

#define KERNEL(kind)                                                                      \
    void kokkosp_begin_##kind(const char *name, uint32_t device, uint64_t *id);           \
    void kokkosp_begin_##kind(const char *name, uint32_t device, uint64_t *id)            \
    {                                                                                     \
        static const char kind_name[] = #kind;                                            \
        (void)device;                                                                     \
        begin_kernel(kind_name, name, id);                                                \
    }                                                                                     \
    void kokkosp_end_##kind(uint64_t id);                                                 \
    void kokkosp_end_##kind(uint64_t id) { end_kernel(id); }

KERNEL(parallel_for)
KERNEL(parallel_reduce)
KERNEL(parallel_scan)

void kokkosp_push_profile_region(const char *name);
void kokkosp_push_profile_region(const char *name)
{
    static const char kind[] = "region";
    pthread_mutex_lock(&mutex);
    if (depth < DEPTH) {
        regions[depth].entry = run ? entry_of(kind, name) : NULL;
        regions[depth].begun = now();
    }
    depth++;
    pthread_mutex_unlock(&mutex);
}

void kokkosp_pop_profile_region(void);
void kokkosp_pop_profile_region(void)
{
    pthread_mutex_lock(&mutex);
    if (depth > 0 && --depth < DEPTH && regions[depth].entry) finish(&regions[depth]);
    pthread_mutex_unlock(&mutex);
}

static void hold(const char *name, uint64_t more, uint64_t less)
{
    static const char kind[] = "space";
    pthread_mutex_lock(&mutex);
    struct entry *const entry = run ? entry_of(kind, name) : NULL;
    if (entry) {
        entry->bytes += more;
        entry->bytes -= less < entry->bytes ? less : entry->bytes;
        if (entry->bytes > entry->most) entry->most = entry->bytes;
    }
    pthread_mutex_unlock(&mutex);
}

void kokkosp_allocate_data(struct space space, const char *label, const void *data, uint64_t size);
void kokkosp_allocate_data(struct space space, const char *label, const void *data, uint64_t size)
{
    (void)label, (void)data;
    space.name[sizeof space.name - 1] = 0;
    hold(space.name, size, 0);
}

void kokkosp_deallocate_data(struct space space, const char *label, const void *data, uint64_t size);
void kokkosp_deallocate_data(struct space space, const char *label, const void *data, uint64_t size)
{
    (void)label, (void)data;
    space.name[sizeof space.name - 1] = 0;
    hold(space.name, 0, size);
}
