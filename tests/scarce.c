/* A program in which no allocation of 4 MiB or more succeeds, in whatever thread, once it says so. Whatever a caller
 * gives, or a repository holds, each call succeeds or is AIM_ERR_LIMIT, and what comes after it succeeds.
 *
 *     scarce REPO CASE      one call; prints what came of it
 *     scarce REPO           the names of all cases */
#define _GNU_SOURCE
#include "must.h"

#include <errno.h>
#include <stdint.h>

enum { LARGE = 4 << 20, BYTES = 12 << 20, MANY = 3000000 };

static volatile int scarce;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static int refused(size_t size)
{
    if (!scarce || size < LARGE)
        return 0;
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    return refused(size) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return size != 0 && refused(count * size) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return refused(size) ? NULL : __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return refused(size) ? NULL : __libc_memalign(alignment, size);
}

int posix_memalign(void **made, size_t alignment, size_t size)
{
    if (refused(size))
        return ENOMEM;
    *made = __libc_memalign(alignment, size);
    return *made ? 0 : ENOMEM;
}

/* ---- What the cases share ---- */

static aim_run *run;
static aim_repo *repo;
static aim_metric *metric;
static char *text; /* of BYTES characters */
static double *numbers;
static aim_error *err;
static char *json;
static aim_query *query;

static aim_sequence *sequence(int32_t kind)
{
    aim_sequence *made = NULL;
    MUST(aim_run_sequence, run, kind, "objects", NULL, &made);
    return made;
}

static aim_query *answer(int32_t kind)
{
    aim_query *made = NULL;
    MUST(aim_repo_query, repo, "run.experiment == 'stored'", kind, &made);
    return made;
}

/* ---- Cases: a call each ---- */

