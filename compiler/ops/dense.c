/* dense.c - y[o] = bias[o] + sum over k of x[k] * weights[o][k].
 *
 * Weights are stored [outputs][inputs]: a row is one output unit, read as a dot product forwards
 * and updated as a whole. The bias is stored in 32 bits at the accumulator's own shift, so that
 * adding it costs nothing and loses nothing. */
#include "../grad.h"
#include "../layer.h"
#include "../strip.h"

#include <math.h>
#include <string.h>

/* ---- kernels --------------------------------------------------------------------------------- */

/* Sums are made before they are cast: of all outputs for a few samples, or of a part of the outputs
 * for many samples where the weights leave the nearest caches. */
enum { SAMPLES = 4, MANY_SAMPLES = 32, MANY_WEIGHTS = 1 << 15, PART = 32 };

/* So many weights are not read by every thread: each has rows of its own, the same in all steps,
 * which stay in the cache next to it from one to the next. */
enum { SHARED_WEIGHTS = 1 << 17, SHARED_ROWS = 128 };

static bool is_by_row(int64_t inputs, int64_t outputs) {
    return inputs * outputs >= SHARED_WEIGHTS && outputs >= SHARED_ROWS;
}

/* What threads share of a step, for each sample, as so many products in plain C. A kernel makes
 * several in that time, and most where vectors are known to have 64 bytes, unless it waits for
 * weights from far away; `others` is what else is done. */
enum { SPEED = 8, SPEED_WITH_TILES = 32, DRAWN = 8, UPDATED = 2 };

static void state_work(Model *model, Step *step, int64_t inputs, int64_t outputs, int64_t others) {
    bool kernel = layer_sums(step, TYPE_I8) || layer_sums(step, TYPE_I16);
    bool near = model->options.tiles && !is_by_row(inputs, outputs);
    int64_t speed = !kernel ? 1 : near ? SPEED_WITH_TILES : SPEED;
    step_integer(model, step, "work", inputs * outputs / speed + others);
}

/* By tiles, rows of four bytes at least, and enough of all to fill some of a tile. */
enum { TILE_BYTES = 64, TILE_ROWS = 16, TILED_PART = 64 };

static bool fits_tiles(const Model *model, const Step *step, int64_t inputs, int64_t outputs) {
    return model->options.tiles && layer_sums(step, TYPE_I8) && inputs >= TILE_BYTES &&
           inputs % 4 == 0 && outputs >= TILE_ROWS && model->settings.batch >= TILE_ROWS;
}

static bool use_tiles(Model *model, Step *step, int64_t inputs, int64_t outputs) {
    bool tiled = fits_tiles(model, step, inputs, outputs);
    if (model->options.tiles)
        step_integer(model, step, "tiled", tiled);
    return tiled;
}

/* What int_fused_8.h and _16.h take: whole vectors, and a list of the whole batch's errors. */
enum { FUSED_INPUTS = 128, FUSED_GROUPS = 128 };

/* For how many bits there is such a file; 0: for none. */
static int fusible_bits(const Model *model, const Step *step, int64_t inputs) {
    bool bytes = layer_sums(step, TYPE_I8) && step->in[1]->non_negative;
    int batch = model->settings.batch, most = FUSED_GROUPS * (bytes ? 4 : 2);
    if (!model->options.tiles || inputs < FUSED_INPUTS || inputs % 16 != 0 || batch > most)
        return 0;
    return bytes ? 8 : layer_sums(step, TYPE_I16) ? 16 : 0;
}

/* Two samples to a word, or four. Rows made together read the batch from the nearest cache; but of
 * bytes so few errors are not zero that it does not pay. */
static void use_gradient_kernel(Model *model, Step *step, int64_t inputs, int64_t outputs) {
    if (!*layer_kernel(model, step, step->in[1]))
        return;
    if (!is_float(model))
        step_integer(model, step, "groups", (model->settings.batch + 1) / 2 * (inputs + outputs));
    if (fusible_bits(model, step, inputs))
        step_integer(model, step, "fusible", fusible_bits(model, step, inputs));
    step_integer(model, step, "strip", layer_sums(step, TYPE_I8) ? 1 : strip_rows(outputs));
}

/* A thread updates some neighbouring rows at a time: those of the products that it makes forwards,
 * of 16 bits at most INT_FUSED_ROWS (int_fused_16.h); or strips where rows are few. */
static void share_rows(Model *model, Step *step, int64_t inputs, int64_t outputs) {
    bool tiled = fits_tiles(model, step, inputs, outputs) && outputs > TILED_PART;
    int64_t rows = outputs > PART ? PART : STRIP_ROWS;
    step_integer(model, step, "by_row", is_by_row(inputs, outputs));
    step_integer(model, step, "turns", tiled ? TILED_PART : rows);
}

