/* define.c - everything that templates may say, as m4 definitions.
 *
 * The compiler has computed every number; here each gets its name. A step becomes one macro that
 * defines its operands, attributes, sum and cast, and then calls the template of its kind. No
 * operator is known here: roles and attributes carry their own names. templates/README.md lists
 * every definition. */
#include "intc.h"
#include "range.h"
#include "reserved.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { COMMENT_COLUMNS = 100 };

/* ---- words ------------------------------------------------------------------------------------ */

static char *upper(Model *model, const char *text) {
    char *copy = arena_copy(model->arena, text, strlen(text));
    for (char *at = copy; *at; ++at)
        *at = (char)toupper((unsigned char)*at);
    return copy;
}

/* h1.weights.master -> h1_weights_master */
static char *member_name(Model *model, const Tensor *tensor) {
    char *copy = arena_copy(model->arena, tensor->name, strlen(tensor->name));
    for (char *at = copy; *at; ++at)
        if (*at == '.')
            *at = '_';
    return copy;
}

/* The value is quoted twice: once for m4_define, once so that expanding it reads no macros in it. */
static void define_text(Text *out, const char *name, const char *value) {
    text_add(out, "m4_define([<INTC_%s>],[<[<%s>]>])m4_dnl\n", name, value);
}

static void define_integer(Text *out, const char *name, int64_t value) {
    text_add(out, "m4_define([<INTC_%s>],[<%lld>])m4_dnl\n", name, (long long)value);
}

/* A C string literal; every byte that is not plain becomes an octal escape. */
static char *c_string(Model *model, const char *value) {
    Text text = text_new(model->arena);
    text_add(&text, "\"");
    for (const char *at = value; *at; ++at) {
        bool plain = islower((unsigned char)*at) || isdigit((unsigned char)*at) ||
                     strchr("/.-", *at);
        text_add(&text, plain ? "%c" : "\\%03o", plain ? *at : (unsigned char)*at);
    }
    text_add(&text, "\"");
    return text.text;
}

/* ---- operands --------------------------------------------------------------------------------- */

/* A byte that is never negative is read as uint8_t: the same bits, and what dot-product
 * instructions want. */
static const char *element_type(const Tensor *tensor) {
    bool byte = tensor->format->type == TYPE_I8 && tensor->non_negative;
    return byte ? "uint8_t" : type_c_name(tensor->format->type);
}

