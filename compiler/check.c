/* check.c - from the syntax tree to the forward graph.
 *
 * Walks the items of the file in order: declarations make tensors, bindings call operators, which
 * check shapes and append steps. Reports every mistake that it finds; nothing runs after it if
 * there was one. */
#include "check.h"
#include "reserved.h"

#include <math.h>
#include <string.h>

/* A model file is untrusted: each of these bounds time, memory or stack. */
enum {
    MAX_ITEMS = 10000,
    MAX_STEPS = 2000,
    MAX_LEVELS = 1000, /* of nested expressions, through all definitions */
    MAX_DEPTH = 64,    /* of definitions */
    MAX_EXPANSIONS = 10000,
    COPIES_PER_EXPANSION = 50 /* nodes copied for constants count as one more expansion */
};

/* A name in scope: a tensor, or a `def`. Scopes are chains, the innermost first. */
typedef struct Symbol {
    const char *name;
    Place place;
    Tensor *tensor;
    const Node *def;
    bool used;
    struct Symbol *next;
} Symbol;

typedef struct {
    Symbol *symbols;
    const char *binding;
    const Node *source; /* the item that steps come from */
    int depth;          /* of `def` expansions */
    int level;          /* of nested expressions */
    bool straight_through;
} Scope;

static Tensor *evaluate(Model *model, void *scope, const Node *node);

/* ---- names ------------------------------------------------------------------------------------ */

static Symbol *symbol_find(Symbol *symbols, const char *name) {
    while (symbols && strcmp(symbols->name, name) != 0)
        symbols = symbols->next;
    return symbols;
}

static Symbol *symbol_new(Model *model, Symbol *next, const char *name, Place place) {
    Symbol *symbol = arena_alloc(model->arena, sizeof *symbol);
    symbol->name = name;
    symbol->place = place;
    symbol->next = next;
    return symbol;
}

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

static void report_unknown_name(Model *model, const Scope *scope, const Node *node) {
    const char *names[64] = {NULL};
    int count = 0;
    for (const Symbol *symbol = scope->symbols; symbol && count < 63; symbol = symbol->next)
        names[count++] = symbol->name;
    const char *nearest = diag_nearest(node->text, names);
    diag_error(model, node->place, "'%s' is not bound here", node->text);
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
    else
        diag_help(model, "a name is bound once, before it is used");
}

static Tensor *evaluate_name(Model *model, Scope *scope, const Node *node) {
    Symbol *symbol = symbol_find(scope->symbols, node->text);
    if (!symbol) {
        report_unknown_name(model, scope, node);
        return NULL;
    }
    symbol->used = true;
    if (symbol->def) {
        diag_error(model, node->place, "'%s' is a definition, not a value", node->text);
        diag_help(model, "call it: %s(...)", node->text);
        return NULL;
    }
    if (symbol->tensor && symbol->tensor->kind == KIND_TARGET) {
        diag_error(model, node->place, "'%s' is a target: it %s, and is no value", node->text,
                   symbol->tensor->classes ? "selects a class" : "is what the loss compares with");
        diag_help(model, "targets stand in the loss only");
        return NULL;
    }
    return symbol->tensor; /* NULL where its own binding failed: said already */
}

/* ---- calls ------------------------------------------------------------------------------------ */

static const Operator *operator_find(const char *name) {
    for (int i = 0; operators[i]; ++i)
        if (strcmp(operators[i]->name, name) == 0)
            return operators[i];
    return NULL;
}

static bool too_many_steps(Model *model, const Node *node) {
    if (model->step_count < MAX_STEPS)
        return false;
    if (model->step_count == MAX_STEPS)
        diag_error(model, node->place, "the network has more than %d steps", MAX_STEPS);
    return true;
}

/* Calls the operator; the steps that it appends come from this scope's item. */
static Tensor *build(Model *model, const Scope *scope, const Operator *operator, Call *call) {
    int first = model->step_count;
    call->binding = scope->binding;
    call->straight_through = scope->straight_through;
    Tensor *result = operator->build(model, call);
    for (int i = first; i < model->step_count; ++i) {
        model->steps[i]->source = scope->source;
        model->steps[i]->straight_through = scope->straight_through;
    }
    return result;
}

static Tensor *evaluate_operator(Model *model, Scope *scope, const Node *node,
                                 const Operator *operator) {
    Scope inner = *scope;
    Call call = {0};
    inner.straight_through = false;
    if (!call_bind(model, node, operator->parameters, evaluate, &inner, &call))
        return NULL;
    if (too_many_steps(model, node))
        return NULL;
    return build(model, scope, operator, &call);
}

