/*
 * XGBoost from its C interface, for C99 and C++: after each call of XGBoosterUpdateOneIter,
 *
 *     aim_xgboost_track(run, booster, iteration, sets, names, number_of_sets, &err);
 *
 * tracks every metric of every set. XGBoost's own header is not needed; link with -lxgboost.
 *
 * Functions return AIM_OK, a status of libaim with its error in *err, or AIM_XGBOOST_FAILED: XGBGetLastError() tells more.
 * A metric's name of more than 255 bytes and a set's of more than 160 are AIM_ERR_LIMIT, without an error.
 */
#ifndef AIM_XGBOOST_H
#define AIM_XGBOOST_H

#include <aim.h>

#include "data_name.h"

#include <locale.h>
#include <stdlib.h>
#include <string.h>

/* A function of XGBoost failed. */
#define AIM_XGBOOST_FAILED (-1)

#ifdef __cplusplus
extern "C" {
#endif
/* As in xgboost/c_api.h, which may be included as well. */
int XGBoosterEvalOneIter(void *handle, int iter, void *dmats[], const char *evnames[], uint64_t len, const char **out_result);
int XGBoosterSaveJsonConfig(void *handle, uint64_t *out_len, const char **out_str);
#ifdef __cplusplus
}
#endif

/* A number as XGBoost prints it, whatever the locale's decimal point. */
static inline double aim_xgboost_number(const char *text)
{
    char copy[64];
    char *point;
    strncpy(copy, text, sizeof copy - 1);
    copy[sizeof copy - 1] = 0;
    point = strchr(copy, '.');
    if (point) *point = *localeconv()->decimal_point;
    return strtod(copy, NULL);
}

/*
 * Evaluates the booster on `count` matrices and tracks the results at the step `iteration`: metrics by XGBoost's names, with
 * the context {"data_name": names[i]}.
 */
static inline int aim_xgboost_track(const aim_run *run, void *booster, int iteration, void **sets, const char **names,
                                    size_t count, aim_error **err)
{
    const char *result = NULL, *at;
    size_t fields = 0, field = 0;
    if (XGBoosterEvalOneIter(booster, iteration, sets, names, count, &result) != 0) return AIM_XGBOOST_FAILED;
    for (at = result; *at; at++) fields += *at == '\t';
    if (count == 0 || fields == 0) return AIM_OK;

    /* "[0]\tNAME-METRIC:VALUE\t...": equally many for each set, in their order, so names may hold what they like. */
    for (at = strchr(result, '\t'); at; field++) {
        const char *const next = strchr(at + 1, '\t');
        const char *const end = next ? next : at + strlen(at);
        const char *const name = names[field / (fields / count)];
        const char *const metric = at + 1 + strlen(name) + 1;
        const char *colon = end;
        char context[1024], metric_name[256];
        aim_status status;
        while (colon > metric && *colon != ':') colon--;
        if (colon <= metric || (size_t)(colon - metric) >= sizeof metric_name) return AIM_ERR_LIMIT;
        if (!aim_data_name(context, sizeof context, name)) return AIM_ERR_LIMIT;
        memcpy(metric_name, metric, (size_t)(colon - metric));
        metric_name[colon - metric] = 0;
        status = aim_run_track(run, metric_name, aim_xgboost_number(colon + 1), iteration, AIM_EPOCH_NONE, context, err);
        if (status != AIM_OK) return status;
        at = next;
    }
    return AIM_OK;
}

/* Stores the booster's configuration as the param "xgboost". */
static inline int aim_xgboost_config(const aim_run *run, void *booster, aim_error **err)
{
    const char *config = NULL;
    uint64_t length = 0;
    if (XGBoosterSaveJsonConfig(booster, &length, &config) != 0) return AIM_XGBOOST_FAILED;
    return aim_run_set_param(run, "xgboost", config, err);
}

#endif
