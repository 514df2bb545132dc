/* define_step.c - a step becomes one macro, which defines its operands, attributes, sum and cast,
 * and then calls the template of its kind. No operator is known here: roles and attributes carry
 * their own names. */
#include "define.h"

#include <stdlib.h>
#include <string.h>

enum { COMMENT_COLUMNS = 100 };

/* ---- operands -------------------------------------------------------------------------------- */

const char *element_type(const Tensor *tensor) {
    bool byte = tensor->format->type == TYPE_I8 && tensor->non_negative;
    return byte ? "uint8_t" : type_c_name(tensor->format->type);
}

char *place_expression(Model *model, const Tensor *tensor) {
    if (tensor->kind == KIND_INPUT)
        return arena_print(model->arena, "input");
    if (tensor->kind == KIND_TARGET)
        return arena_print(model->arena, "target");
    if (tensor->offset < 0)
        return arena_print(model->arena, "m->%s", member_name(model, tensor));
    const char *pool = type_name(tensor->format->type);
    char *at = arena_print(model->arena, "m->%s + %lld", pool, (long long)tensor->offset);
    if (strcmp(element_type(tensor), type_c_name(tensor->format->type)) == 0)
        return at;
    return arena_print(model->arena, "(%s *)(%s)", element_type(tensor), at);
}

/* The memory of a gradient's rows or of scratch, and the same where each thread has its own; PLACE
 * is what the macros for these take. */
static void define_own(Model *model, Text *out, const char *name, Type type, int64_t offset,
                       int64_t own_offset) {
    const char *pool = type_name(type);
    char *shared = arena_print(model->arena, "m->%s + %lld", pool, (long long)offset);
    char *place = arena_print(model->arena, "%s, %lld, %lld", pool, (long long)offset,
                              (long long)own_offset);
    char *own = arena_print(model->arena, "INT_OWN(m, %s)", place);
    define_text(out, name, shared);
    define_text(out, arena_print(model->arena, "OWN_%s", name), own_offset < 0 ? shared : own);
    define_text(out, arena_print(model->arena, "%s_PLACE", name), place);
}

static void define_operand(Model *model, Text *out, const char *role, const Tensor *tensor) {
    const char *name = upper(model, role);
    if (!tensor) {
        define_text(out, name, "");
        return;
    }
    if (tensor->kind == KIND_GRADIENT)
        define_own(model, out, name, tensor->format->type, tensor->offset, tensor->own_offset);
    else
        define_text(out, name, place_expression(model, tensor));
    define_text(out, arena_print(model->arena, "%s_TYPE", name), element_type(tensor));
    define_text(out, arena_print(model->arena, "%s_NAME", name), tensor->name);
    define_integer(out, arena_print(model->arena, "%s_SIZE", name), shape_elements(tensor->shape));
}

static void define_operands(Model *model, Text *out, const Step *step) {
    for (int k = 0; step->kind->in_roles[k]; ++k)
        define_operand(model, out, step->kind->in_roles[k], step->in[k]);
    for (int k = 0; step->kind->out_roles[k]; ++k)
        define_operand(model, out, step->kind->out_roles[k], step->out[k]);
    for (const Scratch *scratch = step->scratch; scratch; scratch = scratch->next)
        define_own(model, out, upper(model, scratch->role), scratch->type, scratch->offset,
                   scratch->own_offset);
}

/* ---- attributes, sum, cast ------------------------------------------------------------------- */

static void define_list(Model *model, Text *out, const Attribute *attribute) {
    Text list = text_new(model->arena);
    for (int64_t i = 0; i < attribute->count; ++i) {
        text_add(&list, i == 0 ? "" : i % 8 == 0 ? ",\n        " : ", ");
        if (attribute->reals)
            text_add(&list, "%.9ef", attribute->reals[i]);
        else
            text_add(&list, "%lld", (long long)attribute->values[i]);
    }
    const char *name = upper(model, attribute->name);
    define_text(out, name, list.text);
    define_integer(out, arena_print(model->arena, "%s_COUNT", name), attribute->count);
}

