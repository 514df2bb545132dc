/* residual.c - trains the network `residual` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward,
 * loss, backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */
#include "residual.h"

#include <string.h>

/* int_runtime.h - the arithmetic that generated code stands on: random streams, rounding, clamping.
 *
 * Pasted verbatim into every generated file. Freestanding C99: integers of known width, no heap, no
 * float, no state of its own. Each function says why it cannot overflow. */
#ifndef INT_RUNTIME_H
#define INT_RUNTIME_H

#include <stddef.h>
#include <stdint.h>

/* Every function here is small and local to the file; a model need not use all of them. */
#ifdef __GNUC__
#define INT_FUNCTION __attribute__((unused)) static inline
#else
#define INT_FUNCTION static inline
#endif

/* What the arithmetic assumes of the compiler; an array of size -1 stops the build otherwise. */
typedef char int_assume_two_complement[(-1 & 3) == 3 ? 1 : -1];
typedef char int_assume_8_bit_bytes[(uint8_t)-1 == 255 ? 1 : -1];

/* ---- shifts ---------------------------------------------------------------------------------- */

/* Floor of v / 2^s for 0 <= s < 32. C leaves the shift of a negative value to the implementation;
 * where it is not arithmetic, the complement of a negative value is shifted instead: it is >= 0. */
INT_FUNCTION int32_t int_shift(int32_t v, int s)
{
#if (-1 >> 1) == -1
    return v >> s;
#else
    return v < 0 ? ~(~v >> s) : v >> s;
#endif
}

INT_FUNCTION int64_t int_shift64(int64_t v, int s)
{
#if (-1 >> 1) == -1
    return v >> s;
#else
    return v < 0 ? ~(~v >> s) : v >> s;
#endif
}

/* ---- rounding and saturation ----------------------------------------------------------------- */

/* v / 2^s rounded to the nearest, halves upwards, 0 < s < 32. The compiler has proved that
 * |v| + 2^s fits the type. */
INT_FUNCTION int32_t int_nearest(int32_t v, int s)
{
    return int_shift(v + ((int32_t)1 << (s - 1)), s);
}

INT_FUNCTION int64_t int_nearest64(int64_t v, int s)
{
    return int_shift64(v + ((int64_t)1 << (s - 1)), s);
}

/* v / 2^s rounded up with the probability of its fraction: r is uniform, its low s bits count. */
INT_FUNCTION int32_t int_stochastic(int32_t v, int s, uint32_t r)
{
    return int_shift(v + (int32_t)(r & (((uint32_t)1 << s) - 1)), s);
}

INT_FUNCTION int64_t int_stochastic64(int64_t v, int s, uint64_t r)
{
    return int_shift64(v + (int64_t)(r & (((uint64_t)1 << s) - 1)), s);
}

