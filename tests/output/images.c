/* images.c - trains the network `images` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */

#include "int_runtime.h"

#include "int_kernels.h"

#include "int_kernels_8.h"

#include "int_window.h"

#include "int_window_8.h"

#include "images.h"

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
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % IMAGES_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < IMAGES_THREADS ? wanted : IMAGES_THREADS;
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

void images_init(images *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 1;
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * init: y.weights i8[3,28] >>5
     *   -> y.weights.master i32[3,28] >>27, y.weights i8[3,28] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 3; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 28; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(124261471)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 62130735);
                m->y_weights_master[row * 28 + k] = (int32_t)w;
                m->y_weights[row * 28 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * init: c.weights i8[6,3,5] >>5
     *   -> c.weights.master i32[6,3,5] >>27, c.weights i8[6,3,5] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 6; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 15; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(169773491)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 84886745);
                m->c_weights_master[row * 15 + k] = (int32_t)w;
                m->c_weights[row * 15 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2);
    INT_TRACE(m, 3);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * init: a.weights i8[4,3,3,1] >>5
     *   -> a.weights.master i32[4,3,3,1] >>27, a.weights i8[4,3,3,1] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 4);
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
    INT_TRACE(m, 4);
    INT_TRACE(m, 5);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void images_forward(images *m, const uint8_t *input, size_t rows)
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
    INT_TRACE(m, 6);
    /* line 11: augment [shift(1), flip]
     * augment: image i8[6,6,1] >>7
     *   -> image.augmented i8[6,6,1] >>7 */
    if (m->training != 0) {
        const uint64_t site = int_site(m->seed, m->step, 6);
        uint8_t *const frame = (uint8_t *)(m->i8 + 192);
        memset(frame, 0, 64 * sizeof *frame);
        for (size_t b = 0; b < rows; ++b) {
            uint8_t *const y = (uint8_t *)(m->i8 + 0) + b * 36;
            uint64_t stream = int_row(site, (uint32_t)b);
            const uint64_t draw = int_next(&stream);
            const size_t down = (size_t)(((draw & 0xFFFFU) * 3) >> 16);
            const size_t right = (size_t)((((draw >> 16) & 0xFFFFU) * 3) >> 16);
            for (size_t i = 0; i < 6; ++i)
                memcpy(frame + i * 8 + 9, y + i * 6, 6 * sizeof *y);
            for (size_t i = 0; i < 6; ++i)
                for (size_t k = 0; k < 6; ++k)
                    y[i * 6 + k] = frame[(i + down) * 8 + right + k];
            for (size_t i = 0; i < 6 && ((draw >> 32) & 1U) != 0; ++i) {
                uint8_t *const line = y + i * 6;
                for (size_t k = 0; k < 3; ++k) {
                    const size_t other = 6 - 1 - k;
                    const uint8_t element = line[k];
                    line[k] = line[other];
                    line[other] = element;
                }
            }
        }
    }
    INT_TRACE(m, 7);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * pad: image.augmented i8[6,6,1] >>7
     *   -> a.pad i8[8,8,1] >>7 */
    memset((uint8_t *)(m->i8 + 192), 0, rows * 64 * sizeof *((uint8_t *)(m->i8 + 192)));
    for (size_t r = 0; r < rows * 6; ++r)
        memcpy((uint8_t *)(m->i8 + 192) + r / 6 * 64 + ((r % 6 + 1) * 8 + 1), (uint8_t *)(m->i8 + 0) + r * 6, 6 * sizeof *((uint8_t *)(m->i8 + 192)));
    INT_TRACE(m, 8);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * conv: a.pad i8[8,8,1] >>7, a.weights i8[4,3,3,1] >>5, a.bias i32[4] >>12
     *   -> a.conv i8[6,6,4] >>4
     * sum in i32 >>12: at most 177928, 13 bits free; cast >>8, nearest, saturates */
    {
        static const IntWindow window = {8, 8, 1 * sizeof(uint8_t),
                                         3, 3, 1, 0, 0,
                                         1};
        INT_PARALLEL(1, rows * (size_t)(6 * 6) * 9 * 4)
        for (size_t r = 0; r < rows * 6; ++r) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 1024, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0);
            for (size_t w = 0; w < 6; ++w)
                int_window_copy(patch + w * 9, (uint8_t *)(m->i8 + 192) + r / 6 * 64, &window, r % 6, w);
            int_window_products_u8(sums, patch, m->a_weights, 9, 6, 4);
            for (size_t w = 0; w < 6; ++w) {
                const int32_t *restrict const sum = sums + w * 4;
                int8_t *restrict const y = m->i8 + 448 + (r * 6 + w) * 4;
                INT_ROLLED
                for (size_t o = 0; o < 4; ++o)
                    y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->a_bias[o], 8), -127, 127);
            }
            INT_COUNT(m, 1, (m->i8 + 448 + (r * 6) * 4), 6 * 4, -127, 127);
        }
    }
    INT_TRACE(m, 9);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * relu: a.conv i8[6,6,4] >>4
     *   -> a i8[6,6,4] >>4 */
    {
        int8_t *const x = m->i8 + 448;
        for (size_t i = 0; i < rows * 144; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 10);
    /* line 7: b = avgpool(concat(a, image), 3)
     * concat: a i8[6,6,4] >>4, image.augmented i8[6,6,1] >>7
     *   -> b.concat i8[6,6,5] >>4
     * sum in i32 >>7: at most 1016, 21 bits free; cast >>3, nearest, saturates */
    for (size_t piece = 0; piece < rows * 36; ++piece) {
        const uint8_t *const a = (uint8_t *)(m->i8 + 448) + piece * 4;
        const uint8_t *const b = (uint8_t *)(m->i8 + 0) + piece * 1;
        uint8_t *const y = (uint8_t *)(m->i8 + 1024) + piece * 5;
        for (size_t i = 0; i < 4; ++i)
            y[i] = (uint8_t)int_clamp(int_nearest((int32_t)a[i] * 8, 3), 0, 127);
        for (size_t i = 0; i < 1; ++i)
            y[4 + i] = (uint8_t)int_clamp(int_nearest((int32_t)b[i], 3), 0, 127);
        INT_COUNT(m, 2, y, 5, 0, 127);
    }
    INT_TRACE(m, 11);
    /* line 7: b = avgpool(concat(a, image), 3)
     * avgpool: b.concat i8[6,6,5] >>4
     *   -> b i8[2,2,5] >>5
     * sum in i32 >>22: at most 33292161, 6 bits free; cast >>17, nearest, saturates */
    INT_PARALLEL(1, rows * 180)
    for (size_t b = 0; b < rows; ++b) {
        uint8_t *const y = (uint8_t *)(m->i8 + 0) + b * 20;
        for (size_t w = 0; w < (2 * 2); ++w) {
            const uint8_t *const corner = (uint8_t *)(m->i8 + 1024) + b * 180 + (w / 2 * 6 + w % 2) * (3 * 5);
            for (size_t c = 0; c < 5; ++c) {
                int32_t sum = 0;
                for (size_t i = 0; i < 9; ++i)
                    sum += corner[(i / 3 * 6 + i % 3) * 5 + c];
                y[w * 5 + c] = (uint8_t)int_clamp(int_nearest(sum * 29127, 17), 0, 127);
            }
        }
        INT_COUNT(m, 3, y, 20, 0, 127);
    }
    INT_TRACE(m, 12);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * flatten: b i8[2,2,5] >>5
     *   -> c.flatten i8[4,5] >>5: in place */
    INT_TRACE(m, 13);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * conv: c.flatten i8[4,5] >>5, c.weights i8[6,3,5] >>5, c.bias i32[6] >>10
     *   -> c.conv i8[4,6] >>4
     * sum in i32 >>10: at most 250126, 13 bits free; cast >>6, nearest, saturates */
    {
        static const IntWindow window = {1, 4, 5 * sizeof(uint8_t),
                                         1, 3, 1, 0, 1,
                                         1};
        INT_PARALLEL(1, rows * (size_t)(1 * 4) * 15 * 6)
        for (size_t r = 0; r < rows * 1; ++r) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 128, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0);
            for (size_t w = 0; w < 4; ++w)
                int_window_copy(patch + w * 15, (uint8_t *)(m->i8 + 0) + r / 1 * 20, &window, r % 1, w);
            int_window_products_u8(sums, patch, m->c_weights, 15, 4, 6);
            for (size_t w = 0; w < 4; ++w) {
                const int32_t *restrict const sum = sums + w * 8;
                int8_t *restrict const y = m->i8 + 1024 + (r * 4 + w) * 6;
                INT_ROLLED
                for (size_t o = 0; o < 6; ++o)
                    y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->c_bias[o], 6), -127, 127);
            }
            INT_COUNT(m, 4, (m->i8 + 1024 + (r * 4) * 6), 4 * 6, -127, 127);
        }
    }
    INT_TRACE(m, 14);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * relu: c.conv i8[4,6] >>4
     *   -> c i8[4,6] >>4 */
    {
        int8_t *const x = m->i8 + 1024;
        for (size_t i = 0; i < rows * 24; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 15);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * flatten: c i8[4,6] >>4
     *   -> y.flatten i8[24] >>4 */
    memcpy((uint8_t *)(m->i8 + 1152), (uint8_t *)(m->i8 + 1024), rows * 24 * sizeof *((uint8_t *)(m->i8 + 1152)));
    INT_TRACE(m, 16);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * avgpool: a i8[6,6,4] >>4
     *   -> y.avgpool i8[4] >>5
     * sum in i32 >>24: at most 133168644, 4 bits free; cast >>19, nearest, saturates */
    INT_PARALLEL(1, rows * 144)
    for (size_t b = 0; b < rows; ++b) {
        uint8_t *const y = (uint8_t *)(m->i8 + 128) + b * 4;
        for (size_t w = 0; w < (1 * 1); ++w) {
            const uint8_t *const corner = (uint8_t *)(m->i8 + 448) + b * 144 + (w / 1 * 6 + w % 1) * (1 * 4);
            for (size_t c = 0; c < 4; ++c) {
                int32_t sum = 0;
                for (size_t i = 0; i < 36; ++i)
                    sum += corner[(i / 6 * 6 + i % 6) * 4 + c];
                y[w * 4 + c] = (uint8_t)int_clamp(int_nearest(sum * 29127, 19), 0, 127);
            }
        }
        INT_COUNT(m, 5, y, 4, 0, 127);
    }
    INT_TRACE(m, 17);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * concat: y.flatten i8[24] >>4, y.avgpool i8[4] >>5
     *   -> y.concat i8[28] >>5
     * sum in i32 >>5: at most 254, 23 bits free; cast >>0, exact, saturates */
    for (size_t piece = 0; piece < rows * 1; ++piece) {
        const uint8_t *const a = (uint8_t *)(m->i8 + 1152) + piece * 24;
        const uint8_t *const b = (uint8_t *)(m->i8 + 128) + piece * 4;
        uint8_t *const y = (uint8_t *)(m->i8 + 1280) + piece * 28;
        for (size_t i = 0; i < 24; ++i)
            y[i] = (uint8_t)int_clamp((int32_t)a[i] * 2, 0, 127);
        for (size_t i = 0; i < 4; ++i)
            y[24 + i] = (uint8_t)int_clamp((int32_t)b[i], 0, 127);
        INT_COUNT(m, 6, y, 28, 0, 127);
    }
    INT_TRACE(m, 18);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * dense: y.concat i8[28] >>5, y.weights i8[3,28] >>5, y.bias i32[3] >>10
     *   -> y i16[3] >>8
     * sum in i32 >>10: at most 459803, 12 bits free; cast >>2, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)13)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_u8(sums, (uint8_t *)(m->i8 + 1280) + b * 28, m->y_weights, 28, samples, 3);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 4;
            int16_t *restrict const y = m->i16 + 0 + (b + i) * 3;
            for (size_t o = 0; o < 3; ++o)
                y[o] = (int16_t)int_clamp(int_nearest(sum[o] + m->y_bias[o], 2), -32767, 32767);
            INT_COUNT(m, 7, y, 3, -32767, 32767);
        }
    }
    INT_TRACE(m, 19);
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t images_losses(images *m, const uint8_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    /* line 10: loss cross_entropy(y, digit)
     * cross_entropy: y i16[3] >>8, digit u8
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
        const uint64_t site = int_site(m->seed, m->step, 7);
        uint16_t *const draws = (uint16_t *)(m->i16 + 32);
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const z = m->i16 + 0 + b * 3;
            int8_t *const e = m->i8 + 128 + b * 3;
            const size_t right = (size_t)target[b];
            size_t best = 0;
            for (size_t i = 1; i < 3; ++i)
                best = z[i] > z[best] ? i : best;
            *correct += best == right;
            /* 2^-t for t = (max - z) * log2(e): at most 2^15 each, and the sum fits 32 bits */
            const int32_t largest = z[best];
            uint32_t sum = 0x8000U;
            for (size_t i = 0; i < 3; ++i) {
                const uint32_t power = int_exp2(int_positive(largest - z[i]) * 5909, 20, exp2_table);
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
                (int_positive(largest - z[right]) * 5909 >> (20 - 15));
            total += (bits * 45426) >> 15;
            int_draw16(int_row(site, (uint32_t)b), draws, 3);
            for (size_t i = 0; i < 3; ++i)
                e[i] = (int8_t)int_clamp(int_stochastic(g[i], 8, draws[i]), -127, 127);
            INT_COUNT(m, 8, e, 3, -127, 127);
        }
    }
    INT_TRACE(m, 20);

    return total;
}

