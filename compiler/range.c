/* range.c - the heart of the compiler: how large is each value, and so which shift has each tensor.
 *
 * Two magnitudes are kept for each tensor and never mixed up:
 *   - `bound`, hard: no integer of the tensor is ever larger. Proofs about accumulators use it.
 *   - `typical`, the rms expected at initialisation. Shifts are chosen by it.
 * Bounds alone would keep almost no bits; statistics alone would prove nothing. Between the two
 * stands the cast, where values that are larger than the format saturate.
 *
 * The pass goes over the graph four times:
 *   1. typical values, step by step, forwards and backwards, from the input and the weights
 *   2. bits: operands are narrowed until every sum of products fits its accumulator
 *   3. shifts: each format spans its headroom times the typical value
 *   4. settle: bounds, accumulators proved, casts named, updates measured
 *
 * What operators call meanwhile stands in format.c (1), cast.c (4) and bound.c; what the user
 * should know of the result, in range_check.c. */
#include "range.h"

#include <math.h>

/* ---- 1. typical values ----------------------------------------------------------------------- */

/* Weights of -1, 0 and 1, in units of a power of two. */
static void start_units(Model *model, Tensor *weights) {
    const char *what = weights->kept == KEPT_SIGN ? "signs" : "-1, 0 and 1";
    format_new(model, weights, model->settings.precision.weights, 2);
    weights->format->bits = 1;
    weights->format->shift = is_float(model) ? 0 : weights->unit_shift;
    weights->format->shift_known = true;
    weights->exact = true;
    weights->limit = weights->init_bound;
    typical_set(model, weights, weights->init_sigma, "%s, times 2^%d", what, -weights->unit_shift);
}

static void start_parameter(Model *model, Tensor *parameter) {
    bool is_bias = parameter->init_bound == 0;
    Type type = model->settings.precision.weights;
    if (is_bias && type != TYPE_F32)
        type = TYPE_I32;
    format_new(model, parameter, type, headroom_of(model, is_bias ? "activations" : "weights",
                                                   parameter));
    if (is_bias)
        parameter->format->shift_known = true; /* the operator that adds it places it */
    else
        typical_set(model, parameter, parameter->init_sigma,
                    "drawn uniformly in +-%.3g: standard deviation %.3g", parameter->init_bound,
                    parameter->init_sigma);
}

static void start_raw(Model *model, Tensor *tensor) {
    bool encoded = tensor->encoding != NULL;
    Type label = tensor->classes <= 256 ? TYPE_U8 : TYPE_I32;
    format_new(model, tensor, encoded ? tensor->encoding->raw : label, 1);
    tensor->format->shift_known = true;
    tensor->format->bits = type_magnitude_bits(tensor->format->type);
    tensor->bound = encoded ? bound_shift(1, tensor->format->bits) - (tensor->encoding->raw ==
                                                                      TYPE_U8)
                            : tensor->classes - 1;
    typical_set(model, tensor, 0, encoded ? "what the caller passes" : "a class: it selects");
}

static void find_typical(Model *model) {
    for (int i = 0; i < model->tensor_count; ++i) {
        Tensor *tensor = model->tensors[i];
        if (tensor->kind == KIND_PARAMETER)
            (tensor->kept ? start_units : start_parameter)(model, tensor);
        else if (tensor->kind == KIND_INPUT || tensor->kind == KIND_TARGET)
            start_raw(model, tensor);
    }
    for (int i = 0; i < model->step_count; ++i)
        if (model->steps[i]->kind->typical)
            model->steps[i]->kind->typical(model, model->steps[i]);
}

/* ---- 2. bits --------------------------------------------------------------------------------- */

/* Storage of 32 bits uses 29, as masters do: a weight plus its change fits. */
static int format_bits(Type type) {
    return type == TYPE_I32 ? 29 : type_magnitude_bits(type);
}

/* An operator may have asked for fewer bits than the type has, and a pin for a narrower type. */
static void start_bits(Model *model) {
    for (int i = 0; i < model->tensor_count; ++i) {
        Format *format = model->tensors[i]->format;
        bool chosen = format->bits > 0 && format->bits <= type_magnitude_bits(format->type);
        if (chosen)
            continue;
        format->bits = format_bits(format->type);
        format->narrowed = NULL;
    }
}

/* Exact values are at most 1, whose integer a pin may have made large, or one unit. */
static int64_t most_of(const Tensor *tensor) {
    int64_t most = bound_shift(1, tensor->format->bits) - 1;
    int64_t one = tensor->format->shift > 0 ? bound_shift(1, tensor->format->shift) : 1;
    return tensor->exact && one < most ? one : most;
}

/* The type that operands are narrowed for. */
static Type budget_type(const Model *model, const Step *step) {
    return step->sum.widens ? TYPE_I64 : model->settings.precision.accumulators;
}

/* An eighth of the range stays free where a bias is added. A gradient is multiplied by the learning
 * rate, in 64 bits at most, one of which is for rounding. */
