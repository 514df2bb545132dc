/* global_avgpool.c - the mean over all pixels: avgpool with one window, the result a vector. */
#include "../window.h"

extern const StepKind avgpool_step;

static Tensor *global_avgpool_build(Model *model, Call *call) {
    Window window = {.stride = 1, .out_height = 1, .out_width = 1};
    if (!window_image(model, call, &call->argument[0], &window))
        return NULL;
    window.kernel_height = window.height;
    window.kernel_width = window.width;
    return window_append(model, call, &avgpool_step, &window, (Shape){1, {window.channels}});
}

const Operator global_avgpool_operator = {
    .name = "global_avgpool",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
    .build = global_avgpool_build};
