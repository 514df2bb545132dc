/* at_least.c - y = 1 where a >= b, else 0; see comparison.c. */
#include "comparison.h"

static const StepKind at_least_forward = {.name = "at_least",
                                          .in_roles = {"a", "b"},
                                          .out_roles = {"y"},
                                          .wall = true,
                                          .typical = comparison_typical,
                                          .settle = comparison_settle};

static Tensor *at_least_build(Model *model, Call *call) {
    return comparison_build(model, call, &at_least_forward);
}

const Operator at_least_operator = {.name = "at_least",
                                   .parameters = {{"a", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                                  {"b", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                   .wall = true,
                                   .build = at_least_build};
