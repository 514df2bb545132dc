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
 *   4. settle: bounds, accumulators proved, casts named, updates measured */
#include "range.h"

#include "profile.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- arithmetic on bounds --------------------------------------------------------------------- */

int64_t bound_multiply(int64_t a, int64_t b) {
    int64_t product;
    return __builtin_mul_overflow(a, b, &product) ? INT64_MAX : product;
}

int64_t bound_add(int64_t a, int64_t b) {
    int64_t sum;
    return __builtin_add_overflow(a, b, &sum) ? INT64_MAX : sum;
}

int64_t bound_shift(int64_t a, int shift) {
    if (shift < 0)
        return shift < -62 ? 0 : a >> -shift;
    return shift > 62 ? INT64_MAX : bound_multiply(a, INT64_C(1) << shift);
}

int64_t type_most(Type type) {
    return (int64_t)((UINT64_C(1) << type_magnitude_bits(type)) - 1);
}

int ceil_log2(double value) {
    int exponent;
    if (!(value > 0))
        return -64;
    if (isinf(value))
        return 1024;
    return frexp(value, &exponent) == 0.5 ? exponent - 1 : exponent;
}

bool is_float(const Model *model) {
    return model->settings.precision.weights == TYPE_F32;
}

Rounding error_rounding(const Model *model) {
    return model->settings.nearest_errors ? ROUND_NEAREST : ROUND_STOCHASTIC;
}

/* ---- typical values and formats, as operators state them -------------------------------------- */

/* Storage of 32 bits uses 29, as masters do: a weight plus its change fits. */
static int format_bits(Type type) {
    int bits = type_magnitude_bits(type);
    return type == TYPE_I32 && bits > 29 ? 29 : bits;
}

static void merge_pin(Model *model, Tensor *tensor) {
    Format *format = tensor->format;
    const Pin *pin = &tensor->pin;
    bool clash = (pin->has_type && format->pin.has_type && pin->type != format->pin.type) ||
                 (pin->has_shift && format->pin.has_shift && pin->shift != format->pin.shift);
    if (is_float(model) || (!pin->has_type && !pin->has_shift))
        return;
    if (clash) {
        diag_error(model, pin->place, "'%s' shares its format with its input, which has "
                   "another pin", tensor->name);
        diag_note(model, format->pin.place, "the other pin is here");
        return;
    }
    if (pin->has_type)
        format->type = pin->type;
    if (pin->has_shift)
        format->shift = pin->shift;
    format->shift_known |= pin->has_shift;
    format->pin.has_type |= pin->has_type;
    format->pin.has_shift |= pin->has_shift;
    format->pin.type = format->type;
    format->pin.shift = format->shift;
    format->pin.place = pin->place;
}

void format_new(Model *model, Tensor *tensor, Type type, double factor) {
    tensor->format = arena_alloc(model->arena, sizeof *tensor->format);
    tensor->format->type = type;
    tensor->format->span_factor = factor;
    merge_pin(model, tensor);
}

void format_share(Model *model, Tensor *out, Tensor *in) {
    out->format = in->format;
    merge_pin(model, out);
}

/* A class has a default as well; not every model has tensors of it. */
static bool is_class(const Model *model, const char *name) {
    for (const Headroom *headroom = model->settings.headrooms; headroom; headroom = headroom->next)
        if (!headroom->given && strcmp(headroom->name, name) == 0)
            return true;
    return false;
}

/* `h1` names its tensor, and those that the expression of its binding makes on the way: h1.dense. */
static bool names_tensor(const char *name, const Tensor *tensor) {
    size_t length = strlen(name);
    if (tensor->kind != KIND_ACTIVATION || strncmp(name, tensor->name, length) != 0)
        return false;
    return tensor->name[length] == '\0' || tensor->name[length] == '.';
}

/* A default leaves room for growth in training; what a profile observed has grown. */
static double grown(const Model *model, const Headroom *headroom, const Tensor *tensor) {
    bool observed = !headroom->given && profile_find(model, tensor);
    return observed ? fmin(headroom->factor, 8) : headroom->factor;
}

