/* optimizer.c - what optimizers share: masters and state, moments of the gradient, last step. */
#include "optimizers/optimizer.h"

#include "strip.h"

#include <math.h>

extern const StepKind init_step;

enum { LOSS_BITS = 8 };

Rational read_loss(const Argument *kept) {
    Rational loss = {0};
    if (kept->number > 0)
        loss = rational_from(1 - kept->number, LOSS_BITS, kept->place);
    return rational_value(loss) == 1 ? (Rational){0} : loss; /* so small that nothing is kept */
}

/* ---- the graph ------------------------------------------------------------------------------- */

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

const char *const *momentum_states(const Model *model) {
    static const char *const momentum[] = {"momentum", NULL};
    return model->settings.momentum_loss.multiplier ? momentum : momentum + 1;
}

static void report_no_master(Model *model, const Tensor *parameter) {
    diag_error(model, parameter->place, "'%s' cannot learn: what is kept of its values is too "
               "coarse, and 'master none' leaves nothing else", parameter->name);
    diag_help(model, "write master i32 in the precision block, or weights = full here");
}

Step *update_append(Model *model, const StepKind *kind, const Step *like, Tensor *parameter,
                    const char *const *states) {
    bool no_master = master_type(model, parameter) == TYPE_NONE;
    bool own_master = parameter->kept || (!no_master && !is_float(model));
    if (parameter->kept && no_master)
        report_no_master(model, parameter);
    parameter->master =
        own_master ? companion(model, parameter, "master", KIND_MASTER) : parameter;
    Step *update = step_new(model, kind, PHASE_UPDATE, like->place);
    Step *init = step_new(model, &init_step, PHASE_INIT, like->place);
    init->source = update->source = like->source;
    init->in[0] = parameter;
    init->out[0] = update->out[0] = update->in[UPDATE_MASTER] = parameter->master;
    init->out[1] = update->out[UPDATE_STORAGE] = own_master ? parameter : NULL;
    update->in[UPDATE_GRADIENT] = parameter->gradient;
    if (model->settings.average_last) {
        parameter->average = companion(model, parameter, "sum", KIND_AVERAGE);
        parameter->average->master = parameter->master;
    }
    for (int i = 0; i < MAX_STATES && states[i]; ++i) {
        parameter->state[i] = companion(model, parameter, states[i], KIND_STATE);
        update->in[UPDATE_STATE + i] = update->out[UPDATE_STATE + i] = parameter->state[i];
    }
    return update;
}

const Tensor *updated_parameter(const Step *step) {
    return step->out[UPDATE_STORAGE] ? step->out[UPDATE_STORAGE] : step->out[0];
}

bool is_narrow(const Step *step) {
    const Tensor *master = step->in[UPDATE_MASTER];
    return master->format->type != TYPE_I32 || master == updated_parameter(step);
}

/* ---- formats --------------------------------------------------------------------------------- */

static void average_typical(Model *model, const Tensor *parameter) {
    int epochs = model->settings.average_last;
    format_new(model, parameter->average, is_float(model) ? TYPE_F32 : TYPE_I64, 1);
    typical_set(model, parameter->average, epochs * parameter->typical,
                "the sum of %s after %d epochs", parameter->name, epochs);
}

/* Whatever a sum holds at first, within its bound, the sum of as many again fits its type. */
static void place_average(const Model *model, Tensor *average, const Tensor *master) {
    average->format->shift = master->format->shift;
    average->bound = model->settings.average_last * master->bound;
    average->format->type = 2 * average->bound <= type_most(TYPE_I32) ? TYPE_I32 : TYPE_I64;
}

void master_typical(Model *model, Step *step) {
    Tensor *master = step->in[UPDATE_MASTER];
    const Tensor *parameter = updated_parameter(step);
    if (parameter->average)
        average_typical(model, parameter);
    if (master == parameter)
        return;
    format_new(model, master, master_type(model, parameter), 1);
    typical_set(model, master, parameter->typical, "the values of %s", parameter->name);
}

