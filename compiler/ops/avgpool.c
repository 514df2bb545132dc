/* avgpool.c - the mean of each window of size x size pixels, channel by channel.
 *
 * Windows stand `stride` pixels apart, side by side unless given; rows and columns that do not fill
 * one are left out. The sum of a window is multiplied by scale * 2^-scale_shift, which is one over
 * its area: scale is 1 where the area is a power of two. Backwards every element of a window gets
 * its share of the error; where windows overlap, the errors are added up first. */
#include "../grad.h"
#include "../range.h"
#include "../window.h"

#include <math.h>

enum { SCALE_BITS = 15 };

static double area_of(const Step *step) {
    return (double)(step_value(step, "kernel_height") * step_value(step, "kernel_width"));
}

/* The mean of what a ReLU leaves has a third of its mean square, however many values there are. */
static void avgpool_typical(Model *model, Step *step) {
    const Tensor *x = step->in[0];
    Tensor *y = step->out[0];
    double area = area_of(step), rest = x->non_negative ? 2.0 / 3 : 1;
    activation_format(model, y);
    y->limit = x->limit;
    y->non_negative = x->non_negative;
    typical_set(model, y, x->typical * sqrt(1 - rest + rest / area),
                "the mean of %.0f values of %.3g", area, x->typical);
}

static void avgpool_error_typical(Model *model, Step *step) {
    const Tensor *e_y = step->in[0];
    Tensor *e_x = step->out[0];
    Window window = window_of(step);
    double terms = window_overlap(&window) > 1 ? window_share(&window) : 1;
    error_format(model, e_x);
    typical_set(model, e_x, sqrt(terms) * e_y->typical / area_of(step),
                "one of %.0f shares of the error %.3g%s", area_of(step), e_y->typical,
                terms == 1 ? "" : arena_print(model->arena, " x sqrt(%.3g)", terms));
}

/* `terms` elements are added up before they are scaled. */
static void settle(Model *model, Step *step, int64_t terms, Rounding rounding) {
    const Tensor *x = step->in[0];
    double area = area_of(step), share = 1 / area;
    Rational scale = rational_from(share, SCALE_BITS, step->place);
    step_integer(model, step, "area", (int64_t)area);
    step_integer(model, step, "scale", scale.multiplier);
    step_integer(model, step, "scale_shift", scale.shift);
    if (is_float(model))
        step_reals(model, step, "real_scale", &share, 1);
    prove_value(model, step, bound_multiply(terms, bound_multiply(x->bound, scale.multiplier)),
                x->format->shift + scale.shift);
    cast_out(model, step, rounding);
}

static void avgpool_settle(Model *model, Step *step) {
    settle(model, step, (int64_t)area_of(step), ROUND_NEAREST);
}

static void avgpool_error_settle(Model *model, Step *step) {
    Window window = window_of(step);
    int64_t overlap = window_overlap(&window);
    step_integer(model, step, "covered", window_covers(&window));
    step_integer(model, step, "overlap", overlap);
    settle(model, step, overlap, error_rounding(model));
    if (overlap > 1)
        step_scratch(model, step, "accumulator", step->sum.type, window_padded(&window));
}

static const StepKind avgpool_error = {.name = "avgpool_error",
                                       .in_roles = {"e_y"},
                                       .out_roles = {"e_x"},
                                       .parallel = true,
                                       .typical = avgpool_error_typical,
                                       .settle = avgpool_error_settle};

static void avgpool_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    Step *back = step_with(model, &avgpool_error, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error}, e_x);
    Window window = window_of(step);
    window_set(model, back, &window);
    contribute(model, step->in[0], e_x);
}

const StepKind avgpool_step = {.name = "avgpool",
                               .in_roles = {"x"},
                               .out_roles = {"y"},
                               .parallel = true,
                               .grad = avgpool_grad,
                               .typical = avgpool_typical,
                               .settle = avgpool_settle};

static Tensor *avgpool_build(Model *model, Call *call) {
    return pool_build(model, call, &avgpool_step);
}

const Operator avgpool_operator = {
    .name = "avgpool",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"size", ARGUMENT_INTEGER, true, 0, 1, MAX_WINDOW, {NULL}},
                   {"stride", ARGUMENT_INTEGER, false, 0, 1, MAX_WINDOW, {NULL}}},
    .build = avgpool_build};
