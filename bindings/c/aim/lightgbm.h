/*
 * LightGBM from its C interface, for C99 and C++: after each call of LGBM_BoosterUpdateOneIter,
 *
 *     aim_lightgbm_track(run, booster, names, number_of_names, &err);
 *
 * tracks every metric of every set. LightGBM's own header is not needed; link with -l_lightgbm.
 *
 * Functions return AIM_OK, a status of libaim with its error in *err, or AIM_LIGHTGBM_FAILED: LGBM_GetLastError() tells
 * more. A metric's name of more than 255 bytes and a set's of more than 160 are AIM_ERR_LIMIT, without an error.
 */
#ifndef AIM_LIGHTGBM_H
#define AIM_LIGHTGBM_H

#include <aim.h>

#include "data_name.h"

#include <stdlib.h>

/* A function of LightGBM failed. */
#define AIM_LIGHTGBM_FAILED (-1)

#ifdef __cplusplus
extern "C" {
#endif
/* As in LightGBM/c_api.h, of version 3 and newer, which may be included as well. */
int LGBM_BoosterGetCurrentIteration(void *handle, int *out_iteration);
int LGBM_BoosterGetEvalCounts(void *handle, int *out_len);
int LGBM_BoosterGetEvalNames(void *handle, const int len, int *out_len, const size_t buffer_len, size_t *out_buffer_len,
                             char **out_strs);
int LGBM_BoosterGetEval(void *handle, int data_idx, int *out_len, double *out_results);
#ifdef __cplusplus
}
#endif

/*
 * Tracks the metrics of the training set, names[0], and of the validation sets, names[1] and so on in the order in which they
 * were added, at the step of the iteration just done, with the context {"data_name": names[i]}. A set whose name is NULL
 * is left out; its metrics are not computed.
 */
static inline int aim_lightgbm_track(const aim_run *run, void *booster, const char *const *names, size_t count,
                                     aim_error **err)
{
    enum { WIDTH = 256 };
    int metrics = 0, iteration = 0, done = AIM_OK;
    size_t longest = 0, set;
    int i;
    char *text, **metric_names;
    double *values;
    if (LGBM_BoosterGetEvalCounts(booster, &metrics) != 0 || LGBM_BoosterGetCurrentIteration(booster, &iteration) != 0)
        return AIM_LIGHTGBM_FAILED;
    if (metrics == 0) return AIM_OK;

    text = (char *)malloc((size_t)metrics * (WIDTH + sizeof *metric_names + sizeof *values));
    if (!text) return AIM_ERR_LIMIT;
    values = (double *)text; /* numbers first, for their alignment */
    metric_names = (char **)(values + metrics);
    for (i = 0; i < metrics; i++) metric_names[i] = (char *)(metric_names + metrics) + (size_t)i * WIDTH;
    if (LGBM_BoosterGetEvalNames(booster, metrics, &metrics, WIDTH, &longest, metric_names) != 0) done = AIM_LIGHTGBM_FAILED;
    if (longest > WIDTH) done = AIM_ERR_LIMIT;

    for (set = 0; set < count && done == AIM_OK; set++) {
        char context[1024];
        if (!names[set]) continue;
        if (!aim_data_name(context, sizeof context, names[set])) done = AIM_ERR_LIMIT;
        else if (LGBM_BoosterGetEval(booster, (int)set, &metrics, values) != 0) done = AIM_LIGHTGBM_FAILED;
        for (i = 0; i < metrics && done == AIM_OK; i++)
            done = aim_run_track(run, metric_names[i], values[i], iteration - 1, AIM_EPOCH_NONE, context, err);
    }
    free(text);
    return done;
}

#endif
