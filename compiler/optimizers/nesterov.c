/* nesterov.c - sgd whose step looks ahead: it subtracts what the momentum would be after another
 * step with the same gradient (Sutskever et al. 2013).
 *
 *     v = v - v * loss + u
 *     w = clamp(w - w * 2^-decay - (v - v * loss + u))
 *
 * The bound of v holds for the look ahead too: it is the bound of v after one step from any v. */
#include "optimizer.h"
#include "sgd.h"

static const StepKind nesterov_step = {.name = "nesterov",
                                       .in_roles = {"gradient", "master", "momentum"},
                                       .out_roles = {"master", "storage", "momentum"},
                                       .typical = sgd_typical,
                                       .settle = sgd_settle};

static void nesterov_build(Model *model, const Step *like, Tensor *parameter) {
    update_append(model, &nesterov_step, like, parameter, momentum_states(model));
}

const Optimizer nesterov_optimizer = {
    .name = "nesterov",
    .parameters = {{"lr", ARGUMENT_NUMBER, true, 0, 1e-9, 16, {NULL}},
                   {"momentum", ARGUMENT_NUMBER, true, 0, 0.01, 0.9999, {NULL}}},
    .read = sgd_read,
    .build = nesterov_build};
