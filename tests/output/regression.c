/* regression.c - trains the network `regression` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward,
 * loss, backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */
#include "regression.h"

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

void regression_init(regression *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    /* line 6: out = dense(h, 2)
     * init: out.weights i8[2,9] >>5
     *   -> out.weights.master i32[2,9] >>27, out.weights i8[2,9] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 2; ++row) {
            uint64_t state = int_row(site, (uint32_t)row), bits = 0;
            for (size_t k = 0; k < 9; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(219176633)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 109588316);
                m->out_weights_master[row * 9 + k] = (int32_t)w;
                m->out_weights[row * 9 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0, 0);
    INT_TRACE(m, 1, 0);
    /* line 5: h = relu(dense(x, 9))
     * init: h.weights i8[9,3] >>4
     *   -> h.weights.master i32[9,3] >>26, h.weights i8[9,3] >>4 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 9; ++row) {
            uint64_t state = int_row(site, (uint32_t)row), bits = 0;
            for (size_t k = 0; k < 3; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(189812533)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 94906266);
                m->h_weights_master[row * 3 + k] = (int32_t)w;
                m->h_weights[row * 3 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2, 0);
    INT_TRACE(m, 3, 0);

}

/* ---- forward --------------------------------------------------------------------------------- */

static void regression_forward(regression *m, const int16_t *input, size_t rows)
{
    /* line 3: input x: i16[3] unit 0.1 minmax([0, -5, 1], [10, 5, 3])
     * encode: x.raw i16[3]
     *   -> x i8[3] >>7
     * sum in i32 >>19: at most 859242496, 1 bits free; cast >>12, nearest, saturates */
    {
        static const int32_t multiplier[] = {5243, 5243, 26214};
        static const int32_t offset[] = {0, -262144, 262144};
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const x = input + b * 3;
            uint8_t *const y = (uint8_t *)(m->i8 + 0) + b * 3;
            for (size_t i = 0; i < 3; ++i)
                y[i] = (uint8_t)int_clamp(int_nearest((int32_t)x[i] * multiplier[i] - offset[i], 12), 0, 127);
        }
    }
    INT_TRACE(m, 4, 0);
    /* line 5: h = relu(dense(x, 9))
     * dense: x i8[3] >>7, h.weights i8[9,3] >>4, h.bias i32[9] >>11
     *   -> h.dense i8[9] >>3
     * sum in i32 >>11: at most 81154, 14 bits free; cast >>8, nearest, saturates */
    for (size_t b = 0; b < rows; ++b) {
        const uint8_t *const x = (uint8_t *)(m->i8 + 0) + b * 3;
        int8_t *const y = m->i8 + 64 + b * 9;
        for (size_t o = 0; o < 9; ++o) {
            const int8_t *const w = m->h_weights + o * 3;
            int32_t sum = (m->h_bias)[o];
            for (size_t k = 0; k < 3; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int8_t)int_clamp(int_nearest(sum, 8), -127, 127);
        }

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 9; ++i)
        m->saturated[1] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[1] += 9;
#endif
    }
    INT_TRACE(m, 5, 0);
    /* line 5: h = relu(dense(x, 9))
     * relu: h.dense i8[9] >>3
     *   -> h i8[9] >>3 */
    {
        const int8_t *const x = m->i8 + 64;
        uint8_t *const y = (uint8_t *)(m->i8 + 64);
        for (size_t i = 0; i < rows * 9; ++i)
            y[i] = (uint8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 6, 0);
    /* line 6: out = dense(h, 2)
     * dense: h i8[9] >>3, out.weights i8[2,9] >>5, out.bias i32[2] >>8
     *   -> out i16[2] >>11
     * sum in i32 >>8: at most 149256, 13 bits free; cast <<3, scale, saturates */
    for (size_t b = 0; b < rows; ++b) {
        const uint8_t *const x = (uint8_t *)(m->i8 + 64) + b * 9;
        int16_t *const y = m->i16 + 0 + b * 2;
        for (size_t o = 0; o < 2; ++o) {
            const int8_t *const w = m->out_weights + o * 9;
            int32_t sum = (m->out_bias)[o];
            for (size_t k = 0; k < 9; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int16_t)(int_clamp(sum, -(32767 >> 3), 32767 >> 3) *
            ((int32_t)1 << 3));
        }

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 2; ++i)
        m->saturated[2] += (y)[i] >= 32767 || (y)[i] <= -32767;
    m->seen[2] += 2;
#endif
    }
    INT_TRACE(m, 7, 0);

}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t regression_losses(regression *m, const int16_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    (void)correct; /* there are none: the target is real-valued */
    /* line 7: loss mse(out, y)
     * mse: out i16[2] >>11, y i16[2]
     *   -> out.error i8[2] >>3
     * sum in i32 >>11: at most 65534, 15 bits free; cast >>8, stochastic, saturates */
    {
        int32_t *const g = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 4);
        uint16_t *const draws = (uint16_t *)(m->i16 + 32);
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const y = m->i16 + 0 + b * 2;
            int8_t *const e = m->i8 + 128 + b * 2;
            const int16_t *const x = target + b * 2;
            uint64_t squares = 0; /* of 17-bit differences */
            for (size_t i = 0; i < 2; ++i) {
                g[i] = (int32_t)y[i] - (int32_t)int_clamp64(int_nearest64((int64_t)x[i] * 5243 - 786432, 7), -32767, 32767);
                squares += (uint64_t)((int64_t)g[i] * g[i]);
            }
            int_draw16(int_row(site, (uint32_t)b), draws, 2);
            for (size_t i = 0; i < 2; ++i)
                e[i] = (int8_t)int_clamp(int_stochastic(g[i], 8, draws[i]), -127, 127);
            total += squares >> 7;
        }
    }
    INT_TRACE(m, 8, 0);

    return total;
}