double headroom_of(Model *model, const char *class_name, const Tensor *tensor) {
    const Headroom *of_class = NULL;
    for (Headroom *headroom = model->settings.headrooms; headroom; headroom = headroom->next) {
        if (!is_class(model, headroom->name) && names_tensor(headroom->name, tensor)) {
            headroom->used = true;
            return grown(model, headroom, tensor);
        }
        if (!of_class && strcmp(headroom->name, class_name) == 0) {
            headroom->used = true;
            of_class = headroom;
        }
    }
    return of_class ? grown(model, of_class, tensor) : 1; /* every class has a default */
}

/* No format shows what lies outside; inside, no product of typical values leaves a double's range. */
static const double least_typical = 1e-30, most_typical = 1e30;

/* Weights span what they are drawn in, and what encodings and pins say is known: only what the
 * network computes is better observed. */
static void take_observed(Model *model, Tensor *tensor) {
    bool computed = tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR;
    Observed *observed = computed ? profile_find(model, tensor) : NULL;
    if (!observed)
        return;
    observed->used = true;
    tensor->reason = arena_print(model->arena, "the profile observed %.3g; expected was %.3g (%s)",
                                 observed->rms, tensor->typical, tensor->reason);
    tensor->typical = fmin(fmax(observed->rms, least_typical), most_typical);
}

void typical_set(Model *model, Tensor *tensor, double rms, const char *reason, ...) {
    char text[256];
    va_list arguments;
    if (rms != 0)
        rms = fmin(fmax(rms, least_typical), most_typical);
    va_start(arguments, reason);
    vsnprintf(text, sizeof text, reason, arguments);
    va_end(arguments);
    tensor->typical = rms;
    tensor->reason = arena_print(model->arena, "%s", text);
    take_observed(model, tensor);
}

void activation_format(Model *model, Tensor *tensor) {
    format_new(model, tensor, model->settings.precision.activations,
               headroom_of(model, "activations", tensor));
}

void error_format(Model *model, Tensor *tensor) {
    format_new(model, tensor, model->settings.precision.gradients,
               headroom_of(model, "errors", tensor));
}

void sum_set(Step *step, Tensor *left, Tensor *right, Tensor *addend, int64_t terms) {
    step->sum.left = left;
    step->sum.right = right;
    step->sum.addend = addend;
    step->sum.terms = terms;
}

/* ---- 1. typical values ------------------------------------------------------------------------ */

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

static void check_headrooms(Model *model) {
    for (const Headroom *headroom = model->settings.headrooms; headroom;
         headroom = headroom->next) {
        if (headroom->used || is_class(model, headroom->name))
            continue;
        diag_error(model, headroom->place, "there is no tensor '%s' to give headroom",
                   headroom->name);
        diag_help(model, "classes are weights, activations, errors, inputs and logits; 'intc "
                         "schedule' lists the tensors");
    }
}

/* ---- 2. bits ---------------------------------------------------------------------------------- */

/* Where an operator has left bits to fewer than its type has, a pin may have chosen a narrower one. */
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

/* ---- 3. shifts -------------------------------------------------------------------------------- */

/* What the format is to span: the headroom times the typical value, but no more than a known bound. */
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

/* ---- 4. settle: accumulators and casts -------------------------------------------------------- */

static int free_bits(Type type, int64_t worst) {
    int bits = 0;
    while (bits < type_magnitude_bits(type) && (worst >> bits) != 0)
        ++bits;
    return type_magnitude_bits(type) - bits;
}

/* The sum is as wide as it was asked to be, or 64 bits where that is not enough. */
void prove_value(Model *model, Step *step, int64_t worst_case, int shift) {
    Sum *sum = &step->sum;
    sum->type = is_float(model) ? TYPE_F32 : model->settings.precision.accumulators;
    sum->shift = shift;
    if (is_float(model))
        return;
    if (sum->type == TYPE_I32 && worst_case > type_most(TYPE_I32))
        sum->type = TYPE_I64;
    if (worst_case == INT64_MAX)
        diag_error(model, step->place, "overflow: the sum of '%s' exceeds 63 bits",
                   step->out[0]->name);
    sum->worst_case = worst_case;
    sum->headroom_bits = free_bits(sum->type, worst_case);
}

