/* recurrent.h - what layers share that go through a sequence [steps,features] step by step.
 *
 * What such a layer makes of its input alone, it makes for all steps at once: a conv1d of one step. What it makes
 * of its own last state goes from step to step: products with one matrix of weights that all steps share. */
#ifndef RECURRENT_H
#define RECURRENT_H

#include "layer.h"

/* The products of the input with weights, and the bias, for `outputs` sums of each step: [steps,outputs], in 16
 * bits at least, since they are only added to other sums. NULL after a message. */
Tensor *recurrent_input(Model *model, const Call *call, int64_t outputs, const Argument *bias,
                        const Argument *init);
/* New weights [outputs,units] of the state; their products have the rms of the state. */
Tensor *recurrent_weights(Model *model, const Call *call, int64_t outputs, int64_t units);
/* How sums of `terms` products of the two are made: the attributes `kernel` and `products_type`. Returns that
 * type. */
Type recurrent_products(Model *model, Step *step, const Tensor *left, const Tensor *right, int64_t terms);
/* A sum of values of two shifts stands at the finer one: by what each is multiplied, as the attributes `a` and
 * `b`. Returns the shift of the sum. */
int recurrent_scales(Model *model, Step *step, const char *a, int a_shift, const char *b, int b_shift);
/* Appends the gradient of the state's weights, from the errors of their products and the states. */
void recurrent_gradient(Model *model, Step *step, Tensor *error, Tensor *states, Tensor *weights);

#endif
