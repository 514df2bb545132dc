/* graph.c - types, shapes, tensors and steps: helpers that know no pass and no operator. */
#include "intc.h"

#include <stdlib.h>
#include <string.h>

/* ---- types ----------------------------------------------------------------------------------- */

static const struct {
    const char *name, *c_name;
    int bytes, magnitude_bits;
} types[] = {
    [TYPE_NONE] = {"none", "void", 0, 0},
    [TYPE_U8] = {"u8", "uint8_t", 1, 8},
    [TYPE_I8] = {"i8", "int8_t", 1, 7},
    [TYPE_I16] = {"i16", "int16_t", 2, 15},
    [TYPE_I32] = {"i32", "int32_t", 4, 31},
    [TYPE_I64] = {"i64", "int64_t", 8, 63},
    [TYPE_F32] = {"f32", "float", 4, 24},
};

const char *type_name(Type type) {
    return types[type].name;
}

const char *type_c_name(Type type) {
    return types[type].c_name;
}

int type_bytes(Type type) {
    return types[type].bytes;
}

int type_magnitude_bits(Type type) {
    return types[type].magnitude_bits;
}

bool type_from_name(const char *name, Type *type) {
    for (Type t = TYPE_U8; t <= TYPE_F32; ++t) {
        if (strcmp(types[t].name, name) == 0) {
            *type = t;
            return true;
        }
    }
    return false;
}

const char *kind_name(Kind kind) {
    static const char *const names[] = {"input", "target",   "parameter", "activation",
                                        "error", "gradient", "master",    "state", "average"};
    return names[kind];
}

const char *phase_name(Phase phase) {
    static const char *const names[] = {"init", "forward", "backward", "update"};
    return names[phase];
}

const char *rounding_name(Rounding rounding) {
    static const char *const names[] = {"exact", "nearest", "stochastic", "floor", "scale"};
    return names[rounding];
}

/* ---- shapes ---------------------------------------------------------------------------------- */

int64_t shape_elements(Shape shape) {
    int64_t elements = 1;
    for (int i = 0; i < shape.rank; ++i)
        elements *= shape.dimension[i]; /* check keeps every product below MAX_ELEMENTS */
    return elements;
}

int64_t shape_last(Shape shape) {
    return shape.dimension[shape.rank - 1];
}

bool shape_equal(Shape a, Shape b) {
    if (a.rank != b.rank)
        return false;
    for (int i = 0; i < a.rank; ++i)
        if (a.dimension[i] != b.dimension[i])
            return false;
    return true;
}

char *shape_print(Arena *arena, Shape shape) {
    Text text = text_new(arena);
    text_add(&text, "[");
    for (int i = 0; i < shape.rank; ++i)
        text_add(&text, i ? ",%lld" : "%lld", (long long)shape.dimension[i]);
    text_add(&text, "]");
    return text.text;
}

/* ---- tensors and steps ----------------------------------------------------------------------- */

/* Room for one more pointer in a list that doubles as it grows. */
static void *grown(Arena *arena, void *list, int count, int *capacity) {
    if (count < *capacity)
        return list;
    int wanted = *capacity ? 2 * *capacity : 64;
    void **bigger = arena_alloc(arena, (size_t)wanted * sizeof *bigger);
    if (count > 0)
        memcpy(bigger, list, (size_t)count * sizeof *bigger);
    *capacity = wanted;
    return bigger;
}

Tensor *tensor_new(Model *model, const char *name, Kind kind, Shape shape, bool batched,
                   Place place) {
    Tensor *tensor = arena_alloc(model->arena, sizeof *tensor);
    model->tensors =
        grown(model->arena, model->tensors, model->tensor_count, &model->tensor_capacity);
    tensor->id = model->tensor_count;
    model->tensors[model->tensor_count++] = tensor;
    tensor->name = tensor_unique_name(model, name);
    tensor->kind = kind;
    tensor->shape = shape;
    tensor->batched = batched;
    tensor->place = place;
    tensor->first_use = tensor->last_use = -1;
    return tensor;
}

/* The n of a name that is `base` and n, 1 for `base` alone; 0 for any other. */
static long name_number(const char *name, const char *base, size_t length) {
    if (!name || strncmp(name, base, length) != 0)
        return 0;
    const char *digits = name + length;
    bool number = *digits && *digits != '0' && digits[strspn(digits, "0123456789")] == '\0';
    return number ? strtol(digits, NULL, 10) : *digits == '\0';
}

static bool name_is_taken(const Model *model, const char *name) {
    for (int i = 0; i < model->tensor_count; ++i)
        if (model->tensors[i]->name && strcmp(model->tensors[i]->name, name) == 0)
            return true;
    return false;
}

