/* comparison.c - what greater and at_least share: 1 where a and b compare so, else 0.
 *
 * Both are brought to the finer of their shifts, where they are compared exactly: nothing is rounded. The derivative
 * is zero almost everywhere: a gradient wall unless inside ste(...), where the error passes to a, with which the
 * result grows, and b only chooses. */
#include "ops/comparison.h"

Tensor *comparison_build(Model *model, Call *call, const StepKind *kind) {
    Tensor *a = call->argument[0].tensor, *b = call->argument[1].tensor;
    if (!shape_equal(a->shape, b->shape)) {
        diag_error(model, call->place, "a comparison needs equal shapes: '%s' is %s, '%s' is %s", a->name,
                   tensor_type(model, a), b->name, tensor_type(model, b));
        return NULL;
    }
    Tensor *y = elementwise_build(model, call, kind);
    y->producer->in[1] = b;
    return y;
}

void comparison_typical(Model *model, Step *step) {
    unit_set(model, step->out[0], "a comparison gives 0 or 1");
    step->out[0]->non_negative = true;
}

void comparison_settle(Model *model, Step *step) {
    const Tensor *a = step->in[0], *b = step->in[1];
    int shift = a->format->shift > b->format->shift ? a->format->shift : b->format->shift;
    int a_scale = shift - a->format->shift, b_scale = shift - b->format->shift;
    int64_t a_most = bound_shift(a->bound, a_scale), b_most = bound_shift(b->bound, b_scale);
    unit_settle(model, step);
    step_integer(model, step, "a_scale", bound_shift(1, a_scale));
    step_integer(model, step, "b_scale", bound_shift(1, b_scale));
    prove_value(model, step, a_most > b_most ? a_most : b_most, shift);
}