static void use_products_kernel(Model *model, Step *step, int64_t inputs, int64_t outputs) {
    bool tiled = use_tiles(model, step, inputs, outputs);
    bool many = tiled || inputs * outputs * type_bytes(step->in[1]->format->type) >= MANY_WEIGHTS;
    int64_t most = tiled ? TILED_PART : PART, part = many && outputs > most ? most : outputs;
    int64_t block = many ? MANY_SAMPLES : SAMPLES, row = (part + 3) / 4 * 4;
    if (!*layer_kernel(model, step, step->in[0]))
        return;
    if (block > model->settings.batch)
        block = model->settings.batch;
    step_integer(model, step, "by_row", is_by_row(inputs, outputs));
    step_integer(model, step, "block", block);
    step_integer(model, step, "part", part);
    step_integer(model, step, "sum_row", row);
    step_scratch(model, step, "accumulator", step->sum.type, block * row * (tiled ? 2 : 1));
}

static void state_sizes(Model *model, Step *step, int64_t inputs, int64_t outputs) {
    step_integer(model, step, "in_features", inputs);
    step_integer(model, step, "out_features", outputs);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void dense_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *weights = step->in[1], *bias = step->in[2], *y = step->out[0];
    int64_t inputs = shape_elements(x->shape);
    double rms = sqrt((double)inputs) * weights->typical * x->typical;
    activation_format(model, y);
    typical_set(model, y, rms, "sum of %lld products: weights %.3g x input %.3g x sqrt(%lld)",
                (long long)inputs, weights->typical, x->typical, (long long)inputs);
    sum_set(step, x, weights, bias, inputs);
    if (bias) /* as wide as what it is added to; it starts at zero */
        typical_set(model, bias, rms, "starts at 0; may grow to the size of %s", y->name);
}

static void dense_settle(Model *model, Step *step) {
    int64_t inputs = shape_elements(step->in[0]->shape);
    int64_t outputs = shape_elements(step->out[0]->shape);
    state_sizes(model, step, inputs, outputs);
    if (step->in[2] && !is_float(model))
        layer_settle_bias(model, step);
    prove_sum(model, step);
    cast_out(model, step, ROUND_NEAREST);
    use_products_kernel(model, step, inputs, outputs);
    state_work(model, step, inputs, outputs, outputs);
}

/* ---- backward -------------------------------------------------------------------------------- */

/* e_x[k] = sum over o of e_y[o] * weights[o][k] */
static void dense_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *weights = step->in[1], *e_x = step->out[0];
    int64_t outputs = shape_elements(e_y->shape);
    double rms = sqrt((double)outputs) * weights->typical * e_y->typical;
    error_format(model, e_x);
    typical_set(model, e_x, rms, "sum of %lld products: error %.3g x weights %.3g x sqrt(%lld)",
                (long long)outputs, e_y->typical, weights->typical, (long long)outputs);
    sum_set(step, e_y, weights, NULL, outputs);
}

/* The errors of a strip of samples are drawn together. */
static void draw_strips(const Model *model, Step *step) {
    for (Scratch *scratch = step->scratch; scratch; scratch = scratch->next)
        if (strcmp(scratch->role, "draws") == 0)
            scratch->elements = scratch->own_elements *= strip_rows(model->settings.batch);
}

/* Where threads have rows, each adds up what its own give to the errors of some samples. These sums
 * are added afterwards, in any order: they are exact. */
static void use_error_kernel(Model *model, Step *step, int64_t inputs, int64_t outputs) {
    bool exact = *layer_kernel(model, step, NULL) && !is_float(model);
    int64_t batch = model->settings.batch, block = batch < MANY_SAMPLES ? batch : MANY_SAMPLES;
    Scratch *sums = step_scratch(model, step, "accumulator", step->sum.type, inputs);
    step_integer(model, step, "by_row", exact && is_by_row(inputs, outputs));
    if (!step_value(step, "by_row"))
        return;
    sums->own_elements = block * inputs;
    step_integer(model, step, "block", block);
    step_integer(model, step, "turns", PART);
}

static void dense_error_settle(Model *model, Step *step) {
    int64_t inputs = shape_elements(step->out[0]->shape);
    int64_t outputs = shape_elements(step->in[0]->shape);
    state_sizes(model, step, inputs, outputs);
    prove_sum(model, step);
    cast_out(model, step, error_rounding(model));
    draw_strips(model, step);
    use_error_kernel(model, step, inputs, outputs);
    state_work(model, step, inputs, outputs, DRAWN * inputs);
}

/* g[o][k] = sum over the batch of e_y[b][o] * x[b][k] */
static void weight_gradient_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *x = step->in[1], *gradient = step->out[0];
    int batch = model->settings.batch;
    format_new(model, gradient, model->settings.precision.accumulators, 1);
    typical_set(model, gradient, sqrt(batch) * e_y->typical * x->typical,
                "sum over %d samples: error %.3g x input %.3g x sqrt(%d)", batch, e_y->typical,
                x->typical, batch);
    sum_set(step, e_y, x, NULL, batch);
}

