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
 * seed 0 gives the fixed split, any other seed another one. */

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
    size_t column; /* of the current row */
    HostSamples all;
    size_t capacity;
    uint32_t *class_of_row; /* HostCsvClass.first */
    HostCsvClass *classes;  /* sorted by name */
    size_t class_count, class_capacity;
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

/* ---- the rows ---- */

static int64_t host_type_least(HostType type) {
    static const int64_t least[] = {0, INT8_MIN, INT16_MIN, INT32_MIN};
    return least[type];
}

static void host_csv_grow(HostCsv *csv) {
    if (csv->all.samples < csv->capacity)
        return;
    csv->capacity = csv->capacity ? 2 * csv->capacity : 256;
    csv->all.inputs = host_resize(csv->all.inputs, csv->capacity, host_input_bytes(csv->model));
    csv->all.targets = host_resize(csv->all.targets, csv->capacity, host_target_bytes(csv->model));
    csv->class_of_row = host_resize(csv->class_of_row, csv->capacity, sizeof *csv->class_of_row);
}

static void host_csv_put_number(HostCsv *csv, const char *text, HostType type, double unit,
                                unsigned char *elements, size_t index) {
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
    host_put(type, elements, index, (int64_t)raw);
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
    if (!*name)
        host_fail("%s:%ld: column '%s' is empty", csv->path, csv->line, csv->names[csv->column]);
    size_t place = host_csv_class_place(csv, name);
    if (place == csv->class_count || strcmp(csv->classes[place].name, name) != 0)
        host_csv_insert_class(csv, place, name);
    csv->class_of_row[csv->all.samples] = csv->classes[place].first;
}

static void host_csv_put(HostCsv *csv, const char *text) {
    const HostModel *model = csv->model;
    const size_t after = csv->first_label + csv->labels, row = csv->all.samples;
    if (csv->column >= csv->columns)
        return; /* host_csv_end_row complains */
    host_csv_grow(csv);
    const bool label = csv->column >= csv->first_label && csv->column < after;
    if (label && model->classes)
        host_csv_put_class(csv, text);
    else if (label)
        host_csv_put_number(csv, text, model->target_type, model->target_unit, csv->all.targets,
                            row * model->targets + csv->column - csv->first_label);
    else
        host_csv_put_number(csv, text, model->input_type, model->input_unit, csv->all.inputs,
                            row * model->inputs + csv->column -
                                (csv->column >= after ? csv->labels : 0));
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
        host_csv_add_name(csv, text);
    csv->column++;
}

static void host_csv_end_row(int end, void *data) {
    HostCsv *csv = data;
    (void)end;
    if (csv->header_done && csv->column != csv->columns)
        host_fail("%s:%ld: %zu columns, but the header has %zu", csv->path, csv->line, csv->column,
                  csv->columns);
    if (csv->header_done)
        csv->all.samples++;
    else
        host_csv_end_header(csv);
    csv->column = 0;
}

/* ---- the file ---- */

static char *host_csv_read(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file)
        host_fail("%s: %s", path, strerror(errno));
    size_t capacity = 1 << 16, got;
    char *text = host_alloc(capacity, 1);
    *length = 0;
    while ((got = fread(text + *length, 1, capacity - *length, file)) > 0) {
        *length += got;
        if (*length == capacity)
            text = host_resize(text, capacity *= 2, 1);
    }
    if (ferror(file))
        host_fail("%s: cannot read: %s", path, strerror(errno));
    fclose(file);
    return text;
}

static void host_csv_check(HostCsv *csv) {
    int error = csv_error(&csv->parser);
    if (error == CSV_EPARSE)
        host_fail("%s:%ld: a quote stands where none may (\"\" is a quote inside quotes)",
                  csv->path, csv->line);
    if (error != CSV_SUCCESS)
        host_fail("%s:%ld: %s", csv->path, csv->line, csv_strerror(error));
}

