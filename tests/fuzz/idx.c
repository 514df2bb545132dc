/* idx.c - any bytes as the two files of an IDX data set, parted by "||||". */
#include "loader.h"

#include <zlib.h>

/* A file that is open when a load fails is closed here. */
static gzFile idx_open[4];
static int idx_count;

static gzFile idx_gzopen(const char *path, const char *mode) {
    gzFile file = gzopen(path, mode);
    if (file && idx_count < 4)
        idx_open[idx_count++] = file;
    return file;
}

static int idx_gzclose(gzFile file) {
    for (int i = 0; i < idx_count; i++)
        if (idx_open[i] == file)
            idx_open[i] = idx_open[--idx_count];
    return gzclose_r(file);
}

#undef gzopen
#define gzopen idx_gzopen
#define gzclose_r idx_gzclose
#include "../../runtime/host/idx.c"
#undef gzclose_r

static HostModel model;

static void load(void) {
    HostData data = {0};
    host_load_idx(&model, loader_folder, 0, &data);
    loader_check(&model, &data.train);
    loader_check(&model, &data.test);
}

static void link_name(const char *name, const char *to) {
    if (symlink(to, loader_path(name)) != 0 && errno != EEXIST)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    const uint8_t *images = data + 1, *end = data + size, *part = images;
    while (part + 4 <= end && memcmp(part, "||||", 4) != 0)
        part++;
    const uint8_t *labels = part + 4 <= end ? part + 4 : end;
    model = loader_model(data[0]);
    loader_write(host_idx_names[0], images, (size_t)(part - images));
    loader_write(host_idx_names[1], labels, (size_t)(end - labels));
    link_name(host_idx_names[2], host_idx_names[0]);
    link_name(host_idx_names[3], host_idx_names[1]);
    contain(load);
    while (idx_count > 0)
        gzclose_r(idx_open[--idx_count]);
    loader_clear();
    return 0;
}
