/* A program of known appetite, and what was recorded of it.
 *
 *     resources use REPO MIB SECONDS     a run with system tracking that touches MIB and keeps one core busy
 *     resources show REPO NAME           the median of that sequence of the newest run */
#include "../must.h"

#include <time.h>

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void use(const char *repo, size_t mib, double how_long)
{
    volatile char *memory = malloc(mib << 20);
    for (size_t at = 0; at < mib << 20; at += 4096)
        memory[at] = 1;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.system_tracking_interval = 0.2;
    aim_run *run = NULL;
    MUST(aim_run_new, &options, &run);
    for (double end = seconds() + how_long; seconds() < end;)
        ;
    MUST(aim_run_close, run);
    aim_run_free(run);
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int show(const char *path, const char *name)
{
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    aim_values v;
    MUST(aim_repo_open, path, NULL, &repo);
    MUST(aim_repo_query, repo, "True", AIM_QUERY_METRICS, &query);
    for (size_t i = 0; i < aim_query_len(query); i++) {
        if (strcmp(aim_query_metric_name(query, i), name) != 0)
            continue;
        MUST(aim_query_values, query, i, &v);
        double *sorted = malloc(v.len * sizeof *sorted);
        memcpy(sorted, v.values, v.len * sizeof *sorted);
        qsort(sorted, v.len, sizeof *sorted, ascending);
        printf("%.1f\n", sorted[v.len / 2]);
        return 0;
    }
    fprintf(stderr, "no sequence %s\n", name);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc == 5 && strcmp(argv[1], "use") == 0)
        use(argv[2], (size_t)atol(argv[3]), atof(argv[4]));
    else if (argc == 4 && strcmp(argv[1], "show") == 0)
        return show(argv[2], argv[3]);
    else
        return 2;
    return 0;
}
