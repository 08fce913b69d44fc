/* How long does it take to change RUNS stored runs that an expression selects? Each change is one atomic step. The peer is
 * SQLite, which changes as many rows of a table with an index in one transaction.
 *
 * usage: edit DIRECTORY [RUNS] */
#include "bench.h"
#include <sqlite3.h>

enum { REPEATS = 5 };

/* Runs that are freed are closed in the background, many in one commit. */
static void build(const char *directory, int runs) {
    aim_error *err = NULL;
    aim_run *first = open_run(directory, NULL);
    for (int r = 0; r < runs; r++) {
        aim_run *run = r == 0 ? first : open_run(directory, NULL);
        CHECK(aim_run_set_param(run, "hparams", "{\"lr\": 0.001, \"layers\": [64, 10]}", &err));
        CHECK(aim_run_set_param_int64(run, "seed", r, &err));
        if (r > 0) aim_run_free(run);
    }
    close_run(first);
}

static void statement(sqlite3 *db, const char *text) {
    char *message = NULL;
    if (sqlite3_exec(db, text, NULL, NULL, &message) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", text, message);
        exit(1);
    }
}

static double of_sqlite(const char *directory, int runs) {
    char path[4200], text[256];
    snprintf(path, sizeof path, "%s/runs.sqlite", directory);
    sqlite3 *db;
    require(sqlite3_open(path, &db) == SQLITE_OK, path);
    statement(db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    statement(db, "CREATE TABLE run (id INTEGER PRIMARY KEY, hash TEXT, params TEXT, tag TEXT)");
    statement(db, "CREATE INDEX tagged ON run (tag)");
    snprintf(text, sizeof text,
             "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO run SELECT i, hex(randomblob(12)), '{\"lr\": 0.001, \"seed\": ' || i || '}', '' FROM n",
             runs);
    statement(db, text);
    double times[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        snprintf(text, sizeof text, "UPDATE run SET tag = 'tag %d' WHERE json_extract(params, '$.seed') >= 0", i);
        double start = seconds();
        statement(db, text);
        times[i] = seconds() - start;
    }
    sqlite3_close(db);
    return median(times, REPEATS);
}

/* Median seconds of a change of all runs; `add` puts it into an edit. */
static double change(const aim_repo *repo, int runs, void (*add)(aim_edit *edit, int i)) {
    aim_error *err = NULL;
    double times[REPEATS];
    for (int i = 0; i < REPEATS; i++) {
        aim_edit *edit = NULL;
        uint64_t count = 0;
        CHECK(aim_edit_new(&edit, &err));
        add(edit, i);
        double start = seconds();
        CHECK(aim_repo_edit_runs(repo, "run.seed >= 0", edit, &count, &err));
        times[i] = seconds() - start;
        if (count != (uint64_t)runs) abort();
        aim_edit_free(edit);
    }
    return median(times, REPEATS);
}

static void add_tag(aim_edit *edit, int i) {
    aim_error *err = NULL;
    char tag[32];
    snprintf(tag, sizeof tag, "tag %d", i);
    CHECK(aim_edit_add_tag(edit, tag, &err));
}

static void set_param(aim_edit *edit, int i) {
    aim_error *err = NULL;
    char json[32];
    snprintf(json, sizeof json, "%d", i);
    CHECK(aim_edit_set_param(edit, "/hparams/revision", json, &err));
}

static void add_note(aim_edit *edit, int i) {
    aim_error *err = NULL;
    (void)i;
    CHECK(aim_edit_add_note(edit, "before the data was cleaned", &err));
}

int main(int argc, char **argv) {
    require(argc >= 2, "usage: edit DIRECTORY [RUNS]");
    int runs = argc > 2 ? atoi(argv[2]) : 100000;
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", fresh(argv[1], "edit"));
    build(directory, runs);
    aim_error *err = NULL;
    aim_repo *repo = NULL;
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    double tag = change(repo, runs, add_tag), param = change(repo, runs, set_param), note = change(repo, runs, add_note);
    double peer = of_sqlite(directory, runs);
    printf("%d runs get a tag     %5.2f s, %4.1f us a run  (goal <= 2 s); SQLite %.2f s: %.2f x\n", runs, tag,
           tag / runs * 1e6, peer, tag / peer);
    printf("%d runs get a param   %5.2f s, %4.1f us a run: %.2f x\n", runs, param, param / runs * 1e6, param / peer);
    printf("%d runs get a note    %5.2f s, %4.1f us a run: %.2f x\n", runs, note, note / runs * 1e6, note / peer);
    aim_repo_free(repo);
    return 0;
}
