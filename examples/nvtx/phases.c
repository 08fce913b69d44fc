/*
 * Says by NVTX what it does. It knows nothing of libaim: libaim_nvtx.so tracks it as it is.
 *
 *     cc -std=gnu99 -O2 phases.c -o phases -ldl                     (with the headers of NVTX 3, which come with CUDA)
 *     NVTX_INJECTION64_PATH=$PWD/libaim_nvtx.so ./phases
 */
#include <nvtx3/nvToolsExt.h>

#include <stdio.h>

static double work(int n)
{
    volatile double sum = 0;
    for (int i = 1; i < n; i++) sum += 1.0 / i;
    return sum;
}

int main(void)
{
    const nvtxDomainHandle_t loader = nvtxDomainCreateA("loader");
    nvtxEventAttributes_t batch = {0};
    batch.version = NVTX_VERSION;
    batch.size = NVTX_EVENT_ATTRIB_STRUCT_SIZE;
    batch.messageType = NVTX_MESSAGE_TYPE_REGISTERED;
    batch.message.registered = nvtxDomainRegisterStringA(loader, "batch");
    double sum = 0;
    for (int epoch = 0; epoch < 3; epoch++) {
        nvtxRangePushA("epoch");
        for (int step = 0; step < 5; step++) {
            const nvtxRangeId_t load = nvtxDomainRangeStartEx(loader, &batch);
            nvtxRangePushW(L"vorwärts");
            sum += work(10000);
            nvtxDomainRangeEnd(loader, load);
            nvtxRangePop();
        }
        nvtxRangePop();
        nvtxMarkA("checkpoint");
    }
    printf("sum %.0f\n", sum);
    return 0;
}
