/* Objects whose memory is lent for longer than the call, and sequences of which not all points stay. */
#include "check.h"

#include <pthread.h>

enum { SIDE = 128, IMAGES = 200 };

static aim_run *run;
static aim_repo *repo;

/* Memory that was lent, and how often it was given back. */
struct loan {
    uint8_t *pixels;
    int given_back;
};

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;

static void give_back(void *userdata)
{
    struct loan *loan = (struct loan *)userdata;
    pthread_mutex_lock(&counting);
    loan->given_back++;
    free(loan->pixels);
    loan->pixels = NULL;
    pthread_mutex_unlock(&counting);
}

static int given_back(const struct loan *loans, int n)
{
    int count = 0;
    pthread_mutex_lock(&counting);
    for (int i = 0; i < n; i++)
        count += loans[i].given_back;
    pthread_mutex_unlock(&counting);
    return count;
}

static aim_pixels lend(struct loan *loan, int shade)
{
    aim_pixels image = AIM_PIXELS_INIT;
    size_t size = (size_t)SIDE * SIDE * 3;
    loan->given_back = 0;
    loan->pixels = (uint8_t *)malloc(size);
    for (size_t i = 0; i < size; i++)
        loan->pixels[i] = (uint8_t)(i * 7 + (size_t)shade);
    image.data = loan->pixels;
    image.width = image.height = SIDE;
    image.release = give_back;
    image.release_userdata = loan;
    return image;
}

static aim_sequence *sequence_of(int32_t kind, const char *name)
{
    aim_sequence *sequence = NULL;
    EXPECT(AIM_OK, aim_run_sequence, run, kind, name, NULL, &sequence);
    return sequence;
}

/* Steps of the objects of the only sequence of that kind and name, as "0 3 4". */
static const char *steps_of(int32_t kind, const char *expression)
{
    static char text[4096];
    aim_objects *objects = NULL;
    aim_query *q = query(repo, expression, kind);
    text[0] = 0;
    CHECK(aim_query_len(q) == 1);
    EXPECT(AIM_OK, aim_query_objects, q, 0, NULL, &objects);
    for (size_t k = 0; k < aim_objects_len(objects); k++) {
        aim_object_info info = AIM_OBJECT_INFO_INIT;
        if (aim_objects_info(objects, k, &info, NULL) != AIM_OK)
            break;
        size_t at = strlen(text);
        snprintf(text + at, sizeof text - at, at ? " %d" : "%d", (int)info.step);
    }
    aim_objects_free(objects);
    aim_query_free(q);
    return text;
}

static void images(void)
{
    static struct loan loans[IMAGES];
    aim_sequence *s = sequence_of(AIM_QUERY_IMAGES, "lent");
    int good = 1;
    for (int i = 0; i < IMAGES; i++) {
        aim_pixels image = lend(&loans[i], i);
        image.caption = i % 2 ? "odd" : "even";
        good = good && aim_sequence_track_pixels(s, &image, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0, NULL) == AIM_OK;
    }
    CHECK(good);
    EXPECT(AIM_OK, aim_run_flush, run);
    CHECK(given_back(loans, IMAGES) == IMAGES);
    for (int i = 0; i < IMAGES; i++)
        good = good && loans[i].given_back == 1;
    CHECK(good);
    aim_repo_stats stats = AIM_REPO_STATS_INIT;
    EXPECT(AIM_OK, aim_repo_get_stats, repo, &stats);
    CHECK(stats.encoding == 0 && stats.encode_failures == 0);
    CHECK((stats.encode_waits == 0) == (stats.encode_wait_nanoseconds == 0));

    /* In the order of the calls, the same bytes as if the call had encoded them. */
    aim_sequence *at_once = sequence_of(AIM_QUERY_IMAGES, "at once");
    aim_objects *lent = NULL, *same = NULL;
    for (int i = 0; i < IMAGES; i += 67) {
        struct loan loan;
        aim_pixels image = lend(&loan, i);
        image.release = NULL;
        EXPECT(AIM_OK, aim_sequence_track_pixels, at_once, &image, 1, i, AIM_EPOCH_NONE, 0.0);
        free(loan.pixels);
    }
    aim_query *q = query(repo, "images.name == 'lent'", AIM_QUERY_IMAGES);
    aim_query *r = query(repo, "images.name == 'at once'", AIM_QUERY_IMAGES);
    EXPECT(AIM_OK, aim_query_objects, q, 0, NULL, &lent);
    EXPECT(AIM_OK, aim_query_objects, r, 0, NULL, &same);
    CHECK(aim_objects_len(lent) == IMAGES && aim_objects_len(same) == 3);
    for (size_t k = 0; k < aim_objects_len(same); k++) {
        const uint8_t *a = NULL, *b = NULL;
        size_t n = 0, m = 0;
        aim_object_info info = AIM_OBJECT_INFO_INIT;
        EXPECT(AIM_OK, aim_objects_info, lent, k * 67, &info);
        CHECK(info.step == (int64_t)k * 67);
        CHECK_TEXT(info.caption, k % 2 ? "odd" : "even");
        EXPECT(AIM_OK, aim_objects_data, lent, k * 67, &a, &n);
        EXPECT(AIM_OK, aim_objects_data, same, k, &b, &m);
        CHECK(n == m && memcmp(a, b, n) == 0);
    }
    aim_objects_free(lent);
    aim_objects_free(same);
    aim_query_free(q);
    aim_query_free(r);
    aim_sequence_free(at_once);
    aim_sequence_free(s);
}

