/* Whatever a host rounds, traps or flushes: values, params, queries and recovery are bit for bit the same, and the host
 * finds its floating-point environment as it left it. */
#include "check.h"

#include <fenv.h>
#include <signal.h>
#include <stdint.h>
#include <sys/wait.h>

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

enum { VALUES = 2000 };

static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};

/* A number without a computation: from its bits. */
static double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/* Ordinary numbers, denormal ones, infinities, quiet and signalling NaNs. */
static double value_at(int i)
{
    uint64_t random = (uint64_t)(i + 1) * 0x9e3779b97f4a7c15u;
    random ^= random >> 29;
    random *= 0xbf58476d1ce4e5b9u;
    switch (i % 8) {
    case 0:
        return from_bits(random & 0x800fffffffffffffu); /* denormal */
    case 1:
        return from_bits(0x7ff0000000000000u | (random & 0x8000000000000000u));
    case 2:
        return from_bits(0x7ff0000000000001u | (random & 0x800fffffffffffffu)); /* NaN */
    default:
        return from_bits((random & 0x800fffffffffffffu) | (uint64_t)(1000 + random % 60) << 52);
    }
}

static const char params[] = "{\"third\":0.3333333333333333,\"tenth\":0.1,\"tiny\":5e-324,\"small\":2.2250738585072011e-308,"
                             "\"large\":1.7976931348623157e308,\"avogadro\":6.02214076e23,\"long\":3.141592653589793}";
/* As the library writes it: each number as short as it can be. */
static char written[sizeof params + 64];

static unsigned sse(void)
{
#if defined(__SSE__)
    return _mm_getcsr();
#else
    return 0;
#endif
}

static int rounding_now, traps_now;

/* Changes the environment as a host may: one of 4 roundings, traps, flushing. */
static void enter(int mode)
{
    rounding_now = roundings[mode % 4];
    traps_now = mode & 4 ? FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW | FE_INEXACT : 0;
    fesetround(rounding_now);
#if defined(__SSE__)
    if (mode & 8)
        _mm_setcsr(_mm_getcsr() | 0x8040); /* flush results, take operands for zero */
#endif
    feclearexcept(FE_ALL_EXCEPT);
    if (traps_now != 0)
        feenableexcept(traps_now);
}

static int wrong, first_wrong;
static unsigned sse_before;

/* After every call. */
static void expect(int line, int good)
{
    if (!good || fegetround() != rounding_now || sse() != sse_before || fetestexcept(FE_ALL_EXCEPT) != 0) {
        wrong++;
        if (first_wrong == 0)
            first_wrong = line;
    }
}
#define OK(call) expect(__LINE__, (call) == AIM_OK)

static void write_run(aim_run *run)
{
    aim_metric *metric = NULL;
    OK(aim_run_metric(run, "by handle", NULL, &metric, NULL));
    for (int i = 0; i < VALUES; i++) {
        OK(aim_metric_track(metric, value_at(i), i, AIM_EPOCH_NONE));
        OK(aim_run_track(run, "by name", value_at(i), i, AIM_EPOCH_NONE, "{\"lr\":0.1}", NULL));
    }
    double many[VALUES];
    for (int i = 0; i < VALUES; i++)
        many[i] = value_at(i);
    aim_metric *batch = NULL;
    OK(aim_run_metric(run, "at once", NULL, &batch, NULL));
    OK(aim_metric_track_many(batch, many, NULL, NULL, VALUES, NULL));
    OK(aim_run_set_param(run, "p", params, NULL));
    OK(aim_run_set_param_double(run, "tenth", from_bits(0x3fb999999999999au), NULL));
    OK(aim_run_set_param_double(run, "tiny", from_bits(1), NULL));
    aim_metric_free(batch);
    aim_metric_free(metric);
}

static void read_values(aim_repo *repo, const char *expression)
{
    aim_query *q = NULL;
    OK(aim_repo_query(repo, expression, AIM_QUERY_METRICS, &q, NULL));
    expect(__LINE__, aim_query_len(q) == 3);
    for (size_t row = 0; row < aim_query_len(q); row++) {
        aim_values v;
        OK(aim_query_values(q, row, &v, NULL));
        expect(__LINE__, v.len == VALUES);
        for (int i = 0; i < VALUES && v.len == VALUES; i++)
            expect(__LINE__, bits_of(v.values[i]) == bits_of(value_at(i)));
    }
    char *json = NULL;
    OK(aim_query_run_param(q, 0, "p", &json, NULL));
    expect(__LINE__, json != NULL && strcmp(json, written) == 0);
    aim_string_free(json);
    aim_query_free(q);
}

