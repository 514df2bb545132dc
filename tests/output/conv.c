/* conv.c - trains the network `conv` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */

#include "int_runtime.h"

#include "int_kernels.h"

#include "int_kernels_8.h"

#include "int_window.h"

#include "int_window_8.h"

#include "conv.h"

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
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % CONV_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < CONV_THREADS ? wanted : CONV_THREADS;
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

void conv_init(conv *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 1;
    /* line 7: y = dense(flatten(b), 3)
     * init: y.weights i8[3,4] >>4
     *   -> y.weights.master i32[3,4] >>26, y.weights i8[3,4] >>4 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 3; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 4; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(164382475)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 82191237);
                m->y_weights_master[row * 4 + k] = (int32_t)w;
                m->y_weights[row * 4 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 6: b = relu(conv(a, 4, kernel = 3, stride = 2, groups = 2, bias = false))
     * init: b.weights i8[4,3,3,2] >>5
     *   -> b.weights.master i32[4,3,3,2] >>27, b.weights i8[4,3,3,2] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 4; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 18; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(154981283)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 77490641);
                m->b_weights_master[row * 18 + k] = (int32_t)w;
                m->b_weights[row * 18 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * init: a.weights i8[4,3,3,1] >>5
     *   -> a.weights.master i32[4,3,3,1] >>27, a.weights i8[4,3,3,1] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 3);
        for (size_t row = 0; row < 4; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 9; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(219176633)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 109588316);
                m->a_weights_master[row * 9 + k] = (int32_t)w;
                m->a_weights[row * 9 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 3);
    INT_TRACE(m, 4);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void conv_forward(conv *m, const uint8_t *input, size_t rows)
{
    /* line 3: input image: u8[8,7,1] fixed(8)
     * encode: image.raw u8[8,7,1]
     *   -> image i8[8,7,1] >>7
     * sum in i32 >>8: at most 256, 22 bits free; cast >>1, nearest, saturates */
    {
        for (size_t b = 0; b < rows; ++b) {
            const uint8_t *const x = input + b * 56;
            uint8_t *const y = (uint8_t *)(m->i8 + 0) + b * 56;
            for (size_t i = 0; i < 56; ++i)
                y[i] = (uint8_t)int_clamp(int_nearest((int32_t)x[i], 1), 0, 127);
            INT_COUNT(m, 0, y, 56, 0, 127);
        }
    }
    INT_TRACE(m, 5);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * conv: image i8[8,7,1] >>7, a.weights i8[4,3,3,1] >>5, a.bias i32[4] >>12
     *   -> a.conv i8[8,7,4] >>4
     * sum in i32 >>12: at most 177928, 13 bits free; cast >>8, nearest, saturates */
    {
        static const IntWindow window = {8, 7, 1 * sizeof(uint8_t),
                                         3, 3, 1, 1, 1,
                                         1};
        INT_PARALLEL(1, rows * (size_t)(8 * 7) * 9 * 4)
        for (size_t r = 0; r < rows * 8; ++r) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 1152, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0);
            for (size_t w = 0; w < 7; ++w)
                int_window_copy(patch + w * 9, (uint8_t *)(m->i8 + 0) + r / 8 * 56, &window, r % 8, w);
            int_window_products_u8(sums, patch, m->a_weights, 9, 7, 4);
            for (size_t w = 0; w < 7; ++w) {
                const int32_t *restrict const sum = sums + w * 4;
                int8_t *restrict const y = m->i8 + 256 + (r * 7 + w) * 4;
                INT_ROLLED
                for (size_t o = 0; o < 4; ++o)
                    y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->a_bias[o], 8), -127, 127);
            }
            INT_COUNT(m, 1, (m->i8 + 256 + (r * 7) * 4), 7 * 4, -127, 127);
        }
    }
    INT_TRACE(m, 6);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * relu: a.conv i8[8,7,4] >>4
     *   -> a.relu i8[8,7,4] >>4 */
    {
        int8_t *const x = m->i8 + 256;
        for (size_t i = 0; i < rows * 224; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 7);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * maxpool: a.relu i8[8,7,4] >>4
     *   -> a i8[4,3,4] >>4 */
    INT_PARALLEL(1, rows * 224)
    for (size_t b = 0; b < rows; ++b)
        for (size_t w = 0; w < (4 * 3); ++w) {
            const uint8_t *const corner = (uint8_t *)(m->i8 + 256) + b * 224 + (w / 3 * 7 + w % 3) * (2 * 4);
            uint8_t *restrict const y = (uint8_t *)(m->i8 + 1152) + b * 48 + w * 4;
            memcpy(y, corner, 4 * sizeof *y);
            for (size_t i = 1; i < 4; ++i) {
                const uint8_t *restrict const x = corner + (i / 2 * 7 + i % 2) * 4;
                INT_ROLLED
                for (size_t c = 0; c < 4; ++c)
                    y[c] = x[c] > y[c] ? x[c] : y[c];
            }
        }
    INT_TRACE(m, 8);
    /* line 6: b = relu(conv(a, 4, kernel = 3, stride = 2, groups = 2, bias = false))
     * conv: a i8[4,3,4] >>4, b.weights i8[4,3,3,2] >>5
     *   -> b.conv i8[1,1,4] >>3
     * sum in i32 >>9: at most 290322, 12 bits free; cast >>6, nearest, saturates */
    {
        static const IntWindow window = {4, 3, 4 * sizeof(uint8_t),
                                         3, 3, 2, 0, 0,
                                         2};
        INT_PARALLEL(1, rows * (size_t)(1 * 1) * 18 * 4)
        for (size_t b = 0; b < rows; ++b) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 1408, 0));
            int8_t *const y = m->i8 + 1344 + b * 4;
            for (size_t w = 0; w < (1 * 1); ++w) {
                int_window_copy(patch, (uint8_t *)(m->i8 + 1152) + b * 48, &window, w / 1, w % 1);
                for (size_t o = 0; o < 4; ++o) {
                    const uint8_t *const x = patch + o / (4 / 2) * 18;
                    const int8_t *const weights = m->b_weights + o * 18;
                    int32_t sum = 0;
                    for (size_t k = 0; k < 18; ++k)
                        sum += (int32_t)x[k] * weights[k];
                    y[w * 4 + o] = (int8_t)int_clamp(int_nearest(sum, 6), -127, 127);
                }
            }
            INT_COUNT(m, 2, y, 4, -127, 127);
        }
    }
    INT_TRACE(m, 9);
    /* line 6: b = relu(conv(a, 4, kernel = 3, stride = 2, groups = 2, bias = false))
     * relu: b.conv i8[1,1,4] >>3
     *   -> b i8[1,1,4] >>3 */
    {
        int8_t *const x = m->i8 + 1344;
        for (size_t i = 0; i < rows * 4; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 10);
    /* line 7: y = dense(flatten(b), 3)
     * flatten: b i8[1,1,4] >>3
     *   -> y.flatten i8[4] >>3 */
    memcpy((uint8_t *)(m->i8 + 1408), (uint8_t *)(m->i8 + 1344), rows * 4 * sizeof *((uint8_t *)(m->i8 + 1408)));
    INT_TRACE(m, 11);
    /* line 7: y = dense(flatten(b), 3)
     * dense: y.flatten i8[4] >>3, y.weights i8[3,4] >>4, y.bias i32[3] >>7
     *   -> y i16[3] >>7
     * sum in i32 >>7: at most 66563, 14 bits free; cast >>0, exact, saturates */
    INT_PARALLEL(1, rows * (size_t)4)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_u8(sums, (uint8_t *)(m->i8 + 1408) + b * 4, m->y_weights, 4, samples, 3);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 4;
            int16_t *restrict const y = m->i16 + 0 + (b + i) * 3;
            for (size_t o = 0; o < 3; ++o)
                y[o] = (int16_t)int_clamp(sum[o] + m->y_bias[o], -32767, 32767);
            INT_COUNT(m, 3, y, 3, -32767, 32767);
        }
    }
    INT_TRACE(m, 12);
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t conv_losses(conv *m, const uint8_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    /* line 8: loss cross_entropy(y, digit)
     * cross_entropy: y i16[3] >>7, digit u8
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
        const uint64_t site = int_site(m->seed, m->step, 5);
        uint16_t *const draws = (uint16_t *)(m->i16 + 32);
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const z = m->i16 + 0 + b * 3;
            int8_t *const e = m->i8 + 1472 + b * 3;
            const size_t right = (size_t)target[b];
            size_t best = 0;
            for (size_t i = 1; i < 3; ++i)
                best = z[i] > z[best] ? i : best;
            *correct += best == right;
            /* 2^-t for t = (max - z) * log2(e): at most 2^15 each, and the sum fits 32 bits */
            const int32_t largest = z[best];
            uint32_t sum = 0x8000U;
            for (size_t i = 0; i < 3; ++i) {
                const uint32_t power = int_exp2(int_positive(largest - z[i]) * 5909, 19, exp2_table);
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
                (int_positive(largest - z[right]) * 5909 >> (19 - 15));
            total += (bits * 45426) >> 15;
            int_draw16(int_row(site, (uint32_t)b), draws, 3);
            for (size_t i = 0; i < 3; ++i)
                e[i] = (int8_t)int_clamp(int_stochastic(g[i], 8, draws[i]), -127, 127);
            INT_COUNT(m, 4, e, 3, -127, 127);
        }
    }
    INT_TRACE(m, 13);

    return total;
}