INT_FUNCTION int32_t int_clamp(int32_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

INT_FUNCTION int64_t int_clamp64(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* ---- powers of two --------------------------------------------------------------------------- */

/* 2^-t in 15 bits, for t in units of 2^-fraction_bits (15 to 28): the table holds 2^-(i/32), a line
 * runs between its entries, and the whole part shifts. At most 1 of 2^15 off. */
INT_FUNCTION uint32_t int_exp2(uint32_t t, int fraction_bits, const uint16_t table[33])
{
    const uint32_t whole = t >> fraction_bits;
    const uint32_t fraction = (t - (whole << fraction_bits)) >> (fraction_bits - 15);
    const uint32_t index = fraction >> 10, rest = fraction & 1023U;
    const uint32_t drop = ((uint32_t)table[index] - table[index + 1]) * rest >> 10;
    return whole > 15 ? 0 : ((uint32_t)table[index] - drop) >> whole;
}

/* log2(sum / 2^15) in units of 2^-15, for sum >= 2^15: the same table, read backwards. */
INT_FUNCTION uint64_t int_log2(uint32_t sum, const uint16_t table[33])
{
    uint32_t whole = 1, index = 0;
    while (sum >= 65536U) {
        sum >>= 1;
        ++whole;
    }
    sum >>= 1; /* now sum = 2^15 * 2^-t with 0 < t <= 1 */
    while (index < 31 && table[index + 1] >= sum)
        ++index;
    const uint32_t rest = (((uint32_t)table[index] - sum) << 10) / ((uint32_t)table[index] - table[index + 1]);
    return ((uint64_t)whole << 15) - ((index << 10) + rest);
}

/* ---- random numbers -------------------------------------------------------------------------- */

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection that mixes all 64 bits. */
INT_FUNCTION uint64_t int_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The key of a site (a place that draws) at a step of the training. */
INT_FUNCTION uint64_t int_site(uint64_t seed, uint32_t step, uint32_t site)
{
    uint64_t key = int_mix(seed + UINT64_C(0x9E3779B97F4A7C15));
    return int_mix(key ^ (((uint64_t)step << 32) | site));
}

/* The stream of one row of a site: its own, so that no order of evaluation matters. */
INT_FUNCTION uint64_t int_row(uint64_t site_key, uint32_t row)
{
    uint64_t state = int_mix(site_key + UINT64_C(0x9E3779B97F4A7C15) * ((uint64_t)row + 1));
    return state ? state : UINT64_C(0xC0FFEE);
}

/* XorShift64 (Marsaglia 2003), shifts 13, 7, 17; a state is never zero. */
INT_FUNCTION uint64_t int_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x;
}

/* `count` draws of 16 bits: four from each number, the lowest first. */
INT_FUNCTION void int_draw16(uint64_t state, uint16_t *draws, size_t count)
{
    for (size_t i = 0; i < count / 4; ++i, draws += 4) {
        const uint64_t bits = int_next(&state);
        draws[0] = (uint16_t)(bits & 0xFFFFU);
        draws[1] = (uint16_t)((bits >> 16) & 0xFFFFU);
        draws[2] = (uint16_t)((bits >> 32) & 0xFFFFU);
        draws[3] = (uint16_t)(bits >> 48);
    }
    if (count % 4 != 0) {
        const uint64_t bits = int_next(&state);
        for (size_t i = 0; i < count % 4; ++i)
            draws[i] = (uint16_t)((bits >> (16 * i)) & 0xFFFFU);
    }
}

/* `count` draws of 32 bits: two from each number, the lower first. */
INT_FUNCTION void int_draw32(uint64_t state, uint32_t *draws, size_t count)
{
    for (size_t i = 0; i < count / 2; ++i, draws += 2) {
        const uint64_t bits = int_next(&state);
        draws[0] = (uint32_t)(bits & 0xFFFFFFFFU);
        draws[1] = (uint32_t)(bits >> 32);
    }
    if (count % 2 != 0)
        draws[0] = (uint32_t)(int_next(&state) & 0xFFFFFFFFU);
}

INT_FUNCTION void int_draw64(uint64_t state, uint64_t *draws, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        draws[i] = int_next(&state);
}

/* ---- hash ------------------------------------------------------------------------------------ */

/* Of a sequence of values, independent of byte order: one mix a value. */
INT_FUNCTION uint64_t int_hash(uint64_t hash, uint64_t value)
{
    return int_mix(hash ^ value) + UINT64_C(0x9E3779B97F4A7C15);
}

#endif

/* Called behind each step, for tests that look at its results; row: which row of a gradient. */
#ifndef INT_TRACE
#define INT_TRACE(m, step, row) ((void)0)
#endif

/* ---- first weights --------------------------------------------------------------------------- */

void residual_init(residual *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    /* line 12: logits = dense(h4, 7)
     * init: logits.weights i8[7,17] >>5
     *   -> logits.weights.master i32[7,17] >>27, logits.weights i8[7,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 7; ++row) {
            uint64_t state = int_row(site, (uint32_t)row), bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->logits_weights_master[row * 17 + k] = (int32_t)w;
                m->logits_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0, 0);
    INT_TRACE(m, 1, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * init: h4.weights i8[17,17] >>5
     *   -> h4.weights.master i32[17,17] >>27, h4.weights i8[17,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row), bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->h4_weights_master[row * 17 + k] = (int32_t)w;
                m->h4_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2, 0);
    INT_TRACE(m, 3, 0);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * init: h3.weights i8[17,17] >>5
     *   -> h3.weights.master i32[17,17] >>27, h3.weights i8[17,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 4);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row), bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->h3_weights_master[row * 17 + k] = (int32_t)w;
                m->h3_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 4, 0);
    INT_TRACE(m, 5, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * init: h1.weights i8[17,17] >>5
     *   -> h1.weights.master i32[17,17] >>27, h1.weights i8[17,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 6);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row), bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->h1_weights_master[row * 17 + k] = (int32_t)w;
                m->h1_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 6, 0);
    /* line 5: h0 = block(f, 17)
     * init: h0.weights i8[17,20] >>6
     *   -> h0.weights.master i32[17,20] >>28, h0.weights i8[17,20] >>6 */
    {
        const uint64_t site = int_site(seed, 0, 7);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row), bits = 0;
            for (size_t k = 0; k < 20; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(216194499)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 108097249);
                m->h0_weights_master[row * 20 + k] = (int32_t)w;
                m->h0_weights[row * 20 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 7, 0);
    INT_TRACE(m, 8, 0);

}

/* ---- forward --------------------------------------------------------------------------------- */

static void residual_forward(residual *m, const uint8_t *input, size_t rows)
{
    /* line 3: input x: u8[4,5] zscore(100, 50)
     * encode: x.raw u8[4,5]
     *   -> x i8[4,5] >>5
     * sum in i32 >>18: at most 1866496, 10 bits free; cast >>13, nearest, saturates */
    {
        for (size_t b = 0; b < rows; ++b) {
            const uint8_t *const x = input + b * 20;
            int8_t *const y = m->i8 + 0 + b * 20;
            for (size_t i = 0; i < 20; ++i)
                y[i] = (int8_t)int_clamp(int_nearest((int32_t)x[i] * 5243 - 524288, 13), -100, 100);
        }
    }
    INT_TRACE(m, 9, 0);
    /* line 6: f = flatten(x)
     * flatten: x i8[4,5] >>5
     *   -> f i8[20] >>5: in place */
    INT_TRACE(m, 10, 0);
    /* line 5: h0 = block(f, 17)
     * dense: f i8[20] >>5, h0.weights i8[17,20] >>6, h0.bias i32[17] >>11
     *   -> h0.dense i8[17] >>2
     * sum in i32 >>11: at most 319535, 12 bits free; cast >>9, nearest, saturates */
    for (size_t b = 0; b < rows; ++b) {
        const int8_t *const x = m->i8 + 0 + b * 20;
        int8_t *const y = m->i8 + 128 + b * 17;
        for (size_t o = 0; o < 17; ++o) {
            const int8_t *const w = m->h0_weights + o * 20;
            int32_t sum = (m->h0_bias)[o];
            for (size_t k = 0; k < 20; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int8_t)int_clamp(int_nearest(sum, 9), -127, 127);
        }

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[1] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[1] += 17;
#endif
    }
    INT_TRACE(m, 11, 0);
    /* line 5: h0 = block(f, 17)
     * relu: h0.dense i8[17] >>2
     *   -> h0 i8[17] >>2 */
    {
        const int8_t *const x = m->i8 + 128;
        uint8_t *const y = (uint8_t *)(m->i8 + 128);
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (uint8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 12, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * dense: h0 i8[17] >>2, h1.weights i8[17,17] >>5
     *   -> h1.dense i8[17] >>2
     * sum in i32 >>7: at most 274193, 12 bits free; cast >>5, nearest, saturates */
    for (size_t b = 0; b < rows; ++b) {
        const uint8_t *const x = (uint8_t *)(m->i8 + 128) + b * 17;
        int8_t *const y = m->i8 + 256 + b * 17;
        for (size_t o = 0; o < 17; ++o) {
            const int8_t *const w = m->h1_weights + o * 17;
            int32_t sum = 0;
            for (size_t k = 0; k < 17; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int8_t)int_clamp(int_nearest(sum, 5), -127, 127);
        }

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[2] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[2] += 17;
#endif
    }
    INT_TRACE(m, 13, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * leaky_relu: h1.dense i8[17] >>2
     *   -> h1.leaky_relu i8[17] >>2
     * sum in i32 >>5: at most 127, 24 bits free; cast >>3, nearest */
    {
        const int8_t *const x = m->i8 + 256;
        int8_t *const y = m->i8 + 256;
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = x[i] > 0 ? (int8_t)x[i] : (int8_t)int_nearest(x[i], 3);
    }
    INT_TRACE(m, 14, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * add: h1.leaky_relu i8[17] >>2, h0 i8[17] >>2
     *   -> h1 i8[17] >>2
     * sum in i32 >>2: at most 254, 23 bits free; cast >>0, exact, saturates */
    {
        for (size_t row = 0; row < rows; ++row) {
            const int8_t *const a = m->i8 + 256 + row * 17;
            const uint8_t *const b = (uint8_t *)(m->i8 + 128) + row * 17;
            int8_t *const y = m->i8 + 384 + row * 17;
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(((int32_t)a[i] + (int32_t)b[i]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[3] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[3] += 17;
#endif
        }
    }
    INT_TRACE(m, 15, 0);
    /* line 9: h2 = ste(round(h1)) + h1
     * round: h1 i8[17] >>2
     *   -> h2.round i8[17] >>2
     * sum in i32 >>2: at most 127, 24 bits free; cast >>2, nearest, saturates */
    {
        const int8_t *const x = m->i8 + 384;
        int8_t *const y = m->i8 + 512;
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (int8_t)(int_clamp(int_nearest(x[i], 2), -31, 31) * 4);
    }
    INT_TRACE(m, 16, 0);
    /* line 9: h2 = ste(round(h1)) + h1
     * add: h2.round i8[17] >>2, h1 i8[17] >>2
     *   -> h2 i8[17] >>2
     * sum in i32 >>2: at most 254, 23 bits free; cast >>0, exact, saturates */
    {
        for (size_t row = 0; row < rows; ++row) {
            const int8_t *const a = m->i8 + 512 + row * 17;
            const int8_t *const b = m->i8 + 384 + row * 17;
            int8_t *const y = m->i8 + 640 + row * 17;
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(((int32_t)a[i] + (int32_t)b[i]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[4] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[4] += 17;
#endif
        }
    }
    INT_TRACE(m, 17, 0);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense: h2 i8[17] >>2, h3.weights i8[17,17] >>5, h3.bias i32[17] >>7
     *   -> h3.dense i8[17] >>1
     * sum in i32 >>7: at most 282384, 12 bits free; cast >>6, nearest, saturates */
    for (size_t b = 0; b < rows; ++b) {
        const int8_t *const x = m->i8 + 640 + b * 17;
        int8_t *const y = m->i8 + 512 + b * 17;
        for (size_t o = 0; o < 17; ++o) {
            const int8_t *const w = m->h3_weights + o * 17;
            int32_t sum = (m->h3_bias)[o];
            for (size_t k = 0; k < 17; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int8_t)int_clamp(int_nearest(sum, 6), -127, 127);
        }

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[5] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[5] += 17;
#endif
    }
    INT_TRACE(m, 18, 0);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * sign: h3.dense i8[17] >>1
     *   -> h3 i8[17] >>0 */
    {
        const int8_t *const x = m->i8 + 512;
        int8_t *const y = m->i8 + 768;
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (int8_t)(x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0);
    }
    INT_TRACE(m, 19, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense: h3 i8[17] >>0, h4.weights i8[17,17] >>5, h4.bias i32[17] >>5
     *   -> h4.dense i8[17] >>2
     * sum in i32 >>5: at most 3182, 19 bits free; cast >>3, nearest, saturates */
    for (size_t b = 0; b < rows; ++b) {
        const int8_t *const x = m->i8 + 768 + b * 17;
        int8_t *const y = m->i8 + 512 + b * 17;
        for (size_t o = 0; o < 17; ++o) {
            const int8_t *const w = m->h4_weights + o * 17;
            int32_t sum = (m->h4_bias)[o];
            for (size_t k = 0; k < 17; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int8_t)int_clamp(int_nearest(sum, 3), -127, 127);
        }

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[6] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[6] += 17;
#endif
    }
    INT_TRACE(m, 20, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * step: h2 i8[17] >>2
     *   -> h4.step i8[17] >>0 */
    {
        const int8_t *const x = m->i8 + 640;
        uint8_t *const y = (uint8_t *)(m->i8 + 896);
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (uint8_t)(x[i] > 0 ? 1 : 0);
    }
    INT_TRACE(m, 21, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * add: h4.dense i8[17] >>2, h4.step i8[17] >>0
     *   -> h4.add i8[17] >>2
     * sum in i32 >>2: at most 131, 23 bits free; cast >>0, exact, saturates */
    {
        for (size_t row = 0; row < rows; ++row) {
            const int8_t *const a = m->i8 + 512 + row * 17;
            const uint8_t *const b = (uint8_t *)(m->i8 + 896) + row * 17;
            int8_t *const y = m->i8 + 1024 + row * 17;
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(((int32_t)a[i] + (int32_t)b[i] * 4), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[7] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[7] += 17;
#endif
        }
    }
    INT_TRACE(m, 22, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * floor: h1 i8[17] >>2
     *   -> h4.floor i8[17] >>2
     * sum in i32 >>2: at most 127, 24 bits free; cast >>2, floor, saturates */
    {
        const int8_t *const x = m->i8 + 384;
        int8_t *const y = m->i8 + 384;
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (int8_t)(int_clamp(int_shift(x[i], 2), -31, 31) * 4);
    }
    INT_TRACE(m, 23, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * add: h4.add i8[17] >>2, h4.floor i8[17] >>2
     *   -> h4 i16[17] >>9
     * sum in i32 >>2: at most 254, 23 bits free; cast <<7, scale */
    {
        for (size_t row = 0; row < rows; ++row) {
            const int8_t *const a = m->i8 + 1024 + row * 17;
            const int8_t *const b = m->i8 + 384 + row * 17;
            int16_t *const y = m->i16 + 0 + row * 17;
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int16_t)(int_clamp(((int32_t)a[i] + (int32_t)b[i]), -(32767 >> 7), 32767 >> 7) *
            ((int32_t)1 << 7));

        }
    }
    INT_TRACE(m, 24, 0);
    /* line 12: logits = dense(h4, 7)
     * dense: h4 i16[17] >>9, logits.weights i8[7,17] >>5, logits.bias i32[7] >>14
     *   -> logits i16[7] >>5
     * sum in i32 >>14: at most 71792528, 4 bits free; cast >>9, nearest, saturates */
    for (size_t b = 0; b < rows; ++b) {
        const int16_t *const x = m->i16 + 0 + b * 17;
        int16_t *const y = m->i16 + 96 + b * 7;
        for (size_t o = 0; o < 7; ++o) {
            const int8_t *const w = m->logits_weights + o * 17;
            int32_t sum = (m->logits_bias)[o];
            for (size_t k = 0; k < 17; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int16_t)int_clamp(int_nearest(sum, 9), -32767, 32767);
        }

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 7; ++i)
        m->saturated[8] += (y)[i] >= 32767 || (y)[i] <= -32767;
    m->seen[8] += 7;
#endif
    }
    INT_TRACE(m, 25, 0);

}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t residual_losses(residual *m, const uint8_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    /* line 13: loss cross_entropy(logits, c)
     * cross_entropy: logits i16[7] >>5, c u8
     *   -> logits.error i8[7] >>7
     * sum in i32 >>15: at most 32782, 15 bits free; cast >>8, stochastic, saturates */
    {
        static const uint16_t exp2_table[] = { /* 2^-(i/32), 15 bits */
        32768, 32066, 31379, 30706, 30048, 29405, 28774, 28158,
        27554, 26964, 26386, 25821, 25268, 24726, 24196, 23678,
        23170, 22674, 22188, 21713, 21247, 20792, 20347, 19911,
        19484, 19066, 18658, 18258, 17867, 17484, 17109, 16743,
        16384};
        int32_t *const g = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 9);
        uint16_t *const draws = (uint16_t *)(m->i16 + 160);
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const z = m->i16 + 96 + b * 7;
            int8_t *const e = m->i8 + 384 + b * 7;
            const size_t right = (size_t)target[b];
            size_t best = 0;
            for (size_t i = 1; i < 7; ++i)
                best = z[i] > z[best] ? i : best;
            *correct += best == right;
            /* 2^-t for t = (max - z) * log2(e): at most 2^15 each, so the sum fits 32 bits */
            uint32_t sum = 0;
            for (size_t i = 0; i < 7; ++i) {
                const uint32_t power = int_exp2((uint32_t)((int32_t)z[best] - z[i]) * 5909, 17, exp2_table);
                g[i] = (int32_t)power;
                sum += power;
            }
            /* p = power / sum in 15 bits: power <= 2^15, reciprocal <= 2^16 */
            const uint32_t reciprocal = UINT32_C(0x80000000) / sum;
            int32_t rest = -32768;
            for (size_t i = 0; i < 7; ++i) {
                g[i] = (int32_t)(((uint32_t)g[i] * reciprocal + 0x8000U) >> 16);
                rest += g[i];
            }
            g[right] -= 32768 + rest; /* the error sums to exactly zero */
            const uint64_t bits = int_log2(sum, exp2_table) +
                ((uint32_t)((int32_t)z[best] - z[right]) * 5909 >> (17 - 15));
            total += (bits * 45426) >> 15;
            int_draw16(int_row(site, (uint32_t)b), draws, 7);
            for (size_t i = 0; i < 7; ++i)
                e[i] = (int8_t)int_clamp(int_stochastic(g[i], 8, draws[i]), -127, 127);
        }
    }
    INT_TRACE(m, 26, 0);

    return total;
}

static void residual_backward(residual *m)
{
    /* line 12: logits = dense(h4, 7)
     * dense_error: logits.error i8[7] >>7, logits.weights i8[7,17] >>5
     *   -> h4.error i8[17] >>5
     * sum in i32 >>12: at most 112903, 14 bits free; cast >>7, stochastic, saturates */
    {
        int32_t *const sum = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 10);
        uint16_t *const draws = (uint16_t *)(m->i16 + 96);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const e = m->i8 + 384 + b * 7;
            int8_t *const y = m->i8 + 448 + b * 17;
            memset(sum, 0, 17 * sizeof *sum);
            for (size_t o = 0; o < 7; ++o) {
                const int8_t *const w = m->logits_weights + o * 17;
                const int32_t error = e[o];
                for (size_t k = 0; error != 0 && k < 17; ++k)
                    sum[k] += error * w[k];
            }
            int_draw16(int_row(site, (uint32_t)b), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 7, draws[k]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[10] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[10] += 17;
#endif
        }
    }
    INT_TRACE(m, 27, 0);
    /* line 12: logits = dense(h4, 7)
     * dense_weight_gradient: logits.error i8[7] >>7, h4 i16[17] >>9
     *   -> logits.weights.gradient i32[7,17] >>16
     * sum in i32 >>16: at most 20807045, 6 bits free */
    for (size_t row = 0; row < 7; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b) {
            const int16_t *const x = m->i16 + 0 + b * 17;
            const int32_t error = (m->i8 + 384)[b * 7 + row];
            for (size_t k = 0; error != 0 && k < 17; ++k)
                g[k] += error * x[k];
        }
        INT_TRACE(m, 28, row);
        /* sgd: logits.weights.gradient i32[7,17] >>16, logits.weights.master i32[7,17] >>27,
         *   logits.weights.momentum i32[7,17] >>27
         *   -> logits.weights.master i32[7,17] >>27, logits.weights i8[7,17] >>5,
         *   logits.weights.momentum i32[7,17] >>27 */
        const int32_t rate = (164 >> m->halvings);
        int32_t *const master = m->logits_weights_master + row * 17;
        int8_t *const storage = m->logits_weights + row * 17;
        int32_t *const momentum = m->logits_weights_momentum + row * 17;

        uint16_t *const rate_draws = (uint16_t *)(m->i16 + 96);
        int_draw16(int_row(int_site(m->seed, m->step, 11), (uint32_t)row), rate_draws, 17);
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = int_stochastic((g[k] < -163840 ? -163840 : g[k] > 163840 ? 163840 : g[k]) * rate, 3, rate_draws[k]);
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w -= int_nearest(w, 12);
            w = int_clamp(w - v, -532676608, 532676608);
            master[k] = (int32_t)w;
            storage[k] = (int8_t)int_nearest(w, 22);
        }
    }
    INT_TRACE(m, 29, 0);
    /* line 12: logits = dense(h4, 7)
     * dense_bias_gradient: logits.error i8[7] >>7
     *   -> logits.bias.gradient i32[7] >>7
     * sum in i32 >>7: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 7 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 7; ++o)
                g[o] += (m->i8 + 384)[b * 7 + o];
        INT_TRACE(m, 30, row);
        /* sgd: logits.bias.gradient i32[7] >>7, logits.bias.master i32[7] >>23,
         *   logits.bias.momentum i32[7] >>23
         *   -> logits.bias.master i32[7] >>23, logits.bias i32[7] >>14,
         *   logits.bias.momentum i32[7] >>23 */
        const int32_t rate = (656 >> m->halvings);
        int32_t *const master = m->logits_bias_master + row * 7;
        int32_t *const storage = m->logits_bias + row * 7;
        int32_t *const momentum = m->logits_bias_momentum + row * 7;

        for (size_t k = 0; k < 7; ++k) {
            const int32_t u = (g[k] < -320 ? -320 : g[k] > 320 ? 320 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w = int_clamp(w - v, -536870400, 536870400);
            master[k] = (int32_t)w;
            storage[k] = (int32_t)int_nearest(w, 9);
        }
    }
    INT_TRACE(m, 31, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense_error: h4.error i8[17] >>5, h4.weights i8[17,17] >>5
     *   -> h3.error i8[17] >>5
     * sum in i32 >>10: at most 274193, 12 bits free; cast >>5, stochastic, saturates */
    {
        int32_t *const sum = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 12);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const e = m->i8 + 448 + b * 17;
            int8_t *const y = m->i8 + 896 + b * 17;
            memset(sum, 0, 17 * sizeof *sum);
            for (size_t o = 0; o < 17; ++o) {
                const int8_t *const w = m->h4_weights + o * 17;
                const int32_t error = e[o];
                for (size_t k = 0; error != 0 && k < 17; ++k)
                    sum[k] += error * w[k];
            }
            int_draw16(int_row(site, (uint32_t)b), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 5, draws[k]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[11] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[11] += 17;
#endif
        }
    }
    INT_TRACE(m, 32, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense_weight_gradient: h4.error i8[17] >>5, h3 i8[17] >>0
     *   -> h4.weights.gradient i32[17,17] >>5
     * sum in i32 >>5: at most 635, 21 bits free */
    for (size_t row = 0; row < 17; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const x = m->i8 + 768 + b * 17;
            const int32_t error = (m->i8 + 448)[b * 17 + row];
            for (size_t k = 0; error != 0 && k < 17; ++k)
                g[k] += error * x[k];
        }
        INT_TRACE(m, 33, row);
        /* sgd: h4.weights.gradient i32[17,17] >>5, h4.weights.master i32[17,17] >>27,
         *   h4.weights.momentum i32[17,17] >>27
         *   -> h4.weights.master i32[17,17] >>27, h4.weights i8[17,17] >>5,
         *   h4.weights.momentum i32[17,17] >>27 */
        const int32_t rate = (41984 >> m->halvings);
        int32_t *const master = m->h4_weights_master + row * 17;
        int8_t *const storage = m->h4_weights + row * 17;
        int32_t *const momentum = m->h4_weights_momentum + row * 17;

        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w -= int_nearest(w, 12);
            w = int_clamp(w - v, -532676608, 532676608);
            master[k] = (int32_t)w;
            storage[k] = (int8_t)int_nearest(w, 22);
        }
    }
    INT_TRACE(m, 34, 0);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense_bias_gradient: h4.error i8[17] >>5
     *   -> h4.bias.gradient i32[17] >>5
     * sum in i32 >>5: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 17; ++o)
                g[o] += (m->i8 + 448)[b * 17 + o];
        INT_TRACE(m, 35, row);
        /* sgd: h4.bias.gradient i32[17] >>5, h4.bias.master i32[17] >>24,
         *   h4.bias.momentum i32[17] >>24
         *   -> h4.bias.master i32[17] >>24, h4.bias i32[17] >>5, h4.bias.momentum i32[17] >>24 */
        const int32_t rate = (5248 >> m->halvings);
        int32_t *const master = m->h4_bias_master + row * 17;
        int32_t *const storage = m->h4_bias + row * 17;
        int32_t *const momentum = m->h4_bias_momentum + row * 17;

        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w = int_clamp(w - v, -536346624, 536346624);
            master[k] = (int32_t)w;
            storage[k] = (int32_t)int_nearest(w, 19);
        }
    }
    INT_TRACE(m, 36, 0);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense_error: h3.error i8[17] >>5, h3.weights i8[17,17] >>5
     *   -> h2.error i8[17] >>4
     * sum in i32 >>10: at most 274193, 12 bits free; cast >>6, stochastic, saturates */
    {
        int32_t *const sum = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 13);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const e = m->i8 + 896 + b * 17;
            int8_t *const y = m->i8 + 768 + b * 17;
            memset(sum, 0, 17 * sizeof *sum);
            for (size_t o = 0; o < 17; ++o) {
                const int8_t *const w = m->h3_weights + o * 17;
                const int32_t error = e[o];
                for (size_t k = 0; error != 0 && k < 17; ++k)
                    sum[k] += error * w[k];
            }
            int_draw16(int_row(site, (uint32_t)b), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 6, draws[k]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[12] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[12] += 17;
#endif
        }
    }
    INT_TRACE(m, 37, 0);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense_weight_gradient: h3.error i8[17] >>5, h2 i8[17] >>2
     *   -> h3.weights.gradient i32[17,17] >>7
     * sum in i32 >>7: at most 80645, 14 bits free */
    for (size_t row = 0; row < 17; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const x = m->i8 + 640 + b * 17;
            const int32_t error = (m->i8 + 896)[b * 17 + row];
            for (size_t k = 0; error != 0 && k < 17; ++k)
                g[k] += error * x[k];
        }
        INT_TRACE(m, 38, row);
        /* sgd: h3.weights.gradient i32[17,17] >>7, h3.weights.master i32[17,17] >>27,
         *   h3.weights.momentum i32[17,17] >>27
         *   -> h3.weights.master i32[17,17] >>27, h3.weights i8[17,17] >>5,
         *   h3.weights.momentum i32[17,17] >>27 */
        const int32_t rate = (10496 >> m->halvings);
        int32_t *const master = m->h3_weights_master + row * 17;
        int8_t *const storage = m->h3_weights + row * 17;
        int32_t *const momentum = m->h3_weights_momentum + row * 17;

        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -320 ? -320 : g[k] > 320 ? 320 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w -= int_nearest(w, 12);
            w = int_clamp(w - v, -532676608, 532676608);
            master[k] = (int32_t)w;
            storage[k] = (int8_t)int_nearest(w, 22);
        }
    }
    INT_TRACE(m, 39, 0);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense_bias_gradient: h3.error i8[17] >>5
     *   -> h3.bias.gradient i32[17] >>5
     * sum in i32 >>5: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 17; ++o)
                g[o] += (m->i8 + 896)[b * 17 + o];
        INT_TRACE(m, 40, row);
        /* sgd: h3.bias.gradient i32[17] >>5, h3.bias.master i32[17] >>23,
         *   h3.bias.momentum i32[17] >>23
         *   -> h3.bias.master i32[17] >>23, h3.bias i32[17] >>7, h3.bias.momentum i32[17] >>23 */
        const int32_t rate = (2624 >> m->halvings);
        int32_t *const master = m->h3_bias_master + row * 17;
        int32_t *const storage = m->h3_bias + row * 17;
        int32_t *const momentum = m->h3_bias_momentum + row * 17;

        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w = int_clamp(w - v, -536805376, 536805376);
            master[k] = (int32_t)w;
            storage[k] = (int32_t)int_nearest(w, 16);
        }
    }
    INT_TRACE(m, 41, 0);
    /* line 9: h2 = ste(round(h1)) + h1
     * add: h2.error i8[17] >>4, h4.error i8[17] >>5
     *   -> h2.error2 i8[17] >>4
     * sum in i32 >>5: at most 381, 22 bits free; cast >>1, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 14);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t row = 0; row < (size_t)5; ++row) {
            const int8_t *const a = m->i8 + 768 + row * 17;
            const int8_t *const b = m->i8 + 448 + row * 17;
            int8_t *const y = m->i8 + 576 + row * 17;
            int_draw16(int_row(site, (uint32_t)row), draws, 17);
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(int_stochastic(((int32_t)a[i] * 2 + (int32_t)b[i]), 1, draws[i]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[13] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[13] += 17;
#endif
        }
    }
    INT_TRACE(m, 42, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * add: h2.error2 i8[17] >>4, h2.error2 i8[17] >>4
     *   -> h1.error i8[17] >>3
     * sum in i32 >>4: at most 254, 23 bits free; cast >>1, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 15);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t row = 0; row < (size_t)5; ++row) {
            const int8_t *const a = m->i8 + 576 + row * 17;
            const int8_t *const b = m->i8 + 576 + row * 17;
            int8_t *const y = m->i8 + 704 + row * 17;
            int_draw16(int_row(site, (uint32_t)row), draws, 17);
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(int_stochastic(((int32_t)a[i] + (int32_t)b[i]), 1, draws[i]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[14] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[14] += 17;
#endif
        }
    }
    INT_TRACE(m, 43, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * add: h1.error i8[17] >>3, h4.error i8[17] >>5
     *   -> h1.error2 i8[17] >>3
     * sum in i32 >>5: at most 635, 21 bits free; cast >>2, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 16);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t row = 0; row < (size_t)5; ++row) {
            const int8_t *const a = m->i8 + 704 + row * 17;
            const int8_t *const b = m->i8 + 448 + row * 17;
            int8_t *const y = m->i8 + 576 + row * 17;
            int_draw16(int_row(site, (uint32_t)row), draws, 17);
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(int_stochastic(((int32_t)a[i] * 4 + (int32_t)b[i]), 2, draws[i]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[15] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[15] += 17;
#endif
        }
    }
    INT_TRACE(m, 44, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * leaky_relu_error: h1.error2 i8[17] >>3, h1.leaky_relu i8[17] >>2
     *   -> h1.dense.error i8[17] >>3
     * sum in i32 >>6: at most 127, 24 bits free; cast >>3, stochastic */
    {
        const uint64_t site = int_site(m->seed, m->step, 17);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const e = m->i8 + 576 + b * 17;
            const int8_t *const y = m->i8 + 256 + b * 17;
            int8_t *const x = m->i8 + 384 + b * 17;
            int_draw16(int_row(site, (uint32_t)b), draws, 17);
            for (size_t i = 0; i < 17; ++i)
                x[i] = y[i] > 0 ? e[i] : (int8_t)int_stochastic(e[i], 3, draws[i]);
        }
    }
    INT_TRACE(m, 45, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * dense_error: h1.dense.error i8[17] >>3, h1.weights i8[17,17] >>5
     *   -> h0.error i8[17] >>3
     * sum in i32 >>8: at most 274193, 12 bits free; cast >>5, stochastic, saturates */
    {
        int32_t *const sum = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 18);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const e = m->i8 + 384 + b * 17;
            int8_t *const y = m->i8 + 256 + b * 17;
            memset(sum, 0, 17 * sizeof *sum);
            for (size_t o = 0; o < 17; ++o) {
                const int8_t *const w = m->h1_weights + o * 17;
                const int32_t error = e[o];
                for (size_t k = 0; error != 0 && k < 17; ++k)
                    sum[k] += error * w[k];
            }
            int_draw16(int_row(site, (uint32_t)b), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 5, draws[k]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[16] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[16] += 17;
#endif
        }
    }
    INT_TRACE(m, 46, 0);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * dense_weight_gradient: h1.dense.error i8[17] >>3, h0 i8[17] >>2
     *   -> h1.weights.gradient i32[17,17] >>5
     * sum in i32 >>5: at most 80645, 14 bits free */
    for (size_t row = 0; row < 17; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b) {
            const uint8_t *const x = (uint8_t *)(m->i8 + 128) + b * 17;
            const int32_t error = (m->i8 + 384)[b * 17 + row];
            for (size_t k = 0; error != 0 && k < 17; ++k)
                g[k] += error * x[k];
        }
        INT_TRACE(m, 47, row);
        /* sgd: h1.weights.gradient i32[17,17] >>5, h1.weights.master i32[17,17] >>27,
         *   h1.weights.momentum i32[17,17] >>27
         *   -> h1.weights.master i32[17,17] >>27, h1.weights i8[17,17] >>5,
         *   h1.weights.momentum i32[17,17] >>27 */
        const int32_t rate = (41984 >> m->halvings);
        int32_t *const master = m->h1_weights_master + row * 17;
        int8_t *const storage = m->h1_weights + row * 17;
        int32_t *const momentum = m->h1_weights_momentum + row * 17;

        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w -= int_nearest(w, 12);
            w = int_clamp(w - v, -532676608, 532676608);
            master[k] = (int32_t)w;
            storage[k] = (int8_t)int_nearest(w, 22);
        }
    }
    INT_TRACE(m, 48, 0);
    /* line 5: h0 = block(f, 17)
     * add: h0.error i8[17] >>3, h1.error2 i8[17] >>3
     *   -> h0.error2 i8[17] >>3
     * sum in i32 >>3: at most 254, 23 bits free; cast >>0, exact, saturates */
    {
        for (size_t row = 0; row < (size_t)5; ++row) {
            const int8_t *const a = m->i8 + 256 + row * 17;
            const int8_t *const b = m->i8 + 576 + row * 17;
            int8_t *const y = m->i8 + 384 + row * 17;
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(((int32_t)a[i] + (int32_t)b[i]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 17; ++i)
        m->saturated[17] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[17] += 17;
#endif
        }
    }
    INT_TRACE(m, 49, 0);
    /* line 5: h0 = block(f, 17)
     * relu_error: h0.error2 i8[17] >>3, h0 i8[17] >>2
     *   -> h0.dense.error i8[17] >>3 */
    {
        const int8_t *const e = m->i8 + 384;
        const uint8_t *const y = (uint8_t *)(m->i8 + 128);
        int8_t *const x = m->i8 + 384;
        for (size_t i = 0; i < (size_t)5 * 17; ++i)
            x[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 50, 0);
    /* line 5: h0 = block(f, 17)
     * dense_weight_gradient: h0.dense.error i8[17] >>3, f i8[20] >>5
     *   -> h0.weights.gradient i32[17,20] >>8
     * sum in i32 >>8: at most 63500, 15 bits free */
    for (size_t row = 0; row < 17; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 20 * sizeof *g);
        for (size_t b = 0; b < 5; ++b) {
            const int8_t *const x = m->i8 + 0 + b * 20;
            const int32_t error = (m->i8 + 384)[b * 17 + row];
            for (size_t k = 0; error != 0 && k < 20; ++k)
                g[k] += error * x[k];
        }
        INT_TRACE(m, 51, row);
        /* sgd: h0.weights.gradient i32[17,20] >>8, h0.weights.master i32[17,20] >>28,
         *   h0.weights.momentum i32[17,20] >>28
         *   -> h0.weights.master i32[17,20] >>28, h0.weights i8[17,20] >>6,
         *   h0.weights.momentum i32[17,20] >>28 */
        const int32_t rate = (10496 >> m->halvings);
        int32_t *const master = m->h0_weights_master + row * 20;
        int8_t *const storage = m->h0_weights + row * 20;
        int32_t *const momentum = m->h0_weights_momentum + row * 20;

        for (size_t k = 0; k < 20; ++k) {
            const int32_t u = (g[k] < -640 ? -640 : g[k] > 640 ? 640 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w -= int_nearest(w, 12);
            w = int_clamp(w - v, -532676608, 532676608);
            master[k] = (int32_t)w;
            storage[k] = (int8_t)int_nearest(w, 22);
        }
    }
    INT_TRACE(m, 52, 0);
    /* line 5: h0 = block(f, 17)
     * dense_bias_gradient: h0.dense.error i8[17] >>3
     *   -> h0.bias.gradient i32[17] >>3
     * sum in i32 >>3: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 17; ++o)
                g[o] += (m->i8 + 384)[b * 17 + o];
        INT_TRACE(m, 53, row);
        /* sgd: h0.bias.gradient i32[17] >>3, h0.bias.master i32[17] >>24,
         *   h0.bias.momentum i32[17] >>24
         *   -> h0.bias.master i32[17] >>24, h0.bias i32[17] >>11, h0.bias.momentum i32[17] >>24 */
        const int32_t rate = (20992 >> m->halvings);
        int32_t *const master = m->h0_bias_master + row * 17;
        int32_t *const storage = m->h0_bias + row * 17;
        int32_t *const momentum = m->h0_bias_momentum + row * 17;

        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -20 ? -20 : g[k] > 20 ? 20 : g[k]) * rate;
            int32_t v = momentum[k];
            v = v - (int32_t)int_nearest64((int64_t)v * 205, 11) + u;
            momentum[k] = v;
            int32_t w = master[k];
            w = int_clamp(w - v, -536862720, 536862720);
            master[k] = (int32_t)w;
            storage[k] = (int32_t)int_nearest(w, 13);
        }
    }
    INT_TRACE(m, 54, 0);

}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t residual_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void residual_infer(residual *m, const uint8_t x[20], int16_t logits[7])
{
    residual_forward(m, x, 1);
    const int16_t *const values = m->i16 + 96;
    for (size_t i = 0; i < 7; ++i)
        logits[i] = (int16_t)values[i];
}

