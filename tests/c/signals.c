/* Signal handlers that interrupt calls and exit, close, track or jump away; threads that are cancelled in a call. Nothing
 * hangs, and what was accepted is stored. */
#include "check.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <sys/wait.h>

/* Shared with the children: how many points of either sequence were accepted. */
static struct shared {
    volatile uint64_t accepted, in_handler;
    char hash[32];
} *shared;

static aim_run *run;
static aim_metric *metric;
static volatile int handled;
static sigjmp_buf start_again;
static volatile uint64_t random_state = 1;

static unsigned next_random(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(random_state >> 33);
}

static void on_timer(void (*handler)(int))
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_NODEFER;
    sigaction(SIGALRM, &action, NULL);
}

/* The next signal comes after up to a millisecond, once. */
static void arm(void)
{
    struct itimerval when;
    memset(&when, 0, sizeof when);
    when.it_value.tv_usec = 20 + next_random() % 1000;
    setitimer(ITIMER_REAL, &when, NULL);
}

static void begin(uint64_t journal_size, double interval)
{
    aim_repo_options repo = AIM_REPO_OPTIONS_INIT;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    repo.journal_size = journal_size;
    repo.flush_interval = interval;
    options.repo = scratch;
    options.repo_options = &repo;
    if (aim_run_new(&options, &run, NULL) != AIM_OK || aim_run_metric(run, "loss", NULL, &metric, NULL) != AIM_OK)
        _exit(90);
    snprintf(shared->hash, sizeof shared->hash, "%s", aim_run_hash(run));
    aim_run_track(run, "in handler", 0, 0, 0, NULL, NULL);
}

/* One point; the status. */
static aim_status step(void)
{
    uint64_t i = shared->accepted;
    aim_status status = i % 2 == 0
                            ? aim_metric_track(metric, (double)i, (int64_t)i, AIM_EPOCH_NONE)
                            : aim_run_track(run, "loss", (double)i, (int64_t)i, AIM_EPOCH_NONE, NULL, NULL);
    if (status == AIM_OK)
        shared->accepted = i + 1;
    return status;
}

/* Other calls in between: they hold locks and allocate. */
static void something_else(uint64_t i)
{
    char path[32];
    snprintf(path, sizeof path, "/p/%u", (unsigned)(i % 7));
    aim_run_set_param(run, path, "[1, 2.5, {\"x\": 0.1}]", NULL);
    if (i % 4000 == 0)
        aim_run_flush(run, NULL);
}

static void *track_beside(void *argument)
{
    aim_metric *own = NULL;
    (void)argument;
    if (aim_run_metric(run, "beside", NULL, &own, NULL) != AIM_OK)
        return NULL;
    while (aim_metric_track(own, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE) == AIM_OK)
        ;
    aim_metric_free(own);
    return NULL;
}

