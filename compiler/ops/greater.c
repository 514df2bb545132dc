/* greater.c - y = 1 where a > b, else 0; see comparison.c. */
#include "comparison.h"

static const StepKind greater_forward = {.name = "greater",
                                         .in_roles = {"a", "b"},
                                         .out_roles = {"y"},
                                         .wall = true,
                                         .typical = comparison_typical,
                                         .settle = comparison_settle};

static Tensor *greater_build(Model *model, Call *call) {
    return comparison_build(model, call, &greater_forward);
}

const Operator greater_operator = {.name = "greater",
                                   .parameters = {{"a", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                                  {"b", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                   .wall = true,
                                   .build = greater_build};
