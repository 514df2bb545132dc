/* report.c - what the compiler says about a model: dumps after each pass, the schedule, the memory
 * that it needs, and the chain of reasons for one tensor's shift. */
#include "report.h"
#include "range.h"

#include <errno.h>
#include <json-c/json.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- dumps ------------------------------------------------------------------------------------ */

static void print_operands(FILE *out, Tensor *const *operands) {
    bool first = true;
    for (int k = 0; k < MAX_OPERANDS; ++k) {
        if (!operands[k])
            continue;
        fprintf(out, first ? "%s" : ", %s", operands[k]->name);
        first = false;
    }
}

static void print_step(FILE *out, const Step *step) {
    fprintf(out, "%3d %-8s %-22s ", step->number, phase_name(step->phase), step->kind->name);
    print_operands(out, step->in);
    fprintf(out, " -> ");
    print_operands(out, step->out);
    fprintf(out, "%s\n", step->straight_through ? "  (straight through)" : "");
}

void graph_dump(const Model *model, FILE *out) {
    fprintf(out, "model %s\n", model->name);
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        fprintf(out, "  %-10s %s%s%s\n", kind_name(tensor->kind), tensor->name,
                shape_print(model->arena, tensor->shape), tensor->batched ? " a sample" : "");
    }
    for (int i = 0; i < model->step_count; ++i)
        print_step(out, model->steps[i]);
}

static void print_sum(FILE *out, const Step *step) {
    const Sum *sum = &step->sum;
    const Cast *cast = &step->cast;
    if (sum->type == TYPE_NONE || sum->type == TYPE_F32)
        return;
    fprintf(out, "    sum %s shift %d worst %lld free %d", type_name(sum->type), sum->shift,
            (long long)sum->worst_case, sum->headroom_bits);
    if (cast->present)
        fprintf(out, "; cast %d %s [%lld, %lld] site %d", cast->shift,
                rounding_name(cast->rounding), (long long)cast->lo, (long long)cast->hi,
                cast->site);
    fprintf(out, "\n");
}

static void print_attributes(FILE *out, const Step *step) {
    for (const Attribute *attribute = step->attributes; attribute; attribute = attribute->next) {
        fprintf(out, "    %s", attribute->name);
        if (attribute->text)
            fprintf(out, " %s", attribute->text);
        for (int64_t i = 0; i < attribute->count && !attribute->text; ++i) {
            if (attribute->reals)
                fprintf(out, " %.9g", attribute->reals[i]);
            else
                fprintf(out, " %lld", (long long)attribute->values[i]);
        }
        fprintf(out, "\n");
    }
}

void range_dump(const Model *model, FILE *out) {
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        fprintf(out, "%-10s %-24s %-4s bits %-2d shift %-3d bound %-10lld typical %.4g\n",
                kind_name(tensor->kind), tensor->name, type_name(tensor->format->type),
                tensor->format->bits, tensor->format->shift, (long long)tensor->bound,
                tensor->typical);
    }
    for (int i = 0; i < model->step_count; ++i) {
        print_step(out, model->steps[i]);
        print_sum(out, model->steps[i]);
        print_attributes(out, model->steps[i]);
    }
}

void plan_dump(const Model *model, FILE *out) {
    for (int i = 0; i < POOLS; ++i)
        if (model->pools[i].elements > 0)
            fprintf(out, "pool %s %lld elements\n", type_name(model->pools[i].type),
                    (long long)model->pools[i].elements);
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (tensor->offset >= 0)
            fprintf(out, "%-24s %s at %-8lld steps %d to %d%s%s\n", tensor->name,
                    type_name(tensor->format->type), (long long)tensor->offset, tensor->first_use,
                    tensor->last_use, tensor->buffer_of ? " in place of " : "",
                    tensor->buffer_of ? tensor->buffer_of->name : "");
    }
    for (int i = 0; i < model->step_count; ++i)
        for (const Scratch *scratch = model->steps[i]->scratch; scratch; scratch = scratch->next)
            fprintf(out, "%-24s %s at %-8lld step %d, %lld elements\n", scratch->role,
                    type_name(scratch->type), (long long)scratch->offset, i,
                    (long long)scratch->elements);
}

