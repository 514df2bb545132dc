/* onehot.c - n elements for each index: 1 where it points, else 0.
 *
 * Exact in any format that holds 1. A gradient wall, unless it is ste(onehot(argmax(x))): the error
 * of each element passes to that of x. */
#include "elementwise.h"

#include <math.h>

enum { ONEHOT_INDEX, ONEHOT_N };

static void onehot_typical(Model *model, Step *step) {
    Tensor *y = step->out[0];
    unit_set(model, y, "1 or 0");
    y->non_negative = true;
    typical_set(model, y, sqrt(1 / (double)shape_last(y->shape)), "one of %lld is 1",
                (long long)shape_last(y->shape));
}

static void onehot_settle(Model *model, Step *step) {
    const Tensor *indices = step->in[0], *y = step->out[0];
    unit_settle(model, step);
    step_integer(model, step, "width", shape_last(y->shape));
    step_integer(model, step, "positions", shape_elements(indices->shape));
}

static const StepKind onehot_forward = {.name = "onehot",
                                        .in_roles = {"indices"},
                                        .out_roles = {"y"},
                                        .wall = true,
                                        .typical = onehot_typical,
                                        .settle = onehot_settle};

static bool check_sizes(Model *model, const Call *call, int64_t n) {
    const Tensor *indices = call->argument[ONEHOT_INDEX].tensor;
    if (indices->shape.rank == MAX_DIMENSIONS)
        diag_error(model, call->argument[ONEHOT_INDEX].place,
                   "'onehot' adds a dimension to '%s', which has %d already", indices->name,
                   MAX_DIMENSIONS);
    else if (n < indices->classes)
        diag_error(model, call->argument[ONEHOT_N].place,
                   "'%s' has indices up to %d, but 'onehot' %lld elements", indices->name,
                   indices->classes - 1, (long long)n);
    else if (bound_multiply(shape_elements(indices->shape), n) > MAX_ELEMENTS)
        diag_error(model, call->place, "%lld elements for each index are more than the limit of %d",
                   (long long)n, MAX_ELEMENTS);
    else
        return true;
    return false;
}

static Tensor *onehot_build(Model *model, Call *call) {
    Tensor *indices = call->argument[ONEHOT_INDEX].tensor;
    const Argument *given = &call->argument[ONEHOT_N];
    int64_t n = given->given ? (int64_t)given->number : indices->classes;
    if (!check_sizes(model, call, n))
        return NULL;
    Tensor *y = elementwise_build(model, call, &onehot_forward);
    y->shape.dimension[y->shape.rank++] = n;
    return y;
}

const Operator onehot_operator = {
    .name = "onehot",
    .parameters = {[ONEHOT_INDEX] = {"index", ARGUMENT_INDEX, true, 0, 0, 0, {NULL}},
                   [ONEHOT_N] = {"n", ARGUMENT_INTEGER, false, 0, 1, MAX_ELEMENTS, {NULL}}},
    .wall = true,
    .build = onehot_build};
