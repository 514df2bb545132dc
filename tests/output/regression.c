/* regression.c - trains the network `regression` in i8. Written by intc 0.1.0; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */

/* int_runtime.h - the arithmetic that generated code stands on: random streams, rounding, clamping.
 *
 * Pasted verbatim into every generated file. Freestanding C99: integers of known width, no heap, no
 * float, no state of its own. Each function says why it cannot overflow. */
#ifndef INT_RUNTIME_H
#define INT_RUNTIME_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Every function here is small and local to the file; a model need not use all of them. */
#ifdef __GNUC__
#define INT_FUNCTION __attribute__((unused)) static inline
#else
#define INT_FUNCTION static inline
#endif

/* For what must become part of its caller. gcc unrolls short loops of vectors only when asked to;
 * unrolled, their arrays are registers. Short loops of numbers it unrolls before it could find
 * vectors in them, unless asked not to. clang does so behind a large kernel if that is a call. */
#ifdef __GNUC__
#define INT_INLINE __attribute__((unused, always_inline)) static inline
#else
#define INT_INLINE static inline
#endif
#if defined __GNUC__ && !defined __clang__
#define INT_UNROLL _Pragma("GCC unroll 8")
#define INT_ROLLED _Pragma("GCC unroll 1")
#else
#define INT_UNROLL
#define INT_ROLLED
#endif
#ifdef __clang__
#define INT_KERNEL __attribute__((noinline)) INT_FUNCTION
#else
#define INT_KERNEL INT_FUNCTION
#endif

/* What the arithmetic assumes of the compiler; an array of size -1 stops the build otherwise. */
typedef char int_assume_two_complement[(-1 & 3) == 3 ? 1 : -1];
typedef char int_assume_8_bit_bytes[(uint8_t)-1 == 255 ? 1 : -1];
/* That the compiler shifts as its preprocessor does, which decides below. */
typedef char int_assume_one_shift[(((int32_t)-1 >> 1) == -1) == ((-1 >> 1) == -1) ? 1 : -1];
typedef char int_assume_one_shift64[(((int64_t)-1 >> 1) == -1) == ((-1 >> 1) == -1) ? 1 : -1];

/* ---- shifts ---------------------------------------------------------------------------------- */

/* Floor of v / 2^s for 0 <= s < 32. C leaves the shift of a negative value to the implementation;
 * where it is not arithmetic, the complement of a negative value is shifted instead: it is >= 0. */
INT_FUNCTION int32_t int_shift(int32_t v, int s)
{
#if (-1 >> 1) == -1
    return v >> s;
#else
    return v < 0 ? ~(~v >> s) : v >> s;
#endif
}

INT_FUNCTION int64_t int_shift64(int64_t v, int s)
{
#if (-1 >> 1) == -1
    return v >> s;
#else
    return v < 0 ? ~(~v >> s) : v >> s;
#endif
}

/* ---- rounding and saturation ----------------------------------------------------------------- */

/* v / 2^s rounded to the nearest, halves upwards, 0 < s < 32. The compiler has proved that
 * |v| + 2^s fits the type. */
INT_FUNCTION int32_t int_nearest(int32_t v, int s)
{
    return int_shift(v + ((int32_t)1 << (s - 1)), s);
}

INT_FUNCTION int64_t int_nearest64(int64_t v, int s)
{
    return int_shift64(v + ((int64_t)1 << (s - 1)), s);
}

/* v / 2^s rounded up with the probability of its fraction: r is uniform, its low s bits count. */
INT_FUNCTION int32_t int_stochastic(int32_t v, int s, uint32_t r)
{
    return int_shift(v + (int32_t)(r & (((uint32_t)1 << s) - 1)), s);
}

INT_FUNCTION int64_t int_stochastic64(int64_t v, int s, uint64_t r)
{
    return int_shift64(v + (int64_t)(r & (((uint64_t)1 << s) - 1)), s);
}

