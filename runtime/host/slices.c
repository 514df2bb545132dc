#include "host.h"

/* A step of the training, on many ranks: each trains on a slice of every batch, gradients are added
 * up over the ranks, and all apply the same update. The sums are integers, which do not depend on
 * the order of addition, and the model's random numbers are those of the sample's place in the
 * batch: what is learned is, bit for bit, what one process would learn.
 *
 * Each rank has loaded a share of the samples. Their order in an epoch depends on seed and epoch
 * alone, so all ranks know it, and with it who has what and who needs it: before some batches, a
 * window, each rank sends the others what they need of its share. */

enum { HOST_WINDOW_SAMPLES = 4096, HOST_BUCKET_BYTES = 1 << 18, HOST_SUMS = 2 };

/* One array of sums, which goes out in buckets while the backward pass goes on. Its communicator is
 * its own: on each the ranks then start the same operations in the same order, however far each
 * array is. */
typedef struct {
    MPI_Comm communicator;
    MPI_Datatype type;
    unsigned char *elements;
    size_t count, element_bytes;
    size_t sent; /* elements, in this step */
} HostStream;

typedef struct {
    const HostModel *model;
    const HostSamples *from; /* this rank's share */
    size_t *order;           /* of all samples */
    uint64_t seed;
    HostPart slice; /* of every batch: this rank's */

    size_t batches;       /* of an epoch */
    size_t window;        /* batches whose samples are exchanged together */
    HostSamples samples;  /* this rank's slices of the window, side by side */
    MPI_Datatype record;  /* a sample: its input, then its target */
    size_t record_bytes;
    int *counts, *places; /* of records, by rank: to send and to receive */

    HostStream streams[HOST_SUMS];
    size_t gradient_bytes; /* of all of them */
    MPI_Request *requests;
    int request_count;
    HostTraffic traffic;
} HostFeed;

/* ---- the exchange of samples ---- */

/* The rank whose part the thing is in. */
static size_t host_part_of(size_t thing, size_t all, size_t ranks) {
    const size_t least = all / ranks, longer = all % ranks;
    if (thing < longer * (least + 1))
        return thing / (least + 1);
    return longer + (thing - longer * (least + 1)) / least;
}

/* How the samples of a window travel: of each, who has it and who needs it. */
typedef struct {
    const HostFeed *feed;
    size_t first, count; /* of the order */
} HostWindow;

static size_t host_sender(const HostWindow *window, size_t i) {
    const HostFeed *feed = window->feed;
    return host_part_of(feed->order[window->first + i], feed->from->all, (size_t)host_ranks);
}

static size_t host_receiver(const HostWindow *window, size_t i) {
    const size_t batch = window->feed->model->batch;
    return host_part_of((window->first + i) % batch, batch, (size_t)host_ranks);
}

/* Numbers of records become places, one behind the other; returns how many there are. */
static size_t host_place_records(const int *counts, int *places) {
    size_t all = 0;
    for (int rank = 0; rank < host_ranks; rank++) {
        places[rank] = host_mpi_count(all);
        all += (size_t)counts[rank];
    }
    return all;
}

static void host_pack_record(const HostFeed *feed, unsigned char *to, size_t sample) {
    const size_t input = host_input_bytes(feed->model), target = host_target_bytes(feed->model);
    const size_t i = sample - feed->from->first;
    memcpy(to, feed->from->inputs + i * input, input);
    memcpy(to + input, feed->from->targets + i * target, target);
}

static void host_unpack_record(const HostFeed *feed, const unsigned char *from, size_t place) {
    const size_t input = host_input_bytes(feed->model), target = host_target_bytes(feed->model);
    memcpy(feed->samples.inputs + place * input, from, input);
    memcpy(feed->samples.targets + place * target, from + input, target);
}

/* What this rank has of the window, by who needs it, and in the window's order. */
static unsigned char *host_pack(const HostWindow *window, int *counts, int *places) {
    const HostFeed *feed = window->feed;
    memset(counts, 0, (size_t)host_ranks * sizeof *counts);
    for (size_t i = 0; i < window->count; i++)
        if (host_sender(window, i) == (size_t)host_rank)
            counts[host_receiver(window, i)]++;
    const size_t all = host_place_records(counts, places);
    unsigned char *records = host_alloc(all, feed->record_bytes);
    for (size_t i = 0; i < window->count; i++)
        if (host_sender(window, i) == (size_t)host_rank) {
            const size_t record = (size_t)places[host_receiver(window, i)]++;
            host_pack_record(feed, records + record * feed->record_bytes,
                             feed->order[window->first + i]);
        }
    host_place_records(counts, places);
    return records;
}

