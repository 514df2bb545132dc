/* int_roots.h - reciprocal roots, by a table and a line between its entries, and means.
 *
 * Pasted behind int_runtime.h into models that need one of them. */
#ifndef INT_ROOTS_H
#define INT_ROOTS_H

#include "int_runtime.h"

/* ---- reciprocal roots ------------------------------------------------------------------------ */

/* How many zeros stand before the first one of v > 0. Other compilers for small machines would call
 * a function of their own for the builtin. */
INT_FUNCTION int int_leading_zeros(uint32_t v)
{
#if defined __GNUC__ && (defined __x86_64__ || defined __aarch64__)
    return __builtin_clz(v);
#else
    int zeros = 0;
    for (int step = 16; step > 0; step /= 2)
        if (v >> (32 - step) == 0) {
            v <<= step;
            zeros += step;
        }
    return zeros;
#endif
}

/* 2^31 / sqrt(v) for the multiples v of 2^25 from 2^30 to 2^32; 65535 at most. */
static const int32_t int_root_table[97] = {
    65535, 64535, 63579, 62664, 61788, 60947, 60140, 59364, 58617, 57898, 57205, 56535,
    55889, 55265, 54661, 54076, 53510, 52961, 52429, 51912, 51411, 50923, 50450, 49989,
    49541, 49104, 48679, 48265, 47861, 47467, 47082, 46707, 46341, 45983, 45633, 45292,
    44957, 44630, 44310, 43997, 43691, 43390, 43096, 42808, 42525, 42248, 41977, 41710,
    41449, 41192, 40940, 40693, 40450, 40211, 39977, 39746, 39520, 39297, 39078, 38863,
    38651, 38443, 38238, 38036, 37837, 37642, 37449, 37260, 37073, 36889, 36708, 36529,
    36353, 36179, 36008, 35840, 35673, 35509, 35347, 35188, 35030, 34875, 34722, 34571,
    34421, 34274, 34128, 33985, 33843, 33703, 33564, 33427, 33292, 33159, 33027, 32897,
    32768};

/* 2^31 / sqrt(v), for v from 2^30 to 2^32 - 1: a line runs between the entries of the table. At
 * most 1 of 2^13 off. */
INT_INLINE int32_t int_root(uint32_t v)
{
    const int32_t index = (int32_t)(v >> 25) - 32;
    const uint32_t rest = (v >> 9) & 0xFFFFU;
    const int32_t from = int_root_table[index], to = int_root_table[index + 1];
    return from - (int32_t)(((uint32_t)(from - to) * rest) >> 16);
}

/* m / sqrt(v) * 2^(31 - shift), for v > 0 and 16 <= shift < 32; |m| < 2^30. An even number of zeros
 * before v is shifted out, so that it lies between 2^30 and 2^32. As much is shifted out of m,
 * which leaves 15 bits, of which the last is rounded: |m| <= 32767 times at most 65535 fits 31
 * bits. All of it is 32 bits wide, so that compilers can do many at a time. */
INT_FUNCTION int32_t int_over_root(int32_t m, int32_t v, int shift)
{
    const int half = int_leading_zeros((uint32_t)v) >> 1;
    const int32_t narrow = int_clamp(int_nearest(m, shift - half), -32767, 32767);
    return narrow * int_root((uint32_t)v << (2 * half));
}

/* 2^61 / sqrt(v), for 0 < v < 2^63: at most 1 of 2^25 off, and never more than 1 of 2^28 too large.
 * An even number of zeros is shifted out of v, whose first 32 bits have the root r of the table.
 * Newton's next is r - r * (v * r^2 - 1) / 2. v * r^2 lies within 2^62 +- 2^51, and r times the
 * rest without 16 bits fits 52. */
INT_FUNCTION int64_t int_inverse_root(int64_t v)
{
    const uint64_t bits = (uint64_t)v;
    const uint32_t high = (uint32_t)(bits >> 32);
    const uint32_t low = (uint32_t)(bits & 0xFFFFFFFFU);
    const int half = (high != 0 ? int_leading_zeros(high) : 32 + int_leading_zeros(low)) >> 1;
    const int64_t normal = (int64_t)((bits << (2 * half)) >> 32);
    const int64_t root = int_root((uint32_t)normal);
    const int64_t excess = normal * root * root - ((int64_t)1 << 62);
    const int64_t better = root * 16384 - int_shift64(root * int_shift64(excess, 16), 33);
    return better * ((int64_t)1 << half);
}

/* ---- means ----------------------------------------------------------------------------------- */

/* sum * 2^up / count to the nearest, halves upwards; 0 < count <= 2^24, up <= 24. The quotient is
 * rounded down first, so that the rest is not negative: it fits 49 bits when it is shifted. */
INT_FUNCTION int64_t int_mean(int64_t sum, int32_t count, int up)
{
    const int64_t remainder = sum % count;
    const int64_t whole = sum / count - (remainder < 0 ? 1 : 0);
    const int64_t rest = remainder < 0 ? remainder + count : remainder;
    return whole * ((int64_t)1 << up) + (rest * ((int64_t)1 << up) + count / 2) / count;
}

#endif
