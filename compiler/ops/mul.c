/* mul.c - a * b, element by element: a gate. Each operand's error is the other times the error. */
#include "../grad.h"
#include "../range.h"

static void product_typical(Model *model, Step *step) {
    Tensor *a = step->in[0], *b = step->in[1], *y = step->out[0];
    if (step->phase == PHASE_FORWARD)
        activation_format(model, y);
    else
        error_format(model, y);
    y->non_negative = step->phase == PHASE_FORWARD && a->non_negative && b->non_negative;
    typical_set(model, y, a->typical * b->typical, "product of %.3g and %.3g", a->typical,
                b->typical);
    sum_set(step, a, b, NULL, 1);
}

static void product_settle(Model *model, Step *step) {
    step_integer(model, step, "elements", shape_elements(step->out[0]->shape));
    prove_sum(model, step);
    cast_out(model, step, step->phase == PHASE_FORWARD ? ROUND_NEAREST : error_rounding(model));
}

static const StepKind mul_error = {.name = "mul_error",
                                   .in_roles = {"e_y", "other"},
                                   .out_roles = {"e_x"},
                                   .typical = product_typical,
                                   .settle = product_settle};

static void mul_grad(Model *model, Step *step) {
    for (int i = 0; i < 2; ++i) {
        if (!step->in[i]->needs_error)
            continue;
        Tensor *e_x = error_new(model, step->in[i]);
        step_with(model, &mul_error, PHASE_BACKWARD, step,
                  (Tensor *[]){step->out[0]->error, step->in[1 - i]}, e_x);
        contribute(model, step->in[i], e_x);
    }
}

static const StepKind mul_forward = {.name = "mul",
                                     .in_roles = {"a", "b"},
                                     .out_roles = {"y"},
                                     .grad = mul_grad,
                                     .typical = product_typical,
                                     .settle = product_settle};

static Tensor *mul_build(Model *model, Call *call) {
    Tensor *a = call->argument[0].tensor, *b = call->argument[1].tensor;
    if (!shape_equal(a->shape, b->shape)) {
        diag_error(model, call->place, "'*' needs equal shapes: '%s' is %s, '%s' is %s", a->name,
                   tensor_type(model, a), b->name, tensor_type(model, b));
        return NULL;
    }
    const char *name = arena_print(model->arena, "%s.mul", call->binding);
    Tensor *y = tensor_new(model, name, KIND_ACTIVATION, a->shape, true, call->place);
    Step *step = step_new(model, &mul_forward, PHASE_FORWARD, call->place);
    step->in[0] = a;
    step->in[1] = b;
    step->out[0] = y;
    y->producer = step;
    return y;
}

const Operator mul_operator = {.name = "mul",
                               .parameters = {{"a", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},
                                              {"b", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                               .build = mul_build};
