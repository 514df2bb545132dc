/* adam.c - steps of about one size: the mean of gradients over the root of their mean square
 * (Kingma and Ba 2015), in integers.
 *
 *     m = m + (g - m) * (1 - beta1)                    15 bits of the gradient and 14 behind them
 *     v = v + (g^2 - v) * (1 - beta2)                  30 bits, rounded stochastically
 *     q = m / sqrt(v + epsilon)                        by a table of the reciprocal root; 15 bits
 *     w = clamp(w - w * decay - cast(q * rate * c))
 *
 * Moments start at zero; c = sqrt(1 - beta2^t) / (1 - beta1^t) makes up for that. It is the same
 * for all parameters: one step before the updates reads it from a table over t, eight entries for
 * each doubling of t, a line between them.
 *
 * Neither the scale of gradients nor that of the batch matters to q. By the Cauchy-Schwarz
 * inequality |q| is at most (1 - beta1) / sqrt((1 - beta2) (1 - beta1^2 / beta2)). */
#include "adam.h"

#include "optimizer.h"

#include <math.h>

enum { CORRECTION_BITS = 15, MOST_CORRECTIONS = 256 };
enum { UPDATE_CORRECTION = UPDATE_STATE + 2 };

void adam_read(Model *model, Call *call) {
    Settings *settings = &model->settings;
    const Argument *rate = &call->argument[ADAM_LR];
    settings->rate = rational_from(rate->number, RATE_BITS, rate->place);
    settings->momentum_loss = read_loss(&call->argument[ADAM_BETA1]);
    settings->square_loss = read_loss(&call->argument[ADAM_BETA2]);
    settings->epsilon = call->argument[ADAM_EPS].number;
    settings->rate_decay = call->argument[ADAM_DECAY].number;
}

/* ---- the correction of the start ------------------------------------------------------------- */

static double correction_at(const Settings *settings, double t) {
    double beta1 = 1 - rational_value(settings->momentum_loss);
    double beta2 = 1 - rational_value(settings->square_loss);
    return sqrt(1 - pow(beta2, t)) / (1 - pow(beta1, t));
}

/* The t of entry i: 0 to 15, then eight to each doubling. */
static double entry_time(int i) {
    int doubling = i < 16 ? 0 : (i - 8) / 8;
    return ldexp(i - 8 * doubling, doubling);
}

/* The table ends where the correction is 1; returns the largest entry. */
static int64_t set_table(Model *model, Step *step) {
    int64_t table[MOST_CORRECTIONS], largest = 0;
    int count = 0;
    do {
        double t = fmax(entry_time(count), 1);
        table[count] = llround(ldexp(correction_at(&model->settings, t), CORRECTION_BITS));
        largest = table[count] > largest ? table[count] : largest;
        ++count;
    } while (count < MOST_CORRECTIONS &&
             (count < 24 || table[count - 1] != 1 << CORRECTION_BITS ||
              table[count - 9] != 1 << CORRECTION_BITS));
    step_integers(model, step, "correction_table", table, count);
    return largest;
}

static void correction_typical(Model *model, Step *step) {
    state_typical(model, step->out[0], 1, "what makes up for moments that start at 0");
}

static void correction_settle(Model *model, Step *step) {
    Tensor *correction = step->out[0];
    double beta1 = 1 - rational_value(model->settings.momentum_loss);
    double beta2 = 1 - rational_value(model->settings.square_loss);
    step_integer(model, step, "rows", 1);
    step_integer(model, step, "row", shape_elements(correction->shape));
    if (is_float(model)) {
        step_reals(model, step, "real_beta1", &beta1, 1);
        step_reals(model, step, "real_beta2", &beta2, 1);
        return;
    }
    correction->bound = set_table(model, step);
    correction->format->shift = CORRECTION_BITS;
}

static const StepKind adam_correction = {.name = "adam_correction",
                                         .in_roles = {NULL},
                                         .out_roles = {"correction"},
                                         .typical = correction_typical,
                                         .settle = correction_settle};

/* The float twin also keeps sqrt(1 - beta2^t), which scales its epsilon. */
void adam_begin(Model *model) {
    Shape shape = {1, {is_float(model) ? 2 : 1}};
    Step *step = step_new(model, &adam_correction, PHASE_UPDATE, model->settings.rate.place);
    step->source = model->settings.optimizer_source;
    step->out[0] = tensor_new(model, "optimizer.correction", KIND_STATE, shape, false,
                              model->settings.rate.place);
    step->out[0]->row_elements = shape.dimension[0];
    model->correction = step->out[0];
}

/* ---- the update ------------------------------------------------------------------------------ */

