/* plan.c - where each tensor lives.
 *
 * Parameters, masters and state are members of their own. Everything else is needed for a while
 * only: activations, errors, gradient rows and scratch share one pool for each element type, and
 * two of them may overlap where their lives do not. A step that works in place shares its input's
 * buffer, where nobody reads the input afterwards. Where threads share a loop, each has gradient
 * rows and scratch of its own, in pools beside those. The distributed form also keeps the gradients
 * of all parameters, in the order in which they are made: two arrays, one for each type of sum. */
#include "intc.h"

#include <string.h>

enum { ALIGNMENT = 64 }; /* bytes: a cache line, a vector register */

/* All that a model needs is one object, which may stand in static memory: compilers for most
 * targets cannot address a larger one. */
enum { MOST_BYTES = INT32_MAX };

static const Type pool_types[POOLS] = {TYPE_I8, TYPE_I16, TYPE_I32, TYPE_I64, TYPE_F32};

static Pool *pool_of(Model *model, Type type) {
    for (int i = 0; i < POOLS; ++i)
        if (model->pools[i].type == type)
            return &model->pools[i];
    internal_error("no pool for %s", type_name(type));
}

static bool is_pooled(const Tensor *tensor) {
    return tensor->kind == KIND_ACTIVATION || tensor->kind == KIND_ERROR ||
           tensor->kind == KIND_GRADIENT;
}

/* ---- lives ----------------------------------------------------------------------------------- */

static void use(Tensor *tensor, int step) {
    if (tensor->first_use < 0)
        tensor->first_use = step;
    tensor->last_use = step;
}

/* A gradient step runs row by row in one loop with the update behind it: what the gradient reads
 * must last until the update is done. */
static void find_lives(Model *model) {
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        bool fused = step->out[0]->kind == KIND_GRADIENT;
        for (int k = 0; k < MAX_OPERANDS; ++k) {
            if (step->in[k])
                use(step->in[k], i);
            if (step->in[k] && fused)
                use(step->in[k], i + 1);
            if (step->out[k])
                use(step->out[k], i);
        }
    }
}

static Tensor *buffer_root(Tensor *tensor) {
    while (tensor->buffer_of)
        tensor = tensor->buffer_of;
    return tensor;
}

static void share_in_place(Model *model) {
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        Tensor *in = step->in[0], *out = step->out[0];
        if (!step->kind->in_place || in->last_use > i || !is_pooled(in) ||
            in->format->type != out->format->type)
            continue;
        out->buffer_of = in;
        Tensor *root = buffer_root(in);
        root->last_use = out->last_use; /* in's last use is this step */
    }
}

/* ---- offsets --------------------------------------------------------------------------------- */

/* A stretch of a pool that is taken from step `first` to step `last`. */
typedef struct {
    Type pool;
    int first, last;
    int64_t offset, elements;
} Stretch;

typedef struct {
    Stretch *list; /* by offset */
    int count;
} Stretches;

static bool share_life(const Stretch *a, const Stretch *b) {
    return a->pool == b->pool && a->first <= b->last && b->first <= a->last;
}

static void insert(Stretches *taken, Stretch stretch) {
    int at = taken->count++;
    for (; at > 0 && taken->list[at - 1].offset > stretch.offset; --at)
        taken->list[at] = taken->list[at - 1];
    taken->list[at] = stretch;
}

static int64_t aligned(int64_t elements, Type type) {
    int64_t unit = ALIGNMENT / type_bytes(type);
    return (elements + unit - 1) / unit * unit;
}

/* The lowest offset that is free as long as needed: moves up past every stretch in the way. */
static int64_t place(Model *model, Stretches *taken, Type type, int first, int last,
                     int64_t elements) {
    Pool *pool = pool_of(model, type);
    Stretch wanted = {pool->type, first, last, 0, aligned(elements, pool->type)};
    for (int i = 0; i < taken->count; ++i) {
        const Stretch *other = &taken->list[i];
        if (!share_life(&wanted, other) || other->offset + other->elements <= wanted.offset)
            continue;
        if (other->offset >= wanted.offset + wanted.elements)
            break;
        wanted.offset = other->offset + other->elements;
    }
    insert(taken, wanted);
    if (pool->elements < wanted.offset + wanted.elements)
        pool->elements = wanted.offset + wanted.elements;
    return wanted.offset;
}

static int64_t value_or(const Step *step, const char *name, int64_t otherwise) {
    for (const Attribute *attribute = step->attributes; attribute; attribute = attribute->next)
        if (strcmp(attribute->name, name) == 0)
            return *attribute->values;
    return otherwise;
}

/* A gradient is made and used row by row, or by as many rows as its step says. */
static int64_t rows_together(const Step *step) {
    return value_or(step, "strip", 1);
}

static int64_t buffer_elements(const Model *model, const Tensor *tensor) {
    if (tensor->kind == KIND_GRADIENT)
        return tensor->row_elements * rows_together(tensor->producer);
    return shape_elements(tensor->shape) * (tensor->batched ? model->settings.batch : 1);
}

static int count_buffers(const Model *model) {
    int count = model->tensor_count;
    for (int i = 0; i < model->step_count; ++i)
        for (const Scratch *scratch = model->steps[i]->scratch; scratch; scratch = scratch->next)
            ++count;
    return count;
}

