/* The scenario in C.
 *
 *     scenario write REPO FILE          does the steps and prints the run's hash
 *     scenario read REPO FILE HASH      checks the expectations; exit status 1 and what differs if any is not met
 */
#include <aim.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_FIELDS 6
#define LINE_SIZE 8192

static int differences = 0;

static void fail(const char *message)
{
    fprintf(stderr, "%s\n", message);
    exit(1);
}

static void check(aim_status status, aim_error *error, const char *call)
{
    if (status == AIM_OK)
        return;
    fprintf(stderr, "%s: %s\n", call, aim_error_message(error));
    aim_error_free(error);
    exit(1);
}

#define CALL(function, ...)                                                                                           \
    do {                                                                                                              \
        aim_error *error_ = NULL;                                                                                     \
        aim_status status_ = function(__VA_ARGS__, &error_);                                                          \
        check(status_, error_, #function);                                                                            \
    } while (0)

static void expect_text(const char *what, const char *wanted, const char *found)
{
    if (strcmp(wanted, found) == 0)
        return;
    fprintf(stderr, "%s: expected %s, found %s\n", what, wanted, found);
    differences++;
}

static void expect_int(const char *what, int64_t wanted, int64_t found)
{
    if (wanted == found)
        return;
    fprintf(stderr, "%s: expected %" PRId64 ", found %" PRId64 "\n", what, wanted, found);
    differences++;
}

static void expect_double(const char *what, double wanted, double found)
{
    if (wanted == found || (isnan(wanted) && isnan(found)))
        return;
    fprintf(stderr, "%s: expected %.17g, found %.17g\n", what, wanted, found);
    differences++;
}

/* Cuts the line at its tabs; fields that are not there are "". */
static void split(char *line, char *fields[MAX_FIELDS])
{
    line[strcspn(line, "\n")] = '\0';
    for (int i = 0; i < MAX_FIELDS; i++) {
        char *tab = strchr(line, '\t');
        fields[i] = line;
        line = tab ? tab + 1 : line + strlen(line);
        if (tab)
            *tab = '\0';
    }
}

/* The next item of a comma-separated list; NULL after the last. */
static char *next_item(char **list)
{
    if (*list == NULL)
        return NULL;
    char *item = *list, *comma = strchr(item, ',');
    if (comma)
        *comma = '\0';
    *list = comma ? comma + 1 : NULL;
    return item;
}

static int64_t step_or_epoch(const char *text)
{
    if (strcmp(text, "auto") == 0)
        return AIM_STEP_AUTO;
    if (strcmp(text, "none") == 0)
        return AIM_EPOCH_NONE;
    return strtoll(text, NULL, 10);
}

static aim_run *open_run(const char *repo, const char *experiment, const char *hash)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = repo;
    options.experiment = experiment;
    options.run_hash = hash;
    aim_run *run = NULL;
    CALL(aim_run_new, &options, &run);
    return run;
}

/* ---- Writing ---- */

static void write_step(aim_run *run, char **f)
{
    const char *kind = f[0];
    if (strcmp(kind, "name") == 0)
        CALL(aim_run_set_name, run, f[1]);
    else if (strcmp(kind, "description") == 0)
        CALL(aim_run_set_description, run, f[1]);
    else if (strcmp(kind, "tag") == 0)
        CALL(aim_run_add_tag, run, f[1]);
    else if (strcmp(kind, "param") == 0)
        CALL(aim_run_set_param, run, f[1], f[2]);
    else if (strcmp(kind, "delete") == 0)
        CALL(aim_run_delete_param, run, f[1]);
    else if (strcmp(kind, "track") == 0)
        CALL(aim_run_track, run, f[1], strtod(f[4], NULL), step_or_epoch(f[3]), step_or_epoch(f[5]), f[2]);
    else
        fail(kind);
}

static void write_run(const char *repo, FILE *file)
{
    aim_run *run = NULL;
    char line[LINE_SIZE], hash[32] = "";
    char *f[MAX_FIELDS];
    while (fgets(line, sizeof line, file)) {
        if (line[0] == '#' || strncmp(line, "expect-", 7) == 0)
            continue;
        split(line, f);
        if (strcmp(f[0], "experiment") == 0) {
            run = open_run(repo, f[1], NULL);
            snprintf(hash, sizeof hash, "%s", aim_run_hash(run));
        } else if (strcmp(f[0], "close") == 0) {
            CALL(aim_run_close, run);
            aim_run_free(run);
            run = NULL;
        } else if (strcmp(f[0], "continue") == 0) {
            run = open_run(repo, NULL, hash);
        } else {
            write_step(run, f);
        }
    }
    puts(hash);
}

