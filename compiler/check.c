/* check.c - from the syntax tree to the forward graph.
 *
 * Walks the items of the file in order: declarations make tensors, bindings evaluate expressions,
 * whose operators check shapes and append steps. Reports every mistake that it finds; nothing runs
 * after it if there was one. */
#include "scope.h"
#include "reserved.h"

#include <string.h>

enum { MAX_ITEMS = 10000 }; /* a model file is untrusted: this bounds time */

/* ---- declarations ---------------------------------------------------------------------------- */

static bool name_is_free(Model *model, const Node *item, Symbol *symbols) {
    if (name_is_reserved(item->text)) {
        diag_error(model, item->place, "'%s' is a word that C or the generated code reserves",
                   item->text);
        diag_help(model, "choose another name");
        return false;
    }
    Symbol *other = symbol_find(symbols, item->text);
    if (!other)
        return true;
    diag_error(model, item->place, "'%s' is bound twice", item->text);
    diag_note(model, other->place, "the first time is here");
    return false;
}

bool shape_from_type(Model *model, const Node *type, Shape *shape) {
    int64_t elements = 1;
    *shape = (Shape){0};
    for (const Node *node = type->first; node; node = node->next) {
        int64_t size;
        if (shape->rank == MAX_DIMENSIONS) {
            diag_error(model, node->place, "a shape has at most %d dimensions", MAX_DIMENSIONS);
            return false;
        }
        if (!constant_integer(model, node, "a dimension", 1, MAX_ELEMENTS, &size))
            return false;
        elements *= size; /* below 2^28 * 2^28 */
        if (elements > MAX_ELEMENTS) {
            diag_error(model, node->place, "the shape has more than %d elements", MAX_ELEMENTS);
            return false;
        }
        shape->dimension[shape->rank++] = size;
    }
    if (shape->rank > 0)
        return true;
    diag_error(model, type->place, "'%s' needs a shape, such as %s[4]", type->text, type->text);
    return false;
}

static Symbol *declare(Model *model, Symbol *symbols, const Node *item, Tensor *tensor) {
    if (!name_is_free(model, item, symbols))
        return symbols;
    Symbol *symbol = symbol_new(model, symbols, item->text, item->place);
    symbol->tensor = tensor;
    return symbol;
}

/* The input's values: what the network computes with. */
static Tensor *encode(Model *model, const Node *item, Tensor *raw) {
    Tensor *values =
        tensor_new(model, item->text, KIND_ACTIVATION, raw->shape, true, item->place);
    const StepKind *kind = raw->encoding->indices ? &index_step : &encode_step;
    Step *step = step_new(model, kind, PHASE_FORWARD, item->place);
    values->classes = raw->encoding->indices;
    step->source = item;
    step->in[0] = raw;
    step->out[0] = values;
    values->producer = step;
    return values;
}

static Symbol *check_input(Model *model, Symbol *symbols, const Node *item) {
    Shape shape;
    Tensor *tensor = NULL;
    if (model->input) {
        diag_error(model, item->place, "a model has one input");
        diag_note(model, model->input->place, "the first is here");
    } else if (shape_from_type(model, item->first, &shape)) {
        const char *raw_name = arena_print(model->arena, "%s.raw", item->text);
        model->input = tensor_new(model, raw_name, KIND_INPUT, shape, true, item->place);
        model->input->encoding = encoding_read(model, item, shape);
        tensor = model->input->encoding ? encode(model, item, model->input) : NULL;
    }
    return declare(model, symbols, item, tensor);
}

static Tensor *class_target(Model *model, const Node *item) {
    const Node *type = item->first;
    const Node *number = type->first;
    int64_t classes;
    Shape shape = {0};
    if (node_count(type) < 1 || node_count(type) > 2 || type->next) {
        diag_error(model, type->place,
                   "a target of classes is written class[n], or class[steps,n]");
        return NULL;
    }
    if (number->next) {
        shape.rank = 1;
        if (!constant_integer(model, number, "the number of steps", 1, MAX_ELEMENTS,
                              &shape.dimension[0]))
            return NULL;
        number = number->next;
    }
    if (!constant_integer(model, number, "the number of classes", 2, 65536, &classes))
        return NULL;
    Tensor *tensor = tensor_new(model, item->text, KIND_TARGET, shape, true, item->place);
    tensor->classes = (int)classes;
    return tensor;
}

