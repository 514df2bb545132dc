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