void defs_dump(const Model *model, FILE *out) {
    fwrite(model->definitions.text, 1, model->definitions.length, out);
}

/* ---- schedule as text ------------------------------------------------------------------------- */

/* `text` cut to `width` columns, with dots where it was longer. */
static char *cut(const Model *model, const char *text, int width) {
    if ((int)strlen(text) <= width)
        return arena_print(model->arena, "%s", text);
    return arena_print(model->arena, "%.*s..", width - 2, text);
}

static char *range_print(const Model *model, const Tensor *tensor) {
    double most = ldexp((double)tensor->bound, -tensor->format->shift);
    if (tensor->kind == KIND_TARGET || tensor->format->type == TYPE_F32)
        return arena_print(model->arena, "-");
    if (tensor->non_negative || tensor->format->type == TYPE_U8)
        return arena_print(model->arena, "0..%.3g", most);
    return arena_print(model->arena, "+-%.3g", most);
}

static const char *reason_of(const Tensor *tensor) {
    if (tensor->format->pin.has_shift)
        return "pinned";
    if (tensor->format->narrowed)
        return tensor->format->narrowed;
    return tensor->reason ? tensor->reason : "";
}

/* The rule that chose the shift, in a few words; `intc explain` has the numbers. */
static char *rule_of(const Model *model, const Tensor *tensor) {
    const Format *format = tensor->format;
    double spanned = format->span_factor * tensor->typical;
    const char *bits = "";
    if (format->narrowed)
        bits = arena_print(model->arena, ", %d bits", format->bits);
    switch (tensor->kind) {
    case KIND_INPUT:
    case KIND_TARGET: return arena_print(model->arena, "raw");
    case KIND_GRADIENT: return arena_print(model->arena, "exact sum");
    case KIND_MASTER: return arena_print(model->arena, "range of storage");
    case KIND_AVERAGE: return arena_print(model->arena, "range of its sum");
    case KIND_STATE: return arena_print(model->arena, tensor->producer ? "its step" : "its optimizer");
    default: break;
    }
    if (format->type == TYPE_F32)
        return arena_print(model->arena, "float");
    if (format->pin.has_shift)
        return arena_print(model->arena, "pinned, line %d", format->pin.place.line);
    if (tensor->kind == KIND_PARAMETER && tensor->init_bound == 0)
        return arena_print(model->arena, "shift of the sum");
    if (tensor->limit > 0 && tensor->limit <= spanned)
        return arena_print(model->arena, "bound %.3g%s", tensor->limit, bits);
    return arena_print(model->arena, "%.4g x typical%s", format->span_factor, bits);
}

static void print_tensor_row(const Model *model, const Tensor *tensor, FILE *out) {
    char *type = arena_print(model->arena, "%s%s", type_name(tensor->format->type),
                             tensor->shape.rank ? shape_print(model->arena, tensor->shape) : "");
    fprintf(out, "%-24s %-10s %-14s %5d %-9s %8.3g  %s\n", cut(model, tensor->name, 24),
            kind_name(tensor->kind), cut(model, type, 14), tensor->format->shift,
            range_print(model, tensor), tensor->typical, cut(model, rule_of(model, tensor), 23));
}

static char *cast_print(const Model *model, const Cast *cast) {
    if (!cast->present)
        return arena_print(model->arena, "-");
    return arena_print(model->arena, "%s%d %s%s", cast->shift < 0 ? "<<" : ">>", abs(cast->shift),
                       rounding_name(cast->rounding), cast->saturate ? ", clamp" : "");
}

static void print_step_row(const Model *model, const Step *step, FILE *out) {
    const Sum *sum = &step->sum;
    bool summed = sum->type != TYPE_NONE && sum->type != TYPE_F32;
    bool small = sum->worst_case < INT64_C(1000000000000);
    char *worst = small ? arena_print(model->arena, "%lld", (long long)sum->worst_case)
                        : arena_print(model->arena, "%.6e", (double)sum->worst_case);
    char *room = arena_print(model->arena, summed ? "%d" : "-", sum->headroom_bits);
    fprintf(out, "%3d %-8s %-14s %-24s %-3s %12s %4s  %s\n", step->number,
            phase_name(step->phase), cut(model, step->kind->name, 14),
            cut(model, step->out[0]->name, 24), summed ? type_name(sum->type) : "-",
            summed ? worst : "-", room,
            cast_print(model, &step->cast));
}