/* Line by line, so that every message knows its line. */
static void host_csv_parse(HostCsv *csv, const char *text, size_t length) {
    while (length) {
        const char *end = memchr(text, '\n', length);
        const size_t bytes = end ? (size_t)(end - text) + 1 : length;
        csv->line++;
        if (csv_parse(&csv->parser, text, bytes, host_csv_field, host_csv_end_row, csv) != bytes)
            host_csv_check(csv);
        text += bytes;
        length -= bytes;
    }
    if (csv_fini(&csv->parser, host_csv_field, host_csv_end_row, csv) != 0)
        host_fail("%s:%ld: the file ends inside quotes", csv->path, csv->line);
}

static void host_csv_parse_file(HostCsv *csv) {
    size_t length;
    char *text = host_csv_read(csv->path, &length);
    const bool marked = length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0; /* UTF-8 mark */
    const char *start = text + (marked ? 3 : 0);
    length -= marked ? 3 : 0;
    if (csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
        host_fail("cannot start libcsv");
    csv_set_delim(&csv->parser, (unsigned char)host_csv_delimiter(start, length));
    host_csv_parse(csv, start, length);
    csv_free(&csv->parser);
    free(text);
    if (!csv->all.samples)
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
    for (size_t row = 0; row < csv->all.samples; row++)
        host_put_class(csv->model, csv->all.targets, row, numbers[csv->class_of_row[row]]);
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

/* The seed streams of splits lie apart from those of epochs. */
static void host_csv_choose(const HostModel *model, const HostSamples *all, uint64_t split,
                            bool *test) {
    const size_t strata = model->classes ? (size_t)model->classes : 1;
    size_t *rows = host_alloc(all->samples, sizeof *rows);
    size_t *start = host_alloc(strata + 1, sizeof *start);
    memset(start, 0, (strata + 1) * sizeof *start);
    for (size_t i = 0; i < all->samples; i++)
        start[model->classes ? host_get_class(model, all->targets, i) : 0]++;
    for (size_t i = 1; i <= strata; i++)
        start[i] += start[i - 1];
    for (size_t i = all->samples; i-- > 0;)
        rows[--start[model->classes ? host_get_class(model, all->targets, i) : 0]] = i;
    for (size_t i = 0; i < strata; i++)
        host_csv_mark(rows + start[i], start[i + 1] - start[i], model->test_share, split,
                      ((uint64_t)1 << 32) + i, test);
    free(start);
    free(rows);
}

static HostSamples host_csv_pick(const HostModel *model, const HostSamples *all, const bool *test,
                                 bool wanted) {
    size_t *rows = host_alloc(all->samples, sizeof *rows), count = 0;
    for (size_t i = 0; i < all->samples; i++)
        if (test[i] == wanted)
            rows[count++] = i;
    HostSamples picked = host_samples_new(model, count);
    host_gather(model, &picked, all, rows);
    free(rows);
    return picked;
}

static void host_csv_split(const HostModel *model, const HostSamples *all, uint64_t split,
                           HostData *data) {
    bool *test = host_alloc(all->samples, sizeof *test);
    memset(test, 0, all->samples * sizeof *test);
    host_csv_choose(model, all, split, test);
    data->train = host_csv_pick(model, all, test, false);
    data->test = host_csv_pick(model, all, test, true);
    free(test);
}

static void host_csv_free(HostCsv *csv) {
    for (size_t i = 0; i < csv->columns; i++)
        free(csv->names[i]);
    for (size_t i = 0; i < csv->class_count; i++)
        free(csv->classes[i].name);
    free(csv->names);
    free(csv->classes);
    free(csv->class_of_row);
    host_samples_free(&csv->all);
}

static void host_load_csv(const HostModel *model, const char *path, uint64_t split,
                          HostData *data) {
    HostCsv csv = {.model = model, .path = path, .labels = model->classes ? 1 : model->targets};
    host_csv_parse_file(&csv);
    if (model->classes)
        host_csv_number_classes(&csv);
    host_csv_split(model, &csv.all, split, data);
    host_csv_free(&csv);
}
