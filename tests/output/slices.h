/* slices.h - trains the network `slices` in i32. Written by intc 0.1.0; do not edit.
 *
 *     activation x i32[6] >>23
 *     parameter  h.weights i32[5,6] >>26
 *     parameter  h.bias i32[5] >>22
 *     activation h.dense i32[5] >>19
 *     activation h i32[5] >>19
 *     parameter  out.weights i32[2,5] >>26
 *     parameter  out.bias i32[2] >>22
 *     activation out.dense i32[2] >>22
 *     parameter  out.weights2 i32[2,6] >>26
 *     parameter  out.bias2 i32[2] >>22
 *     activation out.dense2 i32[2] >>22
 *     activation out i16[2] >>8
 *     error      out.error i32[2] >>21
 *     master     out.weights2.master i32[2,6] >>26
 *     state      out.weights2.momentum i32[2,6] >>26
 *     master     out.bias2.master i32[2] >>22
 *     state      out.bias2.momentum i32[2] >>22
 *     error      h.error i32[5] >>21
 *     master     out.weights.master i32[2,5] >>26
 *     state      out.weights.momentum i32[2,5] >>26
 *     master     out.bias.master i32[2] >>22
 *     state      out.bias.momentum i32[2] >>22
 *     error      h.dense.error i32[5] >>21
 *     master     h.weights.master i32[5,6] >>26
 *     state      h.weights.momentum i32[5,6] >>26
 *     master     h.bias.master i32[5] >>22
 *     state      h.bias.momentum i32[5] >>22
 * Memory: 732 bytes of parameters and optimizer state, 1472 bytes of working memory,
 * all of it inside one `slices`, which the caller places. No heap, no writable globals. */
#ifndef SLICES_H
#define SLICES_H

#include <stdint.h>

#define SLICES_BATCH 6
#define SLICES_INPUTS 6
#define SLICES_OUTPUTS 2
#define SLICES_LOGITS_SHIFT 8 /* a logit q is worth q * 2^-8 */
#define SLICES_COUNTERS 7 /* tensors whose saturation is counted */

/* Everything that training needs. Complete, so that the caller can place it, statically too; its
 * members are for the functions below. */
#if defined _OPENMP && !defined SLICES_THREADS
#define SLICES_THREADS 16 /* at most; the same for every file that includes this one */
#endif

typedef struct slices {
    /* activations, errors, sums: a pool for each type, shared by buffers not alive together */
    int16_t i16[32];
    int32_t i32[160];
    int64_t i64[8];

    /* gradients, summed over the samples of a batch, in the order of the backward pass */
    int64_t sums_i64[88];

    /* parameters, their master copies, optimizer state; those that are whole cache lines first */

    int32_t h_weights[30]; /* [5,6] >>26 */
    int32_t h_weights_master[30]; /* [5,6] >>26 */
    int32_t h_weights_momentum[30]; /* [5,6] >>26 */
    int32_t h_bias[5]; /* [5] >>22 */
    int32_t h_bias_master[5]; /* [5] >>22 */
    int32_t h_bias_momentum[5]; /* [5] >>22 */
    int32_t out_weights[10]; /* [2,5] >>26 */
    int32_t out_weights_master[10]; /* [2,5] >>26 */
    int32_t out_weights_momentum[10]; /* [2,5] >>26 */
    int32_t out_bias[2]; /* [2] >>22 */
    int32_t out_bias_master[2]; /* [2] >>22 */
    int32_t out_bias_momentum[2]; /* [2] >>22 */
    int32_t out_weights2[12]; /* [2,6] >>26 */
    int32_t out_weights2_master[12]; /* [2,6] >>26 */
    int32_t out_weights2_momentum[12]; /* [2,6] >>26 */
    int32_t out_bias2[2]; /* [2] >>22 */
    int32_t out_bias2_master[2]; /* [2] >>22 */
    int32_t out_bias2_momentum[2]; /* [2] >>22 */

    uint64_t seed;
    uint32_t step;     /* batches trained so far */
    uint32_t correct;  /* right answers in the last batch, before its update */
    int32_t rate_factor; /* of the learning rate in this epoch; 2^0 stands for 1 */
    uint32_t first;    /* of the samples at hand: its number in the batch */

#ifdef _OPENMP
    struct { /* sums, gradient rows and draws of each thread */
        int32_t i32[32];
        int64_t i64[8];
    } own[SLICES_THREADS];
#endif

#ifdef INT_STATISTICS
    uint64_t saturated[SLICES_COUNTERS + 1], seen[SLICES_COUNTERS + 1];
    uint64_t squares[SLICES_COUNTERS + 1];
#endif
} slices;

#ifdef __cplusplus
extern "C" {
#endif

/* First weights, from the seed alone; step and optimizer state zero. Call it before all others. */
void slices_init(slices *m, uint64_t seed);

/* The network's answer to one sample: 2 values, each worth 2^-8. */
void slices_infer(slices *m, const int16_t x[6], int16_t logits[2]);

/* One step of training on 6 samples. Returns the mean loss in units of 2^-16,
 * UINT32_MAX at most. */
uint32_t slices_train(slices *m, const int16_t x[][6],
                    const int16_t y[][2]);

/* The same in two halves, for a batch that is split: over calls, over machines. Each sample of the
 * batch is in one slice; the sums of all slices are exact and fit their types, in whatever order
 * they are added.
 *
 * Adds the gradients of the `count` samples from sample `first` of the batch on to the sums in `m`.
 * Returns the sum of their losses; slices_correct then tells of this slice. `ready`, if not
 * NULL, is called as the backward pass goes on, with how many elements of each array of sums are
 * complete. */
typedef void slices_ready(void *context, uint32_t sums_i32, uint32_t sums_i64);
uint64_t slices_gradients(slices *m, const int16_t x[][6],
                        const int16_t y[][2], uint32_t first, uint32_t count,
                        slices_ready *ready, void *context);

/* One update from the sums of a whole batch, which it clears. */
void slices_apply(slices *m);

/* The loss of one sample, in units of 2^-16; trains nothing. */
uint32_t slices_loss(slices *m, const int16_t x[6],
                   const int16_t *y);

/* Right answers in the last batch, counted before its update. */
uint32_t slices_correct(const slices *m);

/* Of parameters, optimizer state and step: equal if and only if two trainings agree. */
uint64_t slices_hash(const slices *m);

/* Epochs count from 0; sets the learning rate of the schedule. */
void slices_set_epoch(slices *m, uint32_t epoch);

#ifdef INT_STATISTICS
/* Of each counted tensor: how many elements stood at the limit of their format; the sum of the
 * squares, in units of 2^28 where the format has more than 16 bits; how many there were. */
void slices_statistics(const slices *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[]);
#endif

#ifdef __cplusplus
}
#endif

#endif
