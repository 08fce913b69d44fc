/* How fast are artifacts summed, behind the call? A file of 1 GiB in the page cache; CPU of the whole process. */
#include "bench.h"

enum { MEBIBYTES = 1024, ROUNDS = 3 };

static double cpu(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: artifacts DIRECTORY");
    const char *directory = fresh(argv[1], "artifacts");
    char path[5000];
    snprintf(path, sizeof path, "%s/checkpoint", directory);
    static char block[1 << 20];
    FILE *file = fopen(path, "w");
    require(file != NULL, path);
    for (int i = 0; i < MEBIBYTES; i++) {
        memset(block, i, sizeof block);
        require(fwrite(block, sizeof block, 1, file) == 1, "fwrite");
    }
    require(fclose(file) == 0, "fclose");

    aim_error *err = NULL;
    aim_run *run = open_run(directory, NULL);
    aim_artifact_options options = AIM_ARTIFACT_OPTIONS_INIT;
    options.path = path;
    double calls[ROUNDS], sums[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        char name[] = "a0"; // a name of its own is summed anew
        name[1] = (char)('0' + i);
        options.name = name;
        double start = seconds(), before = cpu();
        CHECK(aim_run_log_artifact(run, &options, &err));
        calls[i] = (seconds() - start) * 1e6;
        options.wait = true;
        name[0] = 'b'; // waits for the one before, too
        CHECK(aim_run_log_artifact(run, &options, &err));
        options.wait = false;
        sums[i] = 2.0 * MEBIBYTES * (1 << 20) / (cpu() - before) * 1e-9;
    }
    printf("artifact of 1 GiB, the call             %8.1f us\n", median(calls, ROUNDS));
    printf("summed behind it                        %8.2f GB/s of CPU (goal >= 1)\n", median(sums, ROUNDS));
    close_run(run);
    remove(path);
    return 0;
}
