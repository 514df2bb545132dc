/* embed.c - y[i] = weights[indices[i]]: a row of weights for each index.
 *
 * Only rows that a batch has used have a gradient, and only they are updated: a row rests, with its
 * momentum, its moments and its decay, until it is used again. The work is that of the rows used,
 * but for a look at four bytes of each row: they say whether it was used, and where last. */
#include "../grad.h"
#include "../range.h"

#include <math.h>

enum { EMBED_INDEX, EMBED_VOCAB, EMBED_DIM };

/* ---- forward --------------------------------------------------------------------------------- */

static void set_sizes(Model *model, Step *step, const Tensor *indices, const Tensor *rows) {
    step_integer(model, step, "positions", shape_elements(indices->shape));
    step_integer(model, step, "dim", rows->row_elements);
}

static void embed_typical(Model *model, Step *step) {
    Tensor *weights = step->in[1], *y = step->out[0];
    format_share(model, y, weights);
    typical_set(model, y, weights->typical, "rows of %s", weights->name);
}

static void embed_settle(Model *model, Step *step) {
    set_sizes(model, step, step->in[0], step->in[1]);
}

/* ---- backward -------------------------------------------------------------------------------- */

/* g[row] = sum over b and i with indices[b][i] = row of e_y[b][i]; at worst all of them */
static void gradient_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *gradient = step->out[0];
    int64_t positions = model->settings.batch * shape_elements(step->in[1]->shape);
    double uses = fmax(1, (double)positions / (double)gradient->shape.dimension[0]);
    format_new(model, gradient, model->settings.precision.accumulators, 1);
    typical_set(model, gradient, sqrt(uses) * e_y->typical,
                "about %.3g uses of a row: error %.3g x sqrt(%.3g)", uses, e_y->typical, uses);
    sum_set(step, e_y, NULL, NULL, positions);
    step->sum.widens = true;
}

static void gradient_settle(Model *model, Step *step) {
    const Tensor *indices = step->in[1], *gradient = step->out[0];
    int64_t positions = model->settings.batch * shape_elements(indices->shape);
    set_sizes(model, step, indices, gradient);
    step_integer(model, step, "vocab", gradient->shape.dimension[0]);
    step_integer(model, step, "most_used", positions);
    prove_sum(model, step);
    step_scratch(model, step, "last_uses", TYPE_I32, gradient->shape.dimension[0]);
    step_scratch(model, step, "uses_before", TYPE_I32, positions);
}

static const StepKind embed_gradient = {.name = "embed_gradient",
                                        .in_roles = {"e_y", "indices"},
                                        .out_roles = {"gradient"},
                                        .runtime = "int_window",
                                        .parallel = true,
                                        .typical = gradient_typical,
                                        .settle = gradient_settle};

static void embed_grad(Model *model, Step *step) {
    Tensor *indices = step->in[0], *weights = step->in[1];
    append_gradient(model, &embed_gradient, step, (Tensor *[]){step->out[0]->error, indices},
                    weights);
}

static const StepKind embed_forward = {.name = "embed",
                                       .in_roles = {"indices", "weights"},
                                       .out_roles = {"y"},
                                       .parallel = true,
                                       .grad = embed_grad,
                                       .typical = embed_typical,
                                       .settle = embed_settle};

/* ---- the operator ---------------------------------------------------------------------------- */

static bool check_sizes(Model *model, const Call *call, int64_t vocab, int64_t dim) {
    const Tensor *indices = call->argument[EMBED_INDEX].tensor;
    int64_t positions = shape_elements(indices->shape);
    if (indices->shape.rank == MAX_DIMENSIONS)
        diag_error(model, call->argument[EMBED_INDEX].place,
                   "'embed' adds a dimension to '%s', which has %d already", indices->name,
                   MAX_DIMENSIONS);
    else if (vocab < indices->classes)
        diag_error(model, call->argument[EMBED_VOCAB].place,
                   "'%s' has indices up to %d, but 'embed' %lld rows", indices->name,
                   indices->classes - 1, (long long)vocab);
    else if (bound_multiply(vocab, dim) > MAX_ELEMENTS ||
             bound_multiply(positions, dim) > MAX_ELEMENTS)
        diag_error(model, call->argument[EMBED_DIM].place,
                   "rows of %lld are more elements than the limit of %d", (long long)dim,
                   MAX_ELEMENTS);
    else
        return true;
    return false;
}

static Tensor *embed_weights(Model *model, const Call *call, int64_t vocab, int64_t dim) {
    const char *name = arena_print(model->arena, "%s.weights", call->binding);
    Shape shape = {2, {vocab, dim}};
    Tensor *weights = tensor_new(model, name, KIND_PARAMETER, shape, false, call->place);
    weights->row_elements = dim;
    weights->sparse = true;
    weights->init_sigma = 1;
    weights->init_bound = sqrt(3);
    return weights;
}

static Tensor *embed_build(Model *model, Call *call) {
    Tensor *indices = call->argument[EMBED_INDEX].tensor;
    int64_t vocab = (int64_t)call->argument[EMBED_VOCAB].number;
    int64_t dim = (int64_t)call->argument[EMBED_DIM].number;
    if (!check_sizes(model, call, vocab, dim))
        return NULL;
    Shape shape = indices->shape;
    shape.dimension[shape.rank++] = dim;
    const char *name = arena_print(model->arena, "%s.embed", call->binding);
    Step *step = step_new(model, &embed_forward, PHASE_FORWARD, call->place);
    step->in[0] = indices;
    step->in[1] = embed_weights(model, call, vocab, dim);
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, shape, true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

const Operator embed_operator = {
    .name = "embed",
    .parameters = {[EMBED_INDEX] = {"index", ARGUMENT_INDEX, true, 0, 0, 0, {NULL}},
                   [EMBED_VOCAB] = {"vocab", ARGUMENT_INTEGER, true, 0, 2, MAX_ELEMENTS, {NULL}},
                   [EMBED_DIM] = {"dim", ARGUMENT_INTEGER, true, 0, 1, MAX_ELEMENTS, {NULL}}},
    .build = embed_build};