/* What |q| can reach; infinite where beta1 is too large for beta2. */
static double most_ratio(const Settings *settings) {
    double loss1 = rational_value(settings->momentum_loss);
    double loss2 = rational_value(settings->square_loss);
    double room = 1 - (1 - loss1) * (1 - loss1) / (1 - loss2);
    return room > 0 ? loss1 / sqrt(loss2 * room) : HUGE_VAL;
}

static void adam_typical(Model *model, Step *step) {
    double rms = step->in[UPDATE_GRADIENT]->typical;
    double loss = rational_value(model->settings.momentum_loss);
    master_typical(model, step);
    const char *mean = arena_print(model->arena, "gradient %.3g, its mean over 1/%.3g steps", rms,
                                   loss);
    state_typical(model, step->in[UPDATE_STATE], rms * sqrt(loss / 2), mean);
    state_typical(model, step->in[UPDATE_STATE + 1], rms * rms,
                  arena_print(model->arena, "gradient %.3g squared", rms));
}

static void settle_float(Model *model, Step *step) {
    const Settings *settings = &model->settings;
    double loss = rational_value(settings->momentum_loss);
    double square = rational_value(settings->square_loss);
    settle_float_step(model, step);
    step_reals(model, step, "real_loss", &loss, 1);
    step_reals(model, step, "real_square_loss", &square, 1);
    step_reals(model, step, "real_epsilon", &settings->epsilon, 1);
}

/* Whether int_adam.h does the update: masters of 32 bits, a gradient that is shifted up, losses
 * that are powers of two, draws of 16 bits for the square and no others, no decay. */
static bool fits_vectors(const Step *step) {
    bool shifted = step->cast.rounding == ROUND_SCALE && step->sum.type != TYPE_I64 &&
                   step_value(step, "clip") == 0;
    bool powers = step_value(step, "mean_multiplier") == 1 &&
                  step_value(step, "square_multiplier") == 1;
    bool draws = step_value(step, "square_field") == 16 && step_value(step, "apply_site") < 0;
    bool no_decay = step_value(step, "decay") == 0 && step_value(step, "decay_shift") == 0;
    bool change = step_value(step, "rate_shift") > 0 && step_value(step, "rate_shift") < 32 &&
                  step_value(step, "apply_clamp") == 0;
    return shifted && powers && draws && no_decay && change &&
           step->in[UPDATE_MASTER]->format->type == TYPE_I32;
}

static void adam_settle(Model *model, Step *step) {
    const Settings *settings = &model->settings;
    Tensor *mean = step->in[UPDATE_STATE], *square = step->in[UPDATE_STATE + 1];
    int64_t gradient = settle_parameter(model, step);
    if (is_float(model)) {
        settle_float(model, step);
        return;
    }
    int root_shift = root_shift_for(step);
    mean->format->shift = root_shift + MOMENT_BITS;
    mean->bound = (INT64_C(1) << (ROOT_BITS + MOMENT_BITS)) - (1 << MOMENT_BITS);
    settle_moment(model, step, gradient, mean->format->shift, mean->bound);
    settle_loss_of(model, step, "mean", settings->momentum_loss);
    settle_square(model, step, square, root_shift, settings->square_loss, settings->epsilon);
    Direction direction = ratio_direction(model, step, most_ratio(settings));
    direction.correction = (step->in[UPDATE_CORRECTION]->bound >> CORRECTION_BITS) + 1;
    settle_step(model, step, direction);
    step_integer(model, step, "vectors", fits_vectors(step));
}

static const StepKind adam_step = {
    .name = "adam",
    .in_roles = {"gradient", "master", "momentum", "square", "correction"},
    .out_roles = {"master", "storage", "momentum", "square"},
    .runtime = "int_roots int_adam",
    .typical = adam_typical,
    .settle = adam_settle};

void adam_build(Model *model, const Step *like, Tensor *parameter) {
    static const char *const states[] = {"momentum", "square", NULL};
    Step *step = update_append(model, &adam_step, like, parameter, states);
    step->in[UPDATE_CORRECTION] = model->correction;
}

const Optimizer adam_optimizer = {
    .name = "adam",
    .parameters = {{"lr", ARGUMENT_NUMBER, false, 0x1p-10, 1e-9, 16, {NULL}},
                   {"beta1", ARGUMENT_NUMBER, false, 0.875, 0.01, 0.9999, {NULL}},
                   {"beta2", ARGUMENT_NUMBER, false, 1 - 0x1p-10, 0.5, 0.99999, {NULL}},
                   {"eps", ARGUMENT_NUMBER, false, 1e-8, 1e-12, 1, {NULL}}},
    .read = adam_read,
    .begin = adam_begin,
    .build = adam_build};
