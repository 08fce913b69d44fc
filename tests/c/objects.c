/* Objects: sequences, what is refused, structs of other versions, reading, distributions. */
#include "check.h"

static aim_run *run;
static aim_repo *repo;

static aim_sequence *sequence_of(int32_t kind, const char *name)
{
    aim_sequence *sequence = NULL;
    EXPECT(AIM_OK, aim_run_sequence, run, kind, name, NULL, &sequence);
    return sequence;
}

/* All objects of the only sequence of that kind and name. */
static aim_objects *objects_of(int32_t kind, const char *expression)
{
    aim_objects *objects = NULL;
    aim_query *q = query(repo, expression, kind);
    CHECK(aim_query_len(q) == 1);
    EXPECT(AIM_OK, aim_query_objects, q, 0, NULL, &objects);
    aim_query_free(q);
    return objects;
}

static aim_object object(const void *data, size_t size)
{
    aim_object o = AIM_OBJECT_INIT;
    o.data = data;
    o.size = size;
    return o;
}

static void texts(void)
{
    const char *two[] = {"one", "größer"};
    const uint8_t *data = NULL;
    size_t size = 0;
    aim_object_info info = AIM_OBJECT_INFO_INIT;
    aim_sequence *s = sequence_of(AIM_QUERY_TEXTS, "t");
    EXPECT(AIM_OK, aim_sequence_track_texts, s, two, 2, 5, 3, 1234.5);
    EXPECT(AIM_OK, aim_sequence_track_texts, s, NULL, 0, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0);
    aim_objects *objects = objects_of(AIM_QUERY_TEXTS, "texts.name == 't' and texts.count == 2");
    CHECK(aim_objects_len(objects) == 2);
    EXPECT(AIM_OK, aim_objects_info, objects, 1, &info);
    CHECK(info.step == 5 && info.epoch == 3 && info.time == 1234.5 && info.index == 1 && info.size == 8);
    CHECK_TEXT(info.format, "text");
    CHECK_TEXT(info.caption, "");
    CHECK_TEXT(info.meta, "{}");
    EXPECT(AIM_OK, aim_objects_data, objects, 1, &data, &size);
    CHECK(size == 8 && memcmp(data, "größer", 8) == 0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_objects_data, objects, 2, &data, &size);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_objects_info, objects, 2, &info);
    aim_distribution d = AIM_DISTRIBUTION_INIT;
    EXPECT(AIM_ERR_TYPE, aim_objects_distribution, objects, 0, &d);
    aim_objects_free(objects);
    aim_sequence_free(s);
}

static void encoded(void)
{
    static const char gif[] = "GIF89a\x07\x00\x05\x00" "and so on";
    aim_object_info info = AIM_OBJECT_INFO_INIT;
    aim_sequence *s = sequence_of(AIM_QUERY_IMAGES, "i");
    aim_object both[2];
    both[0] = both[1] = object(gif, sizeof gif);
    both[1].caption = "a cat";
    both[1].meta = "{\"boxes\": [[1, 2, 3, 4]]}";
    EXPECT(AIM_OK, aim_sequence_track, s, both, 2, 0, AIM_EPOCH_NONE, 0.0);
    aim_objects *objects = objects_of(AIM_QUERY_IMAGES, "images.name == 'i'");
    EXPECT(AIM_OK, aim_objects_info, objects, 1, &info);
    CHECK(info.width == 7 && info.height == 5);
    CHECK_TEXT(info.format, "gif");
    CHECK_TEXT(info.caption, "a cat");
    CHECK_TEXT(info.meta, "{\"boxes\": [[1, 2, 3, 4]]}");
    aim_objects_free(objects);

    both[1].format = "tiff";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, both, 2, 1, AIM_EPOCH_NONE, 0.0);
    both[1].format = NULL;
    both[1].size = 0;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, both, 2, 1, AIM_EPOCH_NONE, 0.0);
    both[1] = object(NULL, 5);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, both, 2, 1, AIM_EPOCH_NONE, 0.0);
    both[1] = object(gif, ((size_t)1 << 30) + 1);
    both[1].format = "gif";
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track, s, both, 2, 1, AIM_EPOCH_NONE, 0.0);
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track, s, both, 65536, 1, AIM_EPOCH_NONE, 0.0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, NULL, 1, 1, AIM_EPOCH_NONE, 0.0);
    both[0].struct_size = 3;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, both, 1, 1, AIM_EPOCH_NONE, 0.0);
    EXPECT(AIM_ERR_TYPE, aim_sequence_track_texts, s, NULL, 0, 1, AIM_EPOCH_NONE, 0.0);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, NULL, 0, 1, AIM_EPOCH_NONE, (double)NAN);

    /* Structs of a newer version, in a row. */
    struct { aim_object object; uint64_t more; } newer[2];
    memset(newer, 0, sizeof newer);
    newer[0].object = newer[1].object = object(gif, sizeof gif);
    newer[0].object.struct_size = newer[1].object.struct_size = sizeof newer[0];
    EXPECT(AIM_OK, aim_sequence_track, s, &newer[0].object, 2, 1, AIM_EPOCH_NONE, 0.0);
    newer[1].more = 1;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, &newer[0].object, 2, 1, AIM_EPOCH_NONE, 0.0);
    aim_sequence_free(s);
}

