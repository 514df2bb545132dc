#include "host.h"

#include <zlib.h>

/* IDX, the format of MNIST, plain or gzip: two zero bytes, a type, the number of dimensions, each
 * dimension in 4 bytes (big-endian), then the elements (big-endian). The first dimension counts the
 * samples. A header is believed only as far as the size of the file bears it out: memory is
 * allocated after that. */

enum { HOST_IDX_MOST_DIMENSIONS = 8 };

typedef struct {
    gzFile file;
    const char *path;
    uint64_t file_bytes; /* on disk */
    HostType type;
    uint64_t samples, elements; /* elements of one sample */
    char shape[128];            /* 28x28 */
} HostIdx;

static uint64_t host_big_endian(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* zlib's messages start with the path; what follows is `: incorrect data check`. */
static const char *host_idx_reason(const HostIdx *idx, const char *message) {
    const size_t length = strlen(idx->path);
    return strncmp(message, idx->path, length) == 0 ? message + length : "";
}

static uint64_t host_idx_read(HostIdx *idx, unsigned char *to, uint64_t bytes) {
    const uint64_t most = 1 << 30; /* gzread counts in int */
    uint64_t done = 0;
    while (done < bytes) {
        uint64_t rest = bytes - done;
        int got = gzread(idx->file, to + done, (unsigned)(rest < most ? rest : most));
        if (got <= 0)
            break;
        done += (uint64_t)got;
    }
    int error = Z_OK;
    const char *what = gzerror(idx->file, &error);
    if (error == Z_ERRNO)
        host_fail("%s: cannot read: %s", idx->path, strerror(errno));
    if (error == Z_BUF_ERROR)
        host_fail("%s: truncated: the compressed data ends early", idx->path);
    if (error != Z_OK && error != Z_STREAM_END)
        host_fail("%s: corrupt%s", idx->path, host_idx_reason(idx, what));
    return done;
}

static void host_idx_read_all(HostIdx *idx, unsigned char *to, uint64_t bytes, const char *part) {
    uint64_t got = host_idx_read(idx, to, bytes);
    if (got < bytes)
        host_fail("%s: truncated: %s needs %llu bytes, but only %llu are there", idx->path, part,
                  (unsigned long long)bytes, (unsigned long long)got);
}

static uint64_t host_idx_product(const HostIdx *idx, uint64_t a, uint64_t b) {
    if (b && a > UINT64_MAX / b)
        host_fail("%s: corrupt: the dimensions are too large", idx->path);
    return a * b;
}

static void host_idx_type(HostIdx *idx, unsigned char code) {
    switch (code) {
    case 0x08:
        idx->type = HOST_u8;
        return;
    case 0x09:
        idx->type = HOST_i8;
        return;
    case 0x0B:
        idx->type = HOST_i16;
        return;
    case 0x0C:
        idx->type = HOST_i32;
        return;
    case 0x0D:
    case 0x0E:
        host_fail("%s: holds floating-point numbers; a model takes integers", idx->path);
    default:
        host_fail("%s: corrupt: unknown element type 0x%02x", idx->path, code);
    }
}

static void host_idx_dimension(HostIdx *idx, uint64_t dimension) {
    size_t length = strlen(idx->shape);
    snprintf(idx->shape + length, sizeof idx->shape - length, "%s%llu", length ? "x" : "",
             (unsigned long long)dimension);
    idx->elements = host_idx_product(idx, idx->elements, dimension);
}

/* Deflate cannot shrink data to less than 1/1032. */
static void host_idx_check_size(const HostIdx *idx, uint64_t header, uint64_t payload) {
    unsigned long long promised = payload, there = idx->file_bytes;
    if (!gzdirect(idx->file)) {
        if (payload / 1032 > idx->file_bytes)
            host_fail("%s: truncated or corrupt: the header promises %llu bytes, more than a "
                      "compressed file of %llu bytes can hold",
                      idx->path, promised, there);
        return;
    }
    there = idx->file_bytes < header ? 0 : idx->file_bytes - header;
    if (there < promised)
        host_fail("%s: truncated: the header promises %llu bytes, but only %llu follow it",
                  idx->path, promised, there);
    if (there > promised)
        host_fail("%s: corrupt: %llu bytes follow the last sample", idx->path, there - promised);
}

static uint64_t host_idx_bytes(const HostIdx *idx) {
    uint64_t count = host_idx_product(idx, idx->samples, idx->elements);
    return host_idx_product(idx, count, host_type_bytes(idx->type));
}

static void host_idx_header(HostIdx *idx) {
    unsigned char bytes[4 + 4 * HOST_IDX_MOST_DIMENSIONS];
    host_idx_read_all(idx, bytes, 4, "an IDX header");
    const size_t rank = bytes[3];
    if (bytes[0] || bytes[1])
        host_fail("%s: not an IDX file: it starts with 0x%02x%02x, not 0x0000", idx->path, bytes[0],
                  bytes[1]);
    host_idx_type(idx, bytes[2]);
    if (rank < 1 || rank > HOST_IDX_MOST_DIMENSIONS)
        host_fail("%s: corrupt: %zu dimensions", idx->path, rank);
    host_idx_read_all(idx, bytes + 4, 4 * rank, "the list of dimensions");
    idx->samples = host_big_endian(bytes + 4, 4);
    idx->elements = 1;
    for (size_t i = 1; i < rank; i++)
        host_idx_dimension(idx, host_big_endian(bytes + 4 + 4 * i, 4));
    host_idx_check_size(idx, 4 + 4 * rank, host_idx_bytes(idx));
}

static HostIdx host_idx_open(const char *path) {
    HostIdx idx = {.path = path};
    struct stat status;
    if (stat(path, &status) != 0)
        host_fail("%s: %s", path, strerror(errno));
    idx.file_bytes = (uint64_t)status.st_size;
    errno = 0;
    idx.file = gzopen(path, "rb");
    if (!idx.file)
        host_fail("%s: %s", path, errno ? strerror(errno) : "out of memory");
    gzbuffer(idx.file, 1 << 17);
    host_idx_header(&idx);
    return idx;
}

/* To the sample where a part begins. A compressed file is read on the way, and not kept. */
static void host_idx_skip(HostIdx *idx, uint64_t bytes) {
    const z_off_t most = 1 << 30; /* z_off_t may have 32 bits */
    while (bytes > 0) {
        const z_off_t step = bytes < (uint64_t)most ? (z_off_t)bytes : most;
        if (gzseek(idx->file, step, SEEK_CUR) < 0)
            host_fail("%s: cannot read: %s", idx->path, strerror(errno));
        bytes -= (uint64_t)step;
    }
}

/* The samples of a part. Reading past the end makes zlib compare its checksum: the rank that has
 * the last part does. */
static unsigned char *host_idx_payload(HostIdx *idx, HostPart part) {
    unsigned char extra;
    if (host_idx_bytes(idx) > SIZE_MAX)
        host_fail("%s: does not fit the memory", idx->path);
    const uint64_t sample = idx->elements * host_type_bytes(idx->type);
    unsigned char *payload = host_alloc((size_t)(part.count * sample), 1);
    host_idx_skip(idx, part.first * sample);
    host_idx_read_all(idx, payload, part.count * sample, "what the header promises");
    if (part.first + part.count == idx->samples && host_idx_read(idx, &extra, 1))
        host_fail("%s: corrupt: bytes follow the last sample", idx->path);
    gzclose_r(idx->file);
    return payload;
}

static int64_t host_idx_element(const HostIdx *idx, const unsigned char *payload, size_t index) {
    const size_t bytes = host_type_bytes(idx->type);
    const int64_t value = (int64_t)host_big_endian(payload + index * bytes, bytes);
    return value > host_type_most(idx->type) ? value - ((int64_t)1 << (8 * bytes)) : value;
}

static void host_idx_check_inputs(const HostModel *model, const HostIdx *idx) {
    if (!idx->samples)
        host_fail("%s: holds no samples", idx->path);
    if (idx->type != model->input_type)
        host_fail("%s: holds %s, but the model takes %s", idx->path, host_type_name(idx->type),
                  host_type_name(model->input_type));
    if (idx->elements != model->inputs)
        host_fail("%s: samples of %s = %llu elements, but the model takes %zu", idx->path,
                  idx->shape[0] ? idx->shape : "1", (unsigned long long)idx->elements,
                  model->inputs);
}

/* This rank's share. */
static HostSamples host_idx_inputs(const HostModel *model, const char *path) {
    HostIdx idx = host_idx_open(path);
    host_idx_check_inputs(model, &idx);
    const HostPart part = host_part((size_t)idx.samples, (size_t)host_rank, (size_t)host_ranks);
    unsigned char *payload = host_idx_payload(&idx, part);
    if (host_type_bytes(idx.type) > 1)
        for (size_t i = 0; i < part.count * model->inputs; i++)
            host_put(idx.type, payload, i, host_idx_element(&idx, payload, i));
    return (HostSamples){.samples = part.count, .inputs = payload, .first = part.first,
                         .all = (size_t)idx.samples};
}

static unsigned char *host_idx_labels(const HostModel *model, const char *path,
                                      const HostSamples *samples, const char *images) {
    HostIdx idx = host_idx_open(path);
    if (idx.elements != 1 || idx.shape[0])
        host_fail("%s: labels of %s elements, where one number a sample is due", path, idx.shape);
    if (idx.samples != samples->all)
        host_fail("%s: %llu labels for the %zu samples of %s", path,
                  (unsigned long long)idx.samples, samples->all, images);
    unsigned char *payload = host_idx_payload(&idx, (HostPart){samples->first, samples->samples});
    unsigned char *targets = host_alloc(samples->samples, host_target_bytes(model));
    for (size_t i = 0; i < samples->samples; i++) {
        int64_t label = host_idx_element(&idx, payload, i);
        if (label < 0 || label >= model->classes)
            host_fail("%s: label %lld of sample %zu is outside 0..%d", path, (long long)label,
                      samples->first + i,
                      model->classes - 1);
        host_put_class(model, targets, i, label);
    }
    free(payload);
    return targets;
}

/* ---- the four files of a folder -------------------------------------------------------------- */

static const char *const host_idx_names[4] = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
};

