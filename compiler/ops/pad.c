/* pad.c - the image with `size` rows and columns of zeros around it. */
#include "../grad.h"
#include "../range.h"
#include "../window.h"

static void pad_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_inherit(model, y, x);
    typical_set(model, y, x->typical, "%s and zeros", x->name);
}

/* The error of the zeros goes nowhere. */
static void pad_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical, "elements of %s", e_y->name);
}

/* The image is one window without its padding: rows of `row` elements. */
static void pad_settle(Model *model, Step *step) {
    Window window = window_of(step);
    step_integer(model, step, "row", window.width * window.channels);
    step_integer(model, step, "padded_row",
                 (window.width + 2 * window.pad_width) * window.channels);
    step_integer(model, step, "before", window.pad_width * window.channels);
}

static const StepKind pad_error = {.name = "pad_error",
                                   .in_roles = {"e_y"},
                                   .out_roles = {"e_x"},
                                   .typical = pad_error_typical,
                                   .settle = pad_settle};

static void pad_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    Step *back = step_with(model, &pad_error, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error}, e_x);
    Window window = window_of(step);
    window_set(model, back, &window);
    contribute(model, step->in[0], e_x);
}

static const StepKind pad_forward = {.name = "pad",
                                     .in_roles = {"x"},
                                     .out_roles = {"y"},
                                     .grad = pad_grad,
                                     .typical = pad_typical,
                                     .settle = pad_settle};

static Tensor *pad_build(Model *model, Call *call) {
    Window window = {.stride = 1, .kernel_height = 1, .kernel_width = 1};
    if (!window_image(model, call, &call->argument[0], &window))
        return NULL;
    window.pad_height = window.pad_width = (int64_t)call->argument[1].number;
    if (!window_slide(model, call, call->argument[1].place, &window))
        return NULL;
    return window_append(model, call, &pad_forward, &window,
                         (Shape){3, {window.out_height, window.out_width, window.channels}});
}

const Operator pad_operator = {
    .name = "pad",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"size", ARGUMENT_INTEGER, true, 0, 0, MAX_WINDOW, {NULL}}},
    .build = pad_build};
