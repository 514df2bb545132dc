/* small.c - trains the network `small` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */

#include "int_runtime.h"

#include "int_kernels.h"

#include "int_kernels_8.h"

#include "int_roots.h"

#include "int_adam.h"

#include "small.h"

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
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % SMALL_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < SMALL_THREADS ? wanted : SMALL_THREADS;
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

void small_init(small *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 2731;
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * init: logits.weights2 i8[3,4] >>4
     *   -> logits.weights2.master i32[3,4] >>26, logits.weights2 i8[3,4] >>4 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 3; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 4; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(164382475)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 82191237);
                m->logits_weights2_master[row * 4 + k] = (int32_t)w;
                m->logits_weights2[row * 4 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * init: logits.weights i8[4,3] >>4
     *   -> logits.weights.master i32[4,3] >>26, logits.weights i8[4,3] >>4 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 4; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 3; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(189812533)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 94906266);
                m->logits_weights_master[row * 3 + k] = (int32_t)w;
                m->logits_weights[row * 3 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2);
    INT_TRACE(m, 3);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void small_forward(small *m, const int16_t *input, size_t rows)
{
    /* line 3: input x: i16[3] unit 0.1 zscore([5.8, 3.1, -1.5], [0.8, 0.4, 2.0])
     * encode: x.raw i16[3]
     *   -> x i8[3] >>5
     * sum in i32 >>16: at most 537378816, 1 bits free; cast >>11, nearest, saturates */
    {
        static const int32_t multiplier[] = {8192, 16384, 3277};
        static const int32_t offset[] = {475136, 507904, -49152};
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const x = input + b * 3;
            int8_t *const y = m->i8 + 0 + b * 3;
            for (size_t i = 0; i < 3; ++i)
                y[i] = (int8_t)int_clamp(int_nearest((int32_t)x[i] * multiplier[i] - offset[i], 11), -127, 127);
            INT_COUNT(m, 0, y, 3, -127, 127);
        }
    }
    INT_TRACE(m, 4);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * dense: x i8[3] >>5, logits.weights i8[4,3] >>4, logits.bias i32[4] >>9
     *   -> logits.dense i8[4] >>2
     * sum in i32 >>9: at most 64770, 15 bits free; cast >>7, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)5)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_s8(sums, m->i8 + 0 + b * 3, m->logits_weights, 3, samples, 4);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 4;
            int8_t *restrict const y = m->i8 + 64 + (b + i) * 4;
            for (size_t o = 0; o < 4; ++o)
                y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->logits_bias[o], 7), -127, 127);
            INT_COUNT(m, 1, y, 4, -127, 127);
        }
    }
    INT_TRACE(m, 5);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * relu: logits.dense i8[4] >>2
     *   -> logits.relu i8[4] >>2 */
    {
        int8_t *const x = m->i8 + 64;
        for (size_t i = 0; i < rows * 4; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 6);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * dense: logits.relu i8[4] >>2, logits.weights2 i8[3,4] >>4, logits.bias2 i32[3] >>6
     *   -> logits i16[3] >>6
     * sum in i32 >>6: at most 66563, 14 bits free; cast >>0, exact, saturates */
    INT_PARALLEL(1, rows * (size_t)4)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_u8(sums, (uint8_t *)(m->i8 + 64) + b * 4, m->logits_weights2, 4, samples, 3);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 4;
            int16_t *restrict const y = m->i16 + 0 + (b + i) * 3;
            for (size_t o = 0; o < 3; ++o)
                y[o] = (int16_t)int_clamp(sum[o] + m->logits_bias2[o], -32767, 32767);
            INT_COUNT(m, 2, y, 3, -32767, 32767);
        }
    }
    INT_TRACE(m, 7);
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t small_losses(small *m, const uint8_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    /* line 6: loss cross_entropy(logits, c)
     * cross_entropy: logits i16[3] >>6, c u8
     *   -> logits.error i8[3] >>7
     * sum in i32 >>15: at most 32774, 15 bits free; cast >>8, stochastic, saturates */
    {
        static const uint16_t exp2_table[] = { /* 2^-(i/32), 15 bits */
        32768, 32066, 31379, 30706, 30048, 29405, 28774, 28158,
        27554, 26964, 26386, 25821, 25268, 24726, 24196, 23678,
        23170, 22674, 22188, 21713, 21247, 20792, 20347, 19911,
        19484, 19066, 18658, 18258, 17867, 17484, 17109, 16743,
        16384};
        int32_t *const g = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 4);
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
            INT_COUNT(m, 3, e, 3, -127, 127);
        }
    }
    INT_TRACE(m, 8);

    return total;
}

