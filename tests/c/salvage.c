/* A repository whose data file was damaged: refused with an error that says why, then salvaged into a new one. */
#include "check.h"

#include <fcntl.h>

/* Writes zeros over every sixth page of a file behind the first two. */
static void erase_pages(const char *path)
{
    char zeros[4096] = {0};
    int file = open(path, O_WRONLY), failed = 0;
    CHECK(file >= 0);
    for (off_t page = 2; page < lseek(file, 0, SEEK_END) / 4096; page += 6)
        failed += pwrite(file, zeros, sizeof zeros, page * 4096) != (ssize_t)sizeof zeros;
    CHECK(failed == 0);
    close(file);
}

static size_t count(aim_repo *repo, const char *expression, int32_t kind)
{
    aim_query *q = query(repo, expression, kind);
    size_t length = aim_query_len(q);
    aim_query_free(q);
    return length;
}

int main(void)
{
    enum { RUNS = 40, POINTS = 300 };
    char data[300], into[300], hash[32] = "";
    start();
    snprintf(data, sizeof data, "%s/.aim/lmdb/data.mdb", scratch);
    snprintf(into, sizeof into, "%s/salvaged", scratch);

    EXPECT(AIM_ERR_NOT_FOUND, aim_repo_salvage, scratch, into, NULL, NULL);
    for (int i = 0; i < RUNS; i++) {
        aim_run *run = new_run(NULL);
        EXPECT(AIM_OK, aim_run_set_param_int64, run, "number", i);
        aim_metric *metric = new_metric(run, "loss", NULL);
        int failed = 0;
        for (int step = 0; step < POINTS; step++)
            failed += aim_metric_track(metric, 1.0 / (i + step + 1), step, AIM_EPOCH_NONE) != AIM_OK;
        CHECK(failed == 0);
        aim_metric_free(metric);
        if (i == 0)
            EXPECT(AIM_ERR_BUSY, aim_repo_salvage, scratch, into, NULL, NULL);
        EXPECT(AIM_OK, aim_run_close, run);
        snprintf(hash, sizeof hash, "%s", aim_run_hash(run));
        aim_run_free(run);
    }

    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_salvage, NULL, into, NULL, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_salvage, scratch, NULL, NULL, NULL);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_salvage, scratch, scratch, NULL, NULL);
    aim_salvage_report unset;
    memset(&unset, 0, sizeof unset);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_salvage, scratch, into, NULL, &unset);
    CHECK(access(into, F_OK) != 0);

    erase_pages(data);
    aim_repo *repo = NULL;
    aim_error *err = NULL;
    CHECK(aim_repo_open(scratch, NULL, &repo, &err) == AIM_ERR_CORRUPT);
    CHECK(strstr(aim_error_message(err), "data.mdb") && strstr(aim_error_message(err), "aim_repo_salvage"));
    aim_error_free(err);

    aim_salvage_report report = AIM_SALVAGE_REPORT_INIT;
    EXPECT(AIM_OK, aim_repo_salvage, scratch, into, NULL, &report);
    CHECK(report.struct_size == sizeof report);
    CHECK(report.lost_pages + report.lost_rows > 0 && report.uncounted == 0);
    CHECK(report.runs > RUNS / 2 && report.metrics > RUNS / 4 && report.metrics <= RUNS);
    printf("# %d runs, %d metrics, %d pages and %d rows lost\n", (int)report.runs, (int)report.metrics,
           (int)report.lost_pages, (int)report.lost_rows);
    CHECK(report.points > report.metrics * POINTS / 2 && report.points <= report.metrics * POINTS);

    EXPECT(AIM_OK, aim_repo_open, into, NULL, &repo);
    CHECK(count(repo, "", AIM_QUERY_RUNS) == report.runs);
    CHECK(count(repo, "run.number >= 0", AIM_QUERY_RUNS) > RUNS / 4);
    CHECK(count(repo, "metric.name == 'loss' and metric.last < 1", AIM_QUERY_METRICS) == report.metrics);
    aim_repo_free(repo);

    /* The newest run goes on in the new repository. */
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = into;
    options.run_hash = hash;
    aim_run *run = NULL;
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    CHECK(aim_run_track(run, "loss", 0.5, POINTS, AIM_EPOCH_NONE, NULL, NULL) == AIM_OK);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    return finish();
}
