/* add.c - a + b: forwards a residual connection, backwards the errors of a name used twice.
 *
 * Both operands are brought to the finer of their shifts, where the sum is exact, and cast once. */
#include "../grad.h"
#include "../range.h"

#include <math.h>

static void add_typical(Model *model, Step *step) {
    const Tensor *a = step->in[0], *b = step->in[1];
    Tensor *y = step->out[0];
    double rms = sqrt(a->typical * a->typical + b->typical * b->typical);
    if (step->phase == PHASE_FORWARD)
        activation_format(model, y);
    else
        error_format(model, y);
    y->non_negative = step->phase == PHASE_FORWARD && a->non_negative && b->non_negative;
    typical_set(model, y, rms, "sum of %.3g and %.3g", a->typical, b->typical);
}

static void add_settle(Model *model, Step *step) {
    const Tensor *a = step->in[0], *b = step->in[1];
    int shift = a->format->shift > b->format->shift ? a->format->shift : b->format->shift;
    int a_scale = shift - a->format->shift, b_scale = shift - b->format->shift;
    step_integer(model, step, "elements", shape_elements(step->out[0]->shape));
    step_integer(model, step, "a_scale", bound_shift(1, a_scale));
    step_integer(model, step, "b_scale", bound_shift(1, b_scale));
    prove_value(model, step,
                bound_add(bound_shift(a->bound, a_scale), bound_shift(b->bound, b_scale)), shift);
    cast_out(model, step,
             step->phase == PHASE_FORWARD ? ROUND_NEAREST : error_rounding(model));
}

/* The derivative by each operand is 1: both receive the error itself. */
static void add_grad(Model *model, Step *step) {
    for (int i = 0; i < 2; ++i)
        if (step->in[i]->needs_error)
            contribute(model, step->in[i], step->out[0]->error);
}

const StepKind add_step = {.name = "add",
                           .in_roles = {"a", "b"},
                           .out_roles = {"y"},
                           .grad = add_grad,
                           .typical = add_typical,
                           .settle = add_settle};

static Tensor *add_build(Model *model, Call *call) {
    Tensor *a = call->argument[0].tensor, *b = call->argument[1].tensor;
    if (!shape_equal(a->shape, b->shape)) {
        diag_error(model, call->place, "'+' needs equal shapes: '%s' is %s, '%s' is %s", a->name,
                   tensor_type(model, a), b->name, tensor_type(model, b));
        return NULL;
    }
    const char *name = arena_print(model->arena, "%s.add", call->binding);
    Tensor *y = tensor_new(model, name, KIND_ACTIVATION, a->shape, true, call->place);
    Step *step = step_new(model, &add_step, PHASE_FORWARD, call->place);
    step->in[0] = a;
    step->in[1] = b;
    step->out[0] = y;
    y->producer = step;
    return y;
}

const Operator add_operator = {.name = "add",
                               .parameters = {{"a", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                              {"b", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                               .build = add_build};