void state_typical(Model *model, Tensor *state, double rms, const char *reason) {
    format_new(model, state, is_float(model) ? TYPE_F32 : TYPE_I32, 1);
    typical_set(model, state, rms, "%s", reason);
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

static int64_t clip_bound(Model *model, const Step *step) {
    const Tensor *gradient = step->in[UPDATE_GRADIENT];
    double clip = model->settings.clip * model->settings.batch;
    double limit = ldexp(clip, gradient->format->shift);
    if (model->settings.clip == 0 || limit >= (double)gradient->bound)
        return gradient->bound;
    return limit < 1 ? 1 : llround(limit);
}

void settle_kept(Model *model, Step *step, const Tensor *parameter) {
    double unit = parameter->kept ? parameter->limit : 0;
    step_integer(model, step, "signs", parameter->kept == KEPT_SIGN);
    if (is_float(model))
        step_reals(model, step, "real_unit", &unit, 1);
}

int64_t settle_parameter(Model *model, Step *step) {
    const Tensor *parameter = updated_parameter(step), *storage = step->out[UPDATE_STORAGE];
    Tensor *master = step->in[UPDATE_MASTER];
    int64_t elements = shape_elements(parameter->shape);
    step_integer(model, step, "row", parameter->row_elements);
    step_integer(model, step, "rows", elements / parameter->row_elements);
    step_integer(model, step, "sparse", parameter->sparse);
    step_integer(model, step, "has_clip", model->settings.clip > 0);
    step_integer(model, step, "decay_shift",
                 parameter->shape.rank > 1 ? model->settings.decay_shift : 0);
    settle_kept(model, step, parameter);
    master->init_shift = 29 - ceil_log2(parameter->format->span_factor * parameter->typical);
    if (is_float(model))
        return 0;
    if (storage)
        place_master(master, storage);
    if (parameter->average)
        place_average(model, parameter->average, master);
    master->init_shift = master->format->shift;
    step_integer(model, step, "master_bound", master->bound);
    step_integer(model, step, "quant_shift",
                 storage ? master->format->shift - storage->format->shift : 0);
    return clip_bound(model, step);
}

void report_speed(Model *model, const Step *step, double largest, double typical) {
    const Settings *settings = &model->settings;
    const Tensor *parameter = updated_parameter(step);
    int shift = step->in[UPDATE_MASTER]->format->shift;
    double unit = ldexp(1, -shift);
    if (largest < unit) {
        diag_error(model, settings->rate.place,
                   "dead update: the largest change of '%s' is %.3g, but its master resolves 2^-%d "
                   "= %.3g", parameter->name, largest, shift, unit);
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

/* ---- moments --------------------------------------------------------------------------------- */

void settle_moment(Model *model, Step *step, int64_t gradient, int shift, int64_t most) {
    const Tensor *from = step->in[UPDATE_GRADIENT];
    step_integer(model, step, "clip", gradient < from->bound ? gradient : 0);
    prove_value(model, step, gradient, from->format->shift);
    if (from->format->type == TYPE_I64)
        widen_sum(step);
    step->cast = cast_between(model, gradient, from->format->shift, shift, -most, most,
                              ROUND_NEAREST, 0);
    fit_cast(model, step);
}

int widest_moment(const Step *step, int64_t gradient) {
    return step->in[UPDATE_GRADIENT]->format->shift + 29 - ceil_log2((double)gradient);
}

void settle_loss_of(Model *model, Step *step, const char *name, Rational loss) {
    step_integer(model, step, arena_print(model->arena, "%s_multiplier", name), loss.multiplier);
    step_integer(model, step, arena_print(model->arena, "%s_shift", name), loss.shift);
}

/* Typical gradients have ten bits: what is 32 times as large is clamped, and in the course of a
 * training they may shrink by a factor of some hundreds. */
int root_shift_for(const Step *step) {
    const Tensor *gradient = step->in[UPDATE_GRADIENT];
    int shift = gradient->format->shift;
    int wanted = 10 - ceil_log2(gradient->typical);
    int most = shift + 30 - MOMENT_BITS; /* what a cast can shift to the left */
    return wanted > most ? most : wanted < shift - 40 ? shift - 40 : wanted;
}

/* Small gradients add less than a unit a step to the square: it is rounded stochastically. */
void settle_square(Model *model, Step *step, Tensor *square, int root_shift, Rational loss,
                   double epsilon) {
    const Tensor *parameter = updated_parameter(step);
    int64_t row = parameter->row_elements, most = (1 << ROOT_BITS) - 1;
    double floor = ldexp(epsilon * model->settings.batch, root_shift);
    square->format->shift = 2 * root_shift;
    square->bound = most * most;
    square->non_negative = true;
    Cast cast = cast_between(model, bound_multiply(square->bound, loss.multiplier), loss.shift, 0,
                             0, square->bound, ROUND_STOCHASTIC, row);
    settle_loss_of(model, step, "square", loss);
    step_integer(model, step, "square_site", cast.site);
    step_integer(model, step, "square_field", cast.field);
    step_integer(model, step, "epsilon", llround(fmin(fmax(floor * floor, 1), 1 << 30)));
    step_integer(model, step, "moment_bits", MOMENT_BITS);
    step_scratch(model, step, "square_draws", field_type(cast.field),
                 row * strip_rows(shape_elements(parameter->shape) / row));
}

/* 15 bits of m remain, of which the theory's bound takes all but those behind the point; the
 * quotient has RATIO_BITS of them again. */
Direction ratio_direction(Model *model, Step *step, double most_ratio) {
    int bits = ceil_log2(fmin(most_ratio, 1 << MOST_RATIO_BITS));
    int shift = ROOT_BITS + (bits < 1 ? 1 : bits);
    int down = 31 + MOMENT_BITS - shift - RATIO_BITS;
    Direction direction = {INT64_C(1) << (31 - down), RATIO_BITS, 0.25, 1};
    step_integer(model, step, "ratio_shift", shift);
    step_integer(model, step, "ratio_down", down);
    return direction;
}

/* ---- the last step --------------------------------------------------------------------------- */

enum { STEP_BITS = 20, MOST_STEP_SHIFT = 60 };

/* The largest shift at which `value` has at most STEP_BITS + 1 bits; at least `least`. */
static int step_shift(double value, int least) {
    int shift = STEP_BITS + 1 - ceil_log2(value);
    return shift < least ? least : shift > MOST_STEP_SHIFT ? MOST_STEP_SHIFT : shift;
}

/* Of weights only: biases do not decay. */
static double rate_decay(const Model *model, const Step *step) {
    return updated_parameter(step)->shape.rank > 1 ? model->settings.rate_decay : 0;
}

static void settle_decay(Model *model, Step *step, int rate_shift, int64_t *worst) {
    double decay = rate_decay(model, step);
    double share = rational_value(model->settings.rate) * decay;
    int shift = decay > 0 ? step_shift(share, rate_shift + 1) : rate_shift + 1;
    int64_t multiplier = llround(ldexp(share, shift));
    int64_t moved = bound_multiply(step->in[UPDATE_MASTER]->bound, multiplier);
    step_integer(model, step, "decay", multiplier);
    step_integer(model, step, "decay_down", shift - rate_shift);
    *worst = bound_add(*worst, bound_add(bound_shift(moved, rate_shift - shift), decay > 0));
}

/* rate * 2^-rate_shift = lr * 2^(master shift - direction shift). Where the master is narrow, a
 * change is mostly smaller than its last place, and is rounded stochastically. */
void settle_step(Model *model, Step *step, Direction direction) {
    const Settings *settings = &model->settings;
    const Tensor *parameter = updated_parameter(step);
    int64_t row = parameter->row_elements;
    double rate = ldexp(rational_value(settings->rate),
                        step->in[UPDATE_MASTER]->format->shift - direction.shift);
    int shift = step_shift(rate, 0);
    int64_t multiplier = llround(ldexp(rate, shift));
    int64_t worst = bound_multiply(multiplier, direction.correction);
    worst = bound_multiply(worst, direction.most);
    settle_decay(model, step, shift, &worst);
    Cast cast = cast_between(model, worst, shift, 0, -MOST_MOVE, MOST_MOVE,
                             is_narrow(step) ? ROUND_STOCHASTIC : ROUND_NEAREST, row);
    if (bound_multiply(multiplier, direction.correction) > INT32_MAX)
        diag_error(model, settings->rate.place, "the learning rate is too large for '%s'",
                   parameter->name);
    step_integer(model, step, "rate", multiplier);
    step_integer(model, step, "rate_shift", shift);
    step_integer(model, step, "apply_clamp", cast.saturate ? MOST_MOVE : 0);
    step_integer(model, step, "apply_site", cast.site);
    step_integer(model, step, "apply_field", cast.field);
    step_integer(model, step, "step_worst_case", worst);
    if (cast.field)
        step_scratch(model, step, "apply_draws", field_type(cast.field),
                     row * strip_rows(shape_elements(parameter->shape) / row));
    report_speed(model, step,
                 rational_value(settings->rate) * ldexp((double)direction.most, -direction.shift),
                 rational_value(settings->rate) * direction.typical);
}

void settle_float_step(Model *model, Step *step) {
    double decay = rate_decay(model, step);
    double rate = rational_value(model->settings.rate), scale = 1.0 / model->settings.batch;
    double share = model->settings.decay_shift ? ldexp(1, -model->settings.decay_shift) : 0;
    double clip = model->settings.clip * model->settings.batch;
    step_reals(model, step, "real_rate", &rate, 1);
    step_reals(model, step, "real_scale", &scale, 1);
    step_reals(model, step, "real_clip", &clip, 1);
    step_reals(model, step, "real_share", &share, 1);
    step_reals(model, step, "real_decay", &decay, 1);
    step_integer(model, step, "has_decay", decay > 0);
}
