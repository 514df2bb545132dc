/* cast.c - what operators settle with: accumulators that are proved wide enough, and the cast out
 * of them, the one place where bits go. */
#include "range.h"

void sum_set(Step *step, Tensor *left, Tensor *right, Tensor *addend, int64_t terms) {
    step->sum.left = left;
    step->sum.right = right;
    step->sum.addend = addend;
    step->sum.terms = terms;
}

Rounding error_rounding(const Model *model) {
    return model->settings.nearest_errors ? ROUND_NEAREST : ROUND_STOCHASTIC;
}

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