static void conv_backward(conv *m)
{
    /* line 7: y = dense(flatten(b), 3)
     * dense_error: y.error i8[3] >>7, y.weights i8[3,4] >>4
     *   -> y.flatten.error i8[4] >>4
     * sum in i32 >>11: at most 48387, 15 bits free; cast >>7, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 6);
        INT_PARALLEL(4, 4 * (size_t)33)
        for (size_t b = 0; b < 4; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 1472 + b * 3;
            int8_t *const y = m->i8 + 1536 + b * 4;
            int_error_s8(sum, e, m->y_weights, 3, 4);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 4;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(4 - b, 4), draws, 4);
            for (size_t k = 0; k < 4; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 7, draws[k]), -127, 127);
            INT_COUNT(m, 5, y, 4, -127, 127);
        }
    }
    INT_TRACE(m, 14);
    /* line 7: y = dense(flatten(b), 3)
     * dense_weight_gradient: y.error i8[3] >>7, y.flatten i8[4] >>3
     *   -> y.weights.gradient i32[3,4] >>10
     * sum in i32 >>10: at most 64516, 15 bits free */
    int_regroup_u8(INT_GROUPS(m), (uint8_t *)(m->i8 + 1408), m->i8 + 1472, 4, 4, 3);
    INT_PARALLEL(4, 4 * (size_t)8)
    for (size_t row = 0; row < 3; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_u8(g, INT_GROUPS(m), (uint8_t *)(m->i8 + 1408), m->i8 + 1472, row, 1, 4, 4, 3);
        INT_TRACE_GRADIENT(m, 15, row, 0, g, 4);
        /* sgd: y.weights.gradient i32[3,4] >>10, y.weights.master i32[3,4] >>26,
         *   y.weights.momentum i32[3,4] >>26
         *   -> y.weights.master i32[3,4] >>26, y.weights i8[3,4] >>4,
         *   y.weights.momentum i32[3,4] >>26 */
        const int32_t rate = 1024 * m->rate_factor;
        int32_t *restrict const master = m->y_weights_master + row * 4;
        int8_t *restrict const storage = m->y_weights + row * 4;
        int32_t *restrict const momentum = m->y_weights_momentum + row * 4;
        for (size_t k = 0; k < 4; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 4; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 16);
    /* line 7: y = dense(flatten(b), 3)
     * dense_bias_gradient: y.error i8[3] >>7
     *   -> y.bias.gradient i32[3] >>7
     * sum in i32 >>7: at most 508, 22 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 3 * sizeof *g);
        for (size_t b = 0; b < 4; ++b)
            for (size_t o = 0; o < 3; ++o)
                g[o] += (m->i8 + 1472)[b * 3 + o];
        INT_TRACE_GRADIENT(m, 17, row, 0, g, 3);
        /* sgd: y.bias.gradient i32[3] >>7, y.bias.master i32[3] >>25,
         *   y.bias.momentum i32[3] >>25
         *   -> y.bias.master i32[3] >>25, y.bias i32[3] >>7, y.bias.momentum i32[3] >>25 */
        const int32_t rate = 4096 * m->rate_factor;
        int32_t *restrict const master = m->y_bias_master + row * 3;
        int32_t *restrict const storage = m->y_bias + row * 3;
        int32_t *restrict const momentum = m->y_bias_momentum + row * 3;
        for (size_t k = 0; k < 3; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536608768, 536608768);
        }
        for (size_t k = 0; k < 3; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 18);
    }
    INT_TRACE(m, 18);
    /* line 7: y = dense(flatten(b), 3)
     * flatten_error: y.flatten.error i8[4] >>4
     *   -> b.error i8[1,1,4] >>4: in place */
    INT_TRACE(m, 19);
    /* line 6: b = relu(conv(a, 4, kernel = 3, stride = 2, groups = 2, bias = false))
     * relu_error: b.error i8[1,1,4] >>4, b i8[1,1,4] >>3
     *   -> b.conv.error i8[1,1,4] >>4 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 1344);
        int8_t *const e = m->i8 + 1536;
        for (size_t i = 0; i < (size_t)4 * 4; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 20);
    /* line 6: b = relu(conv(a, 4, kernel = 3, stride = 2, groups = 2, bias = false))
     * conv_error: b.conv.error i8[1,1,4] >>4, b.weights i8[4,3,3,2] >>5
     *   -> a.error i8[4,3,4] >>6
     * sum in i32 >>9: at most 32258, 16 bits free; cast >>3, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 7);
        INT_PARALLEL(1, 4 * (size_t)(1 * 1) * 18 * 4)
        for (size_t b = 0; b < 4; ++b) {
            int32_t *const sums = INT_OWN(m, i32, 0, 0);
            memset(sums, 0, (size_t)(4 + 2 * 0) * (3 + 2 * 0) * 4 * sizeof *sums);
            for (size_t w = 0; w < (1 * 1); ++w) {
                const int8_t *const e = m->i8 + 1536 + b * 4 + w * 4;
                int32_t *const corner = sums + (w / 1 * (3 + 2 * 0) + w % 1) * (2 * 4);
                for (size_t o = 0; o < 4; ++o) {
                    const int8_t *const weights = m->b_weights + o * 18;
                    int32_t *const to = corner + o / (4 / 2) * (4 / 2);
                    const int32_t error = e[o];
                    for (size_t i = 0; error != 0 && i < 3 * 3; ++i)
                        for (size_t k = 0; k < 2; ++k)
                            to[(i / 3 * (3 + 2 * 0) + i % 3) * 4 + k] += error * weights[i * 2 + k];
                }
            }
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0));
            int_draw16(int_row(site, (uint32_t)b), draws, 48);
            for (size_t r = 0; r < 4; ++r) {
                const int32_t *restrict const sum = sums + ((r + 0) * (3 + 2 * 0) + 0) * 4;
                int8_t *restrict const y = m->i8 + 1344 + b * 48 + r * (3 * 4);
                for (size_t k = 0; k < 3 * 4; ++k)
                    y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 3, draws[r * (3 * 4) + k]), -127, 127);
                INT_COUNT(m, 6, y, 3 * 4, -127, 127);
            }
        }
    }
    INT_TRACE(m, 21);
    /* line 6: b = relu(conv(a, 4, kernel = 3, stride = 2, groups = 2, bias = false))
     * conv_weight_gradient: b.conv.error i8[1,1,4] >>4, a i8[4,3,4] >>4
     *   -> b.weights.gradient i32[4,3,3,2] >>8
     * sum in i32 >>8: at most 64516, 15 bits free */
    {
        static const IntWindow window = {4, 3, 4 * sizeof(uint8_t),
                                         3, 3, 2, 0, 0,
                                         2};
        int32_t *const gradient = m->i32 + 0;
        const size_t shares = INT_SHARES(4 * (size_t)(1 * 1) * 18 * 4);
        memset(gradient, 0, (size_t)4 * 18 * sizeof *gradient);
        INT_PARALLEL(1, 4 * (size_t)(1 * 1) * 18 * 4)
        for (size_t share = 0; share < shares; ++share) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 1600, 0));
            const size_t low = share * 4 / shares, high = (share + 1) * 4 / shares;
            int32_t *const sums = gradient;
            for (size_t b = 0; b < 4; ++b)
                for (size_t w = 0; w < (1 * 1); ++w) {
                    const int8_t *const e = m->i8 + 1536 + b * 4 + w * 4;
                    int_window_copy(patch, (uint8_t *)(m->i8 + 1152) + b * 48, &window, w / 1, w % 1);
                    for (size_t o = low; o < high; ++o) {
                        const uint8_t *const x = patch + o / (4 / 2) * 18;
                        int32_t *const g = sums + o * 18;
                        const int32_t error = e[o];
                        for (size_t k = 0; error != 0 && k < 18; ++k)
                            g[k] += error * x[k];
                    }
                }
        }
    }
    INT_PARALLEL(4, (size_t)16 * 4 * 18)
    for (size_t row = 0; row < 4; ++row) {
        int32_t *restrict const g = m->i32 + 0 + row * 18;
        INT_TRACE_GRADIENT(m, 22, row, 0, g, 18);
        /* sgd: b.weights.gradient i32[4,3,3,2] >>8, b.weights.master i32[4,3,3,2] >>27,
         *   b.weights.momentum i32[4,3,3,2] >>27
         *   -> b.weights.master i32[4,3,3,2] >>27, b.weights i8[4,3,3,2] >>5,
         *   b.weights.momentum i32[4,3,3,2] >>27 */
        const int32_t rate = 8192 * m->rate_factor;
        int32_t *restrict const master = m->b_weights_master + row * 18;
        int8_t *restrict const storage = m->b_weights + row * 18;
        int32_t *restrict const momentum = m->b_weights_momentum + row * 18;
        for (size_t k = 0; k < 18; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 18; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 23);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * maxpool_error: a.error i8[4,3,4] >>6, a.relu i8[8,7,4] >>4, a i8[4,3,4] >>4
     *   -> a.relu.error i8[8,7,4] >>6 */
    {
        memset(m->i8 + 1536, 0, (size_t)4 * 224 * sizeof *(m->i8 + 1536));
        INT_PARALLEL(1, (size_t)4 * 224)
        for (size_t b = 0; b < 4; ++b) {
            int8_t *restrict const left = INT_OWN(m, i8, 2432, 0); /* errors that have not found their element yet */
            for (size_t w = 0; w < (4 * 3); ++w) {
                const uint8_t *restrict const y = (uint8_t *)(m->i8 + 1152) + b * 48 + w * 4;
                memcpy(left, m->i8 + 1344 + b * 48 + w * 4, 4 * sizeof *left);
                for (size_t i = 0; i < 4; ++i) {
                    const size_t at = b * 224 + (w / 3 * 7 + w % 3) * (2 * 4) + (i / 2 * 7 + i % 2) * 4;
                    const uint8_t *restrict const x = (uint8_t *)(m->i8 + 256) + at;
                    int8_t *restrict const e_x = m->i8 + 1536 + at;
                    INT_ROLLED
                    for (size_t c = 0; c < 4; ++c) {
                        const int8_t error = left[c];
                        e_x[c] = (int8_t)(x[c] == y[c] ? error : 0);
                        left[c] = (int8_t)(x[c] == y[c] ? 0 : error);
                    }
                }
            }
        }
    }
    INT_TRACE(m, 24);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * relu_error: a.relu.error i8[8,7,4] >>6, a.relu i8[8,7,4] >>4
     *   -> a.conv.error i8[8,7,4] >>6 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 256);
        int8_t *const e = m->i8 + 1536;
        for (size_t i = 0; i < (size_t)4 * 224; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 25);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * conv_weight_gradient: a.conv.error i8[8,7,4] >>6, image i8[8,7,1] >>7
     *   -> a.weights.gradient i32[4,3,3,1] >>13
     * sum in i32 >>13: at most 3612896, 9 bits free */
    {
        static const IntWindow window = {8, 7, 1 * sizeof(uint8_t),
                                         3, 3, 1, 1, 1,
                                         1};
        int32_t *const gradient = m->i32 + 0;
        const size_t shares = INT_SHARES(4 * (size_t)(8 * 7) * 9 * 4);
        memset(gradient, 0, (size_t)4 * 9 * sizeof *gradient);
        INT_PARALLEL(1, 4 * (size_t)(8 * 7) * 9 * 4)
        for (size_t share = 0; share < shares; ++share) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 256, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0); /* without threads it is the gradient */
            memset(sums, 0, (size_t)4 * 9 * sizeof *sums);
            memset(patch, 0, (size_t)7 * 9 * sizeof *patch); /* windows without errors are not copied */
            for (size_t r = share * ((size_t)4 * 8) / shares; r < (share + 1) * ((size_t)4 * 8) / shares; ++r) {
                const int8_t *const errors = m->i8 + 1536 + (r * 7) * 4;
                if (!int_any(errors, 7 * 4 * sizeof *errors))
                    continue;
                for (size_t w = 0; w < 7; ++w) {
                    const int8_t *const e = errors + w * 4;
                    if (int_any(e, 4 * sizeof *e))
                        int_window_copy(patch + w * 9, (uint8_t *)(m->i8 + 0) + r / 8 * 56, &window, r % 8, w);
                }
                for (size_t o = 0; o < 4; ++o)
                    int_add_rows_s8(sums + o * 9, errors + o, 4, (const int8_t *)patch, 7, 9);
            }
            INT_CRITICAL
            for (size_t k = 0; sums != gradient && k < (size_t)4 * 9; ++k)
                gradient[k] += sums[k];
        }
    }
    INT_PARALLEL(4, (size_t)16 * 4 * 9)
    for (size_t row = 0; row < 4; ++row) {
        int32_t *restrict const g = m->i32 + 0 + row * 9;
        INT_TRACE_GRADIENT(m, 26, row, 0, g, 9);
        /* sgd: a.weights.gradient i32[4,3,3,1] >>13, a.weights.master i32[4,3,3,1] >>27,
         *   a.weights.momentum i32[4,3,3,1] >>27
         *   -> a.weights.master i32[4,3,3,1] >>27, a.weights i8[4,3,3,1] >>5,
         *   a.weights.momentum i32[4,3,3,1] >>27 */
        const int32_t rate = 256 * m->rate_factor;
        int32_t *restrict const master = m->a_weights_master + row * 9;
        int8_t *restrict const storage = m->a_weights + row * 9;
        int32_t *restrict const momentum = m->a_weights_momentum + row * 9;
        for (size_t k = 0; k < 9; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = int_clamp(momentum[k] - int_nearest(momentum[k], 1) + u, -1073741823, 1073741823);
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 9; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 27);
    /* line 5: a = maxpool(relu(conv(image, 4, kernel = 3, pad = 1)), 2)
     * conv_bias_gradient: a.conv.error i8[8,7,4] >>6
     *   -> a.bias.gradient i32[4] >>6
     * sum in i32 >>6: at most 28448, 16 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 4 * sizeof *g);
        for (size_t w = 0; w < (size_t)4 * (8 * 7); ++w) {
            const int8_t *const e = m->i8 + 1536 + w * 4;
            if (!int_any(e, 4 * sizeof *e))
                continue;
            INT_ROLLED
            for (size_t o = 0; o < 4; ++o)
                g[o] += e[o];
        }
        INT_TRACE_GRADIENT(m, 28, row, 0, g, 4);
        /* sgd: a.bias.gradient i32[4] >>6, a.bias.master i32[4] >>26,
         *   a.bias.momentum i32[4] >>26
         *   -> a.bias.master i32[4] >>26, a.bias i32[4] >>12, a.bias.momentum i32[4] >>26 */
        const int32_t rate = 16384 * m->rate_factor;
        int32_t *restrict const master = m->a_bias_master + row * 4;
        int32_t *restrict const storage = m->a_bias + row * 4;
        int32_t *restrict const momentum = m->a_bias_momentum + row * 4;
        for (size_t k = 0; k < 4; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536854528, 536854528);
        }
        for (size_t k = 0; k < 4; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 14);
    }
    INT_TRACE(m, 29);
}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t conv_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void conv_infer(conv *m, const uint8_t image[56], int16_t logits[3])
{
    conv_forward(m, image, 1);
    const int16_t *const values = m->i16 + 0;
    for (size_t i = 0; i < 3; ++i)
        logits[i] = (int16_t)values[i];
}

