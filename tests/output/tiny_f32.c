/* tiny.c - trains the network `tiny` in f32. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */
#include <math.h>

#include "int_runtime.h"

/* int_float.h - the float twin's kernels and few helpers; pasted only into f32 models.
 *
 * A dot product is a sum for each lane of a vector, the lanes together at the end, and what fills
 * no vector; sums of rows go row by row. So every run of one build adds in the same order. */
#ifndef INT_FLOAT_H
#define INT_FLOAT_H

/* ---- vectors: as wide as the registers that the compiler may use ----------------------------- */

#if !defined __GNUC__ || defined __TINYC__ || (defined __i386__ && !defined __SSE__)
typedef float FloatVector;
enum { FLOAT_LANES = 1, FLOAT_ROWS = 2 };
#elif defined __AVX512F__
typedef float FloatVector __attribute__((vector_size(64)));
enum { FLOAT_LANES = 16, FLOAT_ROWS = 4 };
#elif defined __AVX__
typedef float FloatVector __attribute__((vector_size(32)));
enum { FLOAT_LANES = 8, FLOAT_ROWS = 2 };
#else
typedef float FloatVector __attribute__((vector_size(16)));
enum { FLOAT_LANES = 4, FLOAT_ROWS = 2 };
#endif

INT_INLINE FloatVector float_load(const float *from)
{
    FloatVector v;
    memcpy(&v, from, sizeof v);
    return v;
}

INT_INLINE FloatVector float_repeat(float value)
{
    float lane[FLOAT_LANES];
    for (size_t i = 0; i < FLOAT_LANES; ++i)
        lane[i] = value;
    return float_load(lane);
}

INT_INLINE float float_total(FloatVector v)
{
    float lane[FLOAT_LANES];
    memcpy(lane, &v, sizeof v);
    for (size_t half = FLOAT_LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; ++i)
            lane[i] += lane[i + half];
    return lane[0];
}

/* ---- kernels: as those of int_kernels.h ------------------------------------------------------ */

/* The sums of up to FLOAT_ROWS samples and four outputs: what is missing repeats the last one. */
INT_INLINE void float_tile(float *sum, size_t stride, const float *x, const float *w,
                           size_t length, size_t samples, size_t outputs)
{
    const float *xs[FLOAT_ROWS], *ws[4];
    FloatVector sums[FLOAT_ROWS][4];
    INT_UNROLL
    for (size_t j = 0; j < 4; ++j)
        ws[j] = w + int_least(j, outputs - 1) * length;
    INT_UNROLL
    for (size_t i = 0; i < FLOAT_ROWS; ++i) {
        xs[i] = x + int_least(i, samples - 1) * length;
        sums[i][0] = sums[i][1] = sums[i][2] = sums[i][3] = float_repeat(0);
    }
    const size_t whole = length / FLOAT_LANES * FLOAT_LANES;
    for (size_t k = 0; k < whole; k += FLOAT_LANES) {
        const FloatVector w0 = float_load(ws[0] + k), w1 = float_load(ws[1] + k);
        const FloatVector w2 = float_load(ws[2] + k), w3 = float_load(ws[3] + k);
        INT_UNROLL
        for (size_t i = 0; i < FLOAT_ROWS; ++i) {
            const FloatVector v = float_load(xs[i] + k);
            sums[i][0] += v * w0;
            sums[i][1] += v * w1;
            sums[i][2] += v * w2;
            sums[i][3] += v * w3;
        }
    }
    INT_UNROLL
    for (size_t i = 0; i < FLOAT_ROWS; ++i)
        INT_UNROLL
        for (size_t j = 0; j < 4; ++j) {
            float total = float_total(sums[i][j]);
            for (size_t n = whole; n < length; ++n)
                total += xs[i][n] * ws[j][n];
            if (i < samples)
                sum[i * stride + j] = total;
        }
}

/* sum[i * stride + j] = sum over k < length of x[i * length + k] * w[j * length + k]; stride is
 * outputs rounded up to a multiple of four. */
INT_FUNCTION void float_products(float *sum, const float *x, const float *w, size_t length,
                                 size_t samples, size_t outputs)
{
    const size_t stride = (outputs + 3) / 4 * 4;
    for (size_t j = 0; j < outputs; j += 4)
        for (size_t i = 0; i < samples; i += FLOAT_ROWS)
            float_tile(sum + i * stride + j, stride, x + i * length, w + j * length, length,
                       int_least(samples - i, FLOAT_ROWS), int_least(outputs - j, 4));
}