/* ---- Reading ---- */

/* Puts the JSON of a member of a compact object into `value`. */
static void member(const char *json, const char *name, char *value, size_t size)
{
    char key[64];
    snprintf(key, sizeof key, "\"%s\":", name);
    const char *start = strstr(json, key);
    start = start ? start + strlen(key) : "";
    const char *end = start;
    int depth = 0, in_string = 0;
    for (; *end; end++) {
        if (in_string) {
            if (*end == '\\')
                end++;
            else if (*end == '"')
                in_string = 0;
            continue;
        }
        if (depth == 0 && (*end == ',' || *end == '}'))
            break;
        in_string = *end == '"';
        depth += (*end == '[' || *end == '{') - (*end == ']' || *end == '}');
    }
    snprintf(value, size, "%.*s", (int)(end - start), start);
}

static void expect_param(const aim_query *run, const char *key, const char *wanted)
{
    char *json = NULL;
    aim_error *error = NULL;
    const aim_status status = aim_query_run_param_json(run, 0, key, AIM_JSON_WORDS, &json, &error);
    if (status == AIM_ERR_NOT_FOUND) {
        expect_text(key, wanted ? wanted : "", "");
        aim_error_free(error);
        return;
    }
    check(status, error, "aim_query_run_param_json");
    expect_text(key, wanted ? wanted : "no such param", json);
    aim_string_free(json);
}

static void expect_metric(const aim_query *metrics, size_t row, char **f)
{
    const char *name = aim_query_metric_name(metrics, row);
    if (!name) {
        expect_text(f[1], "a metric", "none");
        return;
    }
    expect_text("metric", f[1], name);
    expect_text("context", f[2], aim_query_metric_context(metrics, row));

    aim_values values;
    CALL(aim_query_values, metrics, row, &values);
    char *steps = f[3], *numbers = f[4], *epochs = f[5], *step;
    size_t i = 0;
    for (; (step = next_item(&steps)) != NULL; i++) {
        if (i >= values.len)
            continue;
        expect_int("step", step_or_epoch(step), values.steps[i]);
        expect_double("value", strtod(next_item(&numbers), NULL), values.values[i]);
        expect_int("epoch", step_or_epoch(next_item(&epochs)), values.epochs[i]);
    }
    expect_int("number of points", (int64_t)i, (int64_t)values.len);
}

static void read_run(const char *repo_path, FILE *file, const char *hash)
{
    aim_repo *repo = NULL;
    aim_query *run = NULL, *metrics = NULL;
    char expression[64], line[LINE_SIZE], found[LINE_SIZE];
    char *properties = NULL, *f[MAX_FIELDS];
    snprintf(expression, sizeof expression, "run.hash == '%s'", hash);
    CALL(aim_repo_open, repo_path, NULL, &repo);
    CALL(aim_repo_query, repo, expression, AIM_QUERY_RUNS, &run);
    CALL(aim_repo_query, repo, expression, AIM_QUERY_METRICS, &metrics);
    if (aim_query_len(run) != 1)
        fail("the run is not there");
    CALL(aim_query_run_properties, run, 0, &properties);

    size_t row = 0;
    while (fgets(line, sizeof line, file)) {
        if (strncmp(line, "expect-", 7) != 0)
            continue;
        split(line, f);
        if (strcmp(f[0], "expect-property") == 0) {
            member(properties, f[1], found, sizeof found);
            expect_text(f[1], f[2], found);
        } else if (strcmp(f[0], "expect-param") == 0) {
            expect_param(run, f[1], f[2]);
        } else if (strcmp(f[0], "expect-no-param") == 0) {
            expect_param(run, f[1], NULL);
        } else if (strcmp(f[0], "expect-metric") == 0) {
            expect_metric(metrics, row++, f);
        } else {
            fail(f[0]);
        }
    }
    expect_int("number of metrics", (int64_t)row, (int64_t)aim_query_len(metrics));
    aim_string_free(properties);
    aim_query_free(run);
    aim_query_free(metrics);
    aim_repo_free(repo);
}

int main(int argc, char **argv)
{
    const int writing = argc == 4 && strcmp(argv[1], "write") == 0;
    if (!writing && !(argc == 5 && strcmp(argv[1], "read") == 0))
        fail("usage: scenario write REPO FILE | scenario read REPO FILE HASH");
    FILE *file = fopen(argv[3], "r");
    if (!file) {
        perror(argv[3]);
        return 1;
    }
    if (writing)
        write_run(argv[2], file);
    else
        read_run(argv[2], file, argv[4]);
    fclose(file);
    return differences != 0;
}
