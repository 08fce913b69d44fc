/* The shortest useful program: one run, one parameter, one metric.
 *
 *     cc hello.c -o hello $(pkg-config --cflags --libs aim) && ./hello
 */
#include <aim.h>

#include <stdio.h>

int main(void)
{
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.experiment = "hello";
    aim_run *run = NULL;
    aim_error *err = NULL;
    if (aim_run_new(&options, &run, &err) != AIM_OK) {
        fprintf(stderr, "hello: %s\n", aim_error_message(err));
        aim_error_free(err);
        return 1;
    }
    aim_run_set_param_double(run, "lr", 0.1, NULL);
    for (int step = 0; step < 100; step++)
        aim_run_track(run, "loss", 1.0 / (step + 1), step, AIM_EPOCH_NONE, NULL, NULL);
    printf("tracked 100 steps as run %s\n", aim_run_hash(run));
    int failed = aim_run_close(run, NULL) != AIM_OK;
    aim_run_free(run);
    return failed;
}
