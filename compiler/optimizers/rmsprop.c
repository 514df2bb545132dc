/* rmsprop.c - the gradient over the root of its mean square (Tieleman and Hinton 2012).
 *
 *     v = v + (g^2 - v) * (1 - alpha)
 *     w = clamp(w - w * decay - cast(g / sqrt(v + epsilon) * rate))
 *
 * As v holds the share 1 - alpha of g^2, the quotient is at most 1 / sqrt(1 - alpha). */
#include "optimizer.h"

#include <math.h>

static void rmsprop_read(Model *model, Call *call) {
    Settings *settings = &model->settings;
    settings->rate = rational_from(call->argument[0].number, RATE_BITS, call->argument[0].place);
    settings->square_loss = read_loss(&call->argument[1]);
    settings->epsilon = call->argument[2].number;
}

static void rmsprop_typical(Model *model, Step *step) {
    double rms = step->in[UPDATE_GRADIENT]->typical;
    master_typical(model, step);
    state_typical(model, step->in[UPDATE_STATE], rms * rms,
                  arena_print(model->arena, "gradient %.3g squared", rms));
}

static void rmsprop_settle(Model *model, Step *step) {
    const Settings *settings = &model->settings;
    double loss = rational_value(settings->square_loss);
    int64_t gradient = settle_parameter(model, step);
    if (is_float(model)) {
        settle_float_step(model, step);
        step_reals(model, step, "real_square_loss", &loss, 1);
        step_reals(model, step, "real_epsilon", &settings->epsilon, 1);
        return;
    }
    int root_shift = root_shift_for(step);
    int64_t most = (INT64_C(1) << (ROOT_BITS + MOMENT_BITS)) - (1 << MOMENT_BITS);
    settle_moment(model, step, gradient, root_shift + MOMENT_BITS, most);
    settle_square(model, step, step->in[UPDATE_STATE], root_shift, settings->square_loss,
                  settings->epsilon);
    settle_step(model, step, ratio_direction(model, step, 1 / sqrt(loss)));
}

static const StepKind rmsprop_step = {.name = "rmsprop",
                                      .in_roles = {"gradient", "master", "square"},
                                      .out_roles = {"master", "storage", "square"},
                                      .runtime = "int_roots",
                                      .typical = rmsprop_typical,
                                      .settle = rmsprop_settle};

static void rmsprop_build(Model *model, const Step *like, Tensor *parameter) {
    static const char *const states[] = {"square", NULL};
    update_append(model, &rmsprop_step, like, parameter, states);
}

const Optimizer rmsprop_optimizer = {
    .name = "rmsprop",
    .parameters = {{"lr", ARGUMENT_NUMBER, true, 0, 1e-9, 16, {NULL}},
                   {"alpha", ARGUMENT_NUMBER, false, 1 - 0x1p-7, 0.5, 0.99999, {NULL}},
                   {"eps", ARGUMENT_NUMBER, false, 1e-8, 1e-12, 1, {NULL}}},
    .read = rmsprop_read,
    .build = rmsprop_build};