static void print_settings(const Model *model, FILE *out) {
    const Settings *settings = &model->settings;
    fprintf(out, "model %s, precision %s, batch %d, %d epoch%s\n", model->name,
            precision_text((Model *)(uintptr_t)model), settings->batch, settings->epochs,
            settings->epochs == 1 ? "" : "s");
    fprintf(out, "learning rate %.6g = %lld * 2^-%d", rational_value(settings->rate),
            (long long)settings->rate.multiplier, settings->rate.shift);
    if (settings->momentum_loss.multiplier)
        fprintf(out, ", momentum %.6g = 1 - %lld * 2^-%d",
                1 - rational_value(settings->momentum_loss),
                (long long)settings->momentum_loss.multiplier, settings->momentum_loss.shift);
    if (settings->rates.count > 1)
        fprintf(out, ", schedule %s", settings->schedule_text);
    fprintf(out, "\nseed %llu, errors rounded %s", (unsigned long long)settings->seed,
            settings->nearest_errors ? "to the nearest" : "stochastically");
    if (settings->decay_shift)
        fprintf(out, ", weight decay 2^-%d", settings->decay_shift);
    if (settings->clip > 0)
        fprintf(out, ", gradient clipped at %.4g", settings->clip);
    fprintf(out, "\n\n");
}

void schedule_text(const Model *model, FILE *out) {
    print_settings(model, out);
    fprintf(out, "%-24s %-10s %-14s %5s %-9s %8s  %s\n", "tensor", "kind", "type", "shift",
            "range", "typical", "chosen by");
    for (int i = 0; i < model->tensor_count; ++i)
        print_tensor_row(model, model->tensors[i], out);
    fprintf(out, "\n%3s %-8s %-14s %-24s %-3s %12s %4s  %s\n", "#", "phase", "step", "makes", "sum",
            "worst case", "free", "cast");
    for (int i = 0; i < model->step_count; ++i)
        print_step_row(model, model->steps[i], out);
}

/* ---- schedule as JSON ------------------------------------------------------------------------- */

/* json-c reports a lack of memory by NULL or by a number below zero. */
static struct json_object *made(struct json_object *object) {
    if (!object)
        fail("out of memory");
    return object;
}

static struct json_object *new_object(void) {
    return made(json_object_new_object());
}

static struct json_object *new_array(void) {
    return made(json_object_new_array());
}

static void put(struct json_object *object, const char *key, struct json_object *value) {
    if (json_object_object_add(object, key, made(value)) < 0)
        fail("out of memory");
}

static void append(struct json_object *array, struct json_object *value) {
    if (json_object_array_add(array, made(value)) < 0)
        fail("out of memory");
}

static void put_text(struct json_object *object, const char *key, const char *text) {
    put(object, key, json_object_new_string(text));
}

static void put_integer(struct json_object *object, const char *key, int64_t value) {
    put(object, key, json_object_new_int64(value));
}

static void put_real(struct json_object *object, const char *key, double value) {
    put(object, key, json_object_new_double(value));
}

static struct json_object *json_rational(Rational rational) {
    struct json_object *object = new_object();
    put_real(object, "asked", rational.asked);
    put_integer(object, "multiplier", rational.multiplier);
    put_integer(object, "shift", rational.shift);
    return object;
}

static struct json_object *json_precision(const Precision *precision) {
    struct json_object *object = new_object();
    put_text(object, "weights", type_name(precision->weights));
    put_text(object, "activations", type_name(precision->activations));
    put_text(object, "gradients", type_name(precision->gradients));
    put_text(object, "master", type_name(precision->master));
    put_text(object, "accumulators", type_name(precision->accumulators));
    return object;
}

