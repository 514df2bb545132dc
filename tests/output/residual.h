/* residual.h - trains the network `residual` in i8. Written by intc 0.1.0; do not edit.
 *
 *     activation x i8[4,5] >>5
 *     activation f i8[20] >>5
 *     parameter  h0.weights i8[17,20] >>6
 *     parameter  h0.bias i32[17] >>11
 *     activation h0.dense i8[17] >>2
 *     activation h0 i8[17] >>2
 *     parameter  h1.weights i8[17,17] >>5
 *     activation h1.dense i8[17] >>2
 *     activation h1.leaky_relu i8[17] >>2
 *     activation h1 i8[17] >>2
 *     activation h2.round i8[17] >>2
 *     activation h2 i8[17] >>2
 *     parameter  h3.weights i8[17,17] >>5
 *     parameter  h3.bias i32[17] >>7
 *     activation h3.dense i8[17] >>1
 *     activation h3 i8[17] >>0
 *     parameter  h4.weights i8[17,17] >>5
 *     parameter  h4.bias i32[17] >>5
 *     activation h4.dense i8[17] >>2
 *     activation h4.step i8[17] >>0
 *     activation h4.add i8[17] >>2
 *     activation h4.floor i8[17] >>2
 *     activation h4 i16[17] >>9
 *     parameter  logits.weights i8[7,17] >>5
 *     parameter  logits.bias i32[7] >>14
 *     activation logits i16[7] >>5
 *     error      logits.error i8[7] >>7
 *     error      h4.error i8[17] >>5
 *     master     logits.weights.master i32[7,17] >>27
 *     state      logits.weights.momentum i32[7,17] >>27
 *     master     logits.bias.master i32[7] >>23
 *     state      logits.bias.momentum i32[7] >>23
 *     error      h3.error i8[17] >>5
 *     master     h4.weights.master i32[17,17] >>27
 *     state      h4.weights.momentum i32[17,17] >>27
 *     master     h4.bias.master i32[17] >>24
 *     state      h4.bias.momentum i32[17] >>24
 *     error      h2.error i8[17] >>4
 *     master     h3.weights.master i32[17,17] >>27
 *     state      h3.weights.momentum i32[17,17] >>27
 *     master     h3.bias.master i32[17] >>23
 *     state      h3.bias.momentum i32[17] >>23
 *     error      h2.error2 i8[17] >>4
 *     error      h1.error i8[17] >>3
 *     error      h1.error2 i8[17] >>3
 *     error      h1.dense.error i8[17] >>3
 *     error      h0.error i8[17] >>3
 *     master     h1.weights.master i32[17,17] >>27
 *     state      h1.weights.momentum i32[17,17] >>27
 *     error      h0.error2 i8[17] >>3
 *     error      h0.dense.error i8[17] >>3
 *     master     h0.weights.master i32[17,20] >>28
 *     state      h0.weights.momentum i32[17,20] >>28
 *     master     h0.bias.master i32[17] >>24
 *     state      h0.bias.momentum i32[17] >>24
 * Memory: 12630 bytes of parameters and optimizer state, 1856 bytes of working memory,
 * all of it inside one `residual`, which the caller places. No heap, no writable globals. */
#ifndef RESIDUAL_H
#define RESIDUAL_H

#include <stdint.h>

#define RESIDUAL_BATCH 5
#define RESIDUAL_INPUTS 20
#define RESIDUAL_CLASSES 7
#define RESIDUAL_LOGITS_SHIFT 5 /* a logit q is worth q * 2^-5 */
#define RESIDUAL_COUNTERS 18 /* tensors whose saturation is counted */

/* Everything that training needs. Complete, so that the caller can place it, statically too; its
 * members are for the functions below. */
#if defined _OPENMP && !defined RESIDUAL_THREADS
#define RESIDUAL_THREADS 16 /* at most; the same for every file that includes this one */
#endif

