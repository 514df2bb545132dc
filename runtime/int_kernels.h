/* int_kernels.h - the sums of products that take nearly all of the time.
 *
 * Each kernel is plain C, which says what it computes, behind a form for vector instructions that
 * gives the same integers: sums are exact, so their order is free. The vector forms stand on the few
 * operations below, written once for each instruction set that the C compiler may target;
 * INT_PLAIN_C leaves them out. intc has proved that no sum of the products of a kernel leaves 32 bits,
 * whatever their order, and that 8-bit operands are -127..127 and 16-bit ones -32767..32767. */
#ifndef INT_KERNELS_H
#define INT_KERNELS_H

#include "int_runtime.h"

#include <string.h>

/* ---- vectors --------------------------------------------------------------------------------- *
 *
 * A vector has INT_VECTOR bytes: bytes, 16-bit numbers or 32-bit sums. INT_ROWS of them times four
 * sums fit the registers.
 *
 *   int_v_load, int_v_store    from and to any address
 *   int_v_widen                INT_VECTOR / 2 signed bytes from any address, as 16-bit numbers
 *   int_v_repeat               the same 32 bits everywhere
 *   int_v_and, int_v_add       bit by bit; sum by sum
 *   int_v_low, int_v_high      16-bit numbers a0 b0 a1 b1 ... of a and b, in two halves
 *   int_v_first, int_v_second  the sums of such pairs in the order a0 a1 ..., in two halves
 *   int_v_dot4                 adds the products of bytes 0..127 and -127..127, four to a sum
 *   int_v_dot2                 adds the products of 16-bit numbers, two to a sum
 *   int_v_totals               stores the total of each of four vectors */

#if defined INT_PLAIN_C
#define INT_VECTOR 0

#elif defined __AVX512VNNI__ && defined __AVX512BW__
#include <immintrin.h>
#define INT_VECTOR 64
#define INT_HAS_DOT4 1
enum { INT_ROWS = 4 };
typedef __m512i IntVector;

INT_INLINE IntVector int_v_zero(void) { return _mm512_setzero_si512(); }
INT_INLINE IntVector int_v_load(const void *from) { return _mm512_loadu_si512(from); }

INT_INLINE IntVector int_v_widen(const void *from)
{
    return _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)from));
}

INT_INLINE void int_v_store(int32_t *to, IntVector v) { _mm512_storeu_si512(to, v); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return _mm512_and_si512(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return _mm512_add_epi32(a, b); }

INT_INLINE IntVector int_v_repeat(int32_t bits) { return _mm512_set1_epi32(bits); }
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

/* As assembly, since gcc copies the sums around the built-in function. */
INT_INLINE IntVector int_v_dot4(IntVector sum, IntVector x, IntVector w)
{
    __asm__("vpdpbusd %2, %1, %0" : "+v"(sum) : "v"(x), "v"(w));
    return sum;
}

INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector a, IntVector b)
{
    __asm__("vpdpwssd %2, %1, %0" : "+v"(sum) : "v"(a), "v"(b));
    return sum;
}

INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    const __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(v[0], v[1]), _mm512_unpackhi_epi32(v[0], v[1]));
    const __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(v[2], v[3]), _mm512_unpackhi_epi32(v[2], v[3]));
    const __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    const __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    _mm_storeu_si128((__m128i *)(void *)to,
                     _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1)));
}

#elif defined __AVX2__
#include <immintrin.h>
#define INT_VECTOR 32
#define INT_HAS_DOT4 1
enum { INT_ROWS = 2 };
typedef __m256i IntVector;

INT_INLINE IntVector int_v_zero(void) { return _mm256_setzero_si256(); }
INT_INLINE IntVector int_v_load(const void *from) { return _mm256_loadu_si256((const __m256i *)from); }

INT_INLINE IntVector int_v_widen(const void *from)
{
    return _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from));
}

