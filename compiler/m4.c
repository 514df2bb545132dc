/* m4.c - m4 as a child process: its input, its messages.
 *
 * The parts are one stream to m4, so its messages count lines from the start of all of them; they
 * are translated to the template and line that a person can open. */
#include "m4.h"

#include "process.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct M4Part {
    const char *name;
    int line; /* the first one, in the whole input */
    M4Part *next;
};

static const char prologue[] =
    "m4_changequote([<,>])m4_changecom()m4_undefine([<m4_builtin>],[<m4_debugfile>],"
    "[<m4_esyscmd>],[<m4_include>],[<m4_maketemp>],[<m4_mkstemp>],[<m4_sinclude>],[<m4_syscmd>],"
    "[<m4_undivert>])m4_dnl\n";

static void append(M4Input *input, const char *text, size_t length) {
    text_append(&input->text, text, length);
    for (size_t i = 0; i < length; i++)
        input->line += text[i] == '\n';
}

M4Input m4_input_new(Arena *arena) {
    M4Input input = {.arena = arena, .text = text_new(arena), .line = 1};
    append(&input, prologue, sizeof prologue - 1);
    return input;
}

void m4_input_add(M4Input *input, const char *name, const char *text, size_t length) {
    M4Part *part = arena_alloc(input->arena, sizeof *part);
    *part = (M4Part){name, input->line, NULL};
    if (input->last)
        input->last->next = part;
    else
        input->first = part;
    input->last = part;
    append(input, text, length);
    if (length > 0 && text[length - 1] != '\n')
        append(input, "\n", 1);
}

void m4_input_define_verbatim(M4Input *input, const char *macro, const char *text, size_t length) {
    if (strstr(text, "[<") || strstr(text, ">]") || strlen(text) != length)
        internal_error("the text of %s cannot be quoted for m4", macro);
    Text definition = text_new(input->arena);
    text_add(&definition, "m4_define([<%s>], [<[<", macro);
    text_append(&definition, text, length);
    text_add(&definition, ">]>])m4_dnl\n");
    m4_input_add(input, macro, definition.text, definition.length);
}

/* ---- messages -------------------------------------------------------------------------------- */

static const M4Part *part_at(const M4Input *input, long line) {
    const M4Part *found = NULL;
    for (const M4Part *part = input->first; part && part->line <= line; part = part->next)
        found = part;
    return found;
}

/* `m4:stdin:812: text` becomes `templates/ops/dense.m4:17: text`. */
static void add_message(const M4Input *input, Text *out, const char *message, size_t length) {
    static const char head[] = "m4:stdin:";
    char *end = NULL;
    long line = 0;
    if (strncmp(message, head, sizeof head - 1) == 0)
        line = strtol(message + sizeof head - 1, &end, 10);
    const M4Part *part = part_at(input, line);
    if (end && *end == ':' && part) {
        text_add(out, "%s:%ld", part->name, line - part->line + 1);
        length -= (size_t)(end - message);
        message = end;
    }
    text_append(out, message, length);
}

static const char *translate(const M4Input *input, const char *messages) {
    Text out = text_new(input->arena);
    while (*messages) {
        size_t length = strcspn(messages, "\n");
        length += messages[length] == '\n';
        add_message(input, &out, messages, length);
        messages += length;
    }
    return out.text;
}

static _Noreturn void fail_to_start(int error) {
    if (error == ENOENT)
        fail("m4 is not installed; install it with: apt-get install m4");
    fail("cannot run m4: %s", strerror(error));
}

Text m4_run(const M4Input *input) {
    char *const argv[] = {"m4", "-P", "-EE", "-", NULL};
    Process m4 = process_filter(input->arena, argv, input->text.text, input->text.length);
    if (m4.error)
        fail_to_start(m4.error);
    if (m4.errors.length > 0)
        fputs(translate(input, m4.errors.text), stderr);
    if (m4.status > 128)
        fail("m4 was ended by signal %d", m4.status - 128);
    if (m4.status != 0 || m4.errors.length > 0)
        fail("m4 failed with exit status %d", m4.status);
    return m4.output;
}