/* The loop over a sparse gradient's rows, closed by the update, goes through lists of uses. */
static int scratch_end(const Step *step) {
    bool listed = step->out[0]->kind == KIND_GRADIENT && step->out[0]->sparse;
    return listed ? step->number + 1 : step->number;
}

static void place_all(Model *model) {
    Stretches taken = {0};
    taken.list = arena_alloc(model->arena, (size_t)count_buffers(model) * sizeof *taken.list);
    for (int i = 0; i < model->tensor_count; ++i) {
        Tensor *tensor = model->tensors[i];
        tensor->offset = -1;
        if (!is_pooled(tensor) || tensor->buffer_of)
            continue;
        tensor->offset = place(model, &taken, tensor->format->type, tensor->first_use,
                               tensor->last_use, buffer_elements(model, tensor));
    }
    for (int i = 0; i < model->step_count; ++i)
        for (Scratch *scratch = model->steps[i]->scratch; scratch; scratch = scratch->next)
            scratch->offset = place(model, &taken, scratch->type, i, scratch_end(model->steps[i]),
                                    scratch->elements);
    for (int i = 0; i < model->tensor_count; ++i)
        if (model->tensors[i]->buffer_of)
            model->tensors[i]->offset = buffer_root(model->tensors[i])->offset;
}

/* ---- sums of gradients ----------------------------------------------------------------------- */

static void place_sums(Model *model) {
    static const Type types[SUMS] = {TYPE_I32, TYPE_I64};
    for (int k = 0; k < SUMS; ++k)
        model->sums[k].type = types[k];
    for (int i = 0; i < model->step_count && model->options.distributed; ++i) {
        Tensor *gradient = model->steps[i]->out[0];
        if (gradient->kind != KIND_GRADIENT)
            continue;
        Pool *sums = &model->sums[gradient->format->type == TYPE_I64];
        gradient->sum_offset = sums->elements;
        sums->elements += aligned(shape_elements(gradient->shape), sums->type);
    }
}

/* ---- what each thread has of its own --------------------------------------------------------- */

static int64_t take(Pool pools[POOLS], Type type, int64_t elements) {
    Pool *pool = pools;
    while (pool->type != type)
        ++pool;
    int64_t offset = pool->elements;
    pool->elements += aligned(elements, type);
    return offset;
}

/* A gradient and the update behind it are one loop. */
static void place_own(Model *model) {
    Pool taken[POOLS];
    bool parallel = false;
    for (int i = 0; i < model->step_count; ++i) {
        const Step *step = model->steps[i];
        Tensor *out = step->out[0];
        if (step->phase != PHASE_UPDATE) {
            parallel = step->kind->parallel;
            for (int k = 0; k < POOLS; ++k)
                taken[k] = (Pool){pool_types[k], 0};
        }
        if (out->kind == KIND_GRADIENT)
            out->own_offset = parallel && value_or(step, "by_channel", 0) == 0
                                  ? take(taken, out->format->type, buffer_elements(model, out))
                                  : -1;
        for (Scratch *scratch = step->scratch; scratch; scratch = scratch->next)
            scratch->own_offset = parallel ? take(taken, scratch->type, scratch->own_elements) : -1;
        for (int k = 0; k < POOLS; ++k)
            if (model->own[k].elements < taken[k].elements)
                model->own[k].elements = taken[k].elements;
    }
}

/* ---- totals ---------------------------------------------------------------------------------- */

static int64_t total_bytes(const Model *model, const Tensor *tensor) {
    return buffer_elements(model, tensor) * type_bytes(tensor->format->type);
}

static void report_size(Model *model, int64_t bytes) {
    const Tensor *largest = model->tensors[0];
    for (int i = 1; i < model->tensor_count; ++i)
        if (total_bytes(model, model->tensors[i]) > total_bytes(model, largest))
            largest = model->tensors[i];
    diag_error(model, largest->place, "the model needs %lld MiB of memory; the limit is %d MiB",
               (long long)(bytes >> 20), MOST_BYTES >> 20);
    diag_help(model, "'%s' takes most: %lld MiB%s", largest->name,
              (long long)(total_bytes(model, largest) >> 20),
              largest->batched ? arena_print(model->arena, " for a batch of %d",
                                             model->settings.batch) : "");
}

static void add_up(Model *model) {
    for (int i = 0; i < model->tensor_count; ++i) {
        const Tensor *tensor = model->tensors[i];
        if (tensor->kind == KIND_PARAMETER || tensor->kind == KIND_MASTER ||
            tensor->kind == KIND_STATE || tensor->kind == KIND_AVERAGE)
            model->state_bytes += shape_elements(tensor->shape) * type_bytes(tensor->format->type);
    }
    for (int i = 0; i < POOLS; ++i)
        model->scratch_bytes += model->pools[i].elements * type_bytes(model->pools[i].type);
    for (int k = 0; k < SUMS; ++k)
        model->scratch_bytes += model->sums[k].elements * type_bytes(model->sums[k].type);
    if (model->state_bytes + model->scratch_bytes > MOST_BYTES)
        report_size(model, model->state_bytes + model->scratch_bytes);
}

void plan(Model *model) {
    for (int i = 0; i < POOLS; ++i)
        model->pools[i].type = model->own[i].type = pool_types[i];
    find_lives(model);
    share_in_place(model);
    place_all(model);
    place_own(model);
    place_sums(model);
    add_up(model);
}
