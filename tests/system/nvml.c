/* The calls of NVIDIA's management library that libaim makes, with answers from the environment variable NVML_STUB:
 *
 *     two            two GPUs with all counters
 *     partial        two GPUs; power and clocks are not supported, the second has no utilization either
 *     mig            one GPU with two MIG instances, at places 0 and 2
 *     lost           one GPU that falls off the bus after its first reading
 *     hang           one GPU whose temperature is never told
 *     no-driver      the library is there, the driver is not
 *     eight          eight GPUs with all counters
 *
 * NVML_STUB_MICROS is the processor time that each question to a GPU takes. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, SMALL = 7, NO_DRIVER = 9, LOST = 15 };

/* A device: its GPU in the low byte, its MIG instance plus one in the next. */
typedef long device;

static const char *given = "";
static double call_seconds;

/* Once: who measures what calls cost wants none of this in them. */
__attribute__((constructor)) static void read_environment(void)
{
    const char *scenario = getenv("NVML_STUB"), *micros = getenv("NVML_STUB_MICROS");
    if (scenario)
        given = scenario;
    if (micros)
        call_seconds = atof(micros) / 1e6;
}

static int is(const char *scenario) { return !strcmp(given, scenario); }

/* Takes processor time, as the kernel does while it waits for the GPU's firmware. */
static void ask_gpu(void)
{
    if (call_seconds == 0)
        return;
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    double end = now.tv_sec + now.tv_nsec / 1e9 + call_seconds;
    while (now.tv_sec + now.tv_nsec / 1e9 < end)
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
}

static int reads;

static int gpu(device d) { return (int)(d & 0xff) - 1; }
static int mig(device d) { return (int)(d >> 8) - 1; }

int nvmlInit_v2(void) { return is("no-driver") ? NO_DRIVER : SUCCESS; }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int code) { (void)code; return "stub"; }

int nvmlDeviceGetCount_v2(unsigned *count)
{
    *count = is("eight") ? 8 : is("two") || is("partial") ? 2 : 1;
    return SUCCESS;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, device *d)
{
    *d = (device)index + 1;
    return SUCCESS;
}

struct utilization { unsigned gpu, memory; };

int nvmlDeviceGetUtilizationRates(device d, struct utilization *u)
{
    ask_gpu();
    if (is("lost") && reads++ > 0)
        return LOST;
    if (is("mig") || (is("partial") && gpu(d) == 1))
        return NOT_SUPPORTED;
    u->gpu = 40 + (unsigned)gpu(d);
    u->memory = 7;
    return SUCCESS;
}

struct memory { unsigned version; unsigned long long total, reserved, free, used; };

int nvmlDeviceGetMemoryInfo_v2(device d, struct memory *m)
{
    ask_gpu();
    m->total = mig(d) >= 0 ? 10000 : 80000;
    m->used = mig(d) >= 0 ? 1000 * (unsigned long long)(mig(d) + 1) : 20000;
    m->free = m->total - m->used;
    return SUCCESS;
}

int nvmlDeviceGetTemperature(device d, unsigned sensor, unsigned *degrees)
{
    ask_gpu();
    (void)sensor;
    while (is("hang"))
        pause();
    *degrees = 60 + (unsigned)gpu(d);
    return SUCCESS;
}

int nvmlDeviceGetPowerUsage(device d, unsigned *milliwatts)
{
    ask_gpu();
    if (is("partial"))
        return NOT_SUPPORTED;
    *milliwatts = 250500 + (unsigned)gpu(d);
    return SUCCESS;
}

int nvmlDeviceGetClockInfo(device d, unsigned clock, unsigned *mhz)
{
    ask_gpu();
    (void)d;
    if (is("partial"))
        return NOT_SUPPORTED;
    *mhz = clock == 1 ? 1980 : 2619;
    return SUCCESS;
}

int nvmlDeviceGetCurrentClocksThrottleReasons(device d, unsigned long long *reasons)
{
    ask_gpu();
    (void)d;
    *reasons = 4; /* the power cap */
    return SUCCESS;
}

int nvmlDeviceGetMaxMigDeviceCount(device d, unsigned *count)
{
    (void)d;
    if (!is("mig"))
        return NOT_SUPPORTED;
    *count = 7;
    return SUCCESS;
}

int nvmlDeviceGetMigDeviceHandleByIndex(device d, unsigned index, device *instance)
{
    if (index != 0 && index != 2)
        return NOT_FOUND;
    *instance = d | ((device)index + 1) << 8;
    return SUCCESS;
}

struct process { unsigned pid; unsigned long long used; unsigned gpu_instance, compute_instance; };

int nvmlDeviceGetComputeRunningProcesses_v3(device d, unsigned *count, struct process *list)
{
    ask_gpu();
    (void)d;
    if (!list || *count < 2) {
        *count = 2;
        return SMALL;
    }
    list[0] = (struct process){1, 111, 0, 0};
    list[1] = (struct process){(unsigned)getpid(), 12345, 0, 0};
    *count = 2;
    return SUCCESS;
}

static int text(char *out, unsigned size, const char *value)
{
    strncpy(out, value, size);
    return SUCCESS;
}

int nvmlSystemGetDriverVersion(char *out, unsigned size) { return text(out, size, "580.65"); }
int nvmlSystemGetCudaDriverVersion_v2(int *version) { *version = 13000; return SUCCESS; }
int nvmlDeviceGetName(device d, char *out, unsigned size) { (void)d; return text(out, size, "Stub GPU"); }
int nvmlDeviceGetUUID(device d, char *out, unsigned size) { return text(out, size, gpu(d) ? "GPU-1" : "GPU-0"); }