static struct json_object *json_settings(const Model *model) {
    const Settings *settings = &model->settings;
    struct json_object *object = new_object();
    struct json_object *from = new_array(), *factors = new_array();
    for (int i = 0; i < settings->rates.count; ++i) {
        append(from, json_object_new_int(settings->rates.from[i]));
        append(factors, json_object_new_int64(settings->rates.factor[i]));
    }
    put(object, "precision", json_precision(&settings->precision));
    put_text(object, "optimizer", settings->optimizer->name);
    put(object, "learning_rate", json_rational(settings->rate));
    put(object, "momentum_loss", json_rational(settings->momentum_loss));
    put_integer(object, "weight_decay_shift", settings->decay_shift);
    put_real(object, "clip", settings->clip);
    put_text(object, "schedule", settings->schedule_text);
    put(object, "rate_from", from);
    put(object, "rate_factors", factors);
    put_integer(object, "rate_factor_shift", settings->rates.shift);
    put_integer(object, "batch", settings->batch);
    put_integer(object, "epochs", settings->epochs);
    put_integer(object, "seed", (int64_t)settings->seed);
    if (settings->average_last)
        put_integer(object, "average_last", settings->average_last);
    put_text(object, "error_rounding", settings->nearest_errors ? "nearest" : "stochastic");
    return object;
}

static struct json_object *json_shape(Shape shape) {
    struct json_object *array = new_array();
    for (int i = 0; i < shape.rank; ++i)
        append(array, json_object_new_int64(shape.dimension[i]));
    return array;
}

/* Classes are passed in 16 bits where 8 are too few: a type that no value has. */
static const char *passed_type(const Tensor *tensor) {
    return tensor->classes > 256 ? "u16" : type_name(tensor->format->type);
}

static struct json_object *json_tensor(const Tensor *tensor) {
    struct json_object *object = new_object();
    put_text(object, "name", tensor->name);
    put_text(object, "kind", kind_name(tensor->kind));
    put_text(object, "type", passed_type(tensor));
    put(object, "shape", json_shape(tensor->shape));
    put(object, "batched", json_object_new_boolean(tensor->batched));
    put_integer(object, "shift", tensor->format->shift);
    put_integer(object, "bound", tensor->bound);
    put(object, "non_negative", json_object_new_boolean(tensor->non_negative));
    put_real(object, "typical", tensor->typical);
    put_text(object, "reason", reason_of(tensor));
    if (tensor->classes)
        put_integer(object, "classes", tensor->classes);
    if (tensor->kind == KIND_AVERAGE)
        put_text(object, "sum_of", tensor->master->name);
    put_integer(object, "line", tensor->place.line);
    return object;
}

static struct json_object *json_operands(const char *const *roles, Tensor *const *operands) {
    struct json_object *object = new_object();
    for (int k = 0; roles[k]; ++k)
        if (operands[k])
            put_text(object, roles[k], operands[k]->name);
    return object;
}

static struct json_object *json_attribute(const Attribute *attribute) {
    if (attribute->text)
        return json_object_new_string(attribute->text);
    struct json_object *array = new_array();
    for (int64_t i = 0; i < attribute->count; ++i) {
        struct json_object *value = attribute->reals
                                        ? json_object_new_double(attribute->reals[i])
                                        : json_object_new_int64(attribute->values[i]);
        if (!attribute->list) {
            json_object_put(array);
            return value;
        }
        append(array, value);
    }
    return array;
}

static struct json_object *json_sum(const Sum *sum) {
    struct json_object *object = new_object();
    put_text(object, "type", type_name(sum->type));
    put_integer(object, "shift", sum->shift);
    put_integer(object, "worst_case", sum->worst_case);
    put_integer(object, "headroom_bits", sum->headroom_bits);
    return object;
}

static struct json_object *json_cast(const Cast *cast) {
    struct json_object *object = new_object();
    put_integer(object, "shift", cast->shift);
    put_text(object, "rounding", rounding_name(cast->rounding));
    put(object, "saturate", json_object_new_boolean(cast->saturate));
    put_integer(object, "lo", cast->lo);
    put_integer(object, "hi", cast->hi);
    put_integer(object, "site", cast->site);
    put_integer(object, "field_bits", cast->field);
    return object;
}

