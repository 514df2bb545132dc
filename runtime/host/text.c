#include "host.h"

/* Text: a file of bytes, each of which is an index and a class. Windows of as many bytes as the
 * model takes are the samples, and the byte behind each is what is to be told. Where each step has
 * a class, windows stand side by side; where only the last has one, each begins a byte behind the
 * one before. The end of the file is for the test: no byte of it is in a window to train on. */

typedef struct {
    const char *path;
    unsigned char *bytes;
    size_t count;
} HostText;

enum { HOST_TEXT_PIECE = 1 << 20 };

static HostText host_text_read(const char *path) {
    HostText text = {.path = path};
    size_t capacity = 0, got;
    FILE *file = fopen(path, "rb");
    if (!file)
        host_fail("%s: %s", path, strerror(errno));
    do {
        if (capacity - text.count < HOST_TEXT_PIECE) {
            capacity = 2 * capacity + HOST_TEXT_PIECE;
            text.bytes = realloc(text.bytes, capacity);
            if (!text.bytes)
                host_fail("out of memory (%zu bytes)", capacity);
        }
        got = fread(text.bytes + text.count, 1, HOST_TEXT_PIECE, file);
        text.count += got;
    } while (got > 0);
    if (ferror(file))
        host_fail("%s: cannot read: %s", path, strerror(errno));
    fclose(file);
    return text;
}

static void host_text_check(const HostModel *model, const HostText *text) {
    size_t line = 1;
    for (size_t i = 0; i < text->count; i++) {
        if (text->bytes[i] >= model->classes || text->bytes[i] > host_type_most(model->input_type))
            host_fail("%s:%zu: a byte of %d, but the model takes 0 to %lld as %s", text->path, line,
                      text->bytes[i], (long long)model->classes - 1,
                      host_type_name(model->input_type));
        line += text->bytes[i] == '\n';
    }
}

/* This rank's share of the windows of bytes `first` to `end`. */
static HostSamples host_text_windows(const HostModel *model, const HostText *text, size_t first,
                                     size_t end) {
    const size_t width = model->inputs, stride = model->targets;
    const size_t all = end - first > width ? (end - first - 1 - width) / stride + 1 : 0;
    const HostPart part = host_part(all, (size_t)host_rank, (size_t)host_ranks);
    HostSamples share = host_samples_new(model, part.count);
    share.first = part.first;
    share.all = all;
    for (size_t i = 0; i < part.count; i++) {
        const unsigned char *from = text->bytes + first + (part.first + i) * stride;
        for (size_t k = 0; k < width; k++)
            host_put(model->input_type, share.inputs, i * width + k, from[k]);
        for (size_t k = 0; k < stride; k++)
            host_put_class(model, share.targets, i * stride + k, from[width - stride + k + 1]);
    }
    return share;
}

static void host_load_text(const HostModel *model, const char *path, uint64_t split,
                           HostData *data) {
    (void)split;
    if (!model->classes || (model->targets != 1 && model->targets != model->inputs))
        host_fail("%s: a text has one class for each step, or one for each window", path);
    HostText text = host_text_read(path);
    host_text_check(model, &text);
    const size_t trained = text.count - (size_t)floor((double)text.count * model->test_share + 0.5);
    data->train = host_text_windows(model, &text, 0, trained);
    data->test = host_text_windows(model, &text, trained, text.count);
    free(text.bytes);
}

static const HostSource host_source_text = {.kind = "text", .load = host_load_text};