INT_FUNCTION int32_t int_clamp(int32_t v, int32_t lo, int32_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

INT_FUNCTION int64_t int_clamp64(int64_t v, int64_t lo, int64_t hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* What is left of v without the negative values. */
INT_FUNCTION uint32_t int_positive(int32_t v)
{
    return v > 0 ? (uint32_t)v : 0;
}

INT_FUNCTION size_t int_least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* ---- powers of two --------------------------------------------------------------------------- */

/* 2^-t in 15 bits, for t in units of 2^-fraction_bits (15 to 28): the table holds 2^-(i/32), a line
 * runs between its entries, and the whole part shifts. Of 2^15 at most 1 too small, 4 too large. */
INT_FUNCTION uint32_t int_exp2(uint32_t t, int fraction_bits, const uint16_t table[33])
{
    const uint32_t whole = t >> fraction_bits;
    const uint32_t index = (t >> (fraction_bits - 5)) & 31U;
    const uint32_t rest = (t >> (fraction_bits - 15)) & 1023U;
    const uint32_t between = (table[index] * (1024 - rest) + table[index + 1] * rest + 1023U) >> 10;
    return whole > 15 ? 0 : between >> whole;
}

/* log2(sum / 2^15) in units of 2^-15, for sum >= 2^15: the same table, read backwards. */
INT_FUNCTION uint32_t int_log2(uint32_t sum, const uint16_t table[33])
{
    uint32_t whole = 1, index = 0;
    uint32_t part = sum >> 1; /* in the end 2^15 * 2^-t with 0 < t <= 1 */
    while (part >= 32768U) {
        part >>= 1;
        ++whole;
    }
    for (size_t i = 1; i < 32; ++i) /* the table falls; counting is faster than stopping */
        index += table[i] >= part ? 1U : 0U;
    const uint32_t above = table[index], below = table[index + 1];
    const uint32_t rest = ((above - part) << 10) / (above - below);
    return (whole << 15) - ((index << 10) + rest);
}

/* ---- random numbers -------------------------------------------------------------------------- */

/* The finaliser of splitmix64 (Steele, Lea, Flood 2014): a bijection that mixes all 64 bits. */
INT_FUNCTION uint64_t int_mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* The key of a site (a place that draws) at a step of the training. */
INT_FUNCTION uint64_t int_site(uint64_t seed, uint32_t step, uint32_t site)
{
    uint64_t key = int_mix(seed + UINT64_C(0x9E3779B97F4A7C15));
    return int_mix(key ^ (((uint64_t)step << 32) | site));
}

/* The stream of one row of a site: its own, so that no order of evaluation matters. */
INT_FUNCTION uint64_t int_row(uint64_t site_key, uint32_t row)
{
    uint64_t state = int_mix(site_key + UINT64_C(0x9E3779B97F4A7C15) * ((uint64_t)row + 1));
    return state ? state : UINT64_C(0xC0FFEE);
}

/* XorShift64 (Marsaglia 2003), shifts 13, 7, 17; a state is never zero. */
INT_FUNCTION uint64_t int_next(uint64_t *state)
{
    uint64_t x = *state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    *state = x;
    return x;
}

/* The four 16-bit fields of a number, the lowest first. */
INT_FUNCTION void int_fields16(uint16_t *fields, uint64_t bits)
{
#if defined __SSE2__
    memcpy(fields, &bits, sizeof bits);
#else
    fields[0] = (uint16_t)(bits & 0xFFFFU);
    fields[1] = (uint16_t)((bits >> 16) & 0xFFFFU);
    fields[2] = (uint16_t)((bits >> 32) & 0xFFFFU);
    fields[3] = (uint16_t)(bits >> 48);
#endif
}

/* `count` draws of 16 bits: four from each number, the lowest first. */
INT_FUNCTION void int_draw16(uint64_t state, uint16_t *draws, size_t count)
{
    for (size_t i = 0; i < count / 4; ++i)
        int_fields16(draws + 4 * i, int_next(&state));
    const uint64_t bits = count % 4 == 0 ? 0 : int_next(&state);
    for (size_t i = 0; i < count % 4; ++i)
        draws[count / 4 * 4 + i] = (uint16_t)((bits >> (16 * i)) & 0xFFFFU);
}

/* The draws of `rows` rows of a site, at most four, one behind the other. The four streams run at
 * the same time: each number of a stream waits for the one before. */
INT_FUNCTION void int_draw16_rows(uint64_t site_key, uint32_t row, size_t rows, uint16_t *draws,
                                  size_t count)
{
    const size_t done = rows < 4 ? 0 : count / 4 * 4;
    uint64_t a = int_row(site_key, row), b = int_row(site_key, row + 1);
    uint64_t c = int_row(site_key, row + 2), d = int_row(site_key, row + 3);
    for (size_t i = 0; i < done; i += 4) {
        int_fields16(draws + i, int_next(&a));
        int_fields16(draws + count + i, int_next(&b));
        int_fields16(draws + 2 * count + i, int_next(&c));
        int_fields16(draws + 3 * count + i, int_next(&d));
    }
    const uint64_t state[4] = {a, b, c, d};
    for (size_t r = 0; r < rows; ++r)
        int_draw16(state[r], draws + r * count + done, count - done);
}

/* ---- hash ------------------------------------------------------------------------------------ */

/* Of a sequence of values, independent of byte order: one mix a value. */
INT_FUNCTION uint64_t int_hash(uint64_t hash, int64_t value)
{
    return int_mix(hash ^ (uint64_t)value) + UINT64_C(0x9E3779B97F4A7C15);
}

#endif

/* int_kernels.h - the sums of products that take nearly all time: what vector forms are made of.
 *
 * A kernel (int_kernels_8.h, int_kernels_16.h) is plain C, which says what it computes, behind a
 * form for vector instructions that gives the same integers: sums are exact, so their order is
 * free. The vector forms stand on the few operations below, written once for each instruction set
 * that the C compiler may target; INT_PLAIN_C leaves them out. intc has proved that no sum of the
 * products of a kernel leaves 32 bits, whatever the order; bytes are within +-127, words 32767. */
#ifndef INT_KERNELS_H
#define INT_KERNELS_H

/* ---- vectors -------------------------------------------------------------------------------- *
 *
 * A vector has INT_VECTOR bytes: bytes, 16-bit numbers or 32-bit sums. INT_ROWS of them, times four
 * sums, fit the registers.
 *
 *   int_v_load, int_v_store    from and to any address
 *   int_v_widen                INT_VECTOR / 2 signed bytes from any address, as 16-bit numbers
 *   int_v_repeat               the same 32 bits everywhere
 *   int_v_and, int_v_add       bit by bit; sum by sum
 *   int_v_low, int_v_high      16-bit numbers a0 b0 a1 b1 ... of a and b, in two halves
 *   int_v_first, int_v_second  the sums of such pairs in the order a0 a1 ..., in two halves
 *   int_v_dot4                 adds to each sum the products of its four bytes; x is 0..127
 *   int_v_dot2                 adds to each sum the products of its two 16-bit numbers
 *   int_v_totals               stores the total of each of four vectors */

#if defined INT_PLAIN_C
#define INT_VECTOR 0
#define INT_HAS_DOT4 0

#elif defined __AVX512VNNI__ && defined __AVX512BW__
#include <immintrin.h>
#define INT_VECTOR 64
#define INT_HAS_DOT4 1
enum { INT_ROWS = 4 };
typedef __m512i IntVector;

INT_INLINE IntVector int_v_load(const void *from) { return _mm512_loadu_si512(from); }
INT_INLINE void int_v_store(int32_t *to, IntVector v) { _mm512_storeu_si512(to, v); }
INT_INLINE IntVector int_v_widen(const void *from)
{
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)from));
}
INT_INLINE IntVector int_v_repeat(int32_t bits) { return _mm512_set1_epi32(bits); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return _mm512_and_si512(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return _mm512_add_epi32(a, b); }
INT_INLINE IntVector int_v_low(IntVector a, IntVector b) { return _mm512_unpacklo_epi16(a, b); }
INT_INLINE IntVector int_v_high(IntVector a, IntVector b) { return _mm512_unpackhi_epi16(a, b); }
INT_INLINE IntVector int_v_first(IntVector low, IntVector high)
{
    return _mm512_permutex2var_epi64(low, _mm512_setr_epi64(0, 1, 8, 9, 2, 3, 10, 11), high);
}
INT_INLINE IntVector int_v_second(IntVector low, IntVector high)
{
    return _mm512_permutex2var_epi64(low, _mm512_setr_epi64(4, 5, 12, 13, 6, 7, 14, 15), high);
}

/* As assembly, since gcc copies the sums around the built-in functions. */
INT_INLINE IntVector int_v_dot4(IntVector sum, IntVector x, IntVector w)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
}
INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector x, IntVector w)
{
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
}
INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    const __m512i a = _mm512_unpacklo_epi32(v[0], v[1]), b = _mm512_unpackhi_epi32(v[0], v[1]);
    const __m512i c = _mm512_unpacklo_epi32(v[2], v[3]), d = _mm512_unpackhi_epi32(v[2], v[3]);
    const __m512i ab = _mm512_add_epi32(a, b), cd = _mm512_add_epi32(c, d);
    const __m512i x = _mm512_unpacklo_epi64(ab, cd), y = _mm512_unpackhi_epi64(ab, cd);
    const __m512i all = _mm512_add_epi32(x, y);
    const __m256i top = _mm512_extracti64x4_epi64(all, 1), bottom = _mm512_castsi512_si256(all);
    const __m256i half = _mm256_add_epi32(top, bottom);
    const __m128i low = _mm256_castsi256_si128(half), high = _mm256_extracti128_si256(half, 1);
    _mm_storeu_si128((__m128i *)(void *)to, _mm_add_epi32(low, high));
}