/* A constant or a word such as `xavier`: put into the definition's text as it stands. */
static bool is_textual(const Scope *scope, const Node *node) {
    switch (node->kind) {
    case NODE_NUMBER: return true;
    case NODE_NEGATE: return is_textual(scope, node->first);
    case NODE_BINARY:
        return is_textual(scope, node->first) && is_textual(scope, node->first->next);
    case NODE_NAME: return symbol_find(scope->symbols, node->text) == NULL;
    default: return false;
    }
}

/* A constant expression as one number: text does not grow from expansion to expansion. */
static const Node *folded(Model *model, const Node *node) {
    double value;
    if (node->kind == NODE_NAME || !constant_number(model, node, &value))
        return node;
    Node *number = node_new(model, NODE_NUMBER, node->place,
                            arena_print(model->arena, "%.17g", value));
    number->number = value;
    return number;
}

/* A copy of `node` where the name `name` is replaced by `value`. */
static Node *substitute(Model *model, const Node *node, const char *name, const Node *value,
                        int *copies) {
    if (node->kind == NODE_NAME && strcmp(node->text, name) == 0)
        node = value;
    Node *copy = node_new(model, node->kind, node->place, node->text), **end = &copy->first;
    copy->number = node->number;
    ++*copies;
    for (const Node *child = node->first; child; child = child->next) {
        *end = substitute(model, child, name, value, copies);
        end = &(*end)->next;
    }
    return copy;
}

/* Evaluates the body with its parameters bound: values by symbols, constants by substitution. */
static Tensor *expand_definition(Model *model, Scope *scope, const Node *node,
                                 const Symbol *symbol) {
    Scope inner = *scope;
    const Node *parameter = symbol->def->first, *body = parameter;
    while (body->kind == NODE_PARAMETER)
        body = body->next;
    inner.depth = scope->depth + 1;
    inner.symbols = symbol->next; /* a definition sees what was bound before it: no recursion */
    for (const Node *argument = node->first; argument; argument = argument->next) {
        Symbol *local = symbol_new(model, inner.symbols, parameter->text, parameter->place);
        int copies = 0;
        if (is_textual(scope, argument))
            body = substitute(model, body, parameter->text, folded(model, argument), &copies);
        else if ((local->tensor = evaluate(model, scope, argument)) == NULL)
            return NULL;
        model->expansions += copies / COPIES_PER_EXPANSION;
        inner.symbols = local;
        parameter = parameter->next;
    }
    return evaluate(model, &inner, body);
}

static Tensor *evaluate_definition(Model *model, Scope *scope, const Node *node,
                                   const Symbol *symbol) {
    int errors = model->source.errors;
    int parameters = node_count(symbol->def) - 1;
    if (scope->depth == MAX_DEPTH || model->expansions >= MAX_EXPANSIONS) {
        diag_error(model, node->place,
                   "definitions expand deeper than %d or more often than %d times", MAX_DEPTH,
                   MAX_EXPANSIONS);
        return NULL;
    }
    ++model->expansions;
    if (node_count(node) != parameters) {
        diag_error(model, node->place, "'%s' takes %d argument%s, not %d", node->text, parameters,
                   parameters == 1 ? "" : "s", node_count(node));
        return NULL;
    }
    Tensor *result = expand_definition(model, scope, node, symbol);
    if (model->source.errors > errors)
        diag_note(model, node->place, "in the expansion of '%s' here", node->text);
    return result;
}

/* a + b, a * b, a > b; the other comparisons by their sides exchanged. */
static const Operator *infix_operator(const Node *node, bool *exchanged) {
    bool compares = node->kind == NODE_COMPARE;
    *exchanged = compares && node->text[0] == '<';
    if (compares)
        return operator_find(node->text[1] == '=' ? "at_least" : "greater");
    return node->text[0] == '+' ? operator_find("add") : node->text[0] == '*' ? operator_find("mul") : NULL;
}

static Tensor *evaluate_infix(Model *model, Scope *scope, const Node *node, const Operator *operator,
                              bool exchanged) {
    Call call = {.node = node, .place = node->place};
    Scope inner = *scope;
    inner.straight_through = false;
    for (int i = 0; i < 2; ++i) {
        const Node *side = i == 0 ? node->first : node->first->next;
        Argument *argument = &call.argument[exchanged ? 1 - i : i];
        *argument = (Argument){.place = side->place, .given = true};
        argument->tensor = evaluate(model, &inner, side);
        if (argument->tensor && !takes_tensor(model, side, ARGUMENT_TENSOR, argument->tensor))
            return NULL;
    }
    if (!call.argument[0].tensor || !call.argument[1].tensor || too_many_steps(model, node))
        return NULL;
    return build(model, scope, operator, &call);
}

static Tensor *evaluate_binary(Model *model, Scope *scope, const Node *node) {
    bool exchanged;
    const Operator *operator = infix_operator(node, &exchanged);
    if (operator)
        return evaluate_infix(model, scope, node, operator, exchanged);
    diag_error(model, node->place, "'%s' works on constants only; tensors have '+', '*' and comparisons",
               node->text);
    return NULL;
}

