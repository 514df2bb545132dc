#include "host.h"

#include <csv.h>

/* Delimited text: a header row with the names of the columns, then one sample a row. The delimiter
 * (comma, semicolon or tab) is the one that the header uses most. The label column is known by its
 * name, else it is the last; every other column is a feature, in the order of the file. Features,
 * and real-valued targets, are divided by their unit and rounded to raw integers.
 *
 * Class labels are either the integers 0..n-1 or n names, which are numbered in sorted order
 * (bytes), so that the order of the rows does not matter. Several real-valued targets stand in
 * neighbouring columns, and the label names the first of them.
 *
 * A share of the rows of each class is kept for the test, chosen by the seed of the split alone:
 * seed 0 gives the fixed split, any other seed another one.
 *
 * The file is read twice: first everything is checked, and the class of each row known; then, with
 * the split chosen, the rows of this rank's share are kept. */

typedef struct {
    char *name;
    uint32_t first; /* number in order of first appearance */
    long line;      /* of the first appearance */
} HostCsvClass;

typedef struct {
    const HostModel *model;
    const char *path;
    struct csv_parser parser;
    long line;
    char **names; /* of the columns */
    size_t columns, first_label, labels;
    bool header_done;
    size_t column, row; /* of the current field; the row counts from 0 */
    size_t rows, capacity;
    uint32_t *class_of_row; /* HostCsvClass.first, then the class's number */
    HostCsvClass *classes;  /* sorted by name */
    size_t class_count, class_capacity;

    /* the second time */
    HostData *data; /* NULL at first */
    bool *is_test;  /* of each row */
    size_t *place;  /* of each row, in this rank's share; SIZE_MAX: not in it */
} HostCsv;

static void *host_resize(void *memory, size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        host_fail("out of memory");
    const size_t bytes = count * size;
    memory = realloc(memory, bytes ? bytes : 1);
    if (!memory)
        host_fail("out of memory (%zu bytes)", bytes);
    return memory;
}

/* ---- the header ---- */

static char host_csv_delimiter(const char *text, size_t length) {
    static const char candidates[] = {',', ';', '\t'};
    size_t count[3] = {0}, best = 0;
    bool quoted = false;
    for (size_t i = 0; i < length && text[i] != '\n' && text[i] != '\r'; i++) {
        if (text[i] == '"')
            quoted = !quoted;
        for (size_t k = 0; k < 3 && !quoted; k++)
            count[k] += text[i] == candidates[k];
    }
    for (size_t k = 1; k < 3; k++)
        if (count[k] > count[best])
            best = k;
    return candidates[best];
}

static void host_csv_add_name(HostCsv *csv, const char *text) {
    csv->names = host_resize(csv->names, csv->columns + 1, sizeof *csv->names);
    csv->names[csv->columns++] = host_print("%s", text);
}

static bool host_csv_number(const char *text, double *number) {
    char *end;
    *number = strtod(text, &end);
    return end != text && !*end && isfinite(*number);
}

static void host_csv_find_label(HostCsv *csv) {
    const char *label = csv->model->label;
    csv->first_label = csv->columns - csv->labels;
    if (!label || !*label)
        return;
    for (csv->first_label = 0; csv->first_label < csv->columns; csv->first_label++)
        if (strcmp(csv->names[csv->first_label], label) == 0)
            break;
    if (csv->first_label == csv->columns)
        host_fail("%s:%ld: the header has no column '%s'", csv->path, csv->line, label);
    if (csv->columns - csv->first_label < csv->labels)
        host_fail("%s:%ld: %zu targets are due from column '%s' on, but the row ends before",
                  csv->path, csv->line, csv->labels, label);
}

