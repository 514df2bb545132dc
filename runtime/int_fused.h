/* int_fused.h - a row's gradient, momentum and update in one pass, where vectors have 64 bytes: gradients
 * stay in registers, and their products overlap the reading of weights. It is here for `--tiles`.
 *
 * The integers are those of the steps' plain C, for weights of bytes with masters of 32 bits, where nothing
 * is drawn. intc has proved that master - v fits 32 bits, and leaves room for the rounding that follows. */
#ifndef INT_FUSED_H
#define INT_FUSED_H

#include "int_kernels_8.h"

/* ---- gradient and update of a row at once ------------------------------------------------------- */

/* Tests that look at gradients have them in memory. */
#if INT_VECTOR == 64 && !defined INT_TRACE
enum { INT_FUSED = 1 };

/* What an update multiplies by, and shifts by, everywhere in a vector. */
typedef struct {
    IntVector rate, loss, half_loss, shift, half;
} IntFactors;

/* 16 weights move; returns what of them is stored, before it is clamped. */
INT_INLINE IntVector int_v_move(int32_t *master, int32_t *momentum, IntVector g, const IntFactors *f)
{
    const IntVector old = int_v_load(momentum), u = _mm512_mullo_epi32(g, f->rate);
    const IntVector lost = _mm512_srav_epi32(int_v_add(old, f->half_loss), f->loss);
    const IntVector v = int_v_add(_mm512_sub_epi32(old, lost), u);
    const IntVector w = _mm512_sub_epi32(int_v_load(master), v);
    int_v_store(momentum, v);
    int_v_store(master, w);
    return _mm512_srav_epi32(int_v_add(w, f->half), f->shift);
}

/* Weights are bytes below 127 nearly always. Where one is not, all are clamped, and rounded again. */
INT_FUNCTION void int_clamp_weights(int32_t *master, int8_t *storage, size_t count, int shift)
{
    const int32_t bound = 127 * ((int32_t)1 << shift);
    for (size_t k = 0; k < count; ++k) {
        master[k] = int_clamp(master[k], -bound, bound);
        storage[k] = (int8_t)int_nearest(master[k], shift);
    }
}

/* Four vectors of weights; in each quarter of a vector of bytes the packing leaves one part of each. */
INT_INLINE int int_v_keep64(int8_t *storage, const IntVector q[4])
{
    const IntVector order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    const IntVector low = _mm512_packs_epi32(q[0], q[1]), high = _mm512_packs_epi32(q[2], q[3]);
    const IntVector bytes = _mm512_permutexvar_epi32(order, _mm512_packs_epi16(low, high));
    _mm512_storeu_si512(storage, bytes);
    return _mm512_cmpge_epu8_mask(_mm512_abs_epi8(bytes), _mm512_set1_epi8(127)) != 0;
}

INT_INLINE int int_v_keep16(int8_t *storage, IntVector q)
{
    _mm_storeu_si128((__m128i *)(void *)storage, _mm512_cvtsepi32_epi8(q));
    return _mm512_cmpge_epi32_mask(_mm512_abs_epi32(q), _mm512_set1_epi32(127)) != 0;
}

/* `blocks` vectors of weights, 8 or 1, whose gradients are made as in int_v_gradient_columns. */
INT_INLINE int int_v_fused(int32_t *master, int32_t *momentum, int8_t *storage, const IntGroups *list,
                           const uint32_t *x, size_t inputs, size_t blocks, const IntFactors *f)
{
    IntVector v[8];
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        v[n] = int_v_repeat(0);
    for (size_t t = 0; t < list->count; ++t) {
        const IntVector errors = int_v_repeat((int32_t)list->errors[t]);
        INT_UNROLL
        for (size_t n = 0; n < blocks; ++n)
            v[n] = int_v_dot4(v[n], int_v_load(x + list->group[t] * inputs + 16 * n), errors);
    }
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        v[n] = int_v_move(master + 16 * n, momentum + 16 * n, v[n], f);
    if (blocks == 1)
        return int_v_keep16(storage, v[0]);
    const int first = int_v_keep64(storage, v);
    return int_v_keep64(storage + 64, v + 4) | first;
}

/* As int_gradient_u8 for one row, and the update behind it; inputs are a multiple of 16, the groups of a
 * batch at most INT_TERMS / 4. */
INT_KERNEL void int_fused_u8(int32_t *master, int32_t *momentum, int8_t *storage, const uint32_t *groups,
                             size_t row, size_t batch, size_t inputs, size_t outputs, int32_t rate,
                             int loss, int shift)
{
    const size_t count = (batch + 3) / 4, many = inputs / 128 * 128;
    const IntFactors f = {int_v_repeat(rate), int_v_repeat(loss), int_v_repeat(1 << (loss - 1)),
                          int_v_repeat(shift), int_v_repeat(1 << (shift - 1))};
    int large = 0;
    IntGroups list;
    int_v_list(&list, groups + count * inputs + row, 0, count, outputs);
    for (size_t k = 0; k < many; k += 128)
        large |= int_v_fused(master + k, momentum + k, storage + k, &list, groups + k, inputs, 8, &f);
    for (size_t k = many; k < inputs; k += 16)
        large |= int_v_fused(master + k, momentum + k, storage + k, &list, groups + k, inputs, 1, &f);
    if (large)
        int_clamp_weights(master, storage, inputs, shift);
}
#else
enum { INT_FUSED = 0 };

INT_FUNCTION void int_fused_u8(int32_t *master, int32_t *momentum, int8_t *storage,
                               const uint32_t *groups, size_t row, size_t batch, size_t inputs,
                               size_t outputs, int32_t rate, int loss, int shift)
{
    (void)master, (void)momentum, (void)storage, (void)groups, (void)row, (void)batch;
    (void)inputs, (void)outputs, (void)rate, (void)loss, (void)shift;
}
#endif

#endif
