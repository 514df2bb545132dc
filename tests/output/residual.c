/* residual.c - trains the network `residual` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */

#include "int_runtime.h"

#include "int_kernels.h"

#include "int_kernels_8.h"

#include "residual.h"

/* For tests, which see what each step makes: of a gradient `width` elements g from `at` on. */
#ifndef INT_TRACE
#define INT_TRACE(m, step) ((void)0)
#define INT_TRACE_GRADIENT(m, step, row, at, g, width) ((void)0)
#endif

/* With OpenMP threads share the turns of a loop, some neighbouring turns at a time, where its work,
 * in multiply-accumulates, is worth it. The results are the same: turns share no result, and a
 * thread has sums, gradient rows and draws of its own. */
#ifdef _OPENMP
#include <omp.h>
#define INT_PRAGMA(text) _Pragma(#text)
#define INT_PARALLEL(turns, work) INT_PRAGMA(omp parallel for num_threads(int_threads(work)) schedule(static, turns))
#define INT_ATOMIC INT_PRAGMA(omp atomic)
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % RESIDUAL_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < RESIDUAL_THREADS ? wanted : RESIDUAL_THREADS;
}
#else
#define INT_PARALLEL(turns, work)
#define INT_ATOMIC
#define INT_OWN(m, pool, at, own_at) ((m)->pool + (at))
#endif

/* Counts elements of y that saturated, and adds up squares, for the trainer's report. A square of
 * more than 30 bits loses 28 of them, so that 2^34 elements have room. */
#ifdef INT_STATISTICS
#define INT_COUNT(m, counter, y, count, lo, hi)                                \
    do {                                                                       \
        uint32_t limits = 0;                                                   \
        uint64_t squares = 0;                                                  \
        for (size_t q = 0; q < (count); ++q) {                                 \
            limits += (y)[q] >= (hi) || ((lo) < 0 && (y)[q] <= (lo));  \
            squares += (uint64_t)((int64_t)(y)[q] * (y)[q]) >> ((hi) > INT16_MAX ? 28 : 0); \
        }                                                                      \
        INT_ATOMIC                                                             \
        (m)->saturated[counter] += limits;                                 \
        INT_ATOMIC                                                             \
        (m)->squares[counter] += squares;                                  \
        INT_ATOMIC                                                             \
        (m)->seen[counter] += (count);                                     \
    } while (0)
#else
#define INT_COUNT(m, counter, y, count, lo, hi) ((void)0)
#endif

/* ---- first weights --------------------------------------------------------------------------- */

