/* int_window_16.h - the kernel for windows of 16-bit numbers, -32767..32767.
 *
 * intc has given the operands so few bits that the sums of their products fit 32, and proved it. */
#ifndef INT_WINDOW_16_H
#define INT_WINDOW_16_H

#include "int_kernels_16.h"

/* sum[k] += sum over i < terms of e[i * step] * x[i * width + k], for k < width. */
INT_FUNCTION void int_add_rows_s16(int32_t *sum, const int16_t *e, size_t step, const int16_t *x,
                                   size_t terms, size_t width)
{
#if INT_VECTOR
    for (size_t first = 0; first < terms && width >= INT_VECTOR / 2; first += INT_TERMS) {
        IntErrors list;
        list.count = 0;
        for (size_t i = first; i < int_least(terms, first + INT_TERMS); ++i)
            int_v_append(&list, i, e[i * step]);
        if (list.count > 0)
            int_v_error(sum, &list, x, width, INT_S16, 1);
    }
    if (width >= INT_VECTOR / 2)
        return;
#endif
    for (size_t i = 0; i < terms; ++i)
        for (size_t k = 0; e[i * step] != 0 && k < width; ++k)
            sum[k] += (int32_t)e[i * step] * x[i * width + k];
}

#endif
