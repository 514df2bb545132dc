/* maxpool.c - the largest element of each window of size x size pixels, channel by channel.
 *
 * Windows stand `stride` pixels apart, side by side unless given; rows and columns that do not fill
 * one are left out. Backwards the error goes to the first element that was the largest. Where
 * windows overlap, an element adds up what it gets. */
#include "../grad.h"
#include "../range.h"
#include "../window.h"

#include <math.h>

static int64_t area_of(const Step *step) {
    return step_value(step, "kernel_height") * step_value(step, "kernel_width");
}

/* Of n normally distributed values the largest has about (1 + log2 n) / 2 times their mean square;
 * where the lower half has been cut off, that mean square is half. */
static void maxpool_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    double area = (double)area_of(step), gain = (1 + log2(area)) / 2;
    if (x->non_negative || area == 1)
        gain *= 2;
    format_inherit(model, y, x);
    typical_set(model, y, x->typical * sqrt(fmax(gain, 1)), "the largest of %.0f values of %.3g",
                area, x->typical);
}

static void maxpool_settle(Model *model, Step *step) {
    step_integer(model, step, "area", area_of(step));
}

static void maxpool_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    double area = (double)area_of(step);
    Window window = window_of(step);
    if (window_overlap(&window) > 1) {
        double share = window_share(&window) / area;
        error_format(model, e_x);
        typical_set(model, e_x, e_y->typical * sqrt(share), "one of %.0f elements gets the error "
                    "%.3g, %.3g times on average", area, e_y->typical, share);
        sum_set(step, e_y, NULL, NULL, window_overlap(&window));
        return;
    }
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical / sqrt(area), "one of %.0f elements gets the error %.3g",
                area, e_y->typical);
}

/* The part of each error that has not yet found its element. */
static void maxpool_error_settle(Model *model, Step *step) {
    Window window = window_of(step);
    maxpool_settle(model, step);
    step_integer(model, step, "covered", window_covers(&window));
    step_integer(model, step, "overlap", window_overlap(&window));
    step_scratch(model, step, "left", step->in[0]->format->type, window.channels);
    if (window_overlap(&window) == 1)
        return;
    prove_sum(model, step);
    cast_out(model, step, error_rounding(model));
    step_scratch(model, step, "accumulator", step->sum.type, window_padded(&window));
}

static const StepKind maxpool_error = {.name = "maxpool_error",
                                       .in_roles = {"e_y", "x", "y"},
                                       .out_roles = {"e_x"},
                                       .parallel = true,
                                       .typical = maxpool_error_typical,
                                       .settle = maxpool_error_settle};

static void maxpool_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    Step *back = step_with(model, &maxpool_error, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error, step->in[0], step->out[0]}, e_x);
    Window window = window_of(step);
    window_set(model, back, &window);
    contribute(model, step->in[0], e_x);
}

static const StepKind maxpool_forward = {.name = "maxpool",
                                         .in_roles = {"x"},
                                         .out_roles = {"y"},
                                         .parallel = true,
                                         .grad = maxpool_grad,
                                         .typical = maxpool_typical,
                                         .settle = maxpool_settle};

static Tensor *maxpool_build(Model *model, Call *call) {
    return pool_build(model, call, &maxpool_forward);
}

const Operator maxpool_operator = {
    .name = "maxpool",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"size", ARGUMENT_INTEGER, true, 0, 1, MAX_WINDOW, {NULL}},
                   {"stride", ARGUMENT_INTEGER, false, 0, 1, MAX_WINDOW, {NULL}}},
    .build = maxpool_build};
