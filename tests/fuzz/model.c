/* model.c - any bytes as a model file. */
#include "passes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    passes_run((const char *)data, size, NULL, 0);
    return 0;
}
