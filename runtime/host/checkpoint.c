#include "host.h"

#include <fcntl.h>

/* A checkpoint (`--checkpoint`): all that a training needs to go on from the end of an epoch, so
 * that it ends with the same bits as if it had never stopped.
 *
 * The file is the head, a row of 64-bit numbers, then every element of what the model keeps, then a
 * checksum; all of it little-endian. It is written beside its final name, and renamed when it is
 * complete and on the disk: the file of that name is always whole. Whoever reads it believes
 * nothing: a file of another length, model or data, with a wrong checksum, or with an element
 * beyond the bound that the generated code relies on, is refused. */

enum {
    HOST_CHECK_MARK,    /* what kind of file it is */
    HOST_CHECK_MODEL,   /* names, types and sizes of what the model keeps */
    HOST_CHECK_SEED,
    HOST_CHECK_SPLIT,
    HOST_CHECK_SAMPLES, /* to train on */
    HOST_CHECK_EPOCHS,  /* finished */
    HOST_CHECK_STEP,    /* batches */
    HOST_CHECK_HEAD     /* numbers in the head */
};

static const uint64_t host_check_mark = UINT64_C(0x31706B6863746E69); /* "intchkp1" */

typedef struct {
    const char *path;
    unsigned char *bytes; /* all of the file */
    size_t count;
} HostCheckpoint;

/* ---- bytes ---- */

static void host_put_bytes(unsigned char *to, uint64_t value, size_t count) {
    for (size_t i = 0; i < count; i++)
        to[i] = (unsigned char)(value >> (8 * i) & 0xFF);
}

static uint64_t host_get_bytes(const unsigned char *from, size_t count) {
    uint64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value |= (uint64_t)from[i] << (8 * i);
    return value;
}

static uint64_t host_checksum(const unsigned char *bytes, size_t count) {
    uint64_t sum = count;
    for (size_t i = 0; i < count; i += 8)
        sum = host_mix(sum ^ host_get_bytes(bytes + i, count - i < 8 ? count - i : 8)) + 1;
    return sum;
}

static uint64_t host_text_sum(uint64_t sum, const char *text) {
    return host_mix(sum + host_checksum((const unsigned char *)text, strlen(text)));
}

/* The same for models that keep the same: name, precision, each member's name, type and size. */
static uint64_t host_model_mark(const HostModel *model) {
    uint64_t sum = host_text_sum(host_text_sum(model->batch, model->name), model->precision);
    for (const HostMember *at = model->members; at->name; at++) {
        sum = host_text_sum(sum, at->name);
        sum = host_mix(sum + at->count) + at->element_bytes;
        sum = host_mix(sum + (uint64_t)at->bound) + (uint64_t)(at->shift + 1024);
    }
    return sum;
}

/* ---- the state ---- */

static int64_t host_get_element(const HostMember *member, size_t index) {
    const unsigned char *elements = member->elements;
    const unsigned char *from = elements + index * member->element_bytes;
    int8_t byte;
    int16_t half;
    int32_t word;
    int64_t all;
    switch (member->element_bytes) {
    case 1:
        memcpy(&byte, from, sizeof byte);
        return byte;
    case 2:
        memcpy(&half, from, sizeof half);
        return half;
    case 4:
        memcpy(&word, from, sizeof word);
        return word;
    default:
        memcpy(&all, from, sizeof all);
        return all;
    }
}

static void host_put_element(const HostMember *member, size_t index, int64_t value) {
    unsigned char *to = (unsigned char *)member->elements + index * member->element_bytes;
    if (member->element_bytes == 1)
        memcpy(to, &(int8_t){(int8_t)value}, 1);
    else if (member->element_bytes == 2)
        memcpy(to, &(int16_t){(int16_t)value}, 2);
    else if (member->element_bytes == 4)
        memcpy(to, &(int32_t){(int32_t)value}, 4);
    else
        memcpy(to, &value, 8);
}

/* The element that `count` bytes of the file hold, a signed number. */
static int64_t host_read_element(const unsigned char *from, size_t count) {
    const uint64_t bits = host_get_bytes(from, count), sign = (uint64_t)1 << (8 * count - 1);
    return (bits & sign) == 0 ? (int64_t)bits : -1 - (int64_t)(~bits & (sign - 1));
}

