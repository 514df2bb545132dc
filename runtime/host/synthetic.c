#include "host.h"

/* Samples that are made: bits, and their parity. All 2^n sequences of n bits are shuffled; the
 * first of them are for the test, and training samples are drawn from the others, each as often as
 * it comes. What is drawn depends on the seed of the split alone. */

enum { HOST_MOST_BITS = 20 };

/* Streams of random numbers that lie apart from those of epochs. */
static const uint64_t host_stream_of_sequences = (uint64_t)2 << 32;
static const uint64_t host_stream_of_training = (uint64_t)3 << 32;

/* Sample `index` becomes the bits of `sequence`, the lowest first; its class their parity, or at
 * each step that of the bits so far. */
static void host_put_parity(const HostModel *model, HostSamples *to, size_t index,
                            size_t sequence) {
    int64_t parity = 0;
    for (size_t i = 0; i < model->inputs; i++) {
        const int64_t bit = sequence >> i & 1;
        parity ^= bit;
        host_put(model->input_type, to->inputs, index * model->inputs + i, bit);
        if (model->targets > 1)
            host_put_class(model, to->targets, index * model->targets + i, parity);
    }
    if (model->targets == 1)
        host_put_class(model, to->targets, index, parity);
}

/* This rank's share of that many samples. */
static HostSamples host_share_of(const HostModel *model, size_t all) {
    const HostPart part = host_part(all, (size_t)host_rank, (size_t)host_ranks);
    HostSamples share = host_samples_new(model, part.count);
    share.first = part.first;
    share.all = all;
    return share;
}

static void host_load_synthetic(const HostModel *model, const char *path, uint64_t split,
                                HostData *data) {
    if (strcmp(path, "parity") != 0 || model->inputs > HOST_MOST_BITS || model->classes != 2)
        host_fail("%s: there is no such synthetic data for %zu inputs and %d classes", path,
                  model->inputs, model->classes);
    const size_t sequences = (size_t)1 << model->inputs, tests = model->test_samples;
    if (tests >= sequences)
        host_fail("%s: %zu sequences, of which %zu cannot be for the test", path, sequences, tests);
    size_t *order = host_alloc(sequences, sizeof *order);
    for (size_t i = 0; i < sequences; i++)
        order[i] = i;
    host_shuffle(order, sequences, split, host_stream_of_sequences);
    data->test = host_share_of(model, tests);
    for (size_t i = 0; i < data->test.samples; i++)
        host_put_parity(model, &data->test, i, order[data->test.first + i]);
    data->train = host_share_of(model, model->train_samples);
    HostRandom random = host_random(split, host_stream_of_training);
    for (size_t i = 0; i < data->train.first + data->train.samples; i++) {
        const size_t drawn = order[tests + host_random_below(&random, sequences - tests)];
        if (i >= data->train.first)
            host_put_parity(model, &data->train, i - data->train.first, drawn);
    }
    free(order);
}

static const HostSource host_source_synthetic = {
    .kind = "synthetic", .load = host_load_synthetic, .splits = true, .made = true};
