/* csv.c - any bytes as delimited text. */
#include "loader.h"

#include <csv.h>

/* The file that a load which failed was reading is closed when the next one starts. */
static FILE *open_file;

static FILE *start_reading(const char *path, const char *mode) {
    if (open_file)
        fclose(open_file);
    open_file = fopen(path, mode);
    return open_file;
}

static int stop_reading(FILE *file) {
    open_file = NULL;
    return fclose(file);
}

/* libcsv's own memory is known too. */
static int start_parser(struct csv_parser *parser, unsigned char options) {
    int error = csv_init(parser, options);
    csv_set_realloc_func(parser, loader_realloc);
    csv_set_free_func(parser, loader_free);
    return error;
}

#define csv_init start_parser
#define fopen start_reading
#define fclose stop_reading
#include "../../runtime/host/csv.c"
#undef fopen
#undef fclose

static HostModel model;

static void load(void) {
    HostData data = {0};
    host_load_csv(&model, loader_path("fuzz.csv"), 3, &data);
    loader_check(&model, &data.train);
    loader_check(&model, &data.test);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1)
        return 0;
    model = loader_model(data[0]);
    loader_write("fuzz.csv", data + 1, size - 1);
    contain(load);
    loader_clear();
    return 0;
}