static Tensor *real_target(Model *model, const Node *item) {
    Shape shape;
    if (!shape_from_type(model, item->first, &shape))
        return NULL;
    Tensor *tensor = tensor_new(model, item->text, KIND_TARGET, shape, true, item->place);
    tensor->encoding = encoding_read(model, item, shape);
    if (tensor->encoding && tensor->encoding->indices) {
        diag_error(model, item->place, "a target of indices is written class[n]");
        tensor->encoding = NULL;
    }
    return tensor;
}

static Symbol *check_target(Model *model, Symbol *symbols, const Node *item) {
    Tensor *tensor = NULL;
    if (model->target) {
        diag_error(model, item->place, "a model has one target");
        diag_note(model, model->target->place, "the first is here");
        diag_help(model, "several losses may read it: loss cross_entropy(a, %s) + 2^-2 * "
                         "mse(b, %s)", model->target->name, model->target->name);
    } else {
        bool is_class = strcmp(item->first->text, "class") == 0;
        tensor = is_class ? class_target(model, item) : real_target(model, item);
        model->target = tensor;
    }
    return declare(model, symbols, item, tensor);
}

static bool read_pin(Model *model, const Node *node, Pin *pin) {
    static const char *const types = "i8, i16 and i32";
    int64_t shift;
    pin->place = node->place;
    if (node->text) {
        pin->has_type = type_from_name(node->text, &pin->type) && pin->type >= TYPE_I8 &&
                        pin->type <= TYPE_I32;
        if (!pin->has_type) {
            diag_error(model, node->place, "'%s' is no type for a pin: they are %s", node->text,
                       types);
            return false;
        }
    }
    if (!node->first)
        return true;
    if (!constant_integer(model, node->first, "a shift", -16, 40, &shift))
        return false;
    pin->has_shift = true;
    pin->shift = (int)shift;
    return true;
}

static void apply_pin(Model *model, const Node *node, Tensor *tensor) {
    Pin pin = {0};
    if (!read_pin(model, node, &pin))
        return;
    tensor->pin = pin;
}

/* The result of a binding takes the binding's name. */
static void name_result(Model *model, const Node *item, Tensor *tensor) {
    if (strchr(tensor->name, '.'))
        tensor->name = tensor_unique_name(model, item->text);
    tensor->place = item->place;
}

static Symbol *check_binding(Model *model, Symbol *symbols, const Node *item) {
    const Node *pin = item->first->kind == NODE_PIN ? item->first : NULL;
    const Node *expression = pin ? pin->next : item->first;
    Scope scope = {.symbols = symbols, .binding = item->text, .source = item};
    Tensor *tensor = evaluate(model, &scope, expression);
    if (tensor && expression->kind != NODE_NAME)
        name_result(model, item, tensor);
    if (tensor && pin && expression->kind == NODE_NAME)
        diag_error(model, pin->place, "'%s' is only another name of '%s': pin that one",
                   item->text, tensor->name);
    else if (tensor && pin && tensor->classes > 0)
        diag_error(model, pin->place, "'%s' holds indices, whose format is not chosen", item->text);
    else if (tensor && pin)
        apply_pin(model, pin, tensor);
    return declare(model, symbols, item, tensor);
}

static const Node *find_call(const Node *node, const char *name) {
    const Node *found = node->kind == NODE_CALL && strcmp(node->text, name) == 0 ? node : NULL;
    for (const Node *child = node->first; child && !found; child = child->next)
        found = find_call(child, name);
    return found;
}

static Symbol *check_def(Model *model, Symbol *symbols, const Node *item) {
    if (operator_find(item->text) || strcmp(item->text, "ste") == 0) {
        diag_error(model, item->place, "'%s' is an operator; a definition needs a name of its own",
                   item->text);
        return symbols;
    }
    if (!name_is_free(model, item, symbols))
        return symbols;
    const Node *call = find_call(item, item->text);
    if (call) {
        diag_error(model, call->place, "'%s' calls itself: definitions cannot recurse",
                   item->text);
        return symbols;
    }
    Symbol *symbol = symbol_new(model, symbols, item->text, item->place);
    symbol->def = item;
    symbol->used = true;
    return symbol;
}