static size_t host_state_bytes(const HostModel *model) {
    size_t count = 0;
    for (const HostMember *at = model->members; at->name; at++)
        count += at->count * at->element_bytes;
    return count;
}

static void host_pack_state(const HostModel *model, unsigned char *to) {
    for (const HostMember *at = model->members; at->name; at++)
        for (size_t i = 0; i < at->count; i++, to += at->element_bytes)
            host_put_bytes(to, (uint64_t)host_get_element(at, i), at->element_bytes);
}

/* Any 32 bits are a float; an integer has to be within the bound for which the compiler has proved
 * that nothing overflows. */
static void host_unpack_state(const HostModel *model, const char *path, const unsigned char *from) {
    for (const HostMember *at = model->members; at->name; at++)
        for (size_t i = 0; i < at->count; i++, from += at->element_bytes) {
            const int64_t value = host_read_element(from, at->element_bytes);
            if (at->bound && (value > at->bound || value < at->least))
                host_fail("%s: corrupt: element %zu of %s is %lld, its bound %lld", path, i,
                          at->name, (long long)value, (long long)at->bound);
            host_put_element(at, i, value);
        }
}

static HostCheckpoint host_checkpoint_new(const HostModel *model, const char *path) {
    HostCheckpoint checkpoint = {.path = path};
    checkpoint.count = 8 * (HOST_CHECK_HEAD + 1) + host_state_bytes(model);
    checkpoint.bytes = host_alloc(checkpoint.count, 1);
    return checkpoint;
}

static uint64_t host_head(const HostCheckpoint *checkpoint, size_t index) {
    return host_get_bytes(checkpoint->bytes + 8 * index, 8);
}

/* ---- writing ---- */

static void host_fill_checkpoint(HostCheckpoint *checkpoint, const HostModel *model,
                                 const HostTraining *training, unsigned epochs) {
    const uint64_t head[HOST_CHECK_HEAD] = {
        [HOST_CHECK_MARK] = host_check_mark,   [HOST_CHECK_MODEL] = host_model_mark(model),
        [HOST_CHECK_SEED] = training->seed,    [HOST_CHECK_SPLIT] = training->split,
        [HOST_CHECK_SAMPLES] = training->samples, [HOST_CHECK_EPOCHS] = epochs,
        [HOST_CHECK_STEP] = *model->step,
    };
    for (size_t i = 0; i < HOST_CHECK_HEAD; i++)
        host_put_bytes(checkpoint->bytes + 8 * i, head[i], 8);
    host_pack_state(model, checkpoint->bytes + sizeof head);
    host_put_bytes(checkpoint->bytes + checkpoint->count - 8,
                   host_checksum(checkpoint->bytes, checkpoint->count - 8), 8);
}

/* On the disk too, where the file system can say so. */
static void host_sync_folder(const char *path) {
    const char *slash = strrchr(path, '/');
    char *folder = slash ? host_print("%.*s", (int)(slash - path + 1), path) : host_print(".");
    const int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
    free(folder);
}