static aim_status param_json(void)
{
    text[0] = text[BYTES - 1] = '"';
    return aim_run_set_param(run, "p", text, &err);
}
static aim_status param_list(void)
{
    memset(text, ',', BYTES);
    for (int i = 1; i < BYTES; i += 2)
        text[i] = '1';
    text[0] = '[', text[BYTES - 1] = '\0', text[BYTES - 2] = ']';
    return aim_run_set_param(run, "p", text, &err);
}
static aim_status param_string(void) { return aim_run_set_param_string(run, "p", text, &err); }
static aim_status param_bytes(void) { return aim_run_set_param_bytes(run, "p", (uint8_t *)text, BYTES, &err); }
static aim_status param_key(void) { return aim_run_set_param(run, text, "1", &err); }
static aim_status name(void) { return aim_run_set_name(run, text, &err); }
static aim_status description(void) { return aim_run_set_description(run, text, &err); }
static aim_status tag(void) { return aim_run_add_tag(run, text, &err); }
static aim_status metric_name(void) { return aim_run_track(run, text, 1, 1, AIM_EPOCH_NONE, NULL, &err); }
static aim_status metric_context(void) { return aim_run_track(run, "m", 1, 1, AIM_EPOCH_NONE, text, &err); }
static aim_status log_message(void) { return aim_run_log(run, AIM_LOG_INFO, text, NULL, 0, NULL, &err); }
static aim_status log_line(void)
{
    text[(1 << 20) - 1] = '\0';
    for (int i = 0; i < 20; i++) {
        aim_status status = aim_run_log(run, AIM_LOG_INFO, text, NULL, 0, NULL, &err);
        if (status != AIM_OK)
            return status;
    }
    return AIM_OK;
}
static aim_status many_values(void) { return aim_metric_track_many(metric, numbers, NULL, NULL, MANY, &err); }
static aim_status texts(void)
{
    const char *one[] = {text};
    return aim_sequence_track_texts(sequence(AIM_QUERY_TEXTS), one, 1, 0, AIM_EPOCH_NONE, 0, &err);
}
static aim_status many_texts(void)
{
    static const char *all[65535];
    for (int i = 0; i < 65535; i++)
        all[i] = "a text of some length, of which there are many";
    return aim_sequence_track_texts(sequence(AIM_QUERY_TEXTS), all, 65535, 0, AIM_EPOCH_NONE, 0, &err);
}
static aim_status array(void)
{
    aim_array of = AIM_ARRAY_INIT;
    uint64_t shape[1] = {BYTES / 4};
    of.data = numbers;
    of.ndim = 1;
    of.shape = shape;
    return aim_sequence_track_array(sequence(AIM_QUERY_ARRAYS), &of, 0, AIM_EPOCH_NONE, 0, &err);
}
static aim_status pixels(void)
{
    aim_pixels of = AIM_PIXELS_INIT;
    of.data = text;
    of.width = of.height = 2000;
    of.channels = 3;
    of.dtype = AIM_U8;
    return aim_sequence_track_pixels(sequence(AIM_QUERY_IMAGES), &of, 1, 0, AIM_EPOCH_NONE, 0, &err);
}
static aim_status samples(void)
{
    aim_samples of = AIM_SAMPLES_INIT;
    of.data = numbers;
    of.frames = BYTES / 4;
    of.rate = 44100;
    return aim_sequence_track_samples(sequence(AIM_QUERY_AUDIOS), &of, 1, 0, AIM_EPOCH_NONE, 0, &err);
}
static aim_status histogram(void)
{
    return aim_sequence_track_values(sequence(AIM_QUERY_DISTRIBUTIONS), numbers, MANY, AIM_F64, 4096, 0, 0, 0, AIM_EPOCH_NONE, 0, &err);
}
static aim_status expression(void) { return aim_repo_query(repo, text, AIM_QUERY_RUNS, &query, &err); }
static aim_status selected(void) { return aim_repo_query(repo, "len(run.text) > 5", AIM_QUERY_RUNS, &query, &err); }
static aim_status made(void) { return aim_repo_query(repo, "len('a' * 15000000) > 5", AIM_QUERY_RUNS, &query, &err); }
static aim_status listed(void) { return aim_repo_query(repo, "len(list(range(900000))) > 5", AIM_QUERY_RUNS, &query, &err); }
static aim_status values(void)
{
    aim_values v;
    return aim_query_values(answer(AIM_QUERY_METRICS), 0, &v, &err);
}
static aim_status sample(void)
{
    aim_sample *of = NULL;
    return aim_query_sample(answer(AIM_QUERY_METRICS), 0, 1000000, AIM_SAMPLE_MIN_MAX, &of, &err);
}
static aim_status table(void) { return aim_query_table(answer(AIM_QUERY_RUNS), &json, &err); }
static aim_status table_of_points(void) { return aim_query_table(answer(AIM_QUERY_METRICS), &json, &err); }
static aim_status read_param(void) { return aim_query_run_param(answer(AIM_QUERY_RUNS), 0, "text", &json, &err); }
static aim_status read_params(void) { return aim_query_run_param(answer(AIM_QUERY_RUNS), 0, NULL, &json, &err); }
static aim_status read_string(void) { return aim_query_run_param_string(answer(AIM_QUERY_RUNS), 0, "text", &json, &err); }
static aim_status read_logs(void)
{
    return aim_repo_read_logs(repo, aim_query_run_hash(answer(AIM_QUERY_RUNS), 0), AIM_LOGS_RECORDS, 0, 1000, &json, &err);
}
static aim_status objects(void)
{
    aim_objects *of = NULL;
    aim_status status = aim_query_objects(answer(AIM_QUERY_ARRAYS), 0, NULL, &of, &err);
    const uint8_t *data = NULL;
    size_t size = 0;
    return status != AIM_OK ? status : aim_objects_data(of, 0, &data, &size, &err);
}
static aim_status arrow(void)
{
    /* As Arrow's C Stream Interface has them. */
    struct {
        int (*get_schema)(void *, void *), (*get_next)(void *, void *);
        const char *(*get_last_error)(void *);
        void (*release)(void *);
        void *private_data;
    } stream;
    uint64_t batch[16];
    aim_status status = aim_repo_query_arrow(repo, "True", AIM_QUERY_METRICS, (struct ArrowArrayStream *)&stream, &err);
    return status != AIM_OK ? status : stream.get_next(&stream, batch) == 0 ? AIM_OK : AIM_ERR_LIMIT;
}
static aim_status note(void)
{
    aim_edit *edit = NULL;
    MUST(aim_edit_new, &edit);
    aim_status status = aim_edit_add_note(edit, text, &err);
    return status != AIM_OK ? status : aim_repo_edit_run(repo, aim_query_run_hash(answer(AIM_QUERY_RUNS), 0), edit, &err);
}
static aim_status edit_param(void)
{
    aim_edit *edit = NULL;
    MUST(aim_edit_new, &edit);
    text[0] = text[BYTES - 1] = '"';
    aim_status status = aim_edit_set_param(edit, "p", text, &err);
    return status != AIM_OK ? status : aim_repo_edit_run(repo, aim_query_run_hash(answer(AIM_QUERY_RUNS), 0), edit, &err);
}

