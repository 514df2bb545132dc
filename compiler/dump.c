/* dump.c - --dump: what each pass left behind. */
#include "report.h"

static void print_operands(FILE *out, Tensor *const *operands) {
    bool first = true;
    for (int k = 0; k < MAX_OPERANDS; ++k) {
        if (!operands[k])
            continue;
        fprintf(out, first ? "%s" : ", %s", operands[k]->name);
        first = false;
    }
}

static void print_step(FILE *out, const Step *step) {
    fprintf(out, "%3d %-8s %-22s ", step->number, phase_name(step->phase), step->kind->name);
    print_operands(out, step->in);
    fprintf(out, " -> ");
    print_operands(out, step->out);
    fprintf(out, "%s\n", step->straight_through ? "  (straight through)" : "");
}

void graph_dump(const Model *model, FILE *out) {
    fprintf(out, "model %s\n", model->name);
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        fprintf(out, "  %-10s %s%s%s\n", kind_name(tensor->kind), tensor->name,
                shape_print(model->arena, tensor->shape), tensor->batched ? " a sample" : "");
    }
    for (int i = 0; i < model->step_count; ++i)
        print_step(out, model->steps[i]);
}

static void print_sum(FILE *out, const Step *step) {
    const Sum *sum = &step->sum;
    const Cast *cast = &step->cast;
    if (sum->type == TYPE_NONE || sum->type == TYPE_F32)
        return;
    fprintf(out, "    sum %s shift %d worst %lld free %d", type_name(sum->type), sum->shift,
            (long long)sum->worst_case, sum->headroom_bits);
    if (cast->present)
        fprintf(out, "; cast %d %s [%lld, %lld] site %d", cast->shift,
                rounding_name(cast->rounding), (long long)cast->lo, (long long)cast->hi,
                cast->site);
    fprintf(out, "\n");
}

static void print_attributes(FILE *out, const Step *step) {
    for (const Attribute *attribute = step->attributes; attribute; attribute = attribute->next) {
        fprintf(out, "    %s", attribute->name);
        if (attribute->text)
            fprintf(out, " %s", attribute->text);
        for (int64_t i = 0; i < attribute->count && !attribute->text; ++i) {
            if (attribute->reals)
                fprintf(out, " %.9g", attribute->reals[i]);
            else
                fprintf(out, " %lld", (long long)attribute->values[i]);
        }
        fprintf(out, "\n");
    }
}

void range_dump(const Model *model, FILE *out) {
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        fprintf(out, "%-10s %-24s %-4s bits %-2d shift %-3d bound %-10lld typical %.4g\n",
                kind_name(tensor->kind), tensor->name, type_name(tensor->format->type),
                tensor->format->bits, tensor->format->shift, (long long)tensor->bound,
                tensor->typical);
    }
    for (int i = 0; i < model->step_count; ++i) {
        print_step(out, model->steps[i]);
        print_sum(out, model->steps[i]);
        print_attributes(out, model->steps[i]);
    }
}

void plan_dump(const Model *model, FILE *out) {
    for (int i = 0; i < POOLS; ++i)
        if (model->pools[i].elements > 0)
            fprintf(out, "pool %s %lld elements\n", type_name(model->pools[i].type),
                    (long long)model->pools[i].elements);
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (tensor->offset >= 0)
            fprintf(out, "%-24s %s at %-8lld steps %d to %d%s%s\n", tensor->name,
                    type_name(tensor->format->type), (long long)tensor->offset, tensor->first_use,
                    tensor->last_use, tensor->buffer_of ? " in place of " : "",
                    tensor->buffer_of ? tensor->buffer_of->name : "");
    }
    for (int i = 0; i < model->step_count; ++i)
        for (const Scratch *scratch = model->steps[i]->scratch; scratch; scratch = scratch->next)
            fprintf(out, "%-24s %s at %-8lld step %d, %lld elements\n", scratch->role,
                    type_name(scratch->type), (long long)scratch->offset, i,
                    (long long)scratch->elements);
}

void defs_dump(const Model *model, FILE *out) {
    fwrite(model->definitions.text, 1, model->definitions.length, out);
}
