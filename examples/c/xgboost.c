/*
 * Boosted trees by XGBoost's C interface, each iteration tracked.
 *
 *     cc -std=c99 -O2 xgboost.c -o xgboost -laim -lxgboost && ./xgboost [REPO]
 */
#include <aim.h>
#include <aim/xgboost.h>
#include <xgboost/c_api.h>

#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 400, COLUMNS = 4, ROUNDS = 20 };

static aim_error *err;

static void must(int status)
{
    if (status == 0) return;
    fprintf(stderr, "%s\n", status == AIM_XGBOOST_FAILED ? XGBGetLastError() : aim_error_message(err));
    exit(1);
}

/* Points in a cube; the label tells on which side of a plane they are. */
static DMatrixHandle matrix(void)
{
    static float data[ROWS * COLUMNS], labels[ROWS];
    DMatrixHandle handle = NULL;
    for (int i = 0; i < ROWS * COLUMNS; i++) data[i] = (float)rand() / (float)RAND_MAX;
    for (int i = 0; i < ROWS; i++) labels[i] = data[i * COLUMNS] > data[i * COLUMNS + 1];
    must(XGDMatrixCreateFromMat(data, ROWS, COLUMNS, -1, &handle));
    must(XGDMatrixSetFloatInfo(handle, "label", labels, ROWS));
    return handle;
}

int main(int argc, char **argv)
{
    DMatrixHandle sets[] = {matrix(), matrix()};
    const char *names[] = {"train", "hold-out"};
    BoosterHandle booster = NULL;
    must(XGBoosterCreate(sets, 2, &booster));
    must(XGBoosterSetParam(booster, "objective", "binary:logistic"));
    must(XGBoosterSetParam(booster, "eval_metric", "logloss"));
    must(XGBoosterSetParam(booster, "eval_metric", "error@0.7"));

    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    options.repo = argc > 1 ? argv[1] : NULL;
    options.experiment = "xgboost";
    must(aim_run_new(&options, &run, &err));
    for (int iteration = 0; iteration < ROUNDS; iteration++) {
        must(XGBoosterUpdateOneIter(booster, iteration, sets[0]));
        must(aim_xgboost_track(run, booster, iteration, sets, names, 2, &err));
    }
    must(aim_xgboost_config(run, booster, &err));
    must(aim_run_close(run, &err));
    printf("run %s\n", aim_run_hash(run));
    aim_run_free(run);
    XGBoosterFree(booster);
    for (int i = 0; i < 2; i++) XGDMatrixFree(sets[i]);
}
