/* sigmoid.c - y = 1 / (1 + exp(-x)) = (1 + tanh(x / 2)) / 2: half the error of the table of tanh,
 * 2^-12.
 *
 * Backwards the slope y (1 - y) is taken from the result as it was rounded. */
#include "curve.h"

#include <math.h>

static double sigmoid_value(double x, const double *constants) {
    (void)constants;
    return 1 / (1 + exp(-x));
}

static double sigmoid_slope(double x, const double *constants) {
    double y = sigmoid_value(x, constants);
    return y * (1 - y);
}

static void sigmoid_typical(Model *model, Step *step) {
    curve_typical(model, step, sigmoid_value, 1);
    step->out[0]->non_negative = true;
}

static void sigmoid_settle(Model *model, Step *step) {
    elementwise_settle(model, step);
    settle_position(model, step, step->in[0], 16, 13);
    prove_value(model, step, 2 << CURVE_BITS, CURVE_BITS + 1);
    cast_out(model, step, ROUND_NEAREST);
}

static void sigmoid_error_typical(Model *model, Step *step) {
    curve_error_typical(model, step, sigmoid_slope, step->in[1]->producer->in[0]);
}

static void sigmoid_error_settle(Model *model, Step *step) {
    int shift = settle_derivative_of_value(model, step, step->in[1]);
    curve_error_settle(model, step, bound_shift(1, shift), shift);
}

static const StepKind sigmoid_error = {.name = "sigmoid_error",
                                    .in_roles = {"e_y", "y"},
                                    .out_roles = {"e_x"},
                                    .typical = sigmoid_error_typical,
                                    .settle = sigmoid_error_settle};

static void sigmoid_grad(Model *model, Step *step) {
    curve_grad(model, step, &sigmoid_error, step->out[0]);
}

static const StepKind sigmoid_forward = {.name = "sigmoid",
                                      .in_roles = {"x"},
                                      .out_roles = {"y"},
                                      .runtime = "int_curves",
                                      .grad = sigmoid_grad,
                                      .typical = sigmoid_typical,
                                      .settle = sigmoid_settle};

static Tensor *sigmoid_build(Model *model, Call *call) {
    return elementwise_build(model, call, &sigmoid_forward);
}

const Operator sigmoid_operator = {.name = "sigmoid",
                                  .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                  .build = sigmoid_build};