static void images_backward(images *m)
{
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * dense_error: y.error i8[3] >>7, y.weights i8[3,28] >>5
     *   -> y.concat.error i8[28] >>6
     * sum in i32 >>12: at most 48387, 15 bits free; cast >>6, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 8);
        INT_PARALLEL(4, 4 * (size_t)234)
        for (size_t b = 0; b < 4; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 128 + b * 3;
            int8_t *const y = m->i8 + 1152 + b * 28;
            int_error_s8(sum, e, m->y_weights, 3, 28);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 28;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(4 - b, 4), draws, 28);
            for (size_t k = 0; k < 28; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 6, draws[k]), -127, 127);
            INT_COUNT(m, 9, y, 28, -127, 127);
        }
    }
    INT_TRACE(m, 21);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * dense_weight_gradient: y.error i8[3] >>7, y.concat i8[28] >>5
     *   -> y.weights.gradient i32[3,28] >>12
     * sum in i32 >>12: at most 64516, 15 bits free */
    int_regroup_u8(INT_GROUPS(m), (uint8_t *)(m->i8 + 1280), m->i8 + 128, 4, 28, 3);
    INT_PARALLEL(4, 4 * (size_t)53)
    for (size_t row = 0; row < 3; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_u8(g, INT_GROUPS(m), (uint8_t *)(m->i8 + 1280), m->i8 + 128, row, 1, 4, 28, 3);
        INT_TRACE_GRADIENT(m, 22, row, 0, g, 28);
        /* sgd: y.weights.gradient i32[3,28] >>12, y.weights.master i32[3,28] >>27,
         *   y.weights.momentum i32[3,28] >>27
         *   -> y.weights.master i32[3,28] >>27, y.weights i8[3,28] >>5,
         *   y.weights.momentum i32[3,28] >>27 */
        const int32_t rate = 512 * m->rate_factor;
        int32_t *restrict const master = m->y_weights_master + row * 28;
        int8_t *restrict const storage = m->y_weights + row * 28;
        int32_t *restrict const momentum = m->y_weights_momentum + row * 28;
        for (size_t k = 0; k < 28; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 28; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 23);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * dense_bias_gradient: y.error i8[3] >>7
     *   -> y.bias.gradient i32[3] >>7
     * sum in i32 >>7: at most 508, 22 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 3 * sizeof *g);
        for (size_t b = 0; b < 4; ++b)
            for (size_t o = 0; o < 3; ++o)
                g[o] += (m->i8 + 128)[b * 3 + o];
        INT_TRACE_GRADIENT(m, 24, row, 0, g, 3);
        /* sgd: y.bias.gradient i32[3] >>7, y.bias.master i32[3] >>26,
         *   y.bias.momentum i32[3] >>26
         *   -> y.bias.master i32[3] >>26, y.bias i32[3] >>10, y.bias.momentum i32[3] >>26 */
        const int32_t rate = 8192 * m->rate_factor;
        int32_t *restrict const master = m->y_bias_master + row * 3;
        int32_t *restrict const storage = m->y_bias + row * 3;
        int32_t *restrict const momentum = m->y_bias_momentum + row * 3;
        for (size_t k = 0; k < 3; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536805376, 536805376);
        }
        for (size_t k = 0; k < 3; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 16);
    }
    INT_TRACE(m, 25);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * concat_error: y.concat.error i8[28] >>6
     *   -> y.flatten.error i8[24] >>6 */
    for (size_t piece = 0; piece < (size_t)4 * 1; ++piece)
        memcpy(m->i8 + 1280 + piece * 24, m->i8 + 1152 + piece * 28 + 0, 24 * sizeof *(m->i8 + 1280));
    INT_TRACE(m, 26);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * concat_error: y.concat.error i8[28] >>6
     *   -> y.avgpool.error i8[4] >>6 */
    for (size_t piece = 0; piece < (size_t)4 * 1; ++piece)
        memcpy(m->i8 + 128 + piece * 4, m->i8 + 1152 + piece * 28 + 24, 4 * sizeof *(m->i8 + 128));
    INT_TRACE(m, 27);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * avgpool_error: y.avgpool.error i8[4] >>6
     *   -> a.error i8[6,6,4] >>11
     * sum in i32 >>26: at most 3699129, 9 bits free; cast >>15, stochastic */
    {
        const uint64_t site = int_site(m->seed, m->step, 9);
        INT_PARALLEL(1, (size_t)4 * 144)
        for (size_t b = 0; b < 4; ++b) {
            int8_t *const e_x = m->i8 + 1408 + b * 144;
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0));
            int_draw16(int_row(site, (uint32_t)b), draws, 144);
            for (size_t w = 0; w < (1 * 1); ++w) {
                const int8_t *const e = m->i8 + 128 + b * 4 + w * 4;
                for (size_t i = 0; i < 36; ++i) {
                    const size_t at = (w / 1 * 6 + w % 1) * (1 * 4) + (i / 6 * 6 + i % 6) * 4;
                    for (size_t c = 0; c < 4; ++c)
                        e_x[at + c] = (int8_t)int_stochastic((int32_t)e[c] * 29127, 15, draws[at + c]);
                }
            }
        }
    }
    INT_TRACE(m, 28);
    /* line 9: y = dense(concat(flatten(c), global_avgpool(a)), 3)
     * flatten_error: y.flatten.error i8[24] >>6
     *   -> c.error i8[4,6] >>6: in place */
    INT_TRACE(m, 29);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * relu_error: c.error i8[4,6] >>6, c i8[4,6] >>4
     *   -> c.conv.error i8[4,6] >>6 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 1024);
        int8_t *const e = m->i8 + 1280;
        for (size_t i = 0; i < (size_t)4 * 24; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 30);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * conv_error: c.conv.error i8[4,6] >>6, c.weights i8[6,3,5] >>5
     *   -> c.flatten.error i8[4,5] >>6
     * sum in i32 >>11: at most 290322, 12 bits free; cast >>5, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 10);
        INT_PARALLEL(1, 4 * (size_t)(1 * 4) * 15 * 6)
        for (size_t b = 0; b < 4; ++b) {
            int32_t *const sums = INT_OWN(m, i32, 16, 16);
            memset(sums, 0, (size_t)(1 + 2 * 0) * (4 + 2 * 1) * 5 * sizeof *sums);
            for (size_t w = 0; w < (1 * 4); ++w) {
                const int8_t *const e = m->i8 + 1280 + b * 24 + w * 6;
                int32_t *const corner = sums + (w / 4 * (4 + 2 * 1) + w % 4) * (1 * 5);
                int32_t *const patch = INT_OWN(m, i32, 0, 0);
                if (!int_any(e, 6 * sizeof *e))
                    continue;
                int_error_s8(patch, e, m->c_weights, 6, 15);
                for (size_t i = 0; i < 1; ++i) {
                    INT_ROLLED
                    for (size_t k = 0; k < 15; ++k)
                        corner[i * ((4 + 2 * 1) * 5) + k] += patch[i * 15 + k];
                }
            }
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0));
            int_draw16(int_row(site, (uint32_t)b), draws, 20);
            for (size_t r = 0; r < 1; ++r) {
                const int32_t *restrict const sum = sums + ((r + 0) * (4 + 2 * 1) + 1) * 5;
                int8_t *restrict const y = m->i8 + 1024 + b * 20 + r * (4 * 5);
                for (size_t k = 0; k < 4 * 5; ++k)
                    y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 5, draws[r * (4 * 5) + k]), -127, 127);
                INT_COUNT(m, 10, y, 4 * 5, -127, 127);
            }
        }
    }
    INT_TRACE(m, 31);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * conv_weight_gradient: c.conv.error i8[4,6] >>6, c.flatten i8[4,5] >>5
     *   -> c.weights.gradient i32[6,3,5] >>11
     * sum in i32 >>11: at most 258064, 13 bits free */
    {
        static const IntWindow window = {1, 4, 5 * sizeof(uint8_t),
                                         1, 3, 1, 0, 1,
                                         1};
        int32_t *const gradient = m->i32 + 0;
        const size_t shares = INT_SHARES(4 * (size_t)(1 * 4) * 15 * 6);
        memset(gradient, 0, (size_t)6 * 15 * sizeof *gradient);
        INT_PARALLEL(1, 4 * (size_t)(1 * 4) * 15 * 6)
        for (size_t share = 0; share < shares; ++share) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 128, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0); /* without threads it is the gradient */
            memset(sums, 0, (size_t)6 * 15 * sizeof *sums);
            memset(patch, 0, (size_t)4 * 15 * sizeof *patch); /* windows without errors are not copied */
            for (size_t r = share * ((size_t)4 * 1) / shares; r < (share + 1) * ((size_t)4 * 1) / shares; ++r) {
                const int8_t *const errors = m->i8 + 1280 + (r * 4) * 6;
                if (!int_any(errors, 4 * 6 * sizeof *errors))
                    continue;
                for (size_t w = 0; w < 4; ++w) {
                    const int8_t *const e = errors + w * 6;
                    if (int_any(e, 6 * sizeof *e))
                        int_window_copy(patch + w * 15, (uint8_t *)(m->i8 + 0) + r / 1 * 20, &window, r % 1, w);
                }
                for (size_t o = 0; o < 6; ++o)
                    int_add_rows_s8(sums + o * 15, errors + o, 6, (const int8_t *)patch, 4, 15);
            }
            INT_CRITICAL
            for (size_t k = 0; sums != gradient && k < (size_t)6 * 15; ++k)
                gradient[k] += sums[k];
        }
    }
    INT_PARALLEL(4, (size_t)16 * 6 * 15)
    for (size_t row = 0; row < 6; ++row) {
        int32_t *restrict const g = m->i32 + 0 + row * 15;
        INT_TRACE_GRADIENT(m, 32, row, 0, g, 15);
        /* sgd: c.weights.gradient i32[6,3,5] >>11, c.weights.master i32[6,3,5] >>27,
         *   c.weights.momentum i32[6,3,5] >>27
         *   -> c.weights.master i32[6,3,5] >>27, c.weights i8[6,3,5] >>5,
         *   c.weights.momentum i32[6,3,5] >>27 */
        const int32_t rate = 1024 * m->rate_factor;
        int32_t *restrict const master = m->c_weights_master + row * 15;
        int8_t *restrict const storage = m->c_weights + row * 15;
        int32_t *restrict const momentum = m->c_weights_momentum + row * 15;
        for (size_t k = 0; k < 15; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 15; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 33);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * conv_bias_gradient: c.conv.error i8[4,6] >>6
     *   -> c.bias.gradient i32[6] >>6
     * sum in i32 >>6: at most 2032, 20 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 6 * sizeof *g);
        for (size_t w = 0; w < (size_t)4 * (1 * 4); ++w) {
            const int8_t *const e = m->i8 + 1280 + w * 6;
            if (!int_any(e, 6 * sizeof *e))
                continue;
            INT_ROLLED
            for (size_t o = 0; o < 6; ++o)
                g[o] += e[o];
        }
        INT_TRACE_GRADIENT(m, 34, row, 0, g, 6);
        /* sgd: c.bias.gradient i32[6] >>6, c.bias.master i32[6] >>26,
         *   c.bias.momentum i32[6] >>26
         *   -> c.bias.master i32[6] >>26, c.bias i32[6] >>10, c.bias.momentum i32[6] >>26 */
        const int32_t rate = 16384 * m->rate_factor;
        int32_t *restrict const master = m->c_bias_master + row * 6;
        int32_t *restrict const storage = m->c_bias + row * 6;
        int32_t *restrict const momentum = m->c_bias_momentum + row * 6;
        for (size_t k = 0; k < 6; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536805376, 536805376);
        }
        for (size_t k = 0; k < 6; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 16);
    }
    INT_TRACE(m, 35);
    /* line 8: c = relu(conv1d(reshape(b, 4, 5), 6, kernel = 3, pad = 1))
     * flatten_error: c.flatten.error i8[4,5] >>6
     *   -> b.error i8[2,2,5] >>6: in place */
    INT_TRACE(m, 36);
    /* line 7: b = avgpool(concat(a, image), 3)
     * avgpool_error: b.error i8[2,2,5] >>6
     *   -> b.concat.error i8[6,6,5] >>9
     * sum in i32 >>24: at most 3699129, 9 bits free; cast >>15, stochastic */
    {
        const uint64_t site = int_site(m->seed, m->step, 11);
        INT_PARALLEL(1, (size_t)4 * 180)
        for (size_t b = 0; b < 4; ++b) {
            int8_t *const e_x = m->i8 + 1984 + b * 180;
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0));
            int_draw16(int_row(site, (uint32_t)b), draws, 180);
            for (size_t w = 0; w < (2 * 2); ++w) {
                const int8_t *const e = m->i8 + 1024 + b * 20 + w * 5;
                for (size_t i = 0; i < 9; ++i) {
                    const size_t at = (w / 2 * 6 + w % 2) * (3 * 5) + (i / 3 * 6 + i % 3) * 5;
                    for (size_t c = 0; c < 5; ++c)
                        e_x[at + c] = (int8_t)int_stochastic((int32_t)e[c] * 29127, 15, draws[at + c]);
                }
            }
        }
    }
    INT_TRACE(m, 37);
    /* line 7: b = avgpool(concat(a, image), 3)
     * concat_error: b.concat.error i8[6,6,5] >>9
     *   -> a.error2 i8[6,6,4] >>9 */
    for (size_t piece = 0; piece < (size_t)4 * 36; ++piece)
        memcpy(m->i8 + 2752 + piece * 4, m->i8 + 1984 + piece * 5 + 0, 4 * sizeof *(m->i8 + 2752));
    INT_TRACE(m, 38);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * add: a.error2 i8[6,6,4] >>9, a.error i8[6,6,4] >>11
     *   -> a.error3 i8[6,6,4] >>9
     * sum in i32 >>11: at most 635, 21 bits free; cast >>2, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 12);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t row = 0; row < 4; ++row) {
            const int8_t *const a = m->i8 + 2752 + row * 144;
            const int8_t *const b = m->i8 + 1408 + row * 144;
            int8_t *const y = m->i8 + 1984 + row * 144;
            int_draw16(int_row(site, (uint32_t)row), draws, 144);
            for (size_t i = 0; i < 144; ++i)
                y[i] = (int8_t)int_clamp(int_stochastic((int32_t)a[i] * 4 + (int32_t)b[i], 2, draws[i]), -127, 127);
            INT_COUNT(m, 11, y, 144, -127, 127);
        }
    }
    INT_TRACE(m, 39);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * relu_error: a.error3 i8[6,6,4] >>9, a i8[6,6,4] >>4
     *   -> a.conv.error i8[6,6,4] >>9 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 448);
        int8_t *const e = m->i8 + 1984;
        for (size_t i = 0; i < (size_t)4 * 144; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 40);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * conv_weight_gradient: a.conv.error i8[6,6,4] >>9, a.pad i8[8,8,1] >>7
     *   -> a.weights.gradient i32[4,3,3,1] >>16
     * sum in i32 >>16: at most 2322576, 9 bits free */
    {
        static const IntWindow window = {8, 8, 1 * sizeof(uint8_t),
                                         3, 3, 1, 0, 0,
                                         1};
        int32_t *const gradient = m->i32 + 0;
        const size_t shares = INT_SHARES(4 * (size_t)(6 * 6) * 9 * 4);
        memset(gradient, 0, (size_t)4 * 9 * sizeof *gradient);
        INT_PARALLEL(1, 4 * (size_t)(6 * 6) * 9 * 4)
        for (size_t share = 0; share < shares; ++share) {
            uint8_t *const patch = (uint8_t *)(INT_OWN(m, i8, 0, 0));
            int32_t *const sums = INT_OWN(m, i32, 0, 0); /* without threads it is the gradient */
            memset(sums, 0, (size_t)4 * 9 * sizeof *sums);
            memset(patch, 0, (size_t)6 * 9 * sizeof *patch); /* windows without errors are not copied */
            for (size_t r = share * ((size_t)4 * 6) / shares; r < (share + 1) * ((size_t)4 * 6) / shares; ++r) {
                const int8_t *const errors = m->i8 + 1984 + (r * 6) * 4;
                if (!int_any(errors, 6 * 4 * sizeof *errors))
                    continue;
                for (size_t w = 0; w < 6; ++w) {
                    const int8_t *const e = errors + w * 4;
                    if (int_any(e, 4 * sizeof *e))
                        int_window_copy(patch + w * 9, (uint8_t *)(m->i8 + 192) + r / 6 * 64, &window, r % 6, w);
                }
                for (size_t o = 0; o < 4; ++o)
                    int_add_rows_s8(sums + o * 9, errors + o, 4, (const int8_t *)patch, 6, 9);
            }
            INT_CRITICAL
            for (size_t k = 0; sums != gradient && k < (size_t)4 * 9; ++k)
                gradient[k] += sums[k];
        }
    }
    INT_PARALLEL(4, (size_t)16 * 4 * 9)
    for (size_t row = 0; row < 4; ++row) {
        int32_t *restrict const g = m->i32 + 0 + row * 9;
        INT_TRACE_GRADIENT(m, 41, row, 0, g, 9);
        /* sgd: a.weights.gradient i32[4,3,3,1] >>16, a.weights.master i32[4,3,3,1] >>27,
         *   a.weights.momentum i32[4,3,3,1] >>27
         *   -> a.weights.master i32[4,3,3,1] >>27, a.weights i8[4,3,3,1] >>5,
         *   a.weights.momentum i32[4,3,3,1] >>27 */
        const int32_t rate = 32 * m->rate_factor;
        int32_t *restrict const master = m->a_weights_master + row * 9;
        int8_t *restrict const storage = m->a_weights + row * 9;
        int32_t *restrict const momentum = m->a_weights_momentum + row * 9;
        for (size_t k = 0; k < 9; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = momentum[k] - int_nearest(momentum[k], 1) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 9; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 42);
    /* line 6: a = relu(conv(pad(image, 1), 4, kernel = 3))
     * conv_bias_gradient: a.conv.error i8[6,6,4] >>9
     *   -> a.bias.gradient i32[4] >>9
     * sum in i32 >>9: at most 18288, 16 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 4 * sizeof *g);
        for (size_t w = 0; w < (size_t)4 * (6 * 6); ++w) {
            const int8_t *const e = m->i8 + 1984 + w * 4;
            if (!int_any(e, 4 * sizeof *e))
                continue;
            INT_ROLLED
            for (size_t o = 0; o < 4; ++o)
                g[o] += e[o];
        }
        INT_TRACE_GRADIENT(m, 43, row, 0, g, 4);
        /* sgd: a.bias.gradient i32[4] >>9, a.bias.master i32[4] >>26,
         *   a.bias.momentum i32[4] >>26
         *   -> a.bias.master i32[4] >>26, a.bias i32[4] >>12, a.bias.momentum i32[4] >>26 */
        const int32_t rate = 2048 * m->rate_factor;
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
    INT_TRACE(m, 44);
}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t images_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void images_infer(images *m, const uint8_t image[36], int16_t logits[3])
{
    images_forward(m, image, 1);
    const int16_t *const values = m->i16 + 0;
    for (size_t i = 0; i < 3; ++i)
        logits[i] = (int16_t)values[i];
}

