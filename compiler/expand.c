/* expand.c - requires define; writes the files.
 *
 * The text of each file is one run of m4 over all templates, the definitions of this model, and at
 * last the template of that file. All files are made before the first is written. */
#include "embedded.h"
#include "file.h"
#include "m4.h"
#include "output.h"

#include <ctype.h>
#include <string.h>

enum { MOST_TEMPLATE_BYTES = 1 << 24 };

/* The file that each of these templates makes is the model's name and the suffix. */
static const struct {
    const char *template, *suffix;
} products[] = {
    {"templates/model.h.m4", ".h"},
    {"templates/model.c.m4", ".c"},
    {"templates/main.c.m4", "_main.c"},
};

enum { PRODUCTS = sizeof products / sizeof *products, PAIR = 2 };

static bool starts_with(const char *text, const char *start) {
    return strncmp(text, start, strlen(start)) == 0;
}

/* ---- templates ------------------------------------------------------------------------------- */

static void add_template(const Model *model, M4Input *input, const Embedded *file) {
    const char *folder = model->options.template_folder;
    if (!folder) {
        m4_input_add(input, file->name, (const char *)file->bytes, file->length);
        return;
    }
    size_t length;
    const char *name = file->name + strlen("templates/");
    const char *path = arena_print(model->arena, "%s/%s", folder, name);
    char *text = file_read(model->arena, path, MOST_TEMPLATE_BYTES, &length);
    m4_input_add(input, path, text, length);
}

static void add_template_named(const Model *model, M4Input *input, const char *name) {
    for (const Embedded *file = embedded_files; file->name; file++) {
        if (strcmp(file->name, name) == 0) {
            add_template(model, input, file);
            return;
        }
    }
    internal_error("there is no %s", name);
}

/* Those of operators, losses and optimizers, whichever there are: all that lie in a sub-folder. */
static void add_templates(const Model *model, M4Input *input) {
    add_template_named(model, input, "templates/common.m4");
    for (const Embedded *file = embedded_files; file->name; file++) {
        if (starts_with(file->name, "templates/") && strchr(strchr(file->name, '/') + 1, '/'))
            add_template(model, input, file);
    }
}

/* ---- pasted files ---------------------------------------------------------------------------- */

/* The paste of host/host.h is named for what it holds; the others are named as their files. */
static const char *paste_name(Arena *arena, const char *path) {
    if (strcmp(path, "runtime/host/host.h") == 0)
        return "INTC_PASTE_host_types";
    const char *base = strrchr(path, '/') + 1;
    const char *group = starts_with(path, "runtime/host/") ? "host_" : "";
    return arena_print(arena, "INTC_PASTE_%s%.*s", group, (int)strcspn(base, "."), base);
}

/* The file as it is, less the includes of files that are pasted as well. */
static Text paste_text(Arena *arena, const Embedded *file) {
    Text text = text_new(arena);
    const char *line = (const char *)file->bytes, *end = line + file->length;
    while (line < end) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        size_t length = newline ? (size_t)(newline + 1 - line) : (size_t)(end - line);
        if (!starts_with(line, "#include \""))
            text_append(&text, line, length);
        line += length;
    }
    return text;
}

static void add_pastes(const Model *model, M4Input *input) {
    for (const Embedded *file = embedded_files; file->name; file++) {
        if (!starts_with(file->name, "runtime/"))
            continue;
        const char *macro = paste_name(model->arena, file->name);
        Text text = paste_text(model->arena, file);
        m4_input_define_verbatim(input, macro, text.text, text.length);
    }
}

/* ---- what m4 printed ------------------------------------------------------------------------- */

/* No blanks at the end of a line, no two empty lines in a row, none at the start or the end. */
static Text tidy(Arena *arena, const char *text, size_t length) {
    Text out = text_new(arena);
    bool gap = false;
    for (const char *line = text, *end = text + length; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *next = newline ? newline + 1 : end, *last = newline ? newline : end;
        while (last > line && (last[-1] == ' ' || last[-1] == '\t'))
            last--;
        if (last > line) {
            if (gap && out.length > 0 && *line != '}')
                text_append(&out, "\n", 1);
            text_append(&out, line, (size_t)(last - line));
            text_append(&out, "\n", 1);
        }
        gap = last == line;
        line = next;
    }
    return out;
}

static bool is_word(char c) {
    return isalnum((unsigned char)c) || c == '_';
}

static size_t word_length(const char *text, const char *end) {
    size_t length = 0;
    while (text + length < end && is_word(text[length]))
        length++;
    return length;
}

static bool is_reserved(const char *word, size_t length) {
    return (length >= 5 && memcmp(word, "INTC_", 5) == 0) ||
           (length >= 3 && memcmp(word, "m4_", 3) == 0);
}

/* The next word that starts like a macro of ours, or NULL. */
static const char *next_reserved(const char *at, const char *end, size_t *length) {
    while (at < end) {
        *length = word_length(at, end);
        if (is_reserved(at, *length))
            return at;
        at += *length ? *length : 1;
    }
    return NULL;
}

static int line_of(const char *text, const char *at) {
    int line = 1;
    for (; text < at; text++)
        line += *text == '\n';
    return line;
}

/* An undefined macro is no error to m4: it comes out as plain text, and is found here. No name of
 * the model file is such a word (reserved.c), strings are written in octal where they could be one,
 * and what is pasted of runtime/ has none. */
static void refuse_survivors(const char *template, const Text *text) {
    const char *end = text->text + text->length;
    size_t length = 0;
    const char *at = next_reserved(text->text, end, &length);
    if (at)
        internal_error("macro '%.*s' is left over in line %d of what %s makes", (int)length, at,
                       line_of(text->text, at), template);
}

/* ---- the pass -------------------------------------------------------------------------------- */

static Text expand_text(const Model *model, const char *template) {
    M4Input input = m4_input_new(model->arena);
    add_pastes(model, &input);
    add_templates(model, &input);
    m4_input_add(&input, "definitions", model->definitions.text, model->definitions.length);
    add_template_named(model, &input, template);
    Text raw = m4_run(&input);
    Text text = tidy(model->arena, raw.text, raw.length);
    refuse_survivors(template, &text);
    return text;
}

void expand(Model *model) {
    OutputFile files[PRODUCTS];
    int count = model->options.driver ? PRODUCTS : PAIR;
    for (int i = 0; i < count; i++) {
        const char *name = arena_print(model->arena, "%s%s", model->name, products[i].suffix);
        Text text = expand_text(model, products[i].template);
        files[i] = (OutputFile){name, text.text, text.length};
    }
    output_write(model->arena, model->options.output_folder, files, count);
}
