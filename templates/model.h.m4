/* INTC_MODEL.h - trains the network `INTC_MODEL` in INTC_PRECISION. Written by intc INTC_VERSION; do not edit.
 *
INTC_SCHEDULE * Memory: INTC_STATE_BYTES bytes of parameters and optimizer state, INTC_SCRATCH_BYTES bytes of working memory,
 * all of it inside one `INTC_MODEL`, which the caller places. No heap, no writable globals. */
#ifndef INTC_MODEL_UPPER[<>]_H
#define INTC_MODEL_UPPER[<>]_H

#include <stdint.h>

#define INTC_MODEL_UPPER[<>]_BATCH INTC_BATCH
#define INTC_MODEL_UPPER[<>]_INPUTS INTC_INPUTS
m4_ifelse(INTC_CLASSES, 0, [<#define INTC_MODEL_UPPER[<>]_OUTPUTS INTC_ANSWERS>],
[<#define INTC_MODEL_UPPER[<>]_CLASSES INTC_CLASSES>])
#define INTC_MODEL_UPPER[<>]_LOGITS_SHIFT INTC_ANSWER_SHIFT /* a logit q is worth q * 2^-INTC_ANSWER_SHIFT */
m4_ifelse(INTC_AVERAGE_LAST, 0, [<>], [<m4_dnl
#define INTC_MODEL_UPPER[<>]_AVERAGE_LAST INTC_AVERAGE_LAST /* epochs whose parameters are averaged */
>])m4_dnl
#define INTC_MODEL_UPPER[<>]_COUNTERS INTC_COUNTERS /* tensors whose saturation is counted */

/* Everything that training needs. Complete, so that the caller can place it, statically too; its
 * members are for the functions below. */
m4_define([<INTC_MEMBER>], [<    $1 $2[$3]; /* $4 m4_ifelse(INTC_FLOAT, 1, [<>], [<>>$5 >])*/
>])m4_dnl
m4_define([<INTC_POOL>], [<    $1 $2[$3];
>])m4_dnl
m4_define([<INTC_SUMS_ARRAY>], [<    $1 $2[$3];
>])m4_dnl
#if defined _OPENMP && !defined INTC_MODEL_UPPER[<>]_THREADS
#define INTC_MODEL_UPPER[<>]_THREADS 16 /* at most; the same for every file that includes this one */
#endif

m4_ifelse(INTC_WHOLE_BATCH, 1, [<m4_dnl
/* Called in the middle of the passes: `count` sums over a slice of the batch are to become the sums
 * over all slices, each of which comes here in turn with its own. They are exact, whatever the
 * order of addition. */
typedef void INTC_MODEL[<>]_add_up(void *context, int64_t *sums, uint32_t count);

>])m4_dnl
typedef struct INTC_MODEL {
    /* activations, errors, sums: a pool for each type, shared by buffers not alive together */
INTC_POOLS
m4_ifelse(INTC_GROUPS, 0, [<>], [<m4_dnl
#if defined __SSE2__ || defined __ARM_NEON
    uint32_t groups[INTC_GROUPS]; /* of elements, in the order that vector instructions want */
#endif
>])m4_dnl
m4_ifelse(INTC_DISTRIBUTED, 1, [<
    /* gradients, summed over the samples of a batch, in the order of the backward pass */
INTC_SUMS_ARRAYS
>])
    /* parameters, their master copies, optimizer state; those that are whole cache lines first */
INTC_MEMBERS
INTC_ODD_MEMBERS
    uint64_t seed;
    uint32_t step;     /* batches trained so far */
    uint32_t correct;  /* right answers in the last batch, before its update */
m4_ifelse(INTC_STEPS_OF_CLASSES, 1, [<>], [<m4_dnl
    uint32_t told;     /* steps of it that have a class, and are not masked */
>])m4_dnl
m4_ifelse(INTC_AVERAGE_LAST, 0, [<>], [<m4_dnl
    uint32_t collected; /* epochs whose parameters are added up, for their mean */
>])m4_dnl
    int32_t rate_factor; /* of the learning rate in this epoch; 2^INTC_RATE_FACTOR_SHIFT stands for 1 */
m4_ifelse(INTC_TRAINING, 1, [<m4_dnl
    uint32_t training; /* 1 while a batch is trained, 0 in inference: some steps differ */
>])m4_dnl
m4_ifelse(INTC_DISTRIBUTED, 1, [<m4_dnl
    uint32_t first;    /* of the samples at hand: its number in the batch */
m4_ifelse(INTC_WHOLE_BATCH, 1, [<m4_dnl
    INTC_MODEL[<>]_add_up *add_up; /* while gradients are made */
    void *context;
>])m4_dnl
>])m4_dnl

m4_ifelse(INTC_PARALLEL, 1, [<
#ifdef _OPENMP
    struct { /* sums, gradient rows and draws of each thread */
m4_define([<INTC_POOL>], [<        $1 $2[$3];
>])m4_dnl
INTC_OWN_POOLS[<>]m4_dnl
    } own[INTC_MODEL_UPPER[<>]_THREADS];
#endif
>])m4_dnl

#ifdef INT_STATISTICS
    uint64_t saturated[INTC_MODEL_UPPER[<>]_COUNTERS + 1], seen[INTC_MODEL_UPPER[<>]_COUNTERS + 1];
    uint64_t squares[INTC_MODEL_UPPER[<>]_COUNTERS + 1];
#endif
} INTC_MODEL;

#ifdef __cplusplus
extern "C" {
#endif

/* First weights, from the seed alone; step and optimizer state zero. Call it before all others. */
void INTC_MODEL[<>]_init(INTC_MODEL *m, uint64_t seed);

/* The network's answer to one sample: INTC_ANSWERS values, each worth 2^-INTC_ANSWER_SHIFT. */
void INTC_MODEL[<>]_infer(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS], int16_t logits[INTC_ANSWERS]);

m4_ifelse(INTC_CLASSES, 0, [<>], INTC_TARGET_ROW, [<>], [</* The class with the largest logit; the lowest of equal ones. */
int INTC_MODEL[<>]_classify(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS]);
>], [</* The same as classes: at each step that with the largest logit; the lowest of equal ones. */
void INTC_MODEL[<>]_classify(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS], INTC_TARGET_C_TYPE INTC_TARGET_PARAMETER[<>]INTC_TARGET_ROW);
>])
/* One step of training on INTC_BATCH samples. Returns the mean loss in units of 2^-16,
 * UINT32_MAX at most.[<>]m4_ifelse(INTC_STEPS_OF_CLASSES, 1, [<>], [< A step whose class is INTC_CLASSES or more is masked: it has no error and no loss, and no part in the mean.>]) */
uint32_t INTC_MODEL[<>]_train(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[][INTC_INPUTS],
                    const INTC_TARGET_C_TYPE INTC_TARGET_PARAMETER[]INTC_TARGET_ROW);

m4_ifelse(INTC_DISTRIBUTED, 1, [<m4_dnl
/* The same in two halves, for a batch that is split: over calls, over machines. Each sample of the
 * batch is in one slice; the sums of all slices are exact and fit their types, in whatever order
 * they are added.
 *
 * Adds the gradients of the `count` samples from sample `first` of the batch on to the sums in `m`.
 * Returns the sum of their losses; INTC_MODEL[<>]_correct then tells of this slice. `ready`, if not
 * NULL, is called as the backward pass goes on, with how many elements of each array of sums are
 * complete.m4_ifelse(INTC_WHOLE_BATCH, 1, [<
 *
 * Some steps need sums over the whole batch, for which they call `add_up`: so all slices are computed
 * at a time, each with an `m` of its own, and one of no samples calls as often as the others. NULL:
 * the slice is the whole batch.>]) */
typedef void INTC_MODEL[<>]_ready(void *context, uint32_t sums_i32, uint32_t sums_i64);
uint64_t INTC_MODEL[<>]_gradients(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[][INTC_INPUTS],
                        const INTC_TARGET_C_TYPE INTC_TARGET_PARAMETER[]INTC_TARGET_ROW, uint32_t first, uint32_t count,
                        INTC_MODEL[<>]_ready *ready, m4_ifelse(INTC_WHOLE_BATCH, 1, [<INTC_MODEL[<>]_add_up *add_up, >])void *context);

/* One update from the sums of a whole batch, which it clears. */
void INTC_MODEL[<>]_apply(INTC_MODEL *m);

>])m4_dnl
/* The loss of one sample, in units of 2^-16m4_ifelse(INTC_STEPS_OF_CLASSES, 1, [<>], [<, the mean over its steps that have a class;
 * INTC_MODEL[<>]_correct tells of it>]); trains nothing. */
uint32_t INTC_MODEL[<>]_loss(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS],
                   const INTC_TARGET_C_TYPE *INTC_TARGET_PARAMETER);

