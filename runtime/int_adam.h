/* int_adam.h - Adam's moments, reciprocal roots and steps of 16 weights in vectors of 64 bytes.
 *
 * The integers are those of the loop in the update, which does what is left. Everything is 32 bits
 * wide but the product with the rate, and intc has proved that nothing leaves them there. */
#ifndef INT_ADAM_H
#define INT_ADAM_H

#include "int_roots.h"

/* ---- Adam ------------------------------------------------------------------------------------ */

/* A gradient is clamped to `most` and shifted up; a mean moves by 2^-mean_shift, a square by
 * 2^-square_shift; the rest is as int_over_root has it, and a change is a product with `rate`,
 * rounded behind rate_shift bits. */
typedef struct {
    int32_t most, epsilon, rate, bound;
    int up, root_shift, mean_shift, square_shift, ratio_shift, ratio_down, rate_shift;
} IntAdam;

#if defined __AVX512BW__ && defined __AVX512CD__ && defined __AVX512VNNI__ && !defined INT_PLAIN_C
#include <immintrin.h>

/* The table of int_root, as entries of 16 bits above their distance to the next. */
typedef struct {
    __m512i entry[6];
} IntRootTable;

INT_INLINE IntRootTable int_v_root_table(void)
{
    IntRootTable roots;
    for (size_t i = 0; i < 6; ++i) {
        const __m512i from = _mm512_loadu_si512(int_root_table + 16 * i);
        const __m512i to = _mm512_loadu_si512(int_root_table + 16 * i + 1);
        roots.entry[i] = _mm512_or_si512(_mm512_slli_epi32(from, 16), _mm512_sub_epi32(from, to));
    }
    return roots;
}

/* As int_nearest; half is 2^(s-1). */
INT_INLINE __m512i int_v_nearest(__m512i v, __m512i half, __m512i s)
{
    return _mm512_srav_epi32(_mm512_add_epi32(v, half), s);
}

INT_INLINE __m512i int_v_clamp(__m512i v, int32_t most)
{
    return _mm512_max_epi32(_mm512_min_epi32(v, _mm512_set1_epi32(most)), _mm512_set1_epi32(-most));
}

/* As int_root. Entries from 32 on are in three tables of 32; bits 5 and 6 of an index say which. */
INT_INLINE __m512i int_v_root(__m512i v, const IntRootTable *roots)
{
    const __m512i index = _mm512_srli_epi32(v, 25);
    const __m512i rest = _mm512_and_si512(_mm512_srli_epi32(v, 9), _mm512_set1_epi32(0xFFFF));
    const __m512i *const e = roots->entry;
    const __m512i low = _mm512_permutex2var_epi32(e[0], index, e[1]);
    const __m512i middle = _mm512_permutex2var_epi32(e[2], index, e[3]);
    const __m512i high = _mm512_permutex2var_epi32(e[4], index, e[5]);
    const __mmask16 above = _mm512_cmpge_epu32_mask(index, _mm512_set1_epi32(64));
    const __mmask16 top = _mm512_cmpge_epu32_mask(index, _mm512_set1_epi32(96));
    const __m512i between = _mm512_mask_blend_epi32(above, low, middle);
    const __m512i entry = _mm512_mask_blend_epi32(top, between, high);
    return _mm512_sub_epi32(_mm512_srli_epi32(entry, 16), _mm512_mulhi_epu16(entry, rest));
}

/* As int_over_root. A root lies between 2^15 and 2^16: the same 16 bits with a sign are 2^16 less,
 * which is made up for by what the products are added to. */
INT_INLINE __m512i int_v_over_root(__m512i m, __m512i v, int shift, const IntRootTable *roots)
{
    const __m512i zeros = _mm512_lzcnt_epi32(v), half = _mm512_srli_epi32(zeros, 1);
    const __m512i down = _mm512_sub_epi32(_mm512_set1_epi32(shift), half);
    const __m512i rounding = _mm512_srlv_epi32(_mm512_set1_epi32(1 << (shift - 1)), half);
    const __m512i narrow = int_v_clamp(int_v_nearest(m, rounding, down), 32767);
    const __m512i even = _mm512_and_si512(zeros, _mm512_set1_epi32(30));
    const __m512i root = int_v_root(_mm512_sllv_epi32(v, even), roots);
    return _mm512_dpwssd_epi32(_mm512_slli_epi32(narrow, 16), narrow, root);
}

