/* conv1d.c - a convolution along the length of [length,channels]: conv on an image of height 1. */
#include "conv.h"

static Tensor *conv1d_build(Model *model, Call *call) {
    const Tensor *x = call->argument[CONV_X].tensor;
    Window window = {.height = 1, .kernel_height = 1};
    if (x->shape.rank != 2) {
        diag_error(model, call->argument[CONV_X].place,
                   "'conv1d' takes [length,channels], but '%s' is %s",
                   node_source(model->arena, call->node->first), tensor_type(model, x));
        diag_help(model, "a sequence has two dimensions, such as i16[128,3]");
        return NULL;
    }
    window.width = x->shape.dimension[0];
    window.channels = x->shape.dimension[1];
    window.kernel_width = (int64_t)call->argument[CONV_KERNEL].number;
    window.pad_width = (int64_t)call->argument[CONV_PAD].number;
    return conv_over(model, call, &window, true);
}

const Operator conv1d_operator = {
    .name = "conv1d", .parameters = CONV_PARAMETERS, .build = conv1d_build};