/* Factors that are not zero, and their rows. */
enum { FLOAT_TERMS = 128 };

typedef struct {
    size_t count;
    size_t row[FLOAT_TERMS];
    float factor[FLOAT_TERMS];
} FloatTerms;

INT_INLINE void float_list(FloatTerms *list, const float *factors, size_t step, size_t first,
                           size_t end)
{
    list->count = 0;
    for (size_t i = first; i < end; ++i) {
        list->row[list->count] = i;
        list->factor[list->count] = factors[i * step];
        list->count += factors[i * step] != 0;
    }
}

/* `blocks` vectors of columns of the weighted sum of rows; adds to what is there. */
INT_INLINE void float_columns(float *sum, const FloatTerms *list, const float *rows,
                              size_t width, size_t blocks)
{
    FloatVector v[8];
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        v[n] = float_load(sum + n * FLOAT_LANES);
    for (size_t t = 0; t < list->count; ++t) {
        const float *const row = rows + list->row[t] * width;
        const FloatVector factor = float_repeat(list->factor[t]);
        INT_UNROLL
        for (size_t n = 0; n < blocks; ++n)
            v[n] += factor * float_load(row + n * FLOAT_LANES);
    }
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        memcpy(sum + n * FLOAT_LANES, &v[n], sizeof v[n]);
}

/* sum[r * width + k] = sum over i < terms of factors[i * step + r] * rows[i * width + k], for
 * k < width, r < count <= 4. Columns outside: what is read of rows stays in the nearest cache. */
INT_INLINE void float_rows(float *sum, const float *factors, size_t step, size_t count,
                           const float *rows, size_t terms, size_t width)
{
    const size_t many = width / (8 * FLOAT_LANES) * (8 * FLOAT_LANES);
    const size_t whole = width / FLOAT_LANES * FLOAT_LANES;
    memset(sum, 0, count * width * sizeof *sum);
    for (size_t first = 0; first < terms; first += FLOAT_TERMS) {
        FloatTerms list[4];
        for (size_t r = 0; r < count; ++r)
            float_list(&list[r], factors + r, step, first, int_least(terms, first + FLOAT_TERMS));
        for (size_t k = 0; k < many; k += 8 * FLOAT_LANES)
            for (size_t r = 0; r < count; ++r)
                float_columns(sum + r * width + k, &list[r], rows + k, width, 8);
        for (size_t k = many; k < whole; k += FLOAT_LANES)
            for (size_t r = 0; r < count; ++r)
                float_columns(sum + r * width + k, &list[r], rows + k, width, 1);
        for (size_t r = 0; r < count; ++r)
            for (size_t t = 0; t < list[r].count; ++t)
                for (size_t k = whole; k < width; ++k)
                    sum[r * width + k] += list[r].factor[t] * rows[list[r].row[t] * width + k];
    }
}

INT_FUNCTION void float_error(float *sum, const float *e, const float *w, size_t outputs,
                              size_t inputs)
{
    float_rows(sum, e, 1, 1, w, outputs, inputs);
}

INT_FUNCTION void float_gradient(float *sum, const float *x, const float *e, size_t row,
                                 size_t rows, size_t batch, size_t inputs, size_t outputs)
{
    float_rows(sum, e + row, outputs, rows, x, batch, inputs);
}

/* sum[k] += sum over i < terms of e[i * step] * x[i * width + k], for k < width. */
INT_FUNCTION void float_add_rows(float *restrict sum, const float *e, size_t step,
                                 const float *restrict x, size_t terms, size_t width)
{
    for (size_t i = 0; i < terms; ++i)
        for (size_t k = 0; e[i * step] != 0 && k < width; ++k)
            sum[k] += e[i * step] * x[i * width + k];
}

/* ---- helpers --------------------------------------------------------------------------------- */

/* Zero for what is so small that its steps would become denormal, which costs many times as much:
 * the momentum of an input that is seldom active. */
INT_FUNCTION float float_flushed(float v)
{
    return v < 1e-30F && v > -1e-30F ? 0.0F : v;
}

/* The nearest 16-bit integer in units of 2^-shift, saturated; what is not a number is the least. */
INT_FUNCTION int16_t float_to_fixed(float value, int shift)
{
    const float scaled = ldexpf(value, shift);
    if (scaled >= 32767.0F)
        return 32767;
    return (int16_t)(scaled > -32767.0F ? rintf(scaled) : -32767.0F);
}

