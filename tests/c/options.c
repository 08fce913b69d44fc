/* Options: a caller compiled against an older or newer header keeps working. */
#include "check.h"

/* Opens a run with the first `size` bytes of `options`, in memory of just that size, so that valgrind sees a byte read
 * too far. */
static void open_with(size_t size, const aim_run_options *options, aim_status want)
{
    size_t copied = size < sizeof *options ? size : sizeof *options;
    char *memory = (char *)calloc(1, size > sizeof size ? size : sizeof size);
    memcpy(memory, options, copied);
    memcpy(memory, &size, sizeof size);
    aim_run *run = NULL;
    EXPECT(want, aim_run_new, (const aim_run_options *)(void *)memory, &run);
    free(memory);
    if (run != NULL)
        EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
}

int main(void)
{
    start();
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    CHECK(options.struct_size == sizeof options);
    CHECK(options.repo == NULL && options.experiment == NULL && options.run_hash == NULL);
    CHECK(offsetof(aim_run_options, repo) == sizeof(size_t)); /* the order of the fields is pinned */
    CHECK(offsetof(aim_run_options, experiment) == sizeof(size_t) + sizeof(char *));
    CHECK(offsetof(aim_run_options, run_hash) == sizeof(size_t) + 2 * sizeof(char *));
    CHECK(offsetof(aim_run_options, repo_options) == sizeof(size_t) + 3 * sizeof(char *));
    options.repo = scratch;

    /* An older caller knows fewer fields; a size that ends inside a field or before the first is a mistake. */
    open_with(offsetof(aim_run_options, experiment), &options, AIM_OK);
    open_with(offsetof(aim_run_options, run_hash), &options, AIM_OK);
    open_with(sizeof options, &options, AIM_OK);
    open_with(0, &options, AIM_ERR_INVALID_ARGUMENT);
    open_with(sizeof(size_t) - 1, &options, AIM_ERR_INVALID_ARGUMENT);

    /* A newer caller's extra fields are fine as long as they are zero. */
    open_with(sizeof options + 64, &options, AIM_OK);

    /* Fields beyond struct_size are not looked at. */
    options.struct_size = offsetof(aim_run_options, experiment);
    options.experiment = "\xff";
    aim_run *run = NULL;
    EXPECT(AIM_OK, aim_run_new, &options, &run);
    char *experiment = NULL;
    EXPECT(AIM_OK, aim_run_get_experiment, run, &experiment);
    CHECK_OWNED(experiment, "default");
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);

    /* No options at all: everything by default, in the nearest repository upwards of the working directory. */
    char below[300];
    snprintf(below, sizeof below, "mkdir -p '%s/deep/er'", scratch);
    CHECK(system(below) == 0);
    snprintf(below, sizeof below, "%s/deep/er", scratch);
    CHECK(chdir(below) == 0);
    run = NULL;
    EXPECT(AIM_OK, aim_run_new, NULL, &run);
    char hash[64];
    snprintf(hash, sizeof hash, "%s", aim_run_hash(run));
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    CHECK(chdir("/") == 0);
    run = new_run(hash); /* found in `scratch`, two levels up */
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);

    /* A path is bytes, as the system has it: here one that is not UTF-8. */
    char path[300];
    snprintf(path, sizeof path, "%s/caf\xe9", scratch);
    aim_run_options elsewhere = AIM_RUN_OPTIONS_INIT;
    elsewhere.repo = path;
    run = NULL;
    EXPECT(AIM_OK, aim_run_new, &elsewhere, &run);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_run_free(run);
    return finish();
}
