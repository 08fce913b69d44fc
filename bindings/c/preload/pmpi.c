/*
 * libaim_pmpi.so: tracks an MPI program that was never changed.
 *
 *     mpicc -std=gnu11 -O2 -shared -fPIC pmpi.c -o libaim_pmpi.so -laim -ldl -pthread
 *     mpirun -n 4 -x LD_PRELOAD=./libaim_pmpi.so ./program
 *
 * All ranks track into one run: how long each spends in MPI, by function, with the context {"rank": n, "call": "MPI_Send"}.
 * Programs in C and C++ are met by MPI's profiling interface; those in Fortran at the functions that Open MPI has for it.
 * What goes wrong is told on stderr, and the program runs on untracked.
 */
#define _GNU_SOURCE
#include <aim.h>
#include <mpi.h>

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { HASH = 24 };

/* A function of MPI that was called. */
struct call {
    const char *name;
    atomic_ulong nanoseconds, times;
    atomic_flag listed;
    struct call *next;
};

static struct call *_Atomic calls;
static aim_run *_Atomic tracked;
static atomic_ulong due; /* when the next points are */
static unsigned long interval = 1000000000, reported, in_mpi;
static long step;
static int rank;
static _Thread_local int depth;

static unsigned long now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (unsigned long)time.tv_sec * 1000000000 + (unsigned long)time.tv_nsec;
}

static int told(const char *what, aim_status status, aim_error **err)
{
    if (status == AIM_OK) return 0;
    fprintf(stderr, "libaim_pmpi: rank %d: %s: %s\n", rank, what, aim_error_message(*err));
    aim_error_free(*err);
    *err = NULL;
    return 1;
}

/* Points of all functions, and of the share of time that went into MPI since the points before. */
static void report(aim_run *run, unsigned long time)
{
    char context[96];
    unsigned long all = 0;
    aim_error *err = NULL;
    aim_status status = AIM_OK;
    for (struct call *call = atomic_load(&calls); call; call = call->next) {
        const unsigned long nanoseconds = atomic_load(&call->nanoseconds);
        all += nanoseconds;
        snprintf(context, sizeof context, "{\"rank\":%d,\"call\":\"%s\"}", rank, call->name);
        if (status == AIM_OK)
            status = aim_run_track(run, "mpi_seconds", (double)nanoseconds / 1e9, step, AIM_EPOCH_NONE, context, &err);
        if (status == AIM_OK)
            status = aim_run_track(run, "mpi_calls", (double)atomic_load(&call->times), step, AIM_EPOCH_NONE, context, &err);
    }
    snprintf(context, sizeof context, "{\"rank\":%d}", rank);
    if (status == AIM_OK && time > reported)
        status = aim_run_track(run, "mpi_share", (double)(all - in_mpi) / (double)(time - reported), step, AIM_EPOCH_NONE,
                               context, &err);
    if (told("tracking ends", status, &err)) atomic_store(&tracked, NULL);
    reported = time, in_mpi = all, step++;
}

static unsigned long begin(void) { return depth++ == 0 && atomic_load(&tracked) ? now() : 0; }

static void end(struct call *call, unsigned long begun)
{
    depth--;
    if (begun == 0) return;
    const unsigned long time = now();
    atomic_fetch_add(&call->nanoseconds, time - begun);
    atomic_fetch_add(&call->times, 1);
    if (!atomic_flag_test_and_set(&call->listed)) {
        call->next = atomic_load(&calls);
        while (!atomic_compare_exchange_weak(&calls, &call->next, call)) {}
    }
    unsigned long when = atomic_load(&due);
    aim_run *const run = atomic_load(&tracked);
    /* Whoever moves the date alone reports; the others find one in the future. */
    if (run && time >= when && atomic_compare_exchange_strong(&due, &when, time + interval)) report(run, time);
}

