/* settings.c - any text as --set KEY=VALUE, one a line, over a model that is good. */
#include "passes.h"

enum { MOST_OVERRIDES = 16 };

static const char base[] =
    "model base\n"
    "input flower: i16[4] unit 0.1 zscore([5.84, 3.06, 3.76, 1.20], [0.83, 0.43, 1.76, 0.76])\n"
    "target species: class[3]\n"
    "h = relu(dense(flower, 8))\n"
    "logits = dense(h, 3)\n"
    "loss cross_entropy(logits, species)\n"
    "train { optimizer sgd(lr = 2^-5, momentum = 1 - 2^-3) }\n";

static int split(char *text, Override *overrides) {
    int count = 0;
    for (char *line = strtok(text, "\n"); line && count < MOST_OVERRIDES;
         line = strtok(NULL, "\n")) {
        char *equals = strchr(line, '=');
        if (!equals || equals == line)
            continue;
        *equals = '\0';
        overrides[count++] = (Override){line, equals + 1};
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    Override overrides[MOST_OVERRIDES];
    char *text = malloc(size + 1);
    memcpy(text, data, size);
    text[size] = '\0';
    passes_run(base, sizeof base - 1, overrides, split(text, overrides));
    free(text);
    return 0;
}
