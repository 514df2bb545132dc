/* report.c - what the compiler says about a model, for people: the schedule, the memory that it
 * needs, and the chain of reasons for one tensor's shift. */
#include "report.h"
#include "range.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- the schedule ---------------------------------------------------------------------------- */

/* `text` cut to `width` columns, with dots where it was longer. */
static char *cut(const Model *model, const char *text, int width) {
    if ((int)strlen(text) <= width)
        return arena_print(model->arena, "%s", text);
    return arena_print(model->arena, "%.*s..", width - 2, text);
}

static char *range_print(const Model *model, const Tensor *tensor) {
    double most = ldexp((double)tensor->bound, -tensor->format->shift);
    if (tensor->kind == KIND_TARGET || tensor->format->type == TYPE_F32)
        return arena_print(model->arena, "-");
    if (tensor->non_negative || tensor->format->type == TYPE_U8)
        return arena_print(model->arena, "0..%.3g", most);
    return arena_print(model->arena, "+-%.3g", most);
}

/* The rule that chose the shift, in a few words; `intc explain` has the numbers. */
static const char *rule_of(const Model *model, const Tensor *tensor) {
    const Format *format = tensor->format;
    double spanned = format->span_factor * tensor->typical;
    const char *bits = "";
    if (format->narrowed)
        bits = arena_print(model->arena, ", %d bits", format->bits);
    switch (tensor->kind) {
    case KIND_INPUT:
    case KIND_TARGET: return "raw";
    case KIND_GRADIENT: return "exact sum";
    case KIND_MASTER: return "range of storage";
    case KIND_AVERAGE: return "range of its sum";
    case KIND_STATE: return tensor->producer ? "its step" : "its optimizer";
    default: break;
    }
    if (format->type == TYPE_F32)
        return "float";
    if (format->pin.has_shift)
        return arena_print(model->arena, "pinned, line %d", format->pin.place.line);
    if (tensor->kind == KIND_PARAMETER && tensor->init_bound == 0)
        return arena_print(model->arena, "shift of the sum");
    if (tensor->limit > 0 && tensor->limit <= spanned)
        return arena_print(model->arena, "bound %.3g%s", tensor->limit, bits);
    return arena_print(model->arena, "%.4g x typical%s", format->span_factor, bits);
}

static void print_tensor_row(const Model *model, const Tensor *tensor, FILE *out) {
    char *type = arena_print(model->arena, "%s%s", type_name(tensor->format->type),
                             tensor->shape.rank ? shape_print(model->arena, tensor->shape) : "");
    fprintf(out, "%-24s %-10s %-14s %5d %-9s %8.3g  %s\n", cut(model, tensor->name, 24),
            kind_name(tensor->kind), cut(model, type, 14), tensor->format->shift,
            range_print(model, tensor), tensor->typical, cut(model, rule_of(model, tensor), 23));
}

static char *cast_print(const Model *model, const Cast *cast) {
    if (!cast->present)
        return arena_print(model->arena, "-");
    return arena_print(model->arena, "%s%d %s%s", cast->shift < 0 ? "<<" : ">>", abs(cast->shift),
                       rounding_name(cast->rounding), cast->saturate ? ", clamp" : "");
}

static void print_step_row(const Model *model, const Step *step, FILE *out) {
    const Sum *sum = &step->sum;
    bool summed = sum->type != TYPE_NONE && sum->type != TYPE_F32;
    bool small = sum->worst_case < INT64_C(1000000000000);
    char *worst = small ? arena_print(model->arena, "%lld", (long long)sum->worst_case)
                        : arena_print(model->arena, "%.6e", (double)sum->worst_case);
    char *room = arena_print(model->arena, summed ? "%d" : "-", sum->headroom_bits);
    fprintf(out, "%3d %-8s %-14s %-24s %-3s %12s %4s  %s\n", step->number,
            phase_name(step->phase), cut(model, step->kind->name, 14),
            cut(model, step->out[0]->name, 24), summed ? type_name(sum->type) : "-",
            summed ? worst : "-", room,
            cast_print(model, &step->cast));
}

static void print_settings(const Model *model, FILE *out) {
    const Settings *settings = &model->settings;
    fprintf(out, "model %s, precision %s, batch %d, %d epoch%s\n", model->name,
            precision_text((Model *)(uintptr_t)model), settings->batch, settings->epochs,
            settings->epochs == 1 ? "" : "s");
    fprintf(out, "learning rate %.6g = %lld * 2^-%d", rational_value(settings->rate),
            (long long)settings->rate.multiplier, settings->rate.shift);
    if (settings->momentum_loss.multiplier)
        fprintf(out, ", momentum %.6g = 1 - %lld * 2^-%d",
                1 - rational_value(settings->momentum_loss),
                (long long)settings->momentum_loss.multiplier, settings->momentum_loss.shift);
    if (settings->rates.count > 1)
        fprintf(out, ", schedule %s", settings->schedule_text);
    fprintf(out, "\nseed %llu, errors rounded %s", (unsigned long long)settings->seed,
            settings->nearest_errors ? "to the nearest" : "stochastically");
    if (settings->decay_shift)
        fprintf(out, ", weight decay 2^-%d", settings->decay_shift);
    if (settings->clip > 0)
        fprintf(out, ", gradient clipped at %.4g", settings->clip);
    fprintf(out, "\n\n");
}

void schedule_text(const Model *model, FILE *out) {
    print_settings(model, out);
    fprintf(out, "%-24s %-10s %-14s %5s %-9s %8s  %s\n", "tensor", "kind", "type", "shift",
            "range", "typical", "chosen by");
    for (int i = 0; i < model->tensor_count; ++i)
        print_tensor_row(model, model->tensors[i], out);
    fprintf(out, "\n%3s %-8s %-14s %-24s %-3s %12s %4s  %s\n", "#", "phase", "step", "makes", "sum",
            "worst case", "free", "cast");
    for (int i = 0; i < model->step_count; ++i)
        print_step_row(model, model->steps[i], out);
}

