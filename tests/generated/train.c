/* train.c - trains a network on samples from two files of raw integers and says its hash.
 *
 *     train INPUTS TARGETS STEPS
 *
 * With -DSPLIT, of a network compiled --for=distributed, a batch goes in slices, the last first. */
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

#ifdef SPLIT
static void watch_sums(void *context, uint32_t sums_i32, uint32_t sums_i64) {
    uint64_t *const made = context;
    if (sums_i32 < made[0] || sums_i64 < made[1])
        exit(4);
    made[0] = sums_i32;
    made[1] = sums_i64;
}

/* Slices of 0, 1, 2, ... samples, and what is left. */
static uint32_t train(NetworkInput (*inputs)[NETWORK_INPUTS], NetworkTarget *targets) {
    uint64_t loss = 0, made[2] = {0, 0};
    for (uint32_t end = NETWORK_BATCH, size = 0; end > 0; ++size) {
        const uint32_t count = size < end ? size : end;
        end -= count;
        made[0] = made[1] = 0;
        loss += network_gradients(&network, inputs + end, targets + end, end, count,
                                  watch_sums, made);
        if (count > 0 && made[0] + made[1] == 0)
            exit(5);
    }
    network_apply(&network);
    return (uint32_t)(loss / NETWORK_BATCH / (sizeof(NetworkTarget) / sizeof(NetworkClass)));
}
#else
static uint32_t train(NetworkInput (*inputs)[NETWORK_INPUTS], NetworkTarget *targets) {
    return network_train(&network, inputs, targets);
}
#endif

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
        loss += train(inputs + first, targets + first);
    }
    loss += network_loss(&network, inputs[0], (const NetworkClass *)targets);
    network_infer(&network, inputs[1], logits);
    printf("%016" PRIx64 " %" PRIu64 " %d %d\n", network_hash(&network), loss,
           network_classify(&network, inputs[2]), logits[0]);
    free(inputs);
    free(targets);
    return 0;
}
