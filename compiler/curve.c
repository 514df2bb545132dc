/* curve.c - what operators share whose error is the derivative times the error. */
#include "ops/curve.h"

#include <math.h>

double tanh_value(double x, const double *constants) {
    (void)constants;
    return tanh(x);
}

double tanh_slope(double x, const double *constants) {
    double y = tanh_value(x, constants);
    return 1 - y * y;
}

void curve_typical(Model *model, Step *step, Curve1 *f, double limit) {
    Tensor *x = step->in[0], *y = step->out[0];
    activation_format(model, y);
    y->limit = limit;
    typical_set(model, y, normal_rms(f, NULL, x), "%s of %.3g", step->kind->name, x->typical);
}

void curve_error_typical(Model *model, Step *step, Curve1 *derivative, const Tensor *x) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    double slope = normal_rms(derivative, NULL, x);
    error_format(model, e_x);
    typical_set(model, e_x, e_y->typical * slope, "error %.3g times a slope of %.3g", e_y->typical,
                slope);
}

void curve_error_settle(Model *model, Step *step, int64_t most, int shift) {
    const Tensor *e_y = step->in[0];
    elementwise_settle(model, step);
    prove_value(model, step, bound_multiply(e_y->bound, most), e_y->format->shift + shift);
    cast_out(model, step, error_rounding(model));
}

void curve_grad(Model *model, Step *step, const StepKind *kind, Tensor *kept) {
    Tensor *e_x = error_new(model, step->in[0]);
    step_with(model, kind, PHASE_BACKWARD, step, (Tensor *[]){step->out[0]->error, kept}, e_x);
    contribute(model, step->in[0], e_x);
}

void settle_position(Model *model, Step *step, const Tensor *x, int most, int shift) {
    int64_t reach = bound_shift(most, x->format->shift);
    int up = shift - x->format->shift;
    if (reach < 1)
        reach = 1;
    step_integer(model, step, "reach", reach < x->bound ? reach : x->bound);
    step_integer(model, step, "position_up", up > 0 ? up : 0);
    step_integer(model, step, "position_down", up < 0 ? -up : 0);
}

int settle_derivative_of_value(Model *model, Step *step, const Tensor *y) {
    int shift = y->format->shift < CURVE_BITS ? y->format->shift : CURVE_BITS;
    int down = 2 * shift > CURVE_BITS ? 2 * shift - CURVE_BITS : 0;
    step_integer(model, step, "value_down", y->format->shift - shift);
    step_integer(model, step, "one", bound_shift(1, shift));
    step_integer(model, step, "slope_down", down);
    return 2 * shift - down;
}
