/* difference.c - losses of the difference of an output and a target, each element by itself. */
#include "losses/difference.h"

#include "ops/encode.h"

#include <math.h>

enum { LEAST_SHIFT = -15, MOST_SHIFT = 31 }; /* of the output: its loss is known by 63 shifts */
enum { MOST_LOSS_BITS = 47 };

static double target_typical(const Tensor *target) {
    return target->classes ? sqrt(1.0 / target->classes) : target->encoding->typical;
}

/* The output's format must also span the targets. */
static double target_most(const Tensor *target) {
    if (target->classes)
        return 1;
    double most = fmax(-target->encoding->least, target->encoding->most);
    return fmin(most, 4 * target->encoding->typical);
}

double difference_typical(Model *model, Step *step) {
    Tensor *output = step->in[0], *target = step->in[1], *error = step->out[0];
    double wanted = target_typical(target);
    if (!is_float(model) && !output->format->pin.has_type)
        output->format->type = TYPE_I16;
    if (output->format->span_factor * output->typical < 2 * target_most(target))
        output->format->span_factor = 2 * target_most(target) / output->typical;
    error_format(model, error);
    return sqrt(output->typical * output->typical + wanted * wanted);
}

/* The target at the output's shift; what lies outside the output's range saturates. */
static void settle_target(Model *model, Step *step) {
    const Tensor *output = step->in[0], *target = step->in[1];
    int shift = output->format->shift;
    if (target->classes) {
        int64_t one = bound_shift(1, shift);
        step_integer(model, step, "one", one < output->bound ? one : output->bound);
        return;
    }
    EncodingConstants constants = encoding_constants(model, step, target->encoding, shift);
    step_integer(model, step, "target_shift", constants.shift);
    step_integer(model, step, "target_bound", output->bound);
}

static void settle_float_target(Model *model, Step *step) {
    const Tensor *target = step->in[1];
    int64_t count = target->encoding && target->encoding->per_feature ? target->encoding->features
                                                                      : 1;
    if (!target->encoding)
        return;
    step_reals(model, step, "multiplier", target->encoding->scale, count);
    step_reals(model, step, "offset", target->encoding->offset, count);
}

/* All losses together, weighted, saturate at 2^47 units: the sum over the batch fits 64 bits. */
void settle_loss(Model *model, Step *step, int64_t worst, int shift) {
    int64_t most = bound_shift(INT64_C(1) << (MOST_LOSS_BITS - loss_more_bits(model, step)), shift);
    step_integer(model, step, "loss_shift", shift > 0 ? shift : 0);
    step_integer(model, step, "loss_factor", bound_shift(1, shift < 0 ? -shift : 0));
    step_integer(model, step, "squares_most", worst > most ? most : 0);
}

bool difference_settle(Model *model, Step *step) {
    const Tensor *output = step->in[0], *target = step->in[1];
    int shift = output->format->shift;
    step_integer(model, step, "elements", shape_elements(output->shape));
    step_integer(model, step, "classes", target->classes);
    step_integer(model, step, "per_feature", target->encoding && target->encoding->per_feature);
    if (is_float(model)) {
        settle_float_target(model, step);
        prove_value(model, step, 0, 0);
        return false;
    }
    int least = target->classes ? 0 : LEAST_SHIFT; /* the 1 of a class is no less than a unit */
    if (output->format->type == TYPE_I32 || shift < least || shift > MOST_SHIFT) {
        diag_error(model, output->place, "the output '%s' is %s at shift %d", output->name,
                   type_name(output->format->type), shift);
        diag_help(model, "%s takes an output of i8 or i16 at a shift from %d to %d%s",
                  step->kind->name, least, MOST_SHIFT,
                  target->classes ? ", where the 1 of a class is a unit or more" : "");
        return false;
    }
    settle_target(model, step);
    return true;
}

void settle_error(Model *model, Step *step, int64_t worst, int shift) {
    settle_loss_error(model, step, worst, shift);
    step_scratch(model, step, "accumulator", TYPE_I32, shape_elements(step->in[0]->shape));
}

void signs_settle(Model *model, Step *step) {
    const Tensor *output = step->in[0];
    if (!difference_settle(model, step))
        return;
    settle_loss(model, step, bound_multiply(shape_elements(output->shape), 2 * output->bound),
                output->format->shift - LOSS_BITS);
    settle_error(model, step, 1 << 15, 15);
}

Step *difference_build(Model *model, const StepKind *kind, const Call *call, Tensor *output,
                       Tensor *target) {
    Shape wanted = target->classes ? (Shape){1, {target->classes}} : target->shape;
    if (!shape_equal(output->shape, wanted)) {
        diag_error(model, call->place, "'%s' is %s, but '%s' needs %s", output->name,
                   shape_print(model->arena, output->shape), target->name,
                   shape_print(model->arena, wanted));
        return NULL;
    }
    return loss_append(model, kind, call, output, target);
}
