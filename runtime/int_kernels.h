/* int_kernels.h - the sums of products that take nearly all time: what vector forms are made of.
 *
 * A kernel (int_kernels_8.h, int_kernels_16.h) is plain C, which says what it computes, behind a
 * form for vector instructions that gives the same integers: sums are exact, so their order is
 * free. The vector forms stand on the few operations below, written once for each instruction set
 * that the C compiler may target; INT_PLAIN_C leaves them out. intc has proved that no sum of the
 * products of a kernel leaves 32 bits, whatever the order; bytes are within +-127, words 32767. */
#ifndef INT_KERNELS_H
#define INT_KERNELS_H

#include "int_runtime.h"

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