/* A loss in units of 2^-16, in 48 bits at most: more, and what is not a number, counts as that. */
INT_FUNCTION uint64_t float_loss(float loss)
{
    const float units = loss * 65536.0F;
    return units < 140737488355328.0F ? (uint64_t)(units > 0.0F ? units : 0.0F) : UINT64_C(1) << 47;
}

INT_FUNCTION int64_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

#endif

#include "tiny.h"

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
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % TINY_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < TINY_THREADS ? wanted : TINY_THREADS;
}
#else
#define INT_PARALLEL(turns, work)
#define INT_ATOMIC
#define INT_OWN(m, pool, at, own_at) ((m)->pool + (at))
#endif

/* ---- first weights --------------------------------------------------------------------------- */

void tiny_init(tiny *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 1;
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * init: logits.weights2 f32[3,5]
     *   -> logits.weights2 f32[3,5] */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 3; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 5; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(147028155)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 73514077);
                const float value = ldexpf((float)w, -26);
                m->logits_weights2[row * 5 + k] = value;
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * init: logits.weights f32[5,16]
     *   -> logits.weights f32[5,16] */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 5; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 16; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(164382475)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 82191237);
                const float value = ldexpf((float)w, -27);
                m->logits_weights[row * 16 + k] = value;
            }
        }
    }
    INT_TRACE(m, 2);
    INT_TRACE(m, 3);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void tiny_forward(tiny *m, const uint8_t *input, size_t rows)
{
    /* line 3: input pixels: u8[4,4] fixed(8)
     * encode: pixels.raw u8[4,4]
     *   -> pixels f32[4,4] */
    {
        for (size_t b = 0; b < rows; ++b) {
            const uint8_t *const x = input + b * 16;
            float *const y = m->f32 + 0 + b * 16;
            for (size_t i = 0; i < 16; ++i)
                y[i] = (float)x[i] * 3.906250000e-03f - 0.000000000e+00f;
        }
    }
    INT_TRACE(m, 4);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * flatten: pixels f32[4,4]
     *   -> logits.flatten f32[16]: in place */
    INT_TRACE(m, 5);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * dense: logits.flatten f32[16], logits.weights f32[5,16], logits.bias f32[5]
     *   -> logits.dense f32[5] */
    INT_PARALLEL(1, rows * (size_t)85)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        float *const sums = INT_OWN(m, f32, 96, 0);
        float_products(sums, m->f32 + 0 + b * 16, m->logits_weights, 16, samples, 5);
        for (size_t i = 0; i < samples; ++i) {
            const float *restrict const sum = sums + i * 8;
            float *restrict const y = m->f32 + 64 + (b + i) * 5;
            for (size_t o = 0; o < 5; ++o)
                y[o] = sum[o] + m->logits_bias[o];
        }
    }
    INT_TRACE(m, 6);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * relu: logits.dense f32[5]
     *   -> logits.relu f32[5] */
    {
        float *const x = m->f32 + 64;
        for (size_t i = 0; i < rows * 5; ++i)
            x[i] = (float)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 7);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * dense: logits.relu f32[5], logits.weights2 f32[3,5], logits.bias2 f32[3]
     *   -> logits f32[3] */
    INT_PARALLEL(1, rows * (size_t)18)
    for (size_t b = 0; b < rows; b += 4) {
        const size_t samples = int_least(rows - b, 4);
        float *const sums = INT_OWN(m, f32, 112, 0);
        float_products(sums, m->f32 + 64 + b * 5, m->logits_weights2, 5, samples, 3);
        for (size_t i = 0; i < samples; ++i) {
            const float *restrict const sum = sums + i * 4;
            float *restrict const y = m->f32 + 96 + (b + i) * 3;
            for (size_t o = 0; o < 3; ++o)
                y[o] = sum[o] + m->logits_bias2[o];
        }
    }
    INT_TRACE(m, 8);
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t tiny_losses(tiny *m, const uint8_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    /* line 6: loss cross_entropy(logits, kind)
     * cross_entropy: logits f32[3], kind u8
     *   -> logits.error f32[3] */
    for (size_t b = 0; b < rows; ++b) {
        const float *const z = m->f32 + 96 + b * 3;
        float *const e = m->f32 + 112 + b * 3;
        const size_t right = (size_t)target[b];
        size_t best = 0;
        for (size_t i = 1; i < 3; ++i)
            best = z[i] > z[best] ? i : best;
        *correct += best == right;
        float sum = 0;
        for (size_t i = 0; i < 3; ++i)
            sum += e[i] = expf(z[i] - z[best]);
        for (size_t i = 0; i < 3; ++i)
            e[i] = e[i] / sum - (i == right ? 1.0F : 0.0F);
        total += float_loss(logf(sum) + z[best] - z[right]);
    }
    INT_TRACE(m, 9);

    return total;
}

