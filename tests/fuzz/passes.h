/* passes.h - the compiler from text to definitions, and all its reports, inside one process. Only
 * m4 and the writing of files are left out. */
#ifndef PASSES_H
#define PASSES_H

#include "contain.h"
#include "intc.h"
#include "report.h"

#include <string.h>

static Model passes_model;
static FILE *passes_out;

static bool passes_stop(void) {
    return passes_model.source.errors > 0;
}

static void passes_report(void) {
    Model *model = &passes_model;
    graph_dump(model, passes_out);
    range_dump(model, passes_out);
    plan_dump(model, passes_out);
    schedule_text(model, passes_out);
    schedule_json(model, passes_out);
    memory_text(model, passes_out);
    explain(model, model->tensors[model->tensor_count - 1]->name, passes_out);
    define(model);
    defs_dump(model, passes_out);
}

static void passes_compile(void) {
    static void (*const passes[])(Model *) = {check, grad, range, plan};
    static const char *const names[] = {"check", "grad", "range", "plan"};
    Model *model = &passes_model;
    parse(model);
    if (passes_stop())
        return;
    ast_dump(model, passes_out);
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        passes[i](model);
        if (passes_stop())
            return;
        verify(model, names[i]);
    }
    passes_report();
}

/* True if the model is one that intc compiles. */
static bool passes_run(const char *text, size_t length, Override *overrides, int override_count) {
    Arena *arena = arena_new();
    if (!passes_out)
        passes_out = fopen("/dev/null", "w");
    passes_model = (Model){.arena = arena};
    passes_model.source.path = "fuzz.int";
    passes_model.source.text = arena_copy(arena, text, length);
    passes_model.source.length = length;
    passes_model.options.overrides = overrides;
    passes_model.options.override_count = override_count;
    bool complete = contain(passes_compile) && !passes_stop();
    arena_free(arena);
    return complete;
}

#endif
