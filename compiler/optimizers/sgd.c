/* sgd.c - stochastic gradient descent with momentum and weight decay, in integers.
 *
 *     u = clamp(gradient) * rate >> rate_shift         one multiplication, rounded once
 *     v = v - v * loss + u                             momentum (Polyak 1964), loss = 1 - momentum
 *     w = clamp(w - w * 2^-decay - v)                  in the master copy
 *
 * and the storage copy is the master, rounded to the nearest. Halving the learning rate halves
 * `rate`, so that every shift stays a constant. Without momentum v is u. Where the master is narrow
 * v keeps more bits than it, and is rounded, stochastically, only when added. */
#include "../grad.h"
#include "../range.h"
#include "../strip.h"

#include <math.h>
#include <stdlib.h>

extern const StepKind init_step;

enum { LOSS_BITS = 8, NARROW_EXTRA_BITS = 14 };
enum { MOST_MOVE = (1 << 30) - 1 };

static void sgd_read(Model *model, Call *call) {
    Settings *settings = &model->settings;
    double momentum = call->argument[1].number;
    settings->rate = rational_from(call->argument[0].number, RATE_BITS, call->argument[0].place);
    settings->momentum_loss = (Rational){0};
    if (momentum > 0)
        settings->momentum_loss = rational_from(1 - momentum, LOSS_BITS, call->argument[1].place);
    if (rational_value(settings->momentum_loss) == 1) /* so small that nothing is kept */
        settings->momentum_loss = (Rational){0};
}

/* ---- the graph -------------------------------------------------------------------------------- */

static Tensor *companion(Model *model, const Tensor *parameter, const char *suffix, Kind kind) {
    const char *name = arena_print(model->arena, "%s.%s", parameter->name, suffix);
    Tensor *tensor =
        tensor_new(model, name, kind, parameter->shape, false, parameter->place);
    tensor->row_elements = parameter->row_elements;
    return tensor;
}

/* Biases keep a 32-bit master whatever the weights have: they are few. */
static Type master_type(const Model *model, const Tensor *parameter) {
    return parameter->shape.rank == 1 && !is_float(model) ? TYPE_I32
                                                          : model->settings.precision.master;
}

extern const StepKind sgd_step;

static void sgd_build(Model *model, const Step *like, Tensor *parameter) {
    bool own_master = master_type(model, parameter) != TYPE_NONE && !is_float(model);
    parameter->master =
        own_master ? companion(model, parameter, "master", KIND_MASTER) : parameter;
    if (model->settings.momentum_loss.multiplier)
        parameter->momentum = companion(model, parameter, "momentum", KIND_STATE);
    Step *update = step_new(model, &sgd_step, PHASE_UPDATE, like->place);
    Step *init = step_new(model, &init_step, PHASE_INIT, like->place);
    init->source = update->source = like->source;
    init->in[0] = parameter;
    init->out[0] = update->out[0] = update->in[1] = parameter->master;
    init->out[1] = update->out[1] = own_master ? parameter : NULL;
    update->in[0] = parameter->gradient;
    update->in[2] = update->out[2] = parameter->momentum;
}

/* ---- formats ---------------------------------------------------------------------------------- */

static const Tensor *parameter_of(const Step *step) {
    return step->out[1] ? step->out[1] : step->out[0];
}

static void sgd_typical(Model *model, Step *step) {
    Tensor *master = step->in[1], *momentum = step->in[2];
    const Tensor *parameter = parameter_of(step);
    if (master != parameter) {
        format_new(model, master, master_type(model, parameter), 1);
        typical_set(model, master, parameter->typical, "the values of %s", parameter->name);
    }
    if (momentum) {
        double rate = rational_value(model->settings.rate) / model->settings.batch;
        double loss = rational_value(model->settings.momentum_loss);
        format_new(model, momentum, is_float(model) ? TYPE_F32 : TYPE_I32, 1);
        typical_set(model, momentum, rate * step->in[0]->typical / sqrt(2 * loss),
                    "gradient %.3g x rate %.3g / batch, gathered over 1/%.3g steps",
                    step->in[0]->typical, rate, loss);
    }
}

/* The master spans what the storage format can show, with the bits that its type leaves: 29 of 31,
 * so that w - v cannot overflow; all of a narrow one, which is computed in 32 bits. */
static void place_master(Tensor *master, const Tensor *storage) {
    int bits = master->format->type == TYPE_I32 ? 29 : type_magnitude_bits(master->format->type);
    int storage_bits = ceil_log2((double)storage->bound + 1);
    int extra = bits > storage_bits ? bits - storage_bits : 0;
    master->format->shift = storage->format->shift + extra;
    master->bound = bound_shift(storage->bound, extra);
}

/* ---- the update ------------------------------------------------------------------------------- */

/* Bounds and shifts of one update, as they are found. */
typedef struct {
    int64_t gradient; /* |gradient| after clipping */
    int64_t rate;     /* of the first epoch */
    int rate_shift;   /* of the product with the gradient, to the shift of v */
    int64_t product, u, v;
    int v_shift;
} Update;

static int64_t clip_bound(Model *model, const Step *step) {
    const Tensor *gradient = step->in[0];
    double clip = model->settings.clip * model->settings.batch;
    double limit = ldexp(clip, gradient->format->shift);
    if (model->settings.clip == 0 || limit >= (double)gradient->bound)
        return gradient->bound;
    return limit < 1 ? 1 : llround(limit);
}

