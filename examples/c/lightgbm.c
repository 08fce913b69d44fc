/*
 * Boosted trees by LightGBM's C interface, each iteration tracked.
 *
 *     cc -std=c99 -O2 lightgbm.c -o lightgbm -laim -l_lightgbm && ./lightgbm [REPO]
 */
#include <LightGBM/c_api.h>
#include <aim.h>
#include <aim/lightgbm.h>

#include <stdio.h>
#include <stdlib.h>

enum { ROWS = 400, COLUMNS = 4, ROUNDS = 20 };

static aim_error *err;

static void must(int status)
{
    if (status == 0) return;
    fprintf(stderr, "%s\n", status == AIM_LIGHTGBM_FAILED ? LGBM_GetLastError() : aim_error_message(err));
    exit(1);
}

/* Points in a cube; the label tells on which side of a plane they are. */
static DatasetHandle dataset(DatasetHandle like)
{
    static double data[ROWS * COLUMNS];
    static float labels[ROWS];
    DatasetHandle handle = NULL;
    for (int i = 0; i < ROWS * COLUMNS; i++) data[i] = (double)rand() / RAND_MAX;
    for (int i = 0; i < ROWS; i++) labels[i] = data[i * COLUMNS] > data[i * COLUMNS + 1];
    must(LGBM_DatasetCreateFromMat(data, C_API_DTYPE_FLOAT64, ROWS, COLUMNS, 1, "verbosity=-1", like, &handle));
    must(LGBM_DatasetSetField(handle, "label", labels, ROWS, C_API_DTYPE_FLOAT32));
    return handle;
}

int main(int argc, char **argv)
{
    DatasetHandle train = dataset(NULL), held_out = dataset(train);
    const char *names[] = {"train", "hold-out"};
    BoosterHandle booster = NULL;
    must(LGBM_BoosterCreate(train, "objective=binary metric=auc,binary_logloss verbosity=-1 num_leaves=7", &booster));
    must(LGBM_BoosterAddValidData(booster, held_out));

    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    options.repo = argc > 1 ? argv[1] : NULL;
    options.experiment = "lightgbm";
    must(aim_run_new(&options, &run, &err));
    for (int iteration = 0, finished = 0; iteration < ROUNDS && !finished; iteration++) {
        must(LGBM_BoosterUpdateOneIter(booster, &finished));
        must(aim_lightgbm_track(run, booster, names, 2, &err));
    }
    must(aim_run_close(run, &err));
    printf("run %s\n", aim_run_hash(run));
    aim_run_free(run);
    LGBM_BoosterFree(booster);
    LGBM_DatasetFree(held_out);
    LGBM_DatasetFree(train);
}
