/* verify.c - runs between the passes of every build: what must hold of a Model after each.
 *
 * A violation is a defect of the compiler, never of the model file. */
#include "range.h"

#include <string.h>

static void verify_graph(const Model *model, const char *pass) {
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        if (step->number != i)
            internal_error("after %s: step %d is numbered %d", pass, i, step->number);
        for (int k = 0; k < MAX_OPERANDS; ++k) {
            const Tensor *in = step->in[k];
            if (in && (in->id >= model->tensor_count || model->tensors[in->id] != in))
                internal_error("after %s: step %d reads a tensor that is not listed", pass, i);
            /* What a step keeps, it reads and makes. */
            bool made = in && in->producer && in->producer != step;
            if (made && step->phase == PHASE_FORWARD && in->producer->number >= i)
                internal_error("after %s: step %d reads %s before it is made", pass, i, in->name);
        }
    }
}

/* An error has the shape of its tensor, a gradient that of its parameter. */
static void verify_shapes(const Model *model, const char *pass) {
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (tensor->error && !shape_equal(tensor->error->shape, tensor->shape))
            internal_error("after %s: the error of %s has another shape", pass, tensor->name);
        if (tensor->kind == KIND_PARAMETER && !tensor->gradient)
            internal_error("after %s: %s has no gradient", pass, tensor->name);
        if (tensor->gradient && !shape_equal(tensor->gradient->shape, tensor->shape))
            internal_error("after %s: the gradient of %s has another shape", pass, tensor->name);
    }
}

/* What the runtime's functions require of their arguments. An update's cast has a product of its
 * own instead of a sum. */
static void verify_cast(const char *pass, const Step *step) {
    const Cast *cast = &step->cast;
    const Sum *sum = &step->sum;
    bool summed = sum->type != TYPE_NONE;
    int64_t rounding = cast->shift > 0 ? bound_shift(1, cast->shift) : 0;
    if (step->out[0]->batched && cast->hi > type_most(step->out[0]->format->type))
        internal_error("after %s: the cast of step %d leaves its type", pass, step->number);
    if (cast->lo > cast->hi || cast->shift < -30 || cast->shift > 62)
        internal_error("after %s: the cast of step %d is malformed", pass, step->number);
    if (summed && bound_add(sum->worst_case, rounding) > type_most(sum->type))
        internal_error("after %s: the rounding of step %d does not fit", pass, step->number);
}

static void verify_widths(const Model *model, const char *pass) {
    for (int i = 0; i < model->tensor_count && !is_float(model); ++i) {
        const Tensor *tensor = model->tensors[i];
        if (!tensor->format)
            internal_error("after %s: %s has no format", pass, tensor->name);
        if (tensor->kind != KIND_INPUT && tensor->kind != KIND_TARGET &&
            (tensor->bound < 0 || tensor->bound > type_most(tensor->format->type)))
            internal_error("after %s: %s reaches %lld, more than %s holds", pass, tensor->name,
                           (long long)tensor->bound, type_name(tensor->format->type));
    }
    for (int i = 0; i < model->step_count && !is_float(model); ++i) {
        const Step *step = model->steps[i];
        if (step->sum.worst_case < 0 ||
            (step->sum.type != TYPE_NONE && step->sum.worst_case > type_most(step->sum.type)))
            internal_error("after %s: the sum of step %d does not fit", pass, i);
        if (step->cast.present)
            verify_cast(pass, step);
    }
}

static int64_t elements_of(const Model *model, const Tensor *tensor) {
    if (tensor->kind == KIND_GRADIENT)
        return tensor->row_elements;
    return shape_elements(tensor->shape) * (tensor->batched ? model->settings.batch : 1);
}

static bool same_place(const Model *model, const Tensor *a, const Tensor *b) {
    return a->offset >= 0 && b->offset >= 0 && a->format->type == b->format->type &&
           a->offset < b->offset + elements_of(model, b) &&
           b->offset < a->offset + elements_of(model, a);
}

/* Buffers that overlap are not alive together. What works in place is covered by its root, whose
 * life plan has prolonged. */
static void verify_scratch(const Model *model, const char *pass, const Step *step) {
    bool fused = step->phase == PHASE_UPDATE;
    for (const Scratch *scratch = step->scratch; scratch; scratch = scratch->next) {
        for (int i = 0; i < model->tensor_count; ++i) {
            const Tensor *tensor = model->tensors[i];
            int first = fused ? step->number - 1 : step->number;
            bool alive = tensor->first_use <= step->number && tensor->last_use >= first;
            if (alive && tensor->offset >= 0 && tensor->format->type == scratch->type &&
                tensor->offset < scratch->offset + scratch->elements &&
                scratch->offset < tensor->offset + elements_of(model, tensor))
                internal_error("after %s: scratch of step %d overlaps %s", pass, step->number,
                               tensor->name);
        }
    }
}

static void verify_buffers(const Model *model, const char *pass) {
    for (int i = 0; i < model->step_count; ++i)
        verify_scratch(model, pass, model->steps[i]);
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *a = model->tensors[i];
        for (int k = 0; k < i && !a->buffer_of; ++k) {
            const Tensor *b = model->tensors[k];
            if (!b->buffer_of && same_place(model, a, b) && a->first_use <= b->last_use &&
                b->first_use <= a->last_use)
                internal_error("after %s: %s and %s overlap", pass, a->name, b->name);
        }
    }
}

void verify(const Model *model, const char *pass) {
    verify_graph(model, pass);
    if (strcmp(pass, "check") == 0)
        return;
    verify_shapes(model, pass);
    if (strcmp(pass, "grad") == 0)
        return;
    verify_widths(model, pass);
    if (strcmp(pass, "plan") == 0)
        verify_buffers(model, pass);
}
