/* scope.h - names and what they are bound to, and expressions over them: what the files of the
 * check pass that make tensors share. */
#ifndef SCOPE_H
#define SCOPE_H

#include "check.h"

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

/* NULL where the name is not bound. */
Symbol *symbol_find(Symbol *symbols, const char *name);
/* In front of `next`, the innermost so far. */
Symbol *symbol_new(Model *model, Symbol *next, const char *name, Place place);
/* NULL where there is none of that name. */
const Operator *operator_find(const char *name);
/* The tensor that an expression makes; appends its steps. `scope` is a Scope. */
Tensor *evaluate(Model *model, void *scope, const Node *node);
/* The item `loss`: appends a step for each loss that it adds. */
void check_loss(Model *model, Symbol *symbols, const Node *item);

#endif
