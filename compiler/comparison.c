/* comparison.c - what greater and at_least share: 1 where a and b compare so, else 0.
 *
 * Two tensors are brought to the finer of their shifts, where they are compared exactly: nothing is
 * rounded. With a constant c, each comparison is one of integers, x > limit: x * 2^-shift > c where
 * x > floor(c * 2^shift), and x * 2^-shift >= c where x > ceil(c * 2^shift) - 1; the other two are
 * where these are not. The derivative is zero almost everywhere: a gradient wall unless inside
 * ste(...), where the error passes to a, with which the result grows, and b only chooses. */
#include "ops/comparison.h"

#include <math.h>

/* ---- of two tensors -------------------------------------------------------------------------- */

static Tensor *build_of_two(Model *model, const Call *call, const StepKind *kind) {
    Tensor *a = call->argument[0].tensor, *b = call->argument[1].tensor;
    if (!shape_equal(a->shape, b->shape)) {
        diag_error(model, call->place, "a comparison needs equal shapes: '%s' is %s, '%s' is %s",
                   a->name, tensor_type(model, a), b->name, tensor_type(model, b));
        return NULL;
    }
    Tensor *y = elementwise_build(model, call, kind);
    y->producer->in[1] = b;
    return y;
}

void comparison_typical(Model *model, Step *step) {
    unit_set(model, step->out[0], "a comparison gives 0 or 1");
    step->out[0]->non_negative = true;
}

void comparison_settle(Model *model, Step *step) {
    const Tensor *a = step->in[0], *b = step->in[1];
    int shift = a->format->shift > b->format->shift ? a->format->shift : b->format->shift;
    int a_scale = shift - a->format->shift, b_scale = shift - b->format->shift;
    int64_t a_most = bound_shift(a->bound, a_scale), b_most = bound_shift(b->bound, b_scale);
    unit_settle(model, step);
    step_integer(model, step, "a_scale", bound_shift(1, a_scale));
    step_integer(model, step, "b_scale", bound_shift(1, b_scale));
    prove_value(model, step, a_most > b_most ? a_most : b_most, shift);
}

/* ---- with a constant ------------------------------------------------------------------------- */

/* The limit between the constant's two sides; at `least` or `most` x is on one of them only. */
static double limit_of(const Step *step, double least, double most) {
    double at = ldexp(step_real(step, "real_limit"), step->in[0]->format->shift);
    double limit = step_value(step, "reaches") ? ceil(at) - 1 : floor(at);
    return fmin(fmax(limit, least), most);
}

/* A constant that x never comes to leaves one result, whatever x is. */
static void threshold_settle(Model *model, Step *step) {
    const Tensor *x = step->in[0];
    unit_settle(model, step);
    int64_t one = step_value(step, "one"), rising = step_value(step, "rising");
    int64_t above = rising ? one : 0, below = one - above;
    if (!is_float(model)) {
        double most = (double)x->bound, least = (x->non_negative ? 0 : -most) - 1;
        double limit = limit_of(step, least, most);
        if (limit == least)
            below = above;
        else if (limit == most)
            above = below;
        if (above == below)
            diag_warning(model, step->place, "collapse: of all values that '%s' can take, this "
                         "gives only %d", x->name, above > 0);
        step_integer(model, step, "limit", llround(fmax(fmin(limit, most - 1), least + 1)));
    }
    step_integer(model, step, "above", above);
    step_integer(model, step, "below", below);
}

static const StepKind threshold_forward = {.name = "threshold",
                                           .in_roles = {"x"},
                                           .out_roles = {"y"},
                                           .wall = true,
                                           .written = "x > y",
                                           .typical = comparison_typical,
                                           .settle = threshold_settle};

/* c > x is where x >= c is not. */
static Tensor *build_of_one(Model *model, const Call *call, bool reaches) {
    bool rising = call->argument[0].tensor != NULL;
    Call of_x = *call;
    if (!rising)
        of_x.argument[0] = call->argument[1];
    Tensor *y = elementwise_build(model, &of_x, &threshold_forward);
    step_reals(model, y->producer, "real_limit", &call->argument[rising ? 1 : 0].number, 1);
    step_integer(model, y->producer, "reaches", reaches == rising);
    step_integer(model, y->producer, "rising", rising);
    return y;
}

static bool is_falling_ste(Model *model, const Call *call) {
    if (!call->straight_through || call->argument[0].tensor)
        return false;
    diag_error(model, call->place, "'ste' passes the error to the larger side, which is the "
               "constant %.12g here", call->argument[0].number);
    diag_help(model, "compare the other way round: the layer behind it finds the sign");
    return true;
}

Tensor *comparison_build(Model *model, Call *call, const StepKind *kind, bool reaches) {
    bool a = call->argument[0].tensor != NULL, b = call->argument[1].tensor != NULL;
    if (a && b)
        return build_of_two(model, call, kind);
    if (a || b)
        return is_falling_ste(model, call) ? NULL : build_of_one(model, call, reaches);
    diag_error(model, call->place, "a comparison needs a tensor on one side at least");
    return NULL;
}