int residual_classify(residual *m, const uint8_t x[20])
{
    residual_forward(m, x, 1);
    const int16_t *const values = m->i16 + 96;
    int best = 0;
    for (int i = 1; i < 7; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}

uint32_t residual_train(residual *m, const uint8_t x[][20],
                    const uint8_t c[])
{
    residual_forward(m, x[0], 5);
    m->correct = 0;
    const uint64_t loss = residual_losses(m, c, 5, &m->correct);
    residual_backward(m);
    ++m->step;
    return residual_bounded(loss / 5);
}

uint32_t residual_loss(residual *m, const uint8_t x[20],
                   const uint8_t *c)
{
    uint32_t correct = 0; /* not counted here */
    residual_forward(m, x, 1);
    return residual_bounded(residual_losses(m, c, 1, &correct));
}

uint32_t residual_correct(const residual *m)
{
    return m->correct;
}

uint64_t residual_hash(const residual *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 340; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h0_weights_master[i]);
    for (size_t i = 0; i < 340; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h0_weights_momentum[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h0_bias_master[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h0_bias_momentum[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h1_weights_master[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h1_weights_momentum[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h3_weights_master[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h3_weights_momentum[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h3_bias_master[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h3_bias_momentum[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h4_weights_master[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h4_weights_momentum[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h4_bias_master[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h4_bias_momentum[i]);
    for (size_t i = 0; i < 119; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->logits_weights_master[i]);
    for (size_t i = 0; i < 119; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->logits_weights_momentum[i]);
    for (size_t i = 0; i < 7; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->logits_bias_master[i]);
    for (size_t i = 0; i < 7; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->logits_bias_momentum[i]);

    return hash;
}

void residual_set_epoch(residual *m, uint32_t epoch)
{
    static const uint32_t halve_at[] = {2, 5};
    m->halvings = 0;
    for (size_t i = 0; i < 2; ++i)
        m->halvings += epoch >= halve_at[i];
    if (m->halvings > 2)
        m->halvings = 2;
}

#ifdef INT_STATISTICS
void residual_saturation(const residual *m, uint64_t saturated[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 18 * sizeof m->saturated[0]);
    memcpy(seen, m->seen, 18 * sizeof m->seen[0]);
}
#endif