/* ---- memory ---------------------------------------------------------------------------------- */

bool is_state(const Tensor *tensor) {
    return tensor->kind == KIND_PARAMETER || tensor->kind == KIND_MASTER ||
           tensor->kind == KIND_STATE || tensor->kind == KIND_AVERAGE;
}

int64_t flash_bytes(const Model *model) {
    int64_t bytes = 0;
    for (int i = 0; i < model->step_count; ++i)
        for (const Attribute *attribute = model->steps[i]->attributes; attribute;
             attribute = attribute->next)
            if (attribute->list && attribute->count > 1)
                bytes += attribute->count *
                         (strcmp(attribute->name, "exp2_table") == 0
                              ? 2
                              : type_bytes(model->steps[i]->sum.type));
    return bytes;
}

static int64_t tensor_bytes(const Tensor *tensor) {
    return shape_elements(tensor->shape) * type_bytes(tensor->format->type);
}

static void print_memory_row(FILE *out, const char *name, const char *kind, int64_t bytes,
                             const char *remark) {
    fprintf(out, "%-32s %-10s %12lld%s%s\n", name, kind, (long long)bytes, *remark ? "  " : "",
            remark);
}

void memory_text(const Model *model, FILE *out) {
    fprintf(out, "%-32s %-10s %12s\n", "buffer", "kind", "bytes");
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (is_state(tensor))
            print_memory_row(out, cut(model, tensor->name, 32), kind_name(tensor->kind),
                             tensor_bytes(tensor), shape_print(model->arena, tensor->shape));
    }
    for (int i = 0; i < POOLS; ++i)
        if (model->pools[i].elements > 0)
            print_memory_row(out, arena_print(model->arena, "pool %s",
                                              type_name(model->pools[i].type)),
                             "working",
                             model->pools[i].elements * type_bytes(model->pools[i].type),
                             "activations, errors, sums: by turns");
    fprintf(out, "\n");
    print_memory_row(out, "RAM, parameters and state", "", model->state_bytes, "");
    print_memory_row(out, "RAM, working", "", model->scratch_bytes, "");
    print_memory_row(out, "RAM, total", "", model->state_bytes + model->scratch_bytes, "");
    print_memory_row(out, "flash, constants (code excluded)", "", flash_bytes(model), "");
}

/* ---- explain --------------------------------------------------------------------------------- */

static const Tensor *tensor_find(const Model *model, const char *name) {
    for (int i = 0; i < model->tensor_count; ++i)
        if (strcmp(model->tensors[i]->name, name) == 0)
            return model->tensors[i];
    return NULL;
}

static void explain_shift(const Model *model, const Tensor *tensor, FILE *out) {
    const Format *format = tensor->format;
    if (format->type == TYPE_F32) {
        fprintf(out, "  f32: no shift\n");
        return;
    }
    fprintf(out, "  %s, shift %d: one unit is %.4g, the range %s\n", type_name(format->type),
            format->shift, ldexp(1, -format->shift), range_print(model, tensor));
    if (format->pin.has_shift)
        fprintf(out, "  the shift is pinned in line %d\n", format->pin.place.line);
    else if (tensor->limit > 0 && tensor->limit <= format->span_factor * tensor->typical)
        fprintf(out, "  the largest shift that spans its exact bound %.4g\n", tensor->limit);
    else if (tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR ||
             (tensor->kind == KIND_PARAMETER && tensor->init_bound > 0))
        fprintf(out, "  the largest shift that spans %.4g x the typical value = %.4g\n",
                format->span_factor, format->span_factor * tensor->typical);
    if (format->narrowed)
        fprintf(out, "  narrowed to %s\n", format->narrowed);
}

static void explain_producer(const Step *step, FILE *out) {
    if (!step)
        return;
    fprintf(out, "  made by %s", step->kind->name);
    if (step->place.line > 0)
        fprintf(out, " (line %d)", step->place.line);
    if (step->sum.type != TYPE_NONE && step->sum.type != TYPE_F32)
        fprintf(out, ": sum in %s at shift %d, at most %lld, %d bits free",
                type_name(step->sum.type), step->sum.shift, (long long)step->sum.worst_case,
                step->sum.headroom_bits);
    if (step->cast.present)
        fprintf(out, "; cast by %d bits, %s%s", step->cast.shift,
                rounding_name(step->cast.rounding), step->cast.saturate ? ", saturates" : "");
    fprintf(out, "\n");
}

static void explain_tensor(const Model *model, const Tensor *tensor, FILE *out) {
    fprintf(out, "%s, %s\n", tensor->name, kind_name(tensor->kind));
    if (tensor->reason && tensor->typical > 0)
        fprintf(out, "  typical value %.4g: %s\n", tensor->typical, tensor->reason);
    explain_shift(model, tensor, out);
    explain_producer(tensor->producer, out);
}

/* From the tensor back to the input: of a step's operands, the one that was computed. */
bool explain(const Model *model, const char *name, FILE *out) {
    const Tensor *tensor = tensor_find(model, name);
    if (!tensor)
        return false;
    while (tensor) {
        const Step *producer = tensor->producer;
        explain_tensor(model, tensor, out);
        if (producer && producer->in[1] && producer->in[1]->kind == KIND_PARAMETER)
            explain_tensor(model, producer->in[1], out);
        tensor = producer ? producer->in[0] : NULL;
    }
    return true;
}
