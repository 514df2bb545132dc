/* sgd.c - stochastic gradient descent with momentum and weight decay, in integers.
 *
 *     u = clamp(gradient) * rate >> rate_shift         one multiplication, rounded once
 *     v = v - v * loss + u                             momentum (Polyak 1964), loss = 1 - momentum
 *     w = clamp(w - w * 2^-decay - v)                  in the master copy
 *
 * and the storage copy is the master, rounded to the nearest. A schedule changes `rate`, so that
 * every shift stays a constant. Without momentum v is u. Where the master is narrow v keeps more
 * bits than it, and is rounded, stochastically, only when added. */
#include "../strip.h"
#include "optimizer.h"
#include "sgd.h"

#include <math.h>

enum { NARROW_EXTRA_BITS = 14, MANY_UNITS = 1 << 12 };

extern const StepKind sgd_step;

void sgd_read(Model *model, Call *call) {
    Settings *settings = &model->settings;
    settings->rate = rational_from(call->argument[0].number, RATE_BITS, call->argument[0].place);
    settings->momentum_loss = read_loss(&call->argument[1]);
}

/* ---- the graph and its formats --------------------------------------------------------------- */

static void sgd_build(Model *model, const Step *like, Tensor *parameter) {
    update_append(model, &sgd_step, like, parameter, momentum_states(model));
}

void sgd_typical(Model *model, Step *step) {
    Tensor *momentum = step->in[UPDATE_STATE];
    double rate = rational_value(model->settings.rate) / model->settings.batch;
    double loss = rational_value(model->settings.momentum_loss);
    master_typical(model, step);
    if (momentum)
        state_typical(model, momentum, rate * step->in[0]->typical / sqrt(2 * loss),
                      arena_print(model->arena,
                                  "gradient %.3g x rate %.3g / batch, gathered over 1/%.3g steps",
                                  step->in[0]->typical, rate, loss));
}

/* ---- the update ------------------------------------------------------------------------------ */

/* Bounds and shifts of one update, as they are found. */
typedef struct {
    int64_t gradient; /* |gradient| after clipping */
    int64_t rate;     /* times the factor of the schedule */
    int64_t full_rate; /* times the largest factor */
    int rate_shift;   /* of the product with the gradient, to the shift of v */
    int64_t product, u, v;
    int v_shift;
} Update;

/* rate * 2^-rate_shift = lr / batch * 2^(v_shift - gradient shift), at the factor 2^-factor_shift
 * of the schedule. */
static void find_rate(Model *model, const Step *step, Update *update) {
    const Settings *settings = &model->settings;
    Rational rate = rational_from(rational_value(settings->rate) / settings->batch, RATE_BITS,
                                  settings->rate.place);
    int shift = rate.shift + step->in[0]->format->shift - update->v_shift;
    int last = shift + settings->rates.shift;
    update->rate_shift = last > 0 ? last : 0;
    update->rate = bound_shift(rate.multiplier, update->rate_shift - last);
    update->full_rate = bound_shift(update->rate, settings->rates.shift);
    update->product = bound_multiply(update->gradient, update->full_rate);
    update->u = bound_add(bound_shift(update->product, -update->rate_shift), 1);
}

/* v gathers at most u / (1 - momentum); each rounding of v * loss adds at most one. */
static int64_t momentum_bound(const Settings *settings, int64_t u) {
    double loss = rational_value(settings->momentum_loss);
    double bound = ceil(((double)u + 1) / loss) + 1;
    return bound < 9e18 ? (int64_t)bound : INT64_MAX;
}

/* Where the master is narrow, v has more bits, as long as it fits 30. */
static void place_update(Model *model, const Step *step, Update *update) {
    const Tensor *master = step->in[1];
    bool momentum = step->in[2] != NULL;
    int extra = is_narrow(step) && momentum ? NARROW_EXTRA_BITS : 0;
    for (;; --extra) {
        update->v_shift = master->format->shift + extra;
        find_rate(model, step, update);
        update->v = momentum ? momentum_bound(&model->settings, update->u) : update->u;
        if (extra == 0 || update->v < INT64_C(1) << 30)
            break;
    }
}

/* Where the proof fails, u and v are clamped to 30 bits: v + u and w - v then stay within 31. */
static int64_t clamp_where_needed(int64_t bound) {
    return bound <= MOST_MOVE ? 0 : MOST_MOVE;
}

static void report_change(Model *model, const Step *step, const Update *update) {
    const Tensor *gradient = step->in[0];
    double rate = rational_value(model->settings.rate) / model->settings.batch;
    double largest = ldexp((double)update->gradient, -gradient->format->shift) * rate;
    report_speed(model, step, largest, gradient->typical * rate);
}

