/* flatten.c - the same elements as one vector: no work, another shape. */
#include "elementwise.h"

static void flatten_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_inherit(model, y, x);
    typical_set(model, y, x->typical, "the elements of %s", x->name);
}

/* The error of the vector, seen in the shape of the input. */
static void flatten_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical, "the elements of %s", e_y->name);
}

static const StepKind flatten_error = {.name = "flatten_error",
                                       .in_roles = {"e_y"},
                                       .out_roles = {"e_x"},
                                       .in_place = true,
                                       .typical = flatten_error_typical,
                                       .settle = elementwise_settle};

static void flatten_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    step_with(model, &flatten_error, PHASE_BACKWARD, step, (Tensor *[]){step->out[0]->error},
              e_x);
    contribute(model, step->in[0], e_x);
}

const StepKind flatten_step = {.name = "flatten",
                               .in_roles = {"x"},
                               .out_roles = {"y"},
                               .in_place = true,
                               .grad = flatten_grad,
                               .typical = flatten_typical,
                               .settle = elementwise_settle};

static Tensor *flatten_build(Model *model, Call *call) {
    Tensor *y = elementwise_build(model, call, &flatten_step);
    y->shape = (Shape){1, {shape_elements(y->shape)}};
    return y;
}

const Operator flatten_operator = {.name = "flatten",
                                   .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                   .build = flatten_build};