void prove_sum(Model *model, Step *step) {
    const Sum *sum = &step->sum;
    int64_t product = bound_multiply(sum->left->bound, sum->right ? sum->right->bound : 1);
    int64_t worst = bound_multiply(sum->terms, product);
    int shift = sum->left->format->shift + (sum->right ? sum->right->format->shift : 0);
    if (sum->addend)
        worst = bound_add(worst, bound_shift(sum->addend->bound,
                                             shift - sum->addend->format->shift));
    prove_value(model, step, worst, shift);
    if (step->out[0]->kind == KIND_GRADIENT) {
        step->out[0]->format->type = step->sum.type;
        step->out[0]->format->shift = shift;
        step->out[0]->bound = worst;
    }
}

enum { MOST_LEFT_SHIFT = 30 };

static Rounding rounding_kind(int shift, Rounding wanted) {
    return shift == 0 ? ROUND_EXACT : shift < 0 ? ROUND_SCALE : wanted;
}

static int field_of(const Cast *cast) {
    if (cast->rounding != ROUND_STOCHASTIC)
        return 0;
    return cast->shift <= 16 ? 16 : cast->shift <= 32 ? 32 : 64;
}

Cast cast_between(Model *model, int64_t worst_case, int from_shift, int to_shift, int64_t lo,
                  int64_t hi, Rounding rounding, int64_t row) {
    Cast cast = {.present = true, .shift = from_shift - to_shift, .lo = lo, .hi = hi, .site = -1};
    cast.rounding = rounding_kind(cast.shift, rounding);
    cast.field = field_of(&cast);
    int64_t reach = bound_shift(worst_case, -cast.shift);
    cast.saturate = bound_add(reach, cast.shift > 0) > hi;
    if (cast.field) {
        cast.site = model->sites++;
        cast.row = (int)row;
    }
    return cast;
}

void widen_sum(Step *step) {
    step->sum.type = TYPE_I64;
    step->sum.headroom_bits = free_bits(TYPE_I64, step->sum.worst_case);
}

/* The sum is widened where its type has no room for the rounding, or for the shift itself. */
void fit_cast(Model *model, Step *step) {
    const Cast *cast = &step->cast;
    bool down = cast->shift > 0;
    int64_t rounded = bound_add(step->sum.worst_case, down ? bound_shift(1, cast->shift) : 0);
    if (step->sum.type == TYPE_I32 && rounded > type_most(TYPE_I32)) {
        widen_sum(step);
    }
    if (rounded < INT64_MAX && cast->shift >= -MOST_LEFT_SHIFT)
        return;
    const Tensor *out = step->out[0];
    diag_error(model, out->pin.has_shift ? out->pin.place : step->place,
               "'%s' at shift %d is out of reach of its sum at shift %d, which can be %lld",
               out->name, step->sum.shift - cast->shift, step->sum.shift,
               (long long)step->sum.worst_case);
}

void cast_out(Model *model, Step *step, Rounding rounding) {
    const Tensor *out = step->out[0];
    if (is_float(model))
        return;
    int64_t row = shape_elements(out->shape);
    step->cast = cast_between(model, step->sum.worst_case, step->sum.shift, out->format->shift,
                              out->non_negative ? 0 : -out->bound, out->bound, rounding, row);
    if (step->cast.field)
        step_scratch(model, step, "draws", field_type(step->cast.field), row);
    if (step->cast.saturate)
        step->counter = ++model->counters;
    fit_cast(model, step);
}

/* First weights come last: they are drawn in the master's format, which its update settles. */
static void settle(Model *model) {
    for (int init = 0; init <= 1; ++init)
        for (int i = 0; i < model->step_count; ++i)
            if ((model->steps[i]->phase == PHASE_INIT) == init)
                model->steps[i]->kind->settle(model, model->steps[i]);
}

/* ---- what the user should know ---------------------------------------------------------------- */

/* The share of normally distributed values of this rms that lies outside +-span. */
static double clipped_share(double span, double rms) {
    return rms > 0 ? erfc(span / rms / sqrt(2)) : 0;
}

