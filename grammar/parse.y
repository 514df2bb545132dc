/* parse.y - tokens to tree. Builds nodes and checks nothing else.
 *
 * After a syntax error the rest of the broken item or setting is skipped, and parsing goes on with
 * the next one, so that one run reports all of them. Newlines mean nothing to the grammar; recovery
 * alone looks at the layout (see `next_token`).
 */

%require "3.6"
%define api.pure full
%define api.location.type {Place}
%define parse.error custom
%define parse.lac full
%locations
%param {Parser *parser}

%code requires {
#include "front.h"
}

%union {
    Lexeme lexeme;
    Node *node;
    Sequence sequence;
}

%code {
#include "arena.h"

#include <stdlib.h>
#include <string.h>

#define YYMALLOC arena_request
#define YYFREE free

/* A rule's place, where it is used at all, runs from its first symbol to its last. */
#define YYLLOC_DEFAULT(result, rule, count) \
    (result) = (count) > 0 ? span(YYRHSLOC(rule, 1), YYRHSLOC(rule, count)) : YYRHSLOC(rule, 0)

static Place span(Place first, Place last);
static int yylex(YYSTYPE *value, Place *place, Parser *parser);
static void yyerror(const Place *place, Parser *parser, const char *message);
static Sequence none(void);
static Sequence one(Node *node);
static Sequence join(Sequence before, Sequence after);
static Node *make(Parser *parser, NodeKind kind, Place place, const char *text, Sequence children);
static Sequence branch(Parser *parser, NodeKind kind, Place place, const char *text,
                       Sequence children);
static void add_item(Parser *parser, Node *item);
static void open_block(Parser *parser);
}

%initial-action { @$ = (Place){1, 1, 1, 1}; }

%token YYEOF 0 "the end of the file"
%token <lexeme> MODEL "'model'" INPUT "'input'" TARGET "'target'" DEF "'def'" LOSS "'loss'"
%token <lexeme> TRAIN "'train'" UNIT "'unit'" SHIFT "'shift'"
%token <lexeme> NAME "a name" NUMBER "a number" STRING "a string"
%token AT_LEAST "'>='" AT_MOST "'<='"
%token ':' '=' ',' '(' ')' '[' ']' '{' '}' '+' '-' '*' '/' '^' '<' '>' /* as messages list them */
%token NEXT "the next item or setting" /* made by recovery, never scanned */

%type <lexeme> argument_name
%type <node> item data block
%type <sequence> type unit pin pin_shift parameters some_parameters settings setting value
%type <sequence> call expression sum product sign power primary
%type <sequence> arguments some_arguments argument list some_elements

%%

file: closed | open ;

/* An input or target may be followed by a call, its encoding; but a name may also be the start of
 * a binding. While the list of items is `open`, both are possible. */
closed: %empty
      | closed item            { add_item(parser, $2); }
      | open item              { add_item(parser, $2); }
      | open call              { node_add(parser->items.last, $2.first); }
      | closed error NEXT      { yyerrok; }
      | open error NEXT        { yyerrok; }
      ;

open: closed data              { add_item(parser, $2); }
    | open data                { add_item(parser, $2); }
    ;

data: INPUT NAME ':' type unit   { $$ = make(parser, NODE_INPUT, @2, $2.text, join($4, $5)); }
    | TARGET NAME ':' type unit  { $$ = make(parser, NODE_TARGET, @2, $2.text, join($4, $5)); }
    ;

type: NAME               { $$ = branch(parser, NODE_TYPE, @1, $1.text, none()); }
    | NAME '[' list ']'  { $$ = branch(parser, NODE_TYPE, @1, $1.text, $3); }
    ;

unit: %empty             { $$ = none(); }
    | UNIT expression    { $$ = branch(parser, NODE_UNIT, @1, NULL, $2); }
    ;

item: MODEL NAME
        { $$ = make(parser, NODE_MODEL, @2, $2.text, none()); }
    | NAME pin '=' expression
        { $$ = make(parser, NODE_BINDING, @1, $1.text, join($2, $4)); }
    | DEF NAME '(' parameters ')' '=' expression
        { $$ = make(parser, NODE_DEF, @2, $2.text, join($4, $7)); }
    | LOSS expression
        { $$ = make(parser, NODE_LOSS, @1, NULL, $2); }
    | TRAIN block
        { $$ = $2; $$->kind = NODE_TRAIN; $$->place = @1; }
    ;

