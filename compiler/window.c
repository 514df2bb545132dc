/* window.c - the geometry of a window that slides over an image. */
#include "window.h"
#include "range.h"

bool window_image(Model *model, const Call *call, const Argument *argument, Window *window) {
    const Tensor *x = argument->tensor;
    if (x->shape.rank != 3) {
        diag_error(model, argument->place, "'%s' takes [height,width,channels], but '%s' is %s",
                   call->node->text, node_source(model->arena, call->node->first),
                   tensor_type(model, x));
        diag_help(model, "an image has three dimensions, such as u8[28,28,1]");
        return false;
    }
    window->height = x->shape.dimension[0];
    window->width = x->shape.dimension[1];
    window->channels = x->shape.dimension[2];
    return true;
}

bool window_slide(Model *model, const Call *call, Place place, Window *window) {
    int64_t height = window->height + 2 * window->pad_height;
    int64_t width = window->width + 2 * window->pad_width;
    if (height < window->kernel_height || width < window->kernel_width) {
        diag_error(model, place,
                   "a window of %lld x %lld does not fit '%s', which is %lld x %lld%s",
                   (long long)window->kernel_height, (long long)window->kernel_width,
                   node_source(model->arena, call->node->first), (long long)height,
                   (long long)width, window->pad_width ? " with its padding" : "");
        return false;
    }
    window->out_height = (height - window->kernel_height) / window->stride + 1;
    window->out_width = (width - window->kernel_width) / window->stride + 1;
    if (bound_multiply(window->channels, window->out_height * window->out_width) <= MAX_ELEMENTS)
        return true;
    diag_error(model, place,
               "%lld x %lld windows of %lld channels are more elements than the limit of %d",
               (long long)window->out_height, (long long)window->out_width,
               (long long)window->channels, MAX_ELEMENTS);
    return false;
}

Tensor *window_append(Model *model, const Call *call, const StepKind *kind, const Window *window,
                      Shape shape) {
    const char *name = arena_print(model->arena, "%s.%s", call->binding, kind->name);
    Step *step = step_new(model, kind, PHASE_FORWARD, call->place);
    window_set(model, step, window);
    step->in[0] = call->argument[0].tensor;
    step->out[0] = tensor_new(model, name, KIND_ACTIVATION, shape, true, call->place);
    step->out[0]->producer = step;
    return step->out[0];
}

Tensor *pool_build(Model *model, const Call *call, const StepKind *kind) {
    Window window = {0};
    if (!window_image(model, call, &call->argument[0], &window))
        return NULL;
    window.kernel_height = window.kernel_width = (int64_t)call->argument[1].number;
    window.stride = window.kernel_height;
    if (call->argument[2].given)
        window.stride = (int64_t)call->argument[2].number;
    if (!window_slide(model, call, call->argument[1].place, &window))
        return NULL;
    return window_append(model, call, kind, &window,
                         (Shape){3, {window.out_height, window.out_width, window.channels}});
}

void window_set(Model *model, Step *step, const Window *window) {
    step_integer(model, step, "height", window->height);
    step_integer(model, step, "width", window->width);
    step_integer(model, step, "channels", window->channels);
    step_integer(model, step, "kernel_height", window->kernel_height);
    step_integer(model, step, "kernel_width", window->kernel_width);
    step_integer(model, step, "stride", window->stride);
    step_integer(model, step, "pad_height", window->pad_height);
    step_integer(model, step, "pad_width", window->pad_width);
    step_integer(model, step, "out_height", window->out_height);
    step_integer(model, step, "out_width", window->out_width);
}

Window window_of(const Step *step) {
    return (Window){.height = step_value(step, "height"),
                    .width = step_value(step, "width"),
                    .channels = step_value(step, "channels"),
                    .kernel_height = step_value(step, "kernel_height"),
                    .kernel_width = step_value(step, "kernel_width"),
                    .stride = step_value(step, "stride"),
                    .pad_height = step_value(step, "pad_height"),
                    .pad_width = step_value(step, "pad_width"),
                    .out_height = step_value(step, "out_height"),
                    .out_width = step_value(step, "out_width")};
}

bool window_covers(const Window *window) {
    return window->out_height * window->kernel_height == window->height &&
           window->out_width * window->kernel_width == window->width;
}

int64_t window_padded(const Window *window) {
    return (window->height + 2 * window->pad_height) * (window->width + 2 * window->pad_width) *
           window->channels;
}

/* Windows that hold one row or column: one for each `stride` steps of the kernel, if there are so
 * many. */
static int64_t overlap(int64_t kernel, int64_t stride, int64_t windows) {
    int64_t most = (kernel + stride - 1) / stride;
    return most < windows ? most : windows;
}

int64_t window_overlap(const Window *window) {
    return overlap(window->kernel_height, window->stride, window->out_height) *
           overlap(window->kernel_width, window->stride, window->out_width);
}

double window_share(const Window *window) {
    return (double)(window->out_height * window->kernel_height) / (double)window->height *
           (double)(window->out_width * window->kernel_width) / (double)window->width;
}