static void others(void)
{
    static const char text[] = "lent for a while";
    static const int16_t samples[] = {1, 2, 3};
    static const uint64_t shape[] = {3};
    struct loan loans[3];
    memset(loans, 0, sizeof loans);
    aim_sequence *texts = sequence_of(AIM_QUERY_TEXTS, "lent"), *clips = sequence_of(AIM_QUERY_AUDIOS, "lent"),
                 *arrays = sequence_of(AIM_QUERY_ARRAYS, "lent");
    aim_object object = AIM_OBJECT_INIT;
    object.data = text;
    object.size = sizeof text - 1;
    object.release = give_back;
    object.release_userdata = &loans[0];
    EXPECT(AIM_OK, aim_sequence_track, texts, &object, 1, 0, AIM_EPOCH_NONE, 0.0);
    aim_samples clip = AIM_SAMPLES_INIT;
    clip.data = samples;
    clip.frames = 3;
    clip.rate = 8000;
    clip.dtype = AIM_I16;
    clip.release = give_back;
    clip.release_userdata = &loans[1];
    EXPECT(AIM_OK, aim_sequence_track_samples, clips, &clip, 1, 0, AIM_EPOCH_NONE, 0.0);
    aim_array array = AIM_ARRAY_INIT;
    array.data = samples;
    array.dtype = AIM_I16;
    array.ndim = 1;
    array.shape = shape;
    array.release = give_back;
    array.release_userdata = &loans[2];
    EXPECT(AIM_OK, aim_sequence_track_array, arrays, &array, 0, AIM_EPOCH_NONE, 0.0);
    CHECK_TEXT(steps_of(AIM_QUERY_TEXTS, "texts.name == 'lent'"), "0"); /* a query waits for them, too */
    CHECK_TEXT(steps_of(AIM_QUERY_AUDIOS, "audios.name == 'lent'"), "0");
    CHECK_TEXT(steps_of(AIM_QUERY_ARRAYS, "arrays.name == 'lent'"), "0");
    CHECK(loans[0].given_back == 1 && loans[1].given_back == 1 && loans[2].given_back == 1);
    aim_sequence_free(texts);
    aim_sequence_free(clips);
    aim_sequence_free(arrays);
}

/* Where the call fails the memory is still the caller's. */
static void refused(void)
{
    struct loan loan;
    aim_sequence *s = sequence_of(AIM_QUERY_IMAGES, "refused");
    aim_pixels both[2];
    both[0] = both[1] = lend(&loan, 0);
    both[1].release = NULL;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_pixels, s, both, 2, 0, AIM_EPOCH_NONE, 0.0);
    both[0].channels = 5;
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_pixels, s, both, 1, 0, AIM_EPOCH_NONE, 0.0);
    both[0].channels = 3;
    both[0].meta = "[]";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_track_pixels, s, both, 1, 0, AIM_EPOCH_NONE, 0.0);
    CHECK(loan.given_back == 0);
    free(loan.pixels);
    aim_sequence_free(s);
}