pin: %empty              { $$ = none(); }
   | ':' NAME pin_shift  { $$ = branch(parser, NODE_PIN, @2, $2.text, $3); }
   | ':' SHIFT expression { $$ = branch(parser, NODE_PIN, @2, NULL, $3); }
   ;

pin_shift: %empty           { $$ = none(); }
         | SHIFT expression { $$ = $2; }
         ;

parameters: %empty { $$ = none(); } | some_parameters ;

some_parameters: NAME
                   { $$ = branch(parser, NODE_PARAMETER, @1, $1.text, none()); }
               | some_parameters ',' NAME
                   { $$ = join($1, branch(parser, NODE_PARAMETER, @3, $3.text, none())); }
               ;

/* ---- settings -------------------------------------------------------------------------------- */

block: open_block settings '}'
         { parser->blocks--; $$ = make(parser, NODE_BLOCK, @1, NULL, $2); } ;

open_block: '{' { open_block(parser); } ;

settings: %empty              { $$ = none(); }
        | settings setting    { $$ = join($1, $2); }
        | settings error NEXT { $$ = $1; yyerrok; }
        ;

setting: NAME value { $$ = branch(parser, NODE_SETTING, @1, $1.text, $2); } ;

value: expression
     | NAME NUMBER /* last 3, as if it were last(3) */
         { Node *number = make(parser, NODE_NUMBER, @2, $2.text, none());
           number->number = $2.number;
           $$ = branch(parser, NODE_CALL, @1, $1.text, one(number)); }
     | block                          { $$ = one($1); }
     ;

/* ---- expressions ----------------------------------------------------------------------------- */

expression: sum
          | sum '>' sum      { $$ = branch(parser, NODE_COMPARE, @2, ">", join($1, $3)); }
          | sum '<' sum      { $$ = branch(parser, NODE_COMPARE, @2, "<", join($1, $3)); }
          | sum AT_LEAST sum { $$ = branch(parser, NODE_COMPARE, @2, ">=", join($1, $3)); }
          | sum AT_MOST sum  { $$ = branch(parser, NODE_COMPARE, @2, "<=", join($1, $3)); }
          ;

sum: product
   | sum '+' product     { $$ = branch(parser, NODE_BINARY, @2, "+", join($1, $3)); }
   | sum '-' product     { $$ = branch(parser, NODE_BINARY, @2, "-", join($1, $3)); }
   ;

product: sign
       | product '*' sign { $$ = branch(parser, NODE_BINARY, @2, "*", join($1, $3)); }
       | product '/' sign { $$ = branch(parser, NODE_BINARY, @2, "/", join($1, $3)); }
       ;

sign: power
    | '-' sign           { $$ = branch(parser, NODE_NEGATE, @1, NULL, $2); }
    ;

power: primary
     | primary '^' sign  { $$ = branch(parser, NODE_BINARY, @2, "^", join($1, $3)); }
     ;

primary: NUMBER
           { Node *node = make(parser, NODE_NUMBER, @1, $1.text, none());
             node->number = $1.number;
             $$ = one(node); }
       | STRING               { $$ = branch(parser, NODE_STRING, @1, $1.text, none()); }
       | NAME                 { $$ = branch(parser, NODE_NAME, @1, $1.text, none()); }
       | call
       | SHIFT '(' arguments ')' /* of a setting: augment shift(2) */
           { $$ = branch(parser, NODE_CALL, @1, $1.text, $3); }
       | '[' list ']'         { $$ = branch(parser, NODE_LIST, @$, NULL, $2); }
       | '(' expression ')'   { $$ = $2; }
       ;

call: NAME '(' arguments ')'  { $$ = branch(parser, NODE_CALL, @1, $1.text, $3); } ;

arguments: %empty { $$ = none(); } | some_arguments ;

some_arguments: argument
              | some_arguments ',' argument { $$ = join($1, $3); }
              ;