#elif defined __AVX2__
#include <immintrin.h>
#define INT_VECTOR 32
#define INT_HAS_DOT4 1
enum { INT_ROWS = 2 };
typedef __m256i IntVector;

INT_INLINE IntVector int_v_load(const void *from) { return _mm256_loadu_si256(from); }
INT_INLINE void int_v_store(int32_t *to, IntVector v) { _mm256_storeu_si256((void *)to, v); }
INT_INLINE IntVector int_v_widen(const void *from)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from));
}
INT_INLINE IntVector int_v_repeat(int32_t bits) { return _mm256_set1_epi32(bits); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return _mm256_and_si256(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return _mm256_add_epi32(a, b); }
INT_INLINE IntVector int_v_low(IntVector a, IntVector b) { return _mm256_unpacklo_epi16(a, b); }
INT_INLINE IntVector int_v_high(IntVector a, IntVector b) { return _mm256_unpackhi_epi16(a, b); }
INT_INLINE IntVector int_v_first(IntVector low, IntVector high)
{
    return _mm256_permute2x128_si256(low, high, 0x20);
}
INT_INLINE IntVector int_v_second(IntVector low, IntVector high)
{
    return _mm256_permute2x128_si256(low, high, 0x31);
}

/* Without VNNI in two steps. The sums of two products of bytes are at most 2 * 127 * 127 < 2^15:
 * they do not saturate. */
INT_INLINE IntVector int_v_dot4(IntVector sum, IntVector x, IntVector w)
{
#if defined __AVXVNNI__
    return _mm256_dpbusd_avx_epi32(sum, x, w);
#else
    const __m256i two = _mm256_maddubs_epi16(x, w);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(two, _mm256_set1_epi16(1)));
#endif
}
INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector x, IntVector w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(x, w));
}
INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    const __m256i ab = _mm256_hadd_epi32(v[0], v[1]), cd = _mm256_hadd_epi32(v[2], v[3]);
    const __m256i all = _mm256_hadd_epi32(ab, cd);
    const __m128i low = _mm256_castsi256_si128(all), high = _mm256_extracti128_si256(all, 1);
    _mm_storeu_si128((__m128i *)(void *)to, _mm_add_epi32(low, high));
}

#elif defined __SSE2__
#include <emmintrin.h>
#define INT_VECTOR 16
#define INT_HAS_DOT4 0
enum { INT_ROWS = 2 };
typedef __m128i IntVector;

INT_INLINE IntVector int_v_load(const void *from) { return _mm_loadu_si128((const __m128i *)from); }
INT_INLINE void int_v_store(int32_t *to, IntVector v) { _mm_storeu_si128((void *)to, v); }
INT_INLINE IntVector int_v_widen(const void *from)
{
    const __m128i bytes = _mm_loadl_epi64((const __m128i *)from);
    return _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
}
INT_INLINE IntVector int_v_repeat(int32_t bits) { return _mm_set1_epi32(bits); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return _mm_and_si128(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return _mm_add_epi32(a, b); }
INT_INLINE IntVector int_v_low(IntVector a, IntVector b) { return _mm_unpacklo_epi16(a, b); }
INT_INLINE IntVector int_v_high(IntVector a, IntVector b) { return _mm_unpackhi_epi16(a, b); }
INT_INLINE IntVector int_v_first(IntVector low, IntVector high) { return (void)high, low; }
INT_INLINE IntVector int_v_second(IntVector low, IntVector high) { return (void)low, high; }
INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector x, IntVector w)
{
    return _mm_add_epi32(sum, _mm_madd_epi16(x, w));
}
INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    const __m128i a = _mm_unpacklo_epi32(v[0], v[1]), b = _mm_unpackhi_epi32(v[0], v[1]);
    const __m128i c = _mm_unpacklo_epi32(v[2], v[3]), d = _mm_unpackhi_epi32(v[2], v[3]);
    const __m128i ab = _mm_add_epi32(a, b), cd = _mm_add_epi32(c, d);
    const __m128i x = _mm_unpacklo_epi64(ab, cd), y = _mm_unpackhi_epi64(ab, cd);
    _mm_storeu_si128((__m128i *)(void *)to, _mm_add_epi32(x, y));
}

#elif defined __ARM_NEON && !defined __ARM_BIG_ENDIAN
#include <arm_neon.h>
#define INT_VECTOR 16
#define INT_HAS_DOT4 1
enum { INT_ROWS = 4 };
typedef int32x4_t IntVector;

