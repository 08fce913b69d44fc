/* sample [HASH...] - makes a run of each hash, or with any if it is "new", where AIM_REPO says or in the working directory: what
 * the pages' snippets speak of. A file step-1000.pt in the working directory is its model. */
#include <aim.h>

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        aim_run_options options = AIM_RUN_OPTIONS_INIT;
        options.experiment = "digits";
        options.new_hash = strcmp(argv[i], "new") == 0 ? NULL : argv[i];
        aim_run *run = NULL;
        aim_error *err = NULL;
        if (aim_run_new(&options, &run, &err) != AIM_OK) {
            fprintf(stderr, "%s\n", aim_error_message(err));
            aim_error_free(err);
            return 1;
        }
        aim_run_set_param_double(run, "/hparams/lr", 0.01 * i, NULL);
        aim_run_add_tag(run, "baseline", NULL);
        aim_run_add_tag(run, "paper", NULL);
        for (int step = 0; step < 50; step++) {
            aim_run_track(run, "loss", 1.0 / (1 + step), step, AIM_EPOCH_NONE, "{\"subset\": \"val\"}", NULL);
            aim_run_track(run, "accuracy", 1 - 0.9 / (1 + step), step, AIM_EPOCH_NONE, NULL, NULL);
        }
        aim_artifact_options model = AIM_ARTIFACT_OPTIONS_INIT;
        model.path = "step-1000.pt";
        model.name = "model";
        model.aliases = "best";
        model.step = 1000;
        model.mode = AIM_ARTIFACT_COPY;
        aim_run_log_artifact(run, &model, NULL);
        aim_run_close(run, NULL);
        aim_run_free(run);
    }
    return 0;
}
