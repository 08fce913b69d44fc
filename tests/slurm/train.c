/* train [--seed N] [--steps N] - a training as jobs run it: a point for each step, a checkpoint every tenth, which it goes on from.
 * SIGTERM makes it save and end. The file `pace` in its directory holds milliseconds a step. */
#include <aim.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHECK(call)                                                                     \
    do {                                                                                \
        aim_error *err = NULL;                                                          \
        if ((call) != AIM_OK) {                                                         \
            fprintf(stderr, "%s: %s\n", #call, err ? aim_error_message(err) : "?");     \
            return 1;                                                                   \
        }                                                                               \
    } while (0)

static volatile sig_atomic_t told;

static void on_term(int signal)
{
    (void)signal;
    told = 1;
}

static long number_in(const char *path, long otherwise)
{
    FILE *file = fopen(path, "r");
    long number;
    if (file == NULL)
        return otherwise;
    if (fscanf(file, "%ld", &number) != 1)
        number = otherwise;
    fclose(file);
    return number;
}

static void save(const char *path, long step)
{
    char part[300];
    FILE *file;
    snprintf(part, sizeof part, "%s.part", path);
    file = fopen(part, "w");
    if (file != NULL) {
        fprintf(file, "%ld\n", step);
        fclose(file);
        rename(part, path);
    }
}

int main(int count, char **words)
{
    long seed = 0, steps = 100, step;
    const char *job = getenv("SLURM_JOB_ID");
    char checkpoint[200];
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    aim_run *run = NULL;
    aim_metric *loss = NULL;
    struct sigaction action;
    int word;

    for (word = 1; word + 1 < count; word += 2) {
        if (strcmp(words[word], "--seed") == 0)
            seed = atol(words[word + 1]);
        if (strcmp(words[word], "--steps") == 0)
            steps = atol(words[word + 1]);
    }
    snprintf(checkpoint, sizeof checkpoint, "checkpoint-%s", job ? job : "none");
    step = number_in(checkpoint, 0);
    memset(&action, 0, sizeof action);
    action.sa_handler = on_term;
    sigaction(SIGTERM, &action, NULL);

    options.resume = getenv("AIM_RUN_ID") != NULL;
    options.resume_step = step;
    CHECK(aim_run_new(&options, &run, &err));
    CHECK(aim_run_set_param_int64(run, "/seed", seed, &err));
    CHECK(aim_run_metric(run, "loss", NULL, &loss, &err));
    for (; step < steps && !told; step++) {
        struct timespec pause = {0, 1000000};
        pause.tv_nsec *= number_in("pace", 1);
        CHECK(aim_metric_track(loss, (double)(seed + step), step, AIM_EPOCH_NONE));
        if (step % 10 == 9)
            save(checkpoint, step + 1);
        nanosleep(&pause, NULL);
    }
    if (told)
        save(checkpoint, step);
    aim_metric_free(loss);
    CHECK(aim_run_close(run, &err));
    aim_run_free(run);
    return told ? 143 : 0;
}
