/* evaluate.c - from an expression to the steps that compute it.
 *
 * Calls an operator for each call and sign, which checks shapes and appends steps; a call of a
 * definition is its body, with the arguments for its parameters. */
#include "scope.h"

#include <string.h>

/* A model file is untrusted: each of these bounds time, memory or stack. */
enum {
    MAX_STEPS = 2000,
    MAX_LEVELS = 1000, /* of nested expressions, through all definitions */
    MAX_DEPTH = 64,    /* of definitions */
    MAX_EXPANSIONS = 10000,
    COPIES_PER_EXPANSION = 50 /* nodes copied for constants count as one more expansion */
};

/* ---- names ----------------------------------------------------------------------------------- */

Symbol *symbol_find(Symbol *symbols, const char *name) {
    while (symbols && strcmp(symbols->name, name) != 0)
        symbols = symbols->next;
    return symbols;
}

Symbol *symbol_new(Model *model, Symbol *next, const char *name, Place place) {
    Symbol *symbol = arena_alloc(model->arena, sizeof *symbol);
    symbol->name = name;
    symbol->place = place;
    symbol->next = next;
    return symbol;
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

/* ---- calls ----------------------------------------------------------------------------------- */

const Operator *operator_find(const char *name) {
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
    if (node->text[0] == '+')
        return operator_find("add");
    return node->text[0] == '*' ? operator_find("mul") : NULL;
}

static Tensor *evaluate_infix(Model *model, Scope *scope, const Node *node,
                              const Operator *operator, bool exchanged) {
    Call call = {.node = node, .place = node->place};
    Scope inner = *scope;
    inner.straight_through = false;
    bool good = true;
    for (int i = 0; i < 2; ++i) {
        const Node *side = i == 0 ? node->first : node->first->next;
        int place = exchanged ? 1 - i : i;
        good &= argument_read(model, side, &operator->parameters[place], evaluate, &inner,
                              &call.argument[place]);
    }
    return !good || too_many_steps(model, node) ? NULL : build(model, scope, operator, &call);
}

static Tensor *evaluate_binary(Model *model, Scope *scope, const Node *node) {
    bool exchanged;
    const Operator *operator = infix_operator(node, &exchanged);
    if (operator)
        return evaluate_infix(model, scope, node, operator, exchanged);
    diag_error(model, node->place,
               "'%s' works on constants only; tensors have '+', '*' and comparisons", node->text);
    return NULL;
}

static const Operator *wall_of(const Node *argument) {
    const Operator *operator = NULL;
    bool exchanged;
    if (!argument || argument->next)
        return NULL;
    if (argument->kind == NODE_COMPARE)
        operator = infix_operator(argument, &exchanged);
    else if (argument->kind == NODE_CALL)
        operator = operator_find(argument->text);
    return operator && operator->wall ? operator : NULL;
}

static Tensor *evaluate_ste(Model *model, Scope *scope, const Node *node) {
    const Operator *operator = wall_of(node->first);
    if (!operator) {
        diag_error(model, node->place, "'ste' takes one call of round, floor, sign, step or "
                   "onehot, or a comparison");
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

/* ---- expressions ----------------------------------------------------------------------------- */

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

Tensor *evaluate(Model *model, void *scope, const Node *node) {
    Scope inner = *(const Scope *)scope;
    if (++inner.level <= MAX_LEVELS)
        return evaluate_kind(model, &inner, node);
    diag_error(model, node->place, "expressions nest deeper than the limit of %d levels",
               MAX_LEVELS);
    return NULL;
}
