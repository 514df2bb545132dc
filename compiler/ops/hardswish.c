/* hardswish.c - y = x * clip(x / 6 + 1/2, 0, 1) (Howard et al. 2019).
 *
 *     third = x * 2^15 / 6                 rounded once, for |x| up to 3; the gate is 0 or 1 beyond
 *     y     = cast(x * (2^14 + third))     the gate, in 15 bits, is at most 2^-16 off
 *     slope = 2^13 + third                 1/2 + x / 3 in 14 bits; 0 or 1 beyond */
#include "curve.h"

#include <math.h>

enum { LEAST_SHIFT = -2, SLOPE_BITS = 14 };

static double hardswish_value(double x, const double *constants) {
    (void)constants;
    return x * fmin(fmax(x / 6 + 0.5, 0), 1);
}

static double hardswish_slope(double x, const double *constants) {
    (void)constants;
    return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
}

static void hardswish_typical(Model *model, Step *step) {
    curve_typical(model, step, hardswish_value, 0);
    step->out[0]->non_negative = step->in[0]->non_negative;
}

static void settle_third(Model *model, Step *step, const Tensor *x) {
    int64_t reach = bound_shift(3, x->format->shift);
    step_integer(model, step, "reach", reach < x->bound ? reach : x->bound);
    step_integer(model, step, "third_shift", x->format->shift + 3);
    step_integer(model, step, "whole", reach); /* where the gate is 0 or 1 */
}

static void hardswish_settle(Model *model, Step *step) {
    const Tensor *x = step->in[0];
    elementwise_settle(model, step);
    if (!is_float(model) && x->format->shift < LEAST_SHIFT) {
        diag_error(model, step->place, "'%s' at shift %d is too coarse for hardswish", x->name,
                   x->format->shift);
        diag_help(model, "give it a shift of at least %d", LEAST_SHIFT);
        return;
    }
    settle_third(model, step, x);
    prove_value(model, step, bound_shift(x->bound, CURVE_BITS), x->format->shift + CURVE_BITS);
    cast_out(model, step, ROUND_NEAREST);
}

static void hardswish_error_typical(Model *model, Step *step) {
    curve_error_typical(model, step, hardswish_slope, step->in[1]);
}

static void hardswish_error_settle(Model *model, Step *step) {
    settle_third(model, step, step->in[1]);
    curve_error_settle(model, step, 3 << (SLOPE_BITS - 1), SLOPE_BITS);
}

static const StepKind hardswish_error = {.name = "hardswish_error",
                                         .in_roles = {"e_y", "x"},
                                         .out_roles = {"e_x"},
                                         .typical = hardswish_error_typical,
                                         .settle = hardswish_error_settle};

static void hardswish_grad(Model *model, Step *step) {
    curve_grad(model, step, &hardswish_error, step->in[0]);
}

static const StepKind hardswish_forward = {.name = "hardswish",
                                           .in_roles = {"x"},
                                           .out_roles = {"y"},
                                           .grad = hardswish_grad,
                                           .typical = hardswish_typical,
                                           .settle = hardswish_settle};

static Tensor *hardswish_build(Model *model, Call *call) {
    return elementwise_build(model, call, &hardswish_forward);
}

const Operator hardswish_operator = {.name = "hardswish",
                                     .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                     .build = hardswish_build};
