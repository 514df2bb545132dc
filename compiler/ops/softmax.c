/* softmax.c - y = exp(x) / sum(exp(x)), of the elements of the last dimension; in integers as
 * cross_entropy does it.
 *
 *     d = max(x) - x           clamped where its power is 0, in units of 2^-POSITION_BITS
 *     p = 2^-(d * log2(e))     the table of cross_entropy
 *     y = cast(p / sum(p))     one reciprocal for all; 15 bits
 *
 * Backwards the derivative is taken from y as it was rounded: e_x = y * (e - sum(e * y)). */
#include "../losses/cross_entropy.h"

#include "elementwise.h"

#include <math.h>

enum {
    PROBABILITY_BITS = 15,
    POSITION_BITS = 14,
    LOG2E_BITS = 12,
    MOST_DISTANCE = 12,
    MOST_WIDTH = 65536,
    MOST_UP = 18 /* a unit of 16 or more, whose power is 0: 2^18 * log2(e) fits 32 bits */
};

/* Of normal x. One element may have it all, so that the format spans 1 whatever is typical. */
static void softmax_typical(Model *model, Step *step) {
    const Tensor *x = step->in[0];
    Tensor *y = step->out[0];
    double n = (double)shape_last(x->shape);
    double rms = fmin(exp(x->typical * x->typical / 2) / n, sqrt(1 / n));
    format_new(model, y, model->settings.precision.activations, 1 / rms);
    y->limit = 1;
    y->non_negative = true;
    typical_set(model, y, rms, "softmax of %.0f elements of %.3g", n, x->typical);
}

static void softmax_settle(Model *model, Step *step) {
    const Tensor *x = step->in[0];
    int shift = x->format->shift, up = POSITION_BITS - shift;
    int64_t reach = bound_shift(MOST_DISTANCE, shift), most = 2 * x->bound;
    elementwise_settle(model, step);
    step_integer(model, step, "width", shape_last(x->shape));
    if (is_float(model))
        return;
    step_integer(model, step, "reach", reach < 1 ? 1 : reach < most ? reach : most);
    step_integer(model, step, "position_up", up < 0 ? 0 : up < MOST_UP ? up : MOST_UP);
    step_integer(model, step, "position_down", up < 0 ? -up : 0);
    step_integer(model, step, "log2e", llround(ldexp(1.4426950408889634, LOG2E_BITS)));
    step_integer(model, step, "fraction_bits", POSITION_BITS + LOG2E_BITS);
    set_exp2_table(model, step);
    prove_value(model, step, 1 << PROBABILITY_BITS, PROBABILITY_BITS);
    cast_out(model, step, ROUND_NEAREST);
    step_scratch(model, step, "power", TYPE_I32, shape_last(x->shape));
}

static void softmax_error_typical(Model *model, Step *step) {
    const Tensor *e_y = step->in[0], *y = step->in[1];
    error_format(model, step->out[0]);
    typical_set(model, step->out[0], e_y->typical * y->typical, "error %.3g times softmax %.3g",
                e_y->typical, y->typical);
}

/* y adds up to 1, and less than two units an element that its roundings can add. */
static void softmax_error_settle(Model *model, Step *step) {
    const Tensor *e_y = step->in[0], *y = step->in[1];
    int shift = y->format->shift < PROBABILITY_BITS ? y->format->shift : PROBABILITY_BITS;
    int64_t one = bound_shift(1, shift), sum = bound_add(one, 2 * shape_last(y->shape));
    elementwise_settle(model, step);
    step_integer(model, step, "width", shape_last(y->shape));
    step_integer(model, step, "value_down", y->format->shift - shift);
    step_integer(model, step, "one", one);
    prove_value(model, step, bound_multiply(one, bound_multiply(e_y->bound, bound_add(one, sum))),
                e_y->format->shift + 2 * shift);
    cast_out(model, step, error_rounding(model));
}

static const StepKind softmax_error = {.name = "softmax_error",
                                       .in_roles = {"e_y", "y"},
                                       .out_roles = {"e_x"},
                                       .typical = softmax_error_typical,
                                       .settle = softmax_error_settle};

static void softmax_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]), *y = step->out[0];
    step_with(model, &softmax_error, PHASE_BACKWARD, step, (Tensor *[]){y->error, y}, e_x);
    contribute(model, step->in[0], e_x);
}

static const StepKind softmax_forward = {.name = "softmax",
                                         .in_roles = {"x"},
                                         .out_roles = {"y"},
                                         .grad = softmax_grad,
                                         .typical = softmax_typical,
                                         .settle = softmax_settle};

static Tensor *softmax_build(Model *model, Call *call) {
    return width_fits(model, call, 2, MOST_WIDTH)
               ? elementwise_build(model, call, &softmax_forward)
               : NULL;
}

const Operator softmax_operator = {.name = "softmax",
                                   .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                   .build = softmax_build};
