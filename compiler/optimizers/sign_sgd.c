/* sign_sgd.c - a step of one size, against the sign of the gradient, or of its mean over some steps
 * (Bernstein et al. 2018). How large gradients are does not matter, so integers lose nothing.
 *
 *     m = m + (gradient - m) * loss                    with momentum; else m is the gradient
 *     w = clamp(w - w * 2^-decay - rate * sign(m)) */
#include "optimizer.h"

#include <math.h>

static void sign_sgd_read(Model *model, Call *call) {
    Settings *settings = &model->settings;
    settings->rate = rational_from(call->argument[0].number, RATE_BITS, call->argument[0].place);
    settings->momentum_loss = read_loss(&call->argument[1]);
}

static void sign_sgd_typical(Model *model, Step *step) {
    double loss = rational_value(model->settings.momentum_loss), rms = step->in[0]->typical;
    master_typical(model, step);
    if (step->in[UPDATE_STATE])
        state_typical(model, step->in[UPDATE_STATE], rms * sqrt(loss / 2),
                      arena_print(model->arena, "gradient %.3g, its mean over 1/%.3g steps", rms,
                                  loss));
}

static void settle_mean(Model *model, Step *step, int64_t gradient) {
    Tensor *mean = step->in[UPDATE_STATE];
    int own = step->in[UPDATE_GRADIENT]->format->shift;
    int shift = mean ? widest_moment(step, gradient) : own;
    int64_t most = mean ? bound_shift(gradient, shift - own) : gradient;
    settle_moment(model, step, gradient, shift, most);
    if (!mean)
        return;
    mean->format->shift = shift;
    mean->bound = most;
    settle_loss_of(model, step, "mean", model->settings.momentum_loss);
}

static void sign_sgd_settle(Model *model, Step *step) {
    int64_t gradient = settle_parameter(model, step);
    double loss = rational_value(model->settings.momentum_loss);
    if (is_float(model)) {
        settle_float_step(model, step);
        step_reals(model, step, "real_loss", &loss, 1);
        return;
    }
    settle_mean(model, step, gradient);
    settle_step(model, step, (Direction){1, 0, 1, 1});
}

static const StepKind sign_sgd_step = {.name = "sign_sgd",
                                       .in_roles = {"gradient", "master", "momentum"},
                                       .out_roles = {"master", "storage", "momentum"},
                                       .typical = sign_sgd_typical,
                                       .settle = sign_sgd_settle};

static void sign_sgd_build(Model *model, const Step *like, Tensor *parameter) {
    update_append(model, &sign_sgd_step, like, parameter, momentum_states(model));
}

const Optimizer sign_sgd_optimizer = {
    .name = "sign_sgd",
    .parameters = {{"lr", ARGUMENT_NUMBER, true, 0, 1e-9, 16, {NULL}},
                   {"momentum", ARGUMENT_NUMBER, false, 0, 0, 0.9999, {NULL}}},
    .read = sign_sgd_read,
    .build = sign_sgd_build};
