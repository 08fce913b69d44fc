/* A host program for the tests of what a run records of its machine.
 *
 *     trainer REPO OPTION... ACTION...
 *
 * Options set fields of aim_run_options: interval=SECONDS children=1 group=NAME params=1 mask=NAMES env=NAMES run=HASH capture=1. The
 * actions follow in order; those with a hyphen in front are for the record only. The run's hash goes to REPO/hash, messages of the library to REPO/messages. */
#define _GNU_SOURCE
#include <aim.h>

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void fortran_lines(int count);

static char path[4096];
static size_t *touched;

static FILE *in_repo(const char *repo, const char *name, const char *mode)
{
    snprintf(path, sizeof path, "%s/%s", repo, name);
    FILE *file = fopen(path, mode);
    if (!file)
        abort();
    return file;
}

static void write_message(int32_t level, const char *message, void *repo)
{
    FILE *file = in_repo(repo, "messages", "a");
    fprintf(file, "%d %s\n", (int)level, message);
    fclose(file);
}

static aim_error *err;

static void must(aim_status status)
{
    if (status == AIM_OK)
        return;
    fprintf(stderr, "%s\n", aim_error_message(err));
    exit(10 + status);
}

static double seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + now.tv_nsec / 1e9;
}

static void act(aim_run *run, const char *name, const char *value)
{
    long number = atol(value);
    if (!strcmp(name, "lines"))
        for (long i = 0; i < number; i++)
            printf("line %08ld of the program's standard output\n", i);
    else if (!strcmp(name, "tracked_lines")) {
        aim_metric *metric;
        must(aim_run_metric(run, "loss", NULL, &metric, &err));
        for (long i = 0; i < number; i++) {
            printf("line %08ld of the program's standard output\n", i);
            aim_metric_track(metric, i, AIM_STEP_AUTO, AIM_EPOCH_NONE);
        }
        aim_metric_free(metric);
    } else if (!strcmp(name, "say")) {
        fputs(value, stdout);
        fflush(stdout);
    } else if (!strcmp(name, "saynl"))
        printf("%s\n", value);
    else if (!strcmp(name, "progress")) {
        for (long i = 0; i <= number; i++)
            printf("\rdone: %ld of %ld", i, number);
        printf("\n");
    } else if (!strcmp(name, "error"))
        fprintf(stderr, "%s\n", value);
    else if (!strcmp(name, "fortran"))
        fortran_lines((int)number);
    else if (!strcmp(name, "system")) {
        fflush(stdout);
        if (system(value) == -1)
            abort();
    } else if (!strcmp(name, "fork")) {
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            printf("%s\n", value);
            fflush(stdout);
            aim_run_free(run);
            _exit(0);
        }
        waitpid(child, NULL, 0);
    } else if (!strcmp(name, "background")) { /* a child that outlives the trainer, writes much, and makes a file */
        fflush(stdout);
        if (fork() == 0) {
            sleep(1);
            for (int i = 0; i < 20000; i++)
                printf("still here, line %d\n", i);
            fclose(fopen(value, "w"));
            _exit(0);
        }
    } else if (!strcmp(name, "sleep"))
        usleep((useconds_t)number * 1000);
    else if (!strcmp(name, "burn"))
        for (double end = seconds() + number / 1e3; seconds() < end;)
            ;
    else if (!strcmp(name, "load")) /* until there is something on stdin */
        for (struct pollfd in = {0, POLLIN, 0}; poll(&in, 1, 0) == 0;)
            ;
    else if (!strcmp(name, "touch"))
        for (size_t size = (size_t)number << 20, i = 0, *memory = touched = malloc(size); i < size / sizeof *memory; i++)
            ((volatile size_t *)memory)[i] = i;
    else if (!strcmp(name, "untouch"))
        free(touched);
    else if (!strcmp(name, "wait")) /* for a line on stdin */
        while (getchar() != '\n' && !feof(stdin))
            ;
    else if (!strcmp(name, "threads")) {
        snprintf(path, sizeof path, "ls /proc/%d/task | wc -l", (int)getpid());
        if (system(path) == -1)
            abort();
    } else if (!strcmp(name, "kill"))
        raise((int)number);
    else if (!strcmp(name, "exit"))
        exit((int)number);
    else if (!strcmp(name, "close"))
        must(aim_run_close(run, &err));
    else if (!strcmp(name, "log"))
        must(AIM_RUN_LOG(run, AIM_LOG_WARNING, value, &err));
    else if (!strcmp(name, "quietlog"))
        must(aim_run_log(run, AIM_LOG_CRITICAL, value, NULL, 0, NULL, &err));
    else
        abort();
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return 2;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = argv[1];
    int at = 2;
    for (; at < argc; at++) {
        if (argv[at][0] == '-')
            continue;
        char *value = strchr(argv[at], '=') + 1;
        if (!strncmp(argv[at], "interval=", 9))
            options.system_tracking_interval = atof(value);
        else if (!strncmp(argv[at], "children=", 9))
            options.system_tracking_children = true;
        else if (!strncmp(argv[at], "group=", 6))
            options.system_tracking_group = value;
        else if (!strncmp(argv[at], "params=", 7))
            options.log_system_params = true;
        else if (!strncmp(argv[at], "mask=", 5))
            options.mask_names = value;
        else if (!strncmp(argv[at], "env=", 4))
            options.env_names = value;
        else if (!strncmp(argv[at], "run=", 4))
            options.run_hash = value;
        else if (!strncmp(argv[at], "capture=", 8))
            options.capture_terminal_logs = true;
        else
            break;
    }
    aim_set_log_callback(AIM_LOG_INFO, write_message, argv[1]);
    aim_run *run;
    must(aim_run_new(&options, &run, &err));
    snprintf(path, sizeof path, "%s/hash", argv[1]);
    FILE *hash = in_repo(argv[1], "hash", "w");
    fputs(aim_run_hash(run), hash);
    fclose(hash);
    for (; at < argc; at++) {
        char *value = strchr(argv[at], '=');
        *value++ = 0;
        act(run, argv[at], value);
    }
    aim_run_close(run, NULL);
    aim_run_free(run);
    return 0;
}