INT_INLINE void int_v_store(int32_t *to, IntVector v) { _mm256_storeu_si256((__m256i *)(void *)to, v); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return _mm256_and_si256(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return _mm256_add_epi32(a, b); }

INT_INLINE IntVector int_v_repeat(int32_t bits) { return _mm256_set1_epi32(bits); }
INT_INLINE IntVector int_v_low(IntVector a, IntVector b) { return _mm256_unpacklo_epi16(a, b); }
INT_INLINE IntVector int_v_high(IntVector a, IntVector b) { return _mm256_unpackhi_epi16(a, b); }

INT_INLINE IntVector int_v_first(IntVector low, IntVector high) { return _mm256_permute2x128_si256(low, high, 0x20); }
INT_INLINE IntVector int_v_second(IntVector low, IntVector high) { return _mm256_permute2x128_si256(low, high, 0x31); }

#if defined __AVXVNNI__
INT_INLINE IntVector int_v_dot4(IntVector sum, IntVector x, IntVector w) { return _mm256_dpbusd_avx_epi32(sum, x, w); }
INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector a, IntVector b) { return _mm256_dpwssd_avx_epi32(sum, a, b); }
#else
/* The sums of two products are at most 2 * 127 * 127 < 2^15: they do not saturate. */
INT_INLINE IntVector int_v_dot4(IntVector sum, IntVector x, IntVector w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w), _mm256_set1_epi16(1)));
}

INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector a, IntVector b)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
}
#endif

INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    const __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(v[0], v[1]), _mm256_hadd_epi32(v[2], v[3]));
    _mm_storeu_si128((__m128i *)(void *)to,
                     _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1)));
}

#elif defined __SSE2__
#include <emmintrin.h>
#define INT_VECTOR 16
#define INT_HAS_DOT4 0
enum { INT_ROWS = 2 };
typedef __m128i IntVector;

INT_INLINE IntVector int_v_zero(void) { return _mm_setzero_si128(); }
INT_INLINE IntVector int_v_load(const void *from) { return _mm_loadu_si128((const __m128i *)from); }

INT_INLINE IntVector int_v_widen(const void *from)
{
    const __m128i bytes = _mm_loadl_epi64((const __m128i *)from);
    return _mm_srai_epi16(_mm_unpacklo_epi8(bytes, bytes), 8);
}

INT_INLINE void int_v_store(int32_t *to, IntVector v) { _mm_storeu_si128((__m128i *)(void *)to, v); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return _mm_and_si128(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return _mm_add_epi32(a, b); }

INT_INLINE IntVector int_v_repeat(int32_t bits) { return _mm_set1_epi32(bits); }
INT_INLINE IntVector int_v_low(IntVector a, IntVector b) { return _mm_unpacklo_epi16(a, b); }
INT_INLINE IntVector int_v_high(IntVector a, IntVector b) { return _mm_unpackhi_epi16(a, b); }

INT_INLINE IntVector int_v_first(IntVector low, IntVector high) { return (void)high, low; }
INT_INLINE IntVector int_v_second(IntVector low, IntVector high) { return (void)low, high; }

INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector a, IntVector b)
{
    return _mm_add_epi32(sum, _mm_madd_epi16(a, b));
}

INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    const __m128i ab = _mm_add_epi32(_mm_unpacklo_epi32(v[0], v[1]), _mm_unpackhi_epi32(v[0], v[1]));
    const __m128i cd = _mm_add_epi32(_mm_unpacklo_epi32(v[2], v[3]), _mm_unpackhi_epi32(v[2], v[3]));
    _mm_storeu_si128((__m128i *)(void *)to,
                     _mm_add_epi32(_mm_unpacklo_epi64(ab, cd), _mm_unpackhi_epi64(ab, cd)));
}

#elif defined __ARM_NEON && !defined __ARM_BIG_ENDIAN
#include <arm_neon.h>
#define INT_VECTOR 16
#define INT_HAS_DOT4 1
enum { INT_ROWS = 4 };
typedef int32x4_t IntVector;

INT_INLINE IntVector int_v_zero(void) { return vdupq_n_s32(0); }
INT_INLINE IntVector int_v_load(const void *from) { return vreinterpretq_s32_u8(vld1q_u8((const uint8_t *)from)); }

INT_INLINE IntVector int_v_widen(const void *from)
{
    return vreinterpretq_s32_s16(vmovl_s8(vld1_s8((const int8_t *)from)));
}

INT_INLINE void int_v_store(int32_t *to, IntVector v) { vst1q_s32(to, v); }
INT_INLINE IntVector int_v_and(IntVector a, IntVector b) { return vandq_s32(a, b); }
INT_INLINE IntVector int_v_add(IntVector a, IntVector b) { return vaddq_s32(a, b); }