/* Room for what this rank needs of the window, by who has it. */
static unsigned char *host_make_room(const HostWindow *window, int *counts, int *places) {
    memset(counts, 0, (size_t)host_ranks * sizeof *counts);
    for (size_t i = 0; i < window->count; i++)
        if (host_receiver(window, i) == (size_t)host_rank)
            counts[host_sender(window, i)]++;
    return host_alloc(host_place_records(counts, places), window->feed->record_bytes);
}

static void host_unpack(const HostWindow *window, const unsigned char *records, int *places) {
    const HostFeed *feed = window->feed;
    size_t place = 0;
    for (size_t i = 0; i < window->count; i++)
        if (host_receiver(window, i) == (size_t)host_rank) {
            const size_t record = (size_t)places[host_sender(window, i)]++;
            host_unpack_record(feed, records + record * feed->record_bytes, place++);
        }
}

static void host_exchange(HostFeed *feed, size_t number) {
    const size_t left = feed->batches - number, batch = feed->model->batch;
    const size_t batches = left < feed->window ? left : feed->window;
    const HostWindow window = {feed, number * batch, batches * batch};
    const size_t ranks = (size_t)host_ranks;
    int *to_send = feed->counts, *to_receive = feed->counts + ranks;
    int *send_places = feed->places, *receive_places = feed->places + ranks;
    unsigned char *sent = host_pack(&window, to_send, send_places);
    unsigned char *received = host_make_room(&window, to_receive, receive_places);
    MPI_Alltoallv(sent, to_send, send_places, feed->record, received, to_receive, receive_places,
                  feed->record, MPI_COMM_WORLD);
    host_unpack(&window, received, receive_places);
    for (int rank = 0; rank < host_ranks; rank++)
        if (rank != host_rank)
            feed->traffic.exchanged += (uint64_t)to_send[rank] * feed->record_bytes;
    free(sent);
    free(received);
}

/* ---- the sums of gradients ---- */

static size_t host_bucket(const HostStream *stream) {
    return HOST_BUCKET_BYTES / stream->element_bytes;
}

/* Buckets have the same bounds on all ranks; those that are complete go out. */
static void host_send_sums(HostFeed *feed, HostStream *stream, size_t complete) {
    const size_t bucket = host_bucket(stream);
    while (stream->sent < complete) {
        const size_t left = stream->count - stream->sent, size = left < bucket ? left : bucket;
        if (stream->sent + size > complete)
            return;
        MPI_Iallreduce(MPI_IN_PLACE, stream->elements + stream->sent * stream->element_bytes,
                       (int)size, stream->type, MPI_SUM, stream->communicator,
                       &feed->requests[feed->request_count++]);
        stream->sent += size;
    }
}

/* Called by the generated code as its backward pass goes on. Testing gives MPI time to move on. */
static void host_sums_ready(void *context, uint32_t sums_i32, uint32_t sums_i64) {
    HostFeed *feed = context;
    int done;
    host_send_sums(feed, &feed->streams[0], sums_i32);
    host_send_sums(feed, &feed->streams[1], sums_i64);
    MPI_Testall(feed->request_count, feed->requests, &done, MPI_STATUSES_IGNORE);
}

/* It also calls this, where a step needs the whole batch: all ranks wait for each other here. */
static void host_sums_of_batch(void *context, int64_t *sums, uint32_t count) {
    HostFeed *feed = context;
    const double start = host_seconds();
    MPI_Allreduce(MPI_IN_PLACE, sums, host_mpi_count(count), MPI_INT64_T, MPI_SUM, MPI_COMM_WORLD);
    const double waited = host_seconds() - start;
    feed->traffic.waiting += waited;
    feed->traffic.computing -= waited; /* it is within the time of the gradients */
    feed->traffic.reduced += count * sizeof *sums;
}

/* ---- what the run calls ---- */

static HostStream host_stream_new(const HostArray *sums, MPI_Datatype type, size_t element_bytes) {
    HostStream stream = {.type = type, .elements = sums->elements, .count = sums->count};
    stream.element_bytes = element_bytes;
    MPI_Comm_dup(MPI_COMM_WORLD, &stream.communicator);
    return stream;
}

