/* What the snippets in C of a page stand in: PAGE is a file of blocks, a block for each snippet. */
#include <aim.h>
#include <stdio.h>
#include <stdlib.h>

static uint8_t pixels[640 * 480 * 3];
static char buffer[1];

static void give_back(void *userdata) { *(char *)userdata = 1; }

/* The reader comes to the next snippet when what this one logged is a version. */
#define NEXT settle(run);
static void settle(aim_run *run)
{
    aim_artifact_options last = AIM_ARTIFACT_OPTIONS_INIT;
    last.path = "step-1000.pt";
    last.name = "last";
    last.wait = 1;
    aim_run_log_artifact(run, &last, NULL);
}

int main(void)
{
    aim_error *err = NULL;
    aim_run *run = NULL;
    aim_repo *repo = NULL;
    const int step = 3;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = "runs";
    options.new_hash = "0123456789abcdef01234567";
    if (aim_run_new(&options, &run, &err) != AIM_OK || aim_repo_open("runs", NULL, &repo, &err) != AIM_OK)
        return 1;
    fclose(fopen("step-1000.pt", "w"));
    aim_run_set_param_double(run, "/hparams/lr", 0.1, NULL);
    pixels[0] = (uint8_t)step;
    aim_sequence *previews = NULL;
    if (aim_run_sequence(run, AIM_QUERY_IMAGES, "lent", NULL, &previews, &err) != AIM_OK)
        return 1;
    aim_pixels image = AIM_PIXELS_INIT;
    image.data = pixels;
    image.width = 640;
    image.height = 480;
    image.release = give_back;
#include PAGE
    if (err != NULL)
        printf("%s\n", aim_error_message(err));
    aim_sequence_free(previews);
    aim_repo_free(repo);
    const int failed = err != NULL || aim_run_close(run, &err) != AIM_OK;
    aim_run_free(run);
    return failed;
}
