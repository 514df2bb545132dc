/* mae.c - the distance to a real-valued or one-hot target: g = sign(y - t), in 15 bits. */
#include "difference.h"

enum { LOSS_BITS = 16 };

static void mae_typical(Model *model, Step *step) {
    difference_typical(model, step);
    loss_typical(model, step, 1, 1, "the sign of output minus target");
}

static void mae_settle(Model *model, Step *step) {
    const Tensor *output = step->in[0];
    if (!difference_settle(model, step))
        return;
    settle_loss(model, step, bound_multiply(shape_elements(output->shape), 2 * output->bound),
                output->format->shift - LOSS_BITS);
    settle_error(model, step, 1 << 15, 15);
}

static const StepKind mae_step = {.name = "mae",
                                  .in_roles = {"output", "target"},
                                  .out_roles = {"error"},
                                  .grad = loss_grad,
                                  .typical = mae_typical,
                                  .settle = mae_settle};

static void mae_build(Model *model, const Call *call, Tensor *output, Tensor *target) {
    difference_build(model, &mae_step, call, output, target);
}

const Loss mae_loss = {.name = "mae", .parameters = {LOSS_WEIGHTS}, .build = mae_build};
