/* layernorm.c - y = (x - mean(x)) / sqrt(variance(x) + eps), of the elements of the last dimension;
 * see norm.c.
 *
 * Of two elements it would leave 1 and -1, whatever they are. */
#include "norm.h"

static void layernorm_settle(Model *model, Step *step) {
    norm_settle(model, step, true);
}

static void layernorm_error_settle(Model *model, Step *step) {
    norm_error_settle(model, step, true);
}

static const StepKind layernorm_error = {.name = "layernorm_error",
                                         .in_roles = {"e_y", "x"},
                                         .out_roles = {"e_x"},
                                         .runtime = "int_roots",
                                         .parallel = true,
                                         .typical = norm_error_typical,
                                         .settle = layernorm_error_settle};

static void layernorm_grad(Model *model, Step *step) {
    norm_grad(model, step, &layernorm_error);
}

static const StepKind layernorm_forward = {.name = "layernorm",
                                           .in_roles = {"x"},
                                           .out_roles = {"y"},
                                           .runtime = "int_roots",
                                           .parallel = true,
                                           .grad = layernorm_grad,
                                           .typical = norm_typical,
                                           .settle = layernorm_settle};

static Tensor *layernorm_build(Model *model, Call *call) {
    return norm_build(model, call, &layernorm_forward, 3);
}

const Operator layernorm_operator = {
    .name = "layernorm",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"eps", ARGUMENT_NUMBER, false, 1e-5, 1e-9, 1, {NULL}}},
    .build = layernorm_build};
