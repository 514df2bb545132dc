/* gru.c - a gated recurrent unit. With p what the layer makes of its input, s[o] = sum over k of
 * h[t-1][k] * weights[o][k], and three parts of each, for r, z and n:
 *
 *     r = sigmoid(p_r + s_r)    z = sigmoid(p_z + s_z)
 *     n = tanh(p_n + r * s_n)   h = n + z * (h[t-1] - n)
 *
 * The state goes from step to step in 15 bits, so that what a gate lets through slowly is not lost
 * by rounding; the products, and the layers behind, see it rounded to its format. Gates and the
 * inner sum s_n are kept, in 16 bits, for the way back. There the error of the state, g, goes from
 * step to step in 32 bits, and what is stored (the errors of p, and those of s, which differ in the
 * part of n) is g times a slope in 15 bits, rounded once, stochastically. */
#include "curve.h"
#include "../recurrent.h"

#include <math.h>

enum { PARTS = 3, DRAWN_PARTS = 4 };
/* Of g: what comes in at a step, and what all of it may come to. */
enum { INJECTED_BITS = 27, MOST_ERROR_BITS = 30 };

/* ---- typical values -------------------------------------------------------------------------- */

/* Of the state, of n, and of what tanh is taken of: gates are half open at first. */
typedef struct {
    double state, candidate, sum;
} Typical;

static Typical typical_of(const Tensor *p, const Tensor *weights, int64_t steps) {
    double gain = weights->typical * sqrt((double)weights->shape.dimension[1]);
    Typical found = {0, 0, 0};
    for (int64_t t = 0; t < steps && t < 100; ++t) {
        Tensor z = {.typical = hypot(p->typical, gain * found.state / 2)};
        found.sum = z.typical;
        found.candidate = normal_rms(tanh_value, NULL, &z);
        found.state = hypot(found.candidate, found.state) / 2;
    }
    return found;
}

/* A format of 16 bits at a shift that is known. */
static void kept_format(Model *model, Tensor *tensor, int shift) {
    format_new(model, tensor, is_float(model) ? TYPE_F32 : TYPE_I16, 1);
    tensor->format->bits = type_magnitude_bits(TYPE_I16);
    tensor->format->shift = shift;
    tensor->format->shift_known = true;
}

/* ---- forward --------------------------------------------------------------------------------- */

static void gru_typical(Model *model, Step *step) {
    Tensor *p = step->in[0], *weights = step->in[1];
    Tensor *h = step->out[0], *gates = step->out[1], *inner = step->out[2];
    int64_t steps = h->shape.dimension[0], units = h->shape.dimension[1];
    Typical typical = typical_of(p, weights, steps);
    double sum = sqrt((double)units) * weights->typical * typical.state;
    int inner_shift = CURVE_BITS - ceil_log2(headroom_of(model, "activations", h) * sum);
    if (inner_shift < 0)
        inner_shift = 0;
    recurrent_widen(p);
    activation_format(model, h);
    h->limit = 1;
    typical_set(model, h, typical.state,
                "half of the last state, half of tanh of %.3g, after %lld steps", typical.sum,
                (long long)steps);
    kept_format(model, gates, CURVE_BITS);
    gates->limit = 1;
    typical_set(model, gates, 0.5, "two gates, half open at first, and the candidate %.3g",
                typical.candidate);
    kept_format(model, inner, inner_shift < CURVE_BITS ? inner_shift : CURVE_BITS);
    typical_set(model, inner, sum, "sum of %lld products: weights %.3g x state %.3g x sqrt(%lld)",
                (long long)units, weights->typical, typical.state, (long long)units);
    sum_set(step, h, weights, p, units);
}

/* Position on the table of tanh, of values at `shift` and at most `worst`, in units of 2^-unit. */
static void settle_curve(Model *model, Step *step, int64_t worst, int shift, int most, int unit) {
    Format format = {.shift = shift};
    settle_position(model, step, &(Tensor){.format = &format, .bound = worst}, most, unit);
}

