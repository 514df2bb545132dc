/* concat.c - a and b side by side in the last dimension: the channels of images, elements of vectors.
 *
 * Both are brought to the finer of their shifts, and cast once. Backwards each gets its part of the
 * error. */
#include "../grad.h"
#include "../range.h"

#include <math.h>

static int64_t last_of(const Tensor *tensor) {
    return tensor->shape.dimension[tensor->shape.rank - 1];
}

/* The format suits the larger of the two. */
static void concat_typical(Model *model, Step *step) {
    const Tensor *a = step->in[0], *b = step->in[1];
    Tensor *y = step->out[0];
    activation_format(model, y);
    y->non_negative = a->non_negative && b->non_negative;
    y->limit = a->limit > 0 && b->limit > 0 ? fmax(a->limit, b->limit) : 0;
    typical_set(model, y, fmax(a->typical, b->typical), "%.3g and %.3g side by side", a->typical,
                b->typical);
}

static void concat_settle(Model *model, Step *step) {
    const Tensor *a = step->in[0], *b = step->in[1];
    int shift = a->format->shift > b->format->shift ? a->format->shift : b->format->shift;
    int a_scale = shift - a->format->shift, b_scale = shift - b->format->shift;
    int64_t a_most = bound_shift(a->bound, a_scale), b_most = bound_shift(b->bound, b_scale);
    step_integer(model, step, "pieces", shape_elements(a->shape) / last_of(a));
    step_integer(model, step, "a_piece", last_of(a));
    step_integer(model, step, "b_piece", last_of(b));
    step_integer(model, step, "a_scale", bound_shift(1, a_scale));
    step_integer(model, step, "b_scale", bound_shift(1, b_scale));
    prove_value(model, step, a_most > b_most ? a_most : b_most, shift);
    cast_out(model, step, ROUND_NEAREST);
}

static void concat_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical, "a part of %s", e_y->name);
}

static void concat_error_settle(Model *model, Step *step) {
    const Tensor *e_y = step->in[0], *e_x = step->out[0];
    step_integer(model, step, "pieces", shape_elements(e_x->shape) / last_of(e_x));
    step_integer(model, step, "piece", last_of(e_x));
    step_integer(model, step, "whole", last_of(e_y));
}

static const StepKind concat_error = {.name = "concat_error",
                                      .in_roles = {"e_y"},
                                      .out_roles = {"e_x"},
                                      .typical = concat_error_typical,
                                      .settle = concat_error_settle};

static void append_error(Model *model, const Step *step, Tensor *x, int64_t offset) {
    if (!x->needs_error)
        return;
    Tensor *e_x = error_new(model, x);
    Step *back = step_with(model, &concat_error, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error}, e_x);
    step_integer(model, back, "offset", offset);
    contribute(model, x, e_x);
}

static void concat_grad(Model *model, Step *step) {
    append_error(model, step, step->in[0], 0);
    append_error(model, step, step->in[1], last_of(step->in[0]));
}

static const StepKind concat_forward = {.name = "concat",
                                        .in_roles = {"a", "b"},
                                        .out_roles = {"y"},
                                        .grad = concat_grad,
                                        .typical = concat_typical,
                                        .settle = concat_settle};

/* Equal but for the last dimension. */
static bool shapes_fit(const Tensor *a, const Tensor *b) {
    Shape shape = b->shape;
    shape.dimension[shape.rank - 1] = last_of(a);
    return a->shape.rank == b->shape.rank && shape_equal(a->shape, shape);
}

static bool check_shapes(Model *model, const Call *call, const Tensor *a, const Tensor *b) {
    bool fit = shapes_fit(a, b);
    int64_t elements = shape_elements(a->shape) + shape_elements(b->shape);
    if (!fit)
        diag_error(model, call->place, "'concat' needs shapes that differ in the last dimension only: "
                   "'%s' is %s, '%s' is %s", a->name, tensor_type(model, a), b->name,
                   tensor_type(model, b));
    else if (elements > MAX_ELEMENTS)
        diag_error(model, call->place, "%lld elements are more than the limit of %d",
                   (long long)elements, MAX_ELEMENTS);
    return fit && elements <= MAX_ELEMENTS;
}

static Tensor *concat_build(Model *model, Call *call) {
    Tensor *a = call->argument[0].tensor, *b = call->argument[1].tensor;
    if (!check_shapes(model, call, a, b))
        return NULL;
    Shape shape = a->shape;
    shape.dimension[shape.rank - 1] += last_of(b);
    const char *name = arena_print(model->arena, "%s.concat", call->binding);
    Step *step = step_new(model, &concat_forward, PHASE_FORWARD, call->place);
    step->in[0] = a;
    step->in[1] = b;
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, shape, true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

const Operator concat_operator = {.name = "concat",
                                  .parameters = {{"a", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                                 {"b", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                  .build = concat_build};
