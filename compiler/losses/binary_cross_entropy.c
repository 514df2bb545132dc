/* binary_cross_entropy.c - each output is the logit of its own class: yes for the target, no for
 * the others.
 *
 *     g    = sigmoid(y) - t                            by the table of tanh, in 16 bits
 *     loss = max(a, 0) + ln(1 + 2^(-|a| log2(e)))      a = -y for the class, else y
 *
 * The power and the logarithm are those of cross_entropy. */
#include "../ops/curve.h"
#include "cross_entropy.h"
#include "difference.h"

static void binary_cross_entropy_typical(Model *model, Step *step) {
    logits_typical(model, step);
    loss_typical(model, step, 1, 0.5, "sigmoid minus one-hot");
}

static void binary_cross_entropy_settle(Model *model, Step *step) {
    const Tensor *logits = step->in[0];
    step_integer(model, step, "classes", step->in[1]->classes);
    if (is_float(model) || !settle_logits(model, step))
        return;
    int64_t most = ((logits->bound >> logits->format->shift) + 2) * step->in[1]->classes;
    if (!loss_fits(model, step, most << 16))
        return;
    settle_position(model, step, logits, 16, 13);
    step_integer(model, step, "logits_shift", logits->format->shift);
    settle_error(model, step, 1 << 16, 16);
}

static const StepKind binary_cross_entropy_step = {.name = "binary_cross_entropy",
                                                   .in_roles = {"logits", "target"},
                                                   .out_roles = {"error"},
                                                   .runtime = "int_curves",
                                                   .grad = loss_grad,
                                                   .typical = binary_cross_entropy_typical,
                                                   .settle = binary_cross_entropy_settle};

static void binary_cross_entropy_build(Model *model, const Call *call, Tensor *logits,
                                       Tensor *target) {
    if (logits_match(model, call->place, logits, target))
        loss_append(model, &binary_cross_entropy_step, call, logits, target);
}

const Loss binary_cross_entropy_loss = {.name = "binary_cross_entropy",
                                        .parameters = {LOSS_WEIGHTS},
                                        .build = binary_cross_entropy_build};
