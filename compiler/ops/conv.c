/* conv.c - a two-dimensional convolution of an image [height,width,channels].
 *
 *     y[r][c][o] = bias[o] + sum over i, j, k of x[r * stride + i - pad][c * stride + j - pad][k]
 *                                                * weights[o][i][j][k]
 *
 * where what lies outside of the image is zero. The channels of a pixel stand side by side, and
 * weights are stored [outputs][kernel height][kernel width][channels]: a row of the weights meets
 * the window's elements in the order in which they are copied from the image, row by row of the
 * kernel, so that each output is one dot product. With groups, an output sees the channels of its
 * own group only; the window's elements are then copied group by group.
 *
 * All rows of the weights' gradient are made together, in one pass over the batch: they are few
 * beside the activations, and each window serves every row. */
#include "../grad.h"
#include "../layer.h"
#include "conv.h"

#include <math.h>

/* ---- what every step of a convolution knows -------------------------------------------------- */

static int64_t windows_of(const Window *window) {
    return window->out_height * window->out_width;
}

/* Elements that one output sees: the length of a row of weights. */
static int64_t row_of(const Window *window, int64_t groups) {
    return window->kernel_height * window->kernel_width * (window->channels / groups);
}

static void set_geometry(Model *model, Step *step, const Window *window, int64_t outputs,
                         int64_t groups) {
    window_set(model, step, window);
    step_integer(model, step, "channel_groups", groups);
    step_integer(model, step, "out_channels", outputs);
    step_integer(model, step, "row", row_of(window, groups));
}

static void copy_geometry(Model *model, Step *step, const Step *forward) {
    Window window = window_of(forward);
    set_geometry(model, step, &window, step_value(forward, "out_channels"),
                 step_value(forward, "channel_groups"));
}

/* Windows of a row of the result that are copied from the image together: each pixel is copied as
 * often as windows hold it. */
enum { MOST_TOGETHER = 64 };

static int64_t use_blocks(Model *model, Step *step) {
    int64_t windows = step_value(step, "out_width");
    int64_t block = windows < MOST_TOGETHER ? windows : MOST_TOGETHER;
    step_integer(model, step, "block", block);
    step_integer(model, step, "blocks", (windows + block - 1) / block);
    return block;
}

/* Kernels work on the windows of one row of the result at a time; where none fits, because channels
 * fall into groups or sums are wide, windows come one by one. */
static bool use_kernel(Model *model, Step *step, const Tensor *x) {
    if (step_value(step, "channel_groups") == 1)
        return *layer_kernel(model, step, x);
    step_text(model, step, "kernel", "");
    return false;
}

/* Room for the elements of so many windows. */
static void use_patch(Model *model, Step *step, Type type, int64_t windows) {
    Window window = window_of(step);
    step_scratch(model, step, "patch", type, windows * row_of(&window, 1));
}

/* ---- forward --------------------------------------------------------------------------------- */

static void conv_typical(Model *model, Step *step) {
    Tensor *x = step->in[0], *weights = step->in[1], *bias = step->in[2], *y = step->out[0];
    int64_t row = step_value(step, "row");
    double rms = sqrt((double)row) * weights->typical * x->typical;
    activation_format(model, y);
    typical_set(model, y, rms, "sum of %lld products: weights %.3g x input %.3g x sqrt(%lld)",
                (long long)row, weights->typical, x->typical, (long long)row);
    sum_set(step, x, weights, bias, row);
    if (bias)
        typical_set(model, bias, rms, "starts at 0; may grow to the size of %s", y->name);
}

static void use_products(Model *model, Step *step) {
    Type type = step->in[0]->format->type;
    int64_t sum_row = (step_value(step, "out_channels") + 3) / 4 * 4;
    if (!use_kernel(model, step, step->in[0])) {
        use_patch(model, step, type, 1);
        return;
    }
    int64_t windows = use_blocks(model, step);
    use_patch(model, step, type, windows);
    step_integer(model, step, "sum_row", sum_row);
    step_scratch(model, step, "accumulator", step->sum.type, windows * sum_row);
}

static void conv_settle(Model *model, Step *step) {
    if (step->in[2] && !is_float(model))
        layer_settle_bias(model, step);
    prove_sum(model, step);
    cast_out(model, step, ROUND_NEAREST);
    use_products(model, step);
}

/* ---- backward -------------------------------------------------------------------------------- */

enum { SHARED_GRADIENT = 1 << 15 }; /* elements */

