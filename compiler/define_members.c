/* define_members.c - what the model keeps: the members of its struct, those that are hashed, and
 * those whose mean is taken over the last epochs. */
#include "define.h"
#include "range.h"

static void define_member(Model *model, const char *macro, const Tensor *tensor) {
    text_add(&model->definitions,
             "%s([<%s>],[<%s>],[<%lld>],[<%s>],[<%d>],[<%lld>],[<%lld>])m4_dnl\n", macro,
             type_c_name(tensor->format->type), member_name(model, tensor),
             (long long)shape_elements(tensor->shape), shape_print(model->arena, tensor->shape),
             tensor->format->shift, (long long)tensor->bound,
             (long long)(tensor->non_negative ? 0 : -tensor->bound));
}

/* Arrays that are whole cache lines, which lie first and stay aligned, and the others. */
typedef enum { ANY_SIZE, WHOLE_LINES, BROKEN_LINES } MemberSize;

static bool has_size(const Tensor *tensor, MemberSize size) {
    bool whole = shape_elements(tensor->shape) * type_bytes(tensor->format->type) % 64 == 0;
    return size == ANY_SIZE || whole == (size == WHOLE_LINES);
}

static void define_parameters(Model *model, const char *macro, bool hashed, MemberSize size) {
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *parameter = model->tensors[i];
        if (parameter->kind != KIND_PARAMETER)
            continue;
        const Tensor *kept[] = {
            hashed && parameter->master != parameter ? NULL : parameter,
            parameter->master != parameter ? parameter->master : NULL, parameter->state[0],
            parameter->state[1], hashed ? NULL : parameter->average};
        for (int k = 0; k < 3 + MAX_STATES; ++k)
            if (kept[k] && has_size(kept[k], size))
                define_member(model, macro, kept[k]);
    }
}

/* What a forward step keeps from batch to batch. */
static void define_kept(Model *model, const char *macro, MemberSize size) {
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (tensor->kind == KIND_STATE && tensor->producer && has_size(tensor, size))
            define_member(model, macro, tensor);
    }
}

/* Parameters with their masters and state, and what steps keep. What training agrees on, and so is
 * hashed, is all of it but the copies made from masters. */
static void define_list_of(Model *model, const char *list, const char *macro, bool hashed,
                           MemberSize size) {
    text_add(&model->definitions, "m4_define([<INTC_%s>],[<m4_dnl\n", list);
    define_parameters(model, macro, hashed, size);
    define_kept(model, macro, size);
    if (!hashed && model->correction && has_size(model->correction, size))
        define_member(model, macro, model->correction); /* of no parameter: made from the step */
    text_add(&model->definitions, ">])m4_dnl\n");
}

static const Step *update_of(const Model *model, const Tensor *parameter) {
    int i = 0;
    while (model->steps[i]->phase != PHASE_UPDATE || model->steps[i]->out[0] != parameter->master)
        ++i;
    return model->steps[i];
}

/* Between a master and its storage copy: the shift, or the real unit. */
static char *unit_between(Model *model, const Step *update) {
    if (is_float(model))
        return arena_print(model->arena, "%.9ef", step_real(update, "real_unit"));
    return arena_print(model->arena, "%lld", (long long)step_value(update, "quant_shift"));
}

/* Of a master whose mean is taken: name, elements, type, bound; its storage copy, if it has one,
 * that one's type, what lies between them, whether it keeps signs; the sum. */
static void define_averaged_member(Model *model, const Tensor *parameter) {
    const Tensor *master = parameter->master;
    const Step *update = update_of(model, parameter);
    text_add(&model->definitions,
             "INTC_AVERAGED_MEMBER([<%s>],[<%lld>],[<%s>],[<%lld>],"
             "[<%s>],[<%s>],[<%s>],[<%lld>],[<%s>])m4_dnl\n",
             member_name(model, master), (long long)shape_elements(master->shape),
             type_c_name(master->format->type), (long long)master->bound,
             master == parameter ? "" : member_name(model, parameter),
             type_c_name(parameter->format->type), unit_between(model, update),
             (long long)step_value(update, "signs"), member_name(model, parameter->average));
}

static void define_averaged(Model *model) {
    text_add(&model->definitions, "m4_define([<INTC_AVERAGED>],[<m4_dnl\n");
    for (int i = 0; i < model->tensor_count; ++i)
        if (model->tensors[i]->kind == KIND_PARAMETER && model->tensors[i]->average)
            define_averaged_member(model, model->tensors[i]);
    text_add(&model->definitions, ">])m4_dnl\n");
    define_integer(&model->definitions, "AVERAGE_LAST", model->settings.average_last);
}

void define_members(Model *model) {
    define_list_of(model, "MEMBERS", "INTC_MEMBER", false, WHOLE_LINES);
    define_list_of(model, "ODD_MEMBERS", "INTC_MEMBER", false, BROKEN_LINES);
    define_averaged(model);
    define_list_of(model, "HASHED", "INTC_HASHED_MEMBER", true, ANY_SIZE);
}
