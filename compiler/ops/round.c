/* round.c - y = round(x), in the format of its input: the nearest whole number, halves upwards.
 *
 * The derivative is zero almost everywhere: a gradient wall unless inside ste(...). */
#include "elementwise.h"

static void round_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_share(model, y, x);
    y->non_negative = x->non_negative;
    typical_set(model, y, x->typical, "round of %.3g", x->typical);
}

static void round_settle(Model *model, Step *step) {
    elementwise_settle(model, step);
    whole_settle(model, step, ROUND_NEAREST);
}

static const StepKind round_forward = {.name = "round",
                                       .in_roles = {"x"},
                                       .out_roles = {"y"},
                                       .wall = true,
                                       .in_place = true,
                                       .typical = round_typical,
                                       .settle = round_settle};

static Tensor *round_build(Model *model, Call *call) {
    return elementwise_build(model, call, &round_forward);
}

const Operator round_operator = {.name = "round",
                                 .parameters = {{"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}}},
                                 .wall = true,
                                 .build = round_build};