INT_INLINE IntVector int_v_repeat(int32_t bits) { return vdupq_n_s32(bits); }
INT_INLINE IntVector int_v_low(IntVector a, IntVector b)
{
    return vreinterpretq_s32_s16(vzipq_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b)).val[0]);
}

INT_INLINE IntVector int_v_high(IntVector a, IntVector b)
{
    return vreinterpretq_s32_s16(vzipq_s16(vreinterpretq_s16_s32(a), vreinterpretq_s16_s32(b)).val[1]);
}

INT_INLINE IntVector int_v_first(IntVector low, IntVector high) { return (void)high, low; }
INT_INLINE IntVector int_v_second(IntVector low, IntVector high) { return (void)low, high; }

/* Sums of neighbours of two vectors. */
INT_INLINE IntVector int_v_neighbours(IntVector a, IntVector b)
{
    return vcombine_s32(vpadd_s32(vget_low_s32(a), vget_high_s32(a)), vpadd_s32(vget_low_s32(b), vget_high_s32(b)));
}

/* A product is at most 127 * 127 < 2^15: it fits 16 bits. Each sum takes its own four neighbours. */
INT_INLINE IntVector int_v_dot4(IntVector sum, IntVector x, IntVector w)
{
    const int8x16_t a = vreinterpretq_s8_s32(x), b = vreinterpretq_s8_s32(w);
#if defined __ARM_FEATURE_DOTPROD
    return vdotq_s32(sum, a, b);
#else
    const IntVector low = vpaddlq_s16(vmull_s8(vget_low_s8(a), vget_low_s8(b)));
    const IntVector high = vpaddlq_s16(vmull_s8(vget_high_s8(a), vget_high_s8(b)));
    return vaddq_s32(sum, int_v_neighbours(low, high));
#endif
}

INT_INLINE IntVector int_v_dot2(IntVector sum, IntVector a, IntVector b)
{
    const int16x8_t x = vreinterpretq_s16_s32(a), w = vreinterpretq_s16_s32(b);
    return vaddq_s32(sum, int_v_neighbours(vmull_s16(vget_low_s16(x), vget_low_s16(w)),
                                           vmull_s16(vget_high_s16(x), vget_high_s16(w))));
}

INT_INLINE void int_v_totals(int32_t *to, const IntVector v[4])
{
    vst1q_s32(to, int_v_neighbours(int_v_neighbours(v[0], v[1]), int_v_neighbours(v[2], v[3])));
}

#else
#define INT_VECTOR 0
#endif

/* ---- products of samples with the weights of outputs ------------------------------------------ *
 *
 * sum[i * stride + j] = sum over k < length of x[i * length + k] * w[j * length + k]
 *
 * for `samples` rows of x and `outputs` rows of w. stride is outputs rounded up to a multiple of
 * four; what lies between is scratch. */

#if INT_VECTOR
/* What rows hold. Where there is no int_v_dot4, bytes that are never negative are like others. */
enum { INT_S8 = 1, INT_S16 = 2, INT_U8 = INT_HAS_DOT4 ? 3 : INT_S8 };

