/* layer.c - what layers with weights and a bias share. */
#include "layer.h"

#include <math.h>
#include <string.h>

/* Signs have the rms of what is drawn, to the nearest power of two; rounded, half are 0. */
static void keep_units(Tensor *weights, Kept kept) {
    double rms = kept == KEPT_SIGN ? weights->init_sigma : weights->init_sigma * sqrt(2);
    weights->kept = kept;
    weights->unit_shift = (int)lround(-log2(rms));
    weights->init_bound = ldexp(1, -weights->unit_shift);
    weights->init_sigma = kept == KEPT_SIGN ? weights->init_bound : weights->init_bound * sqrt(0.5);
}

Tensor *layer_weights(Model *model, const Call *call, Shape shape, int64_t row, int64_t fan_out,
                      const Argument *init, const Argument *kept) {
    const char *name = arena_print(model->arena, "%s.weights", call->binding);
    bool xavier = strcmp(init->text, "xavier") == 0;
    Tensor *weights = tensor_new(model, name, KIND_PARAMETER, shape, false, call->place);
    double fan = xavier ? (double)row + (double)fan_out : (double)row;
    weights->row_elements = row;
    weights->init_sigma = sqrt(2 / fan);
    weights->init_bound = sqrt(6 / fan); /* uniform: sigma = bound / sqrt(3) */
    if (strcmp(kept->text, "ste(sign)") == 0)
        keep_units(weights, KEPT_SIGN);
    else if (strcmp(kept->text, "ste(round)") == 0)
        keep_units(weights, KEPT_ROUNDED);
    return weights;
}

Tensor *layer_bias(Model *model, const Call *call, int64_t outputs, const Argument *bias) {
    Shape shape = {1, {outputs}};
    const char *name = arena_print(model->arena, "%s.bias", call->binding);
    if (strcmp(bias->text, "true") != 0)
        return NULL;
    Tensor *tensor = tensor_new(model, name, KIND_PARAMETER, shape, false, call->place);
    tensor->row_elements = outputs;
    return tensor;
}

void layer_settle_bias(Model *model, Step *step) {
    Tensor *bias = step->in[2];
    int sum_shift = step->in[0]->format->shift + step->in[1]->format->shift;
    int span = ceil_log2(bias->format->span_factor * bias->typical);
    int64_t products = bound_multiply(step->sum.terms, bound_multiply(step->in[0]->bound,
                                                                      step->in[1]->bound));
    Type type = model->settings.precision.accumulators;
    if (products > type_most(type) / 2)
        type = TYPE_I64;
    int64_t room = (type_most(type) - products) / 2; /* the rest is for rounding */
    if (span > 28)
        span = 28;
    bias->format->shift = sum_shift < 29 - span ? sum_shift : 29 - span;
    int64_t most = bound_shift(room, bias->format->shift - sum_shift);
    int64_t wanted = bound_shift(1, span + bias->format->shift) - 1;
    bias->bound = wanted < 1 ? 1 : wanted > most ? most : wanted;
    step_integer(model, step, "bias_shift", sum_shift - bias->format->shift);
}

bool layer_sums(const Step *step, Type type) {
    return step->sum.type == (type == TYPE_F32 ? type : TYPE_I32) &&
           step->sum.left->format->type == type && step->sum.right->format->type == type;
}

const char *layer_kernel(Model *model, Step *step, const Tensor *x) {
    const char *bytes = x && x->non_negative ? "u8" : "s8";
    const char *kernel = layer_sums(step, TYPE_I8)    ? bytes
                         : layer_sums(step, TYPE_I16) ? "s16"
                         : layer_sums(step, TYPE_F32) ? "f32"
                                                      : "";
    step_text(model, step, "kernel", kernel);
    return kernel;
}