/* `folder/name`, else `folder/name.gz`, else NULL. */
static char *host_idx_path(const char *folder, const char *name) {
    char *plain = host_print("%s/%s", folder, name);
    if (host_is_file(plain))
        return plain;
    char *zipped = host_print("%s.gz", plain);
    free(plain);
    if (host_is_file(zipped))
        return zipped;
    free(zipped);
    return NULL;
}

static bool host_idx_is_in(const char *folder) {
    for (int i = 0; i < 4; i++) {
        char *file = host_idx_path(folder, host_idx_names[i]);
        free(file);
        if (file)
            return true;
    }
    return false;
}

static void host_idx_help(const char *name) {
    if (strstr(name, "fashion"))
        fputs("apt-get install dataset-fashion-mnist\n", stderr);
    else
        fprintf(stderr,
                "place the four IDX files (%s, ...; .gz or not)\n"
                "      in one of these folders%s, or name theirs with --data DIR\n",
                host_idx_names[0],
                strcmp(name, "mnist") == 0 ? " (examples/fetch_mnist does)" : "");
}

static char *host_idx_demand(const char *folder, const char *name) {
    char *path = host_idx_path(folder, name);
    if (!path)
        host_fail("%s: holds no %s (nor %s.gz)", folder, name, name);
    return path;
}

static HostSamples host_idx_pair(const HostModel *model, const char *folder, int first) {
    char *images = host_idx_demand(folder, host_idx_names[first]);
    char *labels = host_idx_demand(folder, host_idx_names[first + 1]);
    HostSamples samples = host_idx_inputs(model, images);
    samples.targets = host_idx_labels(model, labels, &samples, images);
    free(images);
    free(labels);
    return samples;
}

/* The files bring their own split into samples to train and to test. */
static void host_load_idx(const HostModel *model, const char *folder, uint64_t split,
                          HostData *data) {
    (void)split;
    if (!model->classes)
        host_fail("idx data has class labels, but the target is real-valued");
    data->train = host_idx_pair(model, folder, 0);
    data->test = host_idx_pair(model, folder, 2);
}

static const HostSource host_source_idx = {
    .kind = "idx", .load = host_load_idx, .holds = host_idx_is_in, .print_help = host_idx_help};