/* The least number that makes a name nobody has. There may be thousands with one base: two walks
 * count them and mark their numbers; of n names, one from 1 to n + 1 is free. */
static long free_number(Model *model, const char *base, size_t length) {
    long count = 0, free = 1;
    for (int i = 0; i < model->tensor_count; ++i)
        count += name_number(model->tensors[i]->name, base, length) > 0;
    bool *taken = arena_alloc(model->arena, (size_t)count + 2);
    for (int i = 0; i < model->tensor_count; ++i) {
        long number = name_number(model->tensors[i]->name, base, length);
        if (number <= count)
            taken[number] = true;
    }
    while (taken[free])
        ++free;
    return free;
}

const char *tensor_unique_name(Model *model, const char *base) {
    size_t length = strlen(base);
    if (!name_is_taken(model, base))
        return arena_copy(model->arena, base, length);
    return arena_print(model->arena, "%s%ld", base, free_number(model, base, length));
}

Step *step_new(Model *model, const StepKind *kind, Phase phase, Place place) {
    Step *step = arena_alloc(model->arena, sizeof *step);
    model->steps = grown(model->arena, model->steps, model->step_count, &model->step_capacity);
    step->number = model->step_count;
    model->steps[model->step_count++] = step;
    step->kind = kind;
    step->phase = phase;
    step->place = place;
    step->cast.site = -1;
    return step;
}

Step *step_with(Model *model, const StepKind *kind, Phase phase, const Step *like,
                Tensor *const in[], Tensor *out) {
    Step *step = step_new(model, kind, phase, like->place);
    step->source = like->source;
    for (int i = 0; kind->in_roles[i]; ++i)
        step->in[i] = in[i];
    step->out[0] = out;
    out->producer = step;
    return step;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static Attribute *attribute_new(Model *model, Step *step, const char *name) {
    Attribute **end = &step->attributes;
    while (*end && strcmp((*end)->name, name) != 0)
        end = &(*end)->next;
    if (!*end)
        *end = arena_alloc(model->arena, sizeof **end);
    (*end)->name = name;
    return *end;
}

void step_integer(Model *model, Step *step, const char *name, int64_t value) {
    step_integers(model, step, name, &value, 1);
    attribute_new(model, step, name)->list = false;
}

void step_integers(Model *model, Step *step, const char *name, const int64_t *values,
                   int64_t count) {
    Attribute *attribute = attribute_new(model, step, name);
    int64_t *copy = arena_alloc(model->arena, (size_t)count * sizeof *copy);
    memcpy(copy, values, (size_t)count * sizeof *copy);
    attribute->values = copy;
    attribute->count = count;
    attribute->list = true;
}

void step_reals(Model *model, Step *step, const char *name, const double *values, int64_t count) {
    Attribute *attribute = attribute_new(model, step, name);
    double *copy = arena_alloc(model->arena, (size_t)count * sizeof *copy);
    memcpy(copy, values, (size_t)count * sizeof *copy);
    attribute->reals = copy;
    attribute->count = count;
    attribute->list = count > 1;
}

void step_text(Model *model, Step *step, const char *name, const char *value) {
    Attribute *attribute = attribute_new(model, step, name);
    attribute->text = arena_copy(model->arena, value, strlen(value));
    attribute->count = 1;
}

const Attribute *step_attribute(const Step *step, const char *name) {
    const Attribute *attribute = step->attributes;
    while (attribute && strcmp(attribute->name, name) != 0)
        attribute = attribute->next;
    return attribute;
}

int64_t step_value(const Step *step, const char *name) {
    const Attribute *attribute = step_attribute(step, name);
    if (!attribute || !attribute->values)
        internal_error("a step '%s' has no integer '%s'", step->kind->name, name);
    return *attribute->values;
}

double step_real(const Step *step, const char *name) {
    const Attribute *attribute = step_attribute(step, name);
    if (!attribute || !attribute->reals)
        internal_error("a step '%s' has no real '%s'", step->kind->name, name);
    return *attribute->reals;
}

bool is_loss(const Step *step) {
    return step->in[1] && step->in[1]->kind == KIND_TARGET;
}

Type field_type(int field) {
    return field <= 16 ? TYPE_I16 : field <= 32 ? TYPE_I32 : TYPE_I64;
}

Scratch *step_scratch(Model *model, Step *step, const char *role, Type type, int64_t elements) {
    Scratch *scratch = arena_alloc(model->arena, sizeof *scratch);
    *scratch = (Scratch){role, type, elements, elements, 0, 0, step->scratch};
    step->scratch = scratch;
    return scratch;
}
