/* ast.c - the tree that the parser builds: making it, writing it back as source, dumping it. */
#include "intc.h"

#include <string.h>

Node *node_new(Model *model, NodeKind kind, Place place, const char *text) {
    Node *node = arena_alloc(model->arena, sizeof *node);
    node->kind = kind;
    node->place = place;
    node->text = text;
    return node;
}

Node *node_add(Node *parent, Node *child) {
    Node **end = &parent->first;
    while (*end != NULL)
        end = &(*end)->next;
    *end = child;
    return parent;
}

int node_count(const Node *parent) {
    int count = 0;
    for (const Node *child = parent->first; child != NULL; child = child->next)
        count++;
    return count;
}

/* ---- source text ----------------------------------------------------------------------------- */

/* How tightly an expression holds together; what binds looser stands in parentheses. */
typedef enum {
    LEVEL_ANY,
    LEVEL_COMPARISON,
    LEVEL_SUM,
    LEVEL_PRODUCT,
    LEVEL_SIGN,
    LEVEL_POWER,
    LEVEL_ATOM
} Level;

/* Longer expressions are cut, for messages and comments: a list may have a million elements. */
enum { MOST_SOURCE = 500 };

static void write_node(Text *out, const Node *node);

static Level level_of(const Node *node) {
    if (node->kind == NODE_COMPARE)
        return LEVEL_COMPARISON;
    if (node->kind == NODE_NEGATE)
        return LEVEL_SIGN;
    if (node->kind != NODE_BINARY)
        return LEVEL_ATOM;
    if (node->text[0] == '^')
        return LEVEL_POWER;
    return node->text[0] == '+' || node->text[0] == '-' ? LEVEL_SUM : LEVEL_PRODUCT;
}

static void write_operand(Text *out, const Node *node, Level least) {
    bool loose = level_of(node) < least;
    text_add(out, "%s", loose ? "(" : "");
    write_node(out, node);
    text_add(out, "%s", loose ? ")" : "");
}

static void write_binary(Text *out, const Node *node) {
    Level level = level_of(node);
    const Node *left = node->first, *right = left->next;
    if (level == LEVEL_POWER) {
        write_operand(out, left, LEVEL_ATOM);
        text_add(out, "^");
        write_operand(out, right, LEVEL_SIGN);
        return;
    }
    write_operand(out, left, level);
    text_add(out, " %s ", node->text);
    write_operand(out, right, level + 1);
}

/* NAME = EXPRESSION, or NAME: PIN = EXPRESSION */
static void write_binding(Text *out, const Node *node) {
    const Node *child = node->first;
    text_add(out, "%s", node->text);
    if (child->kind == NODE_PIN) {
        text_add(out, ": ");
        write_node(out, child);
        child = child->next;
    }
    text_add(out, " = ");
    write_node(out, child);
}

/* TYPE, TYPE shift EXPRESSION, or shift EXPRESSION */
static void write_pin(Text *out, const Node *node) {
    if (node->text != NULL)
        text_add(out, "%s%s", node->text, node->first != NULL ? " " : "");
    if (node->first == NULL)
        return;
    text_add(out, "shift ");
    write_node(out, node->first);
}

static void write_comparison(Text *out, const Node *node) {
    write_operand(out, node->first, LEVEL_SUM);
    text_add(out, " %s ", node->text);
    write_operand(out, node->first->next, LEVEL_SUM);
}

static void write_negation(Text *out, const Node *node) {
    text_add(out, "-");
    write_operand(out, node->first, LEVEL_SIGN);
}

/* How a kind is written: keyword, text, then the children between `open` and `close`; `empty`
 * stands in place of these two where there are no children. `write` is for kinds that differ. */
typedef struct {
    const char *name, *keyword, *open, *between, *close, *empty;
    void (*write)(Text *out, const Node *node);
} Form;