static void tiny_backward(tiny *m)
{
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * dense_error: logits.error f32[3], logits.weights2 f32[3,5]
     *   -> logits.relu.error f32[5] */
    {
        INT_PARALLEL(4, 4 * (size_t)55)
        for (size_t b = 0; b < 4; ++b) {
            float *const sum = INT_OWN(m, f32, 96, 0);
            const float *const e = m->f32 + 112 + b * 3;
            float *const y = m->f32 + 128 + b * 5;
            float_error(sum, e, m->logits_weights2, 3, 5);
            for (size_t k = 0; k < 5; ++k)
                y[k] = sum[k];
        }
    }
    INT_TRACE(m, 10);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * dense_weight_gradient: logits.error f32[3], logits.relu f32[5]
     *   -> logits.weights2.gradient f32[3,5] */
    INT_PARALLEL(4, 4 * (size_t)23)
    for (size_t row = 0; row < 3; ++row) {
        float *restrict const g = INT_OWN(m, f32, 96, 0) + row % 3 * 5;
        if (row % 3 == 0)
            float_gradient(g, m->f32 + 64, m->f32 + 112, row, int_least(3 - row, 3), 4, 5, 3);
        INT_TRACE_GRADIENT(m, 11, row, 0, g, 5);
        /* sgd: logits.weights2.gradient f32[3,5], logits.weights2 f32[3,5],
         *   logits.weights2.momentum f32[3,5]
         *   -> logits.weights2 f32[3,5], logits.weights2.momentum f32[3,5] */
        const float rate = 7.812500000e-03f * ldexpf((float)m->rate_factor, -0);
        float *restrict const master = m->logits_weights2 + row * 5;
        float *restrict const momentum = m->logits_weights2_momentum + row * 5;
        for (size_t k = 0; k < 5; ++k) {
            const float u = g[k] * rate;
            const float v = float_flushed(momentum[k] - momentum[k] * 1.000976562e-01f + u);
            momentum[k] = v;
            master[k] = master[k] - v;
        }
    }
    INT_TRACE(m, 12);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * dense_bias_gradient: logits.error f32[3]
     *   -> logits.bias2.gradient f32[3] */
    for (size_t row = 0; row < 1; ++row) {
        float *restrict const g = m->f32 + 96;
        memset(g, 0, 3 * sizeof *g);
        for (size_t b = 0; b < 4; ++b)
            for (size_t o = 0; o < 3; ++o)
                g[o] += (m->f32 + 112)[b * 3 + o];
        INT_TRACE_GRADIENT(m, 13, row, 0, g, 3);
        /* sgd: logits.bias2.gradient f32[3], logits.bias2 f32[3], logits.bias2.momentum f32[3]
         *   -> logits.bias2 f32[3], logits.bias2.momentum f32[3] */
        const float rate = 7.812500000e-03f * ldexpf((float)m->rate_factor, -0);
        float *restrict const master = m->logits_bias2 + row * 3;
        float *restrict const momentum = m->logits_bias2_momentum + row * 3;
        for (size_t k = 0; k < 3; ++k) {
            const float u = g[k] * rate;
            const float v = float_flushed(momentum[k] - momentum[k] * 1.000976562e-01f + u);
            momentum[k] = v;
            master[k] = master[k] - v;
        }
    }
    INT_TRACE(m, 14);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * relu_error: logits.relu.error f32[5], logits.relu f32[5]
     *   -> logits.dense.error f32[5] */
    {
        const float *const y = m->f32 + 64;
        float *const e = m->f32 + 128;
        for (size_t i = 0; i < (size_t)4 * 5; ++i)
            e[i] = (float)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 15);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * dense_weight_gradient: logits.dense.error f32[5], logits.flatten f32[16]
     *   -> logits.weights.gradient f32[5,16] */
    INT_PARALLEL(4, 4 * (size_t)121)
    for (size_t row = 0; row < 5; ++row) {
        float *restrict const g = INT_OWN(m, f32, 64, 0) + row % 4 * 16;
        if (row % 4 == 0)
            float_gradient(g, m->f32 + 0, m->f32 + 128, row, int_least(5 - row, 4), 4, 16, 5);
        INT_TRACE_GRADIENT(m, 16, row, 0, g, 16);
        /* sgd: logits.weights.gradient f32[5,16], logits.weights f32[5,16],
         *   logits.weights.momentum f32[5,16]
         *   -> logits.weights f32[5,16], logits.weights.momentum f32[5,16] */
        const float rate = 7.812500000e-03f * ldexpf((float)m->rate_factor, -0);
        float *restrict const master = m->logits_weights + row * 16;
        float *restrict const momentum = m->logits_weights_momentum + row * 16;
        for (size_t k = 0; k < 16; ++k) {
            const float u = g[k] * rate;
            const float v = float_flushed(momentum[k] - momentum[k] * 1.000976562e-01f + u);
            momentum[k] = v;
            master[k] = master[k] - v;
        }
    }
    INT_TRACE(m, 17);
    /* line 5: logits = dense(relu(dense(flatten(pixels), 5)), 3)
     * dense_bias_gradient: logits.dense.error f32[5]
     *   -> logits.bias.gradient f32[5] */
    for (size_t row = 0; row < 1; ++row) {
        float *restrict const g = m->f32 + 0;
        memset(g, 0, 5 * sizeof *g);
        for (size_t b = 0; b < 4; ++b)
            for (size_t o = 0; o < 5; ++o)
                g[o] += (m->f32 + 128)[b * 5 + o];
        INT_TRACE_GRADIENT(m, 18, row, 0, g, 5);
        /* sgd: logits.bias.gradient f32[5], logits.bias f32[5], logits.bias.momentum f32[5]
         *   -> logits.bias f32[5], logits.bias.momentum f32[5] */
        const float rate = 7.812500000e-03f * ldexpf((float)m->rate_factor, -0);
        float *restrict const master = m->logits_bias + row * 5;
        float *restrict const momentum = m->logits_bias_momentum + row * 5;
        for (size_t k = 0; k < 5; ++k) {
            const float u = g[k] * rate;
            const float v = float_flushed(momentum[k] - momentum[k] * 1.000976562e-01f + u);
            momentum[k] = v;
            master[k] = master[k] - v;
        }
    }
    INT_TRACE(m, 19);
}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t tiny_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void tiny_infer(tiny *m, const uint8_t pixels[16], int16_t logits[3])
{
    tiny_forward(m, pixels, 1);
    const float *const values = m->f32 + 96;
    for (size_t i = 0; i < 3; ++i)
        logits[i] = float_to_fixed(values[i], 7);
}