static const Operator *wall_of(const Node *argument) {
    bool exchanged;
    const Operator *operator = !argument || argument->next         ? NULL
                               : argument->kind == NODE_COMPARE ? infix_operator(argument, &exchanged)
                               : argument->kind == NODE_CALL    ? operator_find(argument->text)
                                                                : NULL;
    return operator && operator->wall ? operator : NULL;
}

static Tensor *evaluate_ste(Model *model, Scope *scope, const Node *node) {
    const Operator *operator = wall_of(node->first);
    if (!operator) {
        diag_error(model, node->place, "'ste' takes one call of round, floor, sign, step or onehot, or a comparison");
        diag_help(model, "write ste(round(x)): it rounds forwards and passes the error backwards");
        return NULL;
    }
    Scope inner = *scope;
    inner.straight_through = true;
    if (node->first->kind == NODE_COMPARE)
        return evaluate_binary(model, &inner, node->first);
    return evaluate_operator(model, &inner, node->first, operator);
}

static void report_unknown_operator(Model *model, const Node *node) {
    const char *names[64] = {"ste"};
    for (int i = 0; operators[i] && i < 62; ++i)
        names[i + 1] = operators[i]->name;
    const char *nearest = diag_nearest(node->text, names);
    diag_error(model, node->place, "there is no operator '%s'", node->text);
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
}

static Tensor *evaluate_call(Model *model, Scope *scope, const Node *node) {
    const Operator *operator = operator_find(node->text);
    Symbol *symbol = symbol_find(scope->symbols, node->text);
    if (strcmp(node->text, "ste") == 0)
        return evaluate_ste(model, scope, node);
    if (symbol && symbol->def) {
        symbol->used = true;
        return evaluate_definition(model, scope, node, symbol);
    }
    if (operator)
        return evaluate_operator(model, scope, node, operator);
    report_unknown_operator(model, node);
    return NULL;
}

/* ---- expressions ------------------------------------------------------------------------------ */

static Tensor *evaluate_kind(Model *model, Scope *scope, const Node *node) {
    switch (node->kind) {
    case NODE_NAME: return evaluate_name(model, scope, node);
    case NODE_CALL: return evaluate_call(model, scope, node);
    case NODE_BINARY:
    case NODE_COMPARE: return evaluate_binary(model, scope, node);
    default:
        diag_error(model, node->place, "'%s' is a constant where a tensor is needed",
                   node_source(model->arena, node));
        return NULL;
    }
}

static Tensor *evaluate(Model *model, void *scope, const Node *node) {
    Scope inner = *(const Scope *)scope;
    if (++inner.level <= MAX_LEVELS)
        return evaluate_kind(model, &inner, node);
    diag_error(model, node->place, "expressions nest deeper than the limit of %d levels",
               MAX_LEVELS);
    return NULL;
}

/* ---- declarations ----------------------------------------------------------------------------- */

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
        diag_error(model, type->place, "a target of classes is written class[n], or class[steps,n]");
        return NULL;
    }
    if (number->next) {
        shape.rank = 1;
        if (!constant_integer(model, number, "the number of steps", 1, MAX_ELEMENTS, &shape.dimension[0]))
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
        diag_help(model, "several losses may read it: loss cross_entropy(a, %s) + 2^-2 * mse(b, %s)",
                  model->target->name, model->target->name);
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
    if (tensor->kind == KIND_ACTIVATION && strchr(tensor->name, '.'))
        tensor->name = tensor_unique_name(model, item->text);
    tensor->place = item->place;
}

