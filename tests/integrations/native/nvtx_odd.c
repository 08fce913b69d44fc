/* Uses NVTX as nobody should: from many threads, too deep, with ends that belong to nothing, in a child. */
#include <nvtx3/nvToolsExt.h>

#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *thread(void *arg)
{
    for (int i = 0; i < 1000; i++) {
        nvtxRangePushA("thread");
        nvtxRangePop();
    }
    return arg;
}

static void need(int good)
{
    if (!good) abort();
}

int main(void)
{
    pthread_t threads[4];
    nvtxEventAttributes_t none = {0}, crossed = {0};
    const nvtxDomainHandle_t domain = nvtxDomainCreateA("d");
    crossed.version = NVTX_VERSION;
    crossed.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    crossed.messageType = NVTX_MESSAGE_TYPE_ASCII;
    crossed.message.ascii = "crossed";

    for (int i = 0; i < 4; i++) need(pthread_create(&threads[i], NULL, thread, NULL) == 0);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);

    need(nvtxRangePop() < 0); /* nothing was pushed */
    for (int i = 0; i < 100; i++) nvtxRangePushA("deep");
    for (int i = 0; i < 100; i++) nvtxRangePop();
    need(nvtxRangePop() < 0);

    need(nvtxDomainRangePushEx(domain, &crossed) == 0); /* each domain has ranges of its own */
    need(nvtxRangePushA("outer") == 0);
    need(nvtxDomainRangePop(domain) == 0);
    need(nvtxRangePop() == 0);

    const nvtxRangeId_t started = nvtxRangeStartA("started");
    nvtxRangeEnd(started);
    nvtxRangeEnd(started);
    nvtxRangeEnd(12345);
    nvtxRangeEnd(0);
    nvtxRangePushEx(&none); /* without a version, a size, a message */
    nvtxRangePop();
    nvtxMarkEx(&none);

    const pid_t child = fork();
    if (child == 0) {
        nvtxRangePushA("child");
        nvtxRangePop();
        exit(0);
    }
    int status = 0;
    need(waitpid(child, &status, 0) == child && status == 0);
    return 0;
}