int tiny_classify(tiny *m, const uint8_t pixels[16])
{
    tiny_forward(m, pixels, 1);
    const float *const values = m->f32 + 96;
    int best = 0;
    for (int i = 1; i < 3; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}

uint32_t tiny_train(tiny *m, const uint8_t pixels[][16],
                    const uint8_t kind[])
{
    tiny_forward(m, pixels[0], 4);
    m->correct = 0;
    const uint64_t loss = tiny_losses(m, kind, 4, &m->correct);
    tiny_backward(m);
    ++m->step;
    return tiny_bounded(loss / 4);
}

uint32_t tiny_loss(tiny *m, const uint8_t pixels[16],
                   const uint8_t *kind)
{
    uint32_t correct = 0; /* not counted here */
    tiny_forward(m, pixels, 1);
    return tiny_bounded(tiny_losses(m, kind, 1, &correct));
}

uint32_t tiny_correct(const tiny *m)
{
    return m->correct;
}

uint64_t tiny_hash(const tiny *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 80; ++i)
        hash = int_hash(hash, float_bits(m->logits_weights[i]));
    for (size_t i = 0; i < 80; ++i)
        hash = int_hash(hash, float_bits(m->logits_weights_momentum[i]));
    for (size_t i = 0; i < 5; ++i)
        hash = int_hash(hash, float_bits(m->logits_bias[i]));
    for (size_t i = 0; i < 5; ++i)
        hash = int_hash(hash, float_bits(m->logits_bias_momentum[i]));
    for (size_t i = 0; i < 15; ++i)
        hash = int_hash(hash, float_bits(m->logits_weights2[i]));
    for (size_t i = 0; i < 15; ++i)
        hash = int_hash(hash, float_bits(m->logits_weights2_momentum[i]));
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, float_bits(m->logits_bias2[i]));
    for (size_t i = 0; i < 3; ++i)
        hash = int_hash(hash, float_bits(m->logits_bias2_momentum[i]));

    return hash;
}

void tiny_set_epoch(tiny *m, uint32_t epoch)
{
    (void)epoch;
    m->rate_factor = 1;
}

#ifdef INT_STATISTICS
void tiny_statistics(const tiny *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 0 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 0 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 0 * sizeof m->seen[0]);
}
#endif
