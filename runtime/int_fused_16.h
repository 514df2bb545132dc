/* int_fused_16.h - gradient, momentum and update in one pass for weights of 16 bits. Some rows read
 * the same part of a batch, while it is in the nearest cache.
 *
 * Where the product of a gradient and the rate fits 32 bits, it is rounded. Else a gradient is
 * taken as two numbers of 16 bits, g = 2^16 * high + low, both with signs, and
 *
 *     u = high * (rate * 2^(16 - rate_shift)) + low * rate / 2^rate_shift
 *
 * of which only the last is rounded: an instruction multiplies and adds each. intc has proved that
 * the factors fit 16 bits, and u 32. */
#ifndef INT_FUSED_16_H
#define INT_FUSED_16_H

#include "int_fused.h"

/* Rows that read a part of a batch one after the other. */
enum { INT_FUSED_ROWS = 32 };

#if INT_VECTOR == 64 && !defined INT_TRACE

/* What makes u of a gradient, and bounds what it moves, everywhere in a vector. A half of a
 * gradient is multiplied where the factor of the other is 0. */
typedef struct {
    IntFactors kept;
    IntVector rate, high_rate, half, shift, half_word, most, least, bound;
    int halves, clamps;
} IntGain;

INT_INLINE IntGain int_v_gain(const IntUpdate *update)
{
    const int s = update->rate_shift, halves = update->halves;
    const IntGain gain = {int_v_factors(update),
                          int_v_repeat(update->rate),
                          int_v_repeat(halves ? update->rate << (32 - s) : 0),
                          int_v_repeat(s > 0 ? 1 << (s - 1) : 0),
                          int_v_repeat(s),
                          int_v_repeat(1 << 15),
                          int_v_repeat(update->most),
                          int_v_repeat(-update->most),
                          _mm512_set1_epi16((short)(update->bound >> update->quant_shift)),
                          halves,
                          update->most > 0};
    return gain;
}

/* v + u. The high half of a number is that of it plus half a word: its low half has a sign. */
INT_INLINE IntVector int_v_add_gain(IntVector v, IntVector g, const IntGain *gain)
{
    const IntVector product =
        gain->halves ? int_v_dot2(gain->half, g, gain->rate)
                     : int_v_add(_mm512_mullo_epi32(g, gain->rate), gain->half);
    const IntVector rounded = _mm512_srav_epi32(product, gain->shift);
    if (gain->halves)
        v = int_v_dot2(v, int_v_add(g, gain->half_word), gain->high_rate);
    return int_v_add(v, rounded);
}

/* Stores two vectors of weights, or one; returns whether some are at their bound or beyond. */
INT_INLINE int int_v_keep_words(int16_t *storage, const IntVector q[], size_t blocks,
                                IntVector bound)
{
    const IntVector order = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
    const IntVector both = _mm512_packs_epi32(q[0], q[blocks - 1]);
    const IntVector words = _mm512_permutexvar_epi64(order, both);
    if (blocks == 1)
        _mm256_storeu_si256((void *)storage, _mm512_castsi512_si256(words));
    else
        _mm512_storeu_si512(storage, words);
    return _mm512_cmpge_epu16_mask(_mm512_abs_epi16(words), bound) != 0;
}

/* `blocks` vectors of weights, 8 or 1; returns whether some are at their bound or beyond. */
INT_INLINE int int_v_fused_16(int32_t *master, int32_t *momentum, int16_t *storage,
                              const IntGroups *list, const uint32_t *x, size_t inputs,
                              size_t blocks, const IntGain *gain)
{
    IntVector v[8];
    int large = 0;
    int_v_gradient_sums(v, list, x, inputs, blocks, INT_S16);
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n) {
        IntVector next = int_v_add_gain(int_v_kept(momentum + 16 * n, &gain->kept), v[n], gain);
        if (gain->clamps)
            next = _mm512_max_epi32(_mm512_min_epi32(next, gain->most), gain->least);
        v[n] = int_v_move(master + 16 * n, momentum + 16 * n, next, &gain->kept);
    }
    INT_UNROLL
    for (size_t n = 0; n < blocks; n += 2)
        large |= int_v_keep_words(storage + 16 * n, v + n, int_least(blocks, 2), gain->bound);
    return large;
}

/* As int_gradient_s16 for at most INT_FUSED_ROWS rows, and the updates behind it; inputs are a
 * multiple of 16, the groups of a batch at most INT_TERMS / 4. */
INT_KERNEL void int_fused_s16(int32_t *master, int32_t *momentum, int16_t *storage,
                              const uint32_t *groups, size_t row, size_t rows, size_t batch,
                              size_t inputs, size_t outputs, const IntUpdate *update)
{
    const size_t count = (batch + 1) / 2, many = inputs / 128 * 128;
    const IntGain gain = int_v_gain(update);
    int large[INT_FUSED_ROWS] = {0};
    IntGroups list[INT_FUSED_ROWS];
    for (size_t r = 0; r < rows; ++r)
        int_v_list(&list[r], groups + count * inputs + row + r, 0, count, outputs);
    for (size_t k = 0; k < many; k += 128)
        for (size_t r = 0, at = k; r < rows; ++r, at += inputs)
            large[r] |= int_v_fused_16(master + at, momentum + at, storage + at, &list[r],
                                       groups + k, inputs, 8, &gain);
    for (size_t k = many; k < inputs; k += 16)
        for (size_t r = 0, at = k; r < rows; ++r, at += inputs)
            large[r] |= int_v_fused_16(master + at, momentum + at, storage + at, &list[r],
                                       groups + k, inputs, 1, &gain);
    for (size_t r = 0; r < rows; ++r, master += inputs, storage += inputs) {
        if (!large[r])
            continue;
        int_clamp_masters(master, inputs, update->bound);
        for (size_t k = 0; k < inputs; ++k)
            storage[k] = (int16_t)int_nearest(master[k], update->quant_shift);
    }
}
#else
INT_FUNCTION void int_fused_s16(int32_t *master, int32_t *momentum, int16_t *storage,
                                const uint32_t *groups, size_t row, size_t rows, size_t batch,
                                size_t inputs, size_t outputs, const IntUpdate *update)
{
    (void)master, (void)momentum, (void)storage, (void)groups, (void)row, (void)rows, (void)batch;
    (void)inputs, (void)outputs, (void)update;
}
#endif

#endif
