/* host.h - the trainer for the host: every type, and the order of its files.
 *
 * `intc compile --driver` pastes this header and then the files below, in this order, into
 * MODEL_main.c, followed by a descriptor of the model; the result is one translation unit that
 * needs C11, POSIX and one library (zlib for IDX, libcsv for delimited text):
 *
 *     message.c tiles.c (alone.c or mpi.c) random.c data.c find.c
 *     (idx.c, csv.c, synthetic.c or text.c) progress.c statistics.c
 *     log.c options.c interrupt.c checkpoint.c (whole.c or slices.c) train.c
 *
 * The second of each pair of ranks is for `--for=distributed`, and needs MPI. What both define has
 * the same names, so that the rest knows nothing of it: alone, there is one rank, number 0.
 *
 * Each file's first line is `#include "host.h"`, for editors and unit tests; the compiler strips
 * that line when it pastes. The model's own header comes after all of this, so that a model may be
 * called `data` or `batch` without meeting a local variable of the same name. Whatever stands at
 * file scope starts with `host_`, `Host` or `HOST_`.
 */
#ifndef HOST_H
#define HOST_H

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Raw integers, as the generated code takes them. */
typedef enum { HOST_u8, HOST_i8, HOST_i16, HOST_i32 } HostType;

/* Samples side by side, as `train` takes them: raw inputs, and class numbers (one byte up to 256
 * classes, else two) or raw real-valued targets. Of a data set these are a rank's share. */
typedef struct {
    size_t samples;
    unsigned char *inputs, *targets;
    size_t first, all; /* of the data set: number of the first sample at hand; how many there are */
} HostSamples;

typedef struct {
    HostSamples train, test; /* `test` may be empty */
} HostData;

/* A cast whose results are counted: the name that people know, the tensor, and what one unit of its
 * sum of squares is worth, 2^square_exponent. */
typedef struct {
    const char *name, *tensor;
    int square_exponent;
} HostCounter;

/* What the model keeps of a training, for checkpoints. */
typedef struct {
    const char *name;
    void *elements;
    size_t count, element_bytes;
    int shift;
    int64_t bound, least; /* of each element; bound 0: they are floats */
} HostMember;

/* An array of the sums of gradients. */
typedef struct {
    void *elements;
    size_t count;
} HostArray;

/* Called as the backward pass goes on: how many elements of each array of sums are complete. */
typedef void HostReady(void *context, uint32_t sums_i32, uint32_t sums_i64);

/* Called in the middle of the passes: sums over a slice become those over the whole batch. */
typedef void HostAddUp(void *context, int64_t *sums, uint32_t count);

typedef struct HostModel HostModel;

/* A kind of data: its file says how they are found and read, or made. */
typedef struct {
    const char *kind; /* as the model file names it */
    /* `path` is what was found, or the name of data that are made. */
    void (*load)(const HostModel *model, const char *path, uint64_t split, HostData *data);
    bool splits;                           /* by the seed `split`; else that means nothing */
    bool made;                             /* found nowhere */
    bool (*holds)(const char *path);       /* whether they lie there; NULL: they are a file */
    void (*print_help)(const char *name);  /* where they lie nowhere; NULL: the help for a file */
} HostSource;

/* What the trainer knows of the model, and how it calls the generated code. */
struct HostModel {
    const char *name, *precision;
    size_t inputs; /* raw integers of one sample */
    HostType input_type;
    double input_unit;
    int classes;    /* 0: the target is real-valued */
    size_t targets; /* raw integers of a real-valued target; a sample's classes: 1, or 1 a step */
    HostType target_type;
    double target_unit;

    const HostSource *source;
    const char *data_name; /* "": only --data tells */
    const char *folder;    /* where the model file lies */
    const char *label;     /* csv: the label column, or the first of several; "": the last */
    double test_share;     /* csv, text: share of the rows or bytes kept for the test */
    uint64_t split;        /* csv, synthetic: seed of the split */
    size_t train_samples, test_samples; /* synthetic: how many are made */

    size_t batch;
    int most_threads; /* 1: built without OpenMP */
    void (*set_threads)(int threads);
    unsigned epochs;
    double stop_accuracy; /* 0: none */
    uint64_t seed;

    void (*init)(uint64_t seed);
    void (*set_epoch)(uint32_t epoch);                       /* counts from 0 */
    uint32_t (*train)(void *inputs, void *targets);          /* one batch; mean loss, Q16 */
    uint32_t (*correct)(void);                               /* in the batch just trained */
    int (*classify)(const void *input);                      /* one class a sample only */
    uint32_t (*loss)(const void *input, const void *target); /* others, Q16; `correct`: of steps */
    unsigned average_last;    /* epochs over which weights are averaged; 0: they are not */
    void (*collect)(int first); /* after each of these epochs */
    void (*average)(void);
    const uint32_t *collected; /* epochs so far */
    uint64_t (*hash)(void);
    const HostMember *members; /* ends with NULL */
    uint32_t *step;            /* batches trained so far */
    const HostCounter *counters; /* ends with NULL */
    void (*statistics)(uint64_t saturated[], uint64_t squares[], uint64_t seen[]); /* or NULL */

    /* Instead of `train`, for many ranks: the gradients of a slice of a batch, which returns the
     * sum of the losses, and the update. */
    uint64_t (*gradients)(void *inputs, void *targets, uint32_t first, uint32_t count,
                          HostReady *ready, HostAddUp *add_up, void *context);
    void (*apply)(void);
    HostArray sums[2]; /* i32, i64 */
};

typedef struct {
    const char *data; /* --data, or NULL */
    const char *log;  /* --log, or NULL */
    const char *checkpoint; /* --checkpoint, or NULL */
    unsigned epochs;
    uint64_t seed, split;
    int threads; /* --threads, or 0 */
    bool quiet, help;
} HostOptions;

/* What a counter found. */
typedef struct {
    const HostCounter *counter; /* NULL ends the list */
    double saturated;           /* share, of the whole run */
    double rms;                 /* of the epoch in which it was largest; in units of the model */
} HostStatistic;

/* What a training depends on beside the model. */
typedef struct {
    uint64_t seed, split;
    size_t samples; /* to train on, of all ranks */
} HostTraining;

/* What a step of the training came to, over all ranks. */
typedef struct {
    uint32_t loss;  /* mean of the batch, Q16 */
    uint64_t right; /* of classes */
    bool interrupted;
} HostStep;

/* What many ranks had to do with each other in an epoch. */
typedef struct {
    uint64_t reduced;   /* bytes of sums, mostly of gradients, that each rank adds up in a step */
    uint64_t exchanged; /* bytes of samples that ranks sent each other */
    double computing, waiting; /* seconds that rank 0 made gradients, and waited for their sums */
} HostTraffic;

/* What one epoch, or the whole run, came to. Negative: there is none. */
typedef struct {
    unsigned epochs; /* finished so far */
    size_t samples;  /* trained in this epoch */
    double loss, train_accuracy;
    double test; /* accuracy, or the loss where the target is real-valued */
    double test_loss; /* beside the accuracy of steps */
    unsigned averaged; /* epochs; `test` is that of the mean of their weights; 0: there is none */
    double seconds;
    HostTraffic traffic;
    bool interrupted;
} HostResult;

#endif