static void regression_backward(regression *m)
{
    /* line 6: out = dense(h, 2)
     * dense_error: out.error i8[2] >>3, out.weights i8[2,9] >>5
     *   -> h.error i8[9] >>4
     * sum in i32 >>8: at most 32258, 16 bits free; cast >>4, stochastic, saturates */
    {
        int32_t *const sum = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 5);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t b = 0; b < 1; ++b) {
            const int8_t *const e = m->i8 + 128 + b * 2;
            int8_t *const y = m->i8 + 192 + b * 9;
            memset(sum, 0, 9 * sizeof *sum);
            for (size_t o = 0; o < 2; ++o) {
                const int8_t *const w = m->out_weights + o * 9;
                const int32_t error = e[o];
                for (size_t k = 0; error != 0 && k < 9; ++k)
                    sum[k] += error * w[k];
            }
            int_draw16(int_row(site, (uint32_t)b), draws, 9);
            for (size_t k = 0; k < 9; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 4, draws[k]), -127, 127);

#ifdef INT_STATISTICS
    for (size_t i = 0; i < 9; ++i)
        m->saturated[4] += (y)[i] >= 127 || (y)[i] <= -127;
    m->seen[4] += 9;
#endif
        }
    }
    INT_TRACE(m, 9, 0);
    /* line 6: out = dense(h, 2)
     * dense_weight_gradient: out.error i8[2] >>3, h i8[9] >>3
     *   -> out.weights.gradient i32[2,9] >>6
     * sum in i32 >>6: at most 16129, 17 bits free */
    for (size_t row = 0; row < 2; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 9 * sizeof *g);
        for (size_t b = 0; b < 1; ++b) {
            const uint8_t *const x = (uint8_t *)(m->i8 + 64) + b * 9;
            const int32_t error = (m->i8 + 128)[b * 2 + row];
            for (size_t k = 0; error != 0 && k < 9; ++k)
                g[k] += error * x[k];
        }
        INT_TRACE(m, 10, row);
        /* sgd: out.weights.gradient i32[2,9] >>6, out.weights.master i32[2,9] >>27
         *   -> out.weights.master i32[2,9] >>27, out.weights i8[2,9] >>5 */
        const int32_t rate = (131072 >> m->halvings);
        int32_t *const master = m->out_weights_master + row * 9;
        int8_t *const storage = m->out_weights + row * 9;

        for (size_t k = 0; k < 9; ++k) {
            const int32_t u = (int32_t)int_clamp64(g[k] * rate, -1073741823, 1073741823);
            const int32_t v = u;
            int32_t w = master[k];
            w = int_clamp(w - v, -532676608, 532676608);
            master[k] = (int32_t)w;
            storage[k] = (int8_t)int_nearest(w, 22);
        }
    }
    INT_TRACE(m, 11, 0);
    /* line 6: out = dense(h, 2)
     * dense_bias_gradient: out.error i8[2] >>3
     *   -> out.bias.gradient i32[2] >>3
     * sum in i32 >>3: at most 127, 24 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 2 * sizeof *g);
        for (size_t b = 0; b < 1; ++b)
            for (size_t o = 0; o < 2; ++o)
                g[o] += (m->i8 + 128)[b * 2 + o];
        INT_TRACE(m, 12, row);
        /* sgd: out.bias.gradient i32[2] >>3, out.bias.master i32[2] >>25
         *   -> out.bias.master i32[2] >>25, out.bias i32[2] >>8 */
        const int32_t rate = (262144 >> m->halvings);
        int32_t *const master = m->out_bias_master + row * 2;
        int32_t *const storage = m->out_bias + row * 2;

        for (size_t k = 0; k < 2; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = u;
            int32_t w = master[k];
            w = int_clamp(w - v, -536739840, 536739840);
            master[k] = (int32_t)w;
            storage[k] = (int32_t)int_nearest(w, 17);
        }
    }
    INT_TRACE(m, 13, 0);
    /* line 5: h = relu(dense(x, 9))
     * relu_error: h.error i8[9] >>4, h i8[9] >>3
     *   -> h.dense.error i8[9] >>4 */
    {
        const int8_t *const e = m->i8 + 192;
        const uint8_t *const y = (uint8_t *)(m->i8 + 64);
        int8_t *const x = m->i8 + 192;
        for (size_t i = 0; i < (size_t)1 * 9; ++i)
            x[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 14, 0);
    /* line 5: h = relu(dense(x, 9))
     * dense_weight_gradient: h.dense.error i8[9] >>4, x i8[3] >>7
     *   -> h.weights.gradient i32[9,3] >>11
     * sum in i32 >>11: at most 16129, 17 bits free */
    for (size_t row = 0; row < 9; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 3 * sizeof *g);
        for (size_t b = 0; b < 1; ++b) {
            const uint8_t *const x = (uint8_t *)(m->i8 + 0) + b * 3;
            const int32_t error = (m->i8 + 192)[b * 9 + row];
            for (size_t k = 0; error != 0 && k < 3; ++k)
                g[k] += error * x[k];
        }
        INT_TRACE(m, 15, row);
        /* sgd: h.weights.gradient i32[9,3] >>11, h.weights.master i32[9,3] >>26
         *   -> h.weights.master i32[9,3] >>26, h.weights i8[9,3] >>4 */
        const int32_t rate = (2048 >> m->halvings);
        int32_t *const master = m->h_weights_master + row * 3;
        int8_t *const storage = m->h_weights + row * 3;

        for (size_t k = 0; k < 3; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = u;
            int32_t w = master[k];
            w = int_clamp(w - v, -532676608, 532676608);
            master[k] = (int32_t)w;
            storage[k] = (int8_t)int_nearest(w, 22);
        }
    }
    INT_TRACE(m, 16, 0);
    /* line 5: h = relu(dense(x, 9))
     * dense_bias_gradient: h.dense.error i8[9] >>4
     *   -> h.bias.gradient i32[9] >>4
     * sum in i32 >>4: at most 127, 24 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *const g = m->i32 + 0;
        memset(g, 0, 9 * sizeof *g);
        for (size_t b = 0; b < 1; ++b)
            for (size_t o = 0; o < 9; ++o)
                g[o] += (m->i8 + 192)[b * 9 + o];
        INT_TRACE(m, 17, row);
        /* sgd: h.bias.gradient i32[9] >>4, h.bias.master i32[9] >>25
         *   -> h.bias.master i32[9] >>25, h.bias i32[9] >>11 */
        const int32_t rate = (131072 >> m->halvings);
        int32_t *const master = m->h_bias_master + row * 9;
        int32_t *const storage = m->h_bias + row * 9;

        for (size_t k = 0; k < 9; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = u;
            int32_t w = master[k];
            w = int_clamp(w - v, -536854528, 536854528);
            master[k] = (int32_t)w;
            storage[k] = (int32_t)int_nearest(w, 14);
        }
    }
    INT_TRACE(m, 18, 0);

}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t regression_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void regression_infer(regression *m, const int16_t x[3], int16_t logits[2])
{
    regression_forward(m, x, 1);
    const int16_t *const values = m->i16 + 0;
    for (size_t i = 0; i < 2; ++i)
        logits[i] = (int16_t)values[i];
}

