/* slices.c - trains the network `slices` in i32. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */

#include "int_runtime.h"

#include "int_draws.h"

#include "slices.h"

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
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % SLICES_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < SLICES_THREADS ? wanted : SLICES_THREADS;
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

void slices_init(slices *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 1;
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * init: out.weights2 i32[2,6] >>26
     *   -> out.weights2.master i32[2,6] >>26, out.weights2 i32[2,6] >>26 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 2; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 6; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(134217729)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 67108864);
                m->out_weights2_master[row * 6 + k] = (int32_t)w;
                m->out_weights2[row * 6 + k] = (int32_t)w;
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * init: out.weights i32[2,5] >>26
     *   -> out.weights.master i32[2,5] >>26, out.weights i32[2,5] >>26 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 2; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 5; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(147028155)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 73514077);
                m->out_weights_master[row * 5 + k] = (int32_t)w;
                m->out_weights[row * 5 + k] = (int32_t)w;
            }
        }
    }
    INT_TRACE(m, 2);
    INT_TRACE(m, 3);
    /* line 6: h = leaky_relu(dense(x, 5))
     * init: h.weights i32[5,6] >>26
     *   -> h.weights.master i32[5,6] >>26, h.weights i32[5,6] >>26 */
    {
        const uint64_t site = int_site(seed, 0, 4);
        for (size_t row = 0; row < 5; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 6; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(134217729)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 67108864);
                m->h_weights_master[row * 6 + k] = (int32_t)w;
                m->h_weights[row * 6 + k] = (int32_t)w;
            }
        }
    }
    INT_TRACE(m, 4);
    INT_TRACE(m, 5);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void slices_forward(slices *m, const int16_t *input, size_t rows)
{
    /* line 4: input x: i16[6] unit 0.01 fixed(6)
     * encode: x.raw i16[6]
     *   -> x i32[6] >>23
     * sum in i64 >>25: at most 171802624, 35 bits free; cast >>2, nearest, saturates */
    {
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const x = input + b * 6;
            int32_t *const y = m->i32 + 0 + b * 6;
            for (size_t i = 0; i < 6; ++i)
                y[i] = (int32_t)int_clamp64(int_nearest64((int64_t)x[i] * 5243, 2), -42949673, 42949673);
            INT_COUNT(m, 0, y, 6, -42949673, 42949673);
        }
    }
    INT_TRACE(m, 6);
    /* line 6: h = leaky_relu(dense(x, 5))
     * dense: x i32[6] >>23, h.weights i32[5,6] >>26, h.bias i32[5] >>22
     *   -> h.dense i32[5] >>19
     * sum in i64 >>49: at most 210408174327682826, 5 bits free; cast >>30, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)35)
    for (size_t b = 0; b < rows; ++b) {
        const int32_t *const x = m->i32 + 0 + b * 6;
        int32_t *const y = m->i32 + 48 + b * 5;
        for (size_t o = 0; o < 5; ++o) {
            const int32_t *const w = m->h_weights + o * 6;
            int64_t sum = m->h_bias[o] * ((int64_t)1 << 27);
            for (size_t k = 0; k < 6; ++k)
                sum += (int64_t)x[k] * w[k];
            y[o] = (int32_t)int_clamp64(int_nearest64(sum, 30), -67108863, 67108863);
        }
        INT_COUNT(m, 1, y, 5, -67108863, 67108863);
    }
    INT_TRACE(m, 7);
    /* line 6: h = leaky_relu(dense(x, 5))
     * leaky_relu: h.dense i32[5] >>19
     *   -> h i32[5] >>19
     * sum in i64 >>22: at most 67108863, 37 bits free; cast >>3, nearest */
    {
        const int32_t *const x = m->i32 + 48;
        int32_t *const y = m->i32 + 48;
        for (size_t i = 0; i < rows * 5; ++i)
            y[i] = (int32_t)(x[i] > 0 ? x[i] : (int32_t)int_nearest64(x[i], 3));
    }
    INT_TRACE(m, 8);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * dense: h i32[5] >>19, out.weights i32[2,5] >>26, out.bias i32[2] >>22
     *   -> out.dense i32[2] >>22
     * sum in i64 >>45: at most 184647581693902853, 5 bits free; cast >>23, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)12)
    for (size_t b = 0; b < rows; ++b) {
        const int32_t *const x = m->i32 + 48 + b * 5;
        int32_t *const y = m->i32 + 80 + b * 2;
        for (size_t o = 0; o < 2; ++o) {
            const int32_t *const w = m->out_weights + o * 5;
            int64_t sum = m->out_bias[o] * ((int64_t)1 << 23);
            for (size_t k = 0; k < 5; ++k)
                sum += (int64_t)x[k] * w[k];
            y[o] = (int32_t)int_clamp64(int_nearest64(sum, 23), -536870911, 536870911);
        }
        INT_COUNT(m, 2, y, 2, -536870911, 536870911);
    }
    INT_TRACE(m, 9);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * dense: x i32[6] >>23, out.weights2 i32[2,6] >>26, out.bias2 i32[2] >>22
     *   -> out.dense2 i32[2] >>22
     * sum in i64 >>49: at most 210408174327682826, 5 bits free; cast >>27, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)14)
    for (size_t b = 0; b < rows; ++b) {
        const int32_t *const x = m->i32 + 0 + b * 6;
        int32_t *const y = m->i32 + 96 + b * 2;
        for (size_t o = 0; o < 2; ++o) {
            const int32_t *const w = m->out_weights2 + o * 6;
            int64_t sum = m->out_bias2[o] * ((int64_t)1 << 27);
            for (size_t k = 0; k < 6; ++k)
                sum += (int64_t)x[k] * w[k];
            y[o] = (int32_t)int_clamp64(int_nearest64(sum, 27), -536870911, 536870911);
        }
        INT_COUNT(m, 3, y, 2, -536870911, 536870911);
    }
    INT_TRACE(m, 10);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * add: out.dense i32[2] >>22, out.dense2 i32[2] >>22
     *   -> out i16[2] >>8
     * sum in i64 >>22: at most 1073741822, 33 bits free; cast >>14, nearest, saturates */
    {
        for (size_t row = 0; row < rows; ++row) {
            const int32_t *const a = m->i32 + 80 + row * 2;
            const int32_t *const b = m->i32 + 96 + row * 2;
            int16_t *const y = m->i16 + 0 + row * 2;
            for (size_t i = 0; i < 2; ++i)
                y[i] = (int16_t)int_clamp64(int_nearest64((int64_t)a[i] + (int64_t)b[i], 14), -32767, 32767);
            INT_COUNT(m, 4, y, 2, -32767, 32767);
        }
    }
    INT_TRACE(m, 11);
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t slices_losses(slices *m, const int16_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    (void)correct; /* there are none: the target is real-valued */
    /* line 8: loss mse(out, y)
     * mse: out i16[2] >>8, y i16[2]
     *   -> out.error i32[2] >>21
     * sum in i64 >>8: at most 65534, 47 bits free; cast <<13, scale, saturates */
    {
        int32_t *const g = m->i32 + 96;
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const y = m->i16 + 0 + b * 2;
            int32_t *const e = m->i32 + 80 + b * 2;
            const int16_t *const x = target + b * 2;
            uint64_t sum = 0;
            for (size_t i = 0; i < 2; ++i) {
                const int32_t difference = (int32_t)y[i] - (int32_t)int_clamp64(int_nearest64((int64_t)x[i] * 5243 - 0, 17), -32767, 32767); /* 17 bits */
                sum += (uint64_t)((int64_t)difference * difference);
                g[i] = difference;
            }
            for (size_t i = 0; i < 2; ++i)
                e[i] = (int32_t)(int_clamp64(g[i], -(67108863 >> 13), 67108863 >> 13) *
            ((int64_t)1 << 13));
            INT_COUNT(m, 5, e, 2, -67108863, 67108863);
            total += sum >> 1;
        }
    }
    INT_TRACE(m, 12);

    return total;
}

