/* last.c - the last step of a sequence [steps,features]. */
#include "elementwise.h"

static void last_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_inherit(model, y, x);
    y->exact = x->exact;
    typical_set(model, y, x->typical, "the last step of %s", x->name);
}

/* The errors of all other steps are zero. */
static void last_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *e_x = step->out[0];
    format_share(model, e_x, e_y);
    typical_set(model, e_x, e_y->typical, "%s, at the last step", e_y->name);
}

static void last_settle(Model *model, Step *step) {
    elementwise_settle(model, step);
}

static void last_error_settle(Model *model, Step *step) {
    step_integer(model, step, "elements", shape_elements(step->in[0]->shape));
}

static const StepKind last_error = {.name = "last_error",
                                    .in_roles = {"e_y"},
                                    .out_roles = {"e_x"},
                                    .typical = last_error_typical,
                                    .settle = last_error_settle};

static void last_grad(Model *model, Step *step) {
    Tensor *e_x = error_new(model, step->in[0]);
    step_with(model, &last_error, PHASE_BACKWARD, step, (Tensor *[]){step->out[0]->error}, e_x);
    contribute(model, step->in[0], e_x);
}

static const StepKind last_forward = {.name = "last",
                                      .in_roles = {"x"},
                                      .out_roles = {"y"},
                                      .grad = last_grad,
                                      .typical = last_typical,
                                      .settle = last_settle};

static Tensor *last_build(Model *model, Call *call) {
    const Tensor *x = call->argument[0].tensor;
    if (x->shape.rank != 2) {
        diag_error(model, call->argument[0].place, "'last' takes [steps,features], but '%s' is %s",
                   node_source(model->arena, call->node->first), tensor_type(model, x));
        diag_help(model, "a sequence has two dimensions, such as u8[10,1]");
        return NULL;
    }
    Tensor *y = elementwise_build(model, call, &last_forward);
    y->shape = (Shape){1, {x->shape.dimension[1]}};
    return y;
}

const Operator last_operator = {.name = "last",
                                .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                .build = last_build};
