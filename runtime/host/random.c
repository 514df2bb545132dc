#include "host.h"

/* The order of samples. It depends on (seed, stream) alone, where the stream is the epoch: not on
 * the platform, the precision, or what was drawn before. */

typedef struct {
    uint64_t state;
} HostRandom;

/* The finaliser of splitmix64: a bijection in which every bit of the input reaches every bit of
 * the output. */
static uint64_t host_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

static HostRandom host_random(uint64_t seed, uint64_t stream) {
    const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t key = host_mix(host_mix(seed + golden) + (stream + 1) * golden);
    return (HostRandom){key ? key : 0xC0FFEE};
}

static uint64_t host_random_next(HostRandom *random) {
    uint64_t x = random->state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return random->state = x;
}

/* Uniform in [0, limit), limit >= 1. A draw is one of 2^64 - 1 values (never 0); those above the
 * last whole multiple of `limit` are drawn again, so no result is favoured. */
static uint64_t host_random_below(HostRandom *random, uint64_t limit) {
    const uint64_t whole = UINT64_MAX - UINT64_MAX % limit;
    uint64_t draw;
    do
        draw = host_random_next(random) - 1;
    while (draw >= whole);
    return draw % limit;
}

/* Fisher-Yates. */
static void host_shuffle(size_t *items, size_t count, uint64_t seed, uint64_t stream) {
    HostRandom random = host_random(seed, stream);
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)host_random_below(&random, i);
        size_t item = items[i - 1];
        items[i - 1] = items[j];
        items[j] = item;
    }
}

/* The order of all samples in an epoch. */
static void host_order(size_t *order, size_t count, uint64_t seed, unsigned epoch) {
    for (size_t i = 0; i < count; i++)
        order[i] = i;
    host_shuffle(order, count, seed, epoch);
}