static void define_attributes(Model *model, Text *out, const Step *step) {
    for (const Attribute *attribute = step->attributes; attribute; attribute = attribute->next) {
        if (attribute->text)
            define_text(out, upper(model, attribute->name), attribute->text);
        else
            define_list(model, out, attribute);
    }
}

static void define_sum(Text *out, const Sum *sum) {
    define_text(out, "SUM_TYPE", type_c_name(sum->type));
    define_text(out, "SUM_WIDTH", sum->type == TYPE_I64 ? "64" : "");
}

static void define_cast(Model *model, Text *out, const Step *step) {
    const Cast *cast = &step->cast;
    define_text(out, "CAST", cast->present ? rounding_name(cast->rounding) : "");
    define_integer(out, "CAST_SHIFT", cast->shift < 0 ? -cast->shift : cast->shift);
    define_integer(out, "CAST_LO", cast->lo);
    define_integer(out, "CAST_HI", cast->hi);
    define_integer(out, "CAST_SATURATES", cast->saturate);
    define_integer(out, "CAST_SITE", cast->site);
    define_integer(out, "CAST_FIELD", cast->field);
    define_text(out, "COUNTER", step->counter
                                    ? arena_print(model->arena, "%d", step->counter - 1)
                                    : "");
}

/* ---- the comment above a step ---------------------------------------------------------------- */

/* Names and formats, several to a line; lines go on under the first name. */
static void describe_operands(Model *model, Text *out, const char *indent, size_t start,
                              Tensor *const *operands) {
    size_t column = start;
    bool first = true;
    for (int k = 0; k < MAX_OPERANDS; ++k) {
        if (!operands[k])
            continue;
        const char *text = tensor_describe(model, operands[k]);
        bool fits = column + strlen(text) + 3 < COMMENT_COLUMNS;
        if (!first)
            text_add(out, ",%s", fits ? " " : arena_print(model->arena, "\n%s *   ", indent));
        column = (first || fits ? column : strlen(indent) + 5) + strlen(text) + 2;
        text_add(out, "%s", text);
        first = false;
    }
}

static void describe_cast(Text *out, const Cast *cast) {
    if (!cast->present)
        return;
    text_add(out, "; cast %s%d, %s%s", cast->shift < 0 ? "<<" : ">>", abs(cast->shift),
             rounding_name(cast->rounding), cast->saturate ? ", saturates" : "");
}

static void describe_sum(Text *out, const char *indent, const Step *step) {
    const Sum *sum = &step->sum;
    if (sum->type == TYPE_NONE || sum->type == TYPE_F32)
        return;
    text_add(out, "\n%s * sum in %s >>%d: at most %lld, %d bits free", indent,
             type_name(sum->type), sum->shift, (long long)sum->worst_case, sum->headroom_bits);
    describe_cast(out, &step->cast);
}

/* In the loop over the rows of a gradient. */
static bool updates_rows(const Step *step) {
    return step->phase == PHASE_UPDATE && step->in[0];
}

static char *describe(Model *model, const Step *step) {
    Text text = text_new(model->arena);
    const char *indent = updates_rows(step) ? "        " : "    ";
    if (step->source && step->place.line > 0 && step->phase != PHASE_UPDATE)
        text_add(&text, "line %d: %s\n%s * ", step->place.line, step_source(model, step), indent);
    text_add(&text, "%s: ", step->kind->name);
    describe_operands(model, &text, indent, strlen(indent) + strlen(step->kind->name) + 5,
                      step->in);
    text_add(&text, "\n%s *   -> ", indent);
    describe_operands(model, &text, indent, strlen(indent) + 8, step->out);
    describe_sum(&text, indent, step);
    return text.text;
}

/* ---- the distributed form -------------------------------------------------------------------- */

