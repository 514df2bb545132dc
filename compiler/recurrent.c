/* recurrent.c - what layers share that go through a sequence step by step. */
#include "recurrent.h"

#include "grad.h"
#include "ops/conv.h"

#include <math.h>

/* ---- forward --------------------------------------------------------------------------------- */

static bool check_sequence(Model *model, const Call *call, int64_t outputs) {
    const Tensor *x = call->argument[RECURRENT_X].tensor;
    const Argument *units = &call->argument[RECURRENT_UNITS];
    const char *name = call->node->text, *source = node_source(model->arena, call->node->first);
    Place place = call->argument[RECURRENT_X].place;
    if (x->shape.rank != 2) {
        diag_error(model, place, "'%s' takes [steps,features], but '%s' is %s", name, source,
                   tensor_type(model, x));
        diag_help(model, "a sequence has two dimensions, such as u8[10,1]");
        return false;
    }
    if (x->shape.dimension[0] < 2) {
        diag_error(model, place, "'%s' has one step, which is no sequence", source);
        diag_help(model, "write dense(flatten(%s), %.0f)", source, units->number);
        return false;
    }
    if (outputs * (int64_t)units->number <= MAX_ELEMENTS)
        return true;
    diag_error(model, units->place, "%lld x %.0f weights are more than the limit of %d",
               (long long)outputs, units->number, MAX_ELEMENTS);
    return false;
}

Tensor *recurrent_input(Model *model, const Call *call, int64_t outputs) {
    const Tensor *x = call->argument[RECURRENT_X].tensor;
    if (!check_sequence(model, call, outputs))
        return NULL;
    Window window = {.height = 1, .width = x->shape.dimension[0], .channels = x->shape.dimension[1],
                     .kernel_height = 1, .kernel_width = 1};
    Call inner = *call;
    inner.argument[CONV_CHANNELS] = call->argument[RECURRENT_UNITS];
    inner.argument[CONV_CHANNELS].number = (double)outputs;
    inner.argument[CONV_STRIDE] = inner.argument[CONV_GROUPS] = (Argument){.number = 1};
    inner.argument[CONV_BIAS] = call->argument[RECURRENT_BIAS];
    inner.argument[CONV_INIT] = call->argument[RECURRENT_INIT];
    inner.argument[CONV_WEIGHTS].text = "full";
    const char *name = arena_print(model->arena, "%s.input", call->binding);
    Tensor *sums = conv_over(model, &inner, &window, true);
    if (sums)
        sums->name = tensor_unique_name(model, name);
    return sums;
}

void recurrent_widen(Tensor *input) {
    if (input->format->type == TYPE_I8)
        input->format->type = TYPE_I16;
}

Tensor *recurrent_weights(Model *model, const Call *call, int64_t outputs, int64_t units) {
    const char *name = arena_print(model->arena, "%s.recurrent", call->binding);
    Tensor *weights =
        tensor_new(model, name, KIND_PARAMETER, (Shape){2, {outputs, units}}, false, call->place);
    weights->row_elements = units;
    weights->init_sigma = sqrt(1 / (double)units);
    weights->init_bound = sqrt(3 / (double)units);
    return weights;
}

/* ---- sums ------------------------------------------------------------------------------------ */

void recurrent_sizes(Model *model, Step *step, const Tensor *states) {
    step_integer(model, step, "steps", states->shape.dimension[0]);
    step_integer(model, step, "units", states->shape.dimension[1]);
}

static const char *kernel_of(Type type) {
    return type == TYPE_I8 ? "s8" : type == TYPE_I16 ? "s16" : type == TYPE_F32 ? "f32" : "";
}

Type recurrent_products(Model *model, Step *step, const Tensor *left, const Tensor *right,
                        int64_t terms) {
    Type type = left->format->type;
    int64_t worst = bound_multiply(terms, bound_multiply(left->bound, right->bound));
    bool fits = is_float(model) || worst <= type_most(TYPE_I32);
    Type sums = is_float(model) ? TYPE_F32 : fits ? TYPE_I32 : TYPE_I64;
    step_text(model, step, "kernel", fits && right->format->type == type ? kernel_of(type) : "");
    step_text(model, step, "products_type", type_c_name(sums));
    return sums;
}

int recurrent_scales(Model *model, Step *step, const char *a, int a_shift, const char *b,
                     int b_shift) {
    int shift = a_shift > b_shift ? a_shift : b_shift;
    step_integer(model, step, a, bound_shift(1, shift - a_shift));
    step_integer(model, step, b, bound_shift(1, shift - b_shift));
    return shift;
}

int64_t recurrent_sum(Model *model, Step *step, int64_t terms, const Tensor *left,
                      const Tensor *right, const char *scale, const Tensor *addend, int *shift) {
    int products_shift = left->format->shift + right->format->shift;
    *shift = recurrent_scales(model, step, "products_scale", products_shift, scale,
                              addend->format->shift);
    int64_t products = bound_multiply(terms, bound_multiply(left->bound, right->bound));
    return bound_add(bound_multiply(products, step_value(step, "products_scale")),
                     bound_multiply(addend->bound, step_value(step, scale)));
}

/* ---- the gradient of the state's weights ----------------------------------------------------- */

/* g[o][k] = sum over b and t > 0 of e[b][t][o] * h[b][t-1][k] */

static void gradient_typical(Model *model, Step *step) {
    Tensor *e = step->in[0], *h = step->in[1], *gradient = step->out[0];
    int64_t steps = h->shape.dimension[0] - 1, terms = model->settings.batch * steps;
    format_new(model, gradient, model->settings.precision.accumulators, 1);
    typical_set(model, gradient, sqrt((double)terms) * e->typical * h->typical,
                "sum over %d samples of %lld steps: error %.3g x state %.3g x sqrt(%lld)",
                model->settings.batch, (long long)steps, e->typical, h->typical, (long long)terms);
    sum_set(step, e, h, NULL, terms);
    step->sum.widens = true;
}

static void gradient_settle(Model *model, Step *step) {
    const Tensor *e = step->in[0], *h = step->in[1];
    recurrent_sizes(model, step, h);
    step_integer(model, step, "outputs", e->shape.dimension[1]);
    prove_sum(model, step);
    layer_kernel(model, step, NULL);
}

static const StepKind recurrent_weight_gradient = {.name = "recurrent_weight_gradient",
                                                   .in_roles = {"e", "h"},
                                                   .out_roles = {"gradient"},
                                                   .kernels = "int_window",
                                                   .parallel = true,
                                                   .typical = gradient_typical,
                                                   .settle = gradient_settle};

void recurrent_gradient(Model *model, Step *step, Tensor *error, Tensor *states, Tensor *weights) {
    append_gradient(model, &recurrent_weight_gradient, step, (Tensor *[]){error, states}, weights);
}
