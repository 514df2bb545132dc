/* batchnorm.c - trains the network `batchnorm` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */

#include "int_runtime.h"

#include "int_kernels.h"

#include "int_kernels_8.h"

#include "int_window.h"

#include "int_window_8.h"

#include "int_roots.h"

#include "int_draws.h"

#include "batchnorm.h"

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
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % BATCHNORM_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < BATCHNORM_THREADS ? wanted : BATCHNORM_THREADS;
}
#define INT_SHARES(work) (size_t)int_threads(work)
#define INT_CRITICAL INT_PRAGMA(omp critical)
#else
#define INT_PARALLEL(turns, work)
#define INT_ATOMIC
#define INT_OWN(m, pool, at, own_at) ((m)->pool + (at))
#define INT_SHARES(work) 1
#define INT_CRITICAL
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

void batchnorm_init(batchnorm *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 1;
    /* line 7: y = dense(flatten(h), 3)
     * init: y.weights i8[3,64] >>6
     *   -> y.weights.master i32[3,64] >>28, y.weights i8[3,64] >>6 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 3; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 64; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(164382475)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 82191237);
                m->y_weights_master[row * 64 + k] = (int32_t)w;
                m->y_weights[row * 64 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 6: h = relu(batchnorm(conv(image, 4, kernel = 3, bias = false)))
     * init: h.weights i8[4,3,3,1] >>5
     *   -> h.weights.master i32[4,3,3,1] >>27, h.weights i8[4,3,3,1] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 4; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 9; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(219176633)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 109588316);
                m->h_weights_master[row * 9 + k] = (int32_t)w;
                m->h_weights[row * 9 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void batchnorm_forward(batchnorm *m, const uint8_t *input, size_t rows)
{
    /* line 4: input image: u8[6,6,1] fixed(8)
     * encode: image.raw u8[6,6,1]
     *   -> image i8[6,6,1] >>7
     * sum in i32 >>8: at most 256, 22 bits free; cast >>1, nearest, saturates */
    {
        for (size_t b = 0; b < rows; ++b) {
            const uint8_t *const x = input + b * 36;
            uint8_t *const y = (uint8_t *)(m->i8 + 0) + b * 36;
            for (size_t i = 0; i < 36; ++i)
                y[i] = (uint8_t)int_clamp(int_nearest((int32_t)x[i], 1), 0, 127);
            INT_COUNT(m, 0, y, 36, 0, 127);
        }
    }
    INT_TRACE(m, 3);
    /* line 6: h = relu(batchnorm(conv(image, 4, kernel = 3, bias = false)))
     * conv: image i8[6,6,1] >>7, h.weights i8[4,3,3,1] >>5
     *   -> h.conv i8[4,4,4] >>4
     * sum in i32 >>12: at most 145161, 13 bits free; cast >>8, nearest, saturates */
    {
        static const IntWindow window = {6, 6, 1 * sizeof(uint8_t),
                                         3, 3, 1, 0, 0,
                                         1};
        INT_PARALLEL(1, rows * (size_t)(4 * 4) * 9 * 4)
        for (size_t r = 0; r < rows * 4; ++r) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 832, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0);
            for (size_t w = 0; w < 4; ++w)
                int_window_copy(patch + w * 9, (uint8_t *)(m->i8 + 0) + r / 4 * 36, &window, r % 4, w);
            int_window_products_u8(sums, patch, m->h_weights, 9, 4, 4);
            for (size_t w = 0; w < 4; ++w) {
                const int32_t *restrict const sum = sums + w * 4;
                int8_t *restrict const y = m->i8 + 320 + (r * 4 + w) * 4;
                INT_ROLLED
                for (size_t o = 0; o < 4; ++o)
                    y[o] = (int8_t)int_clamp(int_nearest(sum[o], 8), -127, 127);
            }
            INT_COUNT(m, 1, (m->i8 + 320 + (r * 4) * 4), 4 * 4, -127, 127);
        }
    }
    INT_TRACE(m, 4);
    /* line 6: h = relu(batchnorm(conv(image, 4, kernel = 3, bias = false)))
     * batchnorm: h.conv i8[4,4,4] >>4, h.mean i32[4] >>18, h.variance i64[4] >>44
     *   -> h.batchnorm i8[4,4,4] >>5, h.mean i32[4] >>18, h.variance i64[4] >>44
     * sum in i64 >>42: at most 2287828610704211968, 2 bits free; cast >>37, nearest, saturates */
    {
        const int8_t *const x = m->i8 + 320;
        int8_t *const y = m->i8 + 832;
        int32_t *const mean = m->h_mean;
        int64_t *const variance = m->h_variance;
        int32_t *const centers = m->i32 + 0;
        int64_t *const scales = m->i64 + 0;
        if (m->training != 0) {
            const size_t shares = INT_SHARES(rows * 10 * 64);
            INT_PARALLEL(1, rows * 10 * 64)
            for (size_t share = 0; share < shares; ++share) {
                const size_t low = share * 4 / shares, high = (share + 1) * 4 / shares;
                for (size_t c = low; c < high; ++c)
                    scales[c] = 0;
                for (size_t at = 0; at < rows * 64; at += 4)
                    for (size_t c = low; c < high; ++c)
                        scales[c] += x[at + c];
            }
            INT_PARALLEL(1, rows * 10 * 64)
            for (size_t share = 0; share < shares; ++share) {
                const size_t low = share * 4 / shares, high = (share + 1) * 4 / shares;
                for (size_t c = low; c < high; ++c) {
                    centers[c] = (int32_t)int_mean(scales[c], 128, 14);
                    scales[c] = 0;
                }
                for (size_t at = 0; at < rows * 64; at += 4)
                    for (size_t c = low; c < high; ++c) {
                        const int32_t z = x[at + c] * ((int32_t)1 << 14) - centers[c];
                        scales[c] += (int64_t)z * z;
                    }
            }
            for (size_t c = 0; c < 4; ++c)
                scales[c] = int_mean(scales[c], 128, 8);
            for (size_t c = 0; c < 4; ++c) {
                mean[c] = m->step == 0 ? centers[c] : mean[c] + int_nearest(centers[c] - mean[c], 3);
                variance[c] = m->step == 0 ? scales[c] : variance[c] + int_nearest64(scales[c] - variance[c], 3);
            }
        } else {
            for (size_t c = 0; c < 4; ++c) {
                centers[c] = mean[c];
                scales[c] = variance[c];
            }
        }
        for (size_t c = 0; c < 4; ++c)
            scales[c] = int_clamp64(int_nearest64(int_inverse_root(175921860 + scales[c]), 15), 0, 549755813888);
        INT_PARALLEL(64 / 4, rows * 10 * 64)
        for (size_t at = 0; at < rows * 64; at += 4)
            for (size_t c = 0; c < 4; ++c) {
                const int32_t z = x[at + c] * ((int32_t)1 << 14) - centers[c];
                y[at + c] = (int8_t)int_clamp64(int_nearest64(z * scales[c], 37), -127, 127);
            }
        INT_COUNT(m, 2, y, rows * 64, -127, 127);
    }
    INT_TRACE(m, 5);
    /* line 6: h = relu(batchnorm(conv(image, 4, kernel = 3, bias = false)))
     * relu: h.batchnorm i8[4,4,4] >>5
     *   -> h i8[4,4,4] >>5 */
    {
        int8_t *const x = m->i8 + 832;
        for (size_t i = 0; i < rows * 64; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 6);
    /* line 7: y = dense(flatten(h), 3)
     * flatten: h i8[4,4,4] >>5
     *   -> y.flatten i8[64] >>5 */
    memcpy((uint8_t *)(m->i8 + 1344), (uint8_t *)(m->i8 + 832), rows * 64 * sizeof *((uint8_t *)(m->i8 + 1344)));
    INT_TRACE(m, 7);
    /* line 7: y = dense(flatten(h), 3)
     * dense: y.flatten i8[64] >>5, y.weights i8[3,64] >>6, y.bias i32[3] >>11
     *   -> y i16[3] >>6
     * sum in i32 >>11: at most 1097791, 10 bits free; cast >>5, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)27)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_u8(sums, (uint8_t *)(m->i8 + 1344) + b * 64, m->y_weights, 64, samples, 3);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 4;
            int16_t *restrict const y = m->i16 + 0 + (b + i) * 3;
            for (size_t o = 0; o < 3; ++o)
                y[o] = (int16_t)int_clamp(int_nearest(sum[o] + m->y_bias[o], 5), -32767, 32767);
            INT_COUNT(m, 3, y, 3, -32767, 32767);
        }
    }
    INT_TRACE(m, 8);
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t batchnorm_losses(batchnorm *m, const uint8_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    /* line 8: loss cross_entropy(y, kind)
     * cross_entropy: y i16[3] >>6, kind u8
     *   -> y.error i8[3] >>7
     * sum in i32 >>15: at most 32774, 15 bits free; cast >>8, stochastic, saturates */
    {
        static const uint16_t exp2_table[] = { /* 2^-(i/32), 15 bits */
        32768, 32066, 31379, 30706, 30048, 29405, 28774, 28158,
        27554, 26964, 26386, 25821, 25268, 24726, 24196, 23678,
        23170, 22674, 22188, 21713, 21247, 20792, 20347, 19911,
        19484, 19066, 18658, 18258, 17867, 17484, 17109, 16743,
        16384};
        int32_t *const g = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 3);
        uint16_t *const draws = (uint16_t *)(m->i16 + 32);
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const z = m->i16 + 0 + b * 3;
            int8_t *const e = m->i8 + 1856 + b * 3;
            const size_t right = (size_t)target[b];
            size_t best = 0;
            for (size_t i = 1; i < 3; ++i)
                best = z[i] > z[best] ? i : best;
            *correct += best == right;
            /* 2^-t for t = (max - z) * log2(e): at most 2^15 each, and the sum fits 32 bits */
            const int32_t largest = z[best];
            uint32_t sum = 0x8000U;
            for (size_t i = 0; i < 3; ++i) {
                const uint32_t power = int_exp2(int_positive(largest - z[i]) * 5909, 18, exp2_table);
                g[i] = (int32_t)power;
                sum += i == best ? 0 : power;
            }
            /* p = power / sum in 15 bits: power <= 2^15, reciprocal <= 2^16 */
            const uint32_t reciprocal = UINT32_C(0x80000000) / sum;
            int32_t rest = -32768;
            for (size_t i = 0; i < 3; ++i) {
                g[i] = (int32_t)(((uint32_t)g[i] * reciprocal + 0x8000U) >> 16);
                rest += g[i];
            }
            g[right] -= 32768 + rest; /* the error sums to exactly zero */
            const uint64_t bits = int_log2(sum, exp2_table) +
                (int_positive(largest - z[right]) * 5909 >> (18 - 15));
            total += (bits * 45426) >> 15;
            int_draw16(int_row(site, (uint32_t)b), draws, 3);
            for (size_t i = 0; i < 3; ++i)
                e[i] = (int8_t)int_clamp(int_stochastic(g[i], 8, draws[i]), -127, 127);
            INT_COUNT(m, 4, e, 3, -127, 127);
        }
    }
    INT_TRACE(m, 9);

    return total;
}