INT_INLINE IntVector int_v_load(const void *from)
{
    return vreinterpretq_s32_u8(vld1q_u8((const uint8_t *)from));
}
INT_INLINE void int_v_store(int32_t *to, IntVector v) { vst1q_s32(to, v); }
INT_INLINE IntVector int_v_widen(const void *from)
{
    return vreinterpretq_s32_s16(vmovl_s8(vld1_s8((const int8_t *)from)));
}
INT_INLINE IntVector int_v_repeat(int32_t bits) { return vdupq_n_s32(bits); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return vandq_s32(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return vaddq_s32(a, b); }
INT_INLINE IntVector int_v_low(IntVector a, IntVector b)
{
    const int16x8_t x = vreinterpretq_s16_s32(a), y = vreinterpretq_s16_s32(b);
    return vreinterpretq_s32_s16(vzipq_s16(x, y).val[0]);
}
INT_INLINE IntVector int_v_high(IntVector a, IntVector b)
{
    const int16x8_t x = vreinterpretq_s16_s32(a), y = vreinterpretq_s16_s32(b);
    return vreinterpretq_s32_s16(vzipq_s16(x, y).val[1]);
}
INT_INLINE IntVector int_v_first(IntVector low, IntVector high) { return (void)high, low; }
INT_INLINE IntVector int_v_second(IntVector low, IntVector high) { return (void)low, high; }

/* Sums of neighbours, those of a before those of b. */
INT_INLINE IntVector int_v_neighbours(IntVector a, IntVector b)
{
    return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)),
                        vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}

/* The sums of two products of bytes are at most 2 * 127 * 127 < 2^15: they fit 16 bits. */
INT_INLINE IntVector int_v_dot4(IntVector sum, IntVector x, IntVector w)
{
    const int8x16_t a = vreinterpretq_s8_s32(x), b = vreinterpretq_s8_s32(w);
#if defined __ARM_FEATURE_DOTPROD
    return vdotq_s32(sum, a, b);
#else
    const int16x8_t p = vmull_s8(vget_low_s8(a), vget_low_s8(b));
    const int16x8_t q = vmull_s8(vget_high_s8(a), vget_high_s8(b));
    const int16x4_t two_of_p = vpadd_s16(vget_low_s16(p), vget_high_s16(p));
    const int16x4_t two_of_q = vpadd_s16(vget_low_s16(q), vget_high_s16(q));
    return vpadalq_s16(sum, vcombine_s16(two_of_p, two_of_q));
#endif
}
INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector x, IntVector w)
{
    const int16x8_t a = vreinterpretq_s16_s32(x), b = vreinterpretq_s16_s32(w);
    const int32x4_t p = vmull_s16(vget_low_s16(a), vget_low_s16(b));
    const int32x4_t q = vmull_s16(vget_high_s16(a), vget_high_s16(b));
    return vaddq_s32(sum, int_v_neighbours(p, q));
}
INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    vst1q_s32(to, int_v_neighbours(int_v_neighbours(v[0], v[1]), int_v_neighbours(v[2], v[3])));
}

#else
#define INT_VECTOR 0
#define INT_HAS_DOT4 0
#endif

/* Where a model keeps its groups (below). */
#if INT_VECTOR
#define INT_GROUPS(m) ((m)->groups)
#else
#define INT_GROUPS(m) NULL
#endif

#if INT_VECTOR

/* ---- rows of operands ------------------------------------------------------------------------ */

/* What a row holds: bytes, 16-bit numbers, or bytes that are never negative (0..127), which are as
 * others where there is no int_v_dot4. Lists of operands are INT_TERMS long at most. */
enum { INT_S8 = 1, INT_S16 = 2, INT_U8 = INT_HAS_DOT4 ? 3 : INT_S8 };
enum { INT_TERMS = 512 };

/* A vector of a row's elements from k on; bytes that may be negative become 16 bits wide. */
INT_INLINE IntVector int_v_elements(const uint8_t *row, size_t k, int kind)
{
    if (kind == INT_S8)
        return int_v_widen(row + k);
    return int_v_load(row + (kind == INT_S16 ? 2 * k : k));
}

INT_INLINE IntVector int_v_dot(IntVector sum, IntVector x, IntVector w, int kind)
{
#if INT_HAS_DOT4
    if (kind == INT_U8)
        return int_v_dot4(sum, x, w);
#endif
    (void)kind;
    return int_v_dot2(sum, x, w);
}

