/* A repository of many runs alike, with 10 params and 5 metrics each. `benches/sweep.py` makes the same with Aim. */
#ifndef SWEEP_H
#define SWEEP_H

#include "bench.h"

enum { METRICS = 5 };

/* Ten params, of which `rare` singles out ten runs whatever the size. Runs that are freed are closed in the background,
 * many in one commit. */
static inline void sweep(const char *directory, int runs, int points) {
    aim_error *err = NULL;
    aim_run *first = open_run(directory, NULL);
    for (int r = 0; r < runs; r++) {
        aim_run *run = r == 0 ? first : open_run(directory, NULL);
        char json[512];
        snprintf(json, sizeof json,
                 "{\"lr\": %.6f, \"batch_size\": %d, \"dropout\": %.2f, \"layers\": [%d, 10], \"optimizer\": "
                 "{\"name\": \"%s\", \"momentum\": 0.9}, \"warmup\": %d}",
                 1e-4 * (1 + r % 97), 16 << (r % 4), 0.05 * (r % 7), 32 << (r % 5), r % 3 ? "adam" : "sgd", r % 11);
        CHECK(aim_run_set_param(run, "hparams", json, &err));
        CHECK(aim_run_set_param_string(run, "model", r % 2 ? "resnet18" : "vit-l", &err));
        CHECK(aim_run_set_param_int64(run, "seed", r, &err));
        CHECK(aim_run_set_param_int64(run, "rare", r % (runs / 10) == 0 ? 1 : 2 + r, &err));
        for (int m = 0; m < METRICS; m++) {
            static const char *names[METRICS] = {"loss", "accuracy", "lr", "grad_norm", "throughput"};
            aim_metric *metric = open_metric(run, names[m], m < 2 ? "{\"subset\": \"train\"}" : NULL);
            for (int i = 0; i < points; i++)
                if (aim_metric_track(metric, (float)(1.0 / (1 + i + r % 13)), i, i / 10) != AIM_OK) abort();
            aim_metric_free(metric);
        }
        if (r > 0) aim_run_free(run);
    }
    close_run(first);
}

#endif
