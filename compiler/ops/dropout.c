/* dropout.c - in training each element is 0 with probability p, else x / (1 - p); in inference it
 * is x.
 *
 *     y = cast(x * factor)        factor: 0, 1 / (1 - p) or 1, in units of 2^-FACTOR_BITS
 *
 * Elements are dropped where their draw of 16 bits is below `drop`. The stream is that of the
 * step's own site, keyed by batch and sample, so that the way back draws the same numbers again. */
#include "elementwise.h"

#include <math.h>

enum { FACTOR_BITS = 12 };

static double kept_share(const Step *step) {
    return 1 - (double)step_value(step, "drop") / 65536;
}

static void dropout_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    double share = kept_share(step);
    activation_format(model, y);
    y->limit = x->limit / share;
    y->non_negative = x->non_negative;
    typical_set(model, y, x->typical / sqrt(share), "%.3g of the elements of %.3g are kept", share,
                x->typical);
}

static void dropout_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    double share = kept_share(step);
    error_format(model, e_x);
    typical_set(model, e_x, e_y->typical / sqrt(share), "%.3g of the errors of %.3g are kept",
                share, e_y->typical);
}

static void settle(Model *model, Step *step, int64_t site, Rounding rounding) {
    const Tensor *x = step->in[0];
    double factor = 1 / kept_share(step);
    int64_t scale = llround(ldexp(factor, FACTOR_BITS));
    elementwise_settle(model, step);
    step_integer(model, step, "site", site);
    step_integer(model, step, "scale", scale);
    step_integer(model, step, "one", 1 << FACTOR_BITS);
    if (is_float(model))
        step_reals(model, step, "real_scale", &factor, 1);
    prove_value(model, step, bound_multiply(x->bound, scale), x->format->shift + FACTOR_BITS);
    cast_out(model, step, rounding);
    step_scratch(model, step, "kept", TYPE_I16, shape_elements(x->shape));
}

static void dropout_settle(Model *model, Step *step) {
    settle(model, step, model->sites++, ROUND_NEAREST);
}

static void dropout_error_settle(Model *model, Step *step) {
    settle(model, step, step_value(step->in[1]->producer, "site"), error_rounding(model));
}

/* `y` only names the step whose draws are repeated. */
static const StepKind dropout_error = {.name = "dropout_error",
                                       .in_roles = {"e_y", "y"},
                                       .out_roles = {"e_x"},
                                       .typical = dropout_error_typical,
                                       .settle = dropout_error_settle};

static void dropout_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]), *y = step->out[0];
    Step *back = step_with(model, &dropout_error, PHASE_BACKWARD, step,
                           (Tensor *[]){y->error, y}, e_x);
    step_integer(model, back, "drop", step_value(step, "drop"));
    contribute(model, step->in[0], e_x);
}

static const StepKind dropout_forward = {.name = "dropout",
                                         .in_roles = {"x"},
                                         .out_roles = {"y"},
                                         .training_differs = true,
                                         .grad = dropout_grad,
                                         .typical = dropout_typical,
                                         .settle = dropout_settle};

static Tensor *dropout_build(Model *model, Call *call) {
    Tensor *y = elementwise_build(model, call, &dropout_forward);
    step_integer(model, y->producer, "drop", llround(call->argument[1].number * 65536));
    return y;
}

const Operator dropout_operator = {
    .name = "dropout",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"p", ARGUMENT_NUMBER, true, 0, 0, 0.875, {NULL}}},
    .build = dropout_build};