static const Tensor *gradient_of(const Step *step) {
    bool makes = step->out[0]->kind == KIND_GRADIENT;
    return makes ? step->out[0] : step->phase == PHASE_UPDATE ? step->in[0] : NULL;
}

/* How many sums of that type are complete behind a step. */
static int64_t sums_made(const Model *model, const Step *last, Type type) {
    int64_t made = 0;
    for (int i = 0; i <= last->number; ++i) {
        const Tensor *out = model->steps[i]->out[0];
        if (out->kind == KIND_GRADIENT && out->format->type == type)
            made = out->sum_offset + shape_elements(out->shape);
    }
    return made;
}

static void define_sums(Model *model, Text *out, const Step *step) {
    const Tensor *gradient = gradient_of(step);
    if (!gradient || !model->options.distributed)
        return;
    define_text(out, "SUMS", arena_print(model->arena, "m->sums_%s + %lld",
                                         type_name(gradient->format->type),
                                         (long long)gradient->sum_offset));
    define_text(out, "SUMS_TYPE", type_c_name(gradient->format->type));
    define_integer(out, "SUMS_ROW", gradient->row_elements);
    define_integer(out, "SUMS_ROWS", shape_elements(gradient->shape) / gradient->row_elements);
    define_text(out, "READY", arena_print(model->arena, "%lld, %lld",
                                          (long long)sums_made(model, step, TYPE_I32),
                                          (long long)sums_made(model, step, TYPE_I64)));
}

/* ---- the step -------------------------------------------------------------------------------- */

/* Behind each step a hook for tests; behind a gradient's row, in the loop that an update closes. */
static void define_trace(Text *out, const Step *step) {
    const Tensor *made = step->out[0];
    if (made->kind == KIND_GRADIENT)
        text_add(out, "        INT_TRACE_GRADIENT(m, %d, row, 0, g, %lld);\n", step->number,
                 (long long)made->row_elements);
    else
        text_add(out, "    INT_TRACE(m, %d);\n", step->number);
}

/* Samples that a step is run for: forwards and in the loss as many as the call has, backwards the
 * whole batch, or the slice of it that the distributed form is given. */
static const char *samples_expression(Model *model, const Step *step) {
    bool per_call = step->phase == PHASE_FORWARD || is_loss(step);
    if (per_call || model->options.distributed)
        return "rows";
    return arena_print(model->arena, "%d", model->settings.batch);
}

/* A gradient's template opens the loop over its rows, and the update closes it. The distributed
 * form has two loops: one adds the gradient to the sums, another one reads them. */
static void define_call(Model *model, Text *out, const Step *step) {
    bool distributed = model->options.distributed;
    if (distributed && updates_rows(step))
        text_add(out, "INTC_EACH_ROW_OF_SUMS[<>]m4_dnl\n");
    text_add(out, "INTC_%s[<>]m4_dnl\n", step->kind->name);
    define_trace(out, step);
    if (distributed && step->out[0]->kind == KIND_GRADIENT)
        text_add(out, "INTC_ADD_TO_SUMS[<>]m4_dnl\n");
}

static bool is_in_place(const Step *step) {
    return step->kind->in_place && step->out[0]->buffer_of == step->in[0];
}

void define_step(Model *model, const Step *step) {
    Text body = text_new(model->arena);
    define_text(&body, "ABOUT", describe(model, step));
    define_text(&body, "SAMPLES", samples_expression(model, step));
    define_operands(model, &body, step);
    define_text(&body, "OUT_TYPE", element_type(step->out[0]));
    define_integer(&body, "IN_PLACE", is_in_place(step));
    define_attributes(model, &body, step);
    define_sum(&body, &step->sum);
    define_cast(model, &body, step);
    define_sums(model, &body, step);
    define_call(model, &body, step);
    text_add(&model->definitions, "m4_define([<INTC_STEP_%d>],[<m4_dnl\n%s>])m4_dnl\n",
             step->number, body.text);
}