static void small_backward(small *m)
{
    /* adam_correction:
     *   -> optimizer.correction i32[1] >>15 */
    {
        static const int32_t correction_table[] = {10230, 10230, 7613, 6536, 5946, 5582, 5343, 5182,
        5073, 5002, 4958, 4935, 4928, 4934, 4950, 4975,
        5007, 5089, 5188, 5299, 5420, 5547, 5679, 5815,
        5953, 6232, 6511, 6787, 7058, 7324, 7582, 7833,
        8077, 8545, 8987, 9406, 9805, 10186, 10550, 10899,
        11235, 11871, 12466, 13024, 13552, 14052, 14528, 14981,
        15415, 16228, 16979, 17677, 18328, 18937, 19510, 20049,
        20558, 21497, 22342, 23109, 23806, 24443, 25027, 25563,
        26056, 26932, 27682, 28327, 28885, 29368, 29788, 30153,
        30472, 30995, 31396, 31705, 31943, 32127, 32270, 32381,
        32467, 32586, 32658, 32701, 32727, 32743, 32753, 32759,
        32763, 32766, 32767, 32768, 32768, 32768, 32768, 32768,
        32768, 32768, 32768, 32768};
        /* entries are 1 apart to t = 16, 2 to t = 32, 4 to t = 64 ... */
        const uint32_t t = m->step + 1;
        uint32_t doublings = 0;
        while (t >> doublings >= 16)
            ++doublings;
        const uint32_t at = 8 * doublings + (t >> doublings);
        m->optimizer_correction[0] = correction_table[100 - 1];
        if (at < 100 - 1) {
            const int64_t rise = correction_table[at + 1] - correction_table[at];
            const uint32_t rest = t & (((uint32_t)1 << doublings) - 1);
            m->optimizer_correction[0] = correction_table[at] + (int32_t)int_shift64(rise * rest, (int)doublings);
        }
    }
    INT_TRACE(m, 9);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * dense_error: logits.error i8[3] >>7, logits.weights2 i8[3,4] >>4
     *   -> logits.relu.error i8[4] >>4
     * sum in i32 >>11: at most 48387, 15 bits free; cast >>7, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 5);
        INT_PARALLEL(4, 4 * (size_t)33)
        for (size_t b = 0; b < 4; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 128 + b * 3;
            int8_t *const y = m->i8 + 192 + b * 4;
            int_error_s8(sum, e, m->logits_weights2, 3, 4);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 4;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(4 - b, 4), draws, 4);
            for (size_t k = 0; k < 4; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 7, draws[k]), -127, 127);
            INT_COUNT(m, 4, y, 4, -127, 127);
        }
    }
    INT_TRACE(m, 10);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * dense_weight_gradient: logits.error i8[3] >>7, logits.relu i8[4] >>2
     *   -> logits.weights2.gradient i32[3,4] >>9
     * sum in i32 >>9: at most 64516, 15 bits free */
    int_regroup_u8(INT_GROUPS(m), (uint8_t *)(m->i8 + 64), m->i8 + 128, 4, 4, 3);
    INT_PARALLEL(4, 4 * (size_t)8)
    for (size_t row = 0; row < 3; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_u8(g, INT_GROUPS(m), (uint8_t *)(m->i8 + 64), m->i8 + 128, row, 1, 4, 4, 3);
        INT_TRACE_GRADIENT(m, 11, row, 0, g, 4);
        /* adam: logits.weights2.gradient i32[3,4] >>9, logits.weights2.master i32[3,4] >>26,
         *   logits.weights2.momentum i32[3,4] >>24, logits.weights2.square i32[3,4] >>20,
         *   optimizer.correction i32[1] >>15
         *   -> logits.weights2.master i32[3,4] >>26, logits.weights2 i8[3,4] >>4,
         *   logits.weights2.momentum i32[3,4] >>24, logits.weights2.square i32[3,4] >>20
         * sum in i32 >>9: at most 64516, 15 bits free; cast <<15, scale, saturates */
        int32_t *restrict const master = m->logits_weights2_master + row * 4;
        int8_t *restrict const storage = m->logits_weights2 + row * 4;
        int32_t *restrict const momentum = m->logits_weights2_momentum + row * 4;
        int32_t *restrict const square = m->logits_weights2_square + row * 4;
        const int32_t rate = (int32_t)(((int64_t)1343488 * m->rate_factor >> 13) * m->optimizer_correction[0] >> 15);
        const int32_t decay = (int32_t)((int64_t)1719665 * m->rate_factor >> 13);
        uint16_t *const square_draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + row % 4 * 4;
        if (row % 4 == 0)
            int_draw16_rows(int_site(m->seed, m->step, 6), (uint32_t)row, int_least(3 - row, 4), square_draws, 4);
        for (size_t k = 0; k < 4; ++k) {
            const int32_t gradient = (int_clamp(g[k], -(536854528 >> 15), 536854528 >> 15) *
            ((int32_t)1 << 15));
            const int32_t mean = momentum[k] + (int32_t)int_nearest64((int64_t)(gradient - momentum[k]) * 205, 11);
            const int32_t root = int_nearest(gradient, 14);
            const int32_t v = square[k] + int_stochastic(root * root - square[k], 10, square_draws[k]);
            momentum[k] = mean;
            square[k] = v;
            const int32_t ratio = int_nearest(int_over_root(mean, v + 1, 18), 12);
            int32_t w = master[k];
            const int32_t change = (int32_t)(int_nearest64(((int64_t)ratio * rate + int_nearest64((int64_t)w * decay, 18)), 16));
            master[k] = (int32_t)int_clamp(w - change, -532676608, 532676608);
        }
        for (size_t k = 0; k < 4; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 12);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * dense_bias_gradient: logits.error i8[3] >>7
     *   -> logits.bias2.gradient i32[3] >>7
     * sum in i32 >>7: at most 508, 22 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 3 * sizeof *g);
        for (size_t b = 0; b < 4; ++b)
            for (size_t o = 0; o < 3; ++o)
                g[o] += (m->i8 + 128)[b * 3 + o];
        INT_TRACE_GRADIENT(m, 13, row, 0, g, 3);
        /* adam: logits.bias2.gradient i32[3] >>7, logits.bias2.master i32[3] >>24,
         *   logits.bias2.momentum i32[3] >>24, logits.bias2.square i32[3] >>20,
         *   optimizer.correction i32[1] >>15
         *   -> logits.bias2.master i32[3] >>24, logits.bias2 i32[3] >>6,
         *   logits.bias2.momentum i32[3] >>24, logits.bias2.square i32[3] >>20
         * sum in i32 >>7: at most 508, 22 bits free; cast <<17, scale */
        int32_t *restrict const master = m->logits_bias2_master + row * 3;
        int32_t *restrict const storage = m->logits_bias2 + row * 3;
        int32_t *restrict const momentum = m->logits_bias2_momentum + row * 3;
        int32_t *restrict const square = m->logits_bias2_square + row * 3;
        const int32_t rate = (int32_t)(((int64_t)1343488 * m->rate_factor >> 13) * m->optimizer_correction[0] >> 15);
        uint16_t *const square_draws = (uint16_t *)(m->i16 + 0) + row % 4 * 3;
        if (row % 4 == 0)
            int_draw16_rows(int_site(m->seed, m->step, 7), (uint32_t)row, int_least(1 - row, 4), square_draws, 3);
        for (size_t k = 0; k < 3; ++k) {
            const int32_t gradient = (int_clamp(g[k], -(536854528 >> 17), 536854528 >> 17) *
            ((int32_t)1 << 17));
            const int32_t mean = momentum[k] + (int32_t)int_nearest64((int64_t)(gradient - momentum[k]) * 205, 11);
            const int32_t root = int_nearest(gradient, 14);
            const int32_t v = square[k] + int_stochastic(root * root - square[k], 10, square_draws[k]);
            momentum[k] = mean;
            square[k] = v;
            const int32_t ratio = int_nearest(int_over_root(mean, v + 1, 18), 12);
            int32_t w = master[k];
            const int32_t change = (int32_t)(int_nearest64((int64_t)ratio * rate, 18));
            master[k] = (int32_t)int_clamp(w - change, -536608768, 536608768);
        }
        for (size_t k = 0; k < 3; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 18);
    }
    INT_TRACE(m, 14);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * relu_error: logits.relu.error i8[4] >>4, logits.relu i8[4] >>2
     *   -> logits.dense.error i8[4] >>4 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 64);
        int8_t *const e = m->i8 + 192;
        for (size_t i = 0; i < (size_t)4 * 4; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 15);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * dense_weight_gradient: logits.dense.error i8[4] >>4, x i8[3] >>5
     *   -> logits.weights.gradient i32[4,3] >>9
     * sum in i32 >>9: at most 64516, 15 bits free */
    int_regroup_s8(INT_GROUPS(m), m->i8 + 0, m->i8 + 192, 4, 3, 4);
    INT_PARALLEL(4, 4 * (size_t)8)
    for (size_t row = 0; row < 4; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_s8(g, INT_GROUPS(m), m->i8 + 0, m->i8 + 192, row, 1, 4, 3, 4);
        INT_TRACE_GRADIENT(m, 16, row, 0, g, 3);
        /* adam: logits.weights.gradient i32[4,3] >>9, logits.weights.master i32[4,3] >>26,
         *   logits.weights.momentum i32[4,3] >>24, logits.weights.square i32[4,3] >>20,
         *   optimizer.correction i32[1] >>15
         *   -> logits.weights.master i32[4,3] >>26, logits.weights i8[4,3] >>4,
         *   logits.weights.momentum i32[4,3] >>24, logits.weights.square i32[4,3] >>20
         * sum in i32 >>9: at most 64516, 15 bits free; cast <<15, scale, saturates */
        int32_t *restrict const master = m->logits_weights_master + row * 3;
        int8_t *restrict const storage = m->logits_weights + row * 3;
        int32_t *restrict const momentum = m->logits_weights_momentum + row * 3;
        int32_t *restrict const square = m->logits_weights_square + row * 3;
        const int32_t rate = (int32_t)(((int64_t)1343488 * m->rate_factor >> 13) * m->optimizer_correction[0] >> 15);
        const int32_t decay = (int32_t)((int64_t)1719665 * m->rate_factor >> 13);
        uint16_t *const square_draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + row % 4 * 3;
        if (row % 4 == 0)
            int_draw16_rows(int_site(m->seed, m->step, 8), (uint32_t)row, int_least(4 - row, 4), square_draws, 3);
        for (size_t k = 0; k < 3; ++k) {
            const int32_t gradient = (int_clamp(g[k], -(536854528 >> 15), 536854528 >> 15) *
            ((int32_t)1 << 15));
            const int32_t mean = momentum[k] + (int32_t)int_nearest64((int64_t)(gradient - momentum[k]) * 205, 11);
            const int32_t root = int_nearest(gradient, 14);
            const int32_t v = square[k] + int_stochastic(root * root - square[k], 10, square_draws[k]);
            momentum[k] = mean;
            square[k] = v;
            const int32_t ratio = int_nearest(int_over_root(mean, v + 1, 18), 12);
            int32_t w = master[k];
            const int32_t change = (int32_t)(int_nearest64(((int64_t)ratio * rate + int_nearest64((int64_t)w * decay, 18)), 16));
            master[k] = (int32_t)int_clamp(w - change, -532676608, 532676608);
        }
        for (size_t k = 0; k < 3; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 17);
    /* line 5: logits = dense(relu(dense(x, 4)), 3)
     * dense_bias_gradient: logits.dense.error i8[4] >>4
     *   -> logits.bias.gradient i32[4] >>4
     * sum in i32 >>4: at most 508, 22 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 4 * sizeof *g);
        for (size_t b = 0; b < 4; ++b)
            for (size_t o = 0; o < 4; ++o)
                g[o] += (m->i8 + 192)[b * 4 + o];
        INT_TRACE_GRADIENT(m, 18, row, 0, g, 4);
        /* adam: logits.bias.gradient i32[4] >>4, logits.bias.master i32[4] >>24,
         *   logits.bias.momentum i32[4] >>24, logits.bias.square i32[4] >>20,
         *   optimizer.correction i32[1] >>15
         *   -> logits.bias.master i32[4] >>24, logits.bias i32[4] >>9,
         *   logits.bias.momentum i32[4] >>24, logits.bias.square i32[4] >>20
         * sum in i32 >>4: at most 508, 22 bits free; cast <<20, scale */
        int32_t *restrict const master = m->logits_bias_master + row * 4;
        int32_t *restrict const storage = m->logits_bias + row * 4;
        int32_t *restrict const momentum = m->logits_bias_momentum + row * 4;
        int32_t *restrict const square = m->logits_bias_square + row * 4;
        const int32_t rate = (int32_t)(((int64_t)1343488 * m->rate_factor >> 13) * m->optimizer_correction[0] >> 15);
        uint16_t *const square_draws = (uint16_t *)(m->i16 + 0) + row % 4 * 4;
        if (row % 4 == 0)
            int_draw16_rows(int_site(m->seed, m->step, 9), (uint32_t)row, int_least(1 - row, 4), square_draws, 4);
        for (size_t k = 0; k < 4; ++k) {
            const int32_t gradient = (int_clamp(g[k], -(536854528 >> 20), 536854528 >> 20) *
            ((int32_t)1 << 20));
            const int32_t mean = momentum[k] + (int32_t)int_nearest64((int64_t)(gradient - momentum[k]) * 205, 11);
            const int32_t root = int_nearest(gradient, 14);
            const int32_t v = square[k] + int_stochastic(root * root - square[k], 10, square_draws[k]);
            momentum[k] = mean;
            square[k] = v;
            const int32_t ratio = int_nearest(int_over_root(mean, v + 1, 18), 12);
            int32_t w = master[k];
            const int32_t change = (int32_t)(int_nearest64((int64_t)ratio * rate, 18));
            master[k] = (int32_t)int_clamp(w - change, -536838144, 536838144);
        }
        for (size_t k = 0; k < 4; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 15);
    }
    INT_TRACE(m, 19);
}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t small_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void small_infer(small *m, const int16_t x[3], int16_t logits[3])
{
    small_forward(m, x, 1);
    const int16_t *const values = m->i16 + 0;
    for (size_t i = 0; i < 3; ++i)
        logits[i] = (int16_t)values[i];
}

