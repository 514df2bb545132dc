#include "host.h"

/* Samples in memory. */

static size_t host_type_bytes(HostType type) {
    static const size_t bytes[] = {1, 1, 2, 4};
    return bytes[type];
}

/* For data that are read from files. */
__attribute__((unused)) static const char *host_type_name(HostType type) {
    static const char *const names[] = {"u8", "i8", "i16", "i32"};
    return names[type];
}

__attribute__((unused)) static int64_t host_type_most(HostType type) {
    static const int64_t most[] = {UINT8_MAX, INT8_MAX, INT16_MAX, INT32_MAX};
    return most[type];
}

static size_t host_input_bytes(const HostModel *model) {
    return model->inputs * host_type_bytes(model->input_type);
}

static size_t host_target_bytes(const HostModel *model) {
    if (model->classes)
        return model->targets * (model->classes <= 256 ? 1 : 2);
    return model->targets * host_type_bytes(model->target_type);
}

/* Store element `index`; the value is known to fit the type. */
static void host_put(HostType type, unsigned char *elements, size_t index, int64_t value) {
    unsigned char *place = elements + index * host_type_bytes(type);
    if (type == HOST_u8)
        *place = (unsigned char)value;
    if (type == HOST_i8)
        memcpy(place, &(int8_t){(int8_t)value}, 1);
    if (type == HOST_i16)
        memcpy(place, &(int16_t){(int16_t)value}, 2);
    if (type == HOST_i32)
        memcpy(place, &(int32_t){(int32_t)value}, 4);
}

static void host_put_class(const HostModel *model, unsigned char *targets, size_t index,
                           int64_t value) {
    if (model->classes <= 256)
        targets[index] = (unsigned char)value;
    else
        memcpy(targets + 2 * index, &(uint16_t){(uint16_t)value}, 2);
}

static int64_t host_get_class(const HostModel *model, const unsigned char *targets, size_t index) {
    if (model->classes <= 256)
        return targets[index];
    uint16_t value;
    memcpy(&value, targets + 2 * index, 2);
    return value;
}

/* ---- shares: `all` things over some ranks, as evenly as can be, in order ---- */

typedef struct {
    size_t first, count;
} HostPart;

static HostPart host_part(size_t all, size_t rank, size_t ranks) {
    const size_t least = all / ranks, longer = all % ranks;
    return (HostPart){rank * least + (rank < longer ? rank : longer), least + (rank < longer)};
}

/* ---- samples ---- */

static HostSamples host_samples_new(const HostModel *model, size_t samples) {
    return (HostSamples){.samples = samples,
                         .inputs = host_alloc(samples, host_input_bytes(model)),
                         .targets = host_alloc(samples, host_target_bytes(model)),
                         .all = samples};
}

static void host_samples_free(HostSamples *samples) {
    free(samples->inputs);
    free(samples->targets);
    *samples = (HostSamples){0};
}
