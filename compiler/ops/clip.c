/* clip.c - y = x within [lo, hi], in the format of its input; the error passes strictly within.
 *
 * Where the format does not reach a limit, the cast that made the input saturates before. */
#include "clip.h"

#include "elementwise.h"

#include <math.h>

typedef struct {
    double lo, hi;
} Limits;

static Limits limits_of(const Step *step) {
    return (Limits){step_real(step, "real_lo"), step_real(step, "real_hi")};
}

static double clipped(double x, const double *limits) {
    return fmin(fmax(x, limits[0]), limits[1]);
}

static double passed(double x, const double *limits) {
    return x > limits[0] && x < limits[1];
}

static void clip_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    Limits limits = limits_of(step);
    format_share(model, y, x);
    y->limit = fmax(fabs(limits.lo), fabs(limits.hi));
    if (x->limit > 0 && x->limit < y->limit)
        y->limit = x->limit;
    y->non_negative = x->non_negative || limits.lo >= 0;
    typical_set(model, y, normal_rms(clipped, (double[]){limits.lo, limits.hi}, x),
                "%.3g within %.3g to %.3g", x->typical, limits.lo, limits.hi);
}

/* A limit in units of the format; `beyond` units outside it where the format ends before. */
static int64_t limit_units(const Tensor *y, double limit, int beyond) {
    double most = (double)y->bound + beyond, least = y->non_negative ? -beyond : -most;
    return llround(fmin(fmax(ldexp(limit, y->format->shift), least), most));
}

/* Backwards an error passes what saturated before it came to a limit: limits lie outside then. */
static void set_limits(Model *model, Step *step, const Tensor *y) {
    Limits limits = limits_of(step);
    int beyond = step->phase == PHASE_BACKWARD;
    elementwise_settle(model, step);
    if (is_float(model))
        return;
    int64_t lo = limit_units(y, limits.lo, beyond), hi = limit_units(y, limits.hi, beyond);
    step_integer(model, step, "lo", lo);
    step_integer(model, step, "hi", hi);
    if (lo == hi && step->phase == PHASE_FORWARD)
        diag_warning(model, step->place, "collapse: at shift %d '%s' gives only %lld",
                     y->format->shift, step->kind->name, (long long)lo);
}

static void clip_settle(Model *model, Step *step) {
    set_limits(model, step, step->out[0]);
}

static void clip_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    Limits limits = limits_of(step);
    const Tensor *x = step->in[1]->producer->in[0];
    double share = normal_rms(passed, (double[]){limits.lo, limits.hi}, x);
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical * share, "clip passes %.2g of %.3g squared", share * share,
                e_y->typical);
}

static void clip_error_settle(Model *model, Step *step) {
    const Tensor *y = step->in[1];
    set_limits(model, step, y);
    if (is_float(model) || step_value(step, "hi") - step_value(step, "lo") >= 2)
        return;
    diag_error(model, step->place, "at shift %d no value of '%s' lies between its limits: no error "
               "would pass", y->format->shift, y->name);
    diag_help(model, "give it a larger shift, or set the limits further apart");
}

static const StepKind clip_error = {.name = "clip_error",
                                    .in_roles = {"e_y", "y"},
                                    .out_roles = {"e_x"},
                                    .in_place = true,
                                    .typical = clip_error_typical,
                                    .settle = clip_error_settle};

static void put_limits(Model *model, Step *step, Limits limits) {
    step_reals(model, step, "real_lo", &limits.lo, 1);
    step_reals(model, step, "real_hi", &limits.hi, 1);
}

static void clip_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    Step *back = step_with(model, &clip_error, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error, step->out[0]}, e_x);
    put_limits(model, back, limits_of(step));
    contribute(model, step->in[0], e_x);
}

static const StepKind clip_forward = {.name = "clip",
                                      .in_roles = {"x"},
                                      .out_roles = {"y"},
                                      .in_place = true,
                                      .grad = clip_grad,
                                      .typical = clip_typical,
                                      .settle = clip_settle};

Tensor *clip_append(Model *model, const Call *call, double lo, double hi) {
    Tensor *y = elementwise_build(model, call, &clip_forward);
    put_limits(model, y->producer, (Limits){lo, hi});
    return y;
}

static Tensor *clip_build(Model *model, Call *call) {
    double lo = call->argument[1].number, hi = call->argument[2].number;
    if (lo < hi)
        return clip_append(model, call, lo, hi);
    diag_error(model, call->argument[2].place, "'hi' must be more than 'lo', %.12g, not %.12g", lo,
               hi);
    return NULL;
}

const Operator clip_operator = {.name = "clip",
                                .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                               {"lo", ARGUMENT_NUMBER, true, 0, -1e4, 1e4, {NULL}},
                                               {"hi", ARGUMENT_NUMBER, true, 0, -1e4, 1e4, {NULL}}},
                                .build = clip_build};