static void pixels(void)
{
    static const uint8_t data[64] = {1, 2, 3};
    aim_pixels p = AIM_PIXELS_INIT;
    aim_sequence *s = sequence_of(AIM_QUERY_IMAGES, "p");
    p.data = data;
    p.width = 4;
    p.height = 5;
    EXPECT(AIM_OK, aim_sequence_track_pixels, s, &p, 1, 0, AIM_EPOCH_NONE, 0.0);
    aim_objects *objects = objects_of(AIM_QUERY_IMAGES, "images.name == 'p'");
    aim_object_info info = AIM_OBJECT_INFO_INIT;
    EXPECT(AIM_OK, aim_objects_info, objects, 0, &info);
    CHECK(info.width == 4 && info.height == 5);
    CHECK_TEXT(info.format, "png");
    aim_objects_free(objects);

    /* Each is wrong in one thing. */
    for (int wrong = 0; wrong < 10; wrong++) {
        aim_pixels bad = p;
        switch (wrong) {
        case 0: bad.width = 0; break;
        case 1: bad.height = 0; break;
        case 2: bad.channels = 0; break;
        case 3: bad.channels = 5; break;
        case 4: bad.dtype = AIM_I64; break;
        case 5: bad.dtype = 99; break;
        case 6: bad.row_stride = -11; break;
        case 7: bad.row_stride = 11; break;
        case 8: bad.planar = 2; break;
        default: bad.low = 1.0; break;
        }
        EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_pixels, s, &bad, 1, 1, AIM_EPOCH_NONE, 0.0);
    }
    p.width = p.height = 1 << 20;
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_pixels, s, &p, 1, 1, AIM_EPOCH_NONE, 0.0);
    aim_sequence_free(s);
}

static void samples_and_arrays(void)
{
    static const int16_t pcm[8] = {0, 1, -1, 32767};
    aim_samples clip = AIM_SAMPLES_INIT;
    aim_sequence *s = sequence_of(AIM_QUERY_AUDIOS, "s");
    clip.data = pcm;
    clip.frames = 4;
    clip.channels = 2;
    clip.rate = 8000;
    clip.dtype = AIM_I16;
    EXPECT(AIM_OK, aim_sequence_track_samples, s, &clip, 1, 0, AIM_EPOCH_NONE, 0.0);
    clip.rate = 0;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_samples, s, &clip, 1, 1, AIM_EPOCH_NONE, 0.0);
    clip.rate = 8000;
    clip.frames = 0;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_samples, s, &clip, 1, 1, AIM_EPOCH_NONE, 0.0);
    clip.frames = UINT64_MAX / 2;
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_samples, s, &clip, 1, 1, AIM_EPOCH_NONE, 0.0);
    aim_sequence_free(s);

    uint64_t shape[9] = {2, 3, 1, 1, 1, 1, 1, 1, 1};
    int64_t strides[2] = {-12, -4};
    float values[6] = {1, 2, 3, 4, 5, 6};
    aim_array a = AIM_ARRAY_INIT;
    s = sequence_of(AIM_QUERY_ARRAYS, "a");
    a.data = values;
    a.ndim = 2;
    a.shape = shape;
    EXPECT(AIM_OK, aim_sequence_track_array, s, &a, 0, AIM_EPOCH_NONE, 0.0);
    a.strides = strides;
    a.data = values + 5; /* the last in memory is the first */
    EXPECT(AIM_OK, aim_sequence_track_array, s, &a, 1, AIM_EPOCH_NONE, 0.0);
    aim_objects *objects = objects_of(AIM_QUERY_ARRAYS, "arrays.name == 'a'");
    const uint8_t *npy = NULL;
    size_t size = 0;
    EXPECT(AIM_OK, aim_objects_data, objects, 1, &npy, &size);
    static const float backwards[6] = {6, 5, 4, 3, 2, 1};
    CHECK(size > sizeof backwards && memcmp(npy + size - sizeof backwards, backwards, sizeof backwards) == 0);
    aim_objects_free(objects);
    strides[0] = INT64_MIN; /* farther than memory reaches */
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_array, s, &a, 1, AIM_EPOCH_NONE, 0.0);
    a.data = values;
    a.strides = NULL;
    a.ndim = 9;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_array, s, &a, 1, AIM_EPOCH_NONE, 0.0);
    a.ndim = 2;
    shape[0] = UINT64_MAX;
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_array, s, &a, 1, AIM_EPOCH_NONE, 0.0);
    shape[0] = 0;
    EXPECT(AIM_OK, aim_sequence_track_array, s, &a, 1, AIM_EPOCH_NONE, 0.0);
    a.ndim = 0;
    EXPECT(AIM_OK, aim_sequence_track_array, s, &a, 2, AIM_EPOCH_NONE, 0.0);
    aim_sequence_free(s);
}

