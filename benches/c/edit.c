/* How long does it take to change RUNS stored runs that an expression selects? Each change is one atomic step, deletion a
 * few. The peer is SQLite, which changes as many rows of a table with an index in one transaction.
 *
 * usage: edit DIRECTORY [RUNS] */
#include "bench.h"
#include <sqlite3.h>

enum { REPEATS = 5 };

/* In memory, since each new run is synced, and copied from there. Runs that are freed are closed in the background, many in
 * one commit. */
static void build(const char *directory, int runs) {
    aim_error *err = NULL;
    char memory[4096], command[12400];
    snprintf(memory, sizeof memory, "%s", fresh("/dev/shm", "libaim-edit"));
    aim_run *first = open_run(memory, NULL);
    for (int r = 0; r < runs; r++) {
        aim_run *run = r == 0 ? first : open_run(memory, NULL);
        CHECK(aim_run_set_param(run, "hparams", "{\"lr\": 0.001, \"layers\": [64, 10]}", &err));
        CHECK(aim_run_set_param_int64(run, "seed", r, &err));
        CHECK(aim_run_track(run, "loss", 0.5, 0, AIM_EPOCH_NONE, NULL, &err));
        if (r > 0) aim_run_free(run);
    }
    close_run(first);
    snprintf(command, sizeof command, "cp -r '%s/.aim' '%s'; rm -r '%s'", memory, directory, memory);
    require(system(command) == 0, command);
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

static void edit_those(const aim_repo *repo, const char *expression, int runs, aim_edit *edit) {
    aim_error *err = NULL;
    uint64_t count = 0;
    CHECK(aim_repo_edit_runs(repo, expression, edit, &count, &err));
    if (count != (uint64_t)runs) abort();
}

static void edit_all(const aim_repo *repo, int runs, aim_edit *edit) {
    edit_those(repo, "run.seed >= 0", runs, edit);
}

static void add_tag(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    char tag[32];
    snprintf(tag, sizeof tag, "tag %d", i);
    CHECK(aim_edit_add_tag(edit, tag, &err));
    edit_all(repo, runs, edit);
}

static void rename_tag(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    (void)edit;
    uint64_t count = 0;
    CHECK(aim_repo_rename(repo, AIM_TAGS, i % 2 ? "renamed" : "tag 0", i % 2 ? "tag 0" : "renamed", &count, &err));
    if (count != (uint64_t)runs) abort();
}

static void rename_experiment(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    (void)edit;
    uint64_t count = 0;
    CHECK(aim_repo_rename(repo, AIM_EXPERIMENTS, i % 2 ? "other" : "default", i % 2 ? "default" : "other", &count,
                          &err));
    if (count != (uint64_t)runs) abort();
}

static void set_experiment(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    CHECK(aim_edit_set_experiment(edit, i % 2 ? "even" : "odd", &err));
    edit_all(repo, runs, edit);
}

static void archive(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    CHECK(aim_edit_set_archived(edit, i % 2 == 0, &err));
    edit_those(repo, i % 2 ? "run.archived == True" : "run.archived == False", runs, edit);
}

static void set_param(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    char json[32];
    snprintf(json, sizeof json, "%d", i);
    CHECK(aim_edit_set_param(edit, "/hparams/revision", json, &err));
    edit_all(repo, runs, edit);
}

static void delete_param(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    const char *const keys[REPEATS] = {"/hparams/revision", "/hparams/lr", "/hparams/layers", "hparams", "not there"};
    CHECK(aim_edit_delete_param(edit, keys[i], &err));
    edit_all(repo, runs, edit);
}

static void add_note(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    (void)i;
    CHECK(aim_edit_add_note(edit, "before the data was cleaned", &err));
    edit_all(repo, runs, edit);
}

static void drop_metric(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    (void)i;
    CHECK(aim_edit_drop_metric(edit, "loss", NULL, &err));
    edit_all(repo, runs, edit);
}

static void delete_runs(const aim_repo *repo, int runs, aim_edit *edit, int i) {
    aim_error *err = NULL;
    (void)edit, (void)i;
    uint64_t count = 0;
    uint64_t busy = 0;
    CHECK(aim_repo_delete_runs(repo, "run.seed >= 0", &count, &busy, &err));
    if (count != (uint64_t)runs) abort();
}

static const struct {
    const char *what;
    void (*change)(const aim_repo *repo, int runs, aim_edit *edit, int i);
    int repeats;
} changes[] = {
    {"get a tag", add_tag, REPEATS},
    {"have their tag renamed", rename_tag, REPEATS},
    {"have their experiment renamed", rename_experiment, REPEATS},
    {"move to an experiment", set_experiment, REPEATS},
    {"are archived or brought back", archive, REPEATS - 1},
    {"get a param", set_param, REPEATS},
    {"lose a param", delete_param, REPEATS - 1},
    {"get a note", add_note, REPEATS},
    {"lose a metric", drop_metric, 1},
    {"are deleted", delete_runs, 1},
};

int main(int argc, char **argv) {
    require(argc >= 2, "usage: edit DIRECTORY [RUNS]");
    int runs = argc > 2 ? atoi(argv[2]) : 100000;
    char directory[4096];
    snprintf(directory, sizeof directory, "%s", fresh(argv[1], "edit"));
    build(directory, runs);
    double peer = of_sqlite(directory, runs);
    printf("%d runs, goal of each <= 2 s; SQLite, a column with an index: %.2f s\n", runs, peer);
    aim_error *err = NULL;
    aim_repo *repo = NULL;
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    for (size_t c = 0; c < sizeof changes / sizeof *changes; c++) {
        double times[REPEATS], cpu[REPEATS];
        for (int i = 0; i < changes[c].repeats; i++) {
            aim_edit *edit = NULL;
            CHECK(aim_edit_new(&edit, &err));
            double start = seconds(), used = processor_seconds();
            changes[c].change(repo, runs, edit, i);
            times[i] = seconds() - start;
            cpu[i] = processor_seconds() - used;
            aim_edit_free(edit);
        }
        double time = median(times, (size_t)changes[c].repeats);
        printf("%-30s %5.2f s, %5.2f s of a processor, %4.1f us a run: %.2f x\n", changes[c].what, time,
               median(cpu, (size_t)changes[c].repeats), time / runs * 1e6, time / peer);
        fflush(stdout);
    }
    aim_repo_free(repo);
    return 0;
}
