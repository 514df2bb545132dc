/* layer.h - what layers with weights and a bias share.
 *
 * Their forward steps read x, weights and, where there is one, a bias, in this order. */
#ifndef LAYER_H
#define LAYER_H

#include "range.h"

/* What the argument `weights` of a layer may be. */
#define LAYER_WEIGHTS                                                                              \
    {"weights", ARGUMENT_CHOICE, false, 0, 0, 0, {"full", "ste(sign)", "ste(round)"}}

/* New weights, drawn by the call's argument `init` and kept as `weights` says: each output sums
 * products with `row` of them, and `fan_out` outputs use each input. */
Tensor *layer_weights(Model *model, const Call *call, Shape shape, int64_t row, int64_t fan_out,
                      const Argument *init, const Argument *kept);
/* A new bias for so many outputs, or NULL where the argument `bias` says there is none. */
Tensor *layer_bias(Model *model, const Call *call, int64_t outputs, const Argument *bias);
/* The bias stands at the accumulator's shift, or at its master's where that is coarser. */
void layer_settle_bias(Model *model, Step *step);
/* Whether the step's sum is one of products of that type, in 32 bits or in float. */
bool layer_sums(const Step *step, Type type);
/* The end of the names of the kernels that fit the operands of the step's sum, or an empty text; an
 * attribute of the step as well. Only `x`, or NULL, can be known to be never negative. */
const char *layer_kernel(Model *model, Step *step, const Tensor *x);

#endif
