/* What does a reader of a million objects hold open, and keep in memory? */
#include "bench.h"
#include <dirent.h>

enum { OBJECTS = 1000000, IN_PACKS = 20000, SIZE = 170, LARGE = 5000 };

static int descriptors(void) {
    int count = -3; /* ., .. and the directory itself */
    DIR *directory = opendir("/proc/self/fd");
    require(directory != NULL, "/proc/self/fd");
    while (readdir(directory) != NULL)
        count++;
    closedir(directory);
    return count;
}

/* MB of memory that are not those of files. */
static double memory(void) {
    char line[200];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    require(file != NULL, "/proc/self/status");
    while (fgets(line, sizeof line, file))
        sscanf(line, "RssAnon: %ld", &kb);
    fclose(file);
    return (double)kb / 1e3;
}

static void write_all(const char *directory) {
    aim_error *err = NULL;
    aim_run *run = open_run(directory, NULL);
    aim_sequence *sequence = NULL;
    CHECK(aim_run_sequence(run, AIM_QUERY_TEXTS, "texts", NULL, &sequence, &err));
    static char text[LARGE];
    memset(text, 'x', sizeof text);
    aim_object object = AIM_OBJECT_INIT;
    object.data = text;
    object.format = "text";
    double start = seconds();
    for (int i = 0; i < OBJECTS; i++) {
        sprintf(text, "%d", i);
        object.size = i % (OBJECTS / IN_PACKS) == 0 ? LARGE : SIZE;
        CHECK(aim_sequence_track(sequence, &object, 1, i, AIM_EPOCH_NONE, 0.0, &err));
    }
    aim_sequence_free(sequence);
    close_run(run);
    printf("1 million objects, stored               %8.1f s\n", seconds() - start);
}

static void read_some(const char *directory, const aim_range *range, const char *what) {
    aim_error *err = NULL;
    aim_query *query = NULL;
    aim_objects *objects = NULL;
    aim_repo *repo = NULL;
    double before = memory();
    CHECK(aim_repo_open(directory, NULL, &repo, &err));
    CHECK(aim_repo_query(repo, "texts.name == 'texts'", AIM_QUERY_TEXTS, &query, &err));
    double start = seconds();
    CHECK(aim_query_objects(query, 0, range, &objects, &err));
    double found = memory();
    size_t bytes = 0, n = aim_objects_len(objects);
    int most = 0;
    for (size_t k = 0; k < n; k++) {
        const uint8_t *data = NULL;
        size_t size = 0;
        CHECK(aim_objects_data(objects, k, &data, &size, &err));
        bytes += size;
        if (k % 10000 == 0) {
            int now = descriptors();
            most = now > most ? now : most;
        }
    }
    printf("%s: %zu objects, %.0f MB in %.2f s; %d descriptors (goal <= 64); %.0f MB of memory, %.0f with the bytes\n", what, n,
           (double)bytes * 1e-6, seconds() - start, most, found - before, memory() - before);
    aim_objects_free(objects);
    aim_query_free(query);
    aim_repo_free(repo);
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: objects_many DIRECTORY");
    const char *directory = fresh(argv[1], "objects_many");
    write_all(directory);
    aim_range some = AIM_RANGE_INIT;
    some.points = 100;
    read_some(directory, &some, "a hundred points of a million");
    read_some(directory, NULL, "all");
    return 0;
}