static void batchnorm_backward(batchnorm *m)
{
    /* line 7: y = dense(flatten(h), 3)
     * dense_error: y.error i8[3] >>7, y.weights i8[3,64] >>6
     *   -> y.flatten.error i8[64] >>6
     * sum in i32 >>13: at most 48387, 15 bits free; cast >>7, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 4);
        INT_PARALLEL(4, 8 * (size_t)536)
        for (size_t b = 0; b < 8; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 1856 + b * 3;
            int8_t *const y = m->i8 + 1920 + b * 64;
            int_error_s8(sum, e, m->y_weights, 3, 64);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 64;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(8 - b, 4), draws, 64);
            for (size_t k = 0; k < 64; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 7, draws[k]), -127, 127);
            INT_COUNT(m, 5, y, 64, -127, 127);
        }
    }
    INT_TRACE(m, 10);
    /* line 7: y = dense(flatten(h), 3)
     * dense_weight_gradient: y.error i8[3] >>7, y.flatten i8[64] >>5
     *   -> y.weights.gradient i32[3,64] >>12
     * sum in i32 >>12: at most 129032, 14 bits free */
    int_regroup_u8(INT_GROUPS(m), (uint8_t *)(m->i8 + 1344), m->i8 + 1856, 8, 64, 3);
    INT_PARALLEL(4, 8 * (size_t)73)
    for (size_t row = 0; row < 3; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_u8(g, INT_GROUPS(m), (uint8_t *)(m->i8 + 1344), m->i8 + 1856, row, 1, 8, 64, 3);
        INT_TRACE_GRADIENT(m, 11, row, 0, g, 64);
        /* sgd: y.weights.gradient i32[3,64] >>12, y.weights.master i32[3,64] >>28,
         *   y.weights.momentum i32[3,64] >>28
         *   -> y.weights.master i32[3,64] >>28, y.weights i8[3,64] >>6,
         *   y.weights.momentum i32[3,64] >>28 */
        const int32_t rate = 256 * m->rate_factor;
        int32_t *restrict const master = m->y_weights_master + row * 64;
        int8_t *restrict const storage = m->y_weights + row * 64;
        int32_t *restrict const momentum = m->y_weights_momentum + row * 64;
        for (size_t k = 0; k < 64; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 3) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 64; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 12);
    /* line 7: y = dense(flatten(h), 3)
     * dense_bias_gradient: y.error i8[3] >>7
     *   -> y.bias.gradient i32[3] >>7
     * sum in i32 >>7: at most 1016, 21 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 3 * sizeof *g);
        for (size_t b = 0; b < 8; ++b)
            for (size_t o = 0; o < 3; ++o)
                g[o] += (m->i8 + 1856)[b * 3 + o];
        INT_TRACE_GRADIENT(m, 13, row, 0, g, 3);
        /* sgd: y.bias.gradient i32[3] >>7, y.bias.master i32[3] >>24,
         *   y.bias.momentum i32[3] >>24
         *   -> y.bias.master i32[3] >>24, y.bias i32[3] >>11, y.bias.momentum i32[3] >>24 */
        const int32_t rate = 512 * m->rate_factor;
        int32_t *restrict const master = m->y_bias_master + row * 3;
        int32_t *restrict const storage = m->y_bias + row * 3;
        int32_t *restrict const momentum = m->y_bias_momentum + row * 3;
        for (size_t k = 0; k < 3; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 3) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536862720, 536862720);
        }
        for (size_t k = 0; k < 3; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 13);
    }
    INT_TRACE(m, 14);
    /* line 7: y = dense(flatten(h), 3)
     * flatten_error: y.flatten.error i8[64] >>6
     *   -> h.error i8[4,4,4] >>6: in place */
    INT_TRACE(m, 15);
    /* line 6: h = relu(batchnorm(conv(image, 4, kernel = 3, bias = false)))
     * relu_error: h.error i8[4,4,4] >>6, h i8[4,4,4] >>5
     *   -> h.batchnorm.error i8[4,4,4] >>6 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 832);
        int8_t *const e = m->i8 + 1920;
        for (size_t i = 0; i < (size_t)8 * 64; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 16);
    /* line 6: h = relu(batchnorm(conv(image, 4, kernel = 3, bias = false)))
     * batchnorm_error: h.batchnorm.error i8[4,4,4] >>6, h.conv i8[4,4,4] >>4
     *   -> h.conv.error i8[4,4,4] >>6
     * sum in i64 >>32: at most 58909771431936, 17 bits free; cast >>26, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 5);
        const int8_t *const e = m->i8 + 1920;
        const int8_t *const x = m->i8 + 320;
        int8_t *const e_x = m->i8 + 832;
        int32_t *const centers = m->i32 + 0;
        int64_t *const scales = m->i64 + 16;
        int64_t *const products = m->i64 + 8;
        int64_t *const errors = m->i64 + 0;
        const size_t shares = INT_SHARES((size_t)8 * 10 * 64);
        INT_PARALLEL(1, (size_t)8 * 10 * 64)
        for (size_t share = 0; share < shares; ++share) {
            const size_t low = share * 4 / shares, high = (share + 1) * 4 / shares;
            for (size_t c = low; c < high; ++c)
                scales[c] = 0;
            for (size_t at = 0; at < (size_t)8 * 64; at += 4)
                for (size_t c = low; c < high; ++c)
                    scales[c] += x[at + c];
        }
        INT_PARALLEL(1, (size_t)8 * 10 * 64)
        for (size_t share = 0; share < shares; ++share) {
            const size_t low = share * 4 / shares, high = (share + 1) * 4 / shares;
            for (size_t c = low; c < high; ++c) {
                centers[c] = (int32_t)int_mean(scales[c], 128, 14);
                scales[c] = 0;
            }
            for (size_t at = 0; at < (size_t)8 * 64; at += 4)
                for (size_t c = low; c < high; ++c) {
                    const int32_t z = x[at + c] * ((int32_t)1 << 14) - centers[c];
                    scales[c] += (int64_t)z * z;
                }
        }
        for (size_t c = 0; c < 4; ++c)
            scales[c] = int_mean(scales[c], 128, 8);
        for (size_t c = 0; c < 4; ++c) {
            scales[c] = int_inverse_root(175921860 + scales[c]);
            products[c] = 0;
            errors[c] = 0;
        }
        INT_PARALLEL(1, (size_t)8 * 10 * 64)
        for (size_t share = 0; share < shares; ++share) {
            const size_t low = share * 4 / shares, high = (share + 1) * 4 / shares;
            for (size_t at = 0; at < (size_t)8 * 64; at += 4)
                for (size_t c = low; c < high; ++c) {
                    const int32_t z = x[at + c] * ((int32_t)1 << 14) - centers[c];
                    const int64_t unit = int_nearest64(z * scales[c], 61 - 24);
                    products[c] += e[at + c] * unit;
                    errors[c] += e[at + c];
                }
        }
        for (size_t c = 0; c < 4; ++c) {
            products[c] = int_nearest64(int_mean(products[c], 128, 8), 24 - 8);
            errors[c] = int_mean(errors[c], 128, 8);
        }
        INT_PARALLEL(1, (size_t)8 * 10 * 64)
        for (size_t b = 0; b < 8; ++b) {
            uint32_t *const draws = (uint32_t *)(INT_OWN(m, i32, 16, 16));
            int_draw32(int_row(site, (uint32_t)b), draws, 64);
            for (size_t place = 0; place < 64; place += 4) {
                const size_t at = b * 64 + place;
                for (size_t c = 0; c < 4; ++c) {
                    const int32_t z = x[at + c] * ((int32_t)1 << 14) - centers[c];
                    const int64_t unit = int_nearest64(z * scales[c], 61 - 24);
                    const int64_t away = int_nearest64(products[c] * unit, 24) + errors[c];
                    const int64_t rate = int_clamp64(int_nearest64(scales[c], 21), 0, 67108864);
                    e_x[at + c] = (int8_t)int_clamp64(int_stochastic64(((int64_t)e[at + c] * (1 << 8) - away) * rate, 26, draws[place + c]), -127, 127);
                }
            }
            INT_COUNT(m, 6, (e_x + b * 64), 64, -127, 127);
        }
    }
    INT_TRACE(m, 17);
    /* line 6: h = relu(batchnorm(conv(image, 4, kernel = 3, bias = false)))
     * conv_weight_gradient: h.conv.error i8[4,4,4] >>6, image i8[6,6,1] >>7
     *   -> h.weights.gradient i32[4,3,3,1] >>13
     * sum in i32 >>13: at most 2064512, 10 bits free */
    {
        static const IntWindow window = {6, 6, 1 * sizeof(uint8_t),
                                         3, 3, 1, 0, 0,
                                         1};
        int32_t *const gradient = m->i32 + 0;
        const size_t shares = INT_SHARES(8 * (size_t)(4 * 4) * 9 * 4);
        memset(gradient, 0, (size_t)4 * 9 * sizeof *gradient);
        INT_PARALLEL(1, 8 * (size_t)(4 * 4) * 9 * 4)
        for (size_t share = 0; share < shares; ++share) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 320, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0); /* without threads it is the gradient */
            memset(sums, 0, (size_t)4 * 9 * sizeof *sums);
            memset(patch, 0, (size_t)4 * 9 * sizeof *patch); /* windows without errors are not copied */
            for (size_t r = share * ((size_t)8 * 4) / shares; r < (share + 1) * ((size_t)8 * 4) / shares; ++r) {
                const int8_t *const errors = m->i8 + 832 + (r * 4) * 4;
                if (!int_any(errors, 4 * 4 * sizeof *errors))
                    continue;
                for (size_t w = 0; w < 4; ++w) {
                    const int8_t *const e = errors + w * 4;
                    if (int_any(e, 4 * sizeof *e))
                        int_window_copy(patch + w * 9, (uint8_t *)(m->i8 + 0) + r / 4 * 36, &window, r % 4, w);
                }
                for (size_t o = 0; o < 4; ++o)
                    int_add_rows_s8(sums + o * 9, errors + o, 4, (const int8_t *)patch, 4, 9);
            }
            INT_CRITICAL
            for (size_t k = 0; sums != gradient && k < (size_t)4 * 9; ++k)
                gradient[k] += sums[k];
        }
    }
    INT_PARALLEL(4, (size_t)16 * 4 * 9)
    for (size_t row = 0; row < 4; ++row) {
        int32_t *restrict const g = m->i32 + 0 + row * 9;
        INT_TRACE_GRADIENT(m, 18, row, 0, g, 9);
        /* sgd: h.weights.gradient i32[4,3,3,1] >>13, h.weights.master i32[4,3,3,1] >>27,
         *   h.weights.momentum i32[4,3,3,1] >>27
         *   -> h.weights.master i32[4,3,3,1] >>27, h.weights i8[4,3,3,1] >>5,
         *   h.weights.momentum i32[4,3,3,1] >>27 */
        const int32_t rate = 64 * m->rate_factor;
        int32_t *restrict const master = m->h_weights_master + row * 9;
        int8_t *restrict const storage = m->h_weights + row * 9;
        int32_t *restrict const momentum = m->h_weights_momentum + row * 9;
        for (size_t k = 0; k < 9; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 3) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 9; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 19);
}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t batchnorm_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void batchnorm_infer(batchnorm *m, const uint8_t image[36], int16_t logits[3])
{
    batchnorm_forward(m, image, 1);
    const int16_t *const values = m->i16 + 0;
    for (size_t i = 0; i < 3; ++i)
        logits[i] = (int16_t)values[i];
}