/* Adds the gradients of `rows` samples to the sums. */
static void slices_backward(slices *m, size_t rows, slices_ready *ready, void *context)
{
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * dense_weight_gradient: out.error i32[2] >>21, x i32[6] >>23
     *   -> out.weights2.gradient i64[2,6] >>44
     * sum in i64 >>44: at most 17293822327510794, 9 bits free */
    INT_PARALLEL(4, rows * (size_t)17)
    for (size_t row = 0; row < 2; ++row) {
        int64_t *restrict const g = INT_OWN(m, i64, 0, 0);
        memset(g, 0, 6 * sizeof *g);
        for (size_t b = 0; b < rows; ++b) {
            const int32_t *const x = m->i32 + 0 + b * 6;
            const int32_t error = (m->i32 + 80)[b * 2 + row];
            for (size_t k = 0; error != 0 && k < 6; ++k)
                g[k] += (int64_t)error * x[k];
        }
        INT_TRACE_GRADIENT(m, 13, row, 0, g, 6);
        int64_t *restrict const sums = m->sums_i64 + 0 + row * 6;
        for (size_t k = 0; k < 6; ++k)
            sums[k] += g[k];
    }
    if (ready)
        ready(context, 0, 12);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * dense_bias_gradient: out.error i32[2] >>21
     *   -> out.bias2.gradient i64[2] >>21
     * sum in i64 >>21: at most 402653178, 34 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int64_t *restrict const g = m->i64 + 0;
        memset(g, 0, 2 * sizeof *g);
        for (size_t b = 0; b < rows; ++b)
            for (size_t o = 0; o < 2; ++o)
                g[o] += (m->i32 + 80)[b * 2 + o];
        INT_TRACE_GRADIENT(m, 15, row, 0, g, 2);
        int64_t *restrict const sums = m->sums_i64 + 16 + row * 2;
        for (size_t k = 0; k < 2; ++k)
            sums[k] += g[k];
    }
    if (ready)
        ready(context, 0, 18);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * dense_error: out.error i32[2] >>21, out.weights i32[2,5] >>26
     *   -> h.error i32[5] >>21
     * sum in i64 >>47: at most 72057592829968386, 7 bits free; cast >>26, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 6);
        INT_PARALLEL(4, rows * (size_t)50)
        for (size_t b = 0; b < rows; ++b) {
            int64_t *const sum = INT_OWN(m, i64, 0, 0);
            const int32_t *const e = m->i32 + 80 + b * 2;
            int32_t *const y = m->i32 + 96 + b * 5;
            memset(sum, 0, 5 * sizeof *sum);
            for (size_t o = 0; o < 2; ++o) {
                const int32_t *const w = m->out_weights + o * 5;
                const int32_t error = e[o];
                for (size_t k = 0; error != 0 && k < 5; ++k)
                    sum[k] += (int64_t)error * w[k];
            }
            uint32_t *const draws = (uint32_t *)(INT_OWN(m, i32, 128, 0)) + b % 4 * 5;
            if (b % 4 == 0)
                int_draw32_rows(site, m->first + (uint32_t)b, int_least(rows - b, 4), draws, 5);
            for (size_t k = 0; k < 5; ++k)
                y[k] = (int32_t)int_clamp64(int_stochastic64(sum[k], 26, draws[k]), -67108863, 67108863);
            INT_COUNT(m, 6, y, 5, -67108863, 67108863);
        }
    }
    INT_TRACE(m, 17);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * dense_weight_gradient: out.error i32[2] >>21, h i32[5] >>19
     *   -> out.weights.gradient i64[2,5] >>40
     * sum in i64 >>40: at most 27021596958916614, 8 bits free */
    INT_PARALLEL(4, rows * (size_t)14)
    for (size_t row = 0; row < 2; ++row) {
        int64_t *restrict const g = INT_OWN(m, i64, 0, 0);
        memset(g, 0, 5 * sizeof *g);
        for (size_t b = 0; b < rows; ++b) {
            const int32_t *const x = m->i32 + 48 + b * 5;
            const int32_t error = (m->i32 + 80)[b * 2 + row];
            for (size_t k = 0; error != 0 && k < 5; ++k)
                g[k] += (int64_t)error * x[k];
        }
        INT_TRACE_GRADIENT(m, 18, row, 0, g, 5);
        int64_t *restrict const sums = m->sums_i64 + 24 + row * 5;
        for (size_t k = 0; k < 5; ++k)
            sums[k] += g[k];
    }
    if (ready)
        ready(context, 0, 34);
    /* line 7: out = dense(h, 2) + dense(x, 2)
     * dense_bias_gradient: out.error i32[2] >>21
     *   -> out.bias.gradient i64[2] >>21
     * sum in i64 >>21: at most 402653178, 34 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int64_t *restrict const g = m->i64 + 0;
        memset(g, 0, 2 * sizeof *g);
        for (size_t b = 0; b < rows; ++b)
            for (size_t o = 0; o < 2; ++o)
                g[o] += (m->i32 + 80)[b * 2 + o];
        INT_TRACE_GRADIENT(m, 20, row, 0, g, 2);
        int64_t *restrict const sums = m->sums_i64 + 40 + row * 2;
        for (size_t k = 0; k < 2; ++k)
            sums[k] += g[k];
    }
    if (ready)
        ready(context, 0, 42);
    /* line 6: h = leaky_relu(dense(x, 5))
     * leaky_relu_error: h.error i32[5] >>21, h i32[5] >>19
     *   -> h.dense.error i32[5] >>21
     * sum in i64 >>24: at most 67108863, 37 bits free; cast >>3, stochastic */
    {
        const uint64_t site = int_site(m->seed, m->step, 7);
        uint16_t *const draws = (uint16_t *)(m->i16 + 0);
        for (size_t b = 0; b < rows; ++b) {
            const int32_t *const e = m->i32 + 96 + b * 5;
            const int32_t *const y = m->i32 + 48 + b * 5;
            int32_t *const x = m->i32 + 96 + b * 5;
            int_draw16(int_row(site, m->first + (uint32_t)b), draws, 5);
            for (size_t i = 0; i < 5; ++i)
                x[i] = (int32_t)(y[i] > 0 ? e[i] : (int32_t)int_stochastic64(e[i], 3, draws[i]));
        }
    }
    INT_TRACE(m, 22);
    /* line 6: h = leaky_relu(dense(x, 5))
     * dense_weight_gradient: h.dense.error i32[5] >>21, x i32[6] >>23
     *   -> h.weights.gradient i64[5,6] >>44
     * sum in i64 >>44: at most 17293822327510794, 9 bits free */
    INT_PARALLEL(4, rows * (size_t)41)
    for (size_t row = 0; row < 5; ++row) {
        int64_t *restrict const g = INT_OWN(m, i64, 0, 0);
        memset(g, 0, 6 * sizeof *g);
        for (size_t b = 0; b < rows; ++b) {
            const int32_t *const x = m->i32 + 0 + b * 6;
            const int32_t error = (m->i32 + 96)[b * 5 + row];
            for (size_t k = 0; error != 0 && k < 6; ++k)
                g[k] += (int64_t)error * x[k];
        }
        INT_TRACE_GRADIENT(m, 23, row, 0, g, 6);
        int64_t *restrict const sums = m->sums_i64 + 48 + row * 6;
        for (size_t k = 0; k < 6; ++k)
            sums[k] += g[k];
    }
    if (ready)
        ready(context, 0, 78);
    /* line 6: h = leaky_relu(dense(x, 5))
     * dense_bias_gradient: h.dense.error i32[5] >>21
     *   -> h.bias.gradient i64[5] >>21
     * sum in i64 >>21: at most 402653178, 34 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int64_t *restrict const g = m->i64 + 0;
        memset(g, 0, 5 * sizeof *g);
        for (size_t b = 0; b < rows; ++b)
            for (size_t o = 0; o < 5; ++o)
                g[o] += (m->i32 + 96)[b * 5 + o];
        INT_TRACE_GRADIENT(m, 25, row, 0, g, 5);
        int64_t *restrict const sums = m->sums_i64 + 80 + row * 5;
        for (size_t k = 0; k < 5; ++k)
            sums[k] += g[k];
    }
    if (ready)
        ready(context, 0, 85);
}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t slices_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void slices_infer(slices *m, const int16_t x[6], int16_t logits[2])
{
    slices_forward(m, x, 1);
    const int16_t *const values = m->i16 + 0;
    for (size_t i = 0; i < 2; ++i)
        logits[i] = (int16_t)values[i];
}

uint64_t slices_gradients(slices *m, const int16_t x[][6],
                        const int16_t y[][2], uint32_t first, uint32_t count,
                        slices_ready *ready, void *context)
{
    m->first = first;
    m->correct = 0;
    if (count == 0)
        return 0;
    slices_forward(m, x[0], count);
    const uint64_t loss = slices_losses(m, y[0], count, &m->correct);
    slices_backward(m, count, ready, context);
    return loss;
}

void slices_apply(slices *m)
{
    for (size_t row = 0; row < 2; ++row) {
        const int64_t *restrict const g = m->sums_i64 + 0 + row * 6;
        /* sgd: out.weights2.gradient i64[2,6] >>44, out.weights2.master i32[2,6] >>26,
         *   out.weights2.momentum i32[2,6] >>26
         *   -> out.weights2.master i32[2,6] >>26, out.weights2 i32[2,6] >>26,
         *   out.weights2.momentum i32[2,6] >>26 */
        const int32_t rate = 17 * m->rate_factor;
        int32_t *restrict const master = m->out_weights2_master + row * 6;
        int32_t *restrict const storage = m->out_weights2 + row * 6;
        int32_t *restrict const momentum = m->out_weights2_momentum + row * 6;
        for (size_t k = 0; k < 6; ++k) {
            const int32_t u = (int32_t)(int_nearest64(g[k] * rate, 29));
            const int32_t v = int_clamp(momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u, -1073741823, 1073741823);
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536870911, 536870911);
        }
        memcpy(storage, master, 6 * sizeof *storage);
    }
    INT_TRACE(m, 14);
    for (size_t row = 0; row < 1; ++row) {
        const int64_t *restrict const g = m->sums_i64 + 16 + row * 2;
        /* sgd: out.bias2.gradient i64[2] >>21, out.bias2.master i32[2] >>22,
         *   out.bias2.momentum i32[2] >>22
         *   -> out.bias2.master i32[2] >>22, out.bias2 i32[2] >>22,
         *   out.bias2.momentum i32[2] >>22 */
        const int32_t rate = 17 * m->rate_factor;
        int32_t *restrict const master = m->out_bias2_master + row * 2;
        int32_t *restrict const storage = m->out_bias2 + row * 2;
        int32_t *restrict const momentum = m->out_bias2_momentum + row * 2;
        for (size_t k = 0; k < 2; ++k) {
            const int32_t u = (int32_t)(int_nearest64(g[k] * rate, 10));
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536870911, 536870911);
        }
        memcpy(storage, master, 2 * sizeof *storage);
    }
    INT_TRACE(m, 16);
    for (size_t row = 0; row < 2; ++row) {
        const int64_t *restrict const g = m->sums_i64 + 24 + row * 5;
        /* sgd: out.weights.gradient i64[2,5] >>40, out.weights.master i32[2,5] >>26,
         *   out.weights.momentum i32[2,5] >>26
         *   -> out.weights.master i32[2,5] >>26, out.weights i32[2,5] >>26,
         *   out.weights.momentum i32[2,5] >>26 */
        const int32_t rate = 17 * m->rate_factor;
        int32_t *restrict const master = m->out_weights_master + row * 5;
        int32_t *restrict const storage = m->out_weights + row * 5;
        int32_t *restrict const momentum = m->out_weights_momentum + row * 5;
        for (size_t k = 0; k < 5; ++k) {
            const int32_t u = (int32_t)int_clamp64(int_nearest64(g[k] * rate, 25), -1073741823, 1073741823);
            const int32_t v = int_clamp(momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u, -1073741823, 1073741823);
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536870911, 536870911);
        }
        memcpy(storage, master, 5 * sizeof *storage);
    }
    INT_TRACE(m, 19);
    for (size_t row = 0; row < 1; ++row) {
        const int64_t *restrict const g = m->sums_i64 + 40 + row * 2;
        /* sgd: out.bias.gradient i64[2] >>21, out.bias.master i32[2] >>22,
         *   out.bias.momentum i32[2] >>22
         *   -> out.bias.master i32[2] >>22, out.bias i32[2] >>22, out.bias.momentum i32[2] >>22 */
        const int32_t rate = 17 * m->rate_factor;
        int32_t *restrict const master = m->out_bias_master + row * 2;
        int32_t *restrict const storage = m->out_bias + row * 2;
        int32_t *restrict const momentum = m->out_bias_momentum + row * 2;
        for (size_t k = 0; k < 2; ++k) {
            const int32_t u = (int32_t)(int_nearest64(g[k] * rate, 10));
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536870911, 536870911);
        }
        memcpy(storage, master, 2 * sizeof *storage);
    }
    INT_TRACE(m, 21);
    for (size_t row = 0; row < 5; ++row) {
        const int64_t *restrict const g = m->sums_i64 + 48 + row * 6;
        /* sgd: h.weights.gradient i64[5,6] >>44, h.weights.master i32[5,6] >>26,
         *   h.weights.momentum i32[5,6] >>26
         *   -> h.weights.master i32[5,6] >>26, h.weights i32[5,6] >>26,
         *   h.weights.momentum i32[5,6] >>26 */
        const int32_t rate = 17 * m->rate_factor;
        int32_t *restrict const master = m->h_weights_master + row * 6;
        int32_t *restrict const storage = m->h_weights + row * 6;
        int32_t *restrict const momentum = m->h_weights_momentum + row * 6;
        for (size_t k = 0; k < 6; ++k) {
            const int32_t u = (int32_t)(int_nearest64(g[k] * rate, 29));
            const int32_t v = int_clamp(momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u, -1073741823, 1073741823);
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536870911, 536870911);
        }
        memcpy(storage, master, 6 * sizeof *storage);
    }
    INT_TRACE(m, 24);
    for (size_t row = 0; row < 1; ++row) {
        const int64_t *restrict const g = m->sums_i64 + 80 + row * 5;
        /* sgd: h.bias.gradient i64[5] >>21, h.bias.master i32[5] >>22,
         *   h.bias.momentum i32[5] >>22
         *   -> h.bias.master i32[5] >>22, h.bias i32[5] >>22, h.bias.momentum i32[5] >>22 */
        const int32_t rate = 17 * m->rate_factor;
        int32_t *restrict const master = m->h_bias_master + row * 5;
        int32_t *restrict const storage = m->h_bias + row * 5;
        int32_t *restrict const momentum = m->h_bias_momentum + row * 5;
        for (size_t k = 0; k < 5; ++k) {
            const int32_t u = (int32_t)(int_nearest64(g[k] * rate, 10));
            const int32_t v = momentum[k] - (int32_t)int_nearest64((int64_t)momentum[k] * 205, 11) + u;
            momentum[k] = v;
            master[k] = (int32_t)int_clamp(master[k] - v, -536870911, 536870911);
        }
        memcpy(storage, master, 5 * sizeof *storage);
    }
    INT_TRACE(m, 26);

    memset(m->sums_i64, 0, sizeof m->sums_i64);
    ++m->step;
}