int images_classify(images *m, const uint8_t image[36])
{
    images_forward(m, image, 1);
    const int16_t *const values = m->i16 + 0;
    int best = 0;
    for (int i = 1; i < 3; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}

uint32_t images_train(images *m, const uint8_t image[][36],
                    const uint8_t digit[])
{
    m->training = 1;
    images_forward(m, image[0], 4);
    m->training = 0;
    m->correct = 0;
    const uint64_t loss = images_losses(m, digit, 4, &m->correct);
    images_backward(m);
    ++m->step;
    return images_bounded(loss / 4);
}

uint32_t images_loss(images *m, const uint8_t image[36],
                   const uint8_t *digit)
{
    uint32_t correct = 0; /* not counted here */
    images_forward(m, image, 1);
    return images_bounded(images_losses(m, digit, 1, &correct));
}

uint32_t images_correct(const images *m)
{
    return m->correct;
}

uint64_t images_hash(const images *m)
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
    for (size_t i = 0; i < 90; ++i)
        hash = int_hash(hash, m->c_weights_master[i]);
    for (size_t i = 0; i < 90; ++i)
        hash = int_hash(hash, m->c_weights_momentum[i]);
    for (size_t i = 0; i < 6; ++i)
        hash = int_hash(hash, m->c_bias_master[i]);
    for (size_t i = 0; i < 6; ++i)
        hash = int_hash(hash, m->c_bias_momentum[i]);
    for (size_t i = 0; i < 84; ++i)
        hash = int_hash(hash, m->y_weights_master[i]);
    for (size_t i = 0; i < 84; ++i)
        hash = int_hash(hash, m->y_weights_momentum[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->y_bias_master[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->y_bias_momentum[i]);

    return hash;
}

void images_set_epoch(images *m, uint32_t epoch)
{
    (void)epoch;
    m->rate_factor = 1;
}

#ifdef INT_STATISTICS
void images_statistics(const images *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 12 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 12 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 12 * sizeof m->seen[0]);
}
#endif