/* The first rank makes the run, the others join it. */
static void started(void)
{
    static atomic_flag once = ATOMIC_FLAG_INIT;
    if (atomic_flag_test_and_set(&once)) return;
    const char *const given = getenv("AIM_PMPI_INTERVAL");
    const double seconds = given ? strtod(given, NULL) : 1;
    if (seconds > 0 && seconds < 1e6) interval = (unsigned long)(seconds * 1e9);

    struct { char hash[HASH + 1]; int size, process; } job = {"", 0, 0};
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    aim_error *err = NULL;
    char group[48];
    PMPI_Comm_rank(MPI_COMM_WORLD, &rank);
    PMPI_Comm_size(MPI_COMM_WORLD, &job.size);
    job.process = getpid();
    if (rank == 0) {
        snprintf(group, sizeof group, "libaim_pmpi %d", job.process);
        options.system_tracking_group = group; /* one rank of each host reads the system, if the environment asks for it */
        if (!told("no run", aim_run_new(&options, &run, &err), &err)) memcpy(job.hash, aim_run_hash(run), HASH);
    }
    PMPI_Bcast(&job, sizeof job, MPI_BYTE, 0, MPI_COMM_WORLD);
    if (!job.hash[0]) return;
    if (rank != 0) {
        snprintf(group, sizeof group, "libaim_pmpi %d", job.process);
        options.system_tracking_group = group;
        options.run_hash = job.hash;
        if (told("no run", aim_run_new(&options, &run, &err), &err)) return;
    } else {
        char version[MPI_MAX_LIBRARY_VERSION_STRING] = "";
        int length = 0;
        PMPI_Get_library_version(version, &length);
        told("the name", aim_run_set_name(run, program_invocation_short_name, &err), &err);
        told("the param", aim_run_set_param_int64(run, "/mpi/ranks", job.size, &err), &err);
        told("the param", aim_run_set_param_string(run, "/mpi/library", version, &err), &err);
    }
    reported = now();
    atomic_store(&due, reported + interval);
    atomic_store(&tracked, run); /* stays open: the library ends it with the process, when it knows the exit code */
}

static void last_points(void)
{
    aim_run *const run = atomic_load(&tracked);
    aim_error *err = NULL;
    if (!run) return;
    report(run, now());
    told("not stored", aim_run_flush(run, &err), &err);
    atomic_store(&tracked, NULL);
}

static void aborted(int code)
{
    aim_run *const run = atomic_load(&tracked);
    aim_outcome outcome = AIM_OUTCOME_INIT;
    aim_error *err = NULL;
    if (!run) return;
    report(run, now());
    atomic_store(&tracked, NULL);
    outcome.status = AIM_RUN_FAILED;
    outcome.has_exit_code = true;
    outcome.exit_code = code;
    told("not closed", aim_run_close_as(run, &outcome, &err), &err);
}

/* ---- Beginning and end ---- */

int MPI_Init(int *argc, char ***argv)
{
    const int status = PMPI_Init(argc, argv);
    if (status == MPI_SUCCESS) started();
    return status;
}

int MPI_Init_thread(int *argc, char ***argv, int required, int *provided)
{
    const int status = PMPI_Init_thread(argc, argv, required, provided);
    if (status == MPI_SUCCESS) started();
    return status;
}

int MPI_Finalize(void)
{
    last_points();
    return PMPI_Finalize();
}

int MPI_Abort(MPI_Comm communicator, int code)
{
    aborted(code);
    return PMPI_Abort(communicator, code);
}

/* ---- In C ---- */

