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
#include "spans.h"

enum { RUNNING = 256, DEPTH = 64 };

struct space { /* as Kokkos passes it, by value */
    char name[64];
};

static struct span running[RUNNING], regions[DEPTH];
static int depth;

static void begin_kernel(const char *kind, const char *name, uint64_t *id)
{
    *id = RUNNING;
    pthread_mutex_lock(&mutex);
    for (uint64_t i = 0; run && i < RUNNING && *id == RUNNING; i++)
        if (!running[i].entry && (running[i].entry = entry_of("kernel", "kernel", name, "type", kind))) *id = i;
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
    aim_error *err = NULL;
    (void)order, (void)about;
    spans_open("libaim_kokkos", "AIM_KOKKOS_INTERVAL");
    if (!run) return;
    told("the param", aim_run_set_param_int64(run, "/kokkos/tools_version", (int64_t)version, &err), &err);
    told("the param", aim_run_set_param_int64(run, "/kokkos/devices", devices, &err), &err);
}

void kokkosp_finalize_library(void);
void kokkosp_finalize_library(void) { spans_end(); }

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
    pthread_mutex_lock(&mutex);
    if (depth < DEPTH) {
        regions[depth].entry = run ? entry_of("region", "region", name, NULL, NULL) : NULL;
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
    pthread_mutex_lock(&mutex);
    struct entry *const entry = run ? entry_of("memory", "space", name, NULL, NULL) : NULL;
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