/* A pixel's error is a sum over the outputs of its group in every window that holds the pixel. */
static void conv_error_typical(Model *model, Step *step) {
    Tensor *e_y = step->in[0], *weights = step->in[1], *e_x = step->out[0];
    Window window = window_of(step);
    int64_t outputs = step_value(step, "out_channels") / step_value(step, "channel_groups");
    double terms = window_share(&window) * (double)outputs;
    double rms = sqrt(terms) * weights->typical * e_y->typical;
    error_format(model, e_x);
    typical_set(model, e_x, rms, "sum of %.4g products: error %.3g x weights %.3g x sqrt(%.4g)",
                terms, e_y->typical, weights->typical, terms);
    sum_set(step, e_y, weights, NULL, window_overlap(&window) * outputs);
}

/* Sums are added up for one sample at a time, for the pixels of the padding too. */
static void conv_error_settle(Model *model, Step *step) {
    Window window = window_of(step);
    bool grouped = step_value(step, "channel_groups") > 1;
    step_integer(model, step, "runs", grouped ? window.kernel_width : 1);
    step_integer(model, step, "run", step_value(step, "row") / window.kernel_height /
                                         (grouped ? window.kernel_width : 1));
    prove_sum(model, step);
    cast_out(model, step, error_rounding(model));
    step_scratch(model, step, "accumulator", step->sum.type, window_padded(&window));
    if (use_kernel(model, step, NULL))
        use_patch(model, step, step->sum.type, 1);
}

static void set_gradient(Model *model, Step *step, Tensor *x, const char *what) {
    Tensor *e_y = step->in[0], *gradient = step->out[0];
    Window window = window_of(step);
    int64_t terms = model->settings.batch * windows_of(&window);
    double factor = x ? x->typical : 1;
    format_new(model, gradient, model->settings.precision.accumulators, 1);
    typical_set(model, gradient, sqrt((double)terms) * e_y->typical * factor,
                "sum over %d samples of %lld windows: error %.3g%s x sqrt(%lld)",
                model->settings.batch, (long long)windows_of(&window), e_y->typical, what,
                (long long)terms);
    sum_set(step, e_y, x, NULL, terms);
    step->sum.widens = true;
}

static void weight_gradient_typical(Model *model, Step *step) {
    set_gradient(model, step, step->in[1],
                 arena_print(model->arena, " x input %.3g", step->in[1]->typical));
}

/* Threads share the windows, and add up what each has made; of a large gradient, where that would
 * cost more than to look at all windows in each thread, and of one in float, whose order is fixed,
 * they share the channels. */
static void weight_gradient_settle(Model *model, Step *step) {
    int64_t outputs = step_value(step, "out_channels");
    bool large = outputs * step_value(step, "row") > SHARED_GRADIENT;
    step_integer(model, step, "strip", outputs);
    prove_sum(model, step);
    bool kernel = use_kernel(model, step, NULL);
    step_integer(model, step, "by_channel", large || !kernel || is_float(model));
    use_patch(model, step, step->in[1]->format->type, kernel ? use_blocks(model, step) : 1);
}

static void bias_gradient_typical(Model *model, Step *step) {
    set_gradient(model, step, NULL, "");
}

static void bias_gradient_settle(Model *model, Step *step) {
    prove_sum(model, step);
}

static const StepKind conv_error = {.name = "conv_error",
                                    .in_roles = {"e_y", "weights"},
                                    .out_roles = {"e_x"},
                                    .runtime = "int_window",
                                    .kernels = "int_window",
                                    .parallel = true,
                                    .typical = conv_error_typical,
                                    .settle = conv_error_settle};
static const StepKind conv_weight_gradient = {.name = "conv_weight_gradient",
                                              .in_roles = {"e_y", "x"},
                                              .out_roles = {"gradient"},
                                              .runtime = "int_window",
                                              .kernels = "int_window",
                                              .parallel = true,
                                              .shares = true,
                                              .typical = weight_gradient_typical,
                                              .settle = weight_gradient_settle};
static const StepKind conv_bias_gradient = {.name = "conv_bias_gradient",
                                            .in_roles = {"e_y"},
                                            .out_roles = {"gradient"},
                                            .runtime = "int_window",
                                            .kernels = "int_window",
                                            .typical = bias_gradient_typical,
                                            .settle = bias_gradient_settle};

/* The error goes back before the weights that it reads are updated. */
static void conv_grad(Model *model, Step *step) {
    Tensor *x = step->in[0], *weights = step->in[1], *bias = step->in[2];
    Tensor *e_y = step->out[0]->error;
    if (x->needs_error) {
        Tensor *e_x = error_new(model, x);
        Step *back = step_with(model, &conv_error, PHASE_BACKWARD, step,
                               (Tensor *[]){e_y, weights}, e_x);
        copy_geometry(model, back, step);
        contribute(model, x, e_x);
    }
    append_gradient(model, &conv_weight_gradient, step, (Tensor *[]){e_y, x}, weights);
    copy_geometry(model, weights->gradient->producer, step);
    if (!bias)
        return;
    append_gradient(model, &conv_bias_gradient, step, (Tensor *[]){e_y}, bias);
    copy_geometry(model, bias->gradient->producer, step);
}

