/* What does a tracking call cost, by handle and by name, against the floor? */
#include "bench.h"

enum { ROUNDS = 41, CALLS = 40000, SEQUENCES = 20 };

int main(int argc, char **argv) {
    require(argc == 2, "usage: track DIRECTORY");
    const char *directory = fresh(argv[1], "track");
    struct floor_ring ring = floor_open(directory);
    aim_error *err = NULL;
    aim_run *run = open_run(directory, NULL);
    aim_metric *metric = open_metric(run, "loss", "{\"subset\": \"train\"}");
    char names[SEQUENCES][16];
    for (int i = 0; i < SEQUENCES; i++) snprintf(names[i], sizeof names[i], "metric_%d", i);

    double floor_ns[ROUNDS], handle_ns[ROUNDS], name_ns[ROUNDS];
    for (int round = -3; round < ROUNDS; round++) { /* three rounds to warm up */
        double start = seconds();
        for (int i = 0; i < CALLS; i++) floor_store(&ring, 7, i * 0.5, i);
        double floor_end = seconds();
        for (int i = 0; i < CALLS; i++) aim_metric_track(metric, i * 0.5, AIM_STEP_AUTO, AIM_EPOCH_NONE);
        double handle_end = seconds();
        CHECK(aim_run_flush(run, &err)); /* the ring never fills: this is the cost of the call alone */
        double name_start = seconds();
        for (int i = 0; i < CALLS; i++)
            aim_run_track(run, names[i % SEQUENCES], i * 0.5, AIM_STEP_AUTO, AIM_EPOCH_NONE, "{\"subset\": \"train\"}",
                          NULL);
        double name_end = seconds();
        CHECK(aim_run_flush(run, &err));
        if (round < 0) continue;
        floor_ns[round] = (floor_end - start) / CALLS * 1e9;
        handle_ns[round] = (handle_end - floor_end) / CALLS * 1e9;
        name_ns[round] = (name_end - name_start) / CALLS * 1e9;
    }
    double base = median(floor_ns, ROUNDS), handle = median(handle_ns, ROUNDS), name = median(name_ns, ROUNDS);
    printf("floor (clock read + 48-byte store)      %6.1f ns\n", base);
    printf("aim_metric_track                        %6.1f ns  %5.2f x floor (goal <= 2)\n", handle, handle / base);
    printf("aim_run_track, %d sequences in turn     %6.1f ns  %5.2f x floor (goal <= 4)\n", SEQUENCES, name,
           name / base);
    aim_metric_free(metric);
    close_run(run);
    return 0;
}