/* A vector of a row's elements, from element k on. */
INT_INLINE IntVector int_v_elements(const uint8_t *row, size_t k, int kind)
{
    return kind == INT_S8 ? int_v_widen(row + k) : int_v_load(row + (kind == INT_S16 ? 2 * k : k));
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
    static const uint64_t keep[16] = {0, 0, 0, 0, 0, 0, 0, 0, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX,
                                      UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    return int_v_and(v, int_v_load((const uint8_t *)keep + (64 - INT_VECTOR) + bytes));
}

/* Adds the products of INT_ROWS samples and four outputs from element k on; only the last `bytes` bytes count. */
INT_INLINE void int_v_step(IntVector sum[INT_ROWS][4], const uint8_t *const x[], const uint8_t *const w[], size_t k,
                           size_t bytes, int kind)
{
    IntVector v[4];
    INT_UNROLL
    for (size_t j = 0; j < 4; ++j)
        v[j] = int_v_elements(w[j], k, kind);
    INT_UNROLL
    for (size_t i = 0; i < INT_ROWS; ++i) {
        const IntVector all = int_v_elements(x[i], k, kind), u = bytes < INT_VECTOR ? int_v_last(all, bytes) : all;
        INT_UNROLL
        for (size_t j = 0; j < 4; ++j)
            sum[i][j] = int_v_dot(sum[i][j], u, v[j], kind);
    }
}

/* The sums of up to INT_ROWS samples and up to four outputs: those that are missing repeat the last one. The last
 * step ends with the rows, overlapping the one before. */
INT_INLINE void int_v_tile(int32_t *sum, size_t stride, const uint8_t *x, const uint8_t *w, size_t length,
                           size_t samples, size_t outputs, int kind)
{
    const size_t size = kind == INT_S16 ? 2 : 1, elements = kind == INT_U8 && INT_HAS_DOT4 ? INT_VECTOR : INT_VECTOR / 2;
    const uint8_t *xs[INT_ROWS], *ws[4];
    IntVector sums[INT_ROWS][4];
    INT_UNROLL
    for (size_t j = 0; j < 4; ++j)
        ws[j] = w + int_least(j, outputs - 1) * length * size;
    INT_UNROLL
    for (size_t i = 0; i < INT_ROWS; ++i) {
        xs[i] = x + int_least(i, samples - 1) * length * size;
        sums[i][0] = sums[i][1] = sums[i][2] = sums[i][3] = int_v_zero();
    }
    size_t k = 0;
    for (; k + elements <= length; k += elements)
        int_v_step(sums, xs, ws, k, INT_VECTOR, kind);
    if (k < length)
        int_v_step(sums, xs, ws, length - elements, (length - k) * (INT_VECTOR / elements), kind);
    INT_UNROLL
    for (size_t i = 0; i < INT_ROWS; ++i)
        if (i < samples)
            int_v_totals(sum + i * stride, sums[i]);
}

INT_INLINE void int_v_products(int32_t *sum, const void *x, const void *w, size_t length, size_t samples,
                               size_t outputs, int kind)
{
    const size_t row = length * (kind == INT_S16 ? 2 : 1), stride = (outputs + 3) / 4 * 4;
    for (size_t j = 0; j < outputs; j += 4)
        for (size_t i = 0; i < samples; i += INT_ROWS)
            int_v_tile(sum + i * stride + j, stride, (const uint8_t *)x + i * row, (const uint8_t *)w + j * row, length,
                       int_least(samples - i, INT_ROWS), int_least(outputs - j, 4), kind);
}
#endif

INT_FUNCTION void int_products_s8(int32_t *sum, const int8_t *x, const int8_t *w, size_t length, size_t samples,
                                  size_t outputs)
{
#if INT_VECTOR
    if (length >= INT_VECTOR) {
        int_v_products(sum, x, w, length, samples, outputs, INT_S8);
        return;
    }
#endif
    const size_t stride = (outputs + 3) / 4 * 4;
    for (size_t i = 0; i < samples; ++i)
        for (size_t j = 0; j < outputs; ++j) {
            int32_t total = 0;
            for (size_t k = 0; k < length; ++k)
                total += (int32_t)x[i * length + k] * w[j * length + k];
            sum[i * stride + j] = total;
        }
}

/* The same where x is never negative. */
INT_FUNCTION void int_products_u8(int32_t *sum, const uint8_t *x, const int8_t *w, size_t length, size_t samples,
                                  size_t outputs)
{
#if INT_VECTOR
    if (length >= INT_VECTOR) {
        int_v_products(sum, x, w, length, samples, outputs, INT_U8);
        return;
    }
#endif
    int_products_s8(sum, (const int8_t *)x, w, length, samples, outputs);
}

INT_FUNCTION void int_products_s16(int32_t *sum, const int16_t *x, const int16_t *w, size_t length, size_t samples,
                                   size_t outputs)
{
#if INT_VECTOR
    if (length >= INT_VECTOR) {
        int_v_products(sum, x, w, length, samples, outputs, INT_S16);
        return;
    }
#endif
    const size_t stride = (outputs + 3) / 4 * 4;
    for (size_t i = 0; i < samples; ++i)
        for (size_t j = 0; j < outputs; ++j) {
            int32_t total = 0;
            for (size_t k = 0; k < length; ++k)
                total += (int32_t)x[i * length + k] * w[j * length + k];
            sum[i * stride + j] = total;
        }
}

/* ---- errors: sums of rows of weights ----------------------------------------------------------- *
 *
 * sum[k] = sum over o < outputs of e[o] * w[o * inputs + k], k < inputs; most errors are zero. */

/* Lists are this long at most. */
enum { INT_TERMS = 512 };

#if INT_VECTOR
/* The last sums of a row. */
INT_INLINE void int_v_finish(int32_t *sum, const int32_t *last, size_t count, int add)
{
    for (size_t i = 0; i < count; ++i)
        sum[i] = (add ? sum[i] : 0) + last[i];
}

/* Errors that are not zero, in pairs; a pair may be filled up with a zero. */
typedef struct {
    size_t count;
    uint32_t output[INT_TERMS + 1];
    int16_t error[INT_TERMS + 1];
} IntErrors;

INT_INLINE void int_v_append(IntErrors *list, size_t output, int16_t error)
{
    list->output[list->count] = (uint32_t)output;
    list->error[list->count] = error;
    list->count += error != 0;
}

/* `blocks` times INT_VECTOR / 2 sums, which stay in registers while the errors pass by; adds to what is there. */
INT_INLINE void int_v_error_columns(int32_t *sum, const IntErrors *list, const uint8_t *w, size_t row, size_t blocks,
                                    int kind, int add)
{
    IntVector low[4], high[4];
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        low[n] = high[n] = int_v_zero();
    for (size_t t = 0; t < list->count; t += 2) {
        const uint8_t *const a = w + list->output[t] * row, *const b = w + list->output[t + 1] * row;
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
        const IntVector first = int_v_first(low[n], high[n]), second = int_v_second(low[n], high[n]);
        int_v_store(to, add ? int_v_add(int_v_load(to), first) : first);
        int_v_store(next, add ? int_v_add(int_v_load(next), second) : second);
    }
}

/* The last block of columns ends with the row, overlapping the one before. */
INT_INLINE void int_v_error_rows(int32_t *sum, IntErrors *list, const void *weights, size_t inputs, int kind, int add)
{
    const size_t size = kind == INT_S16 ? 2 : 1, block = INT_VECTOR / 2, row = inputs * size;
    const uint8_t *const w = weights;
    size_t k = 0;
    list->output[list->count] = 0;
    list->error[list->count] = 0;
    for (; k + 4 * block <= inputs; k += 4 * block)
        int_v_error_columns(sum + k, list, w + k * size, row, 4, kind, add);
    for (; k + block <= inputs; k += block)
        int_v_error_columns(sum + k, list, w + k * size, row, 1, kind, add);
    if (k < inputs) {
        int32_t last[INT_VECTOR / 2];
        int_v_error_columns(last, list, w + (inputs - block) * size, row, 1, kind, 0);
        int_v_finish(sum + k, last + block - (inputs - k), inputs - k, add);
    }
}
#endif

INT_FUNCTION void int_error_s8(int32_t *sum, const int8_t *e, const int8_t *w, size_t outputs, size_t inputs)
{
#if INT_VECTOR
    for (size_t o = 0; o < outputs && inputs >= INT_VECTOR / 2; o += INT_TERMS) {
        IntErrors list;
        list.count = 0;
        for (size_t i = o; i < int_least(outputs, o + INT_TERMS); ++i)
            int_v_append(&list, i, e[i]);
        int_v_error_rows(sum, &list, w, inputs, INT_S8, o > 0);
    }
    if (inputs >= INT_VECTOR / 2)
        return;
#endif
    memset(sum, 0, inputs * sizeof *sum);
    for (size_t o = 0; o < outputs; ++o)
        for (size_t k = 0; e[o] != 0 && k < inputs; ++k)
            sum[k] += (int32_t)e[o] * w[o * inputs + k];
}

INT_FUNCTION void int_error_s16(int32_t *sum, const int16_t *e, const int16_t *w, size_t outputs, size_t inputs)
{
#if INT_VECTOR
    for (size_t o = 0; o < outputs && inputs >= INT_VECTOR / 2; o += INT_TERMS) {
        IntErrors list;
        list.count = 0;
        for (size_t i = o; i < int_least(outputs, o + INT_TERMS); ++i)
            int_v_append(&list, i, e[i]);
        int_v_error_rows(sum, &list, w, inputs, INT_S16, o > 0);
    }
    if (inputs >= INT_VECTOR / 2)
        return;
#endif
    memset(sum, 0, inputs * sizeof *sum);
    for (size_t o = 0; o < outputs; ++o)
        for (size_t k = 0; e[o] != 0 && k < inputs; ++k)
            sum[k] += (int32_t)e[o] * w[o * inputs + k];
}

/* ---- gradients: sums over the samples of a batch ----------------------------------------------- *
 *
 * sum[r * inputs + k] = sum over b < batch of e[b * outputs + row + r] * x[b * inputs + k], k < inputs
 *
 * for rows row + r of the weights, r < rows, at most four; a row is an output. For vectors the batch is regrouped before: a word of
 * `groups` holds the elements of four samples (bytes) or two (16-bit numbers) that a sum takes together,
 * words[group][k] for x and behind them words[group][output] for e. Words of e are mostly zero. */

#if INT_VECTOR
/* Words of four samples' bytes; where the batch ends, zeros. */
INT_INLINE void int_v_quads(uint32_t *restrict words, const uint8_t *from, size_t batch, size_t width)
{
    for (size_t b = 0; b < batch; b += 4, words += width) {
        const uint8_t *const s0 = from + b * width, *const s1 = from + int_least(b + 1, batch - 1) * width;
        const uint8_t *const s2 = from + int_least(b + 2, batch - 1) * width, *const s3 = from + int_least(b + 3, batch - 1) * width;
        const uint32_t keep = b + 4 <= batch ? UINT32_MAX : UINT32_MAX >> (8 * (b + 4 - batch));
        for (size_t k = 0; k < width; ++k)
            words[k] = ((uint32_t)s0[k] | (uint32_t)s1[k] << 8 | (uint32_t)s2[k] << 16 | (uint32_t)s3[k] << 24) & keep;
    }
}

/* Words of two samples' numbers; where the batch ends, zero. */
INT_INLINE void int_v_pairs_8(uint32_t *restrict words, const int8_t *from, size_t batch, size_t width)
{
    for (size_t b = 0; b < batch; b += 2, words += width) {
        const int8_t *const s0 = from + b * width, *const s1 = from + int_least(b + 1, batch - 1) * width;
        const uint32_t keep = b + 2 <= batch ? UINT32_MAX : 0xFFFFU;
        for (size_t k = 0; k < width; ++k)
            words[k] = ((uint16_t)s0[k] | (uint32_t)(uint16_t)s1[k] << 16) & keep;
    }
}

INT_INLINE void int_v_pairs_16(uint32_t *restrict words, const int16_t *from, size_t batch, size_t width)
{
    for (size_t b = 0; b < batch; b += 2, words += width) {
        const int16_t *const s0 = from + b * width, *const s1 = from + int_least(b + 1, batch - 1) * width;
        const uint32_t keep = b + 2 <= batch ? UINT32_MAX : 0xFFFFU;
        for (size_t k = 0; k < width; ++k)
            words[k] = ((uint16_t)s0[k] | (uint32_t)(uint16_t)s1[k] << 16) & keep;
    }
}

/* Groups in which the error of an output is not zero. */
typedef struct {
    size_t count;
    uint32_t group[INT_TERMS / 4], errors[INT_TERMS / 4];
} IntGroups;

INT_INLINE void int_v_list(IntGroups *list, const uint32_t *e, size_t first, size_t end, size_t outputs)
{
    list->count = 0;
    for (size_t i = first; i < end; ++i) {
        list->group[list->count] = (uint32_t)i;
        list->errors[list->count] = e[i * outputs];
        list->count += e[i * outputs] != 0;
    }
}

/* `blocks` vectors of sums, which stay in registers while the groups pass by; adds to what is there. */
INT_INLINE void int_v_gradient_columns(int32_t *sum, const IntGroups *list, const uint32_t *x, size_t inputs,
                                       size_t blocks, int kind, int add)
{
    IntVector v[8];
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        v[n] = add ? int_v_load(sum + n * (INT_VECTOR / 4)) : int_v_zero();
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

/* Columns outside, rows inside: what is read of x stays in the nearest cache for all rows. */
INT_INLINE void int_v_gradient(int32_t *sum, const uint32_t *words, size_t row, size_t rows, size_t batch,
                               size_t inputs, size_t outputs, int kind)
{
    const size_t samples = kind == INT_U8 && INT_HAS_DOT4 ? 4 : 2, groups = (batch + samples - 1) / samples;
    const size_t block = INT_VECTOR / 4, rest = inputs % block;
    const uint32_t *const e = words + groups * inputs + row;
    for (size_t first = 0; first < groups; first += INT_TERMS / 4) {
        IntGroups list[4];
        for (size_t r = 0; r < rows; ++r)
            int_v_list(&list[r], e + r, first, int_least(groups, first + INT_TERMS / 4), outputs);
        size_t k = 0;
        for (; k + 8 * block <= inputs; k += 8 * block)
            for (size_t r = 0; r < rows; ++r)
                int_v_gradient_columns(sum + r * inputs + k, &list[r], words + k, inputs, 8, kind, first > 0);
        for (; k + block <= inputs; k += block)
            for (size_t r = 0; r < rows; ++r)
                int_v_gradient_columns(sum + r * inputs + k, &list[r], words + k, inputs, 1, kind, first > 0);
        for (size_t r = 0; r < rows && rest > 0; ++r) {
            int32_t last[INT_VECTOR / 4];
            int_v_gradient_columns(last, &list[r], words + inputs - block, inputs, 1, kind, 0);
            int_v_finish(sum + r * inputs + k, last + block - rest, rest, first > 0);
        }
    }
}
#endif

/* Before the gradients of all rows: fills groups, for vectors. */
INT_FUNCTION void int_regroup_u8(uint32_t *groups, const uint8_t *x, const int8_t *e, size_t batch, size_t inputs,
                                 size_t outputs)
{
#ifndef INT_HAS_DOT4
#define INT_HAS_DOT4 0
#endif
#if INT_VECTOR && INT_HAS_DOT4
    int_v_quads(groups, x, batch, inputs);
    int_v_quads(groups + (batch + 3) / 4 * inputs, (const uint8_t *)e, batch, outputs);
#elif INT_VECTOR
    int_v_pairs_8(groups, (const int8_t *)x, batch, inputs);
    int_v_pairs_8(groups + (batch + 1) / 2 * inputs, e, batch, outputs);
#else
    (void)groups, (void)x, (void)e, (void)batch, (void)inputs, (void)outputs;
#endif
}

INT_FUNCTION void int_regroup_s8(uint32_t *groups, const int8_t *x, const int8_t *e, size_t batch, size_t inputs,
                                 size_t outputs)
{
#if INT_VECTOR
    int_v_pairs_8(groups, x, batch, inputs);
    int_v_pairs_8(groups + (batch + 1) / 2 * inputs, e, batch, outputs);
#else
    (void)groups, (void)x, (void)e, (void)batch, (void)inputs, (void)outputs;
#endif
}

INT_FUNCTION void int_regroup_s16(uint32_t *groups, const int16_t *x, const int16_t *e, size_t batch, size_t inputs,
                                  size_t outputs)
{
#if INT_VECTOR
    int_v_pairs_16(groups, x, batch, inputs);
    int_v_pairs_16(groups + (batch + 1) / 2 * inputs, e, batch, outputs);
#else
    (void)groups, (void)x, (void)e, (void)batch, (void)inputs, (void)outputs;
#endif
}

INT_FUNCTION void int_gradient_s8(int32_t *sum, const uint32_t *groups, const int8_t *x, const int8_t *e, size_t row,
                                  size_t rows, size_t batch, size_t inputs, size_t outputs)
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

/* The same where x is never negative. */
INT_FUNCTION void int_gradient_u8(int32_t *sum, const uint32_t *groups, const uint8_t *x, const int8_t *e, size_t row,
                                  size_t rows, size_t batch, size_t inputs, size_t outputs)
{
#if INT_VECTOR
    if (inputs >= INT_VECTOR / 4) {
        int_v_gradient(sum, groups, row, rows, batch, inputs, outputs, INT_U8);
        return;
    }
#endif
    int_gradient_s8(sum, groups, (const int8_t *)x, e, row, rows, batch, inputs, outputs);
}

INT_FUNCTION void int_gradient_s16(int32_t *sum, const uint32_t *groups, const int16_t *x, const int16_t *e, size_t row,
                                  size_t rows, size_t batch, size_t inputs, size_t outputs)
{
#if INT_VECTOR
    if (inputs >= INT_VECTOR / 4) {
        int_v_gradient(sum, groups, row, rows, batch, inputs, outputs, INT_S16);
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

/* Where a model keeps its groups. */
#if INT_VECTOR
#define INT_GROUPS(m) ((m)->groups)
#else
#define INT_GROUPS(m) NULL
#endif

#endif
