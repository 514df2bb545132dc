/* int_draws.h - draws of 32 and 64 bits, for roundings that drop more than 16. */
#ifndef INT_DRAWS_H
#define INT_DRAWS_H

#include "int_runtime.h"

/* `count` draws of 32 bits: two from each number, the lower first. */
INT_FUNCTION void int_draw32(uint64_t state, uint32_t *draws, size_t count)
{
    for (size_t i = 0; i < count / 2; ++i, draws += 2) {
        const uint64_t bits = int_next(&state);
        draws[0] = (uint32_t)(bits & 0xFFFFFFFFU);
        draws[1] = (uint32_t)(bits >> 32);
    }
    if (count % 2 != 0)
        draws[0] = (uint32_t)(int_next(&state) & 0xFFFFFFFFU);
}

INT_FUNCTION void int_draw64(uint64_t state, uint64_t *draws, size_t count)
{
    for (size_t i = 0; i < count; ++i)
        draws[i] = int_next(&state);
}

/* The draws of `rows` rows of a site, one behind the other. */
INT_FUNCTION void int_draw32_rows(uint64_t site_key, uint32_t row, size_t rows, uint32_t *draws,
                                  size_t count)
{
    for (size_t r = 0; r < rows; ++r)
        int_draw32(int_row(site_key, row + (uint32_t)r), draws + r * count, count);
}

INT_FUNCTION void int_draw64_rows(uint64_t site_key, uint32_t row, size_t rows, uint64_t *draws,
                                  size_t count)
{
    for (size_t r = 0; r < rows; ++r)
        int_draw64(int_row(site_key, row + (uint32_t)r), draws + r * count, count);
}

#endif