/* A thread that tracks beside, and takes no signals. */
static pthread_t beside(void)
{
    sigset_t all, before;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pthread_create(&thread, NULL, track_beside, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return thread;
}

static void exit_now(int number)
{
    (void)number;
    exit(7);
}

/* The timer ends the process by exit() in the middle of whatever it does. */
static void exits(int crowd)
{
    begin(0, 0);
    if (crowd)
        beside();
    on_timer(exit_now);
    arm();
    for (uint64_t i = 1;; i++)
        if (step() != AIM_OK)
            _exit(91);
        else if (i % 1000 == 0)
            something_else(i);
}

static void close_now(int number)
{
    (void)number;
    handled = aim_run_close(run, NULL) == AIM_OK ? 1 : 2;
}

static void closes(int crowd)
{
    begin(0, 0);
    if (crowd)
        beside();
    on_timer(close_now);
    arm();
    while (step() == AIM_OK)
        ;
    exit(handled == 1 ? 7 : 92);
}

static void jump(int number)
{
    (void)number;
    siglongjmp(start_again, 1);
}

enum { JUMPS = 200 };

static void jumps(int crowd)
{
    volatile int jumped = 0;
    begin(0, 0.01);
    pthread_t other = crowd ? beside() : pthread_self();
    on_timer(jump);
    if (sigsetjmp(start_again, 1) != 0)
        jumped = jumped + 1;
    if (jumped < JUMPS) {
        arm();
        for (uint64_t i = 1;; i++)
            if (step() != AIM_OK)
                _exit(91);
            else if (i % 1000 == 0)
                something_else(i);
    }
    signal(SIGALRM, SIG_IGN);
    if (aim_run_flush(run, NULL) != AIM_OK)
        _exit(93);
    if (aim_run_close(run, NULL) != AIM_OK)
        _exit(94);
    if (crowd)
        pthread_join(other, NULL);
    aim_metric_free(metric);
    aim_run_free(run);
    exit(7);
}

/* Tracks until the timer has called the handler so many times, and closes the run. */
static void interrupted(int times, void (*handler)(int))
{
    on_timer(handler);
    for (int i = 1; i <= times; i++) {
        arm();
        while (handled < i)
            if (step() != AIM_OK)
                _exit(91);
    }
    if (aim_run_close(run, NULL) != AIM_OK)
        _exit(94);
}

enum { RING = 4096, MORE_THAN_RING = 3 * RING };

static void track_much(int number)
{
    (void)number;
    for (int i = 0; i < MORE_THAN_RING; i++)
        if (aim_run_track(run, "in handler", i, (int64_t)shared->in_handler, AIM_EPOCH_NONE, NULL, NULL) == AIM_OK)
            shared->in_handler++;
    handled++;
}

/* More than the journal holds, from within a call that may have taken a place in it. */
static void tracks(int crowd)
{
    begin(RING * 48, 3600);
    if (crowd)
        beside();
    interrupted(10, track_much);
    exit(7);
}

enum { PAUSES = 40 };

/* Longer than the library waits for a place that was taken in the journal. */
static void pause_now(int number)
{
    struct timespec while_others_run;
    (void)number;
    while_others_run.tv_sec = 0;
    while_others_run.tv_nsec = 25 * 1000 * 1000;
    nanosleep(&while_others_run, NULL);
    handled++;
}

static volatile int warned;

static void hear(int32_t level, const char *message, void *context)
{
    (void)level;
    (void)context;
    printf("# %s\n", message);
    warned++;
}

/* As a busy machine does, which is nothing to be warned of. */
static void pauses(int crowd)
{
    aim_set_log_callback(AIM_LOG_WARNING, hear, NULL);
    begin(0, 0.001);
    if (crowd)
        beside();
    interrupted(PAUSES, pause_now);
    fflush(stdout);
    exit(warned ? 96 : 7);
}

/* Runs a role in a process of its own, which ends by exit(7); then what it accepted is there. */
static int plays(void (*role)(int), int crowd, unsigned seed)
{
    shared->accepted = shared->in_handler = 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        random_state = seed * 1000003u + 17;
        role(crowd);
        _exit(95);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 7) {
        printf("# status %d, signal %d\n", WEXITSTATUS(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0);
        return 0;
    }
    char expression[100];
    snprintf(expression, sizeof expression, "run.hash == '%s'", shared->hash);
    aim_repo *repo = NULL;
    aim_query *q = NULL;
    if (aim_repo_open(scratch, NULL, &repo, NULL) != AIM_OK ||
        aim_repo_query(repo, expression, AIM_QUERY_METRICS, &q, NULL) != AIM_OK)
        return 0;
    int good = 1;
    for (size_t row = 0; row < aim_query_len(q); row++) {
        const char *name = aim_query_metric_name(q, row);
        aim_values v;
        if (aim_query_values(q, row, &v, NULL) != AIM_OK)
            return 0;
        if (strcmp(name, "loss") == 0) {
            /* One more where the process ended or jumped between a call and its count. */
            good = good && (v.len == shared->accepted || v.len == shared->accepted + 1);
            for (size_t i = 0; i < v.len; i++)
                good = good && v.steps[i] == (int64_t)i && v.values[i] == (double)i;
        } else if (strcmp(name, "in handler") == 0) {
            good = good && v.len == (shared->in_handler > 0 ? shared->in_handler : 1);
        }
        if (!good)
            printf("# %s: %zu points, %llu accepted\n", name, v.len, (unsigned long long)shared->accepted);
    }
    aim_query_free(q);
    aim_repo_free(repo);
    return good;
}

/* Calls in a thread that is asked to end at any of them. */
static void *call_on(void *argument)
{
    (void)argument;
    for (int i = 0;; i++) {
        aim_run *own = NULL;
        aim_repo *repo = NULL;
        aim_query *q = NULL;
        aim_run_options options = AIM_RUN_OPTIONS_INIT;
        options.repo = scratch;
        /* What a call gave is given back before the thread may end. */
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
        aim_status status = aim_run_new(&options, &own, NULL);
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
        if (status != AIM_OK)
            continue;
        pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, NULL);
        aim_run_track(own, "loss", i, i, 0, NULL, NULL);
        aim_run_set_param(own, "p", "1.5", NULL);
        aim_run_flush(own, NULL);
        status = aim_repo_open(scratch, NULL, &repo, NULL);
        if (status == AIM_OK)
            status = aim_repo_query(repo, "run.p > 2", AIM_QUERY_RUNS, &q, NULL);
        if (status != AIM_OK)
            abort();
        aim_query_free(q);
        aim_repo_free(repo);
        aim_run_close(own, NULL);
        aim_run_free(own);
        pthread_testcancel();
    }
    return NULL;
}

static void cancelled(void)
{
    for (int i = 0; i < 10; i++) {
        pthread_t thread;
        void *result = NULL;
        pthread_create(&thread, NULL, call_on, NULL);
        usleep(next_random() % 20000);
        pthread_cancel(thread);
        pthread_join(thread, &result);
        CHECK(result == PTHREAD_CANCELED);
        aim_run *after = new_run(NULL);
        EXPECT(AIM_OK, aim_run_set_param, after, "p", "1");
        EXPECT(AIM_OK, aim_run_close, after);
        aim_run_free(after);
    }
}

int main(void)
{
    start();
    shared = (struct shared *)mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (unsigned crowd = 0; crowd < 2; crowd++) {
        for (unsigned seed = 1; seed <= 10; seed++) {
            CHECK(plays(exits, (int)crowd, seed));
            CHECK(plays(closes, (int)crowd, seed));
        }
        CHECK(plays(jumps, (int)crowd, 1));
        CHECK(plays(tracks, (int)crowd, 1));
        CHECK(plays(pauses, (int)crowd, 1));
    }
    cancelled();
    return finish();
}
