/* The functions of ROCm SMI that libaim calls, with answers from the environment variable ROCM_SMI_STUB:
 *
 *     two            two GPUs with all counters
 *     partial        one GPU whose edge has no sensor, which tells its power now but no average, and no memory
 *     fading         one GPU that answers its first readings only
 *     broken         the library does not start
 *
 * Compiled with the library's own header, which the definitions must match. */
#include <rocm_smi/rocm_smi.h>

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Static_assert(offsetof(rsmi_process_info_t, vram_usage) == 8, "what libaim declares");
_Static_assert(sizeof(rsmi_process_info_t) <= 256, "what libaim declares");
_Static_assert(sizeof(rsmi_memory_type_t) == sizeof(int), "what libaim declares");
_Static_assert(sizeof(rsmi_temperature_metric_t) == sizeof(int), "what libaim declares");
_Static_assert(sizeof(rsmi_status_t) == sizeof(int), "what libaim declares");

/* Newer than Debian's header. */
rsmi_status_t rsmi_dev_current_socket_power_get(uint32_t device, uint64_t *power);
rsmi_status_t rsmi_compute_process_info_by_device_get(uint32_t pid, uint32_t device, rsmi_process_info_t *process);

static int is(const char *scenario)
{
    const char *given = getenv("ROCM_SMI_STUB");
    return given && !strcmp(given, scenario);
}

static int started;
static int reads;

/* Whether a device answers. */
static rsmi_status_t answer(uint32_t device)
{
    if (!started)
        return RSMI_STATUS_INIT_ERROR;
    if (device >= (is("two") ? 2 : 1))
        return RSMI_STATUS_INVALID_ARGS;
    return is("fading") && reads > 2 ? RSMI_STATUS_FILE_ERROR : RSMI_STATUS_SUCCESS;
}

#define ANSWER(device, out, value)                \
    do {                                          \
        rsmi_status_t status_ = answer(device);   \
        if (status_ == RSMI_STATUS_SUCCESS)       \
            *(out) = (value);                     \
        return status_;                           \
    } while (0)

rsmi_status_t rsmi_init(uint64_t flags)
{
    if (flags || is("broken"))
        return RSMI_STATUS_INIT_ERROR;
    started++;
    return RSMI_STATUS_SUCCESS;
}

rsmi_status_t rsmi_shut_down(void)
{
    started--;
    return RSMI_STATUS_SUCCESS;
}

rsmi_status_t rsmi_num_monitor_devices(uint32_t *count)
{
    *count = is("two") ? 2 : 1;
    return RSMI_STATUS_SUCCESS;
}

/* 0000:03:00.0 and, as partition 1, 0001:c3:00.0. */
rsmi_status_t rsmi_dev_pci_id_get(uint32_t device, uint64_t *id)
{
    ANSWER(device, id, device ? 1ull << 32 | 1u << 28 | 0xc300 : 0x300);
}

rsmi_status_t rsmi_dev_unique_id_get(uint32_t device, uint64_t *id) { ANSWER(device, id, 0xabcdef + device); }

rsmi_status_t rsmi_dev_name_get(uint32_t device, char *name, size_t size)
{
    snprintf(name, size, "Stub accelerator %u", (unsigned)device);
    return answer(device);
}

rsmi_status_t rsmi_dev_busy_percent_get(uint32_t device, uint32_t *percent)
{
    reads++;
    ANSWER(device, percent, 70 + device);
}

rsmi_status_t rsmi_dev_memory_total_get(uint32_t device, rsmi_memory_type_t kind, uint64_t *bytes)
{
    if (is("partial") || kind != RSMI_MEM_TYPE_VRAM)
        return RSMI_STATUS_NOT_SUPPORTED;
    ANSWER(device, bytes, 64000);
}

rsmi_status_t rsmi_dev_memory_usage_get(uint32_t device, rsmi_memory_type_t kind, uint64_t *bytes)
{
    if (is("partial") || kind != RSMI_MEM_TYPE_VRAM)
        return RSMI_STATUS_NOT_SUPPORTED;
    ANSWER(device, bytes, 16000 * (device + 1));
}

rsmi_status_t rsmi_dev_temp_metric_get(uint32_t device, uint32_t sensor, rsmi_temperature_metric_t metric,
                                       int64_t *thousandths)
{
    if (metric != RSMI_TEMP_CURRENT || (is("partial") && sensor == RSMI_TEMP_TYPE_EDGE))
        return RSMI_STATUS_NOT_SUPPORTED;
    ANSWER(device, thousandths, sensor == RSMI_TEMP_TYPE_EDGE ? 44000 + device : 58500);
}

rsmi_status_t rsmi_dev_power_ave_get(uint32_t device, uint32_t sensor, uint64_t *millionths)
{
    if (is("partial") || sensor)
        return RSMI_STATUS_NOT_SUPPORTED;
    ANSWER(device, millionths, 300000000 + device);
}

rsmi_status_t rsmi_dev_current_socket_power_get(uint32_t device, uint64_t *millionths)
{
    ANSWER(device, millionths, 410000000);
}

rsmi_status_t rsmi_compute_process_info_by_device_get(uint32_t pid, uint32_t device, rsmi_process_info_t *process)
{
    if (pid != (uint32_t)getpid() || is("partial"))
        return RSMI_STATUS_NOT_FOUND;
    memset(process, 0x55, sizeof *process);
    ANSWER(device, &process->vram_usage, 4321 + device);
}
