/*
 * What a program says of itself by Adiak becomes params of its run.
 *
 *     cc -std=c99 adiak.c -o adiak -ladiak -laim
 *     ./adiak REPOSITORY
 */
#include <aim/adiak.h>

#include <stdio.h>

int main(int argc, char **argv)
{
    const char *meshes[] = {"coarse", "the \"fine\" one"};
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    aim_error *err = NULL;

    adiak_init(NULL);
    adiak_namevalue("problem size", adiak_general, NULL, "%d", 512);
    adiak_namevalue("dt", adiak_general, NULL, "%f", 1e-4);
    adiak_namevalue("solver", adiak_general, NULL, "%s", "cg");
    adiak_namevalue("input", adiak_general, NULL, "%p", "/data/mesh");
    adiak_namevalue("meshes", adiak_general, NULL, "{%s}", meshes, 2);

    options.repo = argc > 1 ? argv[1] : NULL;
    options.experiment = "adiak";
    if (aim_run_new(&options, &run, &err) != AIM_OK || aim_adiak_params(run, &err) != AIM_OK) {
        fprintf(stderr, "%s\n", aim_error_message(err));
        aim_error_free(err);
        return 1;
    }
    aim_run_close(run, NULL);
    aim_run_free(run);
    adiak_fini();
    return 0;
}
