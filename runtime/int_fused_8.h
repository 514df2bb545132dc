/* int_fused_8.h - gradient, momentum and update in one pass for weights of bytes: u is not rounded,
 * and nothing is clamped but masters. */
#ifndef INT_FUSED_8_H
#define INT_FUSED_8_H

#include "int_fused.h"

#if INT_VECTOR == 64 && !defined INT_TRACE

/* Four vectors of weights; the packing leaves a part of each in each quarter of the bytes. */
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

/* `blocks` vectors of weights, 8 or 1; returns whether some are at their bound or beyond. */
INT_INLINE int int_v_fused_8(int32_t *master, int32_t *momentum, int8_t *storage,
                             const IntGroups *list, const uint32_t *x, size_t inputs,
                             size_t blocks, const IntFactors *f)
{
    IntVector v[8];
    int_v_gradient_sums(v, list, x, inputs, blocks, INT_U8);
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n) {
        const IntVector u = _mm512_mullo_epi32(v[n], f->rate);
        const IntVector next = int_v_add(int_v_kept(momentum + 16 * n, f), u);
        v[n] = int_v_move(master + 16 * n, momentum + 16 * n, next, f);
    }
    if (blocks == 1)
        return int_v_keep16(storage, v[0]);
    const int first = int_v_keep64(storage, v);
    return int_v_keep64(storage + 64, v + 4) | first;
}

/* As int_gradient_u8 for one row, and the update behind it; inputs are a multiple of 16, the groups
 * of a batch at most INT_TERMS / 4. */
INT_KERNEL void int_fused_u8(int32_t *master, int32_t *momentum, int8_t *storage,
                             const uint32_t *groups, size_t row, size_t batch, size_t inputs,
                             size_t outputs, const IntUpdate *update)
{
    const size_t count = (batch + 3) / 4, many = inputs / 128 * 128;
    const IntFactors f = int_v_factors(update);
    int large = 0;
    IntGroups list;
    int_v_list(&list, groups + count * inputs + row, 0, count, outputs);
    for (size_t k = 0; k < many; k += 128)
        large |= int_v_fused_8(master + k, momentum + k, storage + k, &list, groups + k, inputs, 8,
                               &f);
    for (size_t k = many; k < inputs; k += 16)
        large |= int_v_fused_8(master + k, momentum + k, storage + k, &list, groups + k, inputs, 1,
                               &f);
    if (!large)
        return;
    int_clamp_masters(master, inputs, update->bound);
    for (size_t k = 0; k < inputs; ++k)
        storage[k] = (int8_t)int_nearest(master[k], update->quant_shift);
}
#else
INT_FUNCTION void int_fused_u8(int32_t *master, int32_t *momentum, int8_t *storage,
                               const uint32_t *groups, size_t row, size_t batch, size_t inputs,
                               size_t outputs, const IntUpdate *update)
{
    (void)master, (void)momentum, (void)storage, (void)groups, (void)row, (void)batch;
    (void)inputs, (void)outputs, (void)update;
}
#endif

#endif
