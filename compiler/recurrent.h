/* recurrent.h - what layers share that go through a sequence [steps,features] step by step.
 *
 * What such a layer makes of its input alone, it makes for all steps at once: a conv1d of one step.
 * What it makes of its own last state goes from step to step: products with one matrix of weights
 * that all steps share. */
#ifndef RECURRENT_H
#define RECURRENT_H

#include "layer.h"

enum { RECURRENT_X, RECURRENT_UNITS, RECURRENT_BIAS, RECURRENT_INIT };

#define RECURRENT_PARAMETERS                                                                       \
    {                                                                                              \
        [RECURRENT_X] = {"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},                             \
        [RECURRENT_UNITS] = {"units", ARGUMENT_INTEGER, true, 0, 1, 1 << 16, {NULL}},              \
        [RECURRENT_BIAS] = {"bias", ARGUMENT_CHOICE, false, 0, 0, 0, {"true", "false"}},           \
        [RECURRENT_INIT] = {"init", ARGUMENT_CHOICE, false, 0, 0, 0, {"xavier", "he"}}             \
    }

/* The products of the input with weights, and the bias, for `outputs` sums of each step:
 * [steps,outputs]. NULL after a message. */
Tensor *recurrent_input(Model *model, const Call *call, int64_t outputs);
/* They are only added to other sums, and get 16 bits at least. */
void recurrent_widen(Tensor *input);
/* New weights [outputs,units] of the state; their products have the rms of the state. */
Tensor *recurrent_weights(Model *model, const Call *call, int64_t outputs, int64_t units);
/* The attributes `steps` and `units`, of the states [steps,units]. */
void recurrent_sizes(Model *model, Step *step, const Tensor *states);
/* How sums of `terms` products of the two are made: the attributes `kernel` and `products_type`.
 * Returns that type. */
Type recurrent_products(Model *model, Step *step, const Tensor *left, const Tensor *right,
                        int64_t terms);
/* A sum of values of two shifts stands at the finer one: by what each is multiplied, as the
 * attributes `a` and `b`. Returns the shift of the sum. */
int recurrent_scales(Model *model, Step *step, const char *a, int a_shift, const char *b,
                     int b_shift);
/* A sum of `terms` products of two tensors and of an addend, likewise: the attributes
 * `products_scale` and `scale`. Returns its worst case, and its shift. */
int64_t recurrent_sum(Model *model, Step *step, int64_t terms, const Tensor *left,
                      const Tensor *right, const char *scale, const Tensor *addend, int *shift);
/* Appends the gradient of the state's weights, from the errors of their products and the states. */
void recurrent_gradient(Model *model, Step *step, Tensor *error, Tensor *states, Tensor *weights);

#endif