static const StepKind conv_forward = {.name = "conv",
                                      .in_roles = {"x", "weights", "bias"},
                                      .out_roles = {"y"},
                                      .runtime = "int_window",
                                      .kernels = "int_window",
                                      .parallel = true,
                                      .grad = conv_grad,
                                      .typical = conv_typical,
                                      .settle = conv_settle};

/* ---- the operator ---------------------------------------------------------------------------- */

static bool check_pad(Model *model, const Call *call, const Window *window) {
    if (window->pad_width < window->kernel_width)
        return true;
    diag_error(model, call->argument[CONV_PAD].place,
               "a padding of %lld must be less than the kernel, %lld", (long long)window->pad_width,
               (long long)window->kernel_width);
    return false;
}

static bool check_groups(Model *model, const Call *call, const Window *window, int64_t outputs,
                         int64_t groups) {
    bool divides_inputs = window->channels % groups == 0;
    if (divides_inputs && outputs % groups == 0)
        return true;
    diag_error(model, call->argument[CONV_GROUPS].place,
               "%lld groups do not divide the %lld channels of '%s'", (long long)groups,
               (long long)(divides_inputs ? outputs : window->channels),
               divides_inputs ? call->binding : node_source(model->arena, call->node->first));
    return false;
}

static bool check_size(Model *model, const Call *call, const Window *window, int64_t outputs,
                       int64_t row) {
    int64_t weights = bound_multiply(outputs, row);
    int64_t elements = bound_multiply(outputs, windows_of(window));
    if (weights <= MAX_ELEMENTS && elements <= MAX_ELEMENTS)
        return true;
    diag_error(model, call->argument[CONV_CHANNELS].place,
               "%lld channels x %lld %s are more than the limit of %d", (long long)outputs,
               (long long)(weights > MAX_ELEMENTS ? row : windows_of(window)),
               weights > MAX_ELEMENTS ? "weights" : "windows", MAX_ELEMENTS);
    return false;
}

static Tensor *append(Model *model, const Call *call, const Window *window, int64_t outputs,
                      int64_t groups, bool flat) {
    const Argument *argument = call->argument;
    int64_t area = window->kernel_height * window->kernel_width;
    int64_t height = window->kernel_height, width = window->kernel_width;
    int64_t part = window->channels / groups;
    Shape weights = flat ? (Shape){3, {outputs, width, part}}
                         : (Shape){4, {outputs, height, width, part}};
    Shape shape = flat ? (Shape){2, {window->out_width, outputs}}
                       : (Shape){3, {window->out_height, window->out_width, outputs}};
    Tensor *in[] = {layer_weights(model, call, weights, row_of(window, groups),
                                  area * outputs / groups, &argument[CONV_INIT],
                                  &argument[CONV_WEIGHTS]),
                    layer_bias(model, call, outputs, &argument[CONV_BIAS])};
    Tensor *y = window_append(model, call, &conv_forward, window, shape);
    set_geometry(model, y->producer, window, outputs, groups);
    y->producer->in[1] = in[0];
    y->producer->in[2] = in[1];
    return y;
}

Tensor *conv_over(Model *model, const Call *call, Window *window, bool flat) {
    int64_t outputs = (int64_t)call->argument[CONV_CHANNELS].number;
    int64_t groups = (int64_t)call->argument[CONV_GROUPS].number;
    window->stride = (int64_t)call->argument[CONV_STRIDE].number;
    if (!check_pad(model, call, window) ||
        !window_slide(model, call, call->argument[CONV_KERNEL].place, window) ||
        !check_groups(model, call, window, outputs, groups) ||
        !check_size(model, call, window, outputs, row_of(window, groups)))
        return NULL;
    return append(model, call, window, outputs, groups, flat);
}

static Tensor *conv_build(Model *model, Call *call) {
    Window window = {0};
    if (!window_image(model, call, &call->argument[CONV_X], &window))
        return NULL;
    window.kernel_height = window.kernel_width = (int64_t)call->argument[CONV_KERNEL].number;
    window.pad_height = window.pad_width = (int64_t)call->argument[CONV_PAD].number;
    return conv_over(model, call, &window, false);
}

const Operator conv_operator = {.name = "conv", .parameters = CONV_PARAMETERS, .build = conv_build};
