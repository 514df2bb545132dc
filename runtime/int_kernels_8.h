/* int_kernels_8.h - the kernels for bytes, -127..127; where a name ends in u8, x is 0..127.
 *
 * A product is at most 127 * 127 < 2^14, and intc has proved that their sum fits 32 bits. */
#ifndef INT_KERNELS_8_H
#define INT_KERNELS_8_H

#include "int_kernels.h"

/* ---- kernels for bytes ----------------------------------------------------------------------- */

/* sum[i * stride + j] = sum over k < length of x[i * length + k] * w[j * length + k], for `samples`
 * rows of x and `outputs` rows of w. stride is outputs, rounded up to a multiple of four; what lies
 * between is scratch. */
INT_FUNCTION void int_products_s8(int32_t *sum, const int8_t *x, const int8_t *w, size_t length,
                                  size_t samples, size_t outputs)
{
#if INT_VECTOR
    if (length >= INT_VECTOR) {
        int_v_products(sum, x, w, length, samples, outputs, INT_S8);
        return;
    }
#endif
    for (size_t i = 0; i < samples; ++i)
        for (size_t j = 0; j < outputs; ++j) {
            int32_t total = 0;
            for (size_t k = 0; k < length; ++k)
                total += (int32_t)x[i * length + k] * w[j * length + k];
            sum[i * ((outputs + 3) / 4 * 4) + j] = total;
        }
}

INT_FUNCTION void int_products_u8(int32_t *sum, const uint8_t *x, const int8_t *w, size_t length,
                                  size_t samples, size_t outputs)
{
#if INT_VECTOR
    if (length >= INT_VECTOR) {
        int_v_products(sum, x, w, length, samples, outputs, INT_U8);
        return;
    }
#endif
    int_products_s8(sum, (const int8_t *)x, w, length, samples, outputs);
}

/* sum[k] = sum over o < outputs of e[o] * w[o * inputs + k], for k < inputs. */
INT_FUNCTION void int_error_s8(int32_t *sum, const int8_t *e, const int8_t *w, size_t outputs,
                               size_t inputs)
{
#if INT_VECTOR
    for (size_t o = 0; o < outputs && inputs >= INT_VECTOR / 2; o += INT_TERMS) {
        IntErrors list;
        list.count = 0;
        int_v_append_all(&list, e, o, int_least(outputs, o + INT_TERMS), INT_S8);
        int_v_error(sum, &list, w, inputs, INT_S8, o > 0);
    }
    if (inputs >= INT_VECTOR / 2)
        return;
#endif
    memset(sum, 0, inputs * sizeof *sum);
    for (size_t o = 0; o < outputs; ++o)
        for (size_t k = 0; e[o] != 0 && k < inputs; ++k)
            sum[k] += (int32_t)e[o] * w[o * inputs + k];
}

/* Before the gradients of a batch: fills groups, for vectors. */
#if INT_VECTOR
INT_INLINE void int_v_pairs_8(uint32_t *restrict to, const int8_t *from, size_t batch, size_t width)
{
    for (size_t b = 0; b < batch; b += 2, to += width) {
        const int8_t *const s0 = from + b * width;
        const int8_t *const s1 = from + int_least(b + 1, batch - 1) * width;
        const uint32_t keep = b + 2 <= batch ? UINT32_MAX : 0xFFFFU;
        for (size_t k = 0; k < width; ++k)
            to[k] = ((uint16_t)s0[k] | (uint32_t)(uint16_t)s1[k] << 16) & keep;
    }
}

INT_INLINE void int_v_quads(uint32_t *restrict to, const uint8_t *from, size_t batch, size_t width)
{
    for (size_t b = 0; b < batch; b += 4, to += width) {
        const uint8_t *const s0 = from + b * width;
        const uint8_t *const s1 = from + int_least(b + 1, batch - 1) * width;
        const uint8_t *const s2 = from + int_least(b + 2, batch - 1) * width;
        const uint8_t *const s3 = from + int_least(b + 3, batch - 1) * width;
        const uint32_t keep = b + 4 <= batch ? UINT32_MAX : UINT32_MAX >> (8 * (b + 4 - batch));
        for (size_t k = 0; k < width; ++k)
            to[k] = keep & (s0[k] | (uint32_t)s1[k] << 8 | (uint32_t)s2[k] << 16 |
                            (uint32_t)s3[k] << 24);
    }
}
#endif

INT_FUNCTION void int_regroup_s8(uint32_t *groups, const int8_t *x, const int8_t *e, size_t batch,
                                 size_t inputs, size_t outputs)
{
#if INT_VECTOR
    int_v_pairs_8(groups, x, batch, inputs);
    int_v_pairs_8(groups + (batch + 1) / 2 * inputs, e, batch, outputs);
#else
    (void)groups, (void)x, (void)e, (void)batch, (void)inputs, (void)outputs;
#endif
}

INT_FUNCTION void int_regroup_u8(uint32_t *groups, const uint8_t *x, const int8_t *e, size_t batch,
                                 size_t inputs, size_t outputs)
{
#if INT_VECTOR && INT_HAS_DOT4
    int_v_quads(groups, x, batch, inputs);
    int_v_quads(groups + (batch + 3) / 4 * inputs, (const uint8_t *)e, batch, outputs);
#else
    int_regroup_s8(groups, (const int8_t *)x, e, batch, inputs, outputs);
#endif
}

/* sum[r * inputs + k] = sum over b < batch of e[b * outputs + row + r] * x[b * inputs + k], for
 * k < inputs and r < rows, which is at most four. */
INT_KERNEL void int_gradient_s8(int32_t *sum, const uint32_t *groups, const int8_t *x,
                                const int8_t *e, size_t row, size_t rows, size_t batch,
                                size_t inputs, size_t outputs)
{
#if INT_VECTOR
    if (inputs >= INT_VECTOR / 4) {
        int_v_gradient(sum, groups, row, rows, batch, inputs, outputs, INT_S8);
        return;
    }
#endif
    (void)groups;
    memset(sum, 0, rows * inputs * sizeof *sum);
    for (size_t r = 0; r < rows; ++r)
        for (size_t b = 0; b < batch; ++b) {
            const int32_t error = e[b * outputs + row + r];
            for (size_t k = 0; error != 0 && k < inputs; ++k)
                sum[r * inputs + k] += error * x[b * inputs + k];
        }
}

INT_KERNEL void int_gradient_u8(int32_t *sum, const uint32_t *groups, const uint8_t *x,
                                const int8_t *e, size_t row, size_t rows, size_t batch,
                                size_t inputs, size_t outputs)
{
#if INT_VECTOR
    if (inputs >= INT_VECTOR / 4) {
        int_v_gradient(sum, groups, row, rows, batch, inputs, outputs, INT_U8);
        return;
    }
#endif
    int_gradient_s8(sum, groups, (const int8_t *)x, e, row, rows, batch, inputs, outputs);
}

#endif
