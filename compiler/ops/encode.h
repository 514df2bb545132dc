/* encode.h - the integer constants of an encoding, shared by the input and by real-valued targets. */
#ifndef ENCODE_H
#define ENCODE_H

#include "../range.h"

/* Sets the attributes `multiplier` and `offset` of the step, so that
 *     value * 2^value_shift = (raw * multiplier - offset) * 2^-shift
 * and returns that shift; `worst_case` bounds the parenthesis for every raw integer. */
int encoding_constants(Model *model, Step *step, const Encoding *encoding, int value_shift,
                       int64_t *worst_case);

#endif
