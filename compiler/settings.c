/* settings.c - the train block, its defaults, and --set.
 *
 * Every setting is one row of a table: its name and the function that reads its value. */
#include "check.h"

#include <string.h>

/* Of many settings most are wrong, which has been said; comparing them all only takes time. */
enum { ENOUGH_ERRORS = 100 };

static void check_twice(Model *model, const Node *block, const Node *setting) {
    if (model->source.errors > ENOUGH_ERRORS)
        return;
    for (const Node *other = block->first; other != setting; other = other->next) {
        if (strcmp(other->text, setting->text) != 0)
            continue;
        diag_error(model, setting->place, "'%s' is set twice", setting->text);
        diag_note(model, other->place, "the first time is here");
        return;
    }
}

/* ---- precision ------------------------------------------------------------------------------- */

static Precision precision_preset(Type type, Place place) {
    Precision precision = {.weights = type,
                           .activations = type,
                           .gradients = type,
                           .master = type == TYPE_F32 ? TYPE_F32 : TYPE_I32,
                           .accumulators = type == TYPE_F32   ? TYPE_F32
                                           : type == TYPE_I32 ? TYPE_I64
                                                              : TYPE_I32,
                           .place = place};
    return precision;
}

/* A type by name out of `allowed`, a list such as "i8, i16, i32". */
static bool read_type(Model *model, const Node *node, const char *allowed, Type *type) {
    if (node->kind == NODE_NAME && strstr(allowed, node->text)) {
        if (type_from_name(node->text, type))
            return true;
        if (strcmp(node->text, "none") == 0) {
            *type = TYPE_NONE;
            return true;
        }
    }
    diag_error(model, node->place, "'%s' is none of %s", node_source(model->arena, node), allowed);
    return false;
}

static void read_precision_class(Model *model, const Node *setting, Precision *precision) {
    static const char *const names[] = {"weights", "activations",  "gradients",
                                        "master",  "accumulators", NULL};
    static const char *const allowed[] = {"i8, i16, i32", "i8, i16, i32", "i8, i16, i32",
                                          "i32, i16, none", "i32, i64"};
    Type *const types[] = {&precision->weights, &precision->activations, &precision->gradients,
                           &precision->master, &precision->accumulators};
    for (int i = 0; names[i]; ++i) {
        if (strcmp(names[i], setting->text) == 0) {
            read_type(model, setting->first, allowed[i], types[i]);
            return;
        }
    }
    const char *nearest = diag_nearest(setting->text, names);
    diag_error(model, setting->place, "precision has no class '%s'", setting->text);
    diag_help(model, "classes are weights, activations, gradients, master and accumulators");
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
}

static void read_precision(Model *model, const Node *value) {
    Precision *precision = &model->settings.precision;
    Type type;
    if (value->kind != NODE_BLOCK) {
        if (read_type(model, value, "i8, i16, i32, f32", &type))
            *precision = precision_preset(type, value->place);
        return;
    }
    *precision = precision_preset(TYPE_I8, value->place);
    precision->accumulators = TYPE_NONE;
    for (const Node *setting = value->first; setting; setting = setting->next) {
        check_twice(model, value, setting);
        read_precision_class(model, setting, precision);
    }
    if (precision->master != TYPE_NONE && precision->master < precision->weights)
        diag_error(model, value->place, "the master, %s, is narrower than the weights, %s",
                   type_name(precision->master), type_name(precision->weights));
    if (precision->accumulators == TYPE_NONE) /* not given: as wide as the widest class needs */
        precision->accumulators = precision->weights == TYPE_I32 ||
                                          precision->activations == TYPE_I32 ||
                                          precision->gradients == TYPE_I32
                                      ? TYPE_I64
                                      : TYPE_I32;
}

/* ---- optimizer ------------------------------------------------------------------------------- */

static Tensor *no_tensor(Model *model, void *scope, const Node *node) {
    (void)scope;
    diag_error(model, node->place, "an optimizer takes constants only");
    return NULL;
}