/* C expression for the first element. */
static char *place_expression(Model *model, const Tensor *tensor) {
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

/* The memory of a gradient's rows or of scratch, and the same where each thread has its own. */
static void define_own(Model *model, Text *out, const char *name, Type type, int64_t offset,
                       int64_t own_offset) {
    const char *pool = type_name(type);
    char *shared = arena_print(model->arena, "m->%s + %lld", pool, (long long)offset);
    char *own = arena_print(model->arena, "INT_OWN(m, %s, %lld, %lld)", pool, (long long)offset,
                            (long long)own_offset);
    define_text(out, name, shared);
    define_text(out, arena_print(model->arena, "OWN_%s", name), own_offset < 0 ? shared : own);
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

/* ---- attributes, sum, cast -------------------------------------------------------------------- */

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

/* ---- the comment above a step ----------------------------------------------------------------- */

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

/* ---- the distributed form ----------------------------------------------------------------------- */

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

static void define_sums_arrays(Model *model) {
    Text *out = &model->definitions;
    text_add(out, "m4_define([<INTC_SUMS_ARRAYS>],[<m4_dnl\n");
    for (int k = 0; k < SUMS; ++k)
        if (model->sums[k].elements > 0)
            text_add(out, "INTC_SUMS_ARRAY([<%s>],[<sums_%s>],[<%lld>])m4_dnl\n",
                     type_c_name(model->sums[k].type), type_name(model->sums[k].type),
                     (long long)model->sums[k].elements);
    text_add(out, ">])m4_dnl\n");
}

/* ---- steps ------------------------------------------------------------------------------------ */

/* Behind each step a hook for tests; behind a gradient's row, in the loop that the update closes. */
static void define_trace(Text *out, const Step *step) {
    const Tensor *made = step->out[0];
    if (made->kind == KIND_GRADIENT)
        text_add(out, "        INT_TRACE_GRADIENT(m, %d, row, 0, g, %lld);\n", step->number,
                 (long long)made->row_elements);
    else
        text_add(out, "    INT_TRACE(m, %d);\n", step->number);
}

/* Samples that a step is run for: forwards and in the loss as many as the call has, backwards the whole
 * batch, or the slice of it that the distributed form is given. */
static const char *samples_expression(Model *model, const Step *step) {
    bool per_call = step->phase == PHASE_FORWARD || is_loss(step);
    if (per_call || model->options.distributed)
        return "rows";
    return arena_print(model->arena, "%d", model->settings.batch);
}

/* A gradient's template opens the loop over its rows, and the update closes it. The distributed form has
 * two loops: one adds the gradient to the sums, another one reads them. */
static void define_call(Model *model, Text *out, const Step *step) {
    bool distributed = model->options.distributed;
    if (distributed && updates_rows(step))
        text_add(out, "INTC_EACH_ROW_OF_SUMS[<>]m4_dnl\n");
    text_add(out, "INTC_%s[<>]m4_dnl\n", step->kind->name);
    define_trace(out, step);
    if (distributed && step->out[0]->kind == KIND_GRADIENT)
        text_add(out, "INTC_ADD_TO_SUMS[<>]m4_dnl\n");
}

static void define_step(Model *model, const Step *step) {
    Text body = text_new(model->arena);
    define_text(&body, "ABOUT", describe(model, step));
    define_text(&body, "SAMPLES", samples_expression(model, step));
    define_operands(model, &body, step);
    if (step->out[0])
        define_text(&body, "OUT_TYPE", element_type(step->out[0]));
    define_integer(&body, "IN_PLACE", step->kind->in_place && step->out[0]->buffer_of == step->in[0]);
    define_attributes(model, &body, step);
    define_sum(&body, &step->sum);
    define_cast(model, &body, step);
    define_sums(model, &body, step);
    define_call(model, &body, step);
    text_add(&model->definitions, "m4_define([<INTC_STEP_%d>],[<m4_dnl\n%s>])m4_dnl\n",
             step->number, body.text);
}

static void define_phase(Model *model, const char *name, Phase first, Phase last) {
    text_add(&model->definitions, "m4_define([<INTC_%s_STEPS>],[<", name);
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        if (!is_loss(step) && step->phase >= first && step->phase <= last)
            text_add(&model->definitions, "INTC_STEP_%d[<>]", i);
    }
    text_add(&model->definitions, ">])m4_dnl\n");
}

/* What a slice of no samples has to do, too: steps that add up over all slices. */
static void define_common_steps(Model *model) {
    text_add(&model->definitions, "m4_define([<INTC_COMMON_STEPS>],[<");
    for (int i = 0; i < model->step_count; ++i)
        if (model->steps[i]->kind->whole_batch)
            text_add(&model->definitions, "INTC_STEP_%d[<>]", i);
    text_add(&model->definitions, ">])m4_dnl\n");
}

static void define_steps(Model *model) {
    for (int i = 0; i < model->step_count; ++i)
        define_step(model, model->steps[i]);
    define_phase(model, "INIT", PHASE_INIT, PHASE_INIT);
    define_phase(model, "FORWARD", PHASE_FORWARD, PHASE_FORWARD);
    define_phase(model, "BACKWARD", PHASE_BACKWARD,
                 model->options.distributed ? PHASE_BACKWARD : PHASE_UPDATE);
    define_phase(model, "UPDATE", PHASE_UPDATE, PHASE_UPDATE);
    define_common_steps(model);
    text_add(&model->definitions, "m4_define([<INTC_LOSS_STEPS>],[<");
    for (int i = 0; i < model->step_count; ++i)
        if (is_loss(model->steps[i]))
            text_add(&model->definitions, "INTC_STEP_%d[<>]", i);
    text_add(&model->definitions, ">])m4_dnl\n");
}

/* ---- the struct ------------------------------------------------------------------------------- */

static void define_member(Model *model, const char *macro, const Tensor *tensor) {
    text_add(&model->definitions, "%s([<%s>],[<%s>],[<%lld>],[<%s>],[<%d>],[<%lld>],[<%lld>])m4_dnl\n", macro,
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

/* What a model keeps: parameters with their masters and state, and what steps keep. What training agrees on,
 * and so is hashed, is all of it but the copies made from masters. */
static void define_members(Model *model, const char *list, const char *macro, bool hashed,
                           MemberSize size) {
    text_add(&model->definitions, "m4_define([<INTC_%s>],[<m4_dnl\n", list);
    define_parameters(model, macro, hashed, size);
    define_kept(model, macro, size);
    if (!hashed && model->correction && has_size(model->correction, size))
        define_member(model, macro, model->correction); /* of no parameter: it follows from the step */
    text_add(&model->definitions, ">])m4_dnl\n");
}

static const Step *update_of(const Model *model, const Tensor *parameter) {
    int i = 0;
    while (model->steps[i]->phase != PHASE_UPDATE || model->steps[i]->out[0] != parameter->master)
        ++i;
    return model->steps[i];
}

/* Of a master whose mean is taken: name, elements, type, bound; its storage copy, if it has one, that one's type,
 * the shift or the real unit between them, whether it keeps signs; the sum. */
static void define_averaged_member(Model *model, const Tensor *parameter) {
    const Tensor *master = parameter->master;
    const Step *update = update_of(model, parameter);
    char *unit = is_float(model) ? arena_print(model->arena, "%.9ef", step_real(update, "real_unit"))
                                 : arena_print(model->arena, "%lld", (long long)step_value(update, "quant_shift"));
    text_add(&model->definitions,
             "INTC_AVERAGED_MEMBER([<%s>],[<%lld>],[<%s>],[<%lld>],[<%s>],[<%s>],[<%s>],[<%lld>],[<%s>])m4_dnl\n",
             member_name(model, master), (long long)shape_elements(master->shape),
             type_c_name(master->format->type), (long long)master->bound,
             master == parameter ? "" : member_name(model, parameter), type_c_name(parameter->format->type), unit,
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

static void define_pools(Model *model, const char *name, const Pool pools[POOLS]) {
    Text *out = &model->definitions;
    text_add(out, "m4_define([<INTC_%s>],[<m4_dnl\n", name);
    for (int i = 0; i < POOLS; ++i)
        if (pools[i].elements > 0)
            text_add(out, "INTC_POOL([<%s>],[<%s>],[<%lld>])m4_dnl\n", type_c_name(pools[i].type),
                     type_name(pools[i].type), (long long)pools[i].elements);
    text_add(out, ">])m4_dnl\n");
}

static bool has_training_steps(const Model *model) {
    for (int i = 0; i < model->step_count; ++i)
        if (model->steps[i]->kind->training_differs)
            return true;
    return false;
}

/* Of the distributed form: whether slices must wait for each other's sums. */
static bool adds_up_slices(const Model *model) {
    for (int i = 0; i < model->step_count && model->options.distributed; ++i)
        if (model->steps[i]->kind->whole_batch)
            return true;
    return false;
}

static bool has_parallel_steps(const Model *model) {
    for (int i = 0; i < model->step_count; ++i)
        if (model->steps[i]->kind->parallel)
            return true;
    return false;
}

/* ---- settings --------------------------------------------------------------------------------- */

/* The factors of the learning rate, and the epochs at which those behind the first begin. */
static void define_rates(Model *model) {
    const Rates *rates = &model->settings.rates;
    Text from = text_new(model->arena), factors = text_new(model->arena);
    for (int i = 0; i < rates->count; ++i) {
        const char *comma = i == 0 ? "" : i % 16 == 0 ? ",\n        " : ", ";
        text_add(&factors, "%s%lld", comma, (long long)rates->factor[i]);
        if (i > 0)
            text_add(&from, "%s%d", i == 1 ? "" : comma, rates->from[i]);
    }
    define_integer(&model->definitions, "RATE_FIRST", rates->factor[0]);
    define_text(&model->definitions, "RATE_FROM", from.text);
    define_text(&model->definitions, "RATE_FACTORS", factors.text);
    define_integer(&model->definitions, "RATE_CHANGES", rates->count - 1);
    define_integer(&model->definitions, "RATE_FACTOR_SHIFT", rates->shift);
}

/* A sum of squares counts in units of 2^this; INT_COUNT takes 28 bits from large ones. */
static int square_exponent(const Format *format) {
    return (format->bits > type_magnitude_bits(TYPE_I16) ? 28 : 0) - 2 * format->shift;
}

static void define_counters(Model *model) {
    Text counted = text_new(model->arena);
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        if (step->counter)
            text_add(&counted, "    {%s, %s, %d},\n", c_string(model, counter_name(model, step)),
                     c_string(model, step->out[0]->name), square_exponent(step->out[0]->format));
    }
    define_integer(&model->definitions, "COUNTERS", model->counters);
    define_text(&model->definitions, "COUNTED", counted.text);
}

/* Where the model file lies: data may lie beside it. Known to the trainer only, which is not kept. */
static char *model_folder(Model *model) {
    const char *path = model->source.path, *slash = strrchr(path, '/');
    if (!slash || !model->options.for_training)
        return arena_print(model->arena, ".");
    return arena_copy(model->arena, path, slash == path ? 1 : (size_t)(slash - path));
}

static void define_data(Model *model) {
    const Settings *settings = &model->settings;
    Text *out = &model->definitions;
    define_text(out, "DATA_KIND", settings->data_kind ? settings->data_kind : "idx");
    define_text(out, "DATA_NAME", c_string(model, settings->data_name ? settings->data_name : ""));
    define_text(out, "DATA_LABEL",
                c_string(model, settings->data_label ? settings->data_label : ""));
    define_text(out, "MODEL_FOLDER", c_string(model, model_folder(model)));
    define_text(out, "DATA_TEST", arena_print(model->arena, "%.9g", settings->data_test));
    define_integer(out, "DATA_SPLIT", settings->data_split);
    define_integer(out, "DATA_TRAIN_SAMPLES", settings->data_train_samples);
    define_integer(out, "DATA_TEST_SAMPLES", settings->data_test_samples);
    define_text(out, "STOP_ACCURACY", arena_print(model->arena, "%.9g", settings->stop_accuracy));
    define_integer(out, "EPOCHS", settings->epochs);
    define_text(out, "SEED", arena_print(model->arena, "%llu",
                                         (unsigned long long)settings->seed));
}

/* What the caller's array is called: the name that the model file gives the input. */
static const char *input_parameter(const Model *model) {
    size_t length = strlen(model->input->name) - strlen(".raw");
    const char *name = arena_copy(model->arena, model->input->name, length);
    return can_name_parameter(name, model->name) ? name : "int_input";
}

static void define_interface(Model *model) {
    Text *out = &model->definitions;
    const Tensor *target = model->target;
    define_text(out, "INPUT_PARAMETER", input_parameter(model));
    define_text(out, "INPUT_C_TYPE", type_c_name(model->input->encoding->raw));
    define_text(out, "INPUT_RAW", type_name(model->input->encoding->raw));
    define_text(out, "INPUT_UNIT", arena_print(model->arena, "%.17g", model->input->encoding->unit));
    define_integer(out, "INPUTS", shape_elements(model->input->shape));
    define_text(out, "TARGET_PARAMETER",
                can_name_parameter(target->name, model->name) ? target->name : "int_target");
    define_text(out, "TARGET_C_TYPE", target->classes == 0     ? type_c_name(target->encoding->raw)
                                    : target->classes <= 256 ? "uint8_t"
                                                             : "uint16_t");
    define_text(out, "TARGET_RAW", target->classes ? "u8" : type_name(target->encoding->raw));
    define_text(out, "TARGET_UNIT",
                arena_print(model->arena, "%.17g", target->classes ? 1 : target->encoding->unit));
    define_integer(out, "CLASSES", target->classes);
    define_integer(out, "TARGETS", shape_elements(target->shape));
    define_text(out, "TARGET_ROW", target->shape.rank > 0
                                       ? arena_print(model->arena, "[%lld]", (long long)shape_elements(target->shape))
                                       : "");
    define_integer(out, "STEPS_OF_CLASSES", target->classes ? shape_elements(target->shape) : 1);
    define_integer(out, "ANSWERS", shape_elements(model->logits->shape));
    define_text(out, "ANSWER", place_expression(model, model->logits));
    define_text(out, "ANSWER_TYPE", element_type(model->logits));
    define_integer(out, "ANSWER_SHIFT", logits_shift(model));
}

/* The formats, for the header comment: one line for each tensor that keeps values. */
static char *schedule_brief(Model *model) {
    Text text = text_new(model->arena);
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (tensor->kind != KIND_INPUT && tensor->kind != KIND_TARGET &&
            tensor->kind != KIND_GRADIENT)
            text_add(&text, " *     %-10s %s\n", kind_name(tensor->kind),
                     tensor_describe(model, tensor));
    }
    return text.text;
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* 8 or 16: of what bits the operands of the step's kernel are; else 0. */
static int kernel_bits(const Step *step) {
    const Attribute *kernel = step_attribute(step, "kernel");
    return !kernel ? 0 : ends_with(kernel->text, "8") ? 8 : ends_with(kernel->text, "16") ? 16 : 0;
}

static bool is_set(const Step *step, const char *name) {
    return step_attribute(step, name) && step_value(step, name) == 1;
}

/* The kernels of int_kernels_8.h and int_kernels_16.h are pasted where a step names one. They share
 * the room that the largest step wants for its operands in groups. */
static void define_kernels(Model *model) {
    bool bytes = false, words = false, tiles = false;
    int64_t groups = 0;
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        bytes |= kernel_bits(step) == 8;
        words |= kernel_bits(step) == 16;
        tiles |= is_set(step, "tiled");
        if (step_attribute(step, "groups") && step_value(step, "groups") > groups)
            groups = step_value(step, "groups");
    }
    define_text(&model->definitions, "KERNELS", bytes || words ? "1" : "");
    define_text(&model->definitions, "KERNELS_8", bytes ? "1" : "");
    define_text(&model->definitions, "KERNELS_16", words ? "1" : "");
    define_text(&model->definitions, "TILES", tiles ? "1" : "");
    define_integer(&model->definitions, "GROUPS", (groups + 15) / 16 * 16); /* whole cache lines */
}

/* Whether the step draws numbers of more than 16 bits. */
static bool has_wide_draws(const Step *step) {
    for (const Scratch *scratch = step->scratch; scratch; scratch = scratch->next)
        if (ends_with(scratch->role, "draws") && scratch->type != TYPE_I16)
            return true;
    return false;
}

static void add_runtime(Text *files, const char *name) {
    const char *line = arena_print(files->arena, "INTC_RUNTIME_FILE([<%s>])\n", name);
    if (!strstr(files->text, line))
        text_add(files, "%s", line);
}

/* Each file of the runtime that a step wants, once: for wide draws, what its kind names, and its kernels. */
static void define_runtimes(Model *model) {
    Text files = text_new(model->arena);
    for (int i = 0; i < model->step_count; ++i) {
        const char *runtime = model->steps[i]->kind->runtime, *kernels = model->steps[i]->kind->kernels;
        int bits = kernel_bits(model->steps[i]);
        if (has_wide_draws(model->steps[i]))
            add_runtime(&files, "int_draws");
        if (runtime)
            add_runtime(&files, runtime);
        if (kernels && bits > 0)
            add_runtime(&files, arena_print(model->arena, "%s_%d", kernels, bits));
        if (is_set(model->steps[i], "tiled"))
            add_runtime(&files, "int_tiles");
        if (is_set(model->steps[i], "fused"))
            add_runtime(&files, "int_fused");
    }
    text_add(&model->definitions, "m4_define([<INTC_RUNTIMES>],[<m4_dnl\n%s>])m4_dnl\n", files.text);
}

static void define_model(Model *model) {
    Text *out = &model->definitions;
    define_text(out, "MODEL", model->name);
    define_text(out, "MODEL_UPPER", upper(model, model->name));
    define_text(out, "VERSION", INTC_VERSION);
    define_text(out, "PRECISION", precision_text(model));
    define_text(out, "FLOAT", model->settings.precision.weights == TYPE_F32 ? "1" : "");
    define_integer(out, "BATCH", model->settings.batch);
    define_integer(out, "STATE_BYTES", model->state_bytes);
    define_integer(out, "SCRATCH_BYTES", model->scratch_bytes);
    define_text(out, "SCHEDULE", schedule_brief(model));
    define_text(out, "DISTRIBUTED", model->options.distributed ? "1" : "");
    define_text(out, "INCLUDE_RUNTIME", model->options.include_runtime ? "1" : "");
}

void define(Model *model) {
    model->definitions = text_new(model->arena);
    define_model(model);
    define_kernels(model);
    define_runtimes(model);
    define_interface(model);
    define_data(model);
    define_rates(model);
    define_counters(model);
    define_pools(model, "POOLS", model->pools);
    define_pools(model, "OWN_POOLS", model->own);
    define_sums_arrays(model);
    define_text(&model->definitions, "TRAINING", has_training_steps(model) ? "1" : "");
    define_text(&model->definitions, "WHOLE_BATCH", adds_up_slices(model) ? "1" : "");
    define_text(&model->definitions, "PARALLEL", has_parallel_steps(model) ? "1" : "");
    define_members(model, "MEMBERS", "INTC_MEMBER", false, WHOLE_LINES);
    define_members(model, "ODD_MEMBERS", "INTC_MEMBER", false, BROKEN_LINES);
    define_averaged(model);
    define_members(model, "HASHED", "INTC_HASHED_MEMBER", true, ANY_SIZE);
    define_steps(model);
}
