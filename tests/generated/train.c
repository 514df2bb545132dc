/* train.c - trains a network on samples from two files of raw integers and says its hash.
 *
 *     train INPUTS TARGETS STEPS */
#include "network.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static Network network;

static void *read_all(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        exit(3);
    const long length = ftell(file);
    void *content = malloc(length > 0 ? (size_t)length : 1);
    rewind(file);
    if (!content || fread(content, 1, (size_t)length, file) != (size_t)length)
        exit(3);
    fclose(file);
    *size = (size_t)length;
    return content;
}

int main(int argc, char **argv) {
    size_t input_size, target_size;
    if (argc != 4)
        return 2;
    NetworkInput(*inputs)[NETWORK_INPUTS] = read_all(argv[1], &input_size);
    NetworkTarget *targets = read_all(argv[2], &target_size);
    const size_t batches = target_size / sizeof *targets / NETWORK_BATCH;
    const long steps = atol(argv[3]);
    int16_t logits[NETWORK_ANSWERS];
    uint64_t loss = 0;

    network_init(&network, 7);
    for (long step = 0; step < steps; ++step) {
        const size_t first = (size_t)step % batches * NETWORK_BATCH;
        network_set_epoch(&network, (uint32_t)((size_t)step / batches));
        loss += network_train(&network, inputs + first, targets + first);
    }
    loss += network_loss(&network, inputs[0], targets);
    network_infer(&network, inputs[1], logits);
    printf("%016" PRIx64 " %" PRIu64 " %d %d\n", network_hash(&network), loss,
           network_classify(&network, inputs[2]), logits[0]);
    free(inputs);
    free(targets);
    return 0;
}
