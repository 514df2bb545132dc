/* define.c - everything that templates may say, as m4 definitions.
 *
 * The compiler has computed every number; here each gets its name. templates/README.md lists every
 * definition. Steps are defined in define_step.c, what the model keeps in define_members.c. */
#include "define.h"
#include "reserved.h"

#include <ctype.h>
#include <string.h>

static bool is_set(const Step *step, const char *name) {
    return step_attribute(step, name) && step_value(step, name) > 0;
}

/* ---- steps ----------------------------------------------------------------------------------- */

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

/* What steps ask of the whole file. Slices, which wait for each other's sums, are in the
 * distributed form alone. */
static void define_demands(Model *model) {
    bool training = false, whole_batch = false, parallel = false, shares = false;
    bool own_rows = false;
    for (int i = 0; i < model->step_count; ++i) {
        const StepKind *kind = model->steps[i]->kind;
        training |= kind->training_differs;
        whole_batch |= kind->whole_batch && model->options.distributed;
        parallel |= kind->parallel;
        shares |= kind->shares;
        own_rows |= is_set(model->steps[i], "by_row");
    }
    define_flag(&model->definitions, "TRAINING", training);
    define_flag(&model->definitions, "WHOLE_BATCH", whole_batch);
    define_flag(&model->definitions, "PARALLEL", parallel);
    define_flag(&model->definitions, "SHARES", shares);
    define_flag(&model->definitions, "OWN_ROWS", own_rows);
}

/* ---- memory ---------------------------------------------------------------------------------- */

static void define_pools(Model *model, const char *name, const Pool pools[POOLS]) {
    Text *out = &model->definitions;
    text_add(out, "m4_define([<INTC_%s>],[<m4_dnl\n", name);
    for (int i = 0; i < POOLS; ++i)
        if (pools[i].elements > 0)
            text_add(out, "INTC_POOL([<%s>],[<%s>],[<%lld>])m4_dnl\n", type_c_name(pools[i].type),
                     type_name(pools[i].type), (long long)pools[i].elements);
    text_add(out, ">])m4_dnl\n");
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

/* ---- settings -------------------------------------------------------------------------------- */

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

/* Where the model file lies, for data beside it. Only the trainer knows, which is not kept. */
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

/* ---- the interface --------------------------------------------------------------------------- */

/* What the caller's array is called: the name that the model file gives the input. */
static const char *input_parameter(const Model *model) {
    size_t length = strlen(model->input->name) - strlen(".raw");
    const char *name = arena_copy(model->arena, model->input->name, length);
    return can_name_parameter(name, model->name) ? name : "int_input";
}

static const char *target_c_type(const Tensor *target) {
    if (target->classes == 0)
        return type_c_name(target->encoding->raw);
    return target->classes <= 256 ? "uint8_t" : "uint16_t";
}

/* Of the caller's array of targets: what one sample has, where it is more than one number. */
static const char *target_row(Model *model) {
    Shape shape = model->target->shape;
    if (shape.rank == 0)
        return "";
    return arena_print(model->arena, "[%lld]", (long long)shape_elements(shape));
}

static void define_interface(Model *model) {
    Text *out = &model->definitions;
    const Tensor *target = model->target;
    define_text(out, "INPUT_PARAMETER", input_parameter(model));
    define_text(out, "INPUT_C_TYPE", type_c_name(model->input->encoding->raw));
    define_text(out, "INPUT_RAW", type_name(model->input->encoding->raw));
    define_text(out, "INPUT_UNIT",
                arena_print(model->arena, "%.17g", model->input->encoding->unit));
    define_integer(out, "INPUTS", shape_elements(model->input->shape));
    define_text(out, "TARGET_PARAMETER",
                can_name_parameter(target->name, model->name) ? target->name : "int_target");
    define_text(out, "TARGET_C_TYPE", target_c_type(target));
    define_text(out, "TARGET_RAW", target->classes ? "u8" : type_name(target->encoding->raw));
    define_text(out, "TARGET_UNIT",
                arena_print(model->arena, "%.17g", target->classes ? 1 : target->encoding->unit));
    define_integer(out, "CLASSES", target->classes);
    define_integer(out, "TARGETS", shape_elements(target->shape));
    define_text(out, "TARGET_ROW", target_row(model));
    define_integer(out, "STEPS_OF_CLASSES", target->classes ? shape_elements(target->shape) : 1);
    define_integer(out, "ANSWERS", shape_elements(model->logits->shape));
    define_text(out, "ANSWER", place_expression(model, model->logits));
    define_text(out, "ANSWER_TYPE", element_type(model->logits));
    define_integer(out, "ANSWER_SHIFT", logits_shift(model));
}

/* ---- kernels and the runtime ----------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* 8 or 16: of what bits the operands of the step's kernel are; else 0. */
static int kernel_bits(const Step *step) {
    const Attribute *kernel = step_attribute(step, "kernel");
    return !kernel ? 0 : ends_with(kernel->text, "8") ? 8 : ends_with(kernel->text, "16") ? 16 : 0;
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
    define_flag(&model->definitions, "KERNELS", bytes || words);
    define_flag(&model->definitions, "KERNELS_8", bytes);
    define_flag(&model->definitions, "KERNELS_16", words);
    define_flag(&model->definitions, "TILES", tiles);
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

/* `names`, with a blank between them. */
static void add_runtimes(Text *files, const char *names) {
    for (size_t length = 0; *names; names += length + (names[length] == ' ')) {
        length = strcspn(names, " ");
        add_runtime(files, arena_print(files->arena, "%.*s", (int)length, names));
    }
}

static void add_fused(Model *model, Text *files, int64_t bits) {
    add_runtime(files, "int_fused");
    add_runtime(files, arena_print(model->arena, "int_fused_%d", (int)bits));
}

/* Each file of the runtime once that a step wants: for wide draws, by its kind, its kernels. */
static void define_runtimes(Model *model) {
    Text files = text_new(model->arena);
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        int bits = kernel_bits(step);
        if (has_wide_draws(step))
            add_runtime(&files, "int_draws");
        if (step->kind->runtime)
            add_runtimes(&files, step->kind->runtime);
        if (step->kind->kernels && bits > 0)
            add_runtime(&files, arena_print(model->arena, "%s_%d", step->kind->kernels, bits));
        if (is_set(step, "tiled"))
            add_runtime(&files, "int_tiles");
        if (is_set(step, "fused"))
            add_fused(model, &files, step_value(step, "fused"));
    }
    text_add(&model->definitions, "m4_define([<INTC_RUNTIMES>],[<m4_dnl\n%s>])m4_dnl\n",
             files.text);
}

/* ---- all of it ------------------------------------------------------------------------------- */

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

static void define_model(Model *model) {
    Text *out = &model->definitions;
    define_text(out, "MODEL", model->name);
    define_text(out, "MODEL_UPPER", upper(model, model->name));
    define_text(out, "VERSION", INTC_VERSION);
    define_text(out, "PRECISION", precision_text(model));
    define_flag(out, "FLOAT", model->settings.precision.weights == TYPE_F32);
    define_integer(out, "BATCH", model->settings.batch);
    define_integer(out, "STATE_BYTES", model->state_bytes);
    define_integer(out, "SCRATCH_BYTES", model->scratch_bytes);
    define_text(out, "SCHEDULE", schedule_brief(model));
    define_flag(out, "DISTRIBUTED", model->options.distributed);
    define_flag(out, "INCLUDE_RUNTIME", model->options.include_runtime);
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
    define_demands(model);
    define_members(model);
    define_steps(model);
}
