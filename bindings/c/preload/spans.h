/*
 * What the tools here have in common: a run of the program that they are loaded into, and in it seconds and calls of what
 * it does, by name. What goes wrong is told on stderr, and the program runs on untracked.
 *
 * Everything is to be called with `mutex` held, but for `spans_open` and `now`.
 */
#ifndef AIM_PRELOAD_SPANS_H
#define AIM_PRELOAD_SPANS_H

#include <aim.h>

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUCKETS = 1024, LABEL = 400 };

/* What is measured: a kernel, a region, a memory space, a range. */
struct entry {
    struct entry *next, *listed;
    const char *kind;  /* what its metrics begin with */
    const char *extra; /* tells entries of one kind and name apart; NULL, or lives as long as the process */
    char *name, *context;
    uint64_t nanoseconds, times; /* of spans */
    uint64_t bytes, most;        /* of memory */
};

struct span {
    struct entry *entry;
    uint64_t begun;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct entry *table[BUCKETS], *all;
static aim_run *run;
static const char *tool;
static pid_t owner;
static uint64_t interval = 1000000000, due;
static int64_t step;
static const char *rank; /* of an MPI job */

static uint64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* Whether the call went wrong. */
static int told(const char *what, aim_status status, aim_error **err)
{
    if (status == AIM_OK) return 0;
    fprintf(stderr, "%s: %s: %s\n", tool, what, aim_error_message(*err));
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

static char *context_of(const char *key, const char *name, const char *extra_key, const char *extra)
{
    char *text = NULL;
    size_t size = 0;
    FILE *const out = open_memstream(&text, &size);
    if (!out) return NULL;
    fprintf(out, "{\"%s\":\"", key);
    put_text(out, name);
    fputs("\"", out);
    if (extra) {
        fprintf(out, ",\"%s\":\"", extra_key);
        put_text(out, extra);
        fputs("\"", out);
    }
    if (rank) fprintf(out, ",\"rank\":%s", rank);
    fputs("}", out);
    fclose(out);
    return text;
}

/* The entry of a name, with the context {KEY: NAME, EXTRA_KEY: EXTRA}; NULL without memory. */
static struct entry *entry_of(const char *kind, const char *key, const char *name, const char *extra_key, const char *extra)
{
    uint32_t hash = 2166136261u;
    for (const char *c = kind; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 16777619u;
    struct entry **const bucket = &table[hash % BUCKETS];
    for (struct entry *entry = *bucket; entry; entry = entry->next)
        if (entry->extra == extra && strcmp(entry->kind, kind) == 0 && strcmp(entry->name, name) == 0) return entry;
    struct entry *const entry = calloc(1, sizeof *entry);
    char *const copy = strdup(name), *const context = context_of(key, name, extra_key, extra);
    if (!entry || !copy || !context) {
        free(entry), free(copy), free(context);
        return NULL;
    }
    entry->kind = kind, entry->extra = extra, entry->name = copy, entry->context = context;
    entry->next = *bucket, *bucket = entry;
    entry->listed = all, all = entry;
    return entry;
}

static aim_status point(const struct entry *entry, const char *of, double value, aim_error **err)
{
    char name[64];
    snprintf(name, sizeof name, "%s_%s", entry->kind, of);
    return aim_run_track(run, name, value, step, AIM_EPOCH_NONE, entry->context, err);
}

/* A point of everything. */
static void report(uint64_t time)
{
    aim_error *err = NULL;
    aim_status status = AIM_OK;
    if (getpid() != owner) { /* a child of the program goes untracked */
        run = NULL;
        return;
    }
    for (const struct entry *entry = all; entry && status == AIM_OK; entry = entry->listed) {
        if (entry->most) {
            status = point(entry, "bytes", (double)entry->bytes, &err);
            if (status == AIM_OK) status = point(entry, "peak_bytes", (double)entry->most, &err);
        }
        if (entry->nanoseconds) status = point(entry, "seconds", (double)entry->nanoseconds / 1e9, &err);
        if (entry->times && status == AIM_OK) status = point(entry, "calls", (double)entry->times, &err);
    }
    if (told("tracking ends", status, &err)) run = NULL;
    due = time + interval;
    step++;
}

/* Once more, after so many nanoseconds. */
static void count(struct entry *entry, uint64_t time, uint64_t nanoseconds)
{
    entry->nanoseconds += nanoseconds;
    entry->times++;
    if (run && time >= due) report(time);
}

static void finish(struct span *span)
{
    struct entry *const entry = span->entry;
    const uint64_t time = now();
    span->entry = NULL;
    count(entry, time, time - span->begun);
}

/* Opens the run, which is called as the program. `variable` says how many seconds lie between points. */
static void spans_open(const char *name, const char *variable)
{
    static const char *const ranks[] = {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK", "SLURM_PROCID"};
    const char *const given = getenv(variable);
    const double seconds = given ? strtod(given, NULL) : 1;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_error *err = NULL;
    tool = name;
    owner = getpid();
    if (seconds > 0 && seconds < 1e6) interval = (uint64_t)(seconds * 1e9);
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks && !rank; i++) rank = getenv(ranks[i]);
    if (rank && (!*rank || rank[strspn(rank, "0123456789")])) rank = NULL;
    if (told("no run", aim_run_new(&options, &run, &err), &err)) return;
    told("the name", aim_run_set_name(run, program_invocation_short_name, &err), &err);
    due = now() + interval; /* the run stays open: the library ends it with the process, when it knows the exit code */
}

/* The last point of everything. */
static void spans_end(void)
{
    aim_error *err = NULL;
    pthread_mutex_lock(&mutex);
    if (run) report(now());
    if (run) told("not stored", aim_run_flush(run, &err), &err);
    run = NULL;
    pthread_mutex_unlock(&mutex);
}

#endif
