/* sign.c - y = sign(x): -1, 0 or 1.
 *
 * Exact in any format that holds 1. The derivative is zero almost everywhere: a gradient wall
 * unless inside ste(...). */
#include "elementwise.h"

static void sign_typical(Model *model, Step *step) {
    unit_set(model, step->out[0], "sign gives -1, 0 or 1");
}

static const StepKind sign_forward = {.name = "sign",
                                      .in_roles = {"x"},
                                      .out_roles = {"y"},
                                      .wall = true,
                                      .typical = sign_typical,
                                      .settle = unit_settle};

static Tensor *sign_build(Model *model, Call *call) {
    return elementwise_build(model, call, &sign_forward);
}

const Operator sign_operator = {.name = "sign",
                                .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                .wall = true,
                                .build = sign_build};
