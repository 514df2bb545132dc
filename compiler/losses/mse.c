/* mse.c - half the squared distance to a real-valued or one-hot target: g = y - t. */
#include "difference.h"

static void mse_typical(Model *model, Step *step) {
    double rms = difference_typical(model, step);
    loss_typical(model, step, 0, rms, "output %.3g minus target", step->in[0]->typical);
}

static void mse_settle(Model *model, Step *step) {
    const Tensor *output = step->in[0];
    int shift = output->format->shift;
    if (!difference_settle(model, step))
        return;
    settle_loss(model, step, bound_multiply(shape_elements(output->shape),
                                            bound_multiply(2 * output->bound, 2 * output->bound)),
                2 * shift + 1 - LOSS_BITS);
    settle_error(model, step, 2 * output->bound, shift);
}

static const StepKind mse_step = {.name = "mse",
                                  .in_roles = {"output", "target"},
                                  .out_roles = {"error"},
                                  .grad = loss_grad,
                                  .typical = mse_typical,
                                  .settle = mse_settle};

static void mse_build(Model *model, const Call *call, Tensor *output, Tensor *target) {
    difference_build(model, &mse_step, call, output, target);
}

const Loss mse_loss = {.name = "mse", .parameters = {LOSS_WEIGHTS}, .build = mse_build};
