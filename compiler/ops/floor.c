/* floor.c - y = floor(x), in the format of its input: the whole number below.
 *
 * The derivative is zero almost everywhere: a gradient wall unless inside ste(...). */
#include "elementwise.h"

static void floor_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_share(model, y, x);
    y->non_negative = x->non_negative;
    typical_set(model, y, x->typical, "floor of %.3g", x->typical);
}

static void floor_settle(Model *model, Step *step) {
    elementwise_settle(model, step);
    whole_settle(model, step, ROUND_FLOOR);
}

static const StepKind floor_forward = {.name = "floor",
                                       .in_roles = {"x"},
                                       .out_roles = {"y"},
                                       .wall = true,
                                       .in_place = true,
                                       .typical = floor_typical,
                                       .settle = floor_settle};

static Tensor *floor_build(Model *model, Call *call) {
    return elementwise_build(model, call, &floor_forward);
}

const Operator floor_operator = {.name = "floor",
                                 .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                 .wall = true,
                                 .build = floor_build};
