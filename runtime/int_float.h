/* int_float.h - the float twin's few helpers; pasted only into f32 models.
 *
 * Sums run in 32 fixed lanes: a compiler can keep them in vector registers without reordering
 * anything, so every build of one machine adds in the same order. */
#ifndef INT_FLOAT_H
#define INT_FLOAT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum { FLOAT_LANES = 32 };

/* Sum of x[k] * w[k]. */
INT_FUNCTION float float_dot(const float *restrict x, const float *restrict w, size_t count)
{
    float lane[FLOAT_LANES] = {0};
    for (size_t block = 0; block < count / FLOAT_LANES; ++block, x += FLOAT_LANES, w += FLOAT_LANES)
        for (size_t i = 0; i < FLOAT_LANES; ++i)
            lane[i] += x[i] * w[i];
    for (size_t i = 0; i < count % FLOAT_LANES; ++i)
        lane[i] += x[i] * w[i];
    for (size_t half = FLOAT_LANES / 2; half > 0; half /= 2)
        for (size_t i = 0; i < half; ++i)
            lane[i] += lane[i + half];
    return lane[0];
}

/* The nearest 16-bit integer in units of 2^-shift, saturated; what is not a number is the least. */
INT_FUNCTION int16_t float_to_fixed(float value, int shift)
{
    const float scaled = ldexpf(value, shift);
    return (int16_t)(scaled >= 32767.0F ? 32767.0F : scaled > -32767.0F ? rintf(scaled) : -32767.0F);
}

/* A loss in units of 2^-16, in 48 bits at most: more, and what is not a number, counts as that. */
INT_FUNCTION uint64_t float_loss(float loss)
{
    const float units = loss * 65536.0F;
    return units < 140737488355328.0F ? (uint64_t)(units > 0.0F ? units : 0.0F) : UINT64_C(1) << 47;
}

INT_FUNCTION int64_t float_bits(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

#endif