/* The pin may stand at another tensor that shares the format. */
static void check_pin(Model *model, const Tensor *tensor) {
    double span = ldexp((double)tensor->bound, -tensor->format->shift);
    double tolerance = tensor->exact ? 1 : 0.99; /* 127 of 128 may stand for a bound of 1 */
    if (tensor->limit > 0 && span < tensor->limit * tolerance) {
        diag_error(model, tensor->format->pin.place,
                   "the pin spans +-%.4g, but '%s' reaches its bound of %.4g", span, tensor->name,
                   tensor->limit);
        diag_help(model, "the largest shift that holds it is %d",
                  tensor->format->bits - ceil_log2(tensor->limit) - (tensor->exact ? 1 : 0));
    }
}

static void check_saturation(Model *model, const Tensor *tensor) {
    double span = ldexp((double)tensor->bound, -tensor->format->shift);
    double share = clipped_share(span, tensor->typical);
    if (tensor->limit > 0 || share < 0.01)
        return;
    diag_warning(model, tensor->pin.has_shift ? tensor->pin.place : tensor->place,
                 "saturation: '%s' spans +-%.4g, which clips about %.2g%% of its typical values "
                 "(rms %.3g)", tensor->name, span, 100 * share, tensor->typical);
    diag_help(model, "shift %d would span 4 x rms",
              tensor->format->bits - ceil_log2(4 * tensor->typical));
}

/* The step that casts to the tensor's format: behind a ReLU it is the one before. */
static const Step *format_maker(const Tensor *tensor) {
    const Step *step = tensor->producer;
    while (step && step->in[0]->format == tensor->format)
        step = step->in[0]->producer;
    return step;
}

static void check_collapse(Model *model, const Tensor *tensor) {
    double units = ldexp(tensor->typical, tensor->format->shift);
    const Step *producer = format_maker(tensor);
    if (tensor->exact || units >= 2)
        return;
    diag_warning(model, tensor->pin.has_shift ? tensor->pin.place : tensor->place,
                 "collapse: shift %d leaves '%s' %.1f bits: its typical value %.3g is %.2g units",
                 tensor->format->shift, tensor->name, units > 0.5 ? log2(units) + 1 : 0.0,
                 tensor->typical, units);
    if (producer && producer->sum.left && producer->sum.right)
        diag_note(model, producer->place,
                  "its chain: %s at shift %d x %s at shift %d, summed at shift %d, cast to %d",
                  producer->sum.left->name, producer->sum.left->format->shift,
                  producer->sum.right->name, producer->sum.right->format->shift,
                  producer->sum.shift, tensor->format->shift);
}

/* One tensor speaks for all that share its format: the pinned one, or the first. */
static bool speaks_for_format(const Tensor *tensor) {
    Format *format = tensor->format;
    bool speaks = !format->reported && (!format->pin.has_shift || tensor->pin.has_shift);
    format->reported |= speaks;
    return speaks;
}

static void check_tensors(Model *model) {
    for (int i = 0; i < model->tensor_count && !is_float(model); ++i) {
        const Tensor *tensor = model->tensors[i];
        bool weights = tensor->kind == KIND_PARAMETER && tensor->init_bound > 0;
        bool stored = tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR || weights;
        if (tensor->pin.has_shift || (tensor->exact && tensor->format->pin.has_shift))
            check_pin(model, tensor);
        if (!stored || !speaks_for_format(tensor))
            continue;
        check_saturation(model, tensor);
        check_collapse(model, tensor);
    }
}

/* A log of another model, most likely. */
static void check_observed(const Model *model) {
    const Observed *observed = model->observed;
    while (observed && !observed->used)
        observed = observed->next;
    if (model->observed && !observed)
        fail("'%s' observed no tensor of this model; the first it knows is '%s'",
             model->options.profile, model->observed->name);
}

void range(Model *model) {
    find_typical(model);
    check_headrooms(model);
    check_observed(model);
    if (model->source.errors > 0)
        return;
    budget_bits(model);
    if (model->source.errors > 0)
        return;
    choose_shifts(model);
    settle(model);
    check_tensors(model);
}