/* Right answers in the last batch, counted before its update[<>]m4_ifelse(INTC_STEPS_OF_CLASSES, 1, [<>], [<: one for each step of each sample>]). */
uint32_t INTC_MODEL[<>]_correct(const INTC_MODEL *m);

/* Of parameters, optimizer state and step: equal if and only if two trainings agree. */
uint64_t INTC_MODEL[<>]_hash(const INTC_MODEL *m);

m4_ifelse(INTC_AVERAGE_LAST, 0, [<>], [<m4_dnl
/* Weight averaging. After each of the last INTC_AVERAGE_LAST epochs: adds the parameters to their
 * sums; where `first` is not 0, what was added before is forgotten. At most INTC_AVERAGE_LAST
 * times. */
void INTC_MODEL[<>]_collect(INTC_MODEL *m, int first);

/* Behind the last of them: parameters become their means, rounded to the nearest, and infer, loss
 * and hash are those of the means. Without any collected nothing changes. */
void INTC_MODEL[<>]_average(INTC_MODEL *m);

>])m4_dnl
/* Epochs count from 0; sets the learning rate of the schedule. */
void INTC_MODEL[<>]_set_epoch(INTC_MODEL *m, uint32_t epoch);

#ifdef INT_STATISTICS
/* Of each counted tensor: how many elements stood at the limit of their format; the sum of the
 * squares, in units of 2^28 where the format has more than 16 bits; how many there were. */
void INTC_MODEL[<>]_statistics(const INTC_MODEL *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[]);
#endif

#ifdef __cplusplus
}
#endif

#endif
