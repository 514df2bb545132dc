/* int_window_8.h - the kernels for windows of bytes, -127..127: the windows of a row are the
 * samples. They are many and short, and so are the rows of weights.
 *
 * A product is at most 127 * 127 < 2^14, and intc has proved that their sum fits 32 bits. */
#ifndef INT_WINDOW_8_H
#define INT_WINDOW_8_H

#include "int_kernels_8.h"

#if INT_VECTOR

/* So many samples are many: it pays to regroup short rows of weights. */
enum { INT_MANY = 8 };

/* Four bytes of a short row from k on, or two as 16-bit numbers; zeros behind its end. */
INT_INLINE int32_t int_v_word(const int8_t *row, size_t k, size_t length, int kind)
{
    int32_t word = 0;
    if (INT_HAS_DOT4 && kind == INT_U8 && k + 4 <= length) {
        memcpy(&word, row + k, 4);
    } else if (INT_HAS_DOT4 && kind == INT_U8) {
        memcpy(&word, row + k, length - k);
    } else {
        const int16_t pair[2] = {row[k], (int16_t)(k + 1 < length ? row[k + 1] : 0)};
        memcpy(&word, pair, sizeof word);
    }
    return word;
}

/* Products for rows of bytes shorter than a vector: the sums of INT_VECTOR / 4 outputs stand side
 * by side in one, and a sample's words go to all of them. Pays where samples are many. */
INT_INLINE void int_v_short_products(int32_t *sum, const void *x, const int8_t *w, size_t length,
                                     size_t samples, size_t outputs, int kind)
{
    const size_t elements = INT_HAS_DOT4 && kind == INT_U8 ? 4 : 2, lanes = INT_VECTOR / 4;
    const size_t words = (length + elements - 1) / elements, stride = (outputs + 3) / 4 * 4;
    const int8_t *const first_x = x;
    int32_t weights[INT_VECTOR / 2][INT_VECTOR / 4], totals[INT_VECTOR / 4];
    for (size_t first = 0; first < outputs; first += lanes) {
        const size_t count = int_least(lanes, outputs - first);
        for (size_t j = 0; j < lanes; ++j) {
            const int8_t *const row = w + (first + int_least(j, count - 1)) * length;
            /* That words are at most INT_VECTOR / 2, gcc misses. */
            for (size_t n = 0; n < words && n < INT_VECTOR / 2; ++n) {
                const int32_t word = int_v_word(row, n * elements, length, kind);
                weights[n][j] = j < count ? word : 0;
            }
        }
        for (size_t i = 0; i < samples; ++i) {
            IntVector total = int_v_repeat(0);
            for (size_t n = 0; n < words; ++n) {
                const int32_t word = int_v_word(first_x + i * length, n * elements, length, kind);
                total = int_v_dot(total, int_v_repeat(word), int_v_load(weights[n]), kind);
            }
            int_v_store(totals, total);
            memcpy(sum + i * stride + first, totals, count * sizeof *sum);
        }
    }
}

#endif

/* As int_products_s8 and int_products_u8. */
INT_FUNCTION void int_window_products_s8(int32_t *sum, const int8_t *x, const int8_t *w,
                                         size_t length, size_t samples, size_t outputs)
{
#if INT_VECTOR
    if (length < INT_VECTOR && samples >= INT_MANY) {
        int_v_short_products(sum, x, w, length, samples, outputs, INT_S8);
        return;
    }
#endif
    int_products_s8(sum, x, w, length, samples, outputs);
}

INT_FUNCTION void int_window_products_u8(int32_t *sum, const uint8_t *x, const int8_t *w,
                                         size_t length, size_t samples, size_t outputs)
{
#if INT_VECTOR
    if (length < INT_VECTOR && samples >= INT_MANY) {
        int_v_short_products(sum, x, w, length, samples, outputs, INT_U8);
        return;
    }
#endif
    int_products_u8(sum, x, w, length, samples, outputs);
}

/* sum[k] += sum over i < terms of e[i * step] * x[i * width + k], for k < width. */
INT_FUNCTION void int_add_rows_s8(int32_t *sum, const int8_t *e, size_t step, const int8_t *x,
                                  size_t terms, size_t width)
{
#if INT_VECTOR
    for (size_t first = 0; first < terms && width >= INT_VECTOR / 2; first += INT_TERMS) {
        IntErrors list;
        list.count = 0;
        for (size_t i = first; i < int_least(terms, first + INT_TERMS); ++i)
            int_v_append(&list, i, e[i * step]);
        if (list.count > 0)
            int_v_error(sum, &list, x, width, INT_S8, 1);
    }
    if (width >= INT_VECTOR / 2)
        return;
#endif
    for (size_t i = 0; i < terms; ++i)
        for (size_t k = 0; e[i * step] != 0 && k < width; ++k)
            sum[k] += (int32_t)e[i * step] * x[i * width + k];
}

#endif
