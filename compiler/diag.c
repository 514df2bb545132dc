/* diag.c - what the compiler says about a model file.
 *
 * A message is put together whole and written to stderr at once. Whatever comes from outside
 * (paths, names, source lines) passes through `cell_at`, which lets through only what prints and
 * stays in its column: a model file cannot drive a terminal.
 */
#include "intc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_ERRORS = 50,  /* printed; the rest is only counted */
    MOST_WARNINGS = 50,
    WINDOW = 100,      /* columns of a source line that are shown */
    BEFORE_CARET = 60, /* columns kept before the caret where a line is cut */
    MOST_CELL_BYTES = 4,
    LONGEST_FAILURE = 8192
};

static const char *const bold = "\033[1m", *const plain = "\033[0m";

typedef struct {
    const char *word, *color;
} Severity;

static const Severity severity_error = {"error", "\033[1;31m"};
static const Severity severity_warning = {"warning", "\033[1;35m"};
static const Severity severity_note = {"note", "\033[1;36m"};
static const Severity severity_help = {"help", "\033[1;32m"};

/* Notes and helps share the fate of the error or warning before them. */
static bool muted;

/* ---- text that is safe to print -------------------------------------------------------------- */

/* Bytes of the UTF-8 sequence that starts with `lead`; 0 if none does. */
static size_t sequence_length(unsigned char lead) {
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4)
        return 0;
    return lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
}