typedef struct residual {
    /* activations, errors, sums: a pool for each type, shared by buffers not alive together */
    int8_t i8[1152];
    int16_t i16[192];
    int32_t i32[80];

#if defined __SSE2__ || defined __ARM_NEON
    uint32_t groups[112]; /* of elements, in the order that vector instructions want */
#endif

    /* parameters, their master copies, optimizer state; those that are whole cache lines first */

    int8_t h0_weights[340]; /* [17,20] >>6 */
    int32_t h0_weights_master[340]; /* [17,20] >>28 */
    int32_t h0_weights_momentum[340]; /* [17,20] >>28 */
    int32_t h0_bias[17]; /* [17] >>11 */
    int32_t h0_bias_master[17]; /* [17] >>24 */
    int32_t h0_bias_momentum[17]; /* [17] >>24 */
    int8_t h1_weights[289]; /* [17,17] >>5 */
    int32_t h1_weights_master[289]; /* [17,17] >>27 */
    int32_t h1_weights_momentum[289]; /* [17,17] >>27 */
    int8_t h3_weights[289]; /* [17,17] >>5 */
    int32_t h3_weights_master[289]; /* [17,17] >>27 */
    int32_t h3_weights_momentum[289]; /* [17,17] >>27 */
    int32_t h3_bias[17]; /* [17] >>7 */
    int32_t h3_bias_master[17]; /* [17] >>23 */
    int32_t h3_bias_momentum[17]; /* [17] >>23 */
    int8_t h4_weights[289]; /* [17,17] >>5 */
    int32_t h4_weights_master[289]; /* [17,17] >>27 */
    int32_t h4_weights_momentum[289]; /* [17,17] >>27 */
    int32_t h4_bias[17]; /* [17] >>5 */
    int32_t h4_bias_master[17]; /* [17] >>24 */
    int32_t h4_bias_momentum[17]; /* [17] >>24 */
    int8_t logits_weights[119]; /* [7,17] >>5 */
    int32_t logits_weights_master[119]; /* [7,17] >>27 */
    int32_t logits_weights_momentum[119]; /* [7,17] >>27 */
    int32_t logits_bias[7]; /* [7] >>14 */
    int32_t logits_bias_master[7]; /* [7] >>23 */
    int32_t logits_bias_momentum[7]; /* [7] >>23 */

    uint64_t seed;
    uint32_t step;     /* batches trained so far */
    uint32_t correct;  /* right answers in the last batch, before its update */
    int32_t rate_factor; /* of the learning rate in this epoch; 2^2 stands for 1 */

#ifdef _OPENMP
    struct { /* sums, gradient rows and draws of each thread */
        int16_t i16[96];
        int32_t i32[80];
    } own[RESIDUAL_THREADS];
#endif

#ifdef INT_STATISTICS
    uint64_t saturated[RESIDUAL_COUNTERS + 1], seen[RESIDUAL_COUNTERS + 1];
    uint64_t squares[RESIDUAL_COUNTERS + 1];
#endif
} residual;

#ifdef __cplusplus
extern "C" {
#endif

/* First weights, from the seed alone; step and optimizer state zero. Call it before all others. */
void residual_init(residual *m, uint64_t seed);

/* The network's answer to one sample: 7 values, each worth 2^-5. */
void residual_infer(residual *m, const uint8_t x[20], int16_t logits[7]);

/* The class with the largest logit; the lowest of equal ones. */
int residual_classify(residual *m, const uint8_t x[20]);

/* One step of training on 5 samples. Returns the mean loss in units of 2^-16,
 * UINT32_MAX at most. */
uint32_t residual_train(residual *m, const uint8_t x[][20],
                    const uint8_t c[]);

/* The loss of one sample, in units of 2^-16; trains nothing. */
uint32_t residual_loss(residual *m, const uint8_t x[20],
                   const uint8_t *c);

/* Right answers in the last batch, counted before its update. */
uint32_t residual_correct(const residual *m);

/* Of parameters, optimizer state and step: equal if and only if two trainings agree. */
uint64_t residual_hash(const residual *m);

/* Epochs count from 0; sets the learning rate of the schedule. */
void residual_set_epoch(residual *m, uint32_t epoch);

#ifdef INT_STATISTICS
/* Of each counted tensor: how many elements stood at the limit of their format; the sum of the
 * squares, in units of 2^28 where the format has more than 16 bits; how many there were. */
void residual_statistics(const residual *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[]);
#endif

#ifdef __cplusplus
}
#endif

#endif