static void host_csv_end_header(HostCsv *csv) {
    size_t numbers = 0;
    double ignored;
    for (size_t i = 0; i < csv->columns; i++)
        numbers += host_csv_number(csv->names[i], &ignored);
    if (numbers == csv->columns)
        host_fail("%s:%ld: numbers where a header row with the names of the columns is due",
                  csv->path, csv->line);
    if (csv->columns != csv->model->inputs + csv->labels)
        host_fail("%s:%ld: %zu columns, but the model takes %zu features and %zu label column%s",
                  csv->path, csv->line, csv->columns, csv->model->inputs, csv->labels,
                  csv->labels == 1 ? "" : "s");
    host_csv_find_label(csv);
    csv->header_done = true;
}

/* The second time the header is known. */
static void host_csv_header_field(HostCsv *csv, const char *text) {
    if (!csv->data)
        host_csv_add_name(csv, text);
}

static void host_csv_header_row(HostCsv *csv) {
    if (!csv->data)
        host_csv_end_header(csv);
    csv->header_done = true;
}

/* ---- the rows ---- */

static int64_t host_type_least(HostType type) {
    static const int64_t least[] = {0, INT8_MIN, INT16_MIN, INT32_MIN};
    return least[type];
}

static void host_csv_grow(HostCsv *csv) {
    if (csv->row < csv->capacity)
        return;
    csv->capacity = csv->capacity ? 2 * csv->capacity : 256;
    csv->class_of_row = host_resize(csv->class_of_row, csv->capacity, sizeof *csv->class_of_row);
}

/* Where the current row is kept, or NULL. */
static HostSamples *host_csv_share(const HostCsv *csv) {
    if (!csv->data || csv->place[csv->row] == SIZE_MAX)
        return NULL;
    return csv->is_test[csv->row] ? &csv->data->test : &csv->data->train;
}

static int64_t host_csv_raw(const HostCsv *csv, const char *text, HostType type, double unit) {
    const char *column = csv->names[csv->column];
    double number;
    if (!host_csv_number(text, &number))
        host_fail("%s:%ld: column '%s': '%.40s' is not a number", csv->path, csv->line, column,
                  text);
    const double raw = round(number / unit);
    const double least = (double)host_type_least(type), most = (double)host_type_most(type);
    if (!(raw >= least && raw <= most))
        host_fail("%s:%ld: column '%s': %.40s is %.0f steps of %g, outside %s (%.0f..%.0f)",
                  csv->path, csv->line, column, text, raw, unit, host_type_name(type), least, most);
    return (int64_t)raw;
}

static void host_csv_put_target(HostCsv *csv, const char *text) {
    const HostModel *model = csv->model;
    const int64_t raw = host_csv_raw(csv, text, model->target_type, model->target_unit);
    const HostSamples *share = host_csv_share(csv);
    if (share)
        host_put(model->target_type, share->targets,
                 csv->place[csv->row] * model->targets + csv->column - csv->first_label, raw);
}

static void host_csv_put_input(HostCsv *csv, const char *text) {
    const HostModel *model = csv->model;
    const int64_t raw = host_csv_raw(csv, text, model->input_type, model->input_unit);
    const size_t before = csv->column < csv->first_label ? 0 : csv->labels; /* columns of labels */
    const HostSamples *share = host_csv_share(csv);
    if (share)
        host_put(model->input_type, share->inputs,
                 csv->place[csv->row] * model->inputs + csv->column - before, raw);
}