/* ---- the whole file -------------------------------------------------------------------------- */

static void check_model_name(Model *model, const Node *item) {
    if (model->name) {
        diag_error(model, item->place, "the model is named twice");
        return;
    }
    if (model_name_is_reserved(item->text)) {
        diag_error(model, item->place, "'%s' is a word that C or the generated code reserves",
                   item->text);
        return;
    }
    model->name = item->text;
}

static void report_missing(Model *model) {
    static const char *const examples[] = {"model mnist", "input image: u8[784] fixed(8)",
                                           "target digit: class[10]",
                                           "loss cross_entropy(logits, digit)"};
    static const char *const names[] = {"name", "input", "target", "loss"};
    bool missing[] = {!model->name, !model->input, !model->target, !model->loss};
    if (model->source.errors > 0)
        return; /* it may be missing because it was wrong */
    for (int i = 0; i < 4; ++i) {
        if (!missing[i])
            continue;
        diag_error(model, (Place){0}, "the model has no %s", names[i]);
        diag_help(model, "write %s", examples[i]);
    }
}

static void warn_unused(Model *model, const Symbol *symbols) {
    for (const Symbol *symbol = symbols; symbol; symbol = symbol->next)
        if (!symbol->used && symbol->tensor)
            diag_warning(model, symbol->place, "'%s' is never used", symbol->name);
}

/* Marks the steps and tensors that the loss depends on. */
static void mark_used(Model *model, bool *steps, bool *tensors) {
    for (int i = model->step_count - 1; i >= 0; --i) {
        const Step *step = model->steps[i];
        steps[i] |= is_loss(step);
        for (int k = 0; steps[i] && k < MAX_OPERANDS; ++k) {
            if (step->out[k])
                tensors[step->out[k]->id] = true;
            if (step->in[k])
                tensors[step->in[k]->id] = true;
            if (step->in[k] && step->in[k]->producer)
                steps[step->in[k]->producer->number] = true;
        }
    }
}

/* Keeps what the loss depends on, in order. */
static void drop_unused(Model *model) {
    bool *steps = arena_alloc(model->arena, (size_t)model->step_count * sizeof *steps);
    bool *tensors = arena_alloc(model->arena, (size_t)model->tensor_count * sizeof *tensors);
    int step_count = model->step_count, tensor_count = model->tensor_count;
    mark_used(model, steps, tensors);
    model->step_count = model->tensor_count = 0;
    for (int i = 0; i < step_count; ++i) {
        if (!steps[i])
            continue;
        model->steps[i]->number = model->step_count;
        model->steps[model->step_count++] = model->steps[i];
    }
    for (int i = 0; i < tensor_count; ++i) {
        if (!tensors[i])
            continue;
        model->tensors[i]->id = model->tensor_count;
        model->tensors[model->tensor_count++] = model->tensors[i];
    }
}

void check(Model *model) {
    Symbol *symbols = NULL;
    const Node *train = NULL;
    if (node_count(model->ast) > MAX_ITEMS) {
        diag_error(model, (Place){0}, "the file has more than %d items", MAX_ITEMS);
        return;
    }
    for (const Node *item = model->ast->first; item; item = item->next) {
        switch (item->kind) {
        case NODE_MODEL: check_model_name(model, item); break;
        case NODE_INPUT: symbols = check_input(model, symbols, item); break;
        case NODE_TARGET: symbols = check_target(model, symbols, item); break;
        case NODE_BINDING: symbols = check_binding(model, symbols, item); break;
        case NODE_DEF: symbols = check_def(model, symbols, item); break;
        case NODE_LOSS: check_loss(model, symbols, item); break;
        default:
            if (train)
                diag_error(model, item->place, "a model has one train block");
            train = item;
        }
    }
    report_missing(model);
    settings_read(model, train);
    augment_input(model);
    if (model->source.errors > 0)
        return;
    warn_unused(model, symbols);
    drop_unused(model);
    average_check(model);
}
