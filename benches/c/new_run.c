/* What does a new run cost, visible to other processes, and opening a repository? Against one fsync'd 4 KiB write. */
#include "bench.h"

enum { ROUNDS = 201 };

int main(int argc, char **argv) {
    require(argc == 2, "usage: new_run DIRECTORY");
    const char *directory = fresh(argv[1], "new_run");
    char path[4200], block[4096] = {1};
    snprintf(path, sizeof path, "%s/synced", directory);
    int fd = open(path, O_RDWR | O_CREAT, 0600);
    require(fd >= 0, path);
    aim_error *err = NULL;
    double start = seconds();
    aim_run *first = open_run(directory, NULL);
    double first_us = (seconds() - start) * 1e6;

    double write_us[ROUNDS], run_us[ROUNDS], open_us[ROUNDS];
    for (int i = 0; i < ROUNDS; i++) {
        start = seconds();
        require(pwrite(fd, block, sizeof block, (off_t)i * 4096) == 4096 && fsync(fd) == 0, path);
        write_us[i] = (seconds() - start) * 1e6;
        start = seconds();
        aim_run *run = open_run(directory, NULL);
        run_us[i] = (seconds() - start) * 1e6;
        close_run(run);
    }
    close_run(first);
    for (int i = 0; i < ROUNDS; i++) {
        aim_repo *repo = NULL;
        start = seconds();
        CHECK(aim_repo_open(directory, NULL, &repo, &err));
        open_us[i] = (seconds() - start) * 1e6;
        aim_repo_free(repo);
    }
    double synced = median(write_us, ROUNDS), run = median(run_us, ROUNDS), opened = median(open_us, ROUNDS);
    printf("one fsync'd 4 KiB write                 %8.0f us\n", synced);
    printf("new run                                 %8.0f us  %5.2f x (goal <= 2)\n", run, run / synced);
    printf("a repository's first run                %8.0f us\n", first_us);
    printf("opening a repository                    %8.0f us\n", opened);
    return 0;
}
