/* A kernel that cannot wipe memory on a fork (Linux before 4.14, some sandboxes): a child is recognised all the same. */
#include "check.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#ifndef MADV_WIPEONFORK
#define MADV_WIPEONFORK 18
#endif

/* From now on the system refuses the advice. False where there are no such filters. */
static int refuse_wipe_on_fork(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_madvise, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MADV_WIPEONFORK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static int in_child(aim_run *run, aim_metric *metric)
{
    int wrong = 0;
    wrong += aim_metric_track(metric, 9.0, AIM_STEP_AUTO, AIM_EPOCH_NONE) != AIM_ERR_FORKED;
    wrong += aim_run_track(run, "loss", 9.0, 0, 0, NULL, NULL) != AIM_ERR_FORKED;
    wrong += aim_run_set_param(run, "forked", "true", NULL) != AIM_ERR_FORKED;
    wrong += aim_run_flush(run, NULL) != AIM_ERR_FORKED;
    wrong += aim_run_close(run, NULL) != AIM_ERR_FORKED;
    aim_metric_free(metric);
    aim_run_free(run);
    /* The child may have runs of its own. */
    aim_run *own = NULL;
    aim_run_options options = AIM_RUN_OPTIONS_INIT;
    options.repo = scratch;
    wrong += aim_run_new(&options, &own, NULL) != AIM_OK;
    wrong += aim_run_track(own, "loss", 1.0, 0, 0, NULL, NULL) != AIM_OK;
    wrong += aim_run_close(own, NULL) != AIM_OK;
    aim_run_free(own);
    return wrong;
}

int main(void)
{
    start();
    CHECK(refuse_wipe_on_fork());
    CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) != MAP_FAILED);
    aim_run *run = new_run(NULL);
    aim_metric *metric = new_metric(run, "loss", NULL);
    CHECK(aim_metric_track(metric, 1.0, 0, AIM_EPOCH_NONE) == AIM_OK);
    fflush(stdout);
    pid_t child = fork();
    if (child == 0)
        _exit(in_child(run, metric));
    int status = -1;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    CHECK(aim_metric_track(metric, 2.0, 1, AIM_EPOCH_NONE) == AIM_OK);
    EXPECT(AIM_OK, aim_run_close, run);
    aim_metric_free(metric);
    aim_run_free(run);
    return finish();
}
