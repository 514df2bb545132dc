/* augment.c - in training each image is moved by up to so many pixels, and mirrored with chance
 * 1/2.
 *
 * What comes into sight is 0, as what `pad` puts around an image. Each image has a number of 64
 * bits, from the step's own stream: 16 bits of it say how far it is moved down, 16 how far to the
 * right, and one whether it is mirrored. In inference the step does nothing: it works in place.
 * Nothing lies before it that could take an error. */
#include "elementwise.h"

static void augment_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_inherit(model, y, x);
    typical_set(model, y, x->typical, "the pixels of %s", x->name);
}

static void augment_settle(Model *model, Step *step) {
    const Tensor *image = step->out[0];
    const int64_t *size = image->shape.dimension;
    int64_t channels = image->shape.rank == 3 ? size[2] : 1, pixels = model->settings.shift_pixels;
    int64_t line = size[1] * channels, framed_line = line + 2 * pixels * channels;
    int64_t framed = (size[0] + 2 * pixels) * framed_line;
    elementwise_settle(model, step);
    step_integer(model, step, "height", size[0]);
    step_integer(model, step, "width", size[1]);
    step_integer(model, step, "channels", channels);
    step_integer(model, step, "pixels", pixels);
    step_integer(model, step, "flip", model->settings.flip);
    step_integer(model, step, "site", model->sites++);
    step_integer(model, step, "places", 2 * pixels + 1);
    step_integer(model, step, "line", line);
    step_integer(model, step, "half_line", size[1] / 2 * channels);
    step_integer(model, step, "framed_line", framed_line);
    step_integer(model, step, "framed", framed);
    step_integer(model, step, "corner", pixels * framed_line + pixels * channels);
    if (pixels > 0)
        step_scratch(model, step, "frame", image->format->type, framed);
}

const StepKind augment_step = {.name = "augment",
                               .in_roles = {"x"},
                               .out_roles = {"y"},
                               .in_place = true,
                               .training_differs = true,
                               .typical = augment_typical,
                               .settle = augment_settle};
