/* m4.h - text in, text out: one run of m4. */
#ifndef M4_H
#define M4_H

#include "intc.h"

/* What m4 is to read, and which file each part of it came from. */
typedef struct M4Part M4Part;
typedef struct {
    Arena *arena;
    Text text;
    int line; /* of the end of the text */
    M4Part *first, *last;
} M4Input;

/* An input that starts by setting quotes to [< and >], turning comments off, and taking away every
 * builtin that could touch a file or run a command. */
M4Input m4_input_new(Arena *arena);
/* `name` is what messages call the part. */
void m4_input_add(M4Input *input, const char *name, const char *text, size_t length);
/* Defines `macro` as a text that m4 passes on as it is. */
void m4_input_define_verbatim(M4Input *input, const char *macro, const char *text, size_t length);
/* What m4 makes of it; a missing m4 or an error in a template ends the program with status 3. */
Text m4_run(const M4Input *input);

#endif