#define TIMED(function, parameters, arguments)                          \
    static struct call call_##function = {.name = "MPI_" #function};     \
    int MPI_##function parameters                                        \
    {                                                                    \
        const unsigned long begun = begin();                             \
        const int status = PMPI_##function arguments;                    \
        end(&call_##function, begun);                                    \
        return status;                                                   \
    }

#define DATA const void *data, int count, MPI_Datatype type
#define INTO void *into, int into_count, MPI_Datatype into_type
#define ON MPI_Comm communicator
TIMED(Send, (DATA, int to, int tag, ON), (data, count, type, to, tag, communicator))
TIMED(Ssend, (DATA, int to, int tag, ON), (data, count, type, to, tag, communicator))
TIMED(Bsend, (DATA, int to, int tag, ON), (data, count, type, to, tag, communicator))
TIMED(Isend, (DATA, int to, int tag, ON, MPI_Request *request), (data, count, type, to, tag, communicator, request))
TIMED(Recv, (INTO, int from, int tag, ON, MPI_Status *received),
      (into, into_count, into_type, from, tag, communicator, received))
TIMED(Irecv, (INTO, int from, int tag, ON, MPI_Request *request),
      (into, into_count, into_type, from, tag, communicator, request))
TIMED(Sendrecv, (DATA, int to, int tag, INTO, int from, int from_tag, ON, MPI_Status *received),
      (data, count, type, to, tag, into, into_count, into_type, from, from_tag, communicator, received))
TIMED(Probe, (int from, int tag, ON, MPI_Status *found), (from, tag, communicator, found))
TIMED(Wait, (MPI_Request *request, MPI_Status *done), (request, done))
TIMED(Waitall, (int count, MPI_Request requests[], MPI_Status done[]), (count, requests, done))
TIMED(Waitany, (int count, MPI_Request requests[], int *which, MPI_Status *done), (count, requests, which, done))
TIMED(Waitsome, (int count, MPI_Request requests[], int *number, int which[], MPI_Status done[]),
      (count, requests, number, which, done))
TIMED(Test, (MPI_Request *request, int *flag, MPI_Status *done), (request, flag, done))
TIMED(Testall, (int count, MPI_Request requests[], int *flag, MPI_Status done[]), (count, requests, flag, done))
TIMED(Barrier, (ON), (communicator))
TIMED(Bcast, (INTO, int root, ON), (into, into_count, into_type, root, communicator))
TIMED(Reduce, (const void *data, void *into, int count, MPI_Datatype type, MPI_Op operation, int root, ON),
      (data, into, count, type, operation, root, communicator))
TIMED(Allreduce, (const void *data, void *into, int count, MPI_Datatype type, MPI_Op operation, ON),
      (data, into, count, type, operation, communicator))
TIMED(Reduce_scatter_block, (const void *data, void *into, int count, MPI_Datatype type, MPI_Op operation, ON),
      (data, into, count, type, operation, communicator))
TIMED(Scan, (const void *data, void *into, int count, MPI_Datatype type, MPI_Op operation, ON),
      (data, into, count, type, operation, communicator))
TIMED(Gather, (DATA, INTO, int root, ON), (data, count, type, into, into_count, into_type, root, communicator))
TIMED(Scatter, (DATA, INTO, int root, ON), (data, count, type, into, into_count, into_type, root, communicator))
TIMED(Allgather, (DATA, INTO, ON), (data, count, type, into, into_count, into_type, communicator))
TIMED(Alltoall, (DATA, INTO, ON), (data, count, type, into, into_count, into_type, communicator))
TIMED(Gatherv, (DATA, void *into, const int counts[], const int at[], MPI_Datatype into_type, int root, ON),
      (data, count, type, into, counts, at, into_type, root, communicator))
TIMED(Scatterv, (const void *data, const int counts[], const int at[], MPI_Datatype type, INTO, int root, ON),
      (data, counts, at, type, into, into_count, into_type, root, communicator))
TIMED(Allgatherv, (DATA, void *into, const int counts[], const int at[], MPI_Datatype into_type, ON),
      (data, count, type, into, counts, at, into_type, communicator))
TIMED(Alltoallv,
      (const void *data, const int counts[], const int at[], MPI_Datatype type, void *into, const int into_counts[],
       const int into_at[], MPI_Datatype into_type, ON),
      (data, counts, at, type, into, into_counts, into_at, into_type, communicator))

/* ---- In Fortran: all arguments are addresses, and the function behind is the next one of that name ---- */

#define A2 void *a, void *b
#define A3 A2, void *c
#define A4 A3, void *d
#define A5 A4, void *e
#define A6 A5, void *f
#define A7 A6, void *g
#define A8 A7, void *h
#define A9 A8, void *i
#define A10 A9, void *j
#define A13 A10, void *k, void *l, void *m
#define P2 a, b
#define P3 P2, c
#define P4 P3, d
#define P5 P4, e
#define P6 P5, f
#define P7 P6, g
#define P8 P7, h
#define P9 P8, i
#define P10 P9, j
#define P13 P10, k, l, m

#define NEXT(symbol, n)                                                                  \
    static void (*_Atomic found)(A##n);                                                  \
    void (*real)(A##n) = atomic_load(&found);                                            \
    if (!real) {                                                                         \
        real = (void (*)(A##n))dlsym(RTLD_NEXT, #symbol);                                \
        if (!real) {                                                                     \
            fprintf(stderr, "libaim_pmpi: there is no " #symbol " behind this one\n");   \
            abort();                                                                     \
        }                                                                                \
        atomic_store(&found, real);                                                      \
    }
#define TIMED_AS(function, symbol, n)              \
    void symbol(A##n);                             \
    void symbol(A##n)                              \
    {                                              \
        NEXT(symbol, n)                            \
        const unsigned long begun = begin();       \
        real(P##n);                                \
        end(&call_##function, begun);              \
    }
/* With its last argument, the status: of `use mpi` and mpif.h, and of `use mpi_f08`. */
#define FORTRAN(function, symbol, n) \
    TIMED_AS(function, mpi_##symbol##_, n) TIMED_AS(function, mpi_##symbol##_f08_, n)

FORTRAN(Send, send, 7)
FORTRAN(Ssend, ssend, 7)
FORTRAN(Bsend, bsend, 7)
FORTRAN(Isend, isend, 8)
FORTRAN(Recv, recv, 8)
FORTRAN(Irecv, irecv, 8)
FORTRAN(Sendrecv, sendrecv, 13)
FORTRAN(Probe, probe, 5)
FORTRAN(Wait, wait, 3)
FORTRAN(Waitall, waitall, 4)
FORTRAN(Waitany, waitany, 5)
FORTRAN(Waitsome, waitsome, 6)
FORTRAN(Test, test, 4)
FORTRAN(Testall, testall, 5)
FORTRAN(Barrier, barrier, 2)
FORTRAN(Bcast, bcast, 6)
FORTRAN(Reduce, reduce, 8)
FORTRAN(Allreduce, allreduce, 7)
FORTRAN(Reduce_scatter_block, reduce_scatter_block, 7)
FORTRAN(Scan, scan, 7)
FORTRAN(Gather, gather, 9)
FORTRAN(Scatter, scatter, 9)
FORTRAN(Allgather, allgather, 8)
FORTRAN(Alltoall, alltoall, 8)
FORTRAN(Gatherv, gatherv, 10)
FORTRAN(Scatterv, scatterv, 10)
FORTRAN(Allgatherv, allgatherv, 9)
FORTRAN(Alltoallv, alltoallv, 10)

#define BEGINS_AS(symbol, n)   \
    void symbol(A##n);         \
    void symbol(A##n)          \
    {                          \
        NEXT(symbol, n)        \
        real(P##n);            \
        started();             \
    }
#define A1 void *a
#define P1 a
BEGINS_AS(mpi_init_, 1)
BEGINS_AS(mpi_init_f08_, 1)
BEGINS_AS(mpi_init_thread_, 3)
BEGINS_AS(mpi_init_thread_f08_, 3)

#define ENDS_AS(symbol, n, before)   \
    void symbol(A##n);               \
    void symbol(A##n)                \
    {                                \
        NEXT(symbol, n)              \
        before;                      \
        real(P##n);                  \
    }
ENDS_AS(mpi_finalize_, 1, last_points())
ENDS_AS(mpi_finalize_f08_, 1, last_points())
ENDS_AS(mpi_abort_, 3, aborted(*(int *)b))
ENDS_AS(mpi_abort_f08_, 3, aborted(*(int *)b))