static const Form forms[] = {
    [NODE_FILE] = {"file", "", "", "\n", "\n", "", NULL},
    [NODE_MODEL] = {"model", "model ", "", "", "", "", NULL},
    [NODE_INPUT] = {"input", "input ", ": ", " ", "", "", NULL},
    [NODE_TARGET] = {"target", "target ", ": ", " ", "", "", NULL},
    [NODE_BINDING] = {.name = "binding", .write = write_binding},
    [NODE_DEF] = {"def", "def ", "(", ", ", ")", "", NULL},
    [NODE_PARAMETER] = {"parameter", "", "", "", "", "", NULL},
    [NODE_LOSS] = {"loss", "loss ", "", "", "", "", NULL},
    [NODE_TRAIN] = {"train", "train", " { ", "  ", " }", " { }", NULL},
    [NODE_SETTING] = {"setting", "", " ", "", "", "", NULL},
    [NODE_BLOCK] = {"block", "", "{ ", "  ", " }", "{ }", NULL},
    [NODE_TYPE] = {"type", "", "[", ",", "]", "", NULL},
    [NODE_UNIT] = {"unit", "unit ", "", "", "", "", NULL},
    [NODE_PIN] = {.name = "pin", .write = write_pin},
    [NODE_CALL] = {"call", "", "(", ", ", ")", "()", NULL},
    [NODE_NAMED] = {"named", "", " = ", "", "", "", NULL},
    [NODE_NAME] = {"name", "", "", "", "", "", NULL},
    [NODE_NUMBER] = {"number", "", "", "", "", "", NULL},
    [NODE_STRING] = {"string", "\"", "", "", "", "\"", NULL},
    [NODE_LIST] = {"list", "", "[", ", ", "]", "[]", NULL},
    [NODE_BINARY] = {.name = "binary", .write = write_binary},
    [NODE_NEGATE] = {.name = "negate", .write = write_negation},
    [NODE_COMPARE] = {.name = "compare", .write = write_comparison},
};

static void write_plain(Text *out, const Node *node, const Form *form) {
    text_add(out, "%s%s", form->keyword, node->text != NULL ? node->text : "");
    text_add(out, "%s", node->first != NULL ? form->open : form->empty);
    for (const Node *child = node->first; child && out->length <= MOST_SOURCE;
         child = child->next) {
        write_node(out, child);
        text_add(out, "%s", child->next != NULL ? form->between : form->close);
    }
}

static void write_node(Text *out, const Node *node) {
    const Form *form = &forms[node->kind];
    if (out->length > MOST_SOURCE)
        return;
    if (form->write != NULL)
        form->write(out, node);
    else
        write_plain(out, node, form);
}

char *node_source(Arena *arena, const Node *node) {
    Text out = text_new(arena);
    write_node(&out, node);
    if (out.length > MOST_SOURCE)
        memcpy(out.text + MOST_SOURCE, "...", 4);
    return out.text;
}

/* ---- the dump -------------------------------------------------------------------------------- */

/* Strings are the only texts that may hold any byte. */
static void dump_string(FILE *out, const char *text) {
    fputs(" \"", out);
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte >= 0x20 && byte < 0x7F)
            fputc(byte, out);
        else
            fprintf(out, "\\x%02X", byte);
    }
    fputc('"', out);
}

static void dump_node(FILE *out, const Node *node, int depth) {
    fprintf(out, "%*s%s", 2 * depth, "", forms[node->kind].name);
    if (node->kind == NODE_STRING)
        dump_string(out, node->text);
    else if (node->text != NULL)
        fprintf(out, " %s", node->text);
    if (node->place.line > 0)
        fprintf(out, " %d:%d", node->place.line, node->place.column);
    fputc('\n', out);
    for (const Node *child = node->first; child != NULL; child = child->next)
        dump_node(out, child, depth + 1);
}

void ast_dump(const Model *model, FILE *out) {
    dump_node(out, model->ast, 0);
}
