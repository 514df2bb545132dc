/* encode.h - the integer constants of an encoding, of the input or of a real-valued target. */
#ifndef ENCODE_H
#define ENCODE_H

#include "../range.h"

/* value * 2^value_shift = (raw * multiplier - offset) * 2^-shift */
typedef struct {
    int shift;
    int64_t worst_case; /* of the parenthesis, for every raw integer */
    bool negative;      /* the parenthesis can be negative */
} EncodingConstants;

/* Sets the attributes `multiplier` and `offset` of the step. */
EncodingConstants encoding_constants(Model *model, Step *step, const Encoding *encoding,
                                     int value_shift);

/* The format of indices: whole numbers, in every precision. */
void index_format(Model *model, Tensor *indices, double typical, const char *reason);

#endif