int batchnorm_classify(batchnorm *m, const uint8_t image[36])
{
    batchnorm_forward(m, image, 1);
    const int16_t *const values = m->i16 + 0;
    int best = 0;
    for (int i = 1; i < 3; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}

uint32_t batchnorm_train(batchnorm *m, const uint8_t image[][36],
                    const uint8_t kind[])
{
    m->training = 1;
    batchnorm_forward(m, image[0], 8);
    m->training = 0;
    m->correct = 0;
    const uint64_t loss = batchnorm_losses(m, kind, 8, &m->correct);
    batchnorm_backward(m);
    ++m->step;
    return batchnorm_bounded(loss / 8);
}

uint32_t batchnorm_loss(batchnorm *m, const uint8_t image[36],
                   const uint8_t *kind)
{
    uint32_t correct = 0; /* not counted here */
    batchnorm_forward(m, image, 1);
    return batchnorm_bounded(batchnorm_losses(m, kind, 1, &correct));
}

uint32_t batchnorm_correct(const batchnorm *m)
{
    return m->correct;
}

uint64_t batchnorm_hash(const batchnorm *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 36; ++i)
        hash = int_hash(hash, m->h_weights_master[i]);
    for (size_t i = 0; i < 36; ++i)
        hash = int_hash(hash, m->h_weights_momentum[i]);
    for (size_t i = 0; i < 192; ++i)
        hash = int_hash(hash, m->y_weights_master[i]);
    for (size_t i = 0; i < 192; ++i)
        hash = int_hash(hash, m->y_weights_momentum[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->y_bias_master[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->y_bias_momentum[i]);
    for (size_t i = 0; i < 4; ++i)
        hash = int_hash(hash, m->h_mean[i]);
    for (size_t i = 0; i < 4; ++i)
        hash = int_hash(hash, m->h_variance[i]);

    return hash;
}

void batchnorm_set_epoch(batchnorm *m, uint32_t epoch)
{
    (void)epoch;
    m->rate_factor = 1;
}

#ifdef INT_STATISTICS
void batchnorm_statistics(const batchnorm *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 7 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 7 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 7 * sizeof m->seen[0]);
}
#endif
