/* schedule.c - how the learning rate goes from epoch to epoch.
 *
 * A schedule is a curve: a factor, at most 1, for each epoch. Curves are evaluated here, at compile
 * time; what the generated code has is a short table of integers, in units of 2^-shift, and the
 * epochs at which they change. A warm-up multiplies another curve. */
#include "check.h"

#include <math.h>
#include <string.h>

struct Curve {
    double (*factor)(const Curve *curve, int epoch);
    int *at;       /* epochs, rising, up to a 0 */
    double epochs; /* how many */
    double share;  /* of the rate */
    Curve *times;  /* a curve that multiplies this one */
};

enum { MOST_CHANGES = 64, MOST_RATES = 1024 };
/* After so many halvings a rate is a rounding error; more would only cost bits. Factors that are no
 * powers of two have at least eight bits. */
enum { MOST_HALVINGS = 16, LEAST_FACTOR_SHIFT = 12, FACTOR_BITS = 8 };

/* ---- the curves ------------------------------------------------------------------------------ */

static double constant_factor(const Curve *curve, int epoch) {
    (void)curve;
    (void)epoch;
    return 1;
}

static double halve_every_factor(const Curve *curve, int epoch) {
    return exp2(-fmin(floor(epoch / curve->epochs), MOST_HALVINGS));
}

/* Times the share at each epoch of the list. */
static double steps_factor(const Curve *curve, int epoch) {
    int count = 0;
    while (curve->at[count] && curve->at[count] <= epoch)
        ++count;
    return pow(curve->share, count);
}

/* Half a wave, from 1 to the share (Loshchilov and Hutter 2017). */
static double cosine_factor(const Curve *curve, int epoch) {
    double part = fmin(epoch / curve->epochs, 1);
    return curve->share + (1 - curve->share) * (1 + cos(3.14159265358979323846 * part)) / 2;
}

static double warmup_factor(const Curve *curve, int epoch) {
    return fmin((epoch + 1) / (curve->epochs + 1), 1);
}

/* ---- reading --------------------------------------------------------------------------------- */

static Curve *curve_read(Model *model, const Node *value);

static bool read_epochs(Model *model, const Node *node, const char *name, Curve *curve) {
    int64_t epochs;
    char *what = arena_print(model->arena, "the epochs of '%s'", name);
    if (!constant_integer(model, node, what, 1, MAX_EPOCHS, &epochs))
        return false;
    curve->epochs = (double)epochs;
    return true;
}

static bool read_changes(Model *model, const Node *list, const char *name, Curve *curve) {
    int64_t previous = 0, epoch;
    int count = 0;
    char *what = arena_print(model->arena, "an epoch of '%s'", name);
    curve->at = arena_alloc(model->arena, (MOST_CHANGES + 1) * sizeof *curve->at);
    for (const Node *item = list->first; item; item = item->next) {
        if (count == MOST_CHANGES) {
            diag_error(model, item->place, "more than %d changes of the rate", MOST_CHANGES);
            return false;
        }
        if (!constant_integer(model, item, what, 1, MAX_EPOCHS, &epoch))
            return false;
        if (epoch <= previous) {
            diag_error(model, item->place, "the epochs of '%s' must rise: %lld follows %lld", name,
                       (long long)epoch, (long long)previous);
            return false;
        }
        curve->at[count++] = (int)(previous = epoch);
    }
    return true;
}

static bool read_share(Model *model, const Node *node, const char *name, Curve *curve) {
    if (!constant_number(model, node, &curve->share))
        return false;
    if (curve->share > 0 && curve->share < 1)
        return true;
    diag_error(model, node->place, "'%s' lies between 0 and 1, not %.12g", name, curve->share);
    return false;
}

/* The value of an argument that may be named; NULL where it has another name. */
static const Node *value_of(const Node *argument, const char *name) {
    if (!argument || argument->kind != NODE_NAMED)
        return argument;
    return strcmp(argument->text, name) == 0 ? argument->first : NULL;
}

static bool read_constant(Model *model, const Node *first, Curve *curve) {
    (void)model;
    curve->factor = constant_factor;
    return !first;
}

static bool read_halve_every(Model *model, const Node *first, Curve *curve) {
    curve->factor = halve_every_factor;
    if (!first || first->next)
        return false;
    read_epochs(model, first, "halve_every", curve);
    return true;
}

static bool read_halve_at(Model *model, const Node *first, Curve *curve) {
    curve->factor = steps_factor;
    curve->share = 0.5;
    if (!first || first->next || first->kind != NODE_LIST)
        return false;
    read_changes(model, first, "halve_at", curve);
    return true;
}