argument: expression
        | argument_name '=' expression { $$ = branch(parser, NODE_NAMED, @1, $1.text, $3); }
        ;

/* Keywords are free to name arguments: fixed(shift = 8). */
argument_name: NAME | MODEL | INPUT | TARGET | DEF | LOSS | TRAIN | UNIT | SHIFT ;

list: %empty { $$ = none(); } | some_elements | some_elements ',' ;

some_elements: expression
             | some_elements ',' expression { $$ = join($1, $3); }
             ;

%%

/* ---- building -------------------------------------------------------------------------------- */

static Place span(Place first, Place last) {
    first.end_line = last.end_line;
    first.end_column = last.end_column;
    return first;
}

static Sequence none(void) {
    return (Sequence){NULL, NULL, 0};
}

static Sequence one(Node *node) {
    return (Sequence){node, node, 1};
}

static Sequence join(Sequence before, Sequence after) {
    int depth = before.depth > after.depth ? before.depth : after.depth;
    if (before.first == NULL || after.first == NULL)
        return before.first == NULL ? after : before;
    before.last->next = after.first;
    return (Sequence){before.first, after.last, depth};
}

static Node *make(Parser *parser, NodeKind kind, Place place, const char *text, Sequence children) {
    Node *node = node_new(parser->model, kind, place, text);
    node->first = children.first;
    return node;
}

/* Passes walk the tree by recursion, so its depth is bounded here. */
static void too_deep(Parser *parser, Place place) {
    if (parser->stopped)
        return;
    diag_error(parser->model, place, "nested deeper than the limit of %d levels", MOST_NESTING);
    parser->stopped = true;
}

static Sequence branch(Parser *parser, NodeKind kind, Place place, const char *text,
                       Sequence children) {
    Sequence result = one(make(parser, kind, place, text, children));
    result.depth = children.depth + 1;
    if (result.depth > MOST_NESTING)
        too_deep(parser, place);
    return result;
}

static void add_item(Parser *parser, Node *item) {
    parser->items = join(parser->items, one(item));
}

/* ---- recovery -----------------------------------------------------------------------------------
 *
 * After an error everything is skipped up to a token that surely starts something new: the first
 * name of a line that stands no further right than the broken line did, a brace that closes the
 * block, or a keyword of an item at the start of a line. The grammar sees a NEXT there, which ends
 * its `error`; in front of an item the blocks that were left open are closed as well. The token
 * itself follows.
 */

static bool starts_item(const Parser *parser) {
    const Token *token = &parser->token;
    bool keyword = token->kind >= MODEL && token->kind <= TRAIN;
    return token->kind == YYEOF || (keyword && token->starts_line);
}

static bool starts_something(const Parser *parser, int skipped_braces) {
    const Token *token = &parser->token;
    if (starts_item(parser))
        return true;
    if (token->kind == '}')
        return parser->blocks > 0 && skipped_braces == 0;
    return token->kind == NAME && token->starts_line && token->place.column <= parser->margin;
}

static void skip_broken_part(Parser *parser) {
    int braces = 0;
    while (!starts_something(parser, braces)) {
        if (parser->token.kind == '{')
            braces++;
        else if (parser->token.kind == '}' && braces > 0)
            braces--;
        scan_token(parser);
    }
    parser->recovering = false;
    parser->held = true;
    parser->nesting = parser->blocks;
    parser->closes = starts_item(parser) ? parser->blocks : 0;
}

/* ---- tokens on their way to the grammar ------------------------------------------------------ */

static bool is_opening(int kind) {
    return kind == '(' || kind == '[' || kind == '{';
}

static bool is_closing(int kind) {
    return kind == ')' || kind == ']' || kind == '}';
}

static bool inside_brackets(const Parser *parser) {
    return parser->nesting > 0 && parser->brackets[parser->nesting - 1].kind != '{';
}

static void follow_brackets(Parser *parser, int kind) {
    const Token *token = &parser->token;
    if (token->starts_line && !inside_brackets(parser))
        parser->margin = token->place.column;
    if (is_closing(kind) && parser->nesting > 0)
        parser->nesting--;
    if (!is_opening(kind))
        return;
    if (parser->nesting == MOST_NESTING)
        too_deep(parser, token->place);
    else
        parser->brackets[parser->nesting++] = (Bracket){kind, token->place};
}

