/* mask.c - y = x where the condition is positive, else 0: the format of x.
 *
 * The error passes to x in the same places. The condition only chooses: it gets none. */
#include "elementwise.h"

#include <math.h>

static void mask_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_inherit(model, y, x);
    typical_set(model, y, x->typical * sqrt(0.5), "half of %.3g squared", x->typical);
}

static const StepKind mask_error = {.name = "mask_error",
                                    .in_roles = {"e_y", "condition"},
                                    .out_roles = {"e_x"},
                                    .typical = mask_typical,
                                    .settle = elementwise_settle};

static void mask_grad(Model *model, Step *step) {
    Tensor *x = step->in[0];
    if (!x->needs_error)
        return;
    Tensor *in[] = {step->out[0]->error, step->in[1]}, *e_x = error_new(model, x);
    step_with(model, &mask_error, PHASE_BACKWARD, step, in, e_x);
    contribute(model, x, e_x);
}

static const StepKind mask_forward = {.name = "mask",
                                      .in_roles = {"x", "condition"},
                                      .out_roles = {"y"},
                                      .grad = mask_grad,
                                      .typical = mask_typical,
                                      .settle = elementwise_settle};

static Tensor *mask_build(Model *model, Call *call) {
    Tensor *x = call->argument[0].tensor, *condition = call->argument[1].tensor;
    if (!shape_equal(x->shape, condition->shape)) {
        diag_error(model, call->place, "'mask' needs equal shapes: '%s' is %s, '%s' is %s", x->name,
                   tensor_type(model, x), condition->name, tensor_type(model, condition));
        return NULL;
    }
    Tensor *y = elementwise_build(model, call, &mask_forward);
    y->producer->in[1] = condition;
    return y;
}

const Operator mask_operator = {
    .name = "mask",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"condition", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
    .build = mask_build};