int small_classify(small *m, const int16_t x[3])
{
    small_forward(m, x, 1);
    const int16_t *const values = m->i16 + 0;
    int best = 0;
    for (int i = 1; i < 3; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}

uint32_t small_train(small *m, const int16_t x[][3],
                    const uint8_t c[])
{
    small_forward(m, x[0], 4);
    m->correct = 0;
    const uint64_t loss = small_losses(m, c, 4, &m->correct);
    small_backward(m);
    ++m->step;
    return small_bounded(loss / 4);
}

uint32_t small_loss(small *m, const int16_t x[3],
                   const uint8_t *c)
{
    uint32_t correct = 0; /* not counted here */
    small_forward(m, x, 1);
    return small_bounded(small_losses(m, c, 1, &correct));
}

uint32_t small_correct(const small *m)
{
    return m->correct;
}

uint64_t small_hash(const small *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->logits_weights_master[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->logits_weights_momentum[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->logits_weights_square[i]);
    for (size_t i = 0; i < 4; ++i)
        hash = int_hash(hash, m->logits_bias_master[i]);
    for (size_t i = 0; i < 4; ++i)
        hash = int_hash(hash, m->logits_bias_momentum[i]);
    for (size_t i = 0; i < 4; ++i)
        hash = int_hash(hash, m->logits_bias_square[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->logits_weights2_master[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->logits_weights2_momentum[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->logits_weights2_square[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->logits_bias2_master[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->logits_bias2_momentum[i]);
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, m->logits_bias2_square[i]);

    return hash;
}

void small_set_epoch(small *m, uint32_t epoch)
{
    static const uint32_t from[] = {1, 2, 3, 4, 5, 6, 7};
    static const int32_t factors[] = {2731, 5253, 6992, 5663, 4096, 2529, 1200, 312};
    size_t rate = 0;
    while (rate < 7 && epoch >= from[rate])
        ++rate;
    m->rate_factor = factors[rate];
}

#ifdef INT_STATISTICS
void small_statistics(const small *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 5 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 5 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 5 * sizeof m->seen[0]);
}
#endif
