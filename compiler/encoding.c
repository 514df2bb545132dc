/* encoding.c - how the raw integers of an input become values: fixed, zscore, minmax; or indices.
 *
 *     fixed(s)            value = raw * unit * 2^-s
 *     zscore(mean, std)   value = (raw * unit - mean) / std
 *     minmax(lo, hi)      value = (raw * unit - lo) / (hi - lo)
 *
 * Each is value = raw * scale - offset. A list gives one constant a feature. */
#include "check.h"

#include <math.h>
#include <string.h>

/* Memory is asked for as many constants as the file spells out, not for what it declares. */
static int64_t constant_count(const Encoding *encoding) {
    return encoding->per_feature ? encoding->features : 1;
}

static double *room(Model *model, const Encoding *encoding) {
    return arena_alloc(model->arena, (size_t)constant_count(encoding) * sizeof(double));
}

/* One constant, or one for each feature if any argument is a list; NULL after a message. */
static double *constants(Model *model, const Node *node, const Encoding *encoding) {
    bool list = node->kind == NODE_LIST;
    double *values = room(model, encoding);
    const Node *item = list ? node->first : node;
    for (int64_t i = 0; i < constant_count(encoding); ++i) {
        if (!list && i > 0)
            values[i] = values[0];
        else if (!constant_number(model, item, &values[i]))
            return NULL;
        item = list ? item->next : item;
    }
    return values;
}

static double raw_least(Type type) {
    return type == TYPE_U8 ? 0 : -ldexp(1, type_magnitude_bits(type));
}

static double raw_most(Type type) {
    return ldexp(1, type_magnitude_bits(type)) - 1;
}

/* The values that raw integers can take, over all features. */
static void find_limits(Encoding *encoding) {
    encoding->least = INFINITY;
    encoding->most = -INFINITY;
    for (int64_t i = 0; i < constant_count(encoding); ++i) {
        double a = raw_least(encoding->raw) * encoding->scale[i] - encoding->offset[i];
        double b = raw_most(encoding->raw) * encoding->scale[i] - encoding->offset[i];
        encoding->least = fmin(encoding->least, fmin(a, b));
        encoding->most = fmax(encoding->most, fmax(a, b));
    }
}

static bool read_fixed(Model *model, const Node *call, Encoding *encoding) {
    int64_t shift;
    if (!constant_integer(model, call->first, "the shift of 'fixed'", -16, 40, &shift))
        return false;
    encoding->scale[0] = ldexp(encoding->unit, -(int)shift);
    find_limits(encoding);
    encoding->typical = fmax(-encoding->least, encoding->most) / 3;
    encoding->reason = arena_print(model->arena, "fixed: a third of the bound %.4g",
                                   3 * encoding->typical);
    return true;
}

static bool positive_widths(Model *model, const Node *node, const double *widths,
                            const char *what, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
        if (widths[i] > 0)
            continue;
        diag_error(model, node->place, "%s must be positive, not %.12g", what, widths[i]);
        return false;
    }
    return true;
}

static bool read_zscore(Model *model, const Node *call, Encoding *encoding) {
    const Node *std_node = call->first->next;
    double *mean = constants(model, call->first, encoding);
    double *std = constants(model, std_node, encoding);
    int64_t count = constant_count(encoding);
    if (!mean || !std || !positive_widths(model, std_node, std, "a standard deviation", count))
        return false;
    for (int64_t i = 0; i < count; ++i) {
        encoding->scale[i] = encoding->unit / std[i];
        encoding->offset[i] = mean[i] / std[i];
    }
    find_limits(encoding);
    encoding->typical = 1;
    encoding->reason = "zscore: standard deviation 1";
    return true;
}

static bool read_minmax(Model *model, const Node *call, Encoding *encoding) {
    double *lo = constants(model, call->first, encoding);
    double *hi = constants(model, call->first->next, encoding);
    double *width = room(model, encoding);
    int64_t count = constant_count(encoding);
    if (!lo || !hi)
        return false;
    for (int64_t i = 0; i < count; ++i)
        width[i] = hi[i] - lo[i];
    if (!positive_widths(model, call, width, "'hi - lo' of minmax", count))
        return false;
    for (int64_t i = 0; i < count; ++i) {
        encoding->scale[i] = encoding->unit / width[i];
        encoding->offset[i] = lo[i] / width[i];
    }
    encoding->least = 0; /* by definition: what lies outside saturates */
    encoding->most = 1;
    encoding->typical = sqrt(1.0 / 3);
    encoding->reason = "minmax: uniform in [0, 1]";
    return true;
}