static aim_run *begin(const char *hash)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    options.repo = scratch;
    options.run_hash = hash;
    OK(aim_run_new(&options, &run, NULL));
    return run;
}

/* 0 if all is as it should be, else a line of this file. */
static int in_child(void (*work)(int mode, const char *hash), int mode, const char *hash)
{
    pid_t child = fork();
    if (child == 0) {
        enter(mode);
        sse_before = sse();
        work(mode, hash);
        fedisableexcept(FE_ALL_EXCEPT);
        _exit(wrong == 0 ? 0 : 1 + first_wrong % 100);
    }
    int status = -1;
    waitpid(child, &status, 0);
    return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
}

static void whole_life(int mode, const char *hash)
{
    (void)hash;
    (void)mode;
    aim_run *run = begin(NULL);
    write_run(run);
    OK(aim_run_flush(run, NULL));
    char *json = NULL;
    OK(aim_run_get_param(run, "tenth", &json, NULL));
    expect(__LINE__, json != NULL && strcmp(json, "0.1") == 0);
    aim_string_free(json);
    aim_repo *repo = NULL;
    OK(aim_repo_open(scratch, NULL, &repo, NULL));
    char expression[300];
    snprintf(expression, sizeof expression,
             "run.hash == '%s' and run.tenth == 0.1 and run.tiny == 5e-324 and run.p.avogadro == 6.02214076e23 and "
             "run.p.third < 0.33333333333333335",
             aim_run_hash(run));
    read_values(repo, expression);
    aim_repo_free(repo);
    OK(aim_run_close(run, NULL));
    aim_run_free(run);
}

/* The run that `die` leaves and `look` finds. */
static char left_hash[64];

static void die(int mode, const char *path)
{
    (void)mode;
    aim_run *run = begin(NULL);
    write_run(run);
    FILE *file = fopen(path, "w");
    if (file == NULL || wrong != 0)
        _exit(1);
    fputs(aim_run_hash(run), file);
    fclose(file);
    kill(getpid(), SIGKILL);
}

static void look(int mode, const char *hash)
{
    (void)mode;
    aim_repo *repo = NULL;
    OK(aim_repo_open(scratch, NULL, &repo, NULL));
    char expression[100];
    snprintf(expression, sizeof expression, "run.hash == '%s'", hash);
    read_values(repo, expression);
    aim_repo_free(repo);
}

static void recovered(int mode)
{
    char path[300];
    snprintf(path, sizeof path, "%s/hash", scratch);
    CHECK(in_child(die, mode, path) == -SIGKILL);
    FILE *file = fopen(path, "r");
    CHECK(file != NULL && fgets(left_hash, sizeof left_hash, file) != NULL);
    if (file != NULL)
        fclose(file);
    CHECK(in_child(look, mode, left_hash) == 0);
    CHECK(in_child(look, 0, left_hash) == 0);
}

/* As the host left it: what the x87 unit has, too. */
static void the_flags_stay(void)
{
    volatile long double one = 1.0L, three = 3.0L, third;
    feclearexcept(FE_ALL_EXCEPT);
    third = one / three;
    (void)third;
    int before = fetestexcept(FE_ALL_EXCEPT);
    aim_run *run = new_run(NULL);
    EXPECT(AIM_OK, aim_run_set_param, run, "p", params);
    CHECK(fetestexcept(FE_ALL_EXCEPT) == before);
    EXPECT(AIM_OK, aim_run_close, run);
    CHECK(fetestexcept(FE_ALL_EXCEPT) == before);
    aim_run_free(run);
}

int main(void)
{
    start();
    aim_run *run = new_run(NULL);
    EXPECT(AIM_OK, aim_run_set_param, run, "p", params);
    char *json = NULL;
    EXPECT(AIM_OK, aim_run_get_param, run, "p", &json);
    CHECK(json != NULL && strlen(json) < sizeof written);
    if (json != NULL)
        snprintf(written, sizeof written, "%s", json);
    CHECK(strstr(written, "\"third\":0.3333333333333333,\"tenth\":0.1,\"tiny\":5e-324,") != NULL);
    aim_string_free(json);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);

    for (int mode = 0; mode < 16; mode++)
        CHECK(in_child(whole_life, mode, NULL) == 0);
    recovered(1);
    recovered(4);
    recovered(15);
    the_flags_stay();
    return finish();
}