/* The code point of the UTF-8 sequence at `bytes`, and its length; -1 and length 1 if malformed. */
static long decode(const char *bytes, size_t left, size_t *length) {
    static const long least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned char lead = (unsigned char)bytes[0];
    size_t count = sequence_length(lead);
    *length = 1;
    if (count == 0 || count > left)
        return -1;
    long point = count == 1 ? lead : lead & (0x7F >> count);
    for (size_t i = 1; i < count; i++) {
        if (((unsigned char)bytes[i] & 0xC0) != 0x80)
            return -1;
        point = point << 6 | ((unsigned char)bytes[i] & 0x3F);
    }
    if (point < least[count] || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
        return -1;
    *length = count;
    return point;
}

/* Controls, and the invisible characters that reorder or hide their neighbours. */
static bool is_unsafe(long point) {
    static const long ranges[][2] = {{-1, 0x1F},         {0x7F, 0x9F},     {0xAD, 0xAD},
                                     {0x61C, 0x61C},     {0x200B, 0x200F}, {0x2028, 0x202E},
                                     {0x2060, 0x206F},   {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFF},
                                     {0xE0000, 0x10FFFF}};
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
        if (point >= ranges[i][0] && point <= ranges[i][1])
            return true;
    return false;
}

/* The bytes of `text` that make one column of the screen. */
typedef struct {
    size_t length;
    bool safe;
} Cell;

static Cell cell_at(const char *text, size_t left) {
    Cell cell;
    long point = decode(text, left, &cell.length);
    cell.safe = !is_unsafe(point);
    return cell;
}

static void add_printable(Text *out, const char *text, bool lines) {
    size_t left = strlen(text);
    while (left > 0) {
        Cell cell = cell_at(text, left);
        if (cell.safe || (lines && *text == '\n'))
            text_append(out, text, cell.length);
        else
            for (size_t i = 0; i < cell.length; i++)
                text_add(out, "\\x%02X", (unsigned char)text[i]);
        text += cell.length;
        left -= cell.length;
    }
}

/* ---- the source line and its caret ----------------------------------------------------------- */

/* A line without its end, and the part of it that is shown. */
typedef struct {
    const char *text;
    size_t length;
    size_t from, to; /* bytes; `from` > 0 or `to` < length: the line is cut there */
} Line;

static bool find_line(const Source *source, int number, Line *line) {
    const char *text = source->text, *end = source->text + source->length;
    for (int i = 1; i < number; i++) {
        const char *feed = memchr(text, '\n', (size_t)(end - text));
        if (feed == NULL)
            return false;
        text = feed + 1;
    }
    const char *feed = memchr(text, '\n', (size_t)(end - text));
    line->text = text;
    line->length = (size_t)((feed == NULL ? end : feed) - text);
    if (line->length > 0 && text[line->length - 1] == '\r')
        line->length--;
    return true;
}

/* Where `columns` cells from byte `from` on end. */
static size_t skip_cells(const Line *line, size_t from, int columns) {
    for (; columns > 0 && from < line->length; columns--)
        from += cell_at(line->text + from, line->length - from).length;
    return from;
}

/* Back by `columns` characters; the bytes that continue a character do not count. */
static size_t skip_back(const Line *line, size_t from, int columns) {
    for (; columns > 0 && from > 0; columns--) {
        size_t least = from > MOST_CELL_BYTES ? from - MOST_CELL_BYTES : 0;
        for (from--; from > least && ((unsigned char)line->text[from] & 0xC0) == 0x80;)
            from--;
    }
    return from;
}

static void choose_window(Line *line, size_t caret) {
    line->from = 0;
    line->to = skip_cells(line, 0, WINDOW);
    if (line->to == line->length)
        return;
    line->from = skip_back(line, caret, BEFORE_CARET);
    line->to = skip_cells(line, line->from, WINDOW);
}

/* The bytes from..to of the line, one column a cell, as they are or each replaced by `mark`. */
static void add_cells(Text *out, const Line *line, size_t from, size_t to, const char *mark) {
    while (from < to) {
        Cell cell = cell_at(line->text + from, line->length - from);
        if (mark != NULL)
            text_append(out, mark, 1);
        else if (cell.safe)
            text_append(out, line->text + from, cell.length);
        else
            text_append(out, line->text[from] == '\t' ? " " : "?", 1);
        from += cell.length;
    }
}

static void add_caret(Text *out, const Line *line, Place place, size_t caret) {
    size_t end = line->length;
    if (place.end_line <= place.line)
        end = place.end_column > place.column ? (size_t)place.end_column - 1 : caret;
    if (end > line->to)
        end = line->to;
    size_t first = skip_cells(line, caret, 1);
    if (line->from > 0)
        text_add(out, "   ");
    add_cells(out, line, line->from, caret, " ");
    text_add(out, "^");
    add_cells(out, line, first, end, "~");
}

static void add_source(Text *out, const Source *source, Place place, const char *color) {
    Line line;
    if (!find_line(source, place.line, &line))
        return;
    size_t caret = place.column > 0 ? (size_t)place.column - 1 : 0;
    if (caret > line.length)
        caret = line.length;
    choose_window(&line, caret);
    text_add(out, "%3d | %s", place.line, line.from > 0 ? "..." : "");
    add_cells(out, &line, line.from, line.to, NULL);
    text_add(out, "%s\n", line.to < line.length ? "..." : "");
    int margin = snprintf(NULL, 0, "%3d", place.line);
    text_add(out, "%*s | %s", margin, "", source->color ? color : "");
    add_caret(out, &line, place, caret);
    text_add(out, "%s\n", source->color ? plain : "");
}

/* ---- messages -------------------------------------------------------------------------------- */

static void add_path(Text *out, const Source *source, Place place) {
    text_add(out, "%s", source->color ? bold : "");
    add_printable(out, source->path, false);
    if (place.line > 0)
        text_add(out, ":%d:%d", place.line, place.column);
    text_add(out, ":%s ", source->color ? plain : "");
}

static void add_message(Text *out, bool color, Severity severity, const char *message) {
    text_add(out, "%s%s:%s ", color ? severity.color : "", severity.word, color ? plain : "");
    add_printable(out, message, true);
    text_add(out, "\n");
}

static char *format_message(Arena *arena, const char *format, va_list arguments) {
    char message[LONGEST_FAILURE];
    int length = vsnprintf(message, sizeof message, format, arguments);
    if (length < 0)
        internal_error("a message cannot be formatted: %s", format);
    return arena_copy(arena, message, strlen(message));
}

static void report(Model *model, Severity severity, Place place, const char *format,
                   va_list arguments) {
    const Source *source = &model->source;
    Text out = text_new(model->arena);
    add_path(&out, source, place);
    add_message(&out, source->color, severity, format_message(model->arena, format, arguments));
    if (place.line > 0)
        add_source(&out, source, place, severity.color);
    fwrite(out.text, 1, out.length, stderr);
}

/* Mutes what follows where there are too many, of errors or of this kind, and says so once. */
static void mute(const Source *source, int count, int most, const char *kind) {
    muted = source->errors > MOST_ERRORS || count > most;
    if (count == most + 1)
        fprintf(stderr, "... too many %s\n", kind);
}

void diag_error(Model *model, Place place, const char *format, ...) {
    mute(&model->source, ++model->source.errors, MOST_ERRORS, "errors");
    if (muted)
        return;
    va_list arguments;
    va_start(arguments, format);
    report(model, severity_error, place, format, arguments);
    va_end(arguments);
}

void diag_warning(Model *model, Place place, const char *format, ...) {
    mute(&model->source, ++model->source.warnings, MOST_WARNINGS, "warnings");
    if (muted)
        return;
    va_list arguments;
    va_start(arguments, format);
    report(model, severity_warning, place, format, arguments);
    va_end(arguments);
}

void diag_note(Model *model, Place place, const char *format, ...) {
    if (muted)
        return;
    va_list arguments;
    va_start(arguments, format);
    report(model, severity_note, place, format, arguments);
    va_end(arguments);
}

void diag_help(Model *model, const char *format, ...) {
    if (muted)
        return;
    va_list arguments;
    va_start(arguments, format);
    Text out = text_new(model->arena);
    char *message = format_message(model->arena, format, arguments);
    add_message(&out, model->source.color, severity_help, message);
    va_end(arguments);
    fwrite(out.text, 1, out.length, stderr);
}

/* ---- failures outside the model -------------------------------------------------------------- */

/* Written cell by cell: there may be no memory left to put a text together. */
static void write_failure(const char *head, const char *message) {
    fputs(head, stderr);
    size_t left = strlen(message);
    while (left > 0) {
        Cell cell = cell_at(message, left);
        if (cell.safe)
            fwrite(message, 1, cell.length, stderr);
        else
            for (size_t i = 0; i < cell.length; i++)
                fprintf(stderr, "\\x%02X", (unsigned char)message[i]);
        message += cell.length;
        left -= cell.length;
    }
    fputs("\n", stderr);
}

static void complain(const char *head, const char *format, va_list arguments) {
    char message[LONGEST_FAILURE];
    vsnprintf(message, sizeof message, format, arguments);
    write_failure(head, message);
}

void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain("intc: error: ", format, arguments);
    va_end(arguments);
    exit(3);
}

void misused(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain("intc: error: ", format, arguments);
    va_end(arguments);
    exit(2);
}

void internal_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    complain("intc: internal error (a defect of intc, please report it): ", format, arguments);
    va_end(arguments);
    exit(70);
}

/* ---- near names ------------------------------------------------------------------------------ */

enum { LONGEST_NAME = MAX_NAME + 1 };

static size_t least_of(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Edits (insert, delete, replace, swap neighbours) that turn one name into the other; three rows of
 * the usual table: the one being filled and the two before it. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length) {
    size_t rows[3][LONGEST_NAME + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = least_of(row[j], least_of(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least_of(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

const char *diag_nearest(const char *name, const char *const *names) {
    size_t length = strlen(name);
    if (length > LONGEST_NAME)
        return NULL;
    const char *nearest = NULL;
    size_t best = (length < 3 ? 1 : length / 3) + 1;
    for (; *names != NULL; names++) {
        size_t other = strlen(*names);
        size_t edits = other > LONGEST_NAME ? best : distance(name, length, *names, other);
        if (edits < best) {
            best = edits;
            nearest = *names;
        }
    }
    return nearest;
}
