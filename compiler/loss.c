/* loss.c - what all losses share: their step, factors and weights of classes, the error's cast. */
#include "losses/loss.h"

#include "ops/elementwise.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

/* The largest weight in integers, the unit of all of them. An error of 18 bits, softmax's of 65,536
 * classes, still fits 32 with it. */
enum { WEIGHT_BITS = 13 };
enum { MOST_RATIO = 1024 }; /* of two weights: the lightest has three bits */

/* ---- the weights as they are written --------------------------------------------------------- */

static const Argument *weights_argument(const Call *call) {
    const Argument *argument = call->argument;
    while (strcmp(argument->name, "weights") != 0)
        ++argument;
    return argument;
}

static double largest(const double *weights, int64_t count) {
    double most = 0;
    for (int64_t i = 0; i < count; ++i)
        most = fmax(most, weights[i]);
    return most;
}

static bool weights_are_near(Model *model, const Argument *argument, double most) {
    const Node *node = argument->list->first;
    for (int64_t i = 0; node; node = node->next, ++i) {
        if (argument->numbers[i] == 0 || argument->numbers[i] * MOST_RATIO >= most)
            continue;
        diag_error(model, node->place, "the weight %.4g is less than a %dth of the largest, %.4g",
                   argument->numbers[i], MOST_RATIO, most);
        diag_help(model, "a class of weight 0 is left out");
        return false;
    }
    return true;
}

static bool weights_match(Model *model, const Argument *argument, const Tensor *target) {
    int count = node_count(argument->list);
    if (target->classes == 0)
        diag_error(model, argument->place, "weights are of classes, but '%s' has values",
                   target->name);
    else if (count != target->classes)
        diag_error(model, argument->place, "'%s' has %d classes, but there %s %d weight%s",
                   target->name, target->classes, count == 1 ? "is" : "are", count,
                   count == 1 ? "" : "s");
    else if (largest(argument->numbers, count) == 0)
        diag_error(model, argument->place, "all weights are 0: nothing would be learned");
    else
        return weights_are_near(model, argument, largest(argument->numbers, count));
    return false;
}

/* ---- the step -------------------------------------------------------------------------------- */

Step *loss_append(Model *model, const StepKind *kind, const Call *call, Tensor *prediction,
                  Tensor *target) {
    const Argument *weights = weights_argument(call);
    if (weights->given && !weights_match(model, weights, target))
        return NULL;
    Step *step = step_new(model, kind, PHASE_BACKWARD, call->place);
    step->in[0] = prediction;
    step->in[1] = target;
    step->out[0] = error_new(model, prediction);
    step->out[0]->producer = step;
    step_reals(model, step, "real_weights", weights->given ? weights->numbers : &(double){1},
               weights->given ? target->classes : 0);
    step_reals(model, step, "real_factor", &call->factor, 1);
    if (!model->loss) {
        model->logits = prediction;
        model->loss = step;
    }
    step_integer(model, step, "counts", step == model->loss);
    return step;
}

void loss_grad(Model *model, Step *step) {
    contribute(model, step->in[0], step->out[0]);
}

/* ---- formats --------------------------------------------------------------------------------- */

static const Attribute *weights_of(const Step *step) {
    return step_attribute(step, "real_weights");
}

/* Of all weights, times the loss's factor. */
static double weight_most(const Step *step) {
    const Attribute *weights = weights_of(step);
    double factor = step_real(step, "real_factor");
    return weights->count ? factor * largest(weights->reals, weights->count) : factor;
}

/* With classes that are equally frequent. */
static double weight_rms(const Step *step) {
    const Attribute *weights = weights_of(step);
    double sum = 0;
    for (int64_t i = 0; i < weights->count; ++i)
        sum += weights->reals[i] * weights->reals[i];
    double rms = weights->count ? sqrt(sum / (double)weights->count) : 1;
    return step_real(step, "real_factor") * rms;
}

/* The format grows with the largest weight, not with the rms: a heavy class is a rare one, most
 * often, and is not to saturate where it would not without weights. */
void loss_typical(Model *model, Step *step, double limit, double rms, const char *reason, ...) {
    Tensor *error = step->out[0];
    double weight = weight_rms(step);
    char text[160];
    va_list arguments;
    va_start(arguments, reason);
    vsnprintf(text, sizeof text, reason, arguments);
    va_end(arguments);
    error->limit = limit * weight_most(step);
    error->format->span_factor *= weight_most(step) / weight;
    if (weights_of(step)->count || weight != 1)
        typical_set(model, error, rms * weight, "%s: %.3g; times %s%.3g", text, rms,
                    weights_of(step)->count ? "class weights of rms " : "", weight);
    else
        typical_set(model, error, rms, "%s", text);
}

/* The least shift at which all are whole, or at which the largest has all bits it may have. */
static int weight_shift(const Attribute *weights) {
    double most = largest(weights->reals, weights->count);
    int shift = 0;
    for (int64_t i = 0; i < weights->count; ++i) {
        double units = ldexp(weights->reals[i], shift);
        while (units != floor(units) && ldexp(most, shift + 1) <= 1 << WEIGHT_BITS)
            units = ldexp(weights->reals[i], ++shift);
    }
    return shift;
}

void settle_loss_error(Model *model, Step *step, int64_t worst, int shift) {
    const Attribute *weights = weights_of(step);
    int down = -ilogb(step_real(step, "real_factor"));
    if (weights->count) {
        int64_t *units = arena_alloc(model->arena, (size_t)weights->count * sizeof *units);
        int fraction = weight_shift(weights);
        for (int64_t i = 0; i < weights->count; ++i)
            units[i] = llround(ldexp(weights->reals[i], fraction));
        step_integers(model, step, "weights", units, weights->count);
        worst *= llround(ldexp(largest(weights->reals, weights->count), fraction));
        down += fraction;
    }
    step_integer(model, step, "weight_shift", down);
    prove_value(model, step, worst, shift + down);
    cast_out(model, step, error_rounding(model));
}

static int count_losses(const Model *model) {
    int count = 0;
    for (int i = 0; i < model->step_count; ++i)
        count += is_loss(model->steps[i]);
    return count;
}

int loss_more_bits(const Model *model, const Step *step) {
    int bits = ceil_log2(weight_most(step));
    return (bits > 0 ? bits : 0) + ceil_log2(count_losses(model));
}

bool loss_fits(Model *model, const Step *step, int64_t worst) {
    int64_t samples = (int64_t)model->settings.batch * shape_elements(step->in[1]->shape);
    int64_t total = bound_multiply(worst, samples);
    if (bound_multiply(total, INT64_C(1) << loss_more_bits(model, step)) < INT64_MAX)
        return true;
    diag_error(model, step->place, "with weights up to %.4g, the loss of a batch may leave 64 bits",
               weight_most(step));
    diag_help(model, "divide all weights by the same number, and multiply the learning rate by it");
    return false;
}
