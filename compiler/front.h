/* front.h - what scan.l and parse.y share; nobody else needs it. */
#ifndef FRONT_H
#define FRONT_H

#include "intc.h"

enum {
    MOST_FILE_BYTES = 16 << 20,
    MOST_STRING_BYTES = 4096,
    MOST_NUMBER_CHARACTERS = 63,
    MOST_NESTING = 200, /* brackets, and levels of an expression */
    MOST_SCAN_ERRORS = 10,
    MOST_SYNTAX_ERRORS = 20
};

/* What a token says beyond its kind. */
typedef struct {
    const char *text; /* names, keywords, numbers as written; strings without quotes */
    double number;
} Lexeme;

typedef struct {
    int kind; /* as in the parser's enum yytokentype, or a character */
    Lexeme lexeme;
    Place place;
    bool starts_line;
} Token;

typedef struct {
    int kind;
    Place place;
} Bracket;

/* Nodes that will be the children of one parent, and how deep the deepest of them is. A single
 * expression is a sequence of one. */
typedef struct {
    Node *first, *last;
    int depth;
} Sequence;

typedef struct {
    Model *model;
    void *scanner;
    int line, column; /* where the next token starts */
    int scan_errors, syntax_errors;
    bool stopped; /* nothing more is read or reported */
    Sequence items;

    Token token;       /* the last one read */
    int previous_kind; /* of the token before it */
    Bracket brackets[MOST_NESTING + 1];
    int nesting; /* open brackets as read */
    int blocks;  /* open braces that the grammar has accepted: the lowest of `brackets` */
    int margin;  /* column where the last line started that is not inside ( ) or [ ] */

    /* Recovery: see `next_token` in parse.y. */
    bool recovering, held;
    int closes;
} Parser;

/* scan.l */
void scan_open(Parser *parser);
void scan_close(Parser *parser);
/* The next token into parser->token. Its kind is YYerror after a scan error that leaves a gap. */
void scan_token(Parser *parser);
/* Report nothing more, read nothing more. */
void parse_stop(Parser *parser);

#endif