static void distributions(void)
{
    const double values[] = {0, 1, 1, 4, (double)NAN, (double)INFINITY, -(double)INFINITY, (double)NAN};
    const double weights[] = {3, 0, 1.5}, edges[] = {-1, 0, 10, 11};
    aim_sequence *s = sequence_of(AIM_QUERY_DISTRIBUTIONS, "d");
    EXPECT(AIM_OK, aim_sequence_track_values, s, values, 8, AIM_F64, 4, 0.0, 0.0, 0, AIM_EPOCH_NONE, 0.0);
    aim_distribution d = AIM_DISTRIBUTION_INIT;
    d.weights = weights;
    d.bins = 3;
    d.edges = edges;
    EXPECT(AIM_OK, aim_sequence_track_distribution, s, &d, 1, AIM_EPOCH_NONE, 0.0);
    EXPECT(AIM_OK, aim_sequence_track_values, s, NULL, 0, AIM_F32, 0, 0.0, 0.0, 2, AIM_EPOCH_NONE, 0.0);

    aim_objects *objects = objects_of(AIM_QUERY_DISTRIBUTIONS, "distributions.name == 'd'");
    aim_distribution found = AIM_DISTRIBUTION_INIT;
    EXPECT(AIM_OK, aim_objects_distribution, objects, 0, &found);
    CHECK(found.bins == 4 && found.low == 0 && found.high == 4);
    CHECK(found.weights[0] == 1 && found.weights[1] == 2 && found.weights[2] == 0 && found.weights[3] == 1);
    CHECK(found.edges[0] == 0 && found.edges[1] == 1 && found.edges[4] == 4);
    CHECK(found.nans == 2 && found.infinities == 2 && found.count == 4 && found.sum == 6 && found.sum_squares == 18);
    CHECK(found.min == 0 && found.max == 4);
    EXPECT(AIM_OK, aim_objects_distribution, objects, 1, &found);
    CHECK(found.bins == 3 && memcmp(found.weights, weights, sizeof weights) == 0);
    CHECK(memcmp(found.edges, edges, sizeof edges) == 0 && isnan(found.count) && isnan(found.max));
    EXPECT(AIM_OK, aim_objects_distribution, objects, 2, &found);
    CHECK(found.bins == 64 && found.count == 0 && isnan(found.min));
    aim_objects_free(objects);

    d.edges = NULL; /* and no range */
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_distribution, s, &d, 3, AIM_EPOCH_NONE, 0.0);
    d.low = 1, d.high = 1;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_distribution, s, &d, 3, AIM_EPOCH_NONE, 0.0);
    d.high = 2;
    EXPECT(AIM_OK, aim_sequence_track_distribution, s, &d, 3, AIM_EPOCH_NONE, 0.0);
    d.bins = 0;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_distribution, s, &d, 3, AIM_EPOCH_NONE, 0.0);
    EXPECT(AIM_ERR_LIMIT, aim_sequence_track_values, s, NULL, 0, AIM_F32, 4097, 0.0, 0.0, 3, AIM_EPOCH_NONE, 0.0);
    EXPECT(AIM_OK, aim_sequence_track_values, s, NULL, 0, AIM_F32, 4096, 0.0, 1.0, 3, AIM_EPOCH_NONE, 0.0);
    aim_object o = object("x", 1);
    o.format = "histogram";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track, s, &o, 1, 4, AIM_EPOCH_NONE, 0.0);
    aim_sequence_free(s);
}

