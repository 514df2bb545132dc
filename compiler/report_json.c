/* report_json.c - the schedule and the memory for programs, as JSON: docs/schedule.md. */
#include "report.h"

#include <errno.h>
#include <json-c/json.h>
#include <string.h>

/* ---- json-c ---------------------------------------------------------------------------------- */

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

/* ---- the schedule ---------------------------------------------------------------------------- */

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
    bool wide = tensor->kind == KIND_TARGET && tensor->classes > 256;
    return wide ? "u16" : type_name(tensor->format->type);
}

static const char *reason_of(const Tensor *tensor) {
    if (tensor->format->pin.has_shift)
        return "pinned";
    if (tensor->format->narrowed)
        return tensor->format->narrowed;
    return tensor->reason ? tensor->reason : "";
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

/* ---- memory ---------------------------------------------------------------------------------- */

static struct json_object *json_buffer(const Model *model, const Tensor *tensor) {
    struct json_object *object = new_object();
    int64_t samples = tensor->batched ? model->settings.batch : 1;
    int64_t elements =
        tensor->kind == KIND_GRADIENT ? tensor->row_elements : shape_elements(tensor->shape);
    put_text(object, "name", tensor->name);
    put_text(object, "kind", kind_name(tensor->kind));
    put_integer(object, "bytes", elements * samples * type_bytes(tensor->format->type));
    put_text(object, "pool", is_state(tensor) ? "own" : type_name(tensor->format->type));
    if (tensor->offset >= 0)
        put_integer(object, "offset", tensor->offset);
    return object;
}

static struct json_object *json_memory(const Model *model) {
    struct json_object *object = new_object(), *buffers = new_array();
    for (int i = 0; i < model->tensor_count; ++i)
        if (is_state(model->tensors[i]) || model->tensors[i]->offset >= 0)
            append(buffers, json_buffer(model, model->tensors[i]));
    put_integer(object, "ram_bytes", model->state_bytes + model->scratch_bytes);
    put_integer(object, "state_bytes", model->state_bytes);
    put_integer(object, "working_bytes", model->scratch_bytes);
    put_integer(object, "flash_constant_bytes", flash_bytes(model));
    put(object, "buffers", buffers);
    return object;
}

/* ---- both ------------------------------------------------------------------------------------ */

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