static struct json_object *json_step(const Model *model, const Step *step) {
    struct json_object *object = new_object();
    struct json_object *attributes = new_object();
    for (const Attribute *attribute = step->attributes; attribute; attribute = attribute->next)
        put(attributes, attribute->name, json_attribute(attribute));
    put_integer(object, "number", step->number);
    put_text(object, "op", step->kind->name);
    put_text(object, "phase", phase_name(step->phase));
    put(object, "inputs", json_operands(step->kind->in_roles, step->in));
    put(object, "outputs", json_operands(step->kind->out_roles, step->out));
    put(object, "attributes", attributes);
    if (step->sum.type != TYPE_NONE)
        put(object, "accumulator", json_sum(&step->sum));
    if (step->cast.present)
        put(object, "cast", json_cast(&step->cast));
    put_integer(object, "line", step->place.line);
    put_text(object, "source", step_source((Model *)(uintptr_t)model, step));
    return object;
}

/* ---- memory ----------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *kind;
    int64_t bytes;
} Row;

static bool is_state(const Tensor *tensor) {
    return tensor->kind == KIND_PARAMETER || tensor->kind == KIND_MASTER ||
           tensor->kind == KIND_STATE || tensor->kind == KIND_AVERAGE;
}

static int64_t tensor_bytes(const Tensor *tensor) {
    return shape_elements(tensor->shape) * type_bytes(tensor->format->type);
}

/* Constants that stay in flash: tables and lists of more than one number. */
static int64_t flash_bytes(const Model *model) {
    int64_t bytes = 0;
    for (int i = 0; i < model->step_count; ++i)
        for (const Attribute *attribute = model->steps[i]->attributes; attribute;
             attribute = attribute->next)
            if (attribute->list && attribute->count > 1)
                bytes += attribute->count *
                         (strcmp(attribute->name, "exp2_table") == 0
                              ? 2
                              : type_bytes(model->steps[i]->sum.type));
    return bytes;
}

static struct json_object *json_memory(const Model *model) {
    struct json_object *object = new_object();
    struct json_object *rows = new_array();
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (!is_state(tensor) && tensor->offset < 0)
            continue;
        struct json_object *row = new_object();
        int64_t samples = tensor->batched ? model->settings.batch : 1;
        int64_t elements = tensor->kind == KIND_GRADIENT ? tensor->row_elements
                                                         : shape_elements(tensor->shape);
        put_text(row, "name", tensor->name);
        put_text(row, "kind", kind_name(tensor->kind));
        put_integer(row, "bytes", elements * samples * type_bytes(tensor->format->type));
        put_text(row, "pool", is_state(tensor) ? "own" : type_name(tensor->format->type));
        if (tensor->offset >= 0)
            put_integer(row, "offset", tensor->offset);
        append(rows, row);
    }
    put_integer(object, "ram_bytes", model->state_bytes + model->scratch_bytes);
    put_integer(object, "state_bytes", model->state_bytes);
    put_integer(object, "working_bytes", model->scratch_bytes);
    put_integer(object, "flash_constant_bytes", flash_bytes(model));
    put(object, "buffers", rows);
    return object;
}

/* A text that ran out of memory on its way lacks a part: json-c does not say so, but errno does. */
static void print_json(struct json_object *object, FILE *out) {
    errno = 0;
    const char *text = json_object_to_json_string_ext(
        object, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
    if (!text || errno != 0)
        fail("out of memory");
    fprintf(out, "%s\n", text);
    json_object_put(object);
}

void schedule_json(const Model *model, FILE *out) {
    struct json_object *object = new_object();
    struct json_object *tensors = new_array(), *steps = new_array();
    if (json_c_set_serialization_double_format("%.17g", JSON_C_OPTION_GLOBAL) < 0)
        fail("out of memory");
    for (int i = 0; i < model->tensor_count; ++i)
        append(tensors, json_tensor(model->tensors[i]));
    for (int i = 0; i < model->step_count; ++i)
        append(steps, json_step(model, model->steps[i]));
    put_text(object, "model", model->name);
    put_text(object, "version", INTC_VERSION);
    put(object, "settings", json_settings(model));
    put(object, "tensors", tensors);
    put(object, "steps", steps);
    put(object, "memory", json_memory(model));
    print_json(object, out);
}

void memory_json(const Model *model, FILE *out) {
    print_json(json_memory(model), out);
}

static void print_memory_row(FILE *out, const char *name, const char *kind, int64_t bytes,
                             const char *remark) {
    fprintf(out, "%-32s %-10s %12lld  %s\n", name, kind, (long long)bytes, remark);
}

void memory_text(const Model *model, FILE *out) {
    fprintf(out, "%-32s %-10s %12s\n", "buffer", "kind", "bytes");
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (is_state(tensor))
            print_memory_row(out, cut(model, tensor->name, 32), kind_name(tensor->kind),
                             tensor_bytes(tensor), shape_print(model->arena, tensor->shape));
    }
    for (int i = 0; i < POOLS; ++i)
        if (model->pools[i].elements > 0)
            print_memory_row(out, arena_print(model->arena, "pool %s",
                                              type_name(model->pools[i].type)),
                             "working",
                             model->pools[i].elements * type_bytes(model->pools[i].type),
                             "activations, errors, sums: by turns");
    fprintf(out, "\n");
    print_memory_row(out, "RAM, parameters and state", "", model->state_bytes, "");
    print_memory_row(out, "RAM, working", "", model->scratch_bytes, "");
    print_memory_row(out, "RAM, total", "", model->state_bytes + model->scratch_bytes, "");
    print_memory_row(out, "flash, constants (code excluded)", "", flash_bytes(model), "");
}

