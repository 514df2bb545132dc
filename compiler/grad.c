/* grad.c - appends the backward steps and the updates.
 *
 * Walks the forward steps from the loss to the input. Each step has received the errors of its
 * outputs; its operator appends the steps that make the errors of its inputs and the gradients of
 * its parameters, and the optimizer appends a parameter's update right behind its gradient. */
#include "grad.h"

#include <string.h>

extern const StepKind add_step;

Tensor *error_new(Model *model, const Tensor *tensor) {
    const char *name = arena_print(model->arena, "%s.error", tensor->name);
    return tensor_new(model, name, KIND_ERROR, tensor->shape, true, tensor->place);
}

void append_gradient(Model *model, const StepKind *kind, const Step *like, Tensor *const in[],
                     Tensor *parameter) {
    const char *name = arena_print(model->arena, "%s.gradient", parameter->name);
    Tensor *gradient =
        tensor_new(model, name, KIND_GRADIENT, parameter->shape, false, parameter->place);
    gradient->row_elements = parameter->row_elements;
    gradient->sparse = parameter->sparse;
    parameter->gradient = gradient;
    step_with(model, kind, PHASE_BACKWARD, like, in, gradient);
    model->settings.optimizer->build(model, like, parameter);
}

void contribute(Model *model, Tensor *tensor, Tensor *error) {
    Contribution *contribution = arena_alloc(model->arena, sizeof *contribution);
    contribution->error = error;
    contribution->next = tensor->contributions;
    tensor->contributions = contribution;
}

/* ---- which tensors need an error ------------------------------------------------------------- */

static void mark_needs(Model *model) {
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        bool needed = false;
        for (int k = 0; k < MAX_OPERANDS; ++k)
            if (step->in[k])
                needed |= step->in[k]->kind == KIND_PARAMETER || step->in[k]->needs_error;
        step->out[0]->needs_error = needed;
    }
}

/* The names of the parameters that `tensor` was computed from: "h1.weights, h1.bias". */
static void list_parameters(Text *text, const Tensor *tensor, bool *seen) {
    if (!tensor || seen[tensor->id])
        return;
    seen[tensor->id] = true;
    if (tensor->kind == KIND_PARAMETER)
        text_add(text, text->length ? ", %s" : "%s", tensor->name);
    for (int k = 0; tensor->producer && k < MAX_OPERANDS; ++k)
        list_parameters(text, tensor->producer->in[k], seen);
}

/* The names from the wall to the loss. */
static char *path_to_loss(Model *model, const Step *wall) {
    Text text = text_new(model->arena);
    const Tensor *at = wall->out[0];
    text_add(&text, "%s", at->name);
    for (int i = wall->number + 1; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        for (int k = 0; k < MAX_OPERANDS; ++k) {
            if (step->in[k] != at)
                continue;
            at = is_loss(step) ? NULL : step->out[0];
            text_add(&text, " -> %s", at ? at->name : "loss");
            break;
        }
        if (!at)
            break;
    }
    return text.text;
}

static void report_wall(Model *model, const Step *step) {
    Text parameters = text_new(model->arena);
    bool *seen = arena_alloc(model->arena, (size_t)model->tensor_count * sizeof *seen);
    for (int k = 0; k < MAX_OPERANDS; ++k)
        list_parameters(&parameters, step->in[k], seen);
    const char *name = step->kind->name, *written = step->kind->written;
    diag_error(model, step->place,
               "gradient wall: '%s' has derivative zero almost everywhere, and starves %s",
               written ? written : name, parameters.text);
    diag_note(model, step->place, "the path to the loss: %s", path_to_loss(model, step));
    if (step->in[0]->classes > 0)
        diag_help(model, "write ste(onehot(argmax(...))) of as many elements to pass the error "
                         "straight through, or move it off the gradient path");
    else
        diag_help(model, "write ste(%s%s) to pass the error straight through, or move it off the "
                         "gradient path", written ? written : name, written ? "" : "(...)");
}

/* ---- the walk -------------------------------------------------------------------------------- */

/* Adds up the errors of all uses of `tensor`, of which there is one at least. */
static void add_up_errors(Model *model, const Step *like, Tensor *tensor) {
    const Contribution *contribution = tensor->contributions;
    Tensor *sum = contribution->error;
    while ((contribution = contribution->next)) {
        Tensor *operands[] = {sum, contribution->error};
        Tensor *total = error_new(model, tensor);
        step_with(model, &add_step, PHASE_BACKWARD, like, operands, total);
        sum = total;
    }
    tensor->error = sum;
}

/* What the error passes straight to: the first operand, or what its indices were taken from. */
static Tensor *straight_source(const Step *step) {
    Tensor *x = step->in[0];
    return x->classes > 0 ? x->producer->in[0] : x;
}

static void walk_back(Model *model, Step *step) {
    Tensor *result = step->out[0];
    if (!is_loss(step) && (!result->needs_error || !result->contributions))
        return;
    if (!is_loss(step))
        add_up_errors(model, step, result);
    if (step->straight_through && shape_equal(straight_source(step)->shape, result->shape))
        contribute(model, straight_source(step), result->error);
    else if (step->kind->wall)
        report_wall(model, step);
    else
        step->kind->grad(model, step);
}

/* What only conditions and choices read gets no error, though no wall stands in its way. */
static void check_gradients(Model *model) {
    for (int i = 0; i < model->tensor_count && model->source.errors == 0; ++i) {
        const Tensor *parameter = model->tensors[i];
        if (parameter->kind != KIND_PARAMETER || parameter->gradient)
            continue;
        diag_error(model, parameter->place, "no error reaches '%s': what is computed from it only "
                   "chooses, and is not passed on", parameter->name);
        diag_help(model, "let its values reach the loss as well, or compute the choice from the "
                         "input alone");
    }
}

/* Execution order: parameters are drawn before anything else runs. Their streams are numbered first
 * too, so that every precision draws the same weights. */
static void put_init_first(Model *model) {
    Step **ordered = arena_alloc(model->arena, (size_t)model->step_count * sizeof *ordered);
    int count = 0;
    for (int init = 1; init >= 0; --init)
        for (int i = 0; i < model->step_count; ++i)
            if ((model->steps[i]->phase == PHASE_INIT) == init)
                ordered[count++] = model->steps[i];
    for (int i = 0; i < count; ++i) {
        model->steps[i] = ordered[i];
        model->steps[i]->number = i;
        if (ordered[i]->phase == PHASE_INIT)
            ordered[i]->cast.site = model->sites++;
    }
}

static bool losses_depend(Model *model) {
    for (int i = 0; i < model->step_count; ++i) {
        if (!is_loss(model->steps[i]) || model->steps[i]->in[0]->needs_error)
            continue;
        diag_error(model, model->steps[i]->place,
                   "the loss depends on no parameter: nothing learns");
        diag_help(model, "put a layer between the input and the loss, such as dense(x, 10)");
        return false;
    }
    return true;
}

void grad(Model *model) {
    int forward_steps = model->step_count;
    mark_needs(model);
    if (!losses_depend(model))
        return;
    if (model->settings.optimizer->begin)
        model->settings.optimizer->begin(model);
    for (int i = forward_steps - 1; i >= 0; --i)
        walk_back(model, model->steps[i]);
    check_gradients(model);
    put_init_first(model);
}
