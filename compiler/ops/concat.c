/* concat.c - two to six tensors side by side in the last dimension, such as channels of images.
 *
 * All are brought to the finest of their shifts, and cast once. Backwards each gets its part. */
#include "../grad.h"
#include "../range.h"

#include <math.h>

static const char *const roles[MAX_OPERANDS] = {"a", "b", "c", "d", "e", "f"};

static int count_parts(const Step *step) {
    int count = 0;
    while (count < MAX_OPERANDS && step->in[count])
        ++count;
    return count;
}

/* The format suits the largest. */
static void concat_typical(Model *model, Step *step) {
    Tensor *y = step->out[0];
    Text sizes = text_new(model->arena);
    double typical = 0, limit = 0;
    bool limited = true;
    int count = count_parts(step);
    activation_format(model, y);
    y->non_negative = true;
    for (int k = 0; k < count; ++k) {
        const Tensor *part = step->in[k];
        y->non_negative &= part->non_negative;
        limited &= part->limit > 0;
        limit = fmax(limit, part->limit);
        typical = fmax(typical, part->typical);
        text_add(&sizes, "%s%.3g", k == 0 ? "" : k == count - 1 ? " and " : ", ", part->typical);
    }
    y->limit = limited ? limit : 0;
    typical_set(model, y, typical, "%s side by side", sizes.text);
}

static int finest_shift(const Step *step) {
    int shift = step->in[0]->format->shift;
    for (int k = 1; k < count_parts(step); ++k)
        if (step->in[k]->format->shift > shift)
            shift = step->in[k]->format->shift;
    return shift;
}

static void put_integer(Model *model, Step *step, const char *role, const char *what,
                        int64_t value) {
    step_integer(model, step, arena_print(model->arena, "%s_%s", role, what), value);
}

static void concat_settle(Model *model, Step *step) {
    int shift = finest_shift(step);
    int64_t most = 0, at = 0;
    Shape first = step->in[0]->shape;
    step_integer(model, step, "pieces", shape_elements(first) / shape_last(first));
    step_integer(model, step, "whole", shape_last(step->out[0]->shape));
    for (int k = 0; k < count_parts(step); ++k) {
        const Tensor *part = step->in[k];
        int scale = shift - part->format->shift;
        int64_t reach = bound_shift(part->bound, scale);
        put_integer(model, step, roles[k], "at", at);
        put_integer(model, step, roles[k], "piece", shape_last(part->shape));
        put_integer(model, step, roles[k], "scale", bound_shift(1, scale));
        at += shape_last(part->shape);
        most = reach > most ? reach : most;
    }
    prove_value(model, step, most, shift);
    cast_out(model, step, ROUND_NEAREST);
}

static void concat_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical, "a part of %s", e_y->name);
}

static void concat_error_settle(Model *model, Step *step) {
    const Tensor *e_y = step->in[0], *e_x = step->out[0];
    step_integer(model, step, "pieces", shape_elements(e_x->shape) / shape_last(e_x->shape));
    step_integer(model, step, "piece", shape_last(e_x->shape));
    step_integer(model, step, "whole", shape_last(e_y->shape));
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
    int64_t at = 0;
    for (int k = 0; k < count_parts(step); ++k) {
        append_error(model, step, step->in[k], at);
        at += shape_last(step->in[k]->shape);
    }
}

static const StepKind concat_forward = {.name = "concat",
                                        .in_roles = {"a", "b", "c", "d", "e", "f"},
                                        .out_roles = {"y"},
                                        .grad = concat_grad,
                                        .typical = concat_typical,
                                        .settle = concat_settle};

/* Equal but for the last dimension. */
static bool shapes_fit(const Tensor *a, const Tensor *b) {
    Shape shape = b->shape;
    shape.dimension[shape.rank - 1] = shape_last(a->shape);
    return a->shape.rank == b->shape.rank && shape_equal(a->shape, shape);
}

static bool check_part(Model *model, const Call *call, const Tensor *first, const Tensor *part) {
    bool fit = shapes_fit(first, part);
    if (!fit)
        diag_error(model, call->place, "'concat' needs shapes that differ in the last dimension "
                   "only: '%s' is %s, '%s' is %s", first->name, tensor_type(model, first),
                   part->name, tensor_type(model, part));
    return fit;
}

static bool check_size(Model *model, const Call *call, Shape shape) {
    int64_t elements = shape_elements(shape);
    if (elements > MAX_ELEMENTS)
        diag_error(model, call->place, "%lld elements are more than the limit of %d",
                   (long long)elements, MAX_ELEMENTS);
    return elements <= MAX_ELEMENTS;
}

/* A part that is named may leave out others before it: concat(a, b, d = x). */
static Tensor *concat_build(Model *model, Call *call) {
    Tensor *parts[MAX_OPERANDS] = {NULL};
    Shape shape = call->argument[0].tensor->shape;
    int count = 0;
    shape.dimension[shape.rank - 1] = 0;
    for (int k = 0; k < MAX_OPERANDS; ++k) {
        Tensor *part = call->argument[k].tensor;
        if (!part)
            continue;
        if (!check_part(model, call, call->argument[0].tensor, part))
            return NULL;
        shape.dimension[shape.rank - 1] += shape_last(part->shape); /* six of 2^28 at most */
        parts[count++] = part;
    }
    if (!check_size(model, call, shape))
        return NULL;
    const char *name = arena_print(model->arena, "%s.concat", call->binding);
    Step *step = step_new(model, &concat_forward, PHASE_FORWARD, call->place);
    for (int k = 0; k < count; ++k)
        step->in[k] = parts[k];
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, shape, true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

const Operator concat_operator = {.name = "concat",
                                  .parameters = {{"a", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                                 {"b", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                                 {"c", ARGUMENT_TENSOR, false, 0, 0, 0, {NULL}},
                                                 {"d", ARGUMENT_TENSOR, false, 0, 0, 0, {NULL}},
                                                 {"e", ARGUMENT_TENSOR, false, 0, 0, 0, {NULL}},
                                                 {"f", ARGUMENT_TENSOR, false, 0, 0, 0, {NULL}}},
                                  .build = concat_build};
