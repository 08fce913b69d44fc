/* Signal handlers that interrupt the program's memory allocation, whose lock is then held, and track: whatever stands in
 * their way, they get an answer, for which nothing is allocated, and what was accepted is stored. */
#include "check.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* ---- A memory allocation with one lock ---- */

#ifdef __cplusplus
extern "C" {
#endif
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);
void __libc_free(void *memory);
#ifdef __cplusplus
}
#endif

static pthread_mutex_t heap = PTHREAD_MUTEX_INITIALIZER;
static __thread volatile int in_handler, interrupt_next;

/* Shared with the parent. */
static struct shared {
    volatile uint64_t accepted, refused, allocated;
    volatile aim_status status;
    char hash[32];
} *shared;

static void enter_heap(void)
{
    if (in_handler) {
        shared->allocated++; /* waits for itself, for ever */
        return;
    }
    pthread_mutex_lock(&heap);
    if (interrupt_next) {
        interrupt_next = 0;
        raise(SIGUSR1);
    }
}

static void leave_heap(void)
{
    if (!in_handler)
        pthread_mutex_unlock(&heap);
}

#ifdef __cplusplus
extern "C" {
#define THROWS noexcept
#else
#define THROWS
#endif

void *malloc(size_t size) THROWS
{
    enter_heap();
    void *memory = __libc_malloc(size);
    leave_heap();
    return memory;
}

void *calloc(size_t count, size_t size) THROWS
{
    enter_heap();
    void *memory = __libc_calloc(count, size);
    leave_heap();
    return memory;
}

void *realloc(void *old, size_t size) THROWS
{
    enter_heap();
    void *memory = __libc_realloc(old, size);
    leave_heap();
    return memory;
}

int posix_memalign(void **memory, size_t alignment, size_t size) THROWS
{
    enter_heap();
    *memory = __libc_memalign(alignment, size);
    leave_heap();
    return *memory == NULL ? 12 : 0;
}

void free(void *memory) THROWS
{
    enter_heap();
    __libc_free(memory);
    leave_heap();
}

#ifdef __cplusplus
}
#endif

/* ---- Roles, each in a process of its own ---- */

enum { RING = 4096, MUCH = 3 * RING };

static aim_run *run;
static aim_metric *metric;

static aim_status track_one(void);

static void begin(const char *folder)
{
    char path[300];
    snprintf(path, sizeof path, "%s/%s", scratch, folder);
    mkdir(path, 0700);
    aim_repo_options repo = AIM_REPO_OPTIONS_INIT;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    repo.journal_size = RING * 48;
    repo.flush_interval = 0.01;
    options.repo = path;
    options.repo_options = &repo;
    if (aim_run_new(&options, &run, NULL) != AIM_OK || aim_run_metric(run, "loss", NULL, &metric, NULL) != AIM_OK)
        _exit(90);
    snprintf(shared->hash, sizeof shared->hash, "%s", aim_run_hash(run));
    /* From now on the run knows the name. */
    if (track_one() != AIM_OK || aim_run_flush(run, NULL) != AIM_OK)
        _exit(91);
}

/* By name and by handle in turns. */
static aim_status track_one(void)
{
    uint64_t i = shared->accepted;
    aim_status status = i % 2 == 0 ? aim_run_track(run, "loss", (double)i, (int64_t)i, AIM_EPOCH_NONE, NULL, NULL)
                                   : aim_metric_track(metric, (double)i, (int64_t)i, AIM_EPOCH_NONE);
    if (status == AIM_OK)
        shared->accepted = i + 1;
    return status;
}

static void track_much(int number)
{
    (void)number;
    in_handler = 1;
    for (int i = 0; i < MUCH; i++) {
        aim_status status = track_one();
        if (status != AIM_OK) {
            shared->refused++;
            shared->status = status;
        }
    }
    in_handler = 0;
}

