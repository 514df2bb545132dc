/* gather.c - y[p] = x[indices[p]]: pieces of x along its first dimension, in its format.
 *
 * Backwards each piece gets the sum of the errors of all places that it went to. The indices only
 * choose: they get none. */
#include "../grad.h"
#include "../range.h"

#include <math.h>

enum { GATHER_X, GATHER_INDEX };

static void put_sizes(Model *model, Step *step, const Tensor *x, const Tensor *indices) {
    step_integer(model, step, "positions", shape_elements(indices->shape));
    step_integer(model, step, "pieces", x->shape.dimension[0]);
    step_integer(model, step, "piece", shape_elements(x->shape) / x->shape.dimension[0]);
}

/* ---- forward --------------------------------------------------------------------------------- */

static void gather_typical(Model *model, Step *step) {
    Tensor *x = step->in[GATHER_X], *y = step->out[0];
    format_inherit(model, y, x);
    y->exact = x->exact;
    typical_set(model, y, x->typical, "pieces of %s", x->name);
}

static void gather_settle(Model *model, Step *step) {
    put_sizes(model, step, step->in[GATHER_X], step->in[GATHER_INDEX]);
}

/* ---- backward -------------------------------------------------------------------------------- */

/* At worst all places are of one piece. */
static void gather_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    int64_t positions = shape_elements(step->in[1]->shape);
    double uses = fmax(1, (double)positions / (double)e_x->shape.dimension[0]);
    error_format(model, e_x);
    typical_set(model, e_x, sqrt(uses) * e_y->typical,
                "about %.3g uses of a piece: error %.3g x sqrt(%.3g)", uses, e_y->typical, uses);
    sum_set(step, e_y, NULL, NULL, positions);
}

static void gather_error_settle(Model *model, Step *step) {
    const Tensor *e_x = step->out[0];
    put_sizes(model, step, e_x, step->in[1]);
    prove_sum(model, step);
    cast_out(model, step, error_rounding(model));
    step_scratch(model, step, "gathered", step->sum.type, shape_elements(e_x->shape));
}

static const StepKind gather_error = {.name = "gather_error",
                                      .in_roles = {"e_y", "indices"},
                                      .out_roles = {"e_x"},
                                      .typical = gather_error_typical,
                                      .settle = gather_error_settle};

static void gather_grad(Model *model, Step *step) {
    Tensor *x = step->in[GATHER_X];
    if (!x->needs_error)
        return;
    Tensor *in[] = {step->out[0]->error, step->in[GATHER_INDEX]}, *e_x = error_new(model, x);
    step_with(model, &gather_error, PHASE_BACKWARD, step, in, e_x);
    contribute(model, x, e_x);
}

static const StepKind gather_forward = {.name = "gather",
                                        .in_roles = {"x", "indices"},
                                        .out_roles = {"y"},
                                        .grad = gather_grad,
                                        .typical = gather_typical,
                                        .settle = gather_settle};

/* ---- the operator ---------------------------------------------------------------------------- */

/* The shape of the indices, then that of a piece; one index into a vector makes [1]. */
static Shape shape_of(const Tensor *x, const Tensor *indices) {
    Shape shape = indices->shape;
    for (int k = 1; k < x->shape.rank && shape.rank < MAX_DIMENSIONS; ++k)
        shape.dimension[shape.rank++] = x->shape.dimension[k];
    return shape.rank > 0 ? shape : (Shape){1, {1}};
}

static bool check_sizes(Model *model, const Call *call, const Tensor *x, const Tensor *indices) {
    int64_t piece = shape_elements(x->shape) / x->shape.dimension[0];
    int rank = x->shape.rank - 1 + indices->shape.rank;
    if (indices->classes > x->shape.dimension[0])
        diag_error(model, call->argument[GATHER_INDEX].place, "'%s' has indices up to %d, but '%s' "
                   "is %s, of which the first dimension is taken", indices->name,
                   indices->classes - 1, x->name, tensor_type(model, x));
    else if (rank > MAX_DIMENSIONS)
        diag_error(model, call->place,
                   "'gather' would give %d dimensions, more than %d: '%s' is %s, '%s' %s",
                   rank, MAX_DIMENSIONS, x->name, tensor_type(model, x), indices->name,
                   tensor_type(model, indices));
    else if (bound_multiply(piece, shape_elements(indices->shape)) > MAX_ELEMENTS)
        diag_error(model, call->place,
                   "pieces of %lld elements are more elements than the limit of %d",
                   (long long)piece, MAX_ELEMENTS);
    else
        return true;
    return false;
}

static Tensor *gather_build(Model *model, Call *call) {
    Tensor *x = call->argument[GATHER_X].tensor, *indices = call->argument[GATHER_INDEX].tensor;
    if (!check_sizes(model, call, x, indices))
        return NULL;
    const char *name = arena_print(model->arena, "%s.gather", call->binding);
    Step *step = step_new(model, &gather_forward, PHASE_FORWARD, call->place);
    step->in[GATHER_X] = x;
    step->in[GATHER_INDEX] = indices;
    step->out[0] =
        tensor_new(model, name, KIND_ACTIVATION, shape_of(x, indices), true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

const Operator gather_operator = {
    .name = "gather",
    .parameters = {[GATHER_X] = {"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   [GATHER_INDEX] = {"index", ARGUMENT_INDEX, true, 0, 0, 0, {NULL}}},
    .build = gather_build};