/* The product of gradient and rate is computed in 64 bits: where it could need more, the gradient
 * is clamped to what leaves one bit for rounding. */
static void bound_product(Model *model, const Step *step, Update *update) {
    bool large = update->full_rate > INT32_MAX;
    if (large || update->rate_shift > 61) {
        diag_error(model, model->settings.rate.place,
                   "the learning rate is %s for '%s', whose master resolves 2^%d",
                   large ? "too large" : "too small", updated_parameter(step)->name,
                   -step->in[1]->format->shift);
        return;
    }
    int64_t most = INT64_MAX / 2 / update->full_rate;
    if (update->gradient > most)
        update->gradient = most;
    update->product = update->gradient * update->full_rate;
}

/* A product of 64 bits, in 32: a gradient is a multiple of 2^rate_shift, whose product the shift
 * does not round, and a rest, which this masks. 0: that does not fit either. */
static int64_t split_mask(const Update *update, int rate_shift, Type product_type) {
    bool fits = rate_shift > 0 && bound_shift(update->full_rate, rate_shift) <= MOST_MOVE &&
                update->u <= MOST_MOVE;
    return product_type == TYPE_I64 && fits ? (INT64_C(1) << rate_shift) - 1 : 0;
}

/* u is rounded to the nearest where it is typically so many units of v that it still is some when
 * errors and rate have shrunk a hundredfold: random numbers would take longer than all else in the
 * update. It is rounded stochastically where it may be less than a unit, so that such updates add
 * up, and where errors have eight bits: their sums take few values, and each would be rounded the
 * same way every time. */
static Rounding rate_rounding(const Model *model, const Step *step, const Update *update) {
    const Tensor *gradient = step->in[0], *error = gradient->producer->sum.left;
    double rate = rational_value(model->settings.rate) / model->settings.batch;
    bool many = ldexp(gradient->typical * rate, update->v_shift) >= MANY_UNITS;
    bool fine = error && error->format->type != TYPE_I8;
    return many && fine ? ROUND_NEAREST : ROUND_STOCHASTIC;
}

static void settle_casts(Model *model, Step *step, const Update *update) {
    int64_t product = update->product;
    int64_t row = updated_parameter(step)->row_elements;
    int64_t strip = row * strip_rows(shape_elements(updated_parameter(step)->shape) / row);
    int master_shift = step->in[1]->format->shift;
    int64_t most_u = clamp_where_needed(update->u) ? MOST_MOVE : update->u;
    Cast rate = cast_between(model, product, update->rate_shift, 0, -most_u, most_u,
                             rate_rounding(model, step, update), row);
    Cast apply = cast_between(model, update->v, update->v_shift, master_shift, -MOST_MOVE,
                              MOST_MOVE, ROUND_STOCHASTIC, row);
    step->cast = rate;
    step_integer(model, step, "rate", update->rate);
    step_integer(model, step, "rate_shift", rate.shift);
    step_integer(model, step, "rate_site", rate.site);
    step_integer(model, step, "rate_field", rate.field);
    step_integer(model, step, "product_worst_case", product);
    Type type = bound_add(product, bound_shift(1, rate.shift)) <= INT32_MAX ? TYPE_I32 : TYPE_I64;
    step_text(model, step, "product_type", type_name(type));
    step_integer(model, step, "split",
                 step->in[0]->format->type == TYPE_I32 ? split_mask(update, rate.shift, type) : 0);
    step_integer(model, step, "u_clamp", clamp_where_needed(update->u));
    step_integer(model, step, "v_clamp", clamp_where_needed(update->v));
    step_integer(model, step, "apply_shift", apply.shift);
    step_integer(model, step, "apply_site", apply.site);
    step_integer(model, step, "apply_field", apply.field);
    if (rate.field)
        step_scratch(model, step, "rate_draws", field_type(rate.field), strip);
    if (apply.field)
        step_scratch(model, step, "apply_draws", field_type(apply.field), strip);
}

static void settle_momentum(Model *model, Step *step, const Update *update) {
    Rational loss = model->settings.momentum_loss;
    step_integer(model, step, "loss_multiplier", loss.multiplier);
    step_integer(model, step, "loss_shift", loss.shift);
    if (!step->in[2])
        return;
    int64_t clamp = clamp_where_needed(update->v);
    step->in[2]->format->shift = update->v_shift;
    step->in[2]->bound = clamp ? clamp : update->v;
}

