/* format.c - what operators state while `range` asks for typical values: formats with their pins
 * and headroom, and how large a tensor's values are. */
#include "range.h"

#include "profile.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

/* ---- formats --------------------------------------------------------------------------------- */

bool is_float(const Model *model) {
    return model->settings.precision.weights == TYPE_F32;
}

static void merge_pin(Model *model, Tensor *tensor) {
    Format *format = tensor->format;
    const Pin *pin = &tensor->pin;
    bool clash = (pin->has_type && format->pin.has_type && pin->type != format->pin.type) ||
                 (pin->has_shift && format->pin.has_shift && pin->shift != format->pin.shift);
    if (is_float(model) || (!pin->has_type && !pin->has_shift))
        return;
    if (clash) {
        diag_error(model, pin->place, "'%s' shares its format with its input, which has "
                   "another pin", tensor->name);
        diag_note(model, format->pin.place, "the other pin is here");
        return;
    }
    if (pin->has_type)
        format->type = pin->type;
    if (pin->has_shift)
        format->shift = pin->shift;
    format->shift_known |= pin->has_shift;
    format->pin.has_type |= pin->has_type;
    format->pin.has_shift |= pin->has_shift;
    format->pin.type = format->type;
    format->pin.shift = format->shift;
    format->pin.place = pin->place;
}

void format_new(Model *model, Tensor *tensor, Type type, double factor) {
    tensor->format = arena_alloc(model->arena, sizeof *tensor->format);
    tensor->format->type = type;
    tensor->format->span_factor = factor;
    merge_pin(model, tensor);
}

void format_share(Model *model, Tensor *out, Tensor *in) {
    out->format = in->format;
    merge_pin(model, out);
}

void format_inherit(Model *model, Tensor *out, Tensor *in) {
    format_share(model, out, in);
    out->limit = in->limit;
    out->non_negative = in->non_negative;
}

/* ---- headroom -------------------------------------------------------------------------------- */

/* A class has a default as well; not every model has tensors of it. */
static bool is_class(const Model *model, const char *name) {
    for (const Headroom *headroom = model->settings.headrooms; headroom; headroom = headroom->next)
        if (!headroom->given && strcmp(headroom->name, name) == 0)
            return true;
    return false;
}

/* `h1` names its tensor, and those that its binding's expression makes on the way: h1.dense. */
static bool names_tensor(const char *name, const Tensor *tensor) {
    size_t length = strlen(name);
    if (tensor->kind != KIND_ACTIVATION || strncmp(name, tensor->name, length) != 0)
        return false;
    return tensor->name[length] == '\0' || tensor->name[length] == '.';
}

/* A default leaves room for growth in training; what a profile observed has grown. */
static double grown(const Model *model, const Headroom *headroom, const Tensor *tensor) {
    bool observed = !headroom->given && profile_find(model, tensor);
    return observed ? fmin(headroom->factor, 8) : headroom->factor;
}

double headroom_of(Model *model, const char *class_name, const Tensor *tensor) {
    const Headroom *of_class = NULL;
    for (Headroom *headroom = model->settings.headrooms; headroom; headroom = headroom->next) {
        if (!is_class(model, headroom->name) && names_tensor(headroom->name, tensor)) {
            headroom->used = true;
            return grown(model, headroom, tensor);
        }
        if (!of_class && strcmp(headroom->name, class_name) == 0) {
            headroom->used = true;
            of_class = headroom;
        }
    }
    return of_class ? grown(model, of_class, tensor) : 1; /* every class has a default */
}

void activation_format(Model *model, Tensor *tensor) {
    format_new(model, tensor, model->settings.precision.activations,
               headroom_of(model, "activations", tensor));
}

void error_format(Model *model, Tensor *tensor) {
    format_new(model, tensor, model->settings.precision.gradients,
               headroom_of(model, "errors", tensor));
}

/* ---- typical values -------------------------------------------------------------------------- */

/* No format shows what lies outside; inside, products of typical values stay finite. */
static const double least_typical = 1e-30, most_typical = 1e30;

/* Weights span what they are drawn in, and what encodings and pins say is known: only what the
 * network computes is better observed. */
static void take_observed(Model *model, Tensor *tensor) {
    bool computed = tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR;
    Observed *observed = computed ? profile_find(model, tensor) : NULL;
    if (!observed)
        return;
    observed->used = true;
    tensor->reason = arena_print(model->arena, "the profile observed %.3g; expected was %.3g (%s)",
                                 observed->rms, tensor->typical, tensor->reason);
    tensor->typical = fmin(fmax(observed->rms, least_typical), most_typical);
}

void typical_set(Model *model, Tensor *tensor, double rms, const char *reason, ...) {
    char text[256];
    va_list arguments;
    if (rms != 0)
        rms = fmin(fmax(rms, least_typical), most_typical);
    va_start(arguments, reason);
    vsnprintf(text, sizeof text, reason, arguments);
    va_end(arguments);
    tensor->typical = rms;
    tensor->reason = arena_print(model->arena, "%s", text);
    take_observed(model, tensor);
}

/* ---- what the user gave must name something -------------------------------------------------- */

static void check_headrooms(Model *model) {
    for (const Headroom *headroom = model->settings.headrooms; headroom;
         headroom = headroom->next) {
        if (headroom->used || is_class(model, headroom->name))
            continue;
        diag_error(model, headroom->place, "there is no tensor '%s' to give headroom",
                   headroom->name);
        diag_help(model, "classes are weights, activations, errors, inputs and logits; 'intc "
                         "schedule' lists the tensors");
    }
}

/* A log of another model, most likely. */
static void check_observed(const Model *model) {
    const Observed *observed = model->observed;
    while (observed && !observed->used)
        observed = observed->next;
    if (model->observed && !observed)
        fail("'%s' observed no tensor of this model; the first it knows is '%s'",
             model->options.profile, model->observed->name);
}

void check_given(Model *model) {
    check_headrooms(model);
    check_observed(model);
}