/* Where `name` stands, or belongs, in the sorted list. */
static size_t host_csv_class_place(const HostCsv *csv, const char *name) {
    size_t low = 0, high = csv->class_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(csv->classes[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void host_csv_insert_class(HostCsv *csv, size_t place, const char *name) {
    if (csv->class_count == (size_t)csv->model->classes)
        host_fail("%s:%ld: '%.40s' is one class more than the model's %d", csv->path, csv->line,
                  name, csv->model->classes);
    if (csv->class_count == csv->class_capacity) {
        csv->class_capacity = csv->class_capacity ? 2 * csv->class_capacity : 16;
        csv->classes = host_resize(csv->classes, csv->class_capacity, sizeof *csv->classes);
    }
    HostCsvClass *at = csv->classes + place;
    memmove(at + 1, at, (csv->class_count - place) * sizeof *at);
    *at = (HostCsvClass){host_print("%s", name), (uint32_t)csv->class_count, csv->line};
    csv->class_count++;
}

static void host_csv_put_class(HostCsv *csv, const char *name) {
    const HostSamples *share = host_csv_share(csv);
    if (share)
        host_put_class(csv->model, share->targets, csv->place[csv->row],
                       csv->class_of_row[csv->row]);
    if (csv->data)
        return;
    if (!*name)
        host_fail("%s:%ld: column '%s' is empty", csv->path, csv->line, csv->names[csv->column]);
    size_t place = host_csv_class_place(csv, name);
    if (place == csv->class_count || strcmp(csv->classes[place].name, name) != 0)
        host_csv_insert_class(csv, place, name);
    csv->class_of_row[csv->row] = csv->classes[place].first;
}

static void host_csv_changed(const HostCsv *csv) {
    host_fail("%s: changed while it was read", csv->path);
}

static void host_csv_put(HostCsv *csv, const char *text) {
    const size_t after = csv->first_label + csv->labels;
    if (csv->column >= csv->columns)
        return; /* host_csv_end_row complains */
    if (csv->data && csv->row >= csv->rows)
        host_csv_changed(csv);
    host_csv_grow(csv);
    const bool label = csv->column >= csv->first_label && csv->column < after;
    if (label && csv->model->classes)
        host_csv_put_class(csv, text);
    else if (label)
        host_csv_put_target(csv, text);
    else
        host_csv_put_input(csv, text);
}

/* libcsv calls these two for each field and each row. */
static void host_csv_field(void *field, size_t length, void *data) {
    HostCsv *csv = data;
    const char *text = field ? field : "";
    if (field && memchr(field, 0, length))
        host_fail("%s:%ld: a zero byte: this is no text file", csv->path, csv->line);
    if (csv->header_done)
        host_csv_put(csv, text);
    else
        host_csv_header_field(csv, text);
    csv->column++;
}

static void host_csv_end_row(int end, void *data) {
    HostCsv *csv = data;
    (void)end;
    if (csv->header_done && csv->column != csv->columns)
        host_fail("%s:%ld: %zu columns, but the header has %zu", csv->path, csv->line, csv->column,
                  csv->columns);
    if (csv->header_done)
        csv->row++;
    else
        host_csv_header_row(csv);
    csv->column = 0;
}

/* ---- the file ---- */

/* A file that is read line by line: the longest line is all that is in memory. */
typedef struct {
    FILE *file;
    const char *path;
    char *text;
    size_t start, end, capacity; /* what has been read and not handed out is text[start..end) */
} HostLines;

static HostLines host_lines_open(const char *path) {
    HostLines lines = {.file = fopen(path, "rb"), .path = path, .capacity = 1 << 16};
    if (!lines.file)
        host_fail("%s: %s", path, strerror(errno));
    lines.text = host_alloc(lines.capacity, 1);
    return lines;
}

static void host_lines_close(HostLines *lines) {
    fclose(lines->file);
    free(lines->text);
}

/* False at the end of the file. */
static bool host_read_more(HostLines *lines) {
    memmove(lines->text, lines->text + lines->start, lines->end - lines->start);
    lines->end -= lines->start;
    lines->start = 0;
    if (lines->end == lines->capacity)
        lines->text = host_resize(lines->text, lines->capacity *= 2, 1);
    const size_t got =
        fread(lines->text + lines->end, 1, lines->capacity - lines->end, lines->file);
    if (ferror(lines->file))
        host_fail("%s: cannot read: %s", lines->path, strerror(errno));
    lines->end += got;
    return got > 0;
}

/* With its newline, if it has one; NULL at the end. It stays until the next call. */
static const char *host_next_line(HostLines *lines, size_t *length) {
    const char *newline;
    do
        newline = memchr(lines->text + lines->start, '\n', lines->end - lines->start);
    while (!newline && host_read_more(lines));
    const char *line = lines->text + lines->start;
    *length = newline ? (size_t)(newline - line) + 1 : lines->end - lines->start;
    lines->start += *length;
    return *length ? line : NULL;
}

static void host_csv_check(HostCsv *csv) {
    int error = csv_error(&csv->parser);
    if (error == CSV_EPARSE)
        host_fail("%s:%ld: a quote stands where none may (\"\" is a quote inside quotes)",
                  csv->path, csv->line);
    if (error != CSV_SUCCESS)
        host_fail("%s:%ld: %s", csv->path, csv->line, csv_strerror(error));
}

static void host_csv_parse_line(HostCsv *csv, const char *text, size_t length) {
    csv->line++;
    if (csv_parse(&csv->parser, text, length, host_csv_field, host_csv_end_row, csv) != length)
        host_csv_check(csv);
}

static void host_csv_parse_first(HostCsv *csv, const char *text, size_t length) {
    const size_t mark = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* UTF-8 */
    csv_set_delim(&csv->parser, (unsigned char)host_csv_delimiter(text + mark, length - mark));
    host_csv_parse_line(csv, text + mark, length - mark);
}

/* Line by line, so that every message knows its line. */
static void host_csv_parse(HostCsv *csv, HostLines *lines) {
    size_t length;
    const char *line = host_next_line(lines, &length);
    if (line)
        host_csv_parse_first(csv, line, length);
    while ((line = host_next_line(lines, &length)))
        host_csv_parse_line(csv, line, length);
    if (csv_fini(&csv->parser, host_csv_field, host_csv_end_row, csv) != 0)
        host_fail("%s:%ld: the file ends inside quotes", csv->path, csv->line);
}

static void host_csv_parse_file(HostCsv *csv) {
    HostLines lines = host_lines_open(csv->path);
    csv->line = 0;
    csv->row = csv->column = 0;
    csv->header_done = false;
    if (csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
        host_fail("cannot start libcsv");
    host_csv_parse(csv, &lines);
    csv_free(&csv->parser);
    host_lines_close(&lines);
    if (!csv->row)
        host_fail("%s: holds no rows", csv->path);
}

/* ---- classes ---- */

static bool host_csv_is_integer(const char *text) {
    if (*text == '-')
        text++;
    if (!*text)
        return false;
    for (; *text; text++)
        if (!isdigit((unsigned char)*text))
            return false;
    return true;
}

static bool host_csv_labels_are_integers(const HostCsv *csv) {
    for (size_t i = 0; i < csv->class_count; i++)
        if (!host_csv_is_integer(csv->classes[i].name))
            return false;
    return true;
}

/* The class number of the class at `place` of the sorted list. */
static int64_t host_csv_class_number(const HostCsv *csv, size_t place, bool integers) {
    const HostCsvClass *class = csv->classes + place;
    if (!integers)
        return (int64_t)place;
    const long number = strtol(class->name, NULL, 10);
    if (number < 0 || number >= csv->model->classes)
        host_fail("%s:%ld: label %.40s is outside 0..%d", csv->path, class->line, class->name,
                  csv->model->classes - 1);
    return number;
}

static void host_csv_number_classes(HostCsv *csv) {
    const bool integers = host_csv_labels_are_integers(csv);
    if (!integers && csv->class_count != (size_t)csv->model->classes)
        host_fail("%s: holds %zu classes, but the model has %d", csv->path, csv->class_count,
                  csv->model->classes);
    int64_t *numbers = host_alloc(csv->class_count, sizeof *numbers);
    for (size_t i = 0; i < csv->class_count; i++)
        numbers[csv->classes[i].first] = host_csv_class_number(csv, i, integers);
    for (size_t row = 0; row < csv->rows; row++)
        csv->class_of_row[row] = (uint32_t)numbers[csv->class_of_row[row]];
    free(numbers);
}

/* ---- the split ---- */

/* Mark for the test the share due from one stratum: the rows of one class, or, without classes,
 * all rows. */
static void host_csv_mark(size_t *rows, size_t count, double share, uint64_t split, uint64_t stream,
                          bool *test) {
    host_shuffle(rows, count, split, stream);
    const size_t take = (size_t)floor((double)count * share + 0.5);
    for (size_t i = 0; i < take && i < count; i++)
        test[rows[i]] = true;
}

static size_t host_csv_stratum(const HostCsv *csv, size_t row) {
    return csv->model->classes ? csv->class_of_row[row] : 0;
}

/* The seed streams of splits lie apart from those of epochs. */
static void host_csv_choose(HostCsv *csv, uint64_t split) {
    const size_t strata = csv->model->classes ? (size_t)csv->model->classes : 1;
    size_t *rows = host_alloc(csv->rows, sizeof *rows);
    size_t *start = host_alloc(strata + 1, sizeof *start);
    memset(start, 0, (strata + 1) * sizeof *start);
    for (size_t i = 0; i < csv->rows; i++)
        start[host_csv_stratum(csv, i)]++;
    for (size_t i = 1; i <= strata; i++)
        start[i] += start[i - 1];
    for (size_t i = csv->rows; i-- > 0;)
        rows[--start[host_csv_stratum(csv, i)]] = i;
    for (size_t i = 0; i < strata; i++)
        host_csv_mark(rows + start[i], start[i + 1] - start[i], csv->model->test_share, split,
                      ((uint64_t)1 << 32) + i, csv->is_test);
    free(start);
    free(rows);
}

/* Room for this rank's share of the rows for the test, or of the others, which get their places. */
static HostSamples host_csv_share_out(HostCsv *csv, bool test) {
    size_t all = 0, number = 0;
    for (size_t i = 0; i < csv->rows; i++)
        all += csv->is_test[i] == test;
    const HostPart part = host_part(all, (size_t)host_rank, (size_t)host_ranks);
    for (size_t i = 0; i < csv->rows; i++) {
        if (csv->is_test[i] != test)
            continue;
        const bool mine = number >= part.first && number - part.first < part.count;
        csv->place[i] = mine ? number - part.first : SIZE_MAX;
        number++;
    }
    HostSamples share = host_samples_new(csv->model, part.count);
    share.first = part.first;
    share.all = all;
    return share;
}

static void host_csv_split(HostCsv *csv, uint64_t split, HostData *data) {
    csv->is_test = host_alloc(csv->rows, sizeof *csv->is_test);
    csv->place = host_alloc(csv->rows, sizeof *csv->place);
    memset(csv->is_test, 0, csv->rows * sizeof *csv->is_test);
    host_csv_choose(csv, split);
    data->train = host_csv_share_out(csv, false);
    data->test = host_csv_share_out(csv, true);
}

static void host_csv_free(HostCsv *csv) {
    for (size_t i = 0; i < csv->columns; i++)
        free(csv->names[i]);
    for (size_t i = 0; i < csv->class_count; i++)
        free(csv->classes[i].name);
    free(csv->names);
    free(csv->classes);
    free(csv->class_of_row);
    free(csv->is_test);
    free(csv->place);
}

static void host_load_csv(const HostModel *model, const char *path, uint64_t split,
                          HostData *data) {
    HostCsv csv = {.model = model, .path = path, .labels = model->classes ? 1 : model->targets};
    host_csv_parse_file(&csv);
    csv.rows = csv.row;
    if (model->classes)
        host_csv_number_classes(&csv);
    host_csv_split(&csv, split, data);
    csv.data = data;
    host_csv_parse_file(&csv);
    if (csv.row != csv.rows)
        host_csv_changed(&csv);
    host_csv_free(&csv);
}

static const HostSource host_source_csv = {.kind = "csv", .load = host_load_csv, .splits = true};