#define CASE(name) {#name, name}
static const struct {
    const char *name;
    aim_status (*call)(void);
} cases[] = {
    CASE(param_json), CASE(param_list), CASE(param_string), CASE(param_bytes), CASE(param_key), CASE(name), CASE(description),
    CASE(tag), CASE(metric_name), CASE(metric_context), CASE(log_message), CASE(log_line), CASE(many_values), CASE(texts),
    CASE(many_texts), CASE(array), CASE(pixels), CASE(samples), CASE(histogram), CASE(expression), CASE(selected), CASE(made),
    CASE(listed), CASE(values), CASE(sample), CASE(table), CASE(table_of_points), CASE(read_param), CASE(read_params),
    CASE(read_string), CASE(read_logs), CASE(objects), CASE(arrow), CASE(note), CASE(edit_param),
};

static void open_run(const char *path, const char *experiment)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = path;
    options.experiment = experiment;
    MUST(aim_run_new, &options, &run);
    MUST(aim_run_metric, run, "loss", NULL, &metric);
}

/* What the cases read. */
static void store(const char *path)
{
    open_run(path, "stored");
    if (many_values() != AIM_OK || param_string() != AIM_OK || array() != AIM_OK)
        exit(3);
    MUST(aim_run_set_param_string, run, "text", text);
    text[1 << 18] = '\0';
    for (int i = 0; i < 40; i++)
        MUST(aim_run_log, run, AIM_LOG_INFO, text, NULL, 0, NULL);
    MUST(aim_run_close, run);
}

int main(int argc, char **argv)
{
    text = malloc(BYTES + 1);
    numbers = calloc(MANY, sizeof(double));
    if (!text || !numbers || argc < 2)
        return 2;
    memset(text, 'x', BYTES);
    text[BYTES] = '\0';
    for (uint64_t i = 0, noise = 1; i < MANY; i++, noise = noise * 6364136223846793005u + 1442695040888963407u)
        numbers[i] = (double)(noise >> 11);
    if (argc == 2) {
        store(argv[1]);
        for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
            puts(cases[i].name);
        return 0;
    }
    open_run(argv[1], "scarce");
    MUST(aim_repo_open, argv[1], NULL, &repo);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (strcmp(cases[i].name, argv[2]) != 0)
            continue;
        scarce = 1;
        aim_status status = cases[i].call();
        printf("%s: %d %s\n", argv[2], (int)status, aim_error_message(err) ? aim_error_message(err) : "");
        /* Behind it, too, and in what comes after. */
        MUST(aim_run_flush, run);
        MUST(aim_metric_track_many, metric, numbers, NULL, NULL, 3);
        MUST(aim_run_close, run);
        return status != AIM_OK && status != AIM_ERR_LIMIT && status != AIM_ERR_INVALID_ARGUMENT && status != AIM_ERR_SYNTAX;
    }
    return 2;
}
