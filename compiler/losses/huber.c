/* huber.c - half the squared distance up to `delta`, and a line beyond (Huber 1964): g = y - t
 * within +-delta. With c = min(|y - t|, delta) an element's loss is c (2 |y - t| - c) / 2. The
 * error of an outlier is bounded, and so is the format that it needs. */
#include "difference.h"

#include "../ops/elementwise.h"

#include <math.h>

static double step_delta(const Step *step) {
    return step_real(step, "real_delta");
}

static void huber_typical(Model *model, Step *step) {
    double rms = difference_typical(model, step), delta = step_delta(step);
    loss_typical(model, step, delta, rms < delta ? rms : delta,
                 "output %.3g minus target, within %.3g", step->in[0]->typical, delta);
}

static void huber_settle(Model *model, Step *step) {
    const Tensor *output = step->in[0];
    int shift = output->format->shift;
    if (!difference_settle(model, step))
        return;
    double units = fmin(fmax(ldexp(step_delta(step), shift), 1), 2.0 * (double)output->bound);
    int64_t delta = llround(units);
    step_integer(model, step, "delta", delta);
    settle_loss(model, step, bound_multiply(shape_elements(output->shape),
                                            bound_multiply(4 * output->bound, delta)),
                2 * shift + 1 - LOSS_BITS);
    settle_error(model, step, delta, shift);
}

static const StepKind huber_step = {.name = "huber",
                                  .in_roles = {"output", "target"},
                                  .out_roles = {"error"},
                                  .grad = loss_grad,
                                  .typical = huber_typical,
                                  .settle = huber_settle};

static void huber_build(Model *model, const Call *call, Tensor *output, Tensor *target) {
    Step *step = difference_build(model, &huber_step, call, output, target);
    if (step)
        step_reals(model, step, "real_delta", &call->argument[0].number, 1);
}

const Loss huber_loss = {.name = "huber",
                         .parameters = {{"delta", ARGUMENT_NUMBER, false, 1, 1e-6, 1e6, {NULL}},
                                        LOSS_WEIGHTS},
                         .build = huber_build};
