/* mae.c - the distance to a real-valued or one-hot target: g = sign(y - t), in 15 bits. */
#include "difference.h"

static void mae_typical(Model *model, Step *step) {
    difference_typical(model, step);
    loss_typical(model, step, 1, 1, "the sign of output minus target");
}

static const StepKind mae_step = {.name = "mae",
                                  .in_roles = {"output", "target"},
                                  .out_roles = {"error"},
                                  .grad = loss_grad,
                                  .typical = mae_typical,
                                  .settle = signs_settle};

static void mae_build(Model *model, const Call *call, Tensor *output, Tensor *target) {
    difference_build(model, &mae_step, call, output, target);
}

const Loss mae_loss = {.name = "mae", .parameters = {LOSS_WEIGHTS}, .build = mae_build};
