/* relu.c - y = max(x, 0): the format of its input, the lower half of the range unused. */
#include "elementwise.h"

#include <math.h>

static void relu_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_share(model, y, x);
    y->limit = x->limit;
    y->non_negative = true;
    typical_set(model, y, x->non_negative ? x->typical : x->typical * sqrt(0.5),
                "relu keeps half of %.3g squared", x->typical);
}

/* The error passes where the output is positive. */
static void relu_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical * sqrt(0.5), "relu passes half of %.3g squared",
                e_y->typical);
}

static const StepKind relu_error = {.name = "relu_error",
                                    .in_roles = {"e_y", "y"},
                                    .out_roles = {"e_x"},
                                    .in_place = true,
                                    .typical = relu_error_typical,
                                    .settle = elementwise_settle};

static void relu_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    step_with(model, &relu_error, PHASE_BACKWARD, step,
              (Tensor *[]){step->out[0]->error, step->out[0]}, e_x);
    contribute(model, step->in[0], e_x);
}

static const StepKind relu_forward = {.name = "relu",
                                      .in_roles = {"x"},
                                      .out_roles = {"y"},
                                      .in_place = true,
                                      .grad = relu_grad,
                                      .typical = relu_typical,
                                      .settle = elementwise_settle};

static Tensor *relu_build(Model *model, Call *call) {
    return elementwise_build(model, call, &relu_forward);
}

const Operator relu_operator = {.name = "relu",
                                .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                .build = relu_build};
