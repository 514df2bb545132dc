/* hardtanh.c - y = x within [-1, 1]: clip by another name. */
#include "clip.h"

static Tensor *hardtanh_build(Model *model, Call *call) {
    return clip_append(model, call, -1, 1);
}

const Operator hardtanh_operator = {.name = "hardtanh",
                                  .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                  .build = hardtanh_build};
