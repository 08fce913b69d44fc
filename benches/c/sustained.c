/* How many points a second does one producer get stored, at full speed, nothing lost? Peers: SQLite in WAL mode with a
 * transaction per 1000 rows, and a plain buffered fwrite. */
#include "bench.h"
#include <sqlite3.h>

enum { POINTS = 10000000, ROWS = 1000000, ROWS_A_TRANSACTION = 1000 };

static double ours(const char *root) {
    aim_error *err = NULL;
    const char *directory = fresh(root, "sustained");
    aim_run *run = open_run(directory, NULL);
    aim_metric *metric = open_metric(run, "loss", "{\"subset\": \"train\"}");
    double start = seconds();
    for (int i = 0; i < POINTS; i++)
        if (aim_metric_track(metric, (float)(1.0 / (1 + i % 1000)), i, i / 1000) != AIM_OK) abort();
    CHECK(aim_run_flush(run, &err));
    double rate = POINTS / (seconds() - start);

    aim_repo *repo = NULL;
    aim_repo_stats stats = AIM_REPO_STATS_INIT;
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    CHECK(aim_repo_get_stats(repo, &stats, &err));
    printf("back-pressure: %llu waits, %.0f ms together, %llu commits\n", (unsigned long long)stats.waits,
           (double)stats.wait_nanoseconds * 1e-6, (unsigned long long)stats.commits);
    aim_query *query = NULL;
    aim_metric_info info;
    CHECK(aim_repo_query(repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &query, &err));
    CHECK(aim_query_metric_info(query, 0, &info, &err));
    if (info.count != POINTS) {
        fprintf(stderr, "%llu points stored of %d\n", (unsigned long long)info.count, POINTS);
        exit(1);
    }
    aim_query_free(query);
    aim_repo_free(repo);
    aim_metric_free(metric);
    close_run(run);
    return rate;
}

static void sql(sqlite3 *db, const char *text) {
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", text, sqlite3_errmsg(db));
        exit(1);
    }
}

static double with_sqlite(const char *root) {
    char path[4200];
    snprintf(path, sizeof path, "%s/peer.sqlite", fresh(root, "sqlite"));
    sqlite3 *db;
    sqlite3_stmt *insert;
    require(sqlite3_open(path, &db) == SQLITE_OK, path);
    sql(db, "PRAGMA journal_mode=WAL");
    sql(db, "CREATE TABLE points(series INTEGER, step INTEGER, value REAL, epoch INTEGER, time REAL)");
    sqlite3_prepare_v2(db, "INSERT INTO points VALUES(1, ?, ?, ?, ?)", -1, &insert, NULL);
    double start = seconds();
    for (int i = 0; i < ROWS; i++) {
        if (i % ROWS_A_TRANSACTION == 0) sql(db, "BEGIN");
        sqlite3_bind_int64(insert, 1, i);
        sqlite3_bind_double(insert, 2, (float)(1.0 / (1 + i % 1000)));
        sqlite3_bind_int64(insert, 3, i / 1000);
        sqlite3_bind_double(insert, 4, seconds());
        if (sqlite3_step(insert) != SQLITE_DONE) abort();
        sqlite3_reset(insert);
        if ((i + 1) % ROWS_A_TRANSACTION == 0) sql(db, "COMMIT");
    }
    double rate = ROWS / (seconds() - start);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return rate;
}

static double with_fwrite(const char *root) {
    char path[4200];
    snprintf(path, sizeof path, "%s/peer.bin", fresh(root, "fwrite"));
    FILE *file = fopen(path, "wb");
    require(file != NULL, path);
    double start = seconds();
    for (int i = 0; i < POINTS; i++) {
        struct { int64_t series, step; double value; int64_t epoch; uint64_t time; } record =
            {1, i, (float)(1.0 / (1 + i % 1000)), i / 1000, ticks()};
        if (fwrite(&record, sizeof record, 1, file) != 1) abort();
    }
    require(fflush(file) == 0 && fsync(fileno(file)) == 0, path);
    double rate = POINTS / (seconds() - start);
    fclose(file);
    return rate;
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: sustained DIRECTORY");
    double rate = ours(argv[1]), sqlite = with_sqlite(argv[1]), plain = with_fwrite(argv[1]);
    printf("libaim, stored and compressed           %6.2f million points/s (goal >= 3)\n", rate / 1e6);
    printf("SQLite WAL, 1000 rows a transaction     %6.2f million rows/s    libaim is %.1f x\n", sqlite / 1e6,
           rate / sqlite);
    printf("buffered fwrite of 40 bytes + fsync     %6.2f million records/s libaim is %.2f x\n", plain / 1e6,
           rate / plain);
    return 0;
}
