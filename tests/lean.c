/* A program in little memory: what needs more than there is, is an error of its call, and the rest goes on.
   lean REPO */
#include <aim.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { LARGE = 48 << 20, SPARE = 24 << 20, SIDE = 4096 };

static int failed;

static void expect(const char *what, aim_status expected, aim_status status, aim_error *err)
{
    const char *message = err ? aim_error_message(err) : "";
    int good = status == expected && (expected == AIM_OK || strstr(message, "memory"));
    printf("%s%s: %d %s\n", good ? "" : "WRONG ", what, (int)status, message);
    failed += !good;
    aim_error_free(err);
}

#define EXPECT(expected, call, ...)                                                                                    \
    do {                                                                                                               \
        aim_error *err = NULL;                                                                                         \
        aim_status status = call(__VA_ARGS__, &err);                                                                   \
        expect(#call, expected, status, err);                                                                          \
    } while (0)

static size_t address_space(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    if (!file || fscanf(file, "%zu", &pages) != 1)
        exit(2);
    fclose(file);
    return pages * 4096;
}

static void limit(rlim_t bytes)
{
    struct rlimit most = {bytes, RLIM_INFINITY};
    if (setrlimit(RLIMIT_AS, &most) != 0)
        exit(2);
}

static aim_sequence *sequence(aim_run *run, int32_t kind)
{
    aim_sequence *made = NULL;
    EXPECT(AIM_OK, aim_run_sequence, run, kind, "s", NULL, &made);
    return made;
}

int main(int argc, char **argv)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    aim_metric *metric = NULL;
    aim_values values;
    char *json = NULL;
    if (argc != 2)
        return 2;
    options.repo = argv[1];
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    EXPECT(AIM_OK, aim_run_metric, run, "loss", NULL, &metric);
    EXPECT(AIM_OK, aim_metric_track_many, metric, (double[]){3, 2, 1}, NULL, NULL, 3);

    char *text = malloc(LARGE + 3);
    if (!text)
        return 2;
    memset(text, 'x', LARGE + 2);
    text[0] = text[LARGE + 1] = '"';
    text[LARGE + 2] = 0;
    EXPECT(AIM_OK, aim_run_set_param_string, run, "stored", text);
    EXPECT(AIM_OK, aim_run_flush, run);
    aim_sequence *images = sequence(run, AIM_QUERY_IMAGES), *sounds = sequence(run, AIM_QUERY_AUDIOS),
                 *arrays = sequence(run, AIM_QUERY_ARRAYS);

    limit(address_space() + SPARE);
    EXPECT(AIM_ERR_LIMIT, aim_run_set_param, run, "json", text);
    EXPECT(AIM_ERR_LIMIT, aim_run_set_param_string, run, "text", text);
    EXPECT(AIM_ERR_LIMIT, aim_run_set_param_bytes, run, "bytes", (const uint8_t *)text, LARGE);
    EXPECT(AIM_ERR_LIMIT, aim_run_get_param, run, "stored", &json);
    EXPECT(AIM_ERR_LIMIT, aim_run_get_param, run, NULL, &json);

    aim_pixels picture = AIM_PIXELS_INIT;
    picture.data = text;
    picture.width = picture.height = SIDE;
    picture.channels = 2;
    picture.dtype = AIM_U8;
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_pixels, images, &picture, 1, 0, AIM_EPOCH_NONE, 0);
    aim_samples clip = AIM_SAMPLES_INIT;
    clip.data = text;
    clip.frames = LARGE / 4;
    clip.channels = 1;
    clip.rate = 44100;
    clip.dtype = AIM_F32;
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_samples, sounds, &clip, 1, 0, AIM_EPOCH_NONE, 0);
    aim_array array = AIM_ARRAY_INIT;
    uint64_t shape[1] = {LARGE};
    array.data = text;
    array.dtype = AIM_U8;
    array.ndim = 1;
    array.shape = shape;
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_array, arrays, &array, 0, AIM_EPOCH_NONE, 0);

    /* Nothing is broken. */
    EXPECT(AIM_OK, aim_run_set_param_string, run, "small", "text");
    EXPECT(AIM_OK, aim_metric_track_many, metric, (double[]){0.5, 0.25}, NULL, NULL, 2);
    EXPECT(AIM_OK, aim_run_flush, run);
    limit(RLIM_INFINITY);
    EXPECT(AIM_OK, aim_run_get_param, run, "stored", &json);
    if (!json || strlen(json) != LARGE + 4 /* quotes, those in the text with their backslashes */ + 2)
        printf("WRONG the text has %zu bytes\n", json ? strlen(json) : 0), failed++;
    aim_string_free(json);

    aim_repo *repo = NULL;
    aim_query *q = NULL;
    EXPECT(AIM_OK, aim_repo_open, argv[1], NULL, &repo);
    EXPECT(AIM_OK, aim_repo_query, repo, "metric.name == 'loss'", AIM_QUERY_METRICS, &q);
    EXPECT(AIM_OK, aim_query_values, q, 0, &values);
    if (values.len != 5 || values.values[4] != 0.25)
        printf("WRONG %zu values\n", (size_t)values.len), failed++;
    aim_query_free(q);
    aim_repo_free(repo);
    aim_sequence_free(images);
    aim_sequence_free(sounds);
    aim_sequence_free(arrays);
    aim_metric_free(metric);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    free(text);
    return failed > 0;
}
