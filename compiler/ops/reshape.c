/* reshape.c - the same elements in another shape: a flatten whose result has more dimensions. */
#include "elementwise.h"

extern const StepKind flatten_step;

/* The dimensions of the call; false after a message where they hold more or fewer elements. */
static bool read_shape(Model *model, const Call *call, Shape *shape) {
    const Tensor *x = call->argument[0].tensor;
    int64_t elements = 1;
    *shape = (Shape){0};
    for (int i = 1; i <= MAX_DIMENSIONS && call->argument[i].given; ++i) {
        shape->dimension[shape->rank++] = (int64_t)call->argument[i].number;
        elements = bound_multiply(elements, (int64_t)call->argument[i].number);
    }
    if (elements == shape_elements(x->shape))
        return true;
    diag_error(model, call->place, "'%s' is %s: its %lld elements are not %s",
               node_source(model->arena, call->node->first), tensor_type(model, x),
               (long long)shape_elements(x->shape), shape_print(model->arena, *shape));
    return false;
}

static Tensor *reshape_build(Model *model, Call *call) {
    Shape shape;
    if (!read_shape(model, call, &shape))
        return NULL;
    Tensor *y = elementwise_build(model, call, &flatten_step);
    y->shape = shape;
    return y;
}

const Operator reshape_operator = {
    .name = "reshape",
    .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                   {"d1", ARGUMENT_INTEGER, true, 0, 1, MAX_ELEMENTS, {NULL}},
                   {"d2", ARGUMENT_INTEGER, false, 0, 1, MAX_ELEMENTS, {NULL}},
                   {"d3", ARGUMENT_INTEGER, false, 0, 1, MAX_ELEMENTS, {NULL}},
                   {"d4", ARGUMENT_INTEGER, false, 0, 1, MAX_ELEMENTS, {NULL}}},
    .build = reshape_build};