/* n is tanh of the input's part and of the inner sum, as far as r lets it through. */
static void settle_candidate(Model *model, Step *step) {
    const Tensor *p = step->in[0], *inner = step->out[2];
    int shift = recurrent_scales(model, step, "inner_scale", inner->format->shift,
                                 "candidate_scale", p->format->shift);
    int64_t worst = bound_add(bound_multiply(inner->bound, step_value(step, "inner_scale")),
                              bound_multiply(p->bound, step_value(step, "candidate_scale")));
    step_text(model, step, "candidate_width", worst > type_most(TYPE_I32) ? "64" : "");
    settle_curve(model, step, worst, shift, 8, 14);
    step_integer(model, step, "candidate_reach", step_value(step, "reach"));
    step_integer(model, step, "candidate_up", step_value(step, "position_up"));
    step_integer(model, step, "candidate_down", step_value(step, "position_down"));
}

/* The accumulator is what sigmoids are taken of; the cast is that of the state, in 15 bits. */
static void gru_settle(Model *model, Step *step) {
    const Tensor *p = step->in[0], *weights = step->in[1], *h = step->out[0], *inner = step->out[2];
    int64_t units = h->shape.dimension[1];
    recurrent_sizes(model, step, h);
    Type products = recurrent_products(model, step, h, weights, units);
    step_scratch(model, step, "accumulator", products, (PARTS * units + 3) / 4 * 4);
    step_scratch(model, step, "state", is_float(model) ? TYPE_F32 : TYPE_I32, units);
    prove_value(model, step, 0, 0);
    if (is_float(model))
        return;
    int products_shift = h->format->shift + weights->format->shift;
    int shift;
    int64_t worst = recurrent_sum(model, step, units, h, weights, "p_scale", p, &shift);
    int down = products_shift - inner->format->shift;
    step_integer(model, step, "inner_down", down > 0 ? down : 0);
    step_integer(model, step, "inner_up", bound_shift(1, down < 0 ? -down : 0));
    step_integer(model, step, "inner_most", bound_shift(inner->bound, down < 0 ? down : 0));
    settle_candidate(model, step);
    settle_curve(model, step, worst, shift, 16, 13);
    prove_value(model, step, 1 << CURVE_BITS, CURVE_BITS);
    cast_out(model, step, ROUND_NEAREST);
    prove_value(model, step, worst, shift);
    fit_cast(model, step);
}

/* ---- backward -------------------------------------------------------------------------------- */

/* Half of g goes on through z; the rest through n, and what gates add, through the weights. */
static void gru_error_typical(Model *model, Step *step) {
    Tensor *e_h = step->in[0], *h = step->in[1], *weights = step->in[4];
    Tensor *e_p = step->out[0], *e_s = step->out[1];
    int64_t steps = h->shape.dimension[0], units = h->shape.dimension[1];
    Typical typical = typical_of(h->producer->in[0], weights, steps);
    double slope = normal_rms(tanh_slope, NULL, &(Tensor){.typical = typical.sum}) / 2, g = 0;
    double back = weights->typical * sqrt((double)units) * slope / 2;
    for (int64_t t = 0; t < steps && t < 100; ++t)
        g = hypot(e_h->typical, hypot(g / 2, g * back));
    error_format(model, e_p);
    format_share(model, e_s, e_p);
    typical_set(model, e_p, slope * g,
                "error %.3g, with that of later steps %.3g, times a slope of %.3g", e_h->typical, g,
                slope);
    typical_set(model, e_s, slope * g / 2, "half of %s, as the gate r", e_p->name);
    sum_set(step, e_s, weights, e_h, PARTS * units);
}

/* What comes in at a step, brought to INJECTED_BITS; g is clamped to what all steps may come to. */
static int64_t settle_injected(Model *model, Step *step, int *shift) {
    const Tensor *e_h = step->in[0], *h = step->in[1], *weights = step->in[4], *e_s = step->out[1];
    int64_t units = h->shape.dimension[1];
    int64_t worst = recurrent_sum(model, step, PARTS * units, e_s, weights, "e_scale", e_h, shift);
    int bits = ceil_log2((double)worst), down = bits > INJECTED_BITS ? bits - INJECTED_BITS : 0;
    if (worst == INT64_MAX)
        diag_error(model, step->place, "overflow: the sum of '%s' exceeds 63 bits",
                   step->out[0]->name);
    step_integer(model, step, "sum_worst_case", worst);
    step_integer(model, step, "sum_down", down);
    bool wide = bound_add(worst, bound_shift(1, down)) > type_most(TYPE_I32);
    step_text(model, step, "injected_width", wide ? "64" : "");
    *shift -= down;
    int64_t all = bound_multiply(h->shape.dimension[0], (worst >> down) + 1);
    int64_t most = INT64_C(1) << MOST_ERROR_BITS;
    return all < most ? all : most;
}

