/* augment.c - `augment`: images that are moved and mirrored at random while the network trains on
 * them.
 *
 * The setting becomes one step behind the encoding of the input. All that reads the input reads
 * what that step leaves, so its result takes over the tensor that the input's name stands for. */
#include "check.h"

#include <string.h>

enum { MOST_PIXELS = 255 };

/* ---- the value ------------------------------------------------------------------------------- */

static void read_shift(Model *model, const Node *call) {
    static const Parameter parameters[MAX_PARAMETERS] = {
        {"pixels", ARGUMENT_INTEGER, true, 0, 1, MOST_PIXELS, {NULL}}};
    Call bound = {0};
    if (call_bind(model, call, parameters, NULL, NULL, &bound))
        model->settings.shift_pixels = (int)bound.argument[0].number;
}

static void read_part(Model *model, const Node *part) {
    Settings *settings = &model->settings;
    bool shift = part->kind == NODE_CALL && strcmp(part->text, "shift") == 0;
    bool flip = part->kind == NODE_NAME && strcmp(part->text, "flip") == 0;
    if ((shift && settings->shift_pixels > 0) || (flip && settings->flip)) {
        diag_error(model, part->place, "'%s' is given twice", part->text);
    } else if (shift) {
        read_shift(model, part);
    } else if (flip) {
        settings->flip = true;
    } else {
        diag_error(model, part->place, "'%s' is nothing that 'augment' does",
                   node_source(model->arena, part));
        diag_help(model, "write augment shift(2), augment flip, augment [shift(2), flip] or "
                         "augment []");
    }
}

static const Node *setting_of(Model *model, const Node *value) {
    Node *copy = arena_alloc(model->arena, sizeof *copy);
    *copy = *value;
    return node_add(node_new(model, NODE_SETTING, value->place, "augment"), copy);
}

void augment_read(Model *model, const Node *value) {
    const Node *part = value->kind == NODE_LIST ? value->first : value;
    model->settings.shift_pixels = 0;
    model->settings.flip = false;
    model->settings.augment_source = setting_of(model, value);
    for (; part; part = part->next)
        read_part(model, part);
}

/* ---- the step -------------------------------------------------------------------------------- */

static Step *encoding_step(const Model *model) {
    for (int i = 0; model->input && i < model->step_count; ++i)
        if (model->steps[i]->in[0] == model->input)
            return model->steps[i];
    return NULL;
}

static bool suits(Model *model, const Tensor *image) {
    const Settings *settings = &model->settings;
    Place place = settings->augment_source->place;
    const int64_t *size = image->shape.dimension;
    if (image->classes > 0) {
        diag_error(model, place, "'augment' moves the pixels of images, but '%s' holds indices",
                   image->name);
    } else if (image->shape.rank != 2 && image->shape.rank != 3) {
        diag_error(model, place, "'augment' moves the pixels of images, but '%s' is %s",
                   image->name, tensor_type(model, image));
        diag_help(model, "give it the shape of an image, such as u8[28,28,1]; flatten(%s) is the "
                         "same as a vector", image->name);
    } else if (settings->flip && size[1] == 1) {
        diag_error(model, place, "flip changes nothing: '%s' is %s, one pixel wide", image->name,
                   tensor_type(model, image));
    } else if (settings->shift_pixels >= size[0] || settings->shift_pixels >= size[1]) {
        diag_error(model, place, "shift(%d) moves all of '%s' out of sight, which is %s",
                   settings->shift_pixels, image->name, tensor_type(model, image));
    } else {
        return true;
    }
    return false;
}

/* The last step and the last tensor move to where they are made: reports are read in order. */
static void move_step(Model *model, int at) {
    Step *step = model->steps[model->step_count - 1];
    size_t behind = (size_t)(step->number - at);
    memmove(&model->steps[at + 1], &model->steps[at], behind * sizeof *model->steps);
    model->steps[at] = step;
    for (; at < model->step_count; ++at)
        model->steps[at]->number = at;
}

static void move_tensor(Model *model, int at) {
    Tensor *tensor = model->tensors[model->tensor_count - 1];
    size_t behind = (size_t)(tensor->id - at);
    memmove(&model->tensors[at + 1], &model->tensors[at], behind * sizeof *model->tensors);
    model->tensors[at] = tensor;
    for (; at < model->tensor_count; ++at)
        model->tensors[at]->id = at;
}

static void insert_step(Model *model, Step *encode) {
    Tensor *image = encode->out[0];
    const char *name = image->name;
    image->name = tensor_unique_name(model, arena_print(model->arena, "%s.augmented", name));
    Tensor *encoded = tensor_new(model, name, KIND_ACTIVATION, image->shape, true, image->place);
    const Node *source = model->settings.augment_source;
    Step *step = step_new(model, &augment_step, PHASE_FORWARD, source->place);
    step->source = source;
    step->in[0] = encode->out[0] = encoded;
    step->out[0] = image;
    encoded->producer = encode;
    image->producer = step;
    move_step(model, encode->number + 1);
    move_tensor(model, image->id);
}

void augment_input(Model *model) {
    Step *encode = encoding_step(model);
    bool wanted = model->settings.shift_pixels > 0 || model->settings.flip;
    if (encode && wanted && suits(model, encode->out[0]))
        insert_step(model, encode);
}
