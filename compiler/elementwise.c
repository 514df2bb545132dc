/* elementwise.c - what operators share that compute each element by itself. */
#include "ops/elementwise.h"

#include <math.h>

Tensor *elementwise_build(Model *model, const Call *call, const StepKind *kind) {
    Tensor *x = call->argument[0].tensor;
    const char *name = arena_print(model->arena, "%s.%s", call->binding, kind->name);
    Step *step = step_new(model, kind, PHASE_FORWARD, call->place);
    step->in[0] = x;
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, x->shape, true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

/* The sum over 6 standard deviations in steps of 1/64. */
double normal_rms(Curve1 *f, const double *constants, const Tensor *x) {
    double sum = 0, weights = 0;
    for (int i = x->non_negative ? 0 : -384; i <= 384; ++i) {
        double at = i / 64.0, weight = exp(-at * at / 2), value = f(at * x->typical, constants);
        sum += weight * value * value;
        weights += weight;
    }
    return sqrt(sum / weights);
}

void elementwise_settle(Model *model, Step *step) {
    step_integer(model, step, "elements", shape_elements(step->out[0]->shape));
}

/* Whole numbers in a format of shift s are the multiples of 2^s: cast to them, and scale back. */
void whole_settle(Model *model, Step *step, Rounding rounding) {
    Tensor *x = step->in[0], *y = step->out[0];
    int shift = x->format->shift > 0 ? x->format->shift : 0;
    int64_t most = x->bound >> shift;
    step_integer(model, step, "one", bound_shift(1, shift));
    if (is_float(model))
        return;
    prove_value(model, step, x->bound, x->format->shift);
    step->cast = cast_between(model, x->bound, shift, 0, y->non_negative ? 0 : -most, most,
                              rounding, 0);
    fit_cast(model, step);
    if (most == 0)
        diag_warning(model, step->place, "collapse: '%s' spans less than 1, so '%s' gives only 0",
                     x->name, step->kind->name);
}

/* Results -1, 0 and 1 are exact, at shift 0 unless a pin says otherwise. */
void unit_set(Model *model, Tensor *y, const char *reason) {
    format_new(model, y, model->settings.precision.activations, 1);
    y->format->shift = y->pin.has_shift && !is_float(model) ? y->pin.shift : 0;
    y->format->shift_known = true;
    y->exact = true;
    y->limit = 1;
    typical_set(model, y, 1, "%s", reason);
}

void unit_settle(Model *model, Step *step) {
    Tensor *y = step->out[0];
    int shift = y->format->shift;
    elementwise_settle(model, step);
    if (shift < 0) {
        diag_error(model, y->place, "at shift %d the 1 of '%s' is less than a unit", shift,
                   step->kind->name);
        diag_help(model, "give it a shift of at least 0");
    }
    step_integer(model, step, "one", bound_shift(1, shift > 0 ? shift : 0));
}
