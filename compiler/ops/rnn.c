/* rnn.c - h[t] = tanh(p[t] + sum over k of h[t-1][k] * weights[o][k]), where h[-1] = 0.
 *
 * p is what the layer makes of its input. The states h of all steps are the result, and what the
 * way back needs:
 *
 *     s[t][k] = e_h[t][k] + sum over o of d[t+1][o] * weights[o][k]      the error of h[t]
 *     d[t][k] = s[t][k] * (1 - h[t][k]^2)                                that of p[t]
 *
 * The error is rounded once a step, stochastically, when d is stored: what fades on its way through
 * time is kept in the mean, however small it becomes. */
#include "curve.h"
#include "../recurrent.h"

#include <math.h>

enum { SLOPED_BITS = 62 - CURVE_BITS }; /* what is multiplied by a slope in 64 bits */

/* ---- forward --------------------------------------------------------------------------------- */

/* The rms of what tanh is taken of, at the last of so many steps. */
static double typical_sum(const Tensor *p, const Tensor *weights, int64_t steps) {
    double gain = weights->typical * sqrt((double)weights->shape.dimension[1]);
    Tensor z = {.typical = p->typical};
    for (int64_t t = 1; t < steps && t < 100; ++t)
        z.typical = hypot(p->typical, gain * normal_rms(tanh_value, NULL, &z));
    return z.typical;
}

static void rnn_typical(Model *model, Step *step) {
    Tensor *p = step->in[0], *weights = step->in[1], *h = step->out[0];
    int64_t steps = h->shape.dimension[0];
    Tensor z = {.typical = typical_sum(p, weights, steps)};
    recurrent_widen(p);
    activation_format(model, h);
    h->limit = 1;
    typical_set(model, h, normal_rms(tanh_value, NULL, &z), "tanh of %.3g: input %.3g and the last "
                "state, after %lld steps", z.typical, p->typical, (long long)steps);
    sum_set(step, h, weights, p, h->shape.dimension[1]);
}

/* The accumulator is what tanh is taken of; the cast is that of tanh, in 15 bits. */
static void rnn_settle(Model *model, Step *step) {
    const Tensor *p = step->in[0], *weights = step->in[1], *h = step->out[0];
    int64_t units = h->shape.dimension[1];
    recurrent_sizes(model, step, h);
    Type products = recurrent_products(model, step, h, weights, units);
    step_scratch(model, step, "accumulator", products, (units + 3) / 4 * 4);
    prove_value(model, step, 0, 0);
    if (is_float(model))
        return;
    int shift;
    int64_t worst = recurrent_sum(model, step, units, h, weights, "p_scale", p, &shift);
    Format format = {.shift = shift};
    settle_position(model, step, &(Tensor){.format = &format, .bound = worst}, 8, 14);
    prove_value(model, step, 1 << CURVE_BITS, CURVE_BITS);
    cast_out(model, step, ROUND_NEAREST);
    prove_value(model, step, worst, shift);
    fit_cast(model, step);
}

/* ---- backward -------------------------------------------------------------------------------- */

/* Errors of every step add up; those of the last one fade, or grow, on the way to the first. */
static void rnn_error_typical(Model *model, Step *step) {
    Tensor *e_h = step->in[0], *h = step->in[1], *weights = step->in[2], *e_p = step->out[0];
    const Step *forward = h->producer;
    int64_t steps = h->shape.dimension[0], units = h->shape.dimension[1];
    Tensor z = {.typical = typical_sum(forward->in[0], weights, steps)};
    double slope = normal_rms(tanh_slope, NULL, &z);
    double factor = slope * weights->typical * sqrt((double)units), rms = 0;
    for (int64_t t = 0; t < steps && t < 100; ++t)
        rms = hypot(slope * e_h->typical, factor * rms);
    error_format(model, e_p);
    typical_set(model, e_p, rms, "error %.3g times a slope of %.3g; each step back times %.3g",
                e_h->typical, slope, factor);
    sum_set(step, e_p, weights, e_h, units);
}

/* The sum s, brought to so many bits that its product with a slope fits 64. */
static int64_t settle_sum(Model *model, Step *step, int *shift) {
    const Tensor *e_h = step->in[0], *weights = step->in[2], *e_p = step->out[0];
    int64_t units = weights->shape.dimension[1];
    int64_t worst = recurrent_sum(model, step, units, e_p, weights, "e_scale", e_h, shift);
    int bits = ceil_log2((double)worst), down = bits > SLOPED_BITS ? bits - SLOPED_BITS : 0;
    step_integer(model, step, "sum_worst_case", worst);
    step_integer(model, step, "sum_down", down);
    *shift -= down;
    return worst == INT64_MAX ? worst : (worst >> down) + (down > 0);
}

/* The accumulator is the product of s and a slope. */
static void rnn_error_settle(Model *model, Step *step) {
    const Tensor *h = step->in[1], *weights = step->in[2], *e_p = step->out[0];
    int64_t units = h->shape.dimension[1];
    int shift = 0;
    recurrent_sizes(model, step, h);
    Type products = recurrent_products(model, step, e_p, weights, units);
    step_scratch(model, step, "accumulator", products, units);
    if (is_float(model)) {
        prove_value(model, step, 0, 0);
        return;
    }
    int64_t sum = settle_sum(model, step, &shift);
    int slope_shift = settle_derivative_of_value(model, step, h);
    prove_value(model, step, bound_multiply(sum, bound_shift(1, slope_shift)), shift + slope_shift);
    cast_out(model, step, error_rounding(model));
}

static const StepKind rnn_error = {.name = "rnn_error",
                                   .in_roles = {"e_h", "h", "weights"},
                                   .out_roles = {"e_p"},
                                   .parallel = true,
                                   .typical = rnn_error_typical,
                                   .settle = rnn_error_settle};

/* The error goes back before the weights that it reads are updated. */
static void rnn_grad(Model *model, Step *step) {
    Tensor *p = step->in[0], *weights = step->in[1], *h = step->out[0];
    Tensor *e_p = error_new(model, p);
    step_with(model, &rnn_error, PHASE_BACKWARD, step, (Tensor *[]){h->error, h, weights}, e_p);
    contribute(model, p, e_p);
    recurrent_gradient(model, step, e_p, h, weights);
}

static const StepKind rnn_forward = {.name = "rnn",
                                     .in_roles = {"p", "weights"},
                                     .out_roles = {"h"},
                                     .runtime = "int_curves",
                                     .parallel = true,
                                     .grad = rnn_grad,
                                     .typical = rnn_typical,
                                     .settle = rnn_settle};

/* ---- the operator ---------------------------------------------------------------------------- */

static Tensor *rnn_build(Model *model, Call *call) {
    int64_t units = (int64_t)call->argument[RECURRENT_UNITS].number;
    Tensor *p = recurrent_input(model, call, units);
    if (!p)
        return NULL;
    Step *step = step_new(model, &rnn_forward, PHASE_FORWARD, call->place);
    const char *name = arena_print(model->arena, "%s.rnn", call->binding);
    step->in[0] = p;
    step->in[1] = recurrent_weights(model, call, units, units);
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, p->shape, true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

const Operator rnn_operator = {.name = "rnn",
                               .parameters = RECURRENT_PARAMETERS,
                               .build = rnn_build};
