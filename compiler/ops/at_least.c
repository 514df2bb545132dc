/* at_least.c - y = 1 where a >= b, else 0; see comparison.c. */
#include "comparison.h"

static const StepKind at_least_forward = {.name = "at_least",
                                          .in_roles = {"a", "b"},
                                          .out_roles = {"y"},
                                          .wall = true,
                                          .written = "x >= y",
                                          .typical = comparison_typical,
                                          .settle = comparison_settle};

static Tensor *at_least_build(Model *model, Call *call) {
    return comparison_build(model, call, &at_least_forward, true);
}

const Operator at_least_operator = {.name = "at_least",
                                   .parameters = {COMPARISON_SIDE("a"), COMPARISON_SIDE("b")},
                                   .wall = true,
                                   .build = at_least_build};
