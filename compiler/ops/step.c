/* step.c - y = step(x): 1 where x is positive, else 0.
 *
 * Exact in any format that holds 1. The derivative is zero almost everywhere: a gradient wall
 * unless inside ste(...). */
#include "elementwise.h"

static void step_typical(Model *model, Step *step) {
    unit_set(model, step->out[0], "step gives 0 or 1");
    step->out[0]->non_negative = true;
}

static const StepKind step_forward = {.name = "step",
                                      .in_roles = {"x"},
                                      .out_roles = {"y"},
                                      .wall = true,
                                      .typical = step_typical,
                                      .settle = unit_settle};

static Tensor *step_build(Model *model, Call *call) {
    return elementwise_build(model, call, &step_forward);
}

const Operator step_operator = {.name = "step",
                                .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                .wall = true,
                                .build = step_build};