static void weight_gradient_settle(Model *model, Step *step) {
    int64_t inputs = shape_elements(step->in[1]->shape);
    int64_t outputs = shape_elements(step->in[0]->shape);
    int64_t others = UPDATED * inputs * outputs / model->settings.batch + 1;
    state_sizes(model, step, inputs, outputs);
    prove_sum(model, step);
    share_rows(model, step, inputs, outputs);
    use_gradient_kernel(model, step, inputs, outputs);
    state_work(model, step, inputs, outputs, others);
}

/* g[o] = sum over the batch of e_y[b][o] */
static void bias_gradient_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *gradient = step->out[0];
    int batch = model->settings.batch;
    format_new(model, gradient, model->settings.precision.accumulators, 1);
    typical_set(model, gradient, sqrt(batch) * e_y->typical,
                "sum over %d samples: error %.3g x sqrt(%d)", batch, e_y->typical, batch);
    sum_set(step, e_y, NULL, NULL, batch);
}

static void bias_gradient_settle(Model *model, Step *step) {
    step_integer(model, step, "out_features", shape_elements(step->in[0]->shape));
    prove_sum(model, step);
}

static const StepKind dense_error = {.name = "dense_error",
                                     .in_roles = {"e_y", "weights"},
                                     .out_roles = {"e_x"},
                                     .parallel = true,
                                     .typical = dense_error_typical,
                                     .settle = dense_error_settle};
static const StepKind dense_weight_gradient = {.name = "dense_weight_gradient",
                                               .in_roles = {"e_y", "x"},
                                               .out_roles = {"gradient"},
                                               .parallel = true,
                                               .typical = weight_gradient_typical,
                                               .settle = weight_gradient_settle};
static const StepKind dense_bias_gradient = {.name = "dense_bias_gradient",
                                             .in_roles = {"e_y"},
                                             .out_roles = {"gradient"},
                                             .typical = bias_gradient_typical,
                                             .settle = bias_gradient_settle};

/* The error goes back before the weights that it reads are updated. */
static void dense_grad(Model *model, Step *step) {
    Tensor *x = step->in[0], *weights = step->in[1], *bias = step->in[2];
    Tensor *e_y = step->out[0]->error;
    if (x->needs_error) {
        Tensor *e_x = error_new(model, x);
        step_with(model, &dense_error, PHASE_BACKWARD, step, (Tensor *[]){e_y, weights}, e_x);
        contribute(model, x, e_x);
    }
    append_gradient(model, &dense_weight_gradient, step, (Tensor *[]){e_y, x}, weights);
    if (bias)
        append_gradient(model, &dense_bias_gradient, step, (Tensor *[]){e_y}, bias);
}

static const StepKind dense_forward = {.name = "dense",
                                       .in_roles = {"x", "weights", "bias"},
                                       .out_roles = {"y"},
                                       .grad = dense_grad,
                                       .parallel = true,
                                       .typical = dense_typical,
                                       .settle = dense_settle};

/* ---- the operator ---------------------------------------------------------------------------- */

static Tensor *dense_build(Model *model, Call *call) {
    Tensor *x = call->argument[0].tensor;
    int64_t outputs = (int64_t)call->argument[1].number;
    if (x->shape.rank != 1) {
        const char *source = node_source(model->arena, call->node->first);
        diag_error(model, call->argument[0].place, "'dense' takes a vector, but '%s' is %s",
                   source, tensor_type(model, x));
        diag_help(model, "write dense(flatten(%s), %lld)", source, (long long)outputs);
        return NULL;
    }
    if (outputs * x->shape.dimension[0] > MAX_ELEMENTS) {
        diag_error(model, call->argument[1].place,
                   "%lld x %lld weights are more than the limit of %d", (long long)outputs,
                   (long long)x->shape.dimension[0], MAX_ELEMENTS);
        return NULL;
    }
    int64_t inputs = x->shape.dimension[0];
    Shape shape = {1, {outputs}}, weights = {2, {outputs, inputs}};
    const char *name = arena_print(model->arena, "%s.dense", call->binding);
    Step *step = step_new(model, &dense_forward, PHASE_FORWARD, call->place);
    step->in[0] = x;
    step->in[1] = layer_weights(model, call, weights, inputs, outputs, &call->argument[3],
                                &call->argument[4]);
    step->in[2] = layer_bias(model, call, outputs, &call->argument[2]);
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, shape, true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

const Operator dense_operator = {
    .name = "dense",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"units", ARGUMENT_INTEGER, true, 0, 1, MAX_ELEMENTS, {NULL}},
                   {"bias", ARGUMENT_CHOICE, false, 0, 0, 0, {"true", "false"}},
                   {"init", ARGUMENT_CHOICE, false, 0, 0, 0, {"he", "xavier"}},
                   LAYER_WEIGHTS},
    .build = dense_build};