/* The nearest to ratio * rate * 2^-s, 0 < s < 32, by 64 bits: of even elements, then of odd ones,
 * whose low half comes to stand high. */
INT_INLINE __m512i int_v_change(__m512i ratio, int32_t rate, int s)
{
    const __m512i by = _mm512_set1_epi64(rate), half = _mm512_set1_epi64(1LL << (s - 1));
    const __m512i even = _mm512_add_epi64(_mm512_mul_epi32(ratio, by), half);
    const __m512i odd = _mm512_add_epi64(_mm512_mul_epi32(_mm512_srli_epi64(ratio, 32), by), half);
    return _mm512_mask_blend_epi32(0xAAAA, _mm512_srl_epi64(even, _mm_cvtsi32_si128(s)),
                                   _mm512_sll_epi64(odd, _mm_cvtsi32_si128(32 - s)));
}

/* The new square: the root of what comes has 16 bits with its sign, whose high half is left out. */
INT_INLINE __m512i int_v_square(__m512i square, __m512i root, const uint16_t *draws, int s)
{
    const __m512i drawn = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)draws));
    const __m512i r = _mm512_and_si512(drawn, _mm512_set1_epi32((1 << s) - 1));
    const __m512i word = _mm512_and_si512(root, _mm512_set1_epi32(0xFFFF));
    const __m512i rise = _mm512_dpwssd_epi32(_mm512_sub_epi32(r, square), word, root);
    return _mm512_add_epi32(square, _mm512_srav_epi32(rise, _mm512_set1_epi32(s)));
}

/* Updates weights of a row by their gradients g; returns how many. */
INT_KERNEL size_t int_adam(int32_t *restrict master, int32_t *restrict momentum,
                           int32_t *restrict square, const int32_t *restrict g,
                           const uint16_t *restrict draws, size_t count, const IntAdam *constants)
{
    const IntRootTable roots = int_v_root_table();
    const __m512i mean_half = _mm512_set1_epi32(1 << (constants->mean_shift - 1));
    const __m512i root_half = _mm512_set1_epi32(1 << (constants->root_shift - 1));
    const __m512i down_half = _mm512_set1_epi32(1 << (constants->ratio_down - 1));
    const __m512i mean_shift = _mm512_set1_epi32(constants->mean_shift);
    const __m512i root_shift = _mm512_set1_epi32(constants->root_shift);
    const __m512i down_shift = _mm512_set1_epi32(constants->ratio_down);
    const size_t whole = count / 16 * 16;
    for (size_t k = 0; k < whole; k += 16) {
        const __m512i clamped = int_v_clamp(_mm512_loadu_si512(g + k), constants->most);
        const __m512i gradient = _mm512_sllv_epi32(clamped, _mm512_set1_epi32(constants->up));
        const __m512i old = _mm512_loadu_si512(momentum + k);
        const __m512i rise = _mm512_sub_epi32(gradient, old);
        const __m512i moved = int_v_nearest(rise, mean_half, mean_shift);
        const __m512i mean = _mm512_add_epi32(old, moved);
        const __m512i root = int_v_nearest(gradient, root_half, root_shift);
        const __m512i v = int_v_square(_mm512_loadu_si512(square + k), root, draws + k,
                                       constants->square_shift);
        _mm512_storeu_si512(momentum + k, mean);
        _mm512_storeu_si512(square + k, v);
        const __m512i floored = _mm512_add_epi32(v, _mm512_set1_epi32(constants->epsilon));
        const __m512i quotient = int_v_over_root(mean, floored, constants->ratio_shift, &roots);
        const __m512i ratio = int_v_nearest(quotient, down_half, down_shift);
        const __m512i change = int_v_change(ratio, constants->rate, constants->rate_shift);
        const __m512i w = _mm512_sub_epi32(_mm512_loadu_si512(master + k), change);
        _mm512_storeu_si512(master + k, int_v_clamp(w, constants->bound));
    }
    return whole;
}
#else
INT_FUNCTION size_t int_adam(int32_t *master, int32_t *momentum, int32_t *square, const int32_t *g,
                             const uint16_t *draws, size_t count, const IntAdam *constants)
{
    (void)master, (void)momentum, (void)square, (void)g, (void)draws, (void)count, (void)constants;
    return 0;
}
#endif

#endif
