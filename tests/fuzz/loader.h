/* loader.h - the trainer's loaders inside one process: what a load that fails leaves behind is
 * known and cleared away, so that a million loads fit one process. */
#ifndef LOADER_H
#define LOADER_H

#include "contain.h"

#include "../../runtime/host/host.h"

enum { MOST_BLOCKS = 1 << 12 };

static void *loader_blocks[MOST_BLOCKS];
static size_t loader_block_count;

static void loader_forget(void *memory) {
    for (size_t i = loader_block_count; memory && i-- > 0;) {
        if (loader_blocks[i] == memory) {
            loader_blocks[i] = loader_blocks[--loader_block_count];
            return;
        }
    }
}

static void loader_remember(void *memory) {
    if (memory && loader_block_count == MOST_BLOCKS)
        abort();
    if (memory)
        loader_blocks[loader_block_count++] = memory;
}

static void *loader_malloc(size_t size) {
    void *memory = malloc(size);
    loader_remember(memory);
    return memory;
}

static void *loader_realloc(void *memory, size_t size) {
    loader_forget(memory);
    void *grown = realloc(memory, size);
    loader_remember(grown ? grown : memory);
    return grown;
}

static void loader_free(void *memory) {
    loader_forget(memory);
    free(memory);
}

static void loader_clear(void) {
    while (loader_block_count > 0)
        free(loader_blocks[--loader_block_count]);
}

#define malloc loader_malloc
#define realloc loader_realloc
#define free loader_free

/* In the order in which they are pasted into a trainer. */
#include "../../runtime/host/message.c"
#include "../../runtime/host/alone.c"
#include "../../runtime/host/random.c"
#include "../../runtime/host/data.c"
#include "../../runtime/host/find.c"

static char loader_folder[] = "/tmp/intc-fuzz-XXXXXX";

static void loader_remove_folder(void) {
    char command[64];
    snprintf(command, sizeof command, "rm -rf %s", loader_folder);
    if (system(command) != 0)
        fputs("a folder is left behind\n", stderr);
}

static const char *loader_path(const char *name) {
    static char path[128];
    if (loader_folder[sizeof loader_folder - 2] == 'X') {
        if (!mkdtemp(loader_folder))
            abort();
        atexit(loader_remove_folder);
    }
    snprintf(path, sizeof path, "%s/%s", loader_folder, name);
    return path;
}

static void loader_write(const char *name, const uint8_t *bytes, size_t count) {
    FILE *file = fopen(loader_path(name), "wb");
    if (!file || fwrite(bytes, 1, count, file) != count || fclose(file) != 0)
        abort();
}

/* Whatever was loaded is within the bounds that the generated code relies on. */
static void loader_check(const HostModel *model, const HostSamples *samples) {
    for (size_t i = 0; model->classes && i < samples->samples; i++)
        if (host_get_class(model, samples->targets, i) >= model->classes)
            abort();
}

/* The models that loaders load for: the first byte of the input chooses. */
static HostModel loader_model(unsigned choice) {
    static const size_t inputs[] = {1, 2, 4, 9};
    static const int classes[] = {2, 3, 300, 0};
    static const double units[] = {1, 0.1};
    HostModel model = {.name = "fuzz",
                       .inputs = inputs[choice & 3],
                       .classes = classes[choice >> 2 & 3]};
    model.input_type = (HostType)(choice >> 4 & 3);
    model.target_type = model.input_type;
    model.targets = model.classes ? 1 : 2;
    model.input_unit = model.target_unit = units[choice >> 6 & 1];
    model.label = choice >> 7 & 1 ? "k" : "";
    model.test_share = 0.2;
    model.data_name = "fuzz";
    model.folder = ".";
    return model;
}

#endif
