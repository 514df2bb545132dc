/* batchnorm.c - y = (x - mean) / sqrt(variance + eps), channel by channel: the elements of one
 * place in the last dimension, of all samples of the batch (and all pixels, or steps). The
 * arithmetic is that of norm.c, but for
 *
 *     rate = clamp(scale), in fewer bits
 *     y    = cast(z * rate)
 *
 * since in inference mean and variance are not those of x, but what training has kept of them:
 * those of the first batch, and with every further one
 *
 *     kept = kept + nearest((new - kept) * 2^-follow_shift)
 *
 * which lies between the two: what is kept needs no clamp. So inference is x * scale + offset,
 * channel by channel.
 *
 * The distributed form has a slice of the batch: its sums become those of the whole batch, in the
 * middle of both passes, before anything is divided or rounded. They are exact, in any order. */
#include "norm.h"

#include <math.h>

enum { MAX_VALUES = 1 << 24, RATE_BITS_MOST = 40, RATE_BITS_USUAL = 26 };

enum { BATCHNORM_X, BATCHNORM_MEAN, BATCHNORM_VARIANCE };

static int64_t channels_of(const Tensor *x) {
    return shape_last(x->shape);
}

/* How many values have their mean taken together. */
static int64_t values_of(const Model *model, const Tensor *x) {
    return model->settings.batch * (shape_elements(x->shape) / channels_of(x));
}

static void put_sizes(Model *model, Step *step, const Tensor *x) {
    step_integer(model, step, "channels", channels_of(x));
    step_integer(model, step, "mean_of", values_of(model, x));
}

/* ---- forward --------------------------------------------------------------------------------- */

static void help_with_size(Model *model, int64_t values_of_sample) {
    int64_t batch = MAX_VALUES / values_of_sample;
    if (batch >= 2)
        diag_help(model, "a batch of %lld fits", (long long)batch);
    else
        diag_help(model, "make it smaller first, with a pool or a stride");
}

static void check_batch(Model *model, const Step *step) {
    int64_t values = values_of(model, step->in[BATCHNORM_X]);
    if (model->settings.batch < 2) {
        diag_error(model, step->place, "'batchnorm' compares the samples of a batch, but the batch "
                   "is 1");
        diag_help(model, "write batch 32 in the train block, or take layernorm, which needs one "
                         "sample only");
    } else if (values > MAX_VALUES) {
        diag_error(model, step->place,
                   "'batchnorm' takes the mean of at most %d values, but a batch of %d has %lld",
                   MAX_VALUES, model->settings.batch, (long long)values);
        help_with_size(model, values / model->settings.batch);
    }
}

static void state_typical(Model *model, Tensor *state, Type type, double typical,
                          const char *reason) {
    format_new(model, state, is_float(model) ? TYPE_F32 : type, 1);
    typical_set(model, state, typical, "%s", reason);
}

static void batchnorm_typical(Model *model, Step *step) {
    const Tensor *x = step->in[BATCHNORM_X];
    check_batch(model, step);
    norm_typical_of(model, step, values_of(model, x));
    state_typical(model, step->in[BATCHNORM_MEAN], TYPE_I32, x->typical,
                  "the mean of what it has seen");
    state_typical(model, step->in[BATCHNORM_VARIANCE], TYPE_I64, x->typical * x->typical,
                  "the variance of what it has seen");
}

/* Both are in units of what they are compared with: z, and the mean of z^2. */
static void settle_states(Model *model, Step *step) {
    const Tensor *x = step->in[BATCHNORM_X];
    Tensor *mean = step->in[BATCHNORM_MEAN], *variance = step->in[BATCHNORM_VARIANCE];
    int center = (int)step_value(step, "center_up"), up = (int)step_value(step, "mean_up");
    int64_t most = norm_centered_bound(x, values_of(model, x));
    mean->format->shift = x->format->shift + center;
    mean->bound = bound_shift(x->bound, center);
    variance->format->shift = 2 * mean->format->shift + up;
    variance->bound = bound_shift(bound_multiply(most, most), up);
    variance->non_negative = true;
}