static void keep(void)
{
    aim_sequence *s = sequence_of(AIM_QUERY_TEXTS, "kept");
    const char *text = "text";
    EXPECT(AIM_ERR_INVALID_ARGUMENT, aim_sequence_keep, s, 0, 10);
    EXPECT(AIM_OK, aim_sequence_keep, s, 3, 10);
    for (int step = 1; step <= 35; step++)
        if (aim_sequence_track_texts(s, &text, 1, step, AIM_EPOCH_NONE, 0.0, NULL) != AIM_OK)
            CHECK(0);
    CHECK_TEXT(steps_of(AIM_QUERY_TEXTS, "texts.name == 'kept' and texts.count == 6"), "10 20 30 33 34 35");
    CHECK_TEXT(steps_of(AIM_QUERY_TEXTS, "texts.name == 'kept' and texts.first_step == 10"), "10 20 30 33 34 35");
    EXPECT(AIM_OK, aim_sequence_track_texts, s, &text, 1, 35, AIM_EPOCH_NONE, 0.0); /* in place of one */
    CHECK_TEXT(steps_of(AIM_QUERY_TEXTS, "texts.name == 'kept'"), "10 20 30 33 34 35");
    EXPECT(AIM_OK, aim_sequence_keep, s, 1, 0);
    EXPECT(AIM_OK, aim_sequence_track_texts, s, &text, 1, 36, AIM_EPOCH_NONE, 0.0);
    CHECK_TEXT(steps_of(AIM_QUERY_TEXTS, "texts.name == 'kept' and texts.count == 1"), "36");
    EXPECT(AIM_OK, aim_sequence_keep, s, 0, 0);
    EXPECT(AIM_OK, aim_sequence_track_texts, s, &text, 1, AIM_STEP_AUTO, AIM_EPOCH_NONE, 0.0);
    CHECK_TEXT(steps_of(AIM_QUERY_TEXTS, "texts.name == 'kept'"), "36 37");
    aim_sequence_free(s);
}

/* What is lent when the run is closed is stored all the same; the handles may be freed meanwhile. */
static void closing(void)
{
    static struct loan loans[20];
    aim_sequence *s = sequence_of(AIM_QUERY_IMAGES, "last");
    for (int i = 0; i < 20; i++) {
        aim_pixels image = lend(&loans[i], i);
        EXPECT(AIM_OK, aim_sequence_track_pixels, s, &image, 1, i, AIM_EPOCH_NONE, 0.0);
    }
    EXPECT(AIM_OK, aim_run_close, run);
    CHECK(given_back(loans, 20) == 20);
    struct loan late;
    aim_pixels image = lend(&late, 0);
    EXPECT(AIM_ERR_CLOSED, aim_sequence_track_pixels, s, &image, 1, 20, AIM_EPOCH_NONE, 0.0);
    CHECK(late.given_back == 0);
    free(late.pixels);
    aim_sequence_free(s);
    aim_run_free(run);
    CHECK_TEXT(steps_of(AIM_QUERY_IMAGES, "images.name == 'last' and images.count == 20"),
               "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
    aim_query *q = query(repo, "images.name == 'last'", AIM_QUERY_IMAGES);
    char *properties = NULL;
    EXPECT(AIM_OK, aim_query_run_properties, q, 0, &properties);
    CHECK(properties != NULL && strstr(properties, "\"status\":\"finished\"") != NULL);
    aim_string_free(properties);
    aim_query_free(q);
}

/* A run that is freed with loans open ends behind the last of them. */
static void dropped(void)
{
    static struct loan loans[20];
    run = new_run(NULL);
    aim_sequence *s = sequence_of(AIM_QUERY_IMAGES, "dropped");
    for (int i = 0; i < 20; i++) {
        aim_pixels image = lend(&loans[i], i);
        EXPECT(AIM_OK, aim_sequence_track_pixels, s, &image, 1, i, AIM_EPOCH_NONE, 0.0);
    }
    aim_run_free(run);
    aim_sequence_free(s);
    while (given_back(loans, 20) < 20)
        usleep(1000);
    CHECK(given_back(loans, 20) == 20);
    /* What the threads behind the calls still hold is theirs until they have ended. */
    settled_threads(1);
}

int main(void)
{
    start();
    run = new_run(NULL);
    repo = open_repo();
    images();
    others();
    refused();
    keep();
    closing();
    dropped();
    aim_repo_free(repo);
    return finish();
}