static void settle_float(Model *model, Step *step) {
    double rate = rational_value(model->settings.rate) / model->settings.batch;
    double loss = rational_value(model->settings.momentum_loss);
    double decay = model->settings.decay_shift ? ldexp(1, -model->settings.decay_shift) : 0;
    double clip = model->settings.clip * model->settings.batch;
    step_reals(model, step, "real_rate", &rate, 1);
    step_reals(model, step, "real_loss", &loss, 1);
    step_reals(model, step, "real_clip", &clip, 1);
    step_reals(model, step, "real_decay", &decay, 1);
}

/* int_fused_8.h and its sibling do an update of weights of so many bits with masters of 32, where
 * nothing is drawn, clipped or decays, and masters are clamped at what the storage copies span. */
static bool is_plain(const Model *model, const Step *step, const Update *update, int bits) {
    const Tensor *master = step->in[1], *weights = updated_parameter(step);
    const Rational *loss = &model->settings.momentum_loss;
    int64_t shift = step_value(step, "quant_shift");
    int64_t v = update->v > MOST_MOVE ? MOST_MOVE : update->v;
    bool momentum = step->kind == &sgd_step && step->in[2] && loss->multiplier == 1 &&
                    loss->shift > 0;
    bool nothing_else = step_value(step, "decay_shift") == 0 && step_value(step, "clip") == 0 &&
                        step_value(step, "u_clamp") == 0 && step_value(step, "rate_site") < 0 &&
                        step_value(step, "apply_site") < 0;
    bool types = weights->format->type == (bits == 8 ? TYPE_I8 : TYPE_I16) &&
                 weights->kept == KEPT_VALUE && master->format->type == TYPE_I32;
    bool spanned = shift > 0 && master->bound == weights->bound << shift;
    return momentum && nothing_else && types && spanned &&
           master->bound + v + (INT64_C(1) << shift) <= INT32_MAX;
}

/* Whether the two halves of a gradient, and what multiplies them, fit 16 bits with a sign. */
static bool fits_halves(const Update *update, int rate_shift) {
    return rate_shift > 0 && rate_shift <= 16 && update->gradient + (1 << 15) <= INT32_MAX &&
           bound_shift(update->full_rate, 16 - rate_shift) <= INT16_MAX &&
           update->full_rate <= INT16_MAX;
}

static bool fuses(const Model *model, const Step *step, const Update *update, int bits) {
    int rate_shift = (int)step_value(step, "rate_shift");
    bool narrow = bound_add(update->product, bound_shift(1, rate_shift)) <= INT32_MAX;
    if (bits == 0 || !is_plain(model, step, update, bits))
        return false;
    return bits == 8 ? narrow && rate_shift == 0 && step_value(step, "v_clamp") == 0
                     : narrow || fits_halves(update, rate_shift);
}

/* Both steps are told for how many bits, or 0. */
static void settle_fused(Model *model, Step *step, const Update *update) {
    Step *gradient = step->in[0]->producer;
    bool fusible = !model->options.distributed && step_attribute(gradient, "fusible");
    int bits = fusible ? (int)step_value(gradient, "fusible") : 0;
    int fused = fuses(model, step, update, bits) ? bits : 0;
    if (!model->options.tiles)
        return;
    step_integer(model, gradient, "fused", fused);
    step_integer(model, step, "fused", fused);
    if (fused)
        step_integer(model, step, "fused_rows", step_value(gradient, "turns"));
}

void sgd_settle(Model *model, Step *step) {
    Update update = {.gradient = settle_parameter(model, step)};
    if (is_float(model)) {
        settle_float(model, step);
        return;
    }
    place_update(model, step, &update);
    bound_product(model, step, &update);
    step_integer(model, step, "clip", update.gradient < step->in[0]->bound ? update.gradient : 0);
    settle_casts(model, step, &update);
    settle_momentum(model, step, &update);
    report_change(model, step, &update);
    settle_fused(model, step, &update);
}

const StepKind sgd_step = {.name = "sgd",
                           .in_roles = {"gradient", "master", "momentum"},
                           .out_roles = {"master", "storage", "momentum"},
                           .typical = sgd_typical,
                           .settle = sgd_settle};

const Optimizer sgd_optimizer = {
    .name = "sgd",
    .parameters = {{"lr", ARGUMENT_NUMBER, true, 0, 1e-9, 16, {NULL}},
                   {"momentum", ARGUMENT_NUMBER, false, 0, 0, 0.9999, {NULL}}},
    .read = sgd_read,
    .build = sgd_build};