/* The last `bytes` bytes of a vector, at most INT_VECTOR; the others become zero. */
INT_INLINE IntVector int_v_last(IntVector v, size_t bytes)
{
    static const uint64_t keep[16] = {0, 0, 0, 0, 0, 0, 0, 0, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                      UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    return int_v_and(v, int_v_load((const uint8_t *)keep + (64 - INT_VECTOR) + bytes));
}

/* The last sums of a row, which fill no vector. */
INT_INLINE void int_v_finish(int32_t *sum, const int32_t *last, size_t count, int add)
{
    for (size_t i = 0; i < count; ++i)
        sum[i] = (add ? sum[i] : 0) + last[i];
}

/* ---- samples times weights of outputs: sum[i][j] = sum over k of x[i][k] * w[j][k] ----------- */

/* Adds the products of INT_ROWS samples and four outputs from element k on; of the vectors only the
 * last `bytes` bytes count. */
INT_INLINE void int_v_step(IntVector sum[INT_ROWS][4], const uint8_t *const x[],
                           const uint8_t *const w[], size_t k, size_t bytes, int kind)
{
    IntVector v[4];
    INT_UNROLL
    for (size_t j = 0; j < 4; ++j)
        v[j] = int_v_elements(w[j], k, kind);
    INT_UNROLL
    for (size_t i = 0; i < INT_ROWS; ++i) {
        const IntVector all = int_v_elements(x[i], k, kind);
        const IntVector u = bytes < INT_VECTOR ? int_v_last(all, bytes) : all;
        INT_UNROLL
        for (size_t j = 0; j < 4; ++j)
            sum[i][j] = int_v_dot(sum[i][j], u, v[j], kind);
    }
}

/* Up to INT_ROWS samples and up to four outputs: those that are missing repeat the last one. The
 * last step ends with the rows, overlapping the one before. */
INT_INLINE void int_v_tile(int32_t *sum, size_t stride, const uint8_t *x, const uint8_t *w,
                           size_t length, size_t samples, size_t outputs, int kind)
{
    const size_t row = length * (kind == INT_S16 ? 2 : 1);
    const size_t elements = INT_HAS_DOT4 && kind == INT_U8 ? INT_VECTOR : INT_VECTOR / 2;
    const size_t whole = length / elements * elements;
    const uint8_t *xs[INT_ROWS], *ws[4];
    IntVector sums[INT_ROWS][4];
    INT_UNROLL
    for (size_t j = 0; j < 4; ++j)
        ws[j] = w + int_least(j, outputs - 1) * row;
    INT_UNROLL
    for (size_t i = 0; i < INT_ROWS; ++i) {
        xs[i] = x + int_least(i, samples - 1) * row;
        sums[i][0] = sums[i][1] = sums[i][2] = sums[i][3] = int_v_repeat(0);
    }
    for (size_t k = 0; k < whole; k += elements)
        int_v_step(sums, xs, ws, k, INT_VECTOR, kind);
    if (whole < length)
        int_v_step(sums, xs, ws, length - elements, INT_VECTOR / elements * (length - whole), kind);
    INT_UNROLL
    for (size_t i = 0; i < INT_ROWS; ++i)
        if (i < samples)
            int_v_totals(sum + i * stride, sums[i]);
}

INT_INLINE void int_v_products(int32_t *sum, const void *x, const void *w, size_t length,
                               size_t samples, size_t outputs, int kind)
{
    const size_t row = length * (kind == INT_S16 ? 2 : 1), stride = (outputs + 3) / 4 * 4;
    const uint8_t *const first_x = x, *const first_w = w;
    for (size_t j = 0; j < outputs; j += 4)
        for (size_t i = 0; i < samples; i += INT_ROWS)
            int_v_tile(sum + i * stride + j, stride, first_x + i * row, first_w + j * row, length,
                       int_least(samples - i, INT_ROWS), int_least(outputs - j, 4), kind);
}

/* ---- errors: sum[k] = sum over o of e[o] * w[o][k] ------------------------------------------- */

/* Errors that are not zero, and their outputs, to be taken in pairs: a zero may end the list. */
typedef struct {
    size_t count;
    uint32_t output[INT_TERMS + 16]; /* 16 at a time may be written behind the last */
    int16_t error[INT_TERMS + 16];
} IntErrors;

INT_INLINE void int_v_append(IntErrors *list, size_t output, int16_t error)
{
    list->output[list->count] = (uint32_t)output;
    list->error[list->count] = error;
    list->count += error != 0;
}

/* The errors of outputs first to end - 1; 16 at a time where there is an instruction for it. */
INT_INLINE void int_v_append_all(IntErrors *list, const void *e, size_t first, size_t end, int kind)
{
    const int8_t *const bytes = e;
    const int16_t *const words = e;
#if INT_VECTOR == 64
    const IntVector order = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    for (; first + 16 <= end; first += 16) {
        const void *const from = kind == INT_S16 ? (const void *)(words + first) : bytes + first;
        const IntVector all = kind == INT_S16 ? _mm512_cvtepi16_epi32(_mm256_loadu_si256(from))
                                              : _mm512_cvtepi8_epi32(_mm_loadu_si128(from));
        const IntVector outputs = int_v_add(order, int_v_repeat((int32_t)first));
        const __mmask16 some = _mm512_test_epi32_mask(all, all);
        const __m256i errors = _mm512_cvtepi32_epi16(_mm512_maskz_compress_epi32(some, all));
        _mm512_storeu_si512(list->output + list->count, _mm512_maskz_compress_epi32(some, outputs));
        _mm256_storeu_si256((void *)(list->error + list->count), errors);
        list->count += (size_t)__builtin_popcount(some);
    }
#endif
    for (; first < end; ++first)
        int_v_append(list, first, kind == INT_S16 ? words[first] : bytes[first]);
}

/* The sums of `blocks` times INT_VECTOR / 2 columns, which stay in registers while the errors pass
 * by; adds to what is there, or not. */
INT_INLINE void int_v_error_columns(int32_t *sum, const IntErrors *list, const uint8_t *w,
                                    size_t row, size_t blocks, int kind, int add)
{
    IntVector low[4], high[4];
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        low[n] = high[n] = int_v_repeat(0);
    for (size_t t = 0; t < list->count; t += 2) {
        const uint8_t *a = w + list->output[t] * row, *b = w + list->output[t + 1] * row;
        int32_t pair;
        memcpy(&pair, list->error + t, sizeof pair);
        const IntVector errors = int_v_repeat(pair);
        INT_UNROLL
        for (size_t n = 0; n < blocks; ++n) {
            const IntVector wa = int_v_elements(a, n * (INT_VECTOR / 2), kind);
            const IntVector wb = int_v_elements(b, n * (INT_VECTOR / 2), kind);
            low[n] = int_v_dot2(low[n], int_v_low(wa, wb), errors);
            high[n] = int_v_dot2(high[n], int_v_high(wa, wb), errors);
        }
    }
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n) {
        int32_t *const to = sum + n * (INT_VECTOR / 2), *const next = to + INT_VECTOR / 4;
        IntVector first = int_v_first(low[n], high[n]), second = int_v_second(low[n], high[n]);
        int_v_store(to, add ? int_v_add(int_v_load(to), first) : first);
        int_v_store(next, add ? int_v_add(int_v_load(next), second) : second);
    }
}

/* The last columns are those that end with the row, overlapping the ones before. */
INT_INLINE void int_v_error(int32_t *sum, IntErrors *list, const void *weights, size_t inputs,
                            int kind, int add)
{
    const size_t size = kind == INT_S16 ? 2 : 1, block = INT_VECTOR / 2, row = inputs * size;
    const size_t many = inputs / (4 * block) * (4 * block), whole = inputs / block * block;
    const uint8_t *const w = weights;
    list->output[list->count] = 0;
    list->error[list->count] = 0;
    for (size_t k = 0; k < many; k += 4 * block)
        int_v_error_columns(sum + k, list, w + k * size, row, 4, kind, add);
    for (size_t k = many; k < whole; k += block)
        int_v_error_columns(sum + k, list, w + k * size, row, 1, kind, add);
    if (whole < inputs) {
        int32_t last[INT_VECTOR / 2];
        int_v_error_columns(last, list, w + (inputs - block) * size, row, 1, kind, 0);
        int_v_finish(sum + whole, last + block - (inputs - whole), inputs - whole, add);
    }
}

/* ---- gradients: sum[r][k] = sum over b of e[b][row + r] * x[b][k] ----------------------------- *
 *
 * Before, the batch is regrouped: a word holds the elements of four samples (bytes) or two (16-bit
 * numbers) that a sum takes together; words[group][k] of x, behind them words[group][output] of e.
 * Beyond the end of the batch there are zeros. Words of e are mostly zero. */