/* Indices have no unit, and no type that is too narrow for them. */
static bool read_index(Model *model, const Node *call, Encoding *encoding) {
    int64_t count;
    if (!constant_integer(model, call->first, "the number of indices", 2, 65536, &count))
        return false;
    if (encoding->unit != 1 || raw_most(encoding->raw) < (double)count - 1) {
        if (encoding->unit != 1)
            diag_error(model, call->place, "indices have no unit");
        else
            diag_error(model, call->place, "%s holds no %lld indices", type_name(encoding->raw),
                       (long long)count);
        return false;
    }
    encoding->indices = (int)count;
    encoding->scale[0] = 1;
    encoding->most = (double)count - 1;
    encoding->typical = encoding->most / 2;
    encoding->reason = arena_print(model->arena, "one of %d indices", encoding->indices);
    return true;
}

static const struct {
    const char *name;
    int arguments;
    const char *usage;
    bool (*read)(Model *, const Node *, Encoding *);
} encodings[] = {
    {"fixed", 1, "fixed(shift)", read_fixed},
    {"zscore", 2, "zscore(mean, std)", read_zscore},
    {"minmax", 2, "minmax(lo, hi)", read_minmax},
    {"index", 1, "index(count)", read_index},
};

/* A step of the raw integer, and the offset, in units of the value: beyond these limits no format
 * shows the values, and the arithmetic on them would leave 64 bits. */
static bool sensible(Model *model, const Node *call, const Encoding *encoding) {
    const double least_step = ldexp(1, -60), most_step = ldexp(1, 30), most_offset = ldexp(1, 40);
    for (int64_t i = 0; i < constant_count(encoding); ++i) {
        double step = encoding->scale[i], offset = encoding->offset[i];
        if (step >= least_step && step <= most_step && fabs(offset) <= most_offset)
            continue;
        diag_error(model, call->place,
                   "by this encoding one step of the raw integer is worth %.3g, and 0 is worth "
                   "%.3g: no format shows such values", step, -offset);
        return false;
    }
    return true;
}

/* Whether a list stands among the arguments; each has one constant for each feature. */
static bool read_lists(Model *model, const Node *call, Encoding *encoding) {
    for (const Node *argument = call->first; argument; argument = argument->next) {
        if (argument->kind != NODE_LIST)
            continue;
        encoding->per_feature = encoding->features > 1;
        if (node_count(argument) == encoding->features)
            continue;
        diag_error(model, argument->place, "the list has %d constants, but there are %lld features",
                   node_count(argument), (long long)encoding->features);
        return false;
    }
    return true;
}

static bool read_constants(Model *model, const Node *call, Encoding *encoding,
                           bool (*read)(Model *, const Node *, Encoding *)) {
    if (!read_lists(model, call, encoding))
        return false;
    encoding->scale = room(model, encoding);
    encoding->offset = room(model, encoding);
    return read(model, call, encoding) && sensible(model, call, encoding);
}

static bool read_call(Model *model, const Node *call, Encoding *encoding) {
    static const char *const names[] = {"fixed", "zscore", "minmax", "index", NULL};
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; ++i) {
        if (strcmp(encodings[i].name, call->text) != 0)
            continue;
        if (node_count(call) == encodings[i].arguments) {
            encoding->name = encodings[i].name;
            return read_constants(model, call, encoding, encodings[i].read);
        }
        diag_error(model, call->place, "'%s' takes %d argument%s, not %d", call->text,
                   encodings[i].arguments, encodings[i].arguments == 1 ? "" : "s",
                   node_count(call));
        diag_help(model, "write %s", encodings[i].usage);
        return false;
    }
    const char *nearest = diag_nearest(call->text, names);
    diag_error(model, call->place, "there is no encoding '%s'", call->text);
    if (nearest)
        diag_help(model, "did you mean '%s'?", nearest);
    else
        diag_help(model, "encodings are fixed, zscore, minmax and index");
    return false;
}

Encoding *encoding_read(Model *model, const Node *declaration, Shape shape) {
    Encoding *encoding = arena_alloc(model->arena, sizeof *encoding);
    const Node *type = declaration->first;
    const Node *unit = type->next && type->next->kind == NODE_UNIT ? type->next : NULL;
    const Node *call = unit ? unit->next : type->next;
    if (!type_from_name(type->text, &encoding->raw) || encoding->raw >= TYPE_I64) {
        diag_error(model, type->place, "'%s' is no type of an input", type->text);
        diag_help(model, "inputs are u8, i8, i16 or i32; decimals become integers by 'unit'");
        return NULL;
    }
    encoding->unit = 1;
    if (unit && !constant_number(model, unit->first, &encoding->unit))
        return NULL;
    if (unit && !positive_widths(model, unit->first, &encoding->unit, "a unit", 1))
        return NULL;
    if (!call) {
        diag_error(model, declaration->place, "'%s' lacks an encoding", declaration->text);
        diag_help(model, "write fixed(shift), zscore(mean, std) or minmax(lo, hi) after the type");
        return NULL;
    }
    encoding->features = shape_elements(shape);
    return read_call(model, call, encoding) ? encoding : NULL;
}