uint32_t regression_train(regression *m, const int16_t x[][3],
                    const int16_t y[][2])
{
    regression_forward(m, x[0], 1);
    m->correct = 0;
    const uint64_t loss = regression_losses(m, y[0], 1, &m->correct);
    regression_backward(m);
    ++m->step;
    return regression_bounded(loss / 1);
}

uint32_t regression_loss(regression *m, const int16_t x[3],
                   const int16_t *y)
{
    uint32_t correct = 0; /* not counted here */
    regression_forward(m, x, 1);
    return regression_bounded(regression_losses(m, y, 1, &correct));
}

uint32_t regression_correct(const regression *m)
{
    return m->correct;
}

uint64_t regression_hash(const regression *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 27; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h_weights_master[i]);
    for (size_t i = 0; i < 9; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->h_bias_master[i]);
    for (size_t i = 0; i < 18; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->out_weights_master[i]);
    for (size_t i = 0; i < 2; ++i)
        hash = int_hash(hash, (uint64_t)(int64_t)m->out_bias_master[i]);

    return hash;
}

void regression_set_epoch(regression *m, uint32_t epoch)
{
    (void)epoch;
    m->halvings = 0;
    if (m->halvings > 0)
        m->halvings = 0;
}

#ifdef INT_STATISTICS
void regression_saturation(const regression *m, uint64_t saturated[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 5 * sizeof m->saturated[0]);
    memcpy(seen, m->seen, 5 * sizeof m->seen[0]);
}
#endif