static void host_feed_make_streams(HostFeed *feed) {
    size_t requests = 0;
    feed->streams[0] = host_stream_new(&feed->model->sums[0], MPI_INT32_T, 4);
    feed->streams[1] = host_stream_new(&feed->model->sums[1], MPI_INT64_T, 8);
    for (int i = 0; i < HOST_SUMS; i++) {
        const HostStream *stream = &feed->streams[i];
        requests += (stream->count + host_bucket(stream) - 1) / host_bucket(stream);
        feed->gradient_bytes += stream->count * stream->element_bytes;
    }
    feed->requests = host_alloc(requests, sizeof *feed->requests);
}

static HostFeed host_feed_new(const HostModel *model, const HostSamples *from, uint64_t seed) {
    HostFeed feed = {.model = model, .from = from, .seed = seed};
    feed.slice = host_part(model->batch, (size_t)host_rank, (size_t)host_ranks);
    feed.batches = from->all / model->batch;
    feed.window = (HOST_WINDOW_SAMPLES + model->batch - 1) / model->batch;
    feed.samples = host_samples_new(model, feed.window * feed.slice.count);
    feed.order = host_alloc(from->all, sizeof *feed.order);
    feed.record_bytes = host_input_bytes(model) + host_target_bytes(model);
    feed.counts = host_alloc(2 * (size_t)host_ranks, sizeof *feed.counts);
    feed.places = host_alloc(2 * (size_t)host_ranks, sizeof *feed.places);
    MPI_Type_contiguous(host_mpi_count(feed.record_bytes), MPI_BYTE, &feed.record);
    MPI_Type_commit(&feed.record);
    host_feed_make_streams(&feed);
    return feed;
}

static void host_feed_free(HostFeed *feed) {
    for (int i = 0; i < HOST_SUMS; i++)
        MPI_Comm_free(&feed->streams[i].communicator);
    MPI_Type_free(&feed->record);
    host_samples_free(&feed->samples);
    free(feed->order);
    free(feed->counts);
    free(feed->places);
    free(feed->requests);
}

static void host_feed_epoch(HostFeed *feed, unsigned epoch) {
    host_order(feed->order, feed->from->all, feed->seed, epoch);
    feed->traffic = (HostTraffic){0};
}

/* Starts with the gradients of this rank's slice, and ends when those of all ranks are added up. */
static uint64_t host_add_gradients(HostFeed *feed, size_t number) {
    const size_t place = number % feed->window * feed->slice.count;
    feed->request_count = 0;
    feed->streams[0].sent = feed->streams[1].sent = 0;
    feed->traffic.reduced = feed->gradient_bytes;
    const double start = host_seconds();
    const uint64_t loss = feed->model->gradients(
        feed->samples.inputs + place * host_input_bytes(feed->model),
        feed->samples.targets + place * host_target_bytes(feed->model), (uint32_t)feed->slice.first,
        (uint32_t)feed->slice.count, host_sums_ready, host_sums_of_batch, feed);
    const double computed = host_seconds();
    host_sums_ready(feed, (uint32_t)feed->streams[0].count, (uint32_t)feed->streams[1].count);
    MPI_Waitall(feed->request_count, feed->requests, MPI_STATUSES_IGNORE);
    feed->traffic.computing += computed - start;
    feed->traffic.waiting += host_seconds() - computed;
    return loss;
}

/* The mean loss is computed as the generated code does. */
static HostStep host_train_batch(HostFeed *feed, size_t number) {
    const HostModel *model = feed->model;
    if (number % feed->window == 0)
        host_exchange(feed, number);
    uint64_t numbers[3] = {host_add_gradients(feed, number)};
    numbers[1] = model->correct ? model->correct() : 0;
    numbers[2] = (uint64_t)host_interrupted;
    model->apply();
    host_add_up(numbers, 3);
    const uint64_t mean = numbers[0] / model->batch / (model->classes ? model->targets : 1);
    return (HostStep){.loss = mean < UINT32_MAX ? (uint32_t)mean : UINT32_MAX,
                      .right = numbers[1],
                      .interrupted = numbers[2] > 0};
}

static HostTraffic host_traffic(const HostFeed *feed) {
    HostTraffic traffic = feed->traffic;
    host_add_up(&traffic.exchanged, 1);
    return traffic;
}