static int64_t most_sum(const Model *model, const Step *step) {
    Type type = budget_type(model, step);
    int64_t most = type_most(type);
    if (step->out[0]->kind == KIND_GRADIENT && type == TYPE_I64)
        return most >> (RATE_BITS + model->settings.rates.shift + 1);
    return step->sum.addend ? most - most / 8 : most - most / 64;
}

static bool sum_fits(const Model *model, const Step *step) {
    const Sum *sum = &step->sum;
    int64_t product = bound_multiply(most_of(sum->left), sum->right ? most_of(sum->right) : 1);
    int64_t worst = bound_multiply(sum->terms, product);
    return worst <= most_sum(model, step);
}

static bool can_narrow(const Tensor *tensor) {
    return tensor && !tensor->exact && tensor->format->bits > 2 &&
           !(tensor->format->pin.has_type && tensor->format->pin.has_shift);
}

/* Takes one bit from the wider operand that no pin holds; false if both are held. */
static bool narrow(Model *model, const Step *step) {
    Tensor *left = step->sum.left, *right = step->sum.right;
    Tensor *wider = right && right->format->bits > left->format->bits ? right : left;
    if (!can_narrow(wider))
        wider = wider == left ? right : left;
    if (!can_narrow(wider))
        return false;
    Type type = budget_type(model, step);
    bool rated = step->out[0]->kind == KIND_GRADIENT && type == TYPE_I64;
    --wider->format->bits;
    wider->format->narrowed = arena_print(
        model->arena, "%d bits, so that %lld products of %s%s fit %s", wider->format->bits,
        (long long)step->sum.terms, step->out[0]->name, rated ? ", times the rate," : "",
        type_name(type));
    return true;
}

static void report_overflow(Model *model, const Step *step) {
    const Tensor *left = step->sum.left, *right = step->sum.right;
    Type type = budget_type(model, step);
    int64_t worst = bound_multiply(
        step->sum.terms, bound_multiply(most_of(left), right ? most_of(right) : 1));
    diag_error(model, left->pin.has_type ? left->pin.place : step->place,
               "overflow: the accumulator of '%s' can reach %lld x %lld x %lld%s, but %s ends at "
               "%lld", step->out[0]->name, (long long)step->sum.terms, (long long)most_of(left),
               (long long)(right ? most_of(right) : 1), worst == INT64_MAX ? " (over 63 bits)" : "",
               type_name(type), (long long)type_most(type));
    diag_help(model, "the pins forbid narrower operands: loosen one, or write accumulators i64 "
                     "in the precision block");
}

/* Narrows until the sums of this step fit; false after a message. */
static bool fit_step(Model *model, const Step *step, bool *changed) {
    while (step->sum.left && !sum_fits(model, step)) {
        if (!narrow(model, step)) {
            report_overflow(model, step);
            return false;
        }
        *changed = true;
    }
    return true;
}

/* Forward sums choose first, then the errors take what is left. Bits only shrink: the loop ends. */
static void budget_bits(Model *model) {
    start_bits(model);
    for (bool changed = !is_float(model); changed;) {
        changed = false;
        for (int i = 0; i < model->step_count; ++i)
            if (!fit_step(model, model->steps[i], &changed))
                return;
    }
}

/* ---- 3. shifts ------------------------------------------------------------------------------- */

/* What the format is to span: headroom times the typical value, but no more than a known bound. */
static double wanted_span(const Tensor *tensor) {
    double span = tensor->format->span_factor * tensor->typical;
    return tensor->limit > 0 && tensor->limit < span ? tensor->limit : span;
}

static void choose_shift(Tensor *tensor) {
    Format *format = tensor->format;
    int shift = format->bits - ceil_log2(wanted_span(tensor));
    format->shift = shift < -16 ? -16 : shift > 40 ? 40 : shift;
    format->shift_known = true;
}

static void find_bound(Tensor *tensor) {
    int64_t most = bound_shift(1, tensor->format->bits) - 1;
    double limit = ceil(ldexp(tensor->limit, tensor->format->shift));
    tensor->bound = tensor->limit > 0 && limit < (double)most ? (int64_t)limit : most;
}

static void choose_shifts(Model *model) {
    for (int i = 0; i < model->tensor_count; ++i) {
        Tensor *tensor = model->tensors[i];
        bool stored = tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR ||
                      tensor->kind == KIND_PARAMETER;
        if (!stored || is_float(model))
            continue;
        if (!tensor->format->shift_known)
            choose_shift(tensor);
        find_bound(tensor);
    }
}

/* ---- 4. settle ------------------------------------------------------------------------------- */

/* First weights come last: they are drawn in the master's format, which its update settles. */
static void settle(Model *model) {
    for (int init = 0; init <= 1; ++init)
        for (int i = 0; i < model->step_count; ++i)
            if ((model->steps[i]->phase == PHASE_INIT) == init)
                model->steps[i]->kind->settle(model, model->steps[i]);
}

void range(Model *model) {
    find_typical(model);
    check_given(model);
    if (model->source.errors > 0)
        return;
    budget_bits(model);
    if (model->source.errors > 0)
        return;
    choose_shifts(model);
    settle(model);
    check_formats(model);
}
