/* What do pictures, texts, distributions and lent images cost, and what is written for them? CPU of the whole process. */
#include "bench.h"

enum { PICTURES = 1000, SIDE = 64, LENT = 64, LARGE = 1024, SMALL = 20000, VALUES = 1000000, COUNTS = 20, READINGS = 7 };

static double clock_of(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static double cpu(void) { return clock_of(CLOCK_PROCESS_CPUTIME_ID); }

/* What the calls themselves cost: of this thread, so that other programs count less. */
static double own_cpu(void) { return clock_of(CLOCK_THREAD_CPUTIME_ID); }

/* Bytes that this process has handed to the filesystem. */
static double written(void) {
    char line[100];
    double bytes = 0;
    FILE *file = fopen("/proc/self/io", "r");
    require(file != NULL, "/proc/self/io");
    while (fgets(line, sizeof line, file))
        sscanf(line, "wchar: %lf", &bytes);
    fclose(file);
    return bytes;
}

static aim_sequence *sequence_of(aim_run *run, int32_t kind, const char *name) {
    aim_error *err = NULL;
    aim_sequence *sequence = NULL;
    CHECK(aim_run_sequence(run, kind, name, NULL, &sequence, &err));
    return sequence;
}

/* Noise, of which no two pictures have the same. */
static void fill(uint8_t *bytes, size_t size, uint64_t state) {
    for (size_t i = 0; i + 8 <= size; i += 8) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        memcpy(bytes + i, &state, 8);
    }
}

/* Queries and reads them all, of which so many are held at once; how many bytes they have. */
static double read_pictures(aim_repo *repo, int at_once) {
    aim_error *err = NULL;
    aim_query *query = NULL;
    aim_objects *objects = NULL;
    double bytes = 0;
    CHECK(aim_repo_query(repo, "images.name == 'pictures'", AIM_QUERY_IMAGES, &query, &err));
    for (int from = 0; from < PICTURES; from += at_once) {
        aim_range range = AIM_RANGE_INIT;
        range.first_step = from;
        range.end_step = from + at_once;
        CHECK(aim_query_objects(query, 0, &range, &objects, &err));
        for (size_t k = 0; k < aim_objects_len(objects); k++) {
            const uint8_t *data = NULL;
            size_t size = 0;
            CHECK(aim_objects_data(objects, k, &data, &size, &err));
            bytes += (double)size;
        }
        aim_objects_free(objects);
    }
    aim_query_free(query);
    return bytes;
}

static void keep_memory(void *userdata) { (void)userdata; }

int main(int argc, char **argv) {
    require(argc == 2, "usage: objects DIRECTORY");
    const char *directory = fresh(argv[1], "objects");
    aim_error *err = NULL;
    aim_run *run = open_run(directory, NULL);
    aim_sequence *pictures = sequence_of(run, AIM_QUERY_IMAGES, "pictures");
    static uint8_t noise[PICTURES][SIDE * SIDE * 3];
    for (int i = 0; i < PICTURES; i++)
        fill(noise[i], sizeof noise[i], 88172645463325252u + (uint64_t)i);
    aim_pixels image = AIM_PIXELS_INIT;
    image.width = image.height = SIDE;
    double before = written(), start = cpu();
    for (int i = 0; i < PICTURES; i++) {
        image.data = noise[i];
        CHECK(aim_sequence_track_pixels(pictures, &image, 1, i, AIM_EPOCH_NONE, 0.0, &err));
    }
    CHECK(aim_run_flush(run, &err));
    double each = (cpu() - start) / PICTURES * 1e6;
    printf("picture of 64 x 64, encoded and stored  %8.1f us of CPU (goal <= 40)\n", each);
    printf("written for a byte of pixels            %8.2f (goal <= 1.15)\n", (written() - before) / sizeof noise);

    aim_repo *repo = NULL;
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    for (int at_once = 128; at_once <= PICTURES; at_once += PICTURES - 128) {
        double reading[READINGS], bytes = 0;
        for (int i = 0; i < READINGS; i++) {
            start = cpu();
            bytes = read_pictures(repo, at_once);
            reading[i] = (cpu() - start) * 1e3;
        }
        double first = reading[0];
        printf("1,000 pictures queried and read, %4d at once %5.2f ms of CPU, the first time %.2f; %.1f MB\n", at_once,
               median(reading, READINGS), first, bytes * 1e-6);
    }
    aim_repo_free(repo);

    static uint8_t large[LARGE * LARGE * 3];
    static double calls[LENT];
    fill(large, sizeof large, 1);
    aim_sequence *lent = sequence_of(run, AIM_QUERY_IMAGES, "lent");
    image.data = large;
    image.width = image.height = LARGE;
    image.release = keep_memory;
    for (int i = 0; i < LENT; i++) {
        large[0] = (uint8_t)i;
        start = seconds();
        CHECK(aim_sequence_track_pixels(lent, &image, 1, i, AIM_EPOCH_NONE, 0.0, &err));
        calls[i] = (seconds() - start) * 1e6;
    }
    start = seconds();
    CHECK(aim_run_flush(run, &err));
    double drained = seconds() - start;
    printf("lent image of 1024 x 1024, the call     %8.1f us (goal <= 5); %.1f ms each behind it\n", median(calls, LENT),
           drained / LENT * 1e3);

    static char text[170];
    memset(text, 'x', sizeof text);
    aim_object object = AIM_OBJECT_INIT;
    object.data = text;
    object.size = sizeof text;
    aim_sequence *texts = sequence_of(run, AIM_QUERY_TEXTS, "texts");
    start = own_cpu();
    for (int i = 0; i < SMALL; i++)
        CHECK(aim_sequence_track(texts, &object, 1, i, AIM_EPOCH_NONE, 0.0, &err));
    printf("text of 170 bytes, the call             %8.2f us (goal <= 2)\n", (own_cpu() - start) / SMALL * 1e6);
    CHECK(aim_run_flush(run, &err));

    double weights[64];
    for (int i = 0; i < 64; i++)
        weights[i] = i;
    aim_distribution distribution = AIM_DISTRIBUTION_INIT;
    distribution.weights = weights;
    distribution.bins = 64;
    distribution.high = 1;
    aim_sequence *distributions = sequence_of(run, AIM_QUERY_DISTRIBUTIONS, "bins");
    start = own_cpu();
    for (int i = 0; i < SMALL; i++)
        CHECK(aim_sequence_track_distribution(distributions, &distribution, i, AIM_EPOCH_NONE, 0.0, &err));
    printf("distribution of 64 bins, the call       %8.2f us (goal <= 2)\n", (own_cpu() - start) / SMALL * 1e6);

    float *values = malloc(VALUES * sizeof *values);
    require(values != NULL, "malloc");
    for (int i = 0; i < VALUES; i++)
        values[i] = (float)((i * 2654435761u) % 1000003u);
    start = cpu();
    for (int i = 0; i < COUNTS; i++)
        CHECK(aim_sequence_track_values(distributions, values, VALUES, AIM_F32, 64, 0, 0, SMALL + i, AIM_EPOCH_NONE, 0, &err));
    printf("values into 64 bins                     %8.0f million/s (goal >= 300)\n", VALUES * 1e-6 * COUNTS / (cpu() - start));
    free(values);
    aim_sequence_free(pictures);
    aim_sequence_free(lent);
    aim_sequence_free(texts);
    aim_sequence_free(distributions);
    close_run(run);
    return 0;
}
