/* int_float.h - the float twin's kernels and few helpers; pasted only into f32 models.
 *
 * A dot product is a sum for each lane of a vector, the lanes together at the end, and what fills
 * no vector; sums of rows go row by row. So every run of one build adds in the same order. */
#ifndef INT_FLOAT_H
#define INT_FLOAT_H

#include "int_runtime.h"

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
