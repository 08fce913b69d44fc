/* Do queries stay instant as a repository grows? Builds repositories of 100, 1000 and RUNS runs with 10 params and 5
 * metrics each, and one of 1000 runs x 5 metrics x 100 points.
 *
 * usage: query DIRECTORY [RUNS] */
#include "sweep.h"

enum { REPEATS = 21 };

static aim_repo *open_repo(const char *directory) {
    aim_error *err = NULL;
    aim_repo *repo = NULL;
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    return repo;
}

/* Median seconds of a query; `values` reads all its points too. */
static double ask(const aim_repo *repo, const char *expression, int32_t kind, size_t expected, int values) {
    aim_error *err = NULL;
    double times[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        aim_query *query = NULL;
        double start = seconds();
        CHECK(aim_repo_query(repo, expression, kind, &query, &err));
        for (size_t row = 0; values && row < aim_query_len(query); row++) {
            aim_values columns;
            CHECK(aim_query_values(query, row, &columns, &err));
        }
        times[i] = seconds() - start;
        if (aim_query_len(query) != expected) {
            fprintf(stderr, "%s: %zu rows, not %zu\n", expression, aim_query_len(query), expected);
            exit(1);
        }
        aim_query_free(query);
    }
    return median(times, REPEATS);
}

static double open_time(const char *directory) {
    double times[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        double start = seconds();
        aim_repo *repo = open_repo(directory);
        times[i] = seconds() - start;
        aim_repo_free(repo);
    }
    return median(times, REPEATS);
}

/* KiB of memory that are this process's own: pages of the mapped database are not. */
static long own_kib(void) {
    char line[256];
    long kib = -1;
    FILE *status = fopen("/proc/self/status", "r");
    require(status != NULL, "/proc/self/status");
    while (kib < 0 && fgets(line, sizeof line, status)) sscanf(line, "RssAnon: %ld", &kib);
    fclose(status);
    return kib;
}

static int32_t note_peak(uint64_t done, uint64_t total, void *peak) {
    (void)done, (void)total;
    long now = own_kib();
    if (now > *(long *)peak) *(long *)peak = now;
    return 0;
}

/* How much own memory a query needs at most, its result with all values included. */
static void weigh(const aim_repo *repo, const char *what, const char *expression, int32_t kind) {
    aim_error *err = NULL;
    long before = own_kib(), peak = before;
    aim_query_options options = AIM_QUERY_OPTIONS_INIT;
    options.progress = note_peak;
    options.progress_userdata = &peak;
    aim_query *query = NULL;
    CHECK(aim_repo_query_with(repo, expression, kind, &options, &query, &err));
    for (size_t row = 0; kind == AIM_QUERY_METRICS && row < aim_query_len(query); row++) {
        aim_values columns;
        CHECK(aim_query_values(query, row, &columns, &err));
    }
    note_peak(0, 0, &peak);
    printf("memory, %-42s %7ld KiB for %zu rows\n", what, peak - before, aim_query_len(query));
    aim_query_free(query);
}

static void decode(const char *root) {
    aim_error *err = NULL;
    enum { LONG = 8000000 };
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", fresh(root, "decode"));
    aim_run *run = open_run(directory, NULL);
    aim_metric *metric = open_metric(run, "loss", NULL);
    for (int i = 0; i < LONG; i++)
        if (aim_metric_track(metric, (float)(1.0 / (1 + i % 1000)), i, i / 1000) != AIM_OK) abort();
    aim_metric_free(metric);
    close_run(run);
    aim_repo *repo = open_repo(directory);
    double times[5];
    for (int i = 0; i < 5; i++) {
        aim_query *query = NULL;
        aim_values columns;
        CHECK(aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &query, &err));
        double start = seconds();
        CHECK(aim_query_values(query, 0, &columns, &err));
        times[i] = seconds() - start;
        if (columns.len != LONG) abort();
        aim_query_free(query);
    }
    printf("decode, steps, values, epochs and times     %6.1f million points/s (goal >= 50)\n",
           LONG / median(times, 5) / 1e6);
    aim_repo_free(repo);
}

int main(int argc, char **argv) {
    require(argc >= 2, "usage: query DIRECTORY [RUNS]");
    int runs = argc > 2 ? atoi(argv[2]) : 100000;
    char small[4096], middle[4096], large[4096], series[4096];
    snprintf(small, sizeof small, "%s", fresh(argv[1], "runs-100"));
    snprintf(middle, sizeof middle, "%s", fresh(argv[1], "runs-1000"));
    snprintf(large, sizeof large, "%s", fresh(argv[1], "runs-many"));
    snprintf(series, sizeof series, "%s", fresh(argv[1], "series"));
    decode(argv[1]);
    sweep(small, 100, 1);
    sweep(middle, 1000, 1);
    sweep(series, 1000, 100);
    double start = seconds();
    sweep(large, runs, 1);
    printf("building %d runs x 10 params x 5 metrics %5.0f s\n", runs, seconds() - start);

    double open_small = open_time(small), open_large = open_time(large);
    printf("open: 100 runs %.0f us, %d runs %.0f us      %.2f x (goal <= 1.5)\n", open_small * 1e6, runs,
           open_large * 1e6, open_large / open_small);
    aim_repo *few = open_repo(middle), *many = open_repo(large);
    double selective_few = ask(few, "run.rare == 1", AIM_QUERY_RUNS, 10, 0);
    double selective_many = ask(many, "run.rare == 1", AIM_QUERY_RUNS, 10, 0);
    printf("10 matches: of 1000 runs %.0f us, of %d %.0f us  %.2f x (goal <= 2)\n",
           selective_few * 1e6, runs, selective_many * 1e6, selective_many / selective_few);
    const char *every = "run.hparams.lr * 2 > 1 or run.hparams.warmup + run.seed < 0";
    double all_few = ask(few, every, AIM_QUERY_RUNS, 0, 0), all_many = ask(many, every, AIM_QUERY_RUNS, 0, 0);
    printf("every run evaluated: 1000 runs %.2f ms, %d runs %.1f ms  %.2f us a run, %.2f x that at 1000\n", all_few * 1e3,
           runs, all_many * 1e3, all_many / runs * 1e6, all_many / runs / (all_few / 1000));
    weigh(few, "10 matches of the smaller repository", "run.rare == 1", AIM_QUERY_RUNS);
    weigh(many, "10 matches of the larger one", "run.rare == 1", AIM_QUERY_RUNS);
    weigh(many, "every run of it evaluated, none matches", every, AIM_QUERY_RUNS);
    weigh(many, "every run of it matches", "", AIM_QUERY_RUNS);
    aim_repo_free(few);
    aim_repo_free(many);

    aim_repo *repo = open_repo(series);
    weigh(repo, "200,000 points of 32 bytes, read", "metric.name == 'loss' or metric.name == 'accuracy'",
          AIM_QUERY_METRICS);
    const char *metrics = "metric.name == 'loss' or metric.name == 'accuracy'";
    double with_values = ask(repo, metrics, AIM_QUERY_METRICS, 2000, 1);
    printf("2000 series of 100 points, values read    %.1f ms\n", with_values * 1e3);
    aim_repo_free(repo);
    return 0;
}