int conv_classify(conv *m, const uint8_t image[56])
{
    conv_forward(m, image, 1);
    const int16_t *const values = m->i16 + 0;
    int best = 0;
    for (int i = 1; i < 3; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}

uint32_t conv_train(conv *m, const uint8_t image[][56],
                    const uint8_t digit[])
{
    conv_forward(m, image[0], 4);
    m->correct = 0;
    const uint64_t loss = conv_losses(m, digit, 4, &m->correct);
    conv_backward(m);
    ++m->step;
    return conv_bounded(loss / 4);
}

uint32_t conv_loss(conv *m, const uint8_t image[56],
                   const uint8_t *digit)
{
    uint32_t correct = 0; /* not counted here */
    conv_forward(m, image, 1);
    return conv_bounded(conv_losses(m, digit, 1, &correct));
}

uint32_t conv_correct(const conv *m)
{
    return m->correct;
}

uint64_t conv_hash(const conv *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 36; ++i)
        hash = int_hash(hash, m->a_weights_master[i]);
    for (size_t i = 0; i < 36; ++i)
        hash = int_hash(hash, m->a_weights_momentum[i]);
    for (size_t i = 0; i < 4; ++i)
        hash = int_hash(hash, m->a_bias_master[i]);
    for (size_t i = 0; i < 4; ++i)
        hash = int_hash(hash, m->a_bias_momentum[i]);
    for (size_t i = 0; i < 72; ++i)
        hash = int_hash(hash, m->b_weights_master[i]);
    for (size_t i = 0; i < 72; ++i)
        hash = int_hash(hash, m->b_weights_momentum[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->y_weights_master[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->y_weights_momentum[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->y_bias_master[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->y_bias_momentum[i]);

    return hash;
}

void conv_set_epoch(conv *m, uint32_t epoch)
{
    (void)epoch;
    m->rate_factor = 1;
}

#ifdef INT_STATISTICS
void conv_statistics(const conv *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 7 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 7 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 7 * sizeof m->seen[0]);
}
#endif