/* Groups in which the errors of an output are not all zero. */
typedef struct {
    size_t count;
    uint32_t group[INT_TERMS / 4], errors[INT_TERMS / 4];
} IntGroups;

INT_INLINE void int_v_list(IntGroups *list, const uint32_t *e, size_t from, size_t end, size_t step)
{
    list->count = 0;
    for (size_t i = from; i < end; ++i) {
        list->group[list->count] = (uint32_t)i;
        list->errors[list->count] = e[i * step];
        list->count += e[i * step] != 0;
    }
}

/* `blocks` vectors of sums, in registers while groups pass by; adds to what is there, or not. */
INT_INLINE void int_v_gradient_columns(int32_t *sum, const IntGroups *list, const uint32_t *x,
                                       size_t inputs, size_t blocks, int kind, int add)
{
    IntVector v[8];
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        v[n] = add ? int_v_load(sum + n * (INT_VECTOR / 4)) : int_v_repeat(0);
    for (size_t t = 0; t < list->count; ++t) {
        const uint32_t *const words = x + list->group[t] * inputs;
        const IntVector errors = int_v_repeat((int32_t)list->errors[t]);
        INT_UNROLL
        for (size_t n = 0; n < blocks; ++n)
            v[n] = int_v_dot(v[n], int_v_load(words + n * (INT_VECTOR / 4)), errors, kind);
    }
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        int_v_store(sum + n * (INT_VECTOR / 4), v[n]);
}

/* Columns outside, at most four rows inside: what is read of x stays in the nearest cache. */
INT_INLINE void int_v_gradient(int32_t *sum, const uint32_t *words, size_t row, size_t rows,
                               size_t batch, size_t inputs, size_t outputs, int kind)
{
    const size_t samples = INT_HAS_DOT4 && kind == INT_U8 ? 4 : 2, block = INT_VECTOR / 4;
    const size_t groups = (batch + samples - 1) / samples, rest = inputs % block;
    const size_t many = inputs / (8 * block) * (8 * block), whole = inputs - rest;
    const uint32_t *const e = words + groups * inputs + row;
    for (size_t first = 0; first < groups; first += INT_TERMS / 4) {
        const int add = first > 0;
        IntGroups list[4];
        for (size_t r = 0; r < rows; ++r)
            int_v_list(&list[r], e + r, first, int_least(groups, first + INT_TERMS / 4), outputs);
        for (size_t k = 0; k < many; k += 8 * block)
            for (size_t r = 0, at = k; r < rows; ++r, at += inputs)
                int_v_gradient_columns(sum + at, &list[r], words + k, inputs, 8, kind, add);
        for (size_t k = many; k < whole; k += block)
            for (size_t r = 0, at = k; r < rows; ++r, at += inputs)
                int_v_gradient_columns(sum + at, &list[r], words + k, inputs, 1, kind, add);
        for (size_t r = 0; r < rows && rest > 0; ++r) {
            int32_t last[INT_VECTOR / 4];
            int_v_gradient_columns(last, &list[r], words + inputs - block, inputs, 1, kind, 0);
            int_v_finish(sum + r * inputs + whole, last + block - rest, rest, add);
        }
    }
}

#endif

#endif

/* int_kernels_8.h - the kernels for bytes, -127..127; where a name ends in u8, x is 0..127.
 *
 * A product is at most 127 * 127 < 2^14, and intc has proved that their sum fits 32 bits. */
#ifndef INT_KERNELS_8_H
#define INT_KERNELS_8_H

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

#include "regression.h"

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
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % REGRESSION_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < REGRESSION_THREADS ? wanted : REGRESSION_THREADS;
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

