/* How does the cost of a call grow with threads that track into one journal? Told in time of the processors, which threads
 * without a processor of their own do not use. */
#include "bench.h"
#include <pthread.h>
#include <time.h>

/* As many in all as the ring takes without waiting for the disk. */
enum { CALLS = 60000, ROUNDS = 41, MOST = 8 };

struct worker {
    aim_metric *metric;
    pthread_barrier_t *start;
    int calls;
    double busy, begun, ended;
};

static double busy(void) {
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *work(void *argument) {
    struct worker *worker = argument;
    pthread_barrier_wait(worker->start);
    worker->begun = seconds();
    double start = busy();
    for (int i = 0; i < worker->calls; i++) aim_metric_track(worker->metric, i, i, AIM_EPOCH_NONE);
    worker->busy = busy() - start;
    worker->ended = seconds();
    return NULL;
}

int main(int argc, char **argv) {
    require(argc == 2, "usage: threads DIRECTORY");
    aim_error *err = NULL;
    aim_run *run = open_run(fresh(argv[1], "threads"), NULL);
    double alone = 0;
    for (int threads = 1; threads <= MOST; threads *= 2) {
        double ns[ROUNDS], processors[ROUNDS];
        for (int round = 0; round < ROUNDS; round++) {
            pthread_t ids[MOST];
            struct worker workers[MOST];
            pthread_barrier_t start;
            pthread_barrier_init(&start, NULL, (unsigned)threads);
            for (int t = 0; t < threads; t++) {
                char name[16];
                snprintf(name, sizeof name, "metric_%d", t);
                workers[t] = (struct worker){open_metric(run, name, NULL), &start, CALLS / threads, 0, 0, 0};
                require(pthread_create(&ids[t], NULL, work, &workers[t]) == 0, "pthread_create");
            }
            double sum = 0, first = 0, last = 0;
            for (int t = 0; t < threads; t++) {
                pthread_join(ids[t], NULL);
                aim_metric_free(workers[t].metric);
                sum += workers[t].busy;
                if (t == 0 || workers[t].begun < first) first = workers[t].begun;
                if (t == 0 || workers[t].ended > last) last = workers[t].ended;
            }
            pthread_barrier_destroy(&start);
            ns[round] = sum / CALLS * 1e9;
            processors[round] = sum / (last - first);
            CHECK(aim_run_flush(run, &err));
        }
        double middle = median(ns, ROUNDS);
        if (threads == 1) alone = middle;
        printf("%d thread%s on %ld cores (%.1f of them had)     %6.1f ns of a processor a call  %5.2f x one thread\n",
               threads, threads == 1 ? " " : "s", sysconf(_SC_NPROCESSORS_ONLN), median(processors, ROUNDS), middle,
               middle / alone);
    }
    close_run(run);
    return 0;
}
