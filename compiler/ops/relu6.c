/* relu6.c - y = x within [0, 6]: clip by another name. */
#include "clip.h"

static Tensor *relu6_build(Model *model, Call *call) {
    return clip_append(model, call, 0, 6);
}

const Operator relu6_operator = {.name = "relu6",
                                  .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                  .build = relu6_build};
