/* A rough host, which keeps book of what was acknowledged.
 *
 *     host REPO BOOK SEED MANNER...
 *
 * tracks in order, late steps, and params of which some are too deep, until it is killed, or until its seed says that it
 * closes its run. The same BOOK continues its run. What else it does, its manners say; see the table at the end.
 *
 * Exit status: 0 closed, 7 by exit() in a handler, 20 its repository was removed and its points saved elsewhere, and
 * 10 + aim_status where a call failed that may not. */
#define _GNU_SOURCE
#include "book.h"
#include "manners.h"

#include <fenv.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/time.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

/* Whether a call runs that a handler may leave for good. */
static volatile sig_atomic_t in_call;
static volatile uint64_t turn;
static sigjmp_buf start_again;
static aim_metric *metrics[METRICS];
static aim_run *run;
static uint64_t slots;
static int gone;

/* Whether handlers track more than the journal holds, perhaps while this host allocates memory, which the library needs to
 * make room: then values are refused, until it has room again. */
static int handles_much(void)
{
    return has("handler=track") || has("handler=much");
}

/* Statuses that the manners of this host may bring about; everything else ends it. */
static aim_status expect(const char *call, aim_status status, aim_error *err)
{
    /* Where somebody is stopped in a commit, calls answer after a while, and so do those that wait for room in the journal. */
    int known = status == AIM_OK || (status == AIM_ERR_FULL && (has("small") || has("full") || handles_much())) ||
                ((status == AIM_ERR_BUSY || status == AIM_ERR_FULL) && has("stopped") &&
                 (err == NULL || strstr(aim_error_message(err), "stopped") || strstr(aim_error_message(err), "process ")));
    if (status == AIM_ERR_NOT_FOUND && has("removed")) {
        printf("%s\n", aim_error_message(err));
        known = gone = 1;
    }
    if ((status == AIM_ERR_CORRUPT || status == AIM_ERR_FULL) && has("cut"))
        exit(20);
    if (!known) {
        fprintf(stderr, "%s: %s\n", call, err ? aim_error_message(err) : "no message");
        _exit(10 + status);
    }
    aim_error_free(err);
    return status;
}

