#include "host.h"

/* A step of the training, alone: the samples of a batch are gathered and trained on. */

typedef struct {
    const HostModel *model;
    const HostSamples *from;
    size_t *order;
    uint64_t seed;
    HostSamples batch; /* side by side */
} HostFeed;

/* `to` becomes the samples of `from` that `order` names, side by side. */
static void host_gather(const HostModel *model, HostSamples *to, const HostSamples *from,
                        const size_t *order) {
    const size_t input = host_input_bytes(model), target = host_target_bytes(model);
    for (size_t i = 0; i < to->samples; i++) {
        memcpy(to->inputs + i * input, from->inputs + order[i] * input, input);
        memcpy(to->targets + i * target, from->targets + order[i] * target, target);
    }
}

/* The samples of a batch lie anywhere in memory. The start of each is fetched while the batch
 * before is trained on, and the processor goes on by itself. */
static void host_fetch(const HostFeed *feed, size_t first) {
#ifdef __GNUC__ /* others have no such function, and do without */
    enum { LINE = 64, FETCHED = 3 * LINE };
    const size_t input = host_input_bytes(feed->model), end = first + feed->model->batch;
    for (size_t i = first; i < end && i < feed->from->all; i++)
        for (size_t byte = 0; byte < input && byte < FETCHED; byte += LINE)
            __builtin_prefetch(feed->from->inputs + feed->order[i] * input + byte);
#else
    (void)feed, (void)first;
#endif
}

static HostFeed host_feed_new(const HostModel *model, const HostSamples *from, uint64_t seed) {
    HostFeed feed = {.model = model, .from = from, .seed = seed};
    feed.batch = host_samples_new(model, model->batch);
    feed.order = host_alloc(from->all, sizeof *feed.order);
    return feed;
}

static void host_feed_free(HostFeed *feed) {
    host_samples_free(&feed->batch);
    free(feed->order);
}

static void host_feed_epoch(HostFeed *feed, unsigned epoch) {
    host_order(feed->order, feed->from->all, feed->seed, epoch);
}

static HostStep host_train_batch(HostFeed *feed, size_t number) {
    const HostModel *model = feed->model;
    host_gather(model, &feed->batch, feed->from, feed->order + number * model->batch);
    host_fetch(feed, (number + 1) * model->batch);
    HostStep step = {.loss = model->train(feed->batch.inputs, feed->batch.targets)};
    step.right = model->correct ? model->correct() : 0;
    step.interrupted = host_interrupted;
    return step;
}

static HostTraffic host_traffic(const HostFeed *feed) {
    (void)feed;
    return (HostTraffic){0};
}