static Symbol *check_binding(Model *model, Symbol *symbols, const Node *item) {
    const Node *pin = item->first->kind == NODE_PIN ? item->first : NULL;
    const Node *expression = pin ? pin->next : item->first;
    Scope scope = {.symbols = symbols, .binding = item->text, .source = item};
    Tensor *tensor = evaluate(model, &scope, expression);
    if (tensor && tensor->kind == KIND_ACTIVATION && expression->kind != NODE_NAME)
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

/* ---- loss ------------------------------------------------------------------------------------- */

static const Loss *loss_find(Model *model, const Node *call) {
    const char *names[16] = {NULL};
    for (int i = 0; losses[i] && i < 15; ++i) {
        names[i] = losses[i]->name;
        if (strcmp(losses[i]->name, call->text) == 0)
            return losses[i];
    }
    const char *nearest = diag_nearest(call->text, names);
    diag_error(model, call->place, "there is no loss '%s'", call->text);
    diag_help(model, "losses are cross_entropy, binary_cross_entropy, mse, mae, huber and hinge, of an output "
                     "and a target");
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
    return NULL;
}

static Tensor *loss_target(Model *model, const Scope *scope, const Node *node) {
    Symbol *symbol = node->kind == NODE_NAME ? symbol_find(scope->symbols, node->text) : NULL;
    if (symbol && !symbol->tensor && !symbol->def)
        return NULL; /* its declaration failed: said already */
    if (symbol && symbol->tensor && symbol->tensor->kind == KIND_TARGET) {
        symbol->used = true;
        return symbol->tensor;
    }
    diag_error(model, node->place, "'%s' is no target", node_source(model->arena, node));
    diag_help(model, "declare one, such as: target digit: class[10]");
    return NULL;
}

static Tensor *no_more_tensors(Model *model, void *scope, const Node *node) {
    (void)scope;
    diag_error(model, node->place, "behind its output and its target a loss takes constants only");
    return NULL;
}

/* One of the losses that are added: a call, and the power of two that it is multiplied by. */
typedef struct {
    const Node *call;
    const Loss *loss;
    Tensor *prediction, *target;
    double factor;
} Term;

enum { MAX_TERMS = 8, MOST_DOWN = 16 };

static bool read_factor(Model *model, const Node *node, double *factor) {
    int exponent;
    if (!constant_number(model, node, factor))
        return false;
    if (frexp(*factor, &exponent) == 0.5 && exponent <= 1 && exponent > -MOST_DOWN)
        return true;
    diag_error(model, node->place, "the factor of a loss is 2^-k with k from 0 to %d, not %.12g", MOST_DOWN,
               *factor);
    return false;
}

static bool read_term(Model *model, const Node *node, Term *term) {
    const Node *call = node, *factor = NULL;
    if (node->kind == NODE_BINARY && node->text[0] == '*') {
        bool behind = node->first->next->kind == NODE_CALL;
        call = behind ? node->first->next : node->first;
        factor = behind ? node->first : node->first->next;
    }
    if (call->kind != NODE_CALL) {
        diag_error(model, call->place, "'%s' is no loss", node_source(model->arena, call));
        diag_help(model, "write a loss, such as cross_entropy(logits, digit), or add several: "
                         "cross_entropy(a, t) + 2^-2 * mse(b, t)");
        return false;
    }
    term->call = call;
    term->factor = 1;
    return !factor || read_factor(model, factor, &term->factor);
}

static bool add_terms(Model *model, const Node *node, Term *terms, int *count) {
    if (node->kind == NODE_BINARY && node->text[0] == '+')
        return add_terms(model, node->first, terms, count) &&
               add_terms(model, node->first->next, terms, count);
    if (*count < MAX_TERMS)
        return read_term(model, node, &terms[(*count)++]);
    diag_error(model, node->place, "more than %d losses are added", MAX_TERMS);
    return false;
}

/* What the loss reads; false after a message. */
static bool read_operands(Model *model, Scope *scope, Term *term) {
    const Node *call = term->call;
    term->loss = loss_find(model, call);
    if (!term->loss)
        return false;
    if (node_count(call) < 2 || call->first->kind == NODE_NAMED) {
        diag_error(model, call->place, "'%s' takes two arguments at least: an output and a target",
                   call->text);
        return false;
    }
    term->prediction = evaluate(model, scope, call->first);
    term->target = loss_target(model, scope, call->first->next);
    if (!term->prediction || !term->target || (!term->target->classes && !term->target->encoding) ||
        !takes_tensor(model, call->first, ARGUMENT_TENSOR, term->prediction))
        return false;
    if (term->loss->of_steps || !term->target->classes || term->target->shape.rank == 0)
        return true;
    diag_error(model, call->place, "'%s' takes one class for each sample; for each step there is cross_entropy",
               call->text);
    return false;
}

static void build_loss(Model *model, const Term *term, const Node *item) {
    Node rest = *term->call;
    Call call = {.factor = term->factor};
    int first = model->step_count;
    rest.first = term->call->first->next->next;
    if (call_bind(model, &rest, term->loss->parameters, no_more_tensors, NULL, &call))
        term->loss->build(model, &call, term->prediction, term->target);
    if (model->step_count > first)
        model->steps[first]->source = item;
}

/* All that losses read is computed before the first of them. */
static void check_loss(Model *model, Symbol *symbols, const Node *item) {
    Term terms[MAX_TERMS] = {0};
    int count = 0;
    Scope scope = {.symbols = symbols, .binding = "loss", .source = item};
    if (model->loss) {
        diag_error(model, item->place, "a model has one loss");
        diag_help(model, "several are added: loss cross_entropy(a, t) + 2^-2 * mse(b, t)");
        return;
    }
    bool good = add_terms(model, item->first, terms, &count);
    for (int i = 0; i < count; ++i)
        good = terms[i].call && read_operands(model, &scope, &terms[i]) && good;
    for (int i = 0; i < count && good; ++i)
        build_loss(model, &terms[i], item);
}

/* ---- the whole file --------------------------------------------------------------------------- */

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