/* One less than the most, the most, one more. */
static void limits(void)
{
    static char word[65538];
    static const char *texts[65536];
    aim_sequence *s = sequence_of(AIM_QUERY_TEXTS, "limits");
    aim_object o = object("x", 1);
    for (int more = -1; more <= 1; more++) {
        const aim_status wanted = more > 0 ? AIM_ERR_LIMIT : AIM_OK;
        memset(word, 'c', sizeof word);
        word[4096 + more] = 0;
        o.caption = word;
        EXPECT(wanted, aim_sequence_track, s, &o, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0);
        o.caption = NULL;
        memset(word, ' ', sizeof word);
        word[0] = '{';
        word[65535 + more] = '}';
        word[65536 + more] = 0;
        o.meta = word;
        EXPECT(wanted, aim_sequence_track, s, &o, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0);
        o.meta = NULL;
        for (size_t i = 0; i < 65536; i++)
            texts[i] = "x";
        EXPECT(wanted, aim_sequence_track_texts, s, texts, (size_t)(65535 + more), AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0);
    }
    aim_sequence_free(s);

    static uint8_t line[(1 << 20) + 1];
    aim_pixels p = AIM_PIXELS_INIT;
    p.data = line;
    p.channels = 1;
    s = sequence_of(AIM_QUERY_IMAGES, "limits");
    for (int more = -1; more <= 1; more++)
        for (int side = 0; side < 2; side++) {
            p.width = side ? 1 : (1u << 20) + (uint32_t)more;
            p.height = side ? (1u << 20) + (uint32_t)more : 1;
            EXPECT(more > 0 ? AIM_ERR_INVALID_ARGUMENT : AIM_OK, aim_sequence_track_pixels, s, &p, 1, AIM_STEP_AUTO,
                   AIM_EPOCH_NONE, 0.0);
        }
    aim_sequence_free(s);
}

static void rows(void)
{
    aim_sequence_info info = AIM_SEQUENCE_INFO_INIT;
    aim_objects *objects = NULL;
    aim_query *q = query(repo, "texts.name == 't'", AIM_QUERY_TEXTS);
    EXPECT(AIM_OK, aim_query_sequence_info, q, 0, &info);
    CHECK(info.count == 2 && info.first_step == 5 && info.last_step == 6 && info.longest == 2);
    CHECK_TEXT(aim_query_metric_name(q, 0), "t");
    CHECK_TEXT(aim_query_metric_context(q, 0), "{}");
    aim_range range = AIM_RANGE_INIT;
    range.end_step = 6;
    range.first_index = 1;
    EXPECT(AIM_OK, aim_query_objects, q, 0, &range, &objects);
    CHECK(aim_objects_len(objects) == 1);
    aim_objects_free(objects);
    aim_metric_info metric;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_query_metric_info, q, 0, &metric);
    aim_query_free(q);
    q = query(repo, "", AIM_QUERY_RUNS);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_query_objects, q, 0, NULL, &objects);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_query_sequence_info, q, 0, &info);
    aim_query_free(q);
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_repo_query, repo, "", 11, &q);
    aim_objects_free(NULL);
    CHECK(aim_objects_len(NULL) == 0);
}

int main(void)
{
    start();
    run = new_run(NULL);
    repo = open_repo();
    texts();
    encoded();
    pixels();
    samples_and_arrays();
    distributions();
    limits();
    rows();
    aim_sequence *s = sequence_of(AIM_QUERY_TEXTS, "late");
    const char *late = "late";
    EXPECT(AIM_OK, aim_run_close, run);
    EXPECT(AIM_ERR_CLOSED, aim_sequence_track_texts, s, &late, 1, 0, AIM_EPOCH_NONE, 0.0);
    aim_run_free(run);
    EXPECT(AIM_ERR_CLOSED, aim_sequence_track_texts, s, &late, 1, 0, AIM_EPOCH_NONE, 0.0);
    aim_sequence_free(s);
    aim_repo_free(repo);
    return finish();
}
