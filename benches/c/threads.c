/* How does the cost of a call grow with threads that track into one journal? */
#include "bench.h"
#include <pthread.h>

enum { CALLS = 40000, ROUNDS = 15, MOST = 8 };

struct worker {
    aim_metric *metric;
    pthread_barrier_t *start;
    double elapsed;
};

static void *work(void *argument) {
    struct worker *worker = argument;
    pthread_barrier_wait(worker->start);
    double start = seconds();
    for (int i = 0; i < CALLS / MOST; i++) aim_metric_track(worker->metric, i, i, AIM_EPOCH_NONE);
    worker->elapsed = seconds() - start;
    return NULL;
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: threads DIRECTORY");
    aim_error *err = NULL;
    aim_run *run = open_run(fresh(argv[1], "threads"), NULL);
    double alone = 0;
    for (int threads = 1; threads <= MOST; threads *= 2) {
        double ns[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            pthread_t ids[MOST];
            struct worker workers[MOST];
            pthread_barrier_t start;
            pthread_barrier_init(&start, NULL, (unsigned)threads);
            for (int t = 0; t < threads; t++) {
                char name[16];
                snprintf(name, sizeof name, "metric_%d", t);
                workers[t] = (struct worker){open_metric(run, name, NULL), &start, 0};
                require(pthread_create(&ids[t], NULL, work, &workers[t]) == 0, "pthread_create");
            }
            double sum = 0;
            for (int t = 0; t < threads; t++) {
                pthread_join(ids[t], NULL);
                aim_metric_free(workers[t].metric);
                sum += workers[t].elapsed;
            }
            pthread_barrier_destroy(&start);
            ns[round] = sum / threads / (CALLS / MOST) * 1e9;
            CHECK(aim_run_flush(run, &err));
        }
        double middle = median(ns, ROUNDS);
        if (threads == 1) alone = middle;
        printf("%d thread%s on %ld cores                  %6.1f ns a call  %5.2f x one thread\n", threads,
               threads == 1 ? " " : "s", sysconf(_SC_NPROCESSORS_ONLN), middle, middle / alone);
    }
    close_run(run);
    return 0;
}
