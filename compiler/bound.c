/* bound.c - arithmetic on bounds, which never wraps: INT64_MAX stands for "more than 63 bits". */
#include "range.h"

#include <math.h>

int64_t bound_multiply(int64_t a, int64_t b) {
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

int64_t bound_add(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t bound_shift(int64_t a, int shift) {
    if (shift < 0)
        return shift < -62 ? 0 : a >> -shift;
    return shift > 62 ? INT64_MAX : bound_multiply(a, INT64_C(1) << shift);
}

int64_t type_most(Type type) {
    return (int64_t)((UINT64_C(1) << type_magnitude_bits(type)) - 1);
}

int ceil_log2(double value) {
    int exponent;
    if (!(value > 0))
        return -64;
    if (isinf(value))
        return 1024;
    return frexp(value, &exponent) == 0.5 ? exponent - 1 : exponent;
}