uint32_t slices_train(slices *m, const int16_t x[][6],
                    const int16_t y[][2])
{
    const uint64_t loss = slices_gradients(m, x, y, 0, 6, NULL, NULL);
    slices_apply(m);
    return slices_bounded(loss / 6);
}

uint32_t slices_loss(slices *m, const int16_t x[6],
                   const int16_t *y)
{
    m->first = 0; /* as in the usual form */
    uint32_t correct = 0; /* not counted here */
    slices_forward(m, x, 1);
    return slices_bounded(slices_losses(m, y, 1, &correct));
}

uint32_t slices_correct(const slices *m)
{
    return m->correct;
}

uint64_t slices_hash(const slices *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 30; ++i)
        hash = int_hash(hash, m->h_weights_master[i]);
    for (size_t i = 0; i < 30; ++i)
        hash = int_hash(hash, m->h_weights_momentum[i]);
    for (size_t i = 0; i < 5; ++i)
        hash = int_hash(hash, m->h_bias_master[i]);
    for (size_t i = 0; i < 5; ++i)
        hash = int_hash(hash, m->h_bias_momentum[i]);
    for (size_t i = 0; i < 10; ++i)
        hash = int_hash(hash, m->out_weights_master[i]);
    for (size_t i = 0; i < 10; ++i)
        hash = int_hash(hash, m->out_weights_momentum[i]);
    for (size_t i = 0; i < 2; ++i)
        hash = int_hash(hash, m->out_bias_master[i]);
    for (size_t i = 0; i < 2; ++i)
        hash = int_hash(hash, m->out_bias_momentum[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->out_weights2_master[i]);
    for (size_t i = 0; i < 12; ++i)
        hash = int_hash(hash, m->out_weights2_momentum[i]);
    for (size_t i = 0; i < 2; ++i)
        hash = int_hash(hash, m->out_bias2_master[i]);
    for (size_t i = 0; i < 2; ++i)
        hash = int_hash(hash, m->out_bias2_momentum[i]);

    return hash;
}

void slices_set_epoch(slices *m, uint32_t epoch)
{
    (void)epoch;
    m->rate_factor = 1;
}

#ifdef INT_STATISTICS
void slices_statistics(const slices *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 7 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 7 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 7 * sizeof m->seen[0]);
}
#endif
