/* argmax.c - where the largest element of the last dimension is, the first of equal ones.
 *
 * Indices choose, and pass no error on: what x is made of learns by its other uses, or by
 * ste(onehot(argmax(x))), whose error passes straight to x. */
#include "../range.h"

#include "encode.h"

#include <math.h>

enum { MAX_CHOICES = 65536 };

static void argmax_typical(Model *model, Step *step) {
    index_format(model, step->out[0], step->out[0]->classes / sqrt(3),
                 "which is the largest: each as likely as another");
}

static void argmax_settle(Model *model, Step *step) {
    const Tensor *x = step->in[0];
    step_integer(model, step, "width", step->out[0]->classes);
    step_integer(model, step, "positions", shape_elements(x->shape) / step->out[0]->classes);
    step->out[0]->bound = step->out[0]->classes - 1;
}

static const StepKind argmax_forward = {.name = "argmax",
                                        .in_roles = {"x"},
                                        .out_roles = {"indices"},
                                        .wall = true,
                                        .typical = argmax_typical,
                                        .settle = argmax_settle};

static Tensor *argmax_build(Model *model, Call *call) {
    Tensor *x = call->argument[0].tensor;
    Shape shape = x->shape;
    int64_t width = shape.dimension[--shape.rank];
    if (!width_fits(model, call, 2, MAX_CHOICES))
        return NULL;
    const char *name = arena_print(model->arena, "%s.argmax", call->binding);
    Step *step = step_new(model, &argmax_forward, PHASE_FORWARD, call->place);
    step->in[0] = x;
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, shape, true, call->place);
    step->out[0]->classes = (int)width;
    step->out[0]->producer = step;
    return step->out[0];
}

const Operator argmax_operator = {.name = "argmax",
                                  .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                  .build = argmax_build};