static bool host_write_all(int file, const unsigned char *bytes, size_t left) {
    while (left > 0) {
        const ssize_t written = write(file, bytes, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        left -= (size_t)written;
    }
    return true;
}

/* What lies under the temporary name, a link or a pipe perhaps, makes way. */
static void host_write_whole(const HostCheckpoint *checkpoint) {
    char *temporary = host_print("%s.new", checkpoint->path);
    unlink(temporary);
    const int file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (file < 0)
        host_fail("%s: %s", temporary, strerror(errno));
    const bool written =
        host_write_all(file, checkpoint->bytes, checkpoint->count) && fsync(file) == 0;
    int error = written ? 0 : errno;
    if (close(file) != 0 && !error)
        error = errno;
    if (!error && rename(temporary, checkpoint->path) != 0)
        error = errno;
    if (error) {
        unlink(temporary);
        host_fail("%s: cannot write: %s", checkpoint->path, strerror(error));
    }
    host_sync_folder(checkpoint->path);
    free(temporary);
}

/* After an epoch, by rank 0: all ranks have the same state. */
static void host_save(const HostModel *model, const char *path, const HostTraining *training,
                      unsigned epochs) {
    if (!path || host_rank > 0)
        return;
    HostCheckpoint checkpoint = host_checkpoint_new(model, path);
    host_fill_checkpoint(&checkpoint, model, training, epochs);
    host_write_whole(&checkpoint);
    free(checkpoint.bytes);
}

/* ---- reading ---- */

/* False if there is no such file. */
static bool host_read_whole(HostCheckpoint *checkpoint) {
    FILE *file = host_is_file(checkpoint->path) ? fopen(checkpoint->path, "rb") : NULL;
    if (!file && access(checkpoint->path, F_OK) != 0)
        return false;
    if (!file)
        host_fail("%s: cannot read it as a file", checkpoint->path);
    const size_t got = fread(checkpoint->bytes, 1, checkpoint->count, file);
    if (ferror(file))
        host_fail("%s: cannot read: %s", checkpoint->path, strerror(errno));
    if (got < checkpoint->count || getc(file) != EOF)
        host_fail("%s: a checkpoint of this model has %zu bytes, this file %s", checkpoint->path,
                  checkpoint->count, got < checkpoint->count ? "fewer" : "more");
    fclose(file);
    return true;
}

static void host_check_number(const HostCheckpoint *checkpoint, size_t index, uint64_t due,
                              const char *what) {
    const unsigned long long found = host_head(checkpoint, index), wanted = due;
    if (found != wanted)
        host_fail("%s: a checkpoint with %s %llu, where %llu is due", checkpoint->path, what, found,
                  wanted);
}

static void host_check_head(const HostCheckpoint *checkpoint, const HostModel *model,
                            const HostTraining *training) {
    const uint64_t sum = host_checksum(checkpoint->bytes, checkpoint->count - 8);
    const uint64_t epochs = host_head(checkpoint, HOST_CHECK_EPOCHS);
    if (host_head(checkpoint, HOST_CHECK_MARK) != host_check_mark)
        host_fail("%s: not a checkpoint", checkpoint->path);
    if (host_get_bytes(checkpoint->bytes + checkpoint->count - 8, 8) != sum)
        host_fail("%s: corrupt: the checksum is wrong", checkpoint->path);
    if (host_head(checkpoint, HOST_CHECK_MODEL) != host_model_mark(model))
        host_fail("%s: a checkpoint of another model", checkpoint->path);
    host_check_number(checkpoint, HOST_CHECK_SEED, training->seed, "seed");
    host_check_number(checkpoint, HOST_CHECK_SPLIT, training->split, "split");
    host_check_number(checkpoint, HOST_CHECK_SAMPLES, training->samples, "samples");
    if (epochs > 1000000)
        host_fail("%s: corrupt: %llu epochs", checkpoint->path, (unsigned long long)epochs);
    host_check_number(checkpoint, HOST_CHECK_STEP,
                      (uint32_t)(epochs * (training->samples / model->batch)), "step");
}

/* The number of epochs that the model has been trained for: 0 if there is no checkpoint. Rank 0
 * reads; it hands out what it has found to be right. */
static unsigned host_resume(const HostModel *model, const char *path,
                            const HostTraining *training) {
    uint64_t found = 0;
    if (!path)
        return 0;
    HostCheckpoint checkpoint = host_checkpoint_new(model, path);
    if (host_rank == 0 && host_read_whole(&checkpoint)) {
        host_check_head(&checkpoint, model, training);
        found = 1;
    }
    host_hand_out(&found, sizeof found);
    unsigned epochs = 0;
    if (found) {
        host_hand_out(checkpoint.bytes, checkpoint.count);
        host_unpack_state(model, path, checkpoint.bytes + 8 * HOST_CHECK_HEAD);
        *model->step = (uint32_t)host_head(&checkpoint, HOST_CHECK_STEP);
        epochs = (unsigned)host_head(&checkpoint, HOST_CHECK_EPOCHS);
    }
    free(checkpoint.bytes);
    return epochs;
}
