/* index.c - the caller's integers as indices: what is beyond the last counts as the last. */
#include "../range.h"

#include "encode.h"

void index_format(Model *model, Tensor *indices, double typical, const char *reason) {
    Type type = indices->classes <= 128 ? TYPE_I8 : indices->classes <= 32768 ? TYPE_I16 : TYPE_I32;
    format_new(model, indices, type, 1);
    indices->format->bits = type_magnitude_bits(type);
    indices->format->shift_known = true;
    indices->limit = indices->classes - 1;
    indices->non_negative = true;
    indices->exact = true;
    typical_set(model, indices, typical, "%s", reason);
}

static void index_typical(Model *model, Step *step) {
    const Encoding *encoding = step->in[0]->encoding;
    index_format(model, step->out[0], encoding->typical, encoding->reason);
}

static void index_settle(Model *model, Step *step) {
    step_integer(model, step, "elements", shape_elements(step->out[0]->shape));
    step_integer(model, step, "most", step->out[0]->classes - 1);
    step->out[0]->bound = step->out[0]->classes - 1;
}

const StepKind index_step = {.name = "index",
                             .in_roles = {"raw"},
                             .out_roles = {"indices"},
                             .typical = index_typical,
                             .settle = index_settle};