#define CALL(call, ...)                                                                                                \
    do {                                                                                                               \
        aim_error *err_ = NULL;                                                                                        \
        in_call = 1;                                                                                                   \
        aim_status status_ = call(__VA_ARGS__, &err_);                                                                 \
        in_call = 0;                                                                                                   \
        expect(#call, status_, err_);                                                                                  \
    } while (0)

static void track(int metric)
{
    struct count *count = &book->metrics[metric];
    uint64_t i = count->done;
    int64_t step = step_of(metric, i);
    count->begun = i + 1;
    aim_status status = aim_metric_track(metrics[metric], value(metric, step), step, AIM_EPOCH_NONE);
    if (status == AIM_OK)
        count->done = i + 1;
    else if (!has("small") && !has("full") && !has("removed") && !has("cut") &&
             !((has("stopped") || handles_much()) && status == AIM_ERR_FULL)) {
        dprintf(2, "aim_metric_track: %d\n", (int)status); /* also in a handler */
        _exit(10 + status);
    }
}

static void set_param(void)
{
    char json[JSON], key[16];
    uint64_t n = book->params.done;
    param_json(n, json);
    snprintf(key, sizeof key, "p%d", (int)(n % KEYS));
    book->params.begun = n + 1;
    aim_error *err = NULL;
    in_call = 1;
    aim_status status = aim_run_set_param(run, key, json, &err);
    in_call = 0;
    if (depth_of(n) > DEEPEST && status == AIM_ERR_LIMIT)
        status = AIM_OK;
    else if (depth_of(n) > DEEPEST && status == AIM_OK)
        fail("a param that is too deep was taken");
    if (expect("aim_run_set_param", status, err) == AIM_OK)
        book->params.done = n + 1;
}

/* ---- Handlers ---- */

static void on_signal(int signal)
{
    (void)signal;
    if (has("handler=track"))
        track(IN_HANDLER);
    else if (has("handler=much"))
        for (uint64_t i = 0; i < 2 * slots && i < 5000; i++)
            track(IN_HANDLER);
    else if (in_call && has("handler=exit"))
        exit(7);
    else if (in_call && has("handler=jump"))
        siglongjmp(start_again, 1);
}

static void arm(uint64_t seed)
{
    if (!has("handler="))
        return;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal;
    action.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &action, NULL);
    suseconds_t every = has("handler=track") ? 300 : has("handler=much") ? 30000 : 2000 + (suseconds_t)(seed % 50000);
    struct itimerval timer = {{0, every}, {0, every}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

static void roughen(uint64_t seed)
{
    static const int roundings[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
    if (has("rounds"))
        fesetround(roundings[seed % 3]);
    if (has("traps"))
        feenableexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INEXACT);
#if defined(__SSE__)
    if (has("flushes"))
        _mm_setcsr(_mm_getcsr() | 0x8040); /* denormals are zero, as operands and as results */
#endif
}

/* A short run that others delete as soon as they see it. */
static void victim(const char *repo)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *short_run = NULL;
    options.repo = repo;
    options.experiment = "victims";
    CALL(aim_run_new, &options, &short_run);
    if (short_run == NULL)
        return;
    for (int i = 0; i < 20; i++) {
        in_call = 1;
        aim_run_track(short_run, "loss", i, i, AIM_EPOCH_NONE, NULL, NULL);
        in_call = 0;
    }
    CALL(aim_run_close, short_run);
    aim_run_free(short_run);
}

static void open_run(const char *repo, uint64_t seed)
{
    aim_repo_options repo_options = AIM_REPO_OPTIONS_INIT;
    repo_options.flush_interval = 0.001 * (double)(1 + mix(seed) % 40);
    repo_options.journal_size = (uint64_t)3072 << mix(seed + 1) % 8;
    if (has("slow") || has("unstored") || has("closes")) {
        repo_options.flush_interval = 3600;
        repo_options.journal_size = 0;
    }
    slots = repo_options.journal_size / 48;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.repo_options = &repo_options;
    char hash[32];
    memcpy(hash, (const char *)book->hash, sizeof hash);
    options.run_hash = hash[0] ? hash : NULL;
    do {
        CALL(aim_run_new, &options, &run);
        if (run == NULL)
            usleep(10000);
    } while (run == NULL);
    for (int i = 0; i < METRICS; i++)
        MUST(aim_run_metric, run, names[i], NULL, &metrics[i]);
    if (!hash[0])
        memcpy((char *)book->hash, aim_run_hash(run), 25);
}

/* With points between two flushes that the journal takes, where nothing may happen behind the host. */
static void live(const char *repo, uint64_t seed)
{
    uint64_t end = has("ends") ? 2000 + mix(seed + 3) % 60000 : UINT64_MAX;
    for (; turn < end; turn++) {
        uint64_t i = turn, chance = mix(seed ^ i);
        track(IN_ORDER);
        track(LATE);
        if (i % 64 == 0)
            set_param();
        if (i % 4096 == 4095 && !has("unstored"))
            CALL(aim_run_flush, run);
        if (i > 2048 && has("unstored"))
            usleep(10000); /* the journal has room for all, however late the kill comes */
        if (i % 8192 == 8191 && !has("removed") && !has("slow") && !has("unstored"))
            victim(repo);
        if (chance % 1024 == 0)
            usleep((useconds_t)(chance >> 40) % 4000);
        if (chance % 2048 == 1)
            misbehave(repo, run, metrics[IN_ORDER], chance >> 20);
        if (gone && chance % 512 == 0)
            break;
    }
}

int main(int argc, char **argv)
{
    if (argc < 4)
        return 2;
    uint64_t seed = mix(strtoull(argv[3], NULL, 10));
    take_manners(argv + 4);
    map_book(argv[2]);
    open_run(argv[1], seed);
    prepare(argv[1], run, metrics[BESIDE]);
    roughen(seed);
    if (sigsetjmp(start_again, 1) == 0)
        arm(mix(seed + 4));
    in_call = 0;
    turn++;
    live(argv[1], seed);
    signal(SIGALRM, SIG_IGN);
    settle();
    CALL(aim_run_close, run);
    return gone ? 20 : 0;
}