/* The accumulator is the product of g and a slope in 15 bits. */
static void gru_error_settle(Model *model, Step *step) {
    const Tensor *h = step->in[1], *inner = step->in[3], *weights = step->in[4];
    const Tensor *e_p = step->out[0];
    int64_t units = h->shape.dimension[1], row = DRAWN_PARTS * shape_elements(h->shape);
    int shift = 0, state_up = CURVE_BITS - h->format->shift;
    recurrent_sizes(model, step, h);
    Type products = recurrent_products(model, step, step->out[1], weights, PARTS * units);
    step_scratch(model, step, "accumulator", products, units);
    step_scratch(model, step, "carry", is_float(model) ? TYPE_F32 : TYPE_I32, units);
    prove_value(model, step, 0, 0);
    if (is_float(model))
        return;
    int64_t most = settle_injected(model, step, &shift);
    int64_t steepest = bound_shift(1, CURVE_BITS + 13 - inner->format->shift);
    if (steepest < 1 << CURVE_BITS)
        steepest = 1 << CURVE_BITS;
    step_integer(model, step, "g_most", most);
    step_integer(model, step, "inner_shift", inner->format->shift);
    step_integer(model, step, "state_up", bound_shift(1, state_up > 0 ? state_up : 0));
    step_integer(model, step, "state_down", state_up < 0 ? -state_up : 0);
    prove_value(model, step, bound_multiply(most, steepest), shift + CURVE_BITS);
    step->cast = cast_between(model, step->sum.worst_case, step->sum.shift, e_p->format->shift,
                              -e_p->bound, e_p->bound, error_rounding(model), row);
    if (step->cast.field)
        step_scratch(model, step, "draws", field_type(step->cast.field), row);
    if (step->cast.saturate)
        step->counter = ++model->counters;
    fit_cast(model, step);
}

static const StepKind gru_error = {.name = "gru_error",
                                   .in_roles = {"e_h", "h", "gates", "inner", "weights"},
                                   .out_roles = {"e_p", "e_s"},
                                   .parallel = true,
                                   .typical = gru_error_typical,
                                   .settle = gru_error_settle};

/* The error goes back before the weights that it reads are updated. */
static void gru_grad(Model *model, Step *step) {
    Tensor *p = step->in[0], *weights = step->in[1], *h = step->out[0];
    Tensor *e_p = error_new(model, p);
    const char *name = arena_print(model->arena, "%s.error", weights->name);
    Step *back = step_with(model, &gru_error, PHASE_BACKWARD, step,
                           (Tensor *[]){h->error, h, step->out[1], step->out[2], weights}, e_p);
    back->out[1] = tensor_new(model, name, KIND_ERROR, p->shape, true, p->place);
    back->out[1]->producer = back;
    contribute(model, p, e_p);
    recurrent_gradient(model, step, back->out[1], h, weights);
}

static const StepKind gru_forward = {.name = "gru",
                                     .in_roles = {"p", "weights"},
                                     .out_roles = {"h", "gates", "inner"},
                                     .runtime = "int_curves",
                                     .parallel = true,
                                     .grad = gru_grad,
                                     .typical = gru_typical,
                                     .settle = gru_settle};

/* ---- the operator ---------------------------------------------------------------------------- */

static Tensor *output_new(Model *model, const Call *call, Step *step, const char *name,
                          Shape shape) {
    const char *whole = arena_print(model->arena, "%s.%s", call->binding, name);
    Tensor *tensor = tensor_new(model, whole, KIND_ACTIVATION, shape, true, call->place);
    tensor->producer = step;
    return tensor;
}

static Tensor *gru_build(Model *model, Call *call) {
    int64_t units = (int64_t)call->argument[RECURRENT_UNITS].number;
    Tensor *p = recurrent_input(model, call, PARTS * units);
    if (!p)
        return NULL;
    Step *step = step_new(model, &gru_forward, PHASE_FORWARD, call->place);
    Shape shape = {2, {p->shape.dimension[0], units}};
    step->in[0] = p;
    step->in[1] = recurrent_weights(model, call, PARTS * units, units);
    step->out[0] = output_new(model, call, step, "gru", shape);
    step->out[1] = output_new(model, call, step, "gates", p->shape);
    step->out[2] = output_new(model, call, step, "inner", shape);
    return step->out[0];
}

const Operator gru_operator = {.name = "gru",
                               .parameters = RECURRENT_PARAMETERS,
                               .build = gru_build};
