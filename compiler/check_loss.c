/* check_loss.c - the item `loss`: one loss, or several with powers of two for factors, added up. */
#include "scope.h"

#include <math.h>
#include <string.h>

static const Loss *loss_find(Model *model, const Node *call) {
    const char *names[16] = {NULL};
    for (int i = 0; losses[i] && i < 15; ++i) {
        names[i] = losses[i]->name;
        if (strcmp(losses[i]->name, call->text) == 0)
            return losses[i];
    }
    const char *nearest = diag_nearest(call->text, names);
    diag_error(model, call->place, "there is no loss '%s'", call->text);
    diag_help(model, "losses are cross_entropy, binary_cross_entropy, mse, mae, huber and hinge, "
                     "of an output and a target");
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
    diag_error(model, node->place, "the factor of a loss is 2^-k with k from 0 to %d, not %.12g",
               MOST_DOWN, *factor);
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
    diag_error(model, call->place, "'%s' takes one class for each sample; for each step there is "
               "cross_entropy", call->text);
    return false;
}

static void build_loss(Model *model, const Term *term, const Node *item) {
    Node rest = *term->call;
    static const char *const operands[] = {"output", "target", NULL};
    Call call = {.factor = term->factor, .operands = operands};
    int first = model->step_count;
    rest.first = term->call->first->next->next;
    if (call_bind(model, &rest, term->loss->parameters, no_more_tensors, NULL, &call))
        term->loss->build(model, &call, term->prediction, term->target);
    if (model->step_count > first)
        model->steps[first]->source = item;
}

/* All that losses read is computed before the first of them. */
void check_loss(Model *model, Symbol *symbols, const Node *item) {
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
