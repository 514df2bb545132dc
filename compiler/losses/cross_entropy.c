/* cross_entropy.c - softmax and its cross-entropy with a class, in integers.
 *
 *     d = max(z) - z          at the logits' shift
 *     t = d * log2(e)         one multiplication by a 13-bit constant
 *     e = 2^-t                a table of 33 entries on the fraction, a shift by the whole part
 *     p = e / sum(e)          one reciprocal a sample; 15 bits
 *     g = p - onehot          and g[target] -= sum(g): the error sums to exactly zero
 *
 * The loss, -ln p[target] = ln 2 * (t[target] + log2 sum(e)), reads the same table backwards. */
#include "cross_entropy.h"

#include "loss.h"

#include <math.h>

enum { TABLE_BITS = 5, PROBABILITY_BITS = 15, LOG2E_BITS = 12 };
enum { LEAST_SHIFT = 3, MOST_SHIFT = 16 }; /* of the logits: t then fits 32 bits */

/* A span of the logits that lies within the shifts that the arithmetic takes. */
static double span_within(const Format *format, double span) {
    int bits = type_magnitude_bits(format->type);
    return fmin(fmax(span, ldexp(1, bits - MOST_SHIFT)), ldexp(1, bits - LEAST_SHIFT));
}

/* The tensor by which the shift of a shared format is chosen: of relu(x), x. */
static const Tensor *first_of_format(const Tensor *tensor) {
    const Step *step = tensor->producer;
    while (step->in[0]->format == tensor->format && step->in[0]->producer)
        step = step->in[0]->producer;
    return step->out[0];
}

void logits_typical(Model *model, Step *step) {
    Tensor *logits = step->in[0];
    if (!is_float(model) && !logits->format->pin.has_type)
        logits->format->type = TYPE_I16;
    double span = headroom_of(model, "logits", logits) * logits->typical;
    logits->format->span_factor =
        span_within(logits->format, span) / first_of_format(logits)->typical;
    error_format(model, step->out[0]);
}

static void cross_entropy_typical(Model *model, Step *step) {
    double classes = step->in[1]->classes, p = 1 / classes;
    double rms = sqrt(p * (1 - p) * (1 - p) + (1 - p) * p * p);
    logits_typical(model, step);
    loss_typical(model, step, 1, rms, "softmax minus one-hot over %d classes", (int)classes);
}

void set_exp2_table(Model *model, Step *step) {
    int64_t table[(1 << TABLE_BITS) + 1];
    for (int i = 0; i <= 1 << TABLE_BITS; ++i)
        table[i] = llround(ldexp(exp2(-i / (double)(1 << TABLE_BITS)), PROBABILITY_BITS));
    step_integers(model, step, "exp2_table", table, (1 << TABLE_BITS) + 1);
}

bool settle_logits(Model *model, Step *step) {
    const Tensor *logits = step->in[0];
    int shift = logits->format->shift;
    if (shift < LEAST_SHIFT || shift > MOST_SHIFT || logits->format->type == TYPE_I32) {
        diag_error(model, logits->place, "the logits '%s' are %s at shift %d", logits->name,
                   type_name(logits->format->type), shift);
        diag_help(model, "%s takes logits of i8 or i16 at a shift from %d to %d", step->kind->name,
                  LEAST_SHIFT, MOST_SHIFT);
        return false;
    }
    step_integer(model, step, "log2e", llround(ldexp(1.4426950408889634, LOG2E_BITS)));
    step_integer(model, step, "fraction_bits", shift + LOG2E_BITS);
    step_integer(model, step, "ln2", llround(ldexp(0.6931471805599453, 16)));
    set_exp2_table(model, step);
    return true;
}

static void cross_entropy_settle(Model *model, Step *step) {
    int classes = step->in[1]->classes;
    step_integer(model, step, "classes", classes);
    step_integer(model, step, "steps", shape_elements(step->in[1]->shape));
    if (is_float(model) || !settle_logits(model, step))
        return;
    const Tensor *logits = step->in[0];
    if (!loss_fits(model, step, ((2 * logits->bound >> logits->format->shift) + 32) << 16))
        return;
    /* p has at most 2^15, off by less than 1 a class; g[target] takes up what the others lack */
    settle_loss_error(model, step, (1 << PROBABILITY_BITS) + 2 * (int64_t)classes,
                      PROBABILITY_BITS);
    step_scratch(model, step, "accumulator", TYPE_I32, classes);
}

static const StepKind cross_entropy_step = {.name = "cross_entropy",
                                            .in_roles = {"logits", "target"},
                                            .out_roles = {"error"},
                                            .grad = loss_grad,
                                            .typical = cross_entropy_typical,
                                            .settle = cross_entropy_settle};

bool logits_match(Model *model, Place place, const Tensor *logits, const Tensor *target) {
    if (target->classes == 0) {
        diag_error(model, place, "cross_entropy needs a target of classes, but '%s' has values",
                   target->name);
        diag_help(model, "write mse(%s, %s)", logits->name, target->name);
        return false;
    }
    Shape wanted = target->shape; /* no dimensions, or [steps] */
    const char *each = "";
    if (wanted.rank > 0)
        each = arena_print(model->arena, " at each of %lld steps", (long long)wanted.dimension[0]);
    wanted.dimension[wanted.rank++] = target->classes;
    if (shape_equal(logits->shape, wanted))
        return true;
    diag_error(model, place, "'%s' is %s, but '%s' has %d classes%s", logits->name,
               shape_print(model->arena, logits->shape), target->name, target->classes, each);
    diag_help(model, *each ? "end the network with conv1d(..., %d, 1)"
                           : "end the network with dense(..., %d)", target->classes);
    return false;
}

static void cross_entropy_build(Model *model, const Call *call, Tensor *logits, Tensor *target) {
    if (logits_match(model, call->place, logits, target))
        loss_append(model, &cross_entropy_step, call, logits, target);
}

const Loss cross_entropy_loss = {.name = "cross_entropy",
                                 .of_steps = true,
                                 .parameters = {LOSS_WEIGHTS},
                                 .build = cross_entropy_build};