/* ---- explain ---------------------------------------------------------------------------------- */

static const Tensor *tensor_find(const Model *model, const char *name) {
    for (int i = 0; i < model->tensor_count; ++i)
        if (strcmp(model->tensors[i]->name, name) == 0)
            return model->tensors[i];
    return NULL;
}

static void explain_shift(const Model *model, const Tensor *tensor, FILE *out) {
    const Format *format = tensor->format;
    if (format->type == TYPE_F32) {
        fprintf(out, "  f32: no shift\n");
        return;
    }
    fprintf(out, "  %s, shift %d: one unit is %.4g, the range %s\n", type_name(format->type),
            format->shift, ldexp(1, -format->shift), range_print(model, tensor));
    if (format->pin.has_shift)
        fprintf(out, "  the shift is pinned in line %d\n", format->pin.place.line);
    else if (tensor->limit > 0 && tensor->limit <= format->span_factor * tensor->typical)
        fprintf(out, "  the largest shift that spans its exact bound %.4g\n", tensor->limit);
    else if (tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR ||
             (tensor->kind == KIND_PARAMETER && tensor->init_bound > 0))
        fprintf(out, "  the largest shift that spans %.4g x the typical value = %.4g\n",
                format->span_factor, format->span_factor * tensor->typical);
    if (format->narrowed)
        fprintf(out, "  narrowed to %s\n", format->narrowed);
}

static void explain_producer(const Step *step, FILE *out) {
    if (!step)
        return;
    fprintf(out, "  made by %s", step->kind->name);
    if (step->place.line > 0)
        fprintf(out, " (line %d)", step->place.line);
    if (step->sum.type != TYPE_NONE && step->sum.type != TYPE_F32)
        fprintf(out, ": sum in %s at shift %d, at most %lld, %d bits free",
                type_name(step->sum.type), step->sum.shift, (long long)step->sum.worst_case,
                step->sum.headroom_bits);
    if (step->cast.present)
        fprintf(out, "; cast by %d bits, %s%s", step->cast.shift, rounding_name(step->cast.rounding),
                step->cast.saturate ? ", saturates" : "");
    fprintf(out, "\n");
}

static void explain_tensor(const Model *model, const Tensor *tensor, FILE *out) {
    fprintf(out, "%s, %s\n", tensor->name, kind_name(tensor->kind));
    if (tensor->reason && tensor->typical > 0)
        fprintf(out, "  typical value %.4g: %s\n", tensor->typical, tensor->reason);
    explain_shift(model, tensor, out);
    explain_producer(tensor->producer, out);
}

/* From the tensor back to the input: of a step's operands, the one that was computed. */
bool explain(const Model *model, const char *name, FILE *out) {
    const Tensor *tensor = tensor_find(model, name);
    if (!tensor)
        return false;
    while (tensor) {
        const Step *producer = tensor->producer;
        explain_tensor(model, tensor, out);
        if (producer && producer->in[1] && producer->in[1]->kind == KIND_PARAMETER)
            explain_tensor(model, producer->in[1], out);
        tensor = producer ? producer->in[0] : NULL;
    }
    return true;
}