static int next_token(Parser *parser) {
    if (parser->recovering) {
        skip_broken_part(parser);
        return NEXT;
    }
    if (parser->closes > 0) {
        parser->closes--;
        return '}';
    }
    if (!parser->held)
        scan_token(parser);
    parser->held = false;
    parser->recovering = parser->token.kind == YYerror;
    return parser->token.kind;
}

static int yylex(YYSTYPE *value, Place *place, Parser *parser) {
    int kind = parser->stopped ? YYEOF : next_token(parser);
    if (kind != NEXT)
        follow_brackets(parser, kind);
    value->lexeme = parser->token.lexeme;
    *place = parser->token.place;
    return parser->stopped ? YYEOF : kind;
}

static void open_block(Parser *parser) {
    parser->blocks++;
}

/* ---- what is said about a syntax error ------------------------------------------------------- */

/* The tokens that could have followed. Taking one out says that it needs no mention any more. */
typedef struct {
    bool has[YYNTOKENS];
    Text text; /* the mentions so far */
} Expected;

static yysymbol_kind_t symbol_of(int kind) {
    return YYTRANSLATE(kind);
}

static bool expects(const Expected *expected, int kind) {
    return expected->has[symbol_of(kind)];
}

static void drop(Expected *expected, const int *kinds) {
    for (; *kinds >= 0; kinds++)
        expected->has[symbol_of(*kinds)] = false;
}

static int expected_count(const Expected *expected) {
    int count = 0;
    for (int symbol = 0; symbol < YYNTOKENS; symbol++)
        count += expected->has[symbol];
    return count;
}

static void mention(Expected *expected, const char *what) {
    bool last = expected_count(expected) == 0;
    if (expected->text.length > 0)
        text_add(&expected->text, "%s", last ? " or " : ", ");
    text_add(&expected->text, "%s", what);
}

static const int item_tokens[] = {MODEL, INPUT, TARGET, DEF, LOSS, TRAIN, NAME, YYEOF, -1};
static const int argument_names[] = {MODEL, INPUT, TARGET, DEF, LOSS, TRAIN, UNIT, SHIFT, -1};
static const int value_tokens[] = {NUMBER, STRING, NAME, SHIFT, '(', '[', '-', '{', -1};
static const int operators_only[] = {'+', '-', '*', '/', '^', '(', '<', '>', AT_LEAST, AT_MOST, -1};

/* Groups of tokens by one name: what starts an expression, an item, a setting. */
static const char *take_group(Expected *expected) {
    bool value = expects(expected, STRING), item = expects(expected, DEF);
    if (!value)
        drop(expected, (const int[]){NUMBER, -1}); /* of `last 3`: rarely what is missing */
    if (value) {
        bool block = expects(expected, '{');
        drop(expected, value_tokens);
        if (item)
            drop(expected, argument_names);
        return item ? "an argument" : block ? "a value" : "an expression";
    }
    if (item) {
        drop(expected, item_tokens);
        return "a new item";
    }
    if (expects(expected, '}') && expects(expected, NAME)) {
        drop(expected, (const int[]){NAME, -1});
        return "a setting";
    }
    return NULL;
}

/* After a complete expression any operator could follow; to say so would bury what is missing. */
static void drop_operators(Expected *expected, bool grouped) {
    Expected rest = *expected;
    drop(&rest, operators_only);
    if (!grouped && expected_count(&rest) == 0)
        return;
    drop(expected, operators_only);
    if (expects(expected, ',') || expects(expected, ')'))
        drop(expected, (const int[]){'=', -1});
}

static const char *expected_text(Expected *expected) {
    const char *group = take_group(expected);
    drop_operators(expected, group != NULL);
    if (group != NULL)
        mention(expected, group);
    for (int symbol = 0; symbol < YYNTOKENS; symbol++) {
        if (!expected->has[symbol])
            continue;
        expected->has[symbol] = false;
        mention(expected, yysymbol_name((yysymbol_kind_t)symbol));
    }
    return expected->text.text;
}