static void read_optimizer(Model *model, const Node *value) {
    bool is_name = value->kind == NODE_CALL || value->kind == NODE_NAME; /* `sgd` lacks its lr */
    for (int i = 0; optimizers[i]; ++i) {
        if (!is_name || strcmp(optimizers[i]->name, value->text) != 0)
            continue;
        Call call = {0};
        model->settings.optimizer = optimizers[i];
        model->settings.optimizer_source = value;
        if (call_bind(model, value, optimizers[i]->parameters, no_tensor, NULL, &call))
            optimizers[i]->read(model, &call);
        return;
    }
    diag_error(model, value->place, "there is no optimizer '%s'",
               node_source(model->arena, value));
    const char *names[32] = {NULL};
    for (int i = 0; optimizers[i] && i < 31; ++i)
        names[i] = optimizers[i]->name;
    const char *nearest = is_name ? diag_nearest(value->text, names) : NULL;
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
    else
        diag_help(model, "write optimizer sgd(lr = 2^-5, momentum = 1 - 2^-3) or adam()");
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void read_batch(Model *model, const Node *value) {
    int64_t batch;
    if (constant_integer(model, value, "'batch'", 1, 65536, &batch))
        model->settings.batch = (int)batch;
    model->settings.batch_place = value->place;
}

static void read_epochs(Model *model, const Node *value) {
    int64_t epochs;
    if (constant_integer(model, value, "'epochs'", 1, MAX_EPOCHS, &epochs))
        model->settings.epochs = (int)epochs;
}

static void read_seed(Model *model, const Node *value) {
    int64_t seed;
    if (constant_integer(model, value, "'seed'", 0, INT64_C(1) << 53, &seed))
        model->settings.seed = (uint64_t)seed;
}

static void read_clip(Model *model, const Node *value) {
    Settings *settings = &model->settings;
    settings->clip_place = value->place;
    const double least = 1e-9, most = 1e9;
    if (constant_number(model, value, &settings->clip) &&
        (settings->clip < least || settings->clip > most))
        diag_error(model, value->place, "'clip' must lie between %.12g and %.12g, not %.12g", least,
                   most, settings->clip);
}

static void read_weight_decay(Model *model, const Node *value) {
    model->settings.decay_place = value->place;
    constant_power_shift(model, value, "'weight_decay'", &model->settings.decay_shift);
}

static void read_stop(Model *model, const Node *value) {
    double *accuracy = &model->settings.stop_accuracy;
    bool condition = value->kind == NODE_COMPARE && strcmp(value->text, ">=") == 0;
    const Node *left = condition ? value->first : NULL;
    if (!left || left->kind != NODE_NAME || strcmp(left->text, "accuracy") != 0) {
        diag_error(model, value->place, "'stop' takes a condition on the accuracy");
        diag_help(model, "write stop accuracy >= 0.95");
        return;
    }
    if (constant_number(model, left->next, accuracy) && (*accuracy <= 0 || *accuracy > 1))
        diag_error(model, left->next->place, "an accuracy lies between 0 and 1, not %.12g",
                   *accuracy);
}

static void read_average(Model *model, const Node *value) {
    bool is_last = value->kind == NODE_CALL && strcmp(value->text, "last") == 0 &&
                   node_count(value) == 1;
    int64_t epochs;
    model->settings.average_place = value->place;
    if (!is_last) {
        diag_error(model, value->place, "'average' takes a number of epochs");
        diag_help(model, "write average last 3: the mean of the weights after each of the last 3 "
                         "epochs");
    } else if (constant_integer(model, value->first, "the epochs of 'average'", 1, MAX_EPOCHS,
                                &epochs)) {
        model->settings.average_last = (int)epochs;
    }
}

/* Mean and variance of what the averaged weights make have been seen by nobody. */
void average_check(Model *model) {
    const Settings *settings = &model->settings;
    if (settings->average_last > settings->epochs) {
        diag_error(model, settings->average_place, "the last %d epochs of %d",
                   settings->average_last, settings->epochs);
        diag_help(model, "average %d epochs or fewer", settings->epochs);
    }
    for (int i = 0; settings->average_last && i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        for (int k = 0; k < MAX_OPERANDS; ++k)
            if (step->in[k] && step->in[k]->kind == KIND_STATE) {
                diag_error(model, settings->average_place, "weights cannot be averaged beside "
                           "'%s', which keeps means of what the weights made", step->kind->name);
                diag_help(model, "take layernorm or rmsnorm, or no average");
                return;
            }
    }
}

static void read_rounding(Model *model, const Node *value) {
    bool nearest = value->kind == NODE_NAME && strcmp(value->text, "nearest") == 0;
    bool stochastic = value->kind == NODE_NAME && strcmp(value->text, "stochastic") == 0;
    if (!nearest && !stochastic)
        diag_error(model, value->place, "'rounding' is stochastic or nearest, not '%s'",
                   node_source(model->arena, value));
    model->settings.nearest_errors = nearest;
}

/* ---- headroom -------------------------------------------------------------------------------- */

static Headroom *add_headroom(Model *model, const char *name, double factor) {
    Headroom *headroom = arena_alloc(model->arena, sizeof *headroom);
    headroom->name = name;
    headroom->factor = factor;
    headroom->next = model->settings.headrooms;
    model->settings.headrooms = headroom;
    return headroom;
}

/* What holds where the user gave nothing: the last of the list, found after the user's own. Eight
 * bits are worth some clipping of activations; where there are more, the range is cheap. */
static void add_default_headrooms(Model *model) {
    Headroom *own = model->settings.headrooms, **end = &model->settings.headrooms;
    bool narrow = model->settings.precision.activations == TYPE_I8;
    *end = NULL;
    add_headroom(model, "weights", 8);
    add_headroom(model, "activations", narrow ? 16 : 32);
    add_headroom(model, "errors", 8);
    add_headroom(model, "inputs", 4);
    add_headroom(model, "logits", 256);
    Headroom *defaults = *end;
    *end = own;
    while (*end)
        end = &(*end)->next;
    *end = defaults;
}

static void read_headroom_of(Model *model, const char *name, const Node *value) {
    double factor;
    if (!constant_number(model, value, &factor))
        return;
    if (factor < 0.25 || factor > 4096) {
        diag_error(model, value->place, "a headroom lies between 0.25 and 4096, not %.12g",
                   factor);
        return;
    }
    Headroom *headroom = add_headroom(model, name, factor);
    headroom->place = value->place;
    headroom->given = true;
}

enum { MOST_HEADROOMS = 1000 };

static void read_headroom(Model *model, const Node *value) {
    if (value->kind != NODE_BLOCK) {
        read_headroom_of(model, "activations", value);
        return;
    }
    if (node_count(value) > MOST_HEADROOMS) {
        diag_error(model, value->place, "more than %d headrooms", MOST_HEADROOMS);
        return;
    }
    for (const Node *setting = value->first; setting; setting = setting->next) {
        check_twice(model, value, setting);
        read_headroom_of(model, setting->text, setting->first);
    }
}

/* ---- the table ------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    bool takes_block;
    void (*read)(Model *model, const Node *value);
} rows[] = {
    {"precision", true, read_precision}, {"optimizer", false, read_optimizer},
    {"schedule", false, schedule_read},  {"batch", false, read_batch},
    {"epochs", false, read_epochs},      {"data", false, data_read},
    {"seed", false, read_seed},          {"clip", false, read_clip},
    {"stop", false, read_stop},          {"weight_decay", false, read_weight_decay},
    {"headroom", true, read_headroom},   {"rounding", false, read_rounding},
    {"average", false, read_average},
    {"augment", false, augment_read},
};

enum { ROWS = sizeof rows / sizeof *rows };

static int find_row(const char *name) {
    for (int i = 0; i < ROWS; ++i)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    return -1;
}

static void read_setting(Model *model, const Node *setting) {
    int row = find_row(setting->text);
    if (row >= 0 && (setting->first->kind != NODE_BLOCK || rows[row].takes_block)) {
        rows[row].read(model, setting->first);
        return;
    }
    if (row >= 0) {
        diag_error(model, setting->place, "'%s' takes one value, not a block", setting->text);
        return;
    }
    const char *names[ROWS + 1] = {NULL};
    for (int i = 0; i < ROWS; ++i)
        names[i] = rows[i].name;
    const char *nearest = diag_nearest(setting->text, names);
    diag_error(model, setting->place, "there is no setting '%s'", setting->text);
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
}

/* ---- --set ----------------------------------------------------------------------------------- */

/* What the user gave on the command line has no place in the file. */
static void forget_places(Node *node) {
    node->place = (Place){0};
    for (Node *child = node->first; child; child = child->next)
        forget_places(child);
}

/* KEY=VALUE is parsed as the block `train { KEY VALUE }`, by the same grammar as the file. */
static const Node *parse_override(Model *model, const Override *override) {
    Source file = model->source;
    Node *ast = model->ast;
    char *text = arena_print(model->arena, "train { %s %s }", override->key, override->value);
    model->source.path = arena_print(model->arena, "--set %s=%s", override->key, override->value);
    model->source.text = text;
    model->source.length = strlen(text);
    model->ast = NULL;
    parse(model);
    Node *train = model->ast ? model->ast->first : NULL;
    bool good = model->source.errors == file.errors && train && !train->next &&
                train->kind == NODE_TRAIN && train->first && !train->first->next;
    if (!good && model->source.errors == file.errors)
        diag_error(model, (Place){0}, "this is not one setting");
    file.errors = model->source.errors;
    file.warnings = model->source.warnings;
    model->source = file;
    model->ast = ast;
    if (!good)
        return NULL;
    forget_places(train);
    return train->first;
}

/* ---- entry ----------------------------------------------------------------------------------- */

static void set_defaults(Model *model) {
    Settings *settings = &model->settings;
    Place nowhere = {0};
    settings->precision = precision_preset(TYPE_I8, nowhere);
    settings->batch = 32;
    settings->epochs = 10;
    settings->seed = 1;
    settings->data_test = 0.2;
    settings->data_train_samples = 2000;
    settings->data_test_samples = 500;
    settings->schedule_text = "constant";
}

void settings_read(Model *model, const Node *train) {
    set_defaults(model);
    for (const Node *setting = train ? train->first : NULL; setting; setting = setting->next) {
        check_twice(model, train, setting);
        read_setting(model, setting);
    }
    for (int i = 0; i < model->options.override_count; ++i) {
        const Node *setting = parse_override(model, &model->options.overrides[i]);
        if (setting)
            read_setting(model, setting);
    }
    data_check(model);
    add_default_headrooms(model);
    schedule_tabulate(model);
    bool named = model->settings.optimizer || (train && model->source.errors > 0);
    if (!named) {
        diag_error(model, train ? train->place : (Place){0}, train
                   ? "the train block names no optimizer" : "the model has no train block");
        diag_help(model, "write %soptimizer sgd(lr = 2^-5, momentum = 1 - 2^-3)%s",
                  train ? "" : "train { ", train ? "" : " }");
    }
}