static void batchnorm_settle(Model *model, Step *step) {
    const Tensor *x = step->in[BATCHNORM_X];
    int64_t n = values_of(model, x);
    put_sizes(model, step, x);
    step_integer(model, step, "rows", 1);
    step_integer(model, step, "row", channels_of(x));
    norm_settle_square(model, step, x, n, true);
    if (is_float(model)) {
        prove_value(model, step, 0, 0);
        return;
    }
    settle_states(model, step);
    int64_t most = norm_centered_bound(x, n);
    int bits = norm_room_for(most, RATE_BITS_MOST);
    int shift = norm_settle_rate(model, step, x, n, true, bits, bits - RATE_BITS_USUAL);
    prove_value(model, step, bound_shift(most, bits),
                step->in[BATCHNORM_MEAN]->format->shift + shift);
    cast_out(model, step, ROUND_NEAREST);
    step_scratch(model, step, "centers", TYPE_I32, channels_of(x));
    step_scratch(model, step, "scales", TYPE_I64, channels_of(x));
}

/* ---- backward -------------------------------------------------------------------------------- */

static void batchnorm_error_settle(Model *model, Step *step) {
    const Tensor *x = step->in[1];
    static const char *const sums[] = {"scales", "products", "errors", NULL};
    put_sizes(model, step, x);
    norm_error_settle_of(model, step, values_of(model, x), true);
    if (is_float(model))
        return;
    step_scratch(model, step, "centers", TYPE_I32, channels_of(x));
    for (int i = 0; sums[i]; ++i)
        step_scratch(model, step, sums[i], TYPE_I64, channels_of(x));
}

static const StepKind batchnorm_error = {.name = "batchnorm_error",
                                         .in_roles = {"e_y", "x"},
                                         .out_roles = {"e_x"},
                                         .runtime = "int_roots",
                                         .parallel = true,
                                         .shares = true,
                                         .whole_batch = true,
                                         .typical = norm_error_typical,
                                         .settle = batchnorm_error_settle};

static void batchnorm_grad(Model *model, Step *step) {
    Tensor *x = step->in[BATCHNORM_X], *e_x = error_new(model, x);
    Step *back = step_with(model, &batchnorm_error, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error, x}, e_x);
    double epsilon = step_real(step, "real_epsilon");
    step_reals(model, back, "real_epsilon", &epsilon, 1);
    contribute(model, x, e_x);
}

static const StepKind batchnorm_forward = {.name = "batchnorm",
                                           .in_roles = {"x", "mean", "variance"},
                                           .out_roles = {"y", "mean", "variance"},
                                           .runtime = "int_roots",
                                           .training_differs = true,
                                           .parallel = true,
                                           .shares = true,
                                           .whole_batch = true,
                                           .grad = batchnorm_grad,
                                           .typical = batchnorm_typical,
                                           .settle = batchnorm_settle};

/* ---- the operator ---------------------------------------------------------------------------- */

static Tensor *state_new(Model *model, const Call *call, Step *step, const char *suffix) {
    Shape shape = {1, {channels_of(step->in[BATCHNORM_X])}};
    const char *name = arena_print(model->arena, "%s.%s", call->binding, suffix);
    Tensor *state = tensor_new(model, name, KIND_STATE, shape, false, call->place);
    state->row_elements = shape.dimension[0];
    state->producer = step;
    return state;
}

static bool read_rate(Model *model, const Call *call, int *follow_shift) {
    const Argument *rate = &call->argument[2];
    int exponent;
    bool good = frexp(rate->number, &exponent) == 0.5;
    *follow_shift = 1 - exponent;
    if (!good) {
        diag_error(model, rate->place, "the rate must be 2^-k, not %.12g", rate->number);
        diag_help(model, "the nearest is 2^-%d", (int)lround(-log2(rate->number)));
    }
    return good;
}

static Tensor *batchnorm_build(Model *model, Call *call) {
    int follow_shift;
    if (!read_rate(model, call, &follow_shift))
        return NULL;
    Tensor *y = elementwise_build(model, call, &batchnorm_forward);
    Step *step = y->producer;
    double epsilon = call->argument[1].number;
    step_reals(model, step, "real_epsilon", &epsilon, 1);
    step_integer(model, step, "follow_shift", follow_shift);
    Tensor *mean = state_new(model, call, step, "mean");
    Tensor *variance = state_new(model, call, step, "variance");
    step->in[BATCHNORM_MEAN] = step->out[BATCHNORM_MEAN] = mean;
    step->in[BATCHNORM_VARIANCE] = step->out[BATCHNORM_VARIANCE] = variance;
    return y;
}

const Operator batchnorm_operator = {
    .name = "batchnorm",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"eps", ARGUMENT_NUMBER, false, 1e-5, 1e-9, 1, {NULL}},
                   {"rate", ARGUMENT_NUMBER, false, 0.125, 1.0 / 1024, 0.5, {NULL}}},
    .build = batchnorm_build};
