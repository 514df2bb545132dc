/* greater.c - y = 1 where a > b, else 0; see comparison.c. */
#include "comparison.h"

static const StepKind greater_forward = {.name = "greater",
                                         .in_roles = {"a", "b"},
                                         .out_roles = {"y"},
                                         .wall = true,
                                         .written = "x > y",
                                         .typical = comparison_typical,
                                         .settle = comparison_settle};

static Tensor *greater_build(Model *model, Call *call) {
    return comparison_build(model, call, &greater_forward, false);
}

const Operator greater_operator = {.name = "greater",
                                   .parameters = {COMPARISON_SIDE("a"), COMPARISON_SIDE("b")},
                                   .wall = true,
                                   .build = greater_build};
