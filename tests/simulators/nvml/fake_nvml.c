/* A stand-in for NVIDIA's libnvidia-ml.so.1, to test the real boundary: pynvml loads it as it loads the
 * driver's own. Only what Steelyard calls is here; a missing function is one more thing a real (old)
 * driver does. Numbers and structures follow NVIDIA's public nvml.h.
 *
 * Set by environment variables, all optional:
 *   FAKE_NVML_GPUS            how many cards (1)
 *   FAKE_NVML_INIT_ERROR      what nvmlInit returns (0)
 *   FAKE_NVML_COUNT_ERROR     what asking for the number of cards returns (0)
 *   FAKE_NVML_HANDLE_ERROR    what asking for the last card returns (0)
 *   FAKE_NVML_MEMORY_ERROR    what asking for memory returns (0); 3 is "not supported"
 *   FAKE_NVML_TOTAL, _RESERVED, _USED   bytes (a card of 24 GiB, 1 GiB of it reserved, 2 GiB used)
 *   FAKE_NVML_FREE            bytes; when not set, what is left over: setting it makes the card lie
 *   FAKE_NVML_MIG             instances each card is split into (0: not split)
 *   FAKE_NVML_PIDS            processes that hold memory: pid:bytes,pid:bytes
 *   FAKE_NVML_HANG            1: nvmlInit never returns
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, INSUFFICIENT_SIZE = 7,
    DRIVER_NOT_LOADED = 9, GPU_IS_LOST = 15, LIB_RM_VERSION_MISMATCH = 18
};

#define MOST 4096

typedef struct { int card; int instance; } device; /* instance -1: the card itself */
typedef struct { unsigned long long total, free, used; } memory_v1;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } memory_v2;
typedef struct { unsigned pid; unsigned long long used; unsigned gpu_instance, compute_instance; } process;

static device cards[MOST];
static device instances[MOST];

static unsigned long long setting(const char *name, unsigned long long otherwise) {
    const char *text = getenv(name);
    return text && *text ? strtoull(text, NULL, 10) : otherwise;
}

int nvmlInitWithFlags(unsigned flags) {
    (void)flags;
    if (setting("FAKE_NVML_HANG", 0))
        for (;;) pause();
    return (int)setting("FAKE_NVML_INIT_ERROR", SUCCESS);
}

int nvmlShutdown(void) { return SUCCESS; }

const char *nvmlErrorString(int error) {
    switch (error) {
        case SUCCESS: return "Success";
        case NOT_SUPPORTED: return "Not Supported";
        case DRIVER_NOT_LOADED: return "Driver Not Loaded";
        case GPU_IS_LOST: return "GPU is lost";
        case LIB_RM_VERSION_MISMATCH: return "RM has detected an NVML/RM version mismatch.";
        default: return "Unknown Error";
    }
}

int nvmlSystemGetDriverVersion(char *version, unsigned length) {
    snprintf(version, length, "999.01");
    return SUCCESS;
}

int nvmlDeviceGetCount_v2(unsigned *count) {
    *count = (unsigned)setting("FAKE_NVML_GPUS", 1);
    return (int)setting("FAKE_NVML_COUNT_ERROR", SUCCESS);
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, device **handle) {
    unsigned long long count = setting("FAKE_NVML_GPUS", 1);
    if (index >= count || index >= MOST) return INVALID_ARGUMENT;
    if (index + 1 == count && setting("FAKE_NVML_HANDLE_ERROR", SUCCESS))
        return (int)setting("FAKE_NVML_HANDLE_ERROR", SUCCESS);
    cards[index].card = (int)index;
    cards[index].instance = -1;
    *handle = &cards[index];
    return SUCCESS;
}

int nvmlDeviceGetName(device *handle, char *name, unsigned length) {
    if (handle->instance < 0)
        snprintf(name, length, "Fake Card %d", handle->card);
    else
        snprintf(name, length, "Fake Card %d MIG %d", handle->card, handle->instance);
    return SUCCESS;
}

static unsigned long long total_of(const device *handle) {
    unsigned long long total = setting("FAKE_NVML_TOTAL", 24ULL << 30);
    return handle->instance < 0 ? total : total / setting("FAKE_NVML_MIG", 1);
}

#ifndef FAKE_NVML_OLD
int nvmlDeviceGetMemoryInfo_v2(device *handle, memory_v2 *info) {
    if (info->version != (sizeof(memory_v2) | (2U << 24))) return INVALID_ARGUMENT;
    if (setting("FAKE_NVML_MEMORY_ERROR", SUCCESS)) return (int)setting("FAKE_NVML_MEMORY_ERROR", 0);
    info->total = total_of(handle);
    info->reserved = setting("FAKE_NVML_RESERVED", 1ULL << 30);
    info->used = setting("FAKE_NVML_USED", 2ULL << 30);
    info->free = setting("FAKE_NVML_FREE", info->total - info->reserved - info->used);
    return SUCCESS;
}
#endif

int nvmlDeviceGetMemoryInfo(device *handle, memory_v1 *info) {
    if (setting("FAKE_NVML_MEMORY_ERROR", SUCCESS)) return (int)setting("FAKE_NVML_MEMORY_ERROR", 0);
    info->total = total_of(handle);
    info->used = setting("FAKE_NVML_RESERVED", 1ULL << 30) + setting("FAKE_NVML_USED", 2ULL << 30);
    info->free = setting("FAKE_NVML_FREE", info->total - info->used);
    return SUCCESS;
}

int nvmlDeviceGetMigMode(device *handle, unsigned *current, unsigned *pending) {
    (void)handle;
    if (!setting("FAKE_NVML_MIG", 0)) return NOT_SUPPORTED;
    *current = *pending = 1;
    return SUCCESS;
}

int nvmlDeviceGetMaxMigDeviceCount(device *handle, unsigned *count) {
    (void)handle;
    *count = 7; /* as on real cards: slots, most of them empty */
    return SUCCESS;
}

int nvmlDeviceGetMigDeviceHandleByIndex(device *handle, unsigned index, device **instance) {
    unsigned slot = (unsigned)handle->card * 8 + index;
    if (index >= setting("FAKE_NVML_MIG", 0) || slot >= MOST) return NOT_FOUND;
    instances[slot].card = handle->card;
    instances[slot].instance = (int)index;
    *instance = &instances[slot];
    return SUCCESS;
}

int nvmlDeviceGetComputeRunningProcesses_v3(device *handle, unsigned *count, process *found) {
    const char *text = getenv("FAKE_NVML_PIDS");
    unsigned have = 0;
    (void)handle;
    for (const char *at = text; at && *at; have++) {
        char *end;
        unsigned long long pid = strtoull(at, &end, 10);
        unsigned long long used = *end == ':' ? strtoull(end + 1, &end, 10) : 0;
        if (found && have < *count) {
            found[have].pid = (unsigned)pid;
            found[have].used = used;
        }
        at = *end == ',' ? end + 1 : "";
    }
    if (have > *count || (have && !found)) {
        *count = have;
        return INSUFFICIENT_SIZE;
    }
    *count = have;
    return SUCCESS;
}

int nvmlDeviceGetGraphicsRunningProcesses_v3(device *handle, unsigned *count, process *found) {
    (void)handle, (void)count, (void)found;
    return NOT_SUPPORTED; /* compute-only cards */
}