static bool read_steps(Model *model, const Node *first, Curve *curve) {
    const Node *share = first ? value_of(first->next, "factor") : NULL;
    curve->factor = steps_factor;
    if (!share || first->next->next || first->kind != NODE_LIST)
        return false;
    if (read_changes(model, first, "steps", curve))
        read_share(model, share, "factor", curve);
    return true;
}

/* Both arguments may be left out: all epochs, down to next to nothing. */
static bool read_cosine(Model *model, const Node *first, Curve *curve) {
    bool counted = first && first->kind != NODE_NAMED;
    const Node *rest = counted ? first->next : first;
    const Node *least = value_of(rest, "least");
    curve->factor = cosine_factor;
    if (rest && (!least || rest->next))
        return false;
    if (counted && !read_epochs(model, first, "cosine", curve))
        return true;
    if (least)
        read_share(model, least, "least", curve);
    return true;
}

static bool read_warmup(Model *model, const Node *first, Curve *curve) {
    curve->factor = warmup_factor;
    if (!first || (first->next && first->next->next))
        return false;
    if (read_epochs(model, first, "warmup", curve) && first->next)
        curve->times = curve_read(model, first->next);
    return true;
}

static const struct {
    const char *name;
    bool (*read)(Model *model, const Node *first, Curve *curve); /* false: not of this form */
} rows[] = {
    {"constant", read_constant}, {"halve_every", read_halve_every}, {"halve_at", read_halve_at},
    {"steps", read_steps},       {"cosine", read_cosine},           {"warmup", read_warmup},
};

enum { ROWS = sizeof rows / sizeof *rows };

static Curve *curve_read(Model *model, const Node *value) {
    Curve *curve = arena_alloc(model->arena, sizeof *curve);
    bool named = value->kind == NODE_CALL || value->kind == NODE_NAME;
    for (int i = 0; named && i < ROWS; ++i)
        if (strcmp(rows[i].name, value->text) == 0 && rows[i].read(model, value->first, curve))
            return curve;
    diag_error(model, value->place, "'%s' is no schedule", node_source(model->arena, value));
    diag_help(model, "write constant, halve_every(4), halve_at([8, 12, 14]), "
                     "steps([8, 12], factor = 0.1), cosine(least = 0.01) or warmup(2, cosine())");
    return NULL;
}

void schedule_read(Model *model, const Node *value) {
    model->settings.schedule = curve_read(model, value);
    model->settings.schedule_text = node_source(model->arena, value);
    model->settings.schedule_place = value->place;
}

/* ---- the table ------------------------------------------------------------------------------- */

static double factor_at(const Settings *settings, int epoch) {
    double factor = 1;
    for (const Curve *curve = settings->schedule; curve; curve = curve->times)
        factor *= curve->factor(curve, epoch);
    return factor;
}

/* Powers of two are exact in as many bits as there are halvings. */
static int choose_factor_shift(const Settings *settings) {
    int exponent, halvings = 0;
    double least = 1;
    bool exact = true;
    for (int epoch = 0; epoch < settings->epochs; ++epoch) {
        double factor = factor_at(settings, epoch);
        exact &= frexp(factor, &exponent) == 0.5;
        least = fmin(least, factor);
    }
    halvings = (int)ceil(-log2(fmax(least, exp2(-MOST_HALVINGS))));
    if (exact)
        return halvings;
    return FACTOR_BITS + (halvings < LEAST_FACTOR_SHIFT ? halvings : LEAST_FACTOR_SHIFT);
}

static void add_rate(Model *model, Rates *rates, int epoch, int64_t factor) {
    if (rates->count > 0 && rates->factor[rates->count - 1] == factor)
        return;
    if (rates->count == MOST_RATES) {
        diag_error(model, model->settings.schedule_place,
                   "the schedule has more than %d different rates", MOST_RATES);
        diag_help(model, "let it change fewer times: steps([...], factor = ...)");
    }
    if (rates->count <= MOST_RATES) {
        rates->from[rates->count] = epoch;
        rates->factor[rates->count++] = factor;
    }
}

void schedule_tabulate(Model *model) {
    Settings *settings = &model->settings;
    Rates *rates = &settings->rates;
    rates->from = arena_alloc(model->arena, (MOST_RATES + 1) * sizeof *rates->from);
    rates->factor = arena_alloc(model->arena, (MOST_RATES + 1) * sizeof *rates->factor);
    for (Curve *curve = settings->schedule; curve; curve = curve->times)
        if (curve->epochs == 0)
            curve->epochs = settings->epochs; /* of a cosine that names no other */
    rates->shift = choose_factor_shift(settings);
    for (int epoch = 0; epoch < settings->epochs; ++epoch) {
        int64_t factor = llround(ldexp(factor_at(settings, epoch), rates->shift));
        add_rate(model, rates, epoch, factor < 1 ? 1 : factor);
    }
}
