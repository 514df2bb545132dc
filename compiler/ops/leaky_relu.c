/* leaky_relu.c - y = x where x > 0, else x * 2^-slope_shift, rounded to the nearest.
 *
 * The slope is a power of two, 2^-3 unless given. Backwards the error is scaled by the same slope,
 * rounded stochastically, where the output is not positive. */
#include "elementwise.h"

#include <math.h>

static double slope_rms(double rms, int64_t slope_shift) {
    double slope = ldexp(1, -(int)slope_shift);
    return rms * sqrt((1 + slope * slope) / 2);
}

static int64_t slope_shift_of(const Step *step) {
    return step->attributes->values[0];
}

static void leaky_relu_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_share(model, y, x);
    y->non_negative = x->non_negative;
    typical_set(model, y, slope_rms(x->typical, slope_shift_of(step)),
                "leaky_relu of %.3g with slope 2^-%lld", x->typical,
                (long long)slope_shift_of(step));
}

static void leaky_relu_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    format_share(model, e_x, e_y);
    typical_set(model, e_x, slope_rms(e_y->typical, slope_shift_of(step)),
                "leaky_relu passes %.3g with slope 2^-%lld", e_y->typical,
                (long long)slope_shift_of(step));
}

/* The slope's shift is a cast of its own: format and value stay, bits below are dropped. */
static void settle_slope(Model *model, Step *step, Rounding rounding) {
    const Tensor *x = step->in[0];
    int slope_shift = (int)slope_shift_of(step);
    elementwise_settle(model, step);
    prove_value(model, step, x->bound, x->format->shift + slope_shift);
    cast_out(model, step, rounding);
}

static void leaky_relu_settle(Model *model, Step *step) {
    settle_slope(model, step, ROUND_NEAREST);
}

static void leaky_relu_error_settle(Model *model, Step *step) {
    settle_slope(model, step, error_rounding(model));
}

static const StepKind leaky_relu_error = {.name = "leaky_relu_error",
                                          .in_roles = {"e_y", "y"},
                                          .out_roles = {"e_x"},
                                          .in_place = true,
                                          .typical = leaky_relu_error_typical,
                                          .settle = leaky_relu_error_settle};

/* The sign of the input is lost where the output rounds to zero: zero counts as negative. */
static void leaky_relu_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    Step *back = step_with(model, &leaky_relu_error, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error, step->out[0]}, e_x);
    step_integer(model, back, "slope_shift", slope_shift_of(step));
    contribute(model, step->in[0], e_x);
}

static const StepKind leaky_relu_forward = {.name = "leaky_relu",
                                            .in_roles = {"x"},
                                            .out_roles = {"y"},
                                            .in_place = true,
                                            .grad = leaky_relu_grad,
                                            .typical = leaky_relu_typical,
                                            .settle = leaky_relu_settle};

static Tensor *leaky_relu_build(Model *model, Call *call) {
    int exponent;
    double slope = call->argument[1].number;
    if (frexp(slope, &exponent) != 0.5) {
        diag_error(model, call->argument[1].place, "the slope must be 2^-k, not %.12g", slope);
        diag_help(model, "the nearest is 2^-%d", (int)lround(-log2(slope)));
        return NULL;
    }
    Tensor *y = elementwise_build(model, call, &leaky_relu_forward);
    step_integer(model, y->producer, "slope_shift", 1 - exponent);
    return y;
}

const Operator leaky_relu_operator = {
    .name = "leaky_relu",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"slope", ARGUMENT_NUMBER, false, 0.125, 1.0 / 1024, 0.5, {NULL}}},
    .build = leaky_relu_build};
