/* rmsnorm.c - y = x / sqrt(mean(x^2) + eps), of the elements of the last dimension; see norm.c. */
#include "norm.h"

static void rmsnorm_typical(Model *model, Step *step) {
    norm_typical(model, step);
    step->out[0]->non_negative = step->in[0]->non_negative;
}

static void rmsnorm_settle(Model *model, Step *step) {
    norm_settle(model, step, false);
}

static void rmsnorm_error_settle(Model *model, Step *step) {
    norm_error_settle(model, step, false);
}

static const StepKind rmsnorm_error = {.name = "rmsnorm_error",
                                       .in_roles = {"e_y", "x"},
                                       .out_roles = {"e_x"},
                                       .runtime = "int_roots",
                                       .parallel = true,
                                       .typical = norm_error_typical,
                                       .settle = rmsnorm_error_settle};

static void rmsnorm_grad(Model *model, Step *step) {
    norm_grad(model, step, &rmsnorm_error);
}

static const StepKind rmsnorm_forward = {.name = "rmsnorm",
                                         .in_roles = {"x"},
                                         .out_roles = {"y"},
                                         .runtime = "int_roots",
                                         .parallel = true,
                                         .grad = rmsnorm_grad,
                                         .typical = rmsnorm_typical,
                                         .settle = rmsnorm_settle};

static Tensor *rmsnorm_build(Model *model, Call *call) {
    return norm_build(model, call, &rmsnorm_forward, 2);
}

const Operator rmsnorm_operator = {
    .name = "rmsnorm",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"eps", ARGUMENT_NUMBER, false, 1e-5, 1e-9, 1, {NULL}}},
    .build = rmsnorm_build};