void residual_init(residual *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 4;
    /* line 12: logits = dense(h4, 7)
     * init: logits.weights i8[7,17] >>5
     *   -> logits.weights.master i32[7,17] >>27, logits.weights i8[7,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 7; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->logits_weights_master[row * 17 + k] = (int32_t)w;
                m->logits_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * init: h4.weights i8[17,17] >>5
     *   -> h4.weights.master i32[17,17] >>27, h4.weights i8[17,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->h4_weights_master[row * 17 + k] = (int32_t)w;
                m->h4_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2);
    INT_TRACE(m, 3);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * init: h3.weights i8[17,17] >>5
     *   -> h3.weights.master i32[17,17] >>27, h3.weights i8[17,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 4);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->h3_weights_master[row * 17 + k] = (int32_t)w;
                m->h3_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 4);
    INT_TRACE(m, 5);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * init: h1.weights i8[17,17] >>5
     *   -> h1.weights.master i32[17,17] >>27, h1.weights i8[17,17] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 6);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 17; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(159474425)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 79737212);
                m->h1_weights_master[row * 17 + k] = (int32_t)w;
                m->h1_weights[row * 17 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 6);
    /* line 5: h0 = block(f, 17)
     * init: h0.weights i8[17,20] >>6
     *   -> h0.weights.master i32[17,20] >>28, h0.weights i8[17,20] >>6 */
    {
        const uint64_t site = int_site(seed, 0, 7);
        for (size_t row = 0; row < 17; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 20; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(216194499)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 108097249);
                m->h0_weights_master[row * 20 + k] = (int32_t)w;
                m->h0_weights[row * 20 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 7);
    INT_TRACE(m, 8);
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
            INT_COUNT(m, 0, y, 20, -100, 100);
        }
    }
    INT_TRACE(m, 9);
    /* line 6: f = flatten(x)
     * flatten: x i8[4,5] >>5
     *   -> f i8[20] >>5: in place */
    INT_TRACE(m, 10);
    /* line 5: h0 = block(f, 17)
     * dense: f i8[20] >>5, h0.weights i8[17,20] >>6, h0.bias i32[17] >>11
     *   -> h0.dense i8[17] >>2
     * sum in i32 >>11: at most 319535, 12 bits free; cast >>9, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)59)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_s8(sums, m->i8 + 0 + b * 20, m->h0_weights, 20, samples, 17);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 20;
            int8_t *restrict const y = m->i8 + 128 + (b + i) * 17;
            for (size_t o = 0; o < 17; ++o)
                y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->h0_bias[o], 9), -127, 127);
            INT_COUNT(m, 1, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 11);
    /* line 5: h0 = block(f, 17)
     * relu: h0.dense i8[17] >>2
     *   -> h0 i8[17] >>2 */
    {
        int8_t *const x = m->i8 + 128;
        for (size_t i = 0; i < rows * 17; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 12);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * dense: h0 i8[17] >>2, h1.weights i8[17,17] >>5
     *   -> h1.dense i8[17] >>2
     * sum in i32 >>7: at most 274193, 12 bits free; cast >>5, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)53)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_u8(sums, (uint8_t *)(m->i8 + 128) + b * 17, m->h1_weights, 17, samples, 17);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 20;
            int8_t *restrict const y = m->i8 + 256 + (b + i) * 17;
            for (size_t o = 0; o < 17; ++o)
                y[o] = (int8_t)int_clamp(int_nearest(sum[o], 5), -127, 127);
            INT_COUNT(m, 2, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 13);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * leaky_relu: h1.dense i8[17] >>2
     *   -> h1.leaky_relu i8[17] >>2
     * sum in i32 >>5: at most 127, 24 bits free; cast >>3, nearest */
    {
        const int8_t *const x = m->i8 + 256;
        int8_t *const y = m->i8 + 256;
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (int8_t)(x[i] > 0 ? x[i] : (int8_t)int_nearest(x[i], 3));
    }
    INT_TRACE(m, 14);
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
                y[i] = (int8_t)int_clamp((int32_t)a[i] + (int32_t)b[i], -127, 127);
            INT_COUNT(m, 3, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 15);
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
    INT_TRACE(m, 16);
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
                y[i] = (int8_t)int_clamp((int32_t)a[i] + (int32_t)b[i], -127, 127);
            INT_COUNT(m, 4, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 17);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense: h2 i8[17] >>2, h3.weights i8[17,17] >>5, h3.bias i32[17] >>7
     *   -> h3.dense i8[17] >>1
     * sum in i32 >>7: at most 282384, 12 bits free; cast >>6, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)53)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_s8(sums, m->i8 + 640 + b * 17, m->h3_weights, 17, samples, 17);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 20;
            int8_t *restrict const y = m->i8 + 512 + (b + i) * 17;
            for (size_t o = 0; o < 17; ++o)
                y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->h3_bias[o], 6), -127, 127);
            INT_COUNT(m, 5, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 18);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * sign: h3.dense i8[17] >>1
     *   -> h3 i8[17] >>0 */
    {
        const int8_t *const x = m->i8 + 512;
        int8_t *const y = m->i8 + 768;
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (int8_t)(x[i] > 0 ? 1 : x[i] < 0 ? -1 : 0);
    }
    INT_TRACE(m, 19);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense: h3 i8[17] >>0, h4.weights i8[17,17] >>5, h4.bias i32[17] >>5
     *   -> h4.dense i8[17] >>2
     * sum in i32 >>5: at most 3182, 19 bits free; cast >>3, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)53)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_s8(sums, m->i8 + 768 + b * 17, m->h4_weights, 17, samples, 17);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 20;
            int8_t *restrict const y = m->i8 + 512 + (b + i) * 17;
            for (size_t o = 0; o < 17; ++o)
                y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->h4_bias[o], 3), -127, 127);
            INT_COUNT(m, 6, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 20);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * step: h2 i8[17] >>2
     *   -> h4.step i8[17] >>0 */
    {
        const int8_t *const x = m->i8 + 640;
        uint8_t *const y = (uint8_t *)(m->i8 + 896);
        for (size_t i = 0; i < rows * 17; ++i)
            y[i] = (uint8_t)(x[i] > 0 ? 1 : 0);
    }
    INT_TRACE(m, 21);
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
                y[i] = (int8_t)int_clamp((int32_t)a[i] + (int32_t)b[i] * 4, -127, 127);
            INT_COUNT(m, 7, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 22);
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
    INT_TRACE(m, 23);
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
                y[i] = (int16_t)(int_clamp((int32_t)a[i] + (int32_t)b[i], -(32767 >> 7), 32767 >> 7) *
            ((int32_t)1 << 7));
        }
    }
    INT_TRACE(m, 24);
    /* line 12: logits = dense(h4, 7)
     * dense: h4 i16[17] >>9, logits.weights i8[7,17] >>5, logits.bias i32[7] >>14
     *   -> logits i16[7] >>5
     * sum in i32 >>14: at most 71792528, 4 bits free; cast >>9, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)126)
    for (size_t b = 0; b < rows; ++b) {
        const int16_t *const x = m->i16 + 0 + b * 17;
        int16_t *const y = m->i16 + 96 + b * 7;
        for (size_t o = 0; o < 7; ++o) {
            const int8_t *const w = m->logits_weights + o * 17;
            int32_t sum = m->logits_bias[o];
            for (size_t k = 0; k < 17; ++k)
                sum += (int32_t)x[k] * w[k];
            y[o] = (int16_t)int_clamp(int_nearest(sum, 9), -32767, 32767);
        }
        INT_COUNT(m, 8, y, 7, -32767, 32767);
    }
    INT_TRACE(m, 25);
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
            /* 2^-t for t = (max - z) * log2(e): at most 2^15 each, and the sum fits 32 bits */
            const int32_t largest = z[best];
            uint32_t sum = 0x8000U;
            for (size_t i = 0; i < 7; ++i) {
                const uint32_t power = int_exp2(int_positive(largest - z[i]) * 5909, 17, exp2_table);
                g[i] = (int32_t)power;
                sum += i == best ? 0 : power;
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
                (int_positive(largest - z[right]) * 5909 >> (17 - 15));
            total += (bits * 45426) >> 15;
            int_draw16(int_row(site, (uint32_t)b), draws, 7);
            for (size_t i = 0; i < 7; ++i)
                e[i] = (int8_t)int_clamp(int_stochastic(g[i], 8, draws[i]), -127, 127);
            INT_COUNT(m, 9, e, 7, -127, 127);
        }
    }
    INT_TRACE(m, 26);

    return total;
}

