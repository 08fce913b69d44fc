/* The floor: calls of the C API from C, and calls of C from Go that do nothing. */
#ifndef BENCH_LOOP_H
#define BENCH_LOOP_H

#include <aim.h>

/* Opens a metric of a run of its own in the directory; NULL if that fails. */
aim_metric *bench_open(const char *directory, const char *name, aim_run **run);

/* Nanoseconds that n calls of aim_metric_track take; negative if one fails. */
double bench_loop(const aim_metric *metric, int64_t n);

/* What a call from Go costs by itself. */
int32_t bench_nothing(const void *pointer, double value, int64_t step, int64_t epoch);

#endif
