/* tanh.c - y = tanh(x): a table of 129 entries and a line between them, at most 2^-11 off in 15
 * bits.
 *
 * Backwards the slope 1 - y^2 is taken from the result as it was rounded. */
#include "curve.h"

static void tanh_typical(Model *model, Step *step) {
    curve_typical(model, step, tanh_value, 1);
}

static void tanh_settle(Model *model, Step *step) {
    elementwise_settle(model, step);
    settle_position(model, step, step->in[0], 8, 14);
    prove_value(model, step, 1 << CURVE_BITS, CURVE_BITS);
    cast_out(model, step, ROUND_NEAREST);
}

static void tanh_error_typical(Model *model, Step *step) {
    curve_error_typical(model, step, tanh_slope, step->in[1]->producer->in[0]);
}

static void tanh_error_settle(Model *model, Step *step) {
    int shift = settle_derivative_of_value(model, step, step->in[1]);
    curve_error_settle(model, step, bound_shift(1, shift), shift);
}

static const StepKind tanh_error = {.name = "tanh_error",
                                    .in_roles = {"e_y", "y"},
                                    .out_roles = {"e_x"},
                                    .typical = tanh_error_typical,
                                    .settle = tanh_error_settle};

static void tanh_grad(Model *model, Step *step) {
    curve_grad(model, step, &tanh_error, step->out[0]);
}

static const StepKind tanh_forward = {.name = "tanh",
                                      .in_roles = {"x"},
                                      .out_roles = {"y"},
                                      .runtime = "int_curves",
                                      .grad = tanh_grad,
                                      .typical = tanh_typical,
                                      .settle = tanh_settle};

static Tensor *tanh_build(Model *model, Call *call) {
    return elementwise_build(model, call, &tanh_forward);
}

const Operator tanh_operator = {.name = "tanh",
                                  .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                  .build = tanh_build};