/* The handler comes while this thread is in the heap. */
static void interrupted(void)
{
    interrupt_next = 1;
    void *volatile memory = malloc(100);
    free(memory);
}

static void close_it(void)
{
    aim_run_close(run, NULL);
    aim_metric_free(metric);
    aim_run_free(run);
}

/* The library needs the heap to make room. */
static void fills_the_journal(void)
{
    begin(".");
    interrupted();
    /* With the heap free again there is room soon. */
    for (int i = 0; i < 6000 && track_one() != AIM_OK; i++)
        usleep(10000);
    close_it();
}

/* The disk takes nothing more. */
static void cannot_be_stored(void)
{
    begin(".");
    struct rlimit limit = {4096, RLIM_INFINITY};
    setrlimit(RLIMIT_FSIZE, &limit);
    while (track_one() == AIM_OK)
        ;
    interrupted();
    limit.rlim_cur = RLIM_INFINITY;
    setrlimit(RLIMIT_FSIZE, &limit);
    close_it();
}

static void is_closed(void)
{
    begin(".");
    aim_run_close(run, NULL);
    interrupted();
    close_it();
}

static void is_removed(void)
{
    char command[300];
    begin("removed");
    snprintf(command, sizeof command, "rm -rf '%s/removed/.aim'", scratch);
    if (system(command) != 0 || aim_run_flush(run, NULL) != AIM_ERR_NOT_FOUND)
        _exit(92);
    interrupted();
    close_it();
}

static void is_forked(void)
{
    begin(".");
    if (fork() == 0) {
        interrupted();
        _exit(0);
    }
    wait(NULL);
    close_it();
}

/* Whether a role comes to its end. */
static int ends(void (*role)(void))
{
    memset(shared, 0, sizeof *shared);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        alarm(300); /* for ever */
        signal(SIGUSR1, track_much);
        role();
        _exit(7);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 7)
        printf("# status %d, signal %d\n", WEXITSTATUS(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 7;
}

/* Whether what was accepted is stored, in order. */
static int is_stored(void)
{
    char expression[100];
    snprintf(expression, sizeof expression, "run.hash == '%s'", shared->hash);
    aim_repo *repo = open_repo();
    aim_query *q = query(repo, expression, AIM_QUERY_METRICS);
    aim_values v;
    memset(&v, 0, sizeof v);
    if (aim_query_len(q) == 1)
        EXPECT(AIM_OK, aim_query_values, q, 0, &v);
    int good = v.len == shared->accepted;
    for (size_t i = 0; i < v.len; i++)
        good = good && v.steps[i] == (int64_t)i && v.values[i] == (double)i;
    if (!good)
        printf("# %zu points, %llu accepted\n", v.len, (unsigned long long)shared->accepted);
    aim_query_free(q);
    aim_repo_free(repo);
    return good;
}

int main(void)
{
    start();
    shared = (struct shared *)mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    CHECK(ends(fills_the_journal));
    CHECK(is_stored());
    CHECK(shared->allocated == 0);
    CHECK(shared->status == AIM_ERR_FULL);
    CHECK(shared->accepted >= RING / 2);
    CHECK(shared->accepted + shared->refused > MUCH);

    static const struct {
        void (*role)(void);
        aim_status status;
    } refusing[] = {
        {cannot_be_stored, AIM_ERR_FULL},
        {is_closed, AIM_ERR_CLOSED},
        {is_forked, AIM_ERR_FORKED},
        {is_removed, AIM_ERR_NOT_FOUND},
    };
    for (size_t i = 0; i < sizeof refusing / sizeof refusing[0]; i++) {
        CHECK(ends(refusing[i].role));
        /* A repository that is removed is saved elsewhere. */
        CHECK(refusing[i].role == is_removed || is_stored());
        CHECK(shared->allocated == 0);
        CHECK(shared->status == refusing[i].status);
        CHECK(shared->refused == MUCH);
    }
    return finish();
}