static void residual_backward(residual *m)
{
    /* line 12: logits = dense(h4, 7)
     * dense_error: logits.error i8[7] >>7, logits.weights i8[7,17] >>5
     *   -> h4.error i8[17] >>5
     * sum in i32 >>12: at most 112903, 14 bits free; cast >>7, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 10);
        INT_PARALLEL(4, 5 * (size_t)150)
        for (size_t b = 0; b < 5; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 384 + b * 7;
            int8_t *const y = m->i8 + 448 + b * 17;
            int_error_s8(sum, e, m->logits_weights, 7, 17);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 96, 0)) + b % 4 * 17;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(5 - b, 4), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 7, draws[k]), -127, 127);
            INT_COUNT(m, 10, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 27);
    /* line 12: logits = dense(h4, 7)
     * dense_weight_gradient: logits.error i8[7] >>7, h4 i16[17] >>9
     *   -> logits.weights.gradient i32[7,17] >>16
     * sum in i32 >>16: at most 20807045, 6 bits free */
    INT_PARALLEL(4, 5 * (size_t)167)
    for (size_t row = 0; row < 7; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b) {
            const int16_t *const x = m->i16 + 0 + b * 17;
            const int8_t error = (m->i8 + 384)[b * 7 + row];
            for (size_t k = 0; error != 0 && k < 17; ++k)
                g[k] += (int32_t)error * x[k];
        }
        INT_TRACE_GRADIENT(m, 28, row, 0, g, 17);
        /* sgd: logits.weights.gradient i32[7,17] >>16, logits.weights.master i32[7,17] >>27,
         *   logits.weights.momentum i32[7,17] >>27
         *   -> logits.weights.master i32[7,17] >>27, logits.weights i8[7,17] >>5,
         *   logits.weights.momentum i32[7,17] >>27 */
        const int32_t rate = 41 * m->rate_factor;
        int32_t *restrict const master = m->logits_weights_master + row * 17;
        int8_t *restrict const storage = m->logits_weights + row * 17;
        int32_t *restrict const momentum = m->logits_weights_momentum + row * 17;
        uint16_t *const rate_draws = (uint16_t *)(INT_OWN(m, i16, 96, 0)) + row % 4 * 17;
        if (row % 4 == 0)
            int_draw16_rows(int_site(m->seed, m->step, 11), (uint32_t)row, int_least(7 - row, 4), rate_draws, 17);
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = int_stochastic((g[k] < -163840 ? -163840 : g[k] > 163840 ? 163840 : g[k]) * rate, 3, rate_draws[k]);
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp((master[k] - int_nearest(master[k], 12)) - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 17; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 29);
    /* line 12: logits = dense(h4, 7)
     * dense_bias_gradient: logits.error i8[7] >>7
     *   -> logits.bias.gradient i32[7] >>7
     * sum in i32 >>7: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 7 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 7; ++o)
                g[o] += (m->i8 + 384)[b * 7 + o];
        INT_TRACE_GRADIENT(m, 30, row, 0, g, 7);
        /* sgd: logits.bias.gradient i32[7] >>7, logits.bias.master i32[7] >>23,
         *   logits.bias.momentum i32[7] >>23
         *   -> logits.bias.master i32[7] >>23, logits.bias i32[7] >>14,
         *   logits.bias.momentum i32[7] >>23 */
        const int32_t rate = 164 * m->rate_factor;
        int32_t *restrict const master = m->logits_bias_master + row * 7;
        int32_t *restrict const storage = m->logits_bias + row * 7;
        int32_t *restrict const momentum = m->logits_bias_momentum + row * 7;
        for (size_t k = 0; k < 7; ++k) {
            const int32_t u = (g[k] < -320 ? -320 : g[k] > 320 ? 320 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536870400, 536870400);
        }
        for (size_t k = 0; k < 7; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 9);
    }
    INT_TRACE(m, 31);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense_error: h4.error i8[17] >>5, h4.weights i8[17,17] >>5
     *   -> h3.error i8[17] >>5
     * sum in i32 >>10: at most 274193, 12 bits free; cast >>5, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 12);
        INT_PARALLEL(4, 5 * (size_t)172)
        for (size_t b = 0; b < 5; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 448 + b * 17;
            int8_t *const y = m->i8 + 896 + b * 17;
            int_error_s8(sum, e, m->h4_weights, 17, 17);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 17;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(5 - b, 4), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 5, draws[k]), -127, 127);
            INT_COUNT(m, 11, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 32);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense_weight_gradient: h4.error i8[17] >>5, h3 i8[17] >>0
     *   -> h4.weights.gradient i32[17,17] >>5
     * sum in i32 >>5: at most 635, 21 bits free */
    int_regroup_s8(INT_GROUPS(m), m->i8 + 768, m->i8 + 448, 5, 17, 17);
    INT_PARALLEL(4, 5 * (size_t)152)
    for (size_t row = 0; row < 17; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_s8(g, INT_GROUPS(m), m->i8 + 768, m->i8 + 448, row, 1, 5, 17, 17);
        INT_TRACE_GRADIENT(m, 33, row, 0, g, 17);
        /* sgd: h4.weights.gradient i32[17,17] >>5, h4.weights.master i32[17,17] >>27,
         *   h4.weights.momentum i32[17,17] >>27
         *   -> h4.weights.master i32[17,17] >>27, h4.weights i8[17,17] >>5,
         *   h4.weights.momentum i32[17,17] >>27 */
        const int32_t rate = 10496 * m->rate_factor;
        int32_t *restrict const master = m->h4_weights_master + row * 17;
        int8_t *restrict const storage = m->h4_weights + row * 17;
        int32_t *restrict const momentum = m->h4_weights_momentum + row * 17;
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp((master[k] - int_nearest(master[k], 12)) - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 17; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 34);
    /* line 11: h4: i16 shift 9 = dense(h3, 17) + ste(step(h2)) + ste(floor(h1))
     * dense_bias_gradient: h4.error i8[17] >>5
     *   -> h4.bias.gradient i32[17] >>5
     * sum in i32 >>5: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 17; ++o)
                g[o] += (m->i8 + 448)[b * 17 + o];
        INT_TRACE_GRADIENT(m, 35, row, 0, g, 17);
        /* sgd: h4.bias.gradient i32[17] >>5, h4.bias.master i32[17] >>24,
         *   h4.bias.momentum i32[17] >>24
         *   -> h4.bias.master i32[17] >>24, h4.bias i32[17] >>5, h4.bias.momentum i32[17] >>24 */
        const int32_t rate = 1312 * m->rate_factor;
        int32_t *restrict const master = m->h4_bias_master + row * 17;
        int32_t *restrict const storage = m->h4_bias + row * 17;
        int32_t *restrict const momentum = m->h4_bias_momentum + row * 17;
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536346624, 536346624);
        }
        for (size_t k = 0; k < 17; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 19);
    }
    INT_TRACE(m, 36);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense_error: h3.error i8[17] >>5, h3.weights i8[17,17] >>5
     *   -> h2.error i8[17] >>4
     * sum in i32 >>10: at most 274193, 12 bits free; cast >>6, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 13);
        INT_PARALLEL(4, 5 * (size_t)172)
        for (size_t b = 0; b < 5; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 896 + b * 17;
            int8_t *const y = m->i8 + 768 + b * 17;
            int_error_s8(sum, e, m->h3_weights, 17, 17);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 17;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(5 - b, 4), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 6, draws[k]), -127, 127);
            INT_COUNT(m, 12, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 37);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense_weight_gradient: h3.error i8[17] >>5, h2 i8[17] >>2
     *   -> h3.weights.gradient i32[17,17] >>7
     * sum in i32 >>7: at most 80645, 14 bits free */
    int_regroup_s8(INT_GROUPS(m), m->i8 + 640, m->i8 + 896, 5, 17, 17);
    INT_PARALLEL(4, 5 * (size_t)152)
    for (size_t row = 0; row < 17; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_s8(g, INT_GROUPS(m), m->i8 + 640, m->i8 + 896, row, 1, 5, 17, 17);
        INT_TRACE_GRADIENT(m, 38, row, 0, g, 17);
        /* sgd: h3.weights.gradient i32[17,17] >>7, h3.weights.master i32[17,17] >>27,
         *   h3.weights.momentum i32[17,17] >>27
         *   -> h3.weights.master i32[17,17] >>27, h3.weights i8[17,17] >>5,
         *   h3.weights.momentum i32[17,17] >>27 */
        const int32_t rate = 2624 * m->rate_factor;
        int32_t *restrict const master = m->h3_weights_master + row * 17;
        int8_t *restrict const storage = m->h3_weights + row * 17;
        int32_t *restrict const momentum = m->h3_weights_momentum + row * 17;
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -320 ? -320 : g[k] > 320 ? 320 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp((master[k] - int_nearest(master[k], 12)) - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 17; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 39);
    /* line 10: h3 = ste(sign(dense(h2, 17)))
     * dense_bias_gradient: h3.error i8[17] >>5
     *   -> h3.bias.gradient i32[17] >>5
     * sum in i32 >>5: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 17; ++o)
                g[o] += (m->i8 + 896)[b * 17 + o];
        INT_TRACE_GRADIENT(m, 40, row, 0, g, 17);
        /* sgd: h3.bias.gradient i32[17] >>5, h3.bias.master i32[17] >>23,
         *   h3.bias.momentum i32[17] >>23
         *   -> h3.bias.master i32[17] >>23, h3.bias i32[17] >>7, h3.bias.momentum i32[17] >>23 */
        const int32_t rate = 656 * m->rate_factor;
        int32_t *restrict const master = m->h3_bias_master + row * 17;
        int32_t *restrict const storage = m->h3_bias + row * 17;
        int32_t *restrict const momentum = m->h3_bias_momentum + row * 17;
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536805376, 536805376);
        }
        for (size_t k = 0; k < 17; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 16);
    }
    INT_TRACE(m, 41);
    /* line 9: h2 = ste(round(h1)) + h1
     * add: h2.error i8[17] >>4, h4.error i8[17] >>5
     *   -> h2.error2 i8[17] >>4
     * sum in i32 >>5: at most 381, 22 bits free; cast >>1, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 14);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t row = 0; row < 5; ++row) {
            const int8_t *const a = m->i8 + 768 + row * 17;
            const int8_t *const b = m->i8 + 448 + row * 17;
            int8_t *const y = m->i8 + 576 + row * 17;
            int_draw16(int_row(site, (uint32_t)row), draws, 17);
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(int_stochastic((int32_t)a[i] * 2 + (int32_t)b[i], 1, draws[i]), -127, 127);
            INT_COUNT(m, 13, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 42);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * add: h2.error2 i8[17] >>4, h2.error2 i8[17] >>4
     *   -> h1.error i8[17] >>3
     * sum in i32 >>4: at most 254, 23 bits free; cast >>1, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 15);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t row = 0; row < 5; ++row) {
            const int8_t *const a = m->i8 + 576 + row * 17;
            const int8_t *const b = m->i8 + 576 + row * 17;
            int8_t *const y = m->i8 + 704 + row * 17;
            int_draw16(int_row(site, (uint32_t)row), draws, 17);
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(int_stochastic((int32_t)a[i] + (int32_t)b[i], 1, draws[i]), -127, 127);
            INT_COUNT(m, 14, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 43);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * add: h1.error i8[17] >>3, h4.error i8[17] >>5
     *   -> h1.error2 i8[17] >>3
     * sum in i32 >>5: at most 635, 21 bits free; cast >>2, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 16);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t row = 0; row < 5; ++row) {
            const int8_t *const a = m->i8 + 704 + row * 17;
            const int8_t *const b = m->i8 + 448 + row * 17;
            int8_t *const y = m->i8 + 576 + row * 17;
            int_draw16(int_row(site, (uint32_t)row), draws, 17);
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp(int_stochastic((int32_t)a[i] * 4 + (int32_t)b[i], 2, draws[i]), -127, 127);
            INT_COUNT(m, 15, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 44);
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
                x[i] = (int8_t)(y[i] > 0 ? e[i] : (int8_t)int_stochastic(e[i], 3, draws[i]));
        }
    }
    INT_TRACE(m, 45);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * dense_error: h1.dense.error i8[17] >>3, h1.weights i8[17,17] >>5
     *   -> h0.error i8[17] >>3
     * sum in i32 >>8: at most 274193, 12 bits free; cast >>5, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 18);
        INT_PARALLEL(4, 5 * (size_t)172)
        for (size_t b = 0; b < 5; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 384 + b * 17;
            int8_t *const y = m->i8 + 256 + b * 17;
            int_error_s8(sum, e, m->h1_weights, 17, 17);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 17;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(5 - b, 4), draws, 17);
            for (size_t k = 0; k < 17; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 5, draws[k]), -127, 127);
            INT_COUNT(m, 16, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 46);
    /* line 8: h1 = leaky_relu(dense(h0, 17, bias = false), 2^-3) + h0
     * dense_weight_gradient: h1.dense.error i8[17] >>3, h0 i8[17] >>2
     *   -> h1.weights.gradient i32[17,17] >>5
     * sum in i32 >>5: at most 80645, 14 bits free */
    int_regroup_u8(INT_GROUPS(m), (uint8_t *)(m->i8 + 128), m->i8 + 384, 5, 17, 17);
    INT_PARALLEL(4, 5 * (size_t)152)
    for (size_t row = 0; row < 17; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_u8(g, INT_GROUPS(m), (uint8_t *)(m->i8 + 128), m->i8 + 384, row, 1, 5, 17, 17);
        INT_TRACE_GRADIENT(m, 47, row, 0, g, 17);
        /* sgd: h1.weights.gradient i32[17,17] >>5, h1.weights.master i32[17,17] >>27,
         *   h1.weights.momentum i32[17,17] >>27
         *   -> h1.weights.master i32[17,17] >>27, h1.weights i8[17,17] >>5,
         *   h1.weights.momentum i32[17,17] >>27 */
        const int32_t rate = 10496 * m->rate_factor;
        int32_t *restrict const master = m->h1_weights_master + row * 17;
        int8_t *restrict const storage = m->h1_weights + row * 17;
        int32_t *restrict const momentum = m->h1_weights_momentum + row * 17;
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -80 ? -80 : g[k] > 80 ? 80 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp((master[k] - int_nearest(master[k], 12)) - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 17; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 48);
    /* line 5: h0 = block(f, 17)
     * add: h0.error i8[17] >>3, h1.error2 i8[17] >>3
     *   -> h0.error2 i8[17] >>3
     * sum in i32 >>3: at most 254, 23 bits free; cast >>0, exact, saturates */
    {
        for (size_t row = 0; row < 5; ++row) {
            const int8_t *const a = m->i8 + 256 + row * 17;
            const int8_t *const b = m->i8 + 576 + row * 17;
            int8_t *const y = m->i8 + 384 + row * 17;
            for (size_t i = 0; i < 17; ++i)
                y[i] = (int8_t)int_clamp((int32_t)a[i] + (int32_t)b[i], -127, 127);
            INT_COUNT(m, 17, y, 17, -127, 127);
        }
    }
    INT_TRACE(m, 49);
    /* line 5: h0 = block(f, 17)
     * relu_error: h0.error2 i8[17] >>3, h0 i8[17] >>2
     *   -> h0.dense.error i8[17] >>3 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 128);
        int8_t *const e = m->i8 + 384;
        for (size_t i = 0; i < (size_t)5 * 17; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 50);
    /* line 5: h0 = block(f, 17)
     * dense_weight_gradient: h0.dense.error i8[17] >>3, f i8[20] >>5
     *   -> h0.weights.gradient i32[17,20] >>8
     * sum in i32 >>8: at most 63500, 15 bits free */
    int_regroup_s8(INT_GROUPS(m), m->i8 + 0, m->i8 + 384, 5, 20, 17);
    INT_PARALLEL(4, 5 * (size_t)179)
    for (size_t row = 0; row < 17; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_s8(g, INT_GROUPS(m), m->i8 + 0, m->i8 + 384, row, 1, 5, 20, 17);
        INT_TRACE_GRADIENT(m, 51, row, 0, g, 20);
        /* sgd: h0.weights.gradient i32[17,20] >>8, h0.weights.master i32[17,20] >>28,
         *   h0.weights.momentum i32[17,20] >>28
         *   -> h0.weights.master i32[17,20] >>28, h0.weights i8[17,20] >>6,
         *   h0.weights.momentum i32[17,20] >>28 */
        const int32_t rate = 2624 * m->rate_factor;
        int32_t *restrict const master = m->h0_weights_master + row * 20;
        int8_t *restrict const storage = m->h0_weights + row * 20;
        int32_t *restrict const momentum = m->h0_weights_momentum + row * 20;
        for (size_t k = 0; k < 20; ++k) {
            const int32_t u = (g[k] < -640 ? -640 : g[k] > 640 ? 640 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp((master[k] - int_nearest(master[k], 12)) - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 20; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 52);
    /* line 5: h0 = block(f, 17)
     * dense_bias_gradient: h0.dense.error i8[17] >>3
     *   -> h0.bias.gradient i32[17] >>3
     * sum in i32 >>3: at most 635, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 17 * sizeof *g);
        for (size_t b = 0; b < 5; ++b)
            for (size_t o = 0; o < 17; ++o)
                g[o] += (m->i8 + 384)[b * 17 + o];
        INT_TRACE_GRADIENT(m, 53, row, 0, g, 17);
        /* sgd: h0.bias.gradient i32[17] >>3, h0.bias.master i32[17] >>24,
         *   h0.bias.momentum i32[17] >>24
         *   -> h0.bias.master i32[17] >>24, h0.bias i32[17] >>11, h0.bias.momentum i32[17] >>24 */
        const int32_t rate = 5248 * m->rate_factor;
        int32_t *restrict const master = m->h0_bias_master + row * 17;
        int32_t *restrict const storage = m->h0_bias + row * 17;
        int32_t *restrict const momentum = m->h0_bias_momentum + row * 17;
        for (size_t k = 0; k < 17; ++k) {
            const int32_t u = (g[k] < -20 ? -20 : g[k] > 20 ? 20 : g[k]) * rate;
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536862720, 536862720);
        }
        for (size_t k = 0; k < 17; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 13);
    }
    INT_TRACE(m, 54);
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
        hash = int_hash(hash, m->h0_weights_master[i]);
    for (size_t i = 0; i < 340; ++i)
        hash = int_hash(hash, m->h0_weights_momentum[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, m->h0_bias_master[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, m->h0_bias_momentum[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, m->h1_weights_master[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, m->h1_weights_momentum[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, m->h3_weights_master[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, m->h3_weights_momentum[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, m->h3_bias_master[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, m->h3_bias_momentum[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, m->h4_weights_master[i]);
    for (size_t i = 0; i < 289; ++i)
        hash = int_hash(hash, m->h4_weights_momentum[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, m->h4_bias_master[i]);
    for (size_t i = 0; i < 17; ++i)
        hash = int_hash(hash, m->h4_bias_momentum[i]);
    for (size_t i = 0; i < 119; ++i)
        hash = int_hash(hash, m->logits_weights_master[i]);
    for (size_t i = 0; i < 119; ++i)
        hash = int_hash(hash, m->logits_weights_momentum[i]);
    for (size_t i = 0; i < 7; ++i)
        hash = int_hash(hash, m->logits_bias_master[i]);
    for (size_t i = 0; i < 7; ++i)
        hash = int_hash(hash, m->logits_bias_momentum[i]);

    return hash;
}

void residual_set_epoch(residual *m, uint32_t epoch)
{
    static const uint32_t from[] = {2, 5};
    static const int32_t factors[] = {4, 2, 1};
    size_t rate = 0;
    while (rate < 2 && epoch >= from[rate])
        ++rate;
    m->rate_factor = factors[rate];
}

#ifdef INT_STATISTICS
void residual_statistics(const residual *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 18 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 18 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 18 * sizeof m->seen[0]);
}
#endif
