/* data.c - the setting `data`: where the trainer's samples come from. */
#include "check.h"

#include <string.h>

enum { MOST_SAMPLES = 10000000 };

/* ---- options --------------------------------------------------------------------------------- */

static bool read_share(Model *model, const Node *value) {
    double *test = &model->settings.data_test;
    if (constant_number(model, value, test) && (*test <= 0 || *test >= 1))
        diag_error(model, value->place, "'test' is a share between 0 and 1, not %.12g", *test);
    return true;
}

static bool read_label(Model *model, const Node *value) {
    if (value->kind == NODE_STRING)
        model->settings.data_label = value->text;
    return value->kind == NODE_STRING;
}

static bool read_split(Model *model, const Node *value) {
    int64_t split;
    if (constant_integer(model, value, "'split'", 0, INT32_MAX, &split))
        model->settings.data_split = split;
    return true;
}

static bool read_train_samples(Model *model, const Node *value) {
    constant_integer(model, value, "'train'", 1, MOST_SAMPLES, &model->settings.data_train_samples);
    return true;
}

static bool read_test_samples(Model *model, const Node *value) {
    constant_integer(model, value, "'test'", 1, MOST_SAMPLES, &model->settings.data_test_samples);
    return true;
}

/* ---- kinds ----------------------------------------------------------------------------------- */

/* A reader is false where the value has the wrong form. */
typedef struct {
    const char *name;
    bool (*read)(Model *model, const Node *value);
} Option;

typedef struct {
    const char *name, *usage;
    Option options[4];
} DataKind;

static const DataKind kinds[] = {
    {"idx", "idx(\"mnist\")", {{NULL, NULL}}},
    {"csv", "csv(\"iris.csv\", label = \"species\", test = 0.2)",
     {{"label", read_label}, {"test", read_share}, {"split", read_split}}},
    {"synthetic", "synthetic(\"parity\", train = 2000, test = 500)",
     {{"train", read_train_samples}, {"test", read_test_samples}, {"split", read_split}}},
    {"text", "text(\"novel.txt\", test = 0.1)", {{"test", read_share}}},
};

enum { KINDS = sizeof kinds / sizeof *kinds };

static const DataKind *find_kind(const Node *value) {
    for (int i = 0; i < KINDS; ++i)
        if (value->text && strcmp(value->text, kinds[i].name) == 0)
            return &kinds[i];
    return NULL;
}

static void read_option(Model *model, const DataKind *kind, const Node *named) {
    const Option *option = kind->options;
    while (option->name && strcmp(option->name, named->text) != 0)
        ++option;
    if (option->name && option->read(model, named->first))
        return;
    diag_error(model, named->place, "%s has no argument '%s' of this form", kind->name,
               named->text);
    diag_help(model, "write %s", kind->usage);
}

void data_read(Model *model, const Node *value) {
    const DataKind *kind = find_kind(value);
    const Node *name = value->kind == NODE_CALL ? value->first : NULL;
    if (!kind || !name || name->kind != NODE_STRING || (!kind->options[0].name && name->next)) {
        diag_error(model, value->place, "'%s' names no data", node_source(model->arena, value));
        diag_help(model, "write %s, %s, %s or %s", kinds[0].usage, kinds[1].usage, kinds[2].usage,
                  kinds[3].usage);
        return;
    }
    model->settings.data_kind = kind->name;
    model->settings.data_name = name->text;
    model->settings.data_place = value->place;
    for (const Node *named = name->next; named; named = named->next) {
        if (named->kind == NODE_NAMED)
            read_option(model, kind, named);
        else
            diag_error(model, named->place, "%s takes one %s; what follows needs a name",
                       kind->name, strcmp(kind->name, "synthetic") == 0 ? "name" : "path");
    }
}

/* ---- whether it suits the model -------------------------------------------------------------- */

enum { MOST_BITS = 20 };

/* A class for each sample, or for each of its steps. */
static bool suits_steps(const Tensor *target, int64_t steps) {
    return target->shape.rank == 0 || target->shape.dimension[0] == steps;
}

static void check_parity(Model *model) {
    const Settings *settings = &model->settings;
    const Tensor *input = model->input, *target = model->target;
    Place place = settings->data_place;
    long long bits = (long long)shape_elements(input->shape);
    if (strcmp(settings->data_name, "parity") != 0)
        diag_error(model, place, "there is no synthetic data '%s': there is parity",
                   settings->data_name);
    else if (bits < 2 || bits > MOST_BITS)
        diag_error(model, place, "parity is of 2 to %d bits, but '%.*s' has %lld", MOST_BITS,
                   (int)(strlen(input->name) - strlen(".raw")), input->name, bits);
    else if (target->classes != 2 || !suits_steps(target, bits))
        diag_error(model, place, "parity is a target class[2], or class[%lld,2] for that of the "
                   "bits so far", bits);
    else if (settings->data_test_samples >= INT64_C(1) << bits)
        diag_error(model, place, "of %lld sequences of %lld bits, %lld cannot be kept for the test",
                   1LL << bits, bits, (long long)settings->data_test_samples);
}

/* Bytes are both what is read and what is told. */
static void check_text(Model *model) {
    const Settings *settings = &model->settings;
    const Encoding *encoding = model->input->encoding;
    const Tensor *target = model->target;
    int64_t steps = shape_elements(model->input->shape);
    bool one_of_both = encoding && encoding->indices > 0 && encoding->indices == target->classes;
    if (!one_of_both)
        diag_error(model, settings->data_place, "text takes an input of indices, such as u8[64] "
                   "index(128), and a target of as many classes");
    else if (model->input->shape.rank != 1 || !suits_steps(target, steps))
        diag_error(model, settings->data_place, "text takes an input of one dimension, and a "
                   "target class[%d], or class[%lld,%d]", target->classes, (long long)steps,
                   target->classes);
}

void data_check(Model *model) {
    const Settings *settings = &model->settings;
    if (!settings->data_kind || !model->input || !model->target)
        return;
    if (strcmp(settings->data_kind, "synthetic") == 0)
        check_parity(model);
    else if (strcmp(settings->data_kind, "text") == 0)
        check_text(model);
    else if (model->target->classes && model->target->shape.rank > 0)
        diag_error(model, settings->data_place,
                   "%s data have one class for each sample, but '%s' has %lld", settings->data_kind,
                   model->target->name, (long long)shape_elements(model->target->shape));
}