void regression_init(regression *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = 1;
    /* line 7: out = dense(h, 2)
     * init: out.weights i8[2,9] >>5
     *   -> out.weights.master i32[2,9] >>27, out.weights i8[2,9] >>5 */
    {
        const uint64_t site = int_site(seed, 0, 0);
        for (size_t row = 0; row < 2; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 9; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(219176633)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 109588316);
                m->out_weights_master[row * 9 + k] = (int32_t)w;
                m->out_weights[row * 9 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 0);
    INT_TRACE(m, 1);
    /* line 6: h = relu(dense(x, 9))
     * init: h.weights i8[9,3] >>4
     *   -> h.weights.master i32[9,3] >>26, h.weights i8[9,3] >>4 */
    {
        const uint64_t site = int_site(seed, 0, 2);
        for (size_t row = 0; row < 9; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < 3; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(189812533)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - 94906266);
                m->h_weights_master[row * 3 + k] = (int32_t)w;
                m->h_weights[row * 3 + k] = (int8_t)int_nearest(w, 22);
            }
        }
    }
    INT_TRACE(m, 2);
    INT_TRACE(m, 3);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void regression_forward(regression *m, const int16_t *input, size_t rows)
{
    /* line 4: input x: i16[3] unit 0.1 minmax([0, -5, 1], [10, 5, 3])
     * encode: x.raw i16[3]
     *   -> x i8[3] >>7
     * sum in i32 >>19: at most 859242496, 1 bits free; cast >>12, nearest, saturates */
    {
        static const int32_t multiplier[] = {5243, 5243, 26214};
        static const int32_t offset[] = {0, -262144, 262144};
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const x = input + b * 3;
            uint8_t *const y = (uint8_t *)(m->i8 + 0) + b * 3;
            for (size_t i = 0; i < 3; ++i)
                y[i] = (uint8_t)int_clamp(int_nearest((int32_t)x[i] * multiplier[i] - offset[i], 12), 0, 127);
            INT_COUNT(m, 0, y, 3, 0, 127);
        }
    }
    INT_TRACE(m, 4);
    /* line 6: h = relu(dense(x, 9))
     * dense: x i8[3] >>7, h.weights i8[9,3] >>4, h.bias i32[9] >>11
     *   -> h.dense i8[9] >>3
     * sum in i32 >>11: at most 81154, 14 bits free; cast >>8, nearest, saturates */
    INT_PARALLEL(1, rows * (size_t)12)
    for (size_t b = 0; b < rows; b += 1) {
        const size_t samples = int_least(rows - b, 1);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_u8(sums, (uint8_t *)(m->i8 + 0) + b * 3, m->h_weights, 3, samples, 9);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 12;
            int8_t *restrict const y = m->i8 + 64 + (b + i) * 9;
            for (size_t o = 0; o < 9; ++o)
                y[o] = (int8_t)int_clamp(int_nearest(sum[o] + m->h_bias[o], 8), -127, 127);
            INT_COUNT(m, 1, y, 9, -127, 127);
        }
    }
    INT_TRACE(m, 5);
    /* line 6: h = relu(dense(x, 9))
     * relu: h.dense i8[9] >>3
     *   -> h i8[9] >>3 */
    {
        int8_t *const x = m->i8 + 64;
        for (size_t i = 0; i < rows * 9; ++i)
            x[i] = (int8_t)(x[i] > 0 ? x[i] : 0);
    }
    INT_TRACE(m, 6);
    /* line 7: out = dense(h, 2)
     * dense: h i8[9] >>3, out.weights i8[2,9] >>5, out.bias i32[2] >>8
     *   -> out i16[2] >>11
     * sum in i32 >>8: at most 149256, 13 bits free; cast <<3, scale, saturates */
    INT_PARALLEL(1, rows * (size_t)4)
    for (size_t b = 0; b < rows; b += 1) {
        const size_t samples = int_least(rows - b, 1);
        int32_t *const sums = INT_OWN(m, i32, 0, 0);
        int_products_u8(sums, (uint8_t *)(m->i8 + 64) + b * 9, m->out_weights, 9, samples, 2);
        for (size_t i = 0; i < samples; ++i) {
            const int32_t *restrict const sum = sums + i * 4;
            int16_t *restrict const y = m->i16 + 0 + (b + i) * 2;
            for (size_t o = 0; o < 2; ++o)
                y[o] = (int16_t)(int_clamp(sum[o] + m->out_bias[o], -(32767 >> 3), 32767 >> 3) *
            ((int32_t)1 << 3));
            INT_COUNT(m, 2, y, 2, -32767, 32767);
        }
    }
    INT_TRACE(m, 7);
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t regression_losses(regression *m, const int16_t *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
    (void)correct; /* there are none: the target is real-valued */
    /* line 8: loss mse(out, y)
     * mse: out i16[2] >>11, y i16[2]
     *   -> out.error i8[2] >>3
     * sum in i32 >>11: at most 65534, 15 bits free; cast >>8, stochastic, saturates */
    {
        int32_t *const g = m->i32 + 0;
        const uint64_t site = int_site(m->seed, m->step, 4);
        uint16_t *const draws = (uint16_t *)(m->i16 + 32);
        for (size_t b = 0; b < rows; ++b) {
            const int16_t *const y = m->i16 + 0 + b * 2;
            int8_t *const e = m->i8 + 128 + b * 2;
            const int16_t *const x = target + b * 2;
            uint64_t sum = 0;
            for (size_t i = 0; i < 2; ++i) {
                const int32_t difference = (int32_t)y[i] - (int32_t)int_clamp64(int_nearest64((int64_t)x[i] * 5243 - 786432, 7), -32767, 32767); /* 17 bits */
                sum += (uint64_t)((int64_t)difference * difference);
                g[i] = difference;
            }
            int_draw16(int_row(site, (uint32_t)b), draws, 2);
            for (size_t i = 0; i < 2; ++i)
                e[i] = (int8_t)int_clamp(int_stochastic(g[i], 8, draws[i]), -127, 127);
            INT_COUNT(m, 3, e, 2, -127, 127);
            total += sum >> 7;
        }
    }
    INT_TRACE(m, 8);

    return total;
}