static const char *token_text(const Parser *parser) {
    const Token *token = &parser->token;
    if (token->kind == STRING || token->lexeme.text == NULL)
        return yysymbol_name(symbol_of(token->kind));
    return arena_print(parser->model->arena, "'%s'", token->lexeme.text);
}

/* A bracket that is still open is worth showing if it is not in sight already. */
static void note_open_bracket(const Parser *parser) {
    int kind = parser->token.kind;
    int top = parser->nesting - 1 + is_closing(kind) - is_opening(kind);
    if (top < 0 || top >= MOST_NESTING)
        return;
    Bracket bracket = parser->brackets[top];
    if (bracket.place.line != parser->token.place.line)
        diag_note(parser->model, bracket.place, "this '%c' is still open", bracket.kind);
}

static bool is_keyword(int kind) {
    return kind >= MODEL && kind <= SHIFT;
}

static void help_with(const Parser *parser, const Expected *expected) {
    int kind = parser->token.kind, previous = parser->previous_kind;
    bool only_name = expected_count(expected) == 1 || kind == UNIT || kind == SHIFT;
    if (is_keyword(kind) && expects(expected, NAME) && only_name)
        diag_help(parser->model, "%s is a keyword: choose another name", token_text(parser));
    else if ((kind == '=' || kind == ':') && is_keyword(previous))
        diag_help(parser->model, "%s is a keyword: choose another name",
                  yysymbol_name(symbol_of(previous)));
    else if (kind == '=' && expects(expected, '{') && expects(expected, NUMBER))
        diag_help(parser->model, "settings are written without '=': batch 32");
    else if (expects(expected, DEF) && !expects(expected, NUMBER) && parser->items.first == NULL)
        diag_help(parser->model, "items are model, input, target, def, loss, train, and "
                                 "bindings: NAME = EXPRESSION");
}

static int yyreport_syntax_error(const yypcontext_t *context, Parser *parser) {
    yysymbol_kind_t symbols[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, symbols, YYNTOKENS);
    Expected expected = {.text = text_new(parser->model->arena)};
    if (++parser->syntax_errors > MOST_SYNTAX_ERRORS)
        parse_stop(parser);
    if (parser->stopped)
        return 0;
    for (int i = 0; i < count; i++)
        expected.has[symbols[i]] = true;
    Expected all = expected;
    diag_error(parser->model, parser->token.place, "expected %s before %s",
               expected_text(&expected), token_text(parser));
    if (expects(&all, ')') || expects(&all, ']') || expects(&all, '}'))
        note_open_bracket(parser);
    help_with(parser, &all);
    parser->recovering = true;
    return 0;
}

/* Bison calls this only when its stack is full, which brackets alone cannot bring about: long
 * chains of signs or powers do. */
static void yyerror(const Place *place, Parser *parser, const char *message) {
    (void)message;
    too_deep(parser, *place);
}

/* ---- the pass -------------------------------------------------------------------------------- */

/* Binary files are told apart here: a byte 0 costs flex a new start at the token that holds it. */
static bool is_text(Model *model) {
    const Source *source = &model->source;
    const char *zero = memchr(source->text, '\0', source->length);
    if (source->length > MOST_FILE_BYTES) {
        diag_error(model, (Place){0}, "the file has %zu bytes; a model file has at most %d",
                   source->length, MOST_FILE_BYTES);
        return false;
    }
    if (zero == NULL)
        return true;
    Place place = {1, 1, 0, 0};
    for (const char *byte = source->text; byte < zero; byte++) {
        place.column = *byte == '\n' ? 1 : place.column + 1;
        place.line += *byte == '\n';
    }
    diag_error(model, place, "unexpected byte 0x00: this is not a text file");
    return false;
}

void parse(Model *model) {
    Parser parser = {.model = model};
    if (is_text(model)) {
        scan_open(&parser);
        yyparse(&parser);
        scan_close(&parser);
    }
    model->ast = make(&parser, NODE_FILE, (Place){0}, NULL, parser.items);
    if (model->ast->first == NULL && model->source.errors == 0)
        diag_error(model, (Place){0}, "the file is empty: a model starts with 'model NAME'");
}
