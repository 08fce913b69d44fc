/* A repository gives back what deleted runs took: aim_repo_compact. */
#include "check.h"

#include <sys/stat.h>

enum { RUNS = 8, POINTS = 20000 };

static void write_run(int i)
{
    char name[32];
    aim_run *run = new_run(NULL);
    snprintf(name, sizeof name, "only of run %d", i);
    uint64_t noise = 88172645463325252u + (uint64_t)i;
    int failed = 0;
    for (int64_t step = 0; step < POINTS; step++) {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        failed += aim_run_track(run, name, (double)noise, step, AIM_EPOCH_NONE, NULL, NULL) != AIM_OK;
    }
    CHECK(failed == 0);
    EXPECT(AIM_OK, aim_run_set_param, run, name, "{\"nested\": [1, 2, 3]}");
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
}

static size_t count(const char *expression, char *hash)
{
    aim_repo *repo = NULL;
    aim_query *query = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    EXPECT(AIM_OK, aim_repo_query, repo, expression, AIM_QUERY_METRICS, &query);
    size_t rows = aim_query_len(query);
    for (size_t row = 0; row < rows; row++) {
        aim_values values;
        EXPECT(AIM_OK, aim_query_values, query, row, &values);
        CHECK(values.len == POINTS);
    }
    if (hash && rows > 0)
        snprintf(hash, 25, "%s", aim_query_run_hash(query, 0));
    aim_query_free(query);
    aim_repo_free(repo);
    return rows;
}

static uint64_t size_of_data(void)
{
    char path[4200];
    struct stat about;
    snprintf(path, sizeof path, "%s/.aim/lmdb/data.mdb", scratch);
    return stat(path, &about) == 0 ? (uint64_t)about.st_size : 0;
}

static void delete_run(const char *hash)
{
    aim_repo *repo = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    EXPECT(AIM_OK, aim_repo_delete_run, repo, hash);
    aim_repo_free(repo);
}

int main(void)
{
    start();
    aim_compact_report report = AIM_COMPACT_REPORT_INIT;
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_compact, "/nowhere/at/all", NULL, &report);
    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_compact, "\xff\xfe", NULL, NULL);
    for (int i = 0; i < RUNS; i++)
        write_run(i);

    aim_compact_report unset;
    memset(&unset, 0, sizeof unset);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_compact, scratch, NULL, &unset);

    /* Whatever has it open keeps it as it is. */
    aim_repo *repo = NULL;
    EXPECT(AIM_OK, aim_repo_open, scratch, NULL, &repo);
    EXPECT(AIM_ERR_BUSY, aim_repo_compact, scratch, NULL, &report);
    aim_repo_free(repo);

    char hash[25];
    for (int i = 1; i < RUNS; i++) {
        char expression[64];
        snprintf(expression, sizeof expression, "metric.name == 'only of run %d'", i);
        CHECK(count(expression, hash) == 1);
        delete_run(hash);
    }
    uint64_t before = size_of_data();
    EXPECT(AIM_OK, aim_repo_compact, scratch, NULL, &report);
    CHECK(report.struct_size == sizeof report);
    CHECK(report.bytes_before == before && report.bytes_after == size_of_data());
    CHECK(report.bytes_after < before / 2);
    /* A name and the paths of a param and of what is in it, of each run that is gone. */
    CHECK(report.forgotten >= 2 * (RUNS - 1));
    CHECK(count("True", hash) == 1 && count("metric.name == 'only of run 0'", NULL) == 1);
    printf("# %.1f MB of %.1f MB, %d texts forgotten\n", (double)report.bytes_after / 1e6, (double)before / 1e6,
           (int)report.forgotten);

    /* It is written again, names that were forgotten too; once more there is nothing to give back. */
    write_run(1);
    CHECK(count("metric.name == 'only of run 1' and run['only of run 1'].nested[2] == 3", NULL) == 1);
    CHECK(count("True", NULL) == 2);
    EXPECT(AIM_OK, aim_repo_compact, scratch, NULL, &report);
    CHECK(report.forgotten == 0 && count("True", NULL) == 2);
    return finish();
}
