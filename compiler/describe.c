/* describe.c - words about the model, for comments, reports and dumps. */
#include "intc.h"
#include "range.h"

#include <string.h>

char *step_source(Model *model, const Step *step) {
    char *text = node_source(model->arena, step->source);
    for (char *at = text; *at; ++at)
        if (strchr("\"\\\n\r", *at) || (*at == '/' && at > text && at[-1] == '*') ||
            (unsigned char)*at >= 127)
            *at = ' ';
    return text;
}

char *tensor_describe(Model *model, const Tensor *tensor) {
    const char *shape = tensor->shape.rank ? shape_print(model->arena, tensor->shape) : "";
    const char *type = type_name(tensor->format->type);
    bool raw = tensor->kind == KIND_INPUT || tensor->kind == KIND_TARGET;
    if (tensor->format->type == TYPE_F32 || raw)
        return arena_print(model->arena, "%s %s%s", tensor->name, type, shape);
    return arena_print(model->arena, "%s %s%s >>%d", tensor->name, type, shape,
                       tensor->format->shift);
}

char *tensor_type(Model *model, const Tensor *tensor) {
    const Tensor *raw = tensor->producer->in[0];
    const char *type = raw->kind == KIND_INPUT ? type_name(raw->encoding->raw) : "";
    return arena_print(model->arena, "%s%s", type, shape_print(model->arena, tensor->shape));
}

char *precision_text(Model *model) {
    const Precision *precision = &model->settings.precision;
    if (precision->weights == precision->activations &&
        precision->weights == precision->gradients &&
        (precision->master == TYPE_I32 || precision->master == TYPE_F32))
        return arena_print(model->arena, "%s", type_name(precision->weights));
    return arena_print(model->arena, "weights %s, activations %s, gradients %s, master %s",
                       type_name(precision->weights), type_name(precision->activations),
                       type_name(precision->gradients), type_name(precision->master));
}

static int steps_of_base(const Model *model, const char *name, size_t length, Kind kind) {
    int count = 0;
    for (int i = 0; i < model->step_count; ++i) {
        const Tensor *out = model->steps[i]->out[0];
        count += model->steps[i]->counter && out->kind == kind &&
                 strncmp(out->name, name, length) == 0 &&
                 (out->name[length] == '.' || out->name[length] == '\0');
    }
    return count;
}

char *counter_name(Model *model, const Step *step) {
    const Tensor *tensor = step->out[0];
    size_t length = strcspn(tensor->name, ".");
    if (steps_of_base(model, tensor->name, length, tensor->kind) > 1)
        return arena_print(model->arena, "%s", tensor->name);
    return arena_print(model->arena, "%.*s%s", (int)length, tensor->name,
                       tensor->kind == KIND_ERROR ? ".error" : "");
}

int logits_shift(const Model *model) {
    const Format *format = model->logits->format;
    if (!is_float(model))
        return format->shift;
    return type_magnitude_bits(TYPE_I16) -
           ceil_log2(format->span_factor * model->logits->typical);
}
