/* main.c - the program: the list of passes, and what each command does with the result. */
#include "file.h"
#include "intc.h"
#include "options.h"
#include "profile.h"
#include "range.h"
#include "report.h"
#include "train.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_MODEL_BYTES = 64 << 20, MOST_LOG_BYTES = 64 << 20 };

/* ---- the passes ------------------------------------------------------------------------------ */

typedef void Dump(const Model *model, FILE *out);

/* After a pass: whether to go no further, since the model has errors or this dump was asked for. */
static bool ends_here(const Model *model, const char *name, Dump *dump) {
    if (model->source.errors > 0)
        return true;
    const char *wanted = model->options.dump;
    if (!wanted || strcmp(wanted, name) != 0)
        return false;
    dump(model, stdout);
    return true;
}

/* A trainer is of no use without data. */
static void require_data(Model *model) {
    if (!model->options.driver || model->settings.data_kind || model->source.errors > 0)
        return;
    diag_error(model, (Place){0}, "there is no data to train on");
    diag_help(model,
              "add a line to the train block: data idx(\"FOLDER\") or data csv(\"FILE.csv\")");
}

/* Sums of floats depend on their order, so no two numbers of machines would agree. */
static void require_integers(Model *model) {
    if (!model->options.distributed || !is_float(model) || model->source.errors > 0)
        return;
    diag_error(model, model->settings.precision.place,
               "precision f32 cannot be distributed: its sums depend on how a batch is split");
    diag_help(model, "train it on one machine, or in integers: --set precision=i8");
}

/* Runs the passes up to the one that `writes` the files; false if it stopped before. */
static bool compile(Model *model, bool writes) {
    /* The text becomes a tree. */
    parse(model);
    if (ends_here(model, "ast", ast_dump))
        return false;

    /* The tree becomes a graph: tensors, forward steps and settings; whatever is wrong is said. */
    check(model);
    require_data(model);
    require_integers(model);
    if (ends_here(model, "graph", graph_dump))
        return false;
    verify(model, "check");

    /* Backward and update steps are appended. */
    grad(model);
    if (ends_here(model, "grad", graph_dump))
        return false;
    verify(model, "grad");

    /* Every tensor gets its format, every sum its proof, every cast its shift. */
    range(model);
    if (ends_here(model, "range", range_dump))
        return false;
    verify(model, "range");

    /* Every tensor gets a place in memory. */
    plan(model);
    if (ends_here(model, "plan", plan_dump))
        return false;
    verify(model, "plan");
    if (!writes)
        return true;

    /* All of it is put into words for the templates. */
    define(model);
    if (ends_here(model, "defs", defs_dump))
        return false;

    /* The templates become C. */
    expand(model);
    return true;
}

/* ---- the commands ---------------------------------------------------------------------------- */

static void print_schedule(const Model *model, const CommandLine *line) {
    (line->json ? schedule_json : schedule_text)(model, stdout);
}

static void print_memory(const Model *model, const CommandLine *line) {
    (line->json ? memory_json : memory_text)(model, stdout);
}

static void print_explanation(const Model *model, const CommandLine *line) {
    if (explain(model, line->tensor, stdout))
        return;
    const char **names =
        arena_alloc(model->arena, (size_t)(model->tensor_count + 1) * sizeof *names);
    for (int i = 0; i < model->tensor_count; i++)
        names[i] = model->tensors[i]->name;
    const char *near = diag_nearest(line->tensor, names);
    misused("'%s' has no tensor '%s'; %s%s%s", line->path, line->tensor,
            near ? "did you mean '" : "intc schedule lists them", near ? near : "",
            near ? "'?" : "");
}

static bool run_passes(Model *model, Command command) {
    bool writes = command == COMMAND_COMPILE || command == COMMAND_TRAIN;
    if (command == COMMAND_TRAIN)
        train_prepare(model);
    return compile(model, writes);
}

static int run(Model *model, const CommandLine *line) {
    bool complete = run_passes(model, line->command);
    if (!complete)
        return model->source.errors > 0 ? 1 : 0;
    if (line->command == COMMAND_SCHEDULE)
        print_schedule(model, line);
    if (line->command == COMMAND_MEMORY)
        print_memory(model, line);
    if (line->command == COMMAND_EXPLAIN)
        print_explanation(model, line);
    if (line->command == COMMAND_TRAIN)
        return train_run(model, line);
    return 0;
}

static Source read_source(Arena *arena, const CommandLine *line) {
    Source source = {.path = line->path, .color = line->color};
    source.text = file_read(arena, line->path, MOST_MODEL_BYTES, &source.length);
    return source;
}

static void read_profile(Model *model) {
    size_t length;
    profile_read(model, file_read(model->arena, model->options.profile, MOST_LOG_BYTES, &length));
}

int main(int argc, char **argv) {
    streams_open();
    signal(SIGCHLD, SIG_DFL); /* else a caller that ignores it would take our children's status */
    signal(SIGXFSZ, SIG_IGN); /* a file too long is a failed write, which is reported */
    Arena *arena = arena_new();
    CommandLine line = options_read(arena, argc, argv);
    Model model = {.arena = arena, .options = line.options};
    model.source = read_source(arena, &line);
    if (line.options.profile)
        read_profile(&model);
    int status = run(&model, &line);
    streams_finish();
    arena_free(arena);
    return status;
}