/* rate * 2^-rate_shift = lr / batch * 2^(v_shift - gradient shift), with room for every halving. */
static void find_rate(Model *model, const Step *step, Update *update) {
    const Settings *settings = &model->settings;
    Rational rate = rational_from(rational_value(settings->rate) / settings->batch, RATE_BITS,
                                  settings->rate.place);
    int shift = rate.shift + step->in[0]->format->shift - update->v_shift;
    int last = shift + settings->halvings;
    update->rate_shift = last > 0 ? last : 0;
    update->rate = bound_shift(rate.multiplier, update->rate_shift - shift);
    update->product = bound_multiply(update->gradient, update->rate);
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
    bool narrow = master->format->type != TYPE_I32 || master == parameter_of(step);
    bool momentum = step->in[2] != NULL;
    int extra = narrow && momentum ? NARROW_EXTRA_BITS : 0;
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

static void report_speed(Model *model, const Step *step, const Update *update) {
    const Tensor *gradient = step->in[0], *parameter = parameter_of(step);
    const Settings *settings = &model->settings;
    double unit = ldexp(1, -step->in[1]->format->shift);
    double rate = rational_value(settings->rate) / settings->batch;
    double largest = ldexp((double)update->gradient, -gradient->format->shift) * rate;
    double typical = gradient->typical * rate;
    if (largest < unit) {
        diag_error(model, settings->rate.place,
                   "dead update: the largest change of '%s' is %.3g, but its master resolves 2^-%d "
                   "= %.3g", parameter->name, largest, step->in[1]->format->shift, unit);
        diag_help(model, "a learning rate of 2^%d is the smallest that moves it; or give the "
                         "master more bits: precision { master i32 }",
                  ceil_log2(rational_value(settings->rate) * unit / largest));
    } else if (typical < unit / 16) {
        diag_warning(model, settings->rate.place,
                     "starved update: '%s' moves once in about %.0f steps: typical change %.3g, "
                     "last place %.3g", parameter->name, unit / typical, typical, unit);
        diag_help(model, "raise the learning rate, or give the master more bits");
    }
}

/* The product of gradient and rate is computed in 64 bits: where it could need more, the gradient is
 * clamped to what leaves one bit for rounding. */
static void bound_product(Model *model, const Step *step, Update *update) {
    if (update->rate > INT32_MAX || update->rate_shift > 61) {
        diag_error(model, model->settings.rate.place,
                   "the learning rate is %s for '%s', whose master resolves 2^%d",
                   update->rate > INT32_MAX ? "too large" : "too small", parameter_of(step)->name,
                   -step->in[1]->format->shift);
        return;
    }
    int64_t most = INT64_MAX / 2 / update->rate;
    if (update->gradient > most)
        update->gradient = most;
    update->product = update->gradient * update->rate;
}

/* A product of 64 bits, in 32: a gradient is a multiple of 2^rate_shift, whose product the shift does
 * not round, and a rest, which this masks. 0: that does not fit either. */
static int64_t split_mask(const Update *update, int rate_shift, Type product_type) {
    bool fits = rate_shift > 0 && bound_shift(update->rate, rate_shift) <= MOST_MOVE &&
                update->u <= MOST_MOVE;
    return product_type == TYPE_I64 && fits ? (INT64_C(1) << rate_shift) - 1 : 0;
}

static void settle_casts(Model *model, Step *step, const Update *update) {
    int64_t product = update->product;
    int64_t row = parameter_of(step)->row_elements;
    int64_t strip = row * strip_rows(shape_elements(parameter_of(step)->shape) / row);
    int master_shift = step->in[1]->format->shift;
    int64_t most_u = clamp_where_needed(update->u) ? MOST_MOVE : update->u;
    Cast rate = cast_between(model, product, update->rate_shift, 0, -most_u, most_u,
                             ROUND_STOCHASTIC, row);
    Cast apply = cast_between(model, update->v, update->v_shift, master_shift, -MOST_MOVE, MOST_MOVE,
                              ROUND_STOCHASTIC, row);
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

static void settle_common(Model *model, Step *step) {
    const Tensor *parameter = parameter_of(step);
    int64_t elements = shape_elements(parameter->shape);
    step_integer(model, step, "row", parameter->row_elements);
    step_integer(model, step, "rows", elements / parameter->row_elements);
    step_integer(model, step, "halvings", model->settings.halvings);
    step_integer(model, step, "has_clip", model->settings.clip > 0);
    step_integer(model, step, "decay_shift",
                 parameter->shape.rank > 1 ? model->settings.decay_shift : 0);
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

static void sgd_settle(Model *model, Step *step) {
    Tensor *master = step->in[1];
    const Tensor *storage = step->out[1];
    Update update = {0};
    settle_common(model, step);
    master->init_shift = 29 - ceil_log2(parameter_of(step)->format->span_factor *
                                        parameter_of(step)->typical);
    if (is_float(model)) {
        settle_float(model, step);
        return;
    }
    if (storage)
        place_master(master, storage);
    master->init_shift = master->format->shift;
    update.gradient = clip_bound(model, step);
    place_update(model, step, &update);
    bound_product(model, step, &update);
    step_integer(model, step, "clip", update.gradient < step->in[0]->bound ? update.gradient : 0);
    settle_casts(model, step, &update);
    settle_momentum(model, step, &update);
    step_integer(model, step, "master_bound", master->bound);
    step_integer(model, step, "quant_shift",
                 storage ? master->format->shift - storage->format->shift : 0);
    report_speed(model, step, &update);
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