static void regression_backward(regression *m)
{
    /* line 7: out = dense(h, 2)
     * dense_error: out.error i8[2] >>3, out.weights i8[2,9] >>5
     *   -> h.error i8[9] >>4
     * sum in i32 >>8: at most 32258, 16 bits free; cast >>4, stochastic, saturates */
    {
        const uint64_t site = int_site(m->seed, m->step, 5);
        INT_PARALLEL(4, 1 * (size_t)74)
        for (size_t b = 0; b < 1; ++b) {
            int32_t *const sum = INT_OWN(m, i32, 0, 0);
            const int8_t *const e = m->i8 + 128 + b * 2;
            int8_t *const y = m->i8 + 192 + b * 9;
            int_error_s8(sum, e, m->out_weights, 2, 9);
            uint16_t *const draws = (uint16_t *)(INT_OWN(m, i16, 0, 0)) + b % 4 * 9;
            if (b % 4 == 0)
                int_draw16_rows(site, (uint32_t)b, int_least(1 - b, 4), draws, 9);
            for (size_t k = 0; k < 9; ++k)
                y[k] = (int8_t)int_clamp(int_stochastic(sum[k], 4, draws[k]), -127, 127);
            INT_COUNT(m, 4, y, 9, -127, 127);
        }
    }
    INT_TRACE(m, 9);
    /* line 7: out = dense(h, 2)
     * dense_weight_gradient: out.error i8[2] >>3, h i8[9] >>3
     *   -> out.weights.gradient i32[2,9] >>6
     * sum in i32 >>6: at most 16129, 17 bits free */
    int_regroup_u8(INT_GROUPS(m), (uint8_t *)(m->i8 + 64), m->i8 + 128, 1, 9, 2);
    INT_PARALLEL(4, 1 * (size_t)39)
    for (size_t row = 0; row < 2; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_u8(g, INT_GROUPS(m), (uint8_t *)(m->i8 + 64), m->i8 + 128, row, 1, 1, 9, 2);
        INT_TRACE_GRADIENT(m, 10, row, 0, g, 9);
        /* sgd: out.weights.gradient i32[2,9] >>6, out.weights.master i32[2,9] >>27
         *   -> out.weights.master i32[2,9] >>27, out.weights i8[2,9] >>5 */
        const int32_t rate = 131072 * m->rate_factor;
        int32_t *restrict const master = m->out_weights_master + row * 9;
        int8_t *restrict const storage = m->out_weights + row * 9;
        for (size_t k = 0; k < 9; ++k) {
            const int32_t u = (int32_t)int_clamp64(g[k] * rate, -1073741823, 1073741823);
            const int32_t v = u;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 9; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 11);
    /* line 7: out = dense(h, 2)
     * dense_bias_gradient: out.error i8[2] >>3
     *   -> out.bias.gradient i32[2] >>3
     * sum in i32 >>3: at most 127, 24 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 2 * sizeof *g);
        for (size_t b = 0; b < 1; ++b)
            for (size_t o = 0; o < 2; ++o)
                g[o] += (m->i8 + 128)[b * 2 + o];
        INT_TRACE_GRADIENT(m, 12, row, 0, g, 2);
        /* sgd: out.bias.gradient i32[2] >>3, out.bias.master i32[2] >>25
         *   -> out.bias.master i32[2] >>25, out.bias i32[2] >>8 */
        const int32_t rate = 262144 * m->rate_factor;
        int32_t *restrict const master = m->out_bias_master + row * 2;
        int32_t *restrict const storage = m->out_bias + row * 2;
        for (size_t k = 0; k < 2; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = u;
            master[k] = (int32_t)int_clamp(master[k] - v, -536739840, 536739840);
        }
        for (size_t k = 0; k < 2; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 17);
    }
    INT_TRACE(m, 13);
    /* line 6: h = relu(dense(x, 9))
     * relu_error: h.error i8[9] >>4, h i8[9] >>3
     *   -> h.dense.error i8[9] >>4 */
    {
        const uint8_t *const y = (uint8_t *)(m->i8 + 64);
        int8_t *const e = m->i8 + 192;
        for (size_t i = 0; i < (size_t)1 * 9; ++i)
            e[i] = (int8_t)(y[i] > 0 ? e[i] : 0);
    }
    INT_TRACE(m, 14);
    /* line 6: h = relu(dense(x, 9))
     * dense_weight_gradient: h.dense.error i8[9] >>4, x i8[3] >>7
     *   -> h.weights.gradient i32[9,3] >>11
     * sum in i32 >>11: at most 16129, 17 bits free */
    int_regroup_u8(INT_GROUPS(m), (uint8_t *)(m->i8 + 0), m->i8 + 192, 1, 3, 9);
    INT_PARALLEL(4, 1 * (size_t)58)
    for (size_t row = 0; row < 9; ++row) {
        int32_t *restrict const g = INT_OWN(m, i32, 0, 0);
        int_gradient_u8(g, INT_GROUPS(m), (uint8_t *)(m->i8 + 0), m->i8 + 192, row, 1, 1, 3, 9);
        INT_TRACE_GRADIENT(m, 15, row, 0, g, 3);
        /* sgd: h.weights.gradient i32[9,3] >>11, h.weights.master i32[9,3] >>26
         *   -> h.weights.master i32[9,3] >>26, h.weights i8[9,3] >>4 */
        const int32_t rate = 2048 * m->rate_factor;
        int32_t *restrict const master = m->h_weights_master + row * 3;
        int8_t *restrict const storage = m->h_weights + row * 3;
        for (size_t k = 0; k < 3; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = u;
            master[k] = (int32_t)int_clamp(master[k] - v, -532676608, 532676608);
        }
        for (size_t k = 0; k < 3; ++k)
            storage[k] = (int8_t)int_nearest(master[k], 22);
    }
    INT_TRACE(m, 16);
    /* line 6: h = relu(dense(x, 9))
     * dense_bias_gradient: h.dense.error i8[9] >>4
     *   -> h.bias.gradient i32[9] >>4
     * sum in i32 >>4: at most 127, 24 bits free */
    for (size_t row = 0; row < 1; ++row) {
        int32_t *restrict const g = m->i32 + 0;
        memset(g, 0, 9 * sizeof *g);
        for (size_t b = 0; b < 1; ++b)
            for (size_t o = 0; o < 9; ++o)
                g[o] += (m->i8 + 192)[b * 9 + o];
        INT_TRACE_GRADIENT(m, 17, row, 0, g, 9);
        /* sgd: h.bias.gradient i32[9] >>4, h.bias.master i32[9] >>25
         *   -> h.bias.master i32[9] >>25, h.bias i32[9] >>11 */
        const int32_t rate = 131072 * m->rate_factor;
        int32_t *restrict const master = m->h_bias_master + row * 9;
        int32_t *restrict const storage = m->h_bias + row * 9;
        for (size_t k = 0; k < 9; ++k) {
            const int32_t u = g[k] * rate;
            const int32_t v = u;
            master[k] = (int32_t)int_clamp(master[k] - v, -536854528, 536854528);
        }
        for (size_t k = 0; k < 9; ++k)
            storage[k] = (int32_t)int_nearest(master[k], 14);
    }
    INT_TRACE(m, 18);
}

/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t regression_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void regression_infer(regression *m, const int16_t x[3], int16_t logits[2])
{
    regression_forward(m, x, 1);
    const int16_t *const values = m->i16 + 0;
    for (size_t i = 0; i < 2; ++i)
        logits[i] = (int16_t)values[i];
}

uint32_t regression_train(regression *m, const int16_t x[][3],
                    const int16_t y[][2])
{
    regression_forward(m, x[0], 1);
    m->correct = 0;
    const uint64_t loss = regression_losses(m, y[0], 1, &m->correct);
    regression_backward(m);
    ++m->step;
    return regression_bounded(loss / 1);
}

uint32_t regression_loss(regression *m, const int16_t x[3],
                   const int16_t *y)
{
    uint32_t correct = 0; /* not counted here */
    regression_forward(m, x, 1);
    return regression_bounded(regression_losses(m, y, 1, &correct));
}

uint32_t regression_correct(const regression *m)
{
    return m->correct;
}

uint64_t regression_hash(const regression *m)
{
    uint64_t hash = int_hash(0, m->step);
    for (size_t i = 0; i < 27; ++i)
        hash = int_hash(hash, m->h_weights_master[i]);
    for (size_t i = 0; i < 9; ++i)
        hash = int_hash(hash, m->h_bias_master[i]);
    for (size_t i = 0; i < 18; ++i)
        hash = int_hash(hash, m->out_weights_master[i]);
    for (size_t i = 0; i < 2; ++i)
        hash = int_hash(hash, m->out_bias_master[i]);

    return hash;
}

void regression_set_epoch(regression *m, uint32_t epoch)
{
    (void)epoch;
    m->rate_factor = 1;
}

#ifdef INT_STATISTICS
void regression_statistics(const regression *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, 5 * sizeof m->saturated[0]);
    memcpy(squares, m->squares, 5 * sizeof m->squares[0]);
    memcpy(seen, m->seen, 5 * sizeof m->seen[0]);
}
#endif
