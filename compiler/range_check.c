/* range_check.c - what the user should know of the formats that `range` chose: pins that do not
 * hold, values that saturate, and values that are too small for their format. */
#include "range.h"

#include <math.h>

/* The share of normally distributed values of this rms that lies outside +-span. */
static double clipped_share(double span, double rms) {
    return erfc(span / rms / sqrt(2));
}

/* The pin may stand at another tensor that shares the format. */
static void check_pin(Model *model, const Tensor *tensor) {
    double span = ldexp((double)tensor->bound, -tensor->format->shift);
    double tolerance = tensor->exact ? 1 : 0.99; /* 127 of 128 may stand for a bound of 1 */
    if (tensor->limit > 0 && span < tensor->limit * tolerance) {
        diag_error(model, tensor->format->pin.place,
                   "the pin spans +-%.4g, but '%s' reaches its bound of %.4g", span, tensor->name,
                   tensor->limit);
        diag_help(model, "the largest shift that holds it is %d",
                  tensor->format->bits - ceil_log2(tensor->limit) - (tensor->exact ? 1 : 0));
    }
}

static void check_saturation(Model *model, const Tensor *tensor) {
    double span = ldexp((double)tensor->bound, -tensor->format->shift);
    double share = clipped_share(span, tensor->typical);
    if (tensor->limit > 0 || share < 0.01)
        return;
    diag_warning(model, tensor->pin.has_shift ? tensor->pin.place : tensor->place,
                 "saturation: '%s' spans +-%.4g, which clips about %.*g%% of its typical values "
                 "(rms %.3g)", tensor->name, span, share < 0.995 ? 2 : 3, 100 * share,
                 tensor->typical);
    diag_help(model, "shift %d would span 4 x rms",
              tensor->format->bits - ceil_log2(4 * tensor->typical));
}

/* The step that casts to the tensor's format: behind a ReLU it is the one before. */
static const Step *format_maker(const Tensor *tensor) {
    const Step *step = tensor->producer;
    while (step && step->in[0]->format == tensor->format)
        step = step->in[0]->producer;
    return step;
}

static void check_collapse(Model *model, const Tensor *tensor) {
    double units = ldexp(tensor->typical, tensor->format->shift);
    const Step *producer = format_maker(tensor);
    if (tensor->exact || units >= 2)
        return;
    diag_warning(model, tensor->pin.has_shift ? tensor->pin.place : tensor->place,
                 "collapse: shift %d leaves '%s' %.1f bits: its typical value %.3g is %.2g units",
                 tensor->format->shift, tensor->name, units > 0.5 ? log2(units) + 1 : 0.0,
                 tensor->typical, units);
    if (producer && producer->sum.left && producer->sum.right)
        diag_note(model, producer->place,
                  "its chain: %s at shift %d x %s at shift %d, summed at shift %d, cast to %d",
                  producer->sum.left->name, producer->sum.left->format->shift,
                  producer->sum.right->name, producer->sum.right->format->shift,
                  producer->sum.shift, tensor->format->shift);
}

/* One tensor speaks for all that share its format: the pinned one, or the first. */
static bool speaks_for_format(const Tensor *tensor) {
    Format *format = tensor->format;
    bool speaks = !format->reported && (!format->pin.has_shift || tensor->pin.has_shift);
    format->reported |= speaks;
    return speaks;
}

void check_formats(Model *model) {
    for (int i = 0; i < model->tensor_count && !is_float(model); ++i) {
        const Tensor *tensor = model->tensors[i];
        bool weights = tensor->kind == KIND_PARAMETER && tensor->init_bound > 0;
        bool stored = tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR || weights;
        if (tensor->pin.has_shift || (tensor->exact && tensor->format->pin.has_shift))
            check_pin(model, tensor);
        if (!stored || !speaks_for_format(tensor))
            continue;
        check_saturation(model, tensor);
        check_collapse(model, tensor);
    }
}
