/* hinge.c - each output on its side of a margin of 1: above it for the class, else below -1.
 *
 *     loss = max(0, 1 - t y),  g = -t where t y < 1, in 15 bits; t is 1 for the class, else -1 */
#include "difference.h"

static void hinge_typical(Model *model, Step *step) {
    difference_typical(model, step);
    loss_typical(model, step, 1, 1, "1 where an output is not beyond its margin");
}

static const StepKind hinge_step = {.name = "hinge",
                                  .in_roles = {"output", "target"},
                                  .out_roles = {"error"},
                                  .grad = loss_grad,
                                  .typical = hinge_typical,
                                  .settle = signs_settle};

static void hinge_build(Model *model, const Call *call, Tensor *output, Tensor *target) {
    if (target->classes == 0) {
        diag_error(model, call->place, "hinge needs a target of classes, but '%s' has values",
                   target->name);
        diag_help(model, "write mse(%s, %s)", output->name, target->name);
        return;
    }
    difference_build(model, &hinge_step, call, output, target);
}

const Loss hinge_loss = {.name = "hinge", .parameters = {LOSS_WEIGHTS}, .build = hinge_build};
