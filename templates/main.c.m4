/* INTC_MODEL[<_main>].c - trains INTC_MODEL on this machine. Made by intc; do not edit.
 *
 *     m4_ifelse(INTC_DISTRIBUTED, 1, [<mpicc>], [<cc>]) -O3 -march=native INTC_MODEL.c INTC_MODEL[<_main>].c[<>]m4_dnl
m4_ifelse(INTC_DATA_KIND, [<idx>], [< -lz>], INTC_DATA_KIND, [<csv>], [< -lcsv>]) -lm
m4_ifelse(INTC_DISTRIBUTED, 1, [< *     mpirun -np 4 ./a.out
>])m4_dnl
 *
 * The trainer first, then the model's description and the calls into its generated code. For both
 * files: with -DINT_STATISTICS saturated values are counted, with -fopenmp there is --threads. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L
#endif
m4_ifelse(INTC_TILES, 1, [<m4_dnl
#ifndef _DEFAULT_SOURCE
#define _DEFAULT_SOURCE
#endif
>])m4_dnl
#ifdef _OPENMP
#include <omp.h>
#endif

INTC_PASTE_host_types
INTC_PASTE_host_message
m4_ifelse(INTC_TILES, 1, [<INTC_PASTE_host_tiles
>])m4_dnl
m4_ifelse(INTC_DISTRIBUTED, 1, [<INTC_PASTE_host_mpi>], [<INTC_PASTE_host_alone>])
INTC_PASTE_host_random
INTC_PASTE_host_data
INTC_PASTE_host_find
m4_indir([<INTC_PASTE_host_>]INTC_DATA_KIND)
INTC_PASTE_host_progress
INTC_PASTE_host_statistics
INTC_PASTE_host_log
INTC_PASTE_host_options
INTC_PASTE_host_interrupt
INTC_PASTE_host_checkpoint
m4_ifelse(INTC_DISTRIBUTED, 1, [<INTC_PASTE_host_slices>], [<INTC_PASTE_host_whole>])
INTC_PASTE_host_train
/* ---- the model ------------------------------------------------------------------------------ */

/* The model's type may have the name of a function of the library, or of a member: up to the list
 * of members it has another one. */
#undef INTC_MODEL
#define INTC_MODEL host_network_type
#include "INTC_MODEL.h"

/* Aligned as cache lines are: it is faster. */
#ifdef __GNUC__
__attribute__((aligned(64)))
#endif
static host_network_type host_network;

static void host_model_init(uint64_t host_seed) {
    INTC_MODEL[<>]_init(&host_network, host_seed);
}

static void host_model_set_epoch(uint32_t host_epoch) {
    INTC_MODEL[<>]_set_epoch(&host_network, host_epoch);
}

m4_ifelse(INTC_DISTRIBUTED, 1, [<m4_dnl
static uint64_t host_model_gradients(void *host_inputs, void *host_targets, uint32_t host_first,
                                     uint32_t host_count, HostReady *host_ready,
                                     HostAddUp *host_add_up, void *host_context) {
m4_ifelse(INTC_WHOLE_BATCH, 1, [<>], [<    (void)host_add_up; /* no step needs it */
>])m4_dnl
    return INTC_MODEL[<>]_gradients(&host_network, host_inputs, host_targets, host_first, host_count,
                           host_ready, m4_ifelse(INTC_WHOLE_BATCH, 1, [<host_add_up, >])host_context);
}

static void host_model_apply(void) {
    INTC_MODEL[<>]_apply(&host_network);
}
>], [<m4_dnl
static uint32_t host_model_train(void *host_inputs, void *host_targets) {
    return INTC_MODEL[<>]_train(&host_network, host_inputs, host_targets);
}
>])m4_dnl

m4_ifelse(INTC_AVERAGE_LAST, 0, [<>], [<m4_dnl
static void host_model_collect(int host_first) {
    INTC_MODEL[<>]_collect(&host_network, host_first);
}

static void host_model_average(void) {
    INTC_MODEL[<>]_average(&host_network);
}

>])m4_dnl
static uint64_t host_model_hash(void) {
    return INTC_MODEL[<>]_hash(&host_network);
}

m4_define([<INTC_BY_LOSS>], [<m4_ifelse(INTC_CLASSES, 0, 1, INTC_STEPS_OF_CLASSES, 1, [<>],
    1)>])m4_dnl
m4_ifelse(INTC_BY_LOSS, 1, [<static uint32_t host_model_loss(const void *host_sample, const void *host_answer) {
    return INTC_MODEL[<>]_loss(&host_network, host_sample, host_answer);
}

>])m4_dnl
m4_ifelse(INTC_CLASSES, 0, [<>], [<static uint32_t host_model_correct(void) {
    return INTC_MODEL[<>]_correct(&host_network);
}

>])m4_dnl
m4_ifelse(INTC_BY_LOSS, 1, [<>], [<static int host_model_classify(const void *host_sample) {
    return INTC_MODEL[<>]_classify(&host_network, host_sample);
}>])

#ifdef INT_STATISTICS
static const HostCounter host_counters[] = {
INTC_COUNTED[<>]    {NULL, NULL, 0},
};

static void host_model_statistics(uint64_t host_saturated[], uint64_t host_squares[],
                                  uint64_t host_seen[]) {
    INTC_MODEL[<>]_statistics(&host_network, host_saturated, host_squares, host_seen);
}
#endif

m4_define([<INTC_MEMBER>],
    [<    {"$2", host_network.$2, $3, sizeof host_network.$2[[<0>]], $5, m4_ifelse(INTC_FLOAT, 1,
        [<0, 0>], [<$6, $7>])},
>])m4_dnl
static const HostMember host_members[] = {
INTC_MEMBERS[<>]INTC_ODD_MEMBERS[<>]m4_dnl
m4_ifelse(INTC_AVERAGE_LAST, 0, [<>], [<    {"collected", &host_network.collected, 1, sizeof host_network.collected, 0, INTC_AVERAGE_LAST, 0},
>])m4_dnl
    {NULL, NULL, 0, 0, 0, 0, 0},
};
#undef INTC_MODEL

m4_define([<INTC_SUMS_ARRAY>], [<        [m4_ifelse($1, [<int32_t>], 0, 1)] = {host_network.$2, $3},
>])m4_dnl
static const HostModel host_model = {
    .name = "INTC_MODEL",
    .precision = "INTC_PRECISION",
    .inputs = INTC_INPUTS,
    .input_type = HOST_[<>]INTC_INPUT_RAW,
    .input_unit = INTC_INPUT_UNIT,
    .classes = INTC_CLASSES,
    .targets = INTC_TARGETS,
    .target_type = HOST_[<>]INTC_TARGET_RAW,
    .target_unit = INTC_TARGET_UNIT,
    .source = &host_source_[<>]INTC_DATA_KIND,
    .data_name = INTC_DATA_NAME,
    .folder = INTC_MODEL_FOLDER,
    .label = INTC_DATA_LABEL,
    .test_share = INTC_DATA_TEST,
    .split = UINT64_C(INTC_DATA_SPLIT),
    .train_samples = INTC_DATA_TRAIN_SAMPLES,
    .test_samples = INTC_DATA_TEST_SAMPLES,
    .batch = INTC_BATCH,
#ifdef _OPENMP
    .most_threads = INTC_MODEL_UPPER[<>]_THREADS,
    .set_threads = omp_set_num_threads,
#else
    .most_threads = 1,
#endif
    .epochs = INTC_EPOCHS,
    .stop_accuracy = INTC_STOP_ACCURACY,
    .seed = UINT64_C(INTC_SEED),
    .init = host_model_init,
    .set_epoch = host_model_set_epoch,
m4_ifelse(INTC_DISTRIBUTED, 1, [<m4_dnl
    .gradients = host_model_gradients,
    .apply = host_model_apply,
    .sums = {
INTC_SUMS_ARRAYS[<>]m4_dnl
    },
>], [<m4_dnl
    .train = host_model_train,
>])m4_dnl
m4_ifelse(INTC_CLASSES, 0, [<>], [<    .correct = host_model_correct,
>])m4_dnl
m4_ifelse(INTC_BY_LOSS, 1, [<    .loss = host_model_loss,
>], [<    .classify = host_model_classify,
>])m4_dnl
m4_ifelse(INTC_AVERAGE_LAST, 0, [<>], [<m4_dnl
    .average_last = INTC_AVERAGE_LAST,
    .collect = host_model_collect,
    .average = host_model_average,
    .collected = &host_network.collected,
>])m4_dnl
    .hash = host_model_hash,
    .members = host_members,
    .step = &host_network.step,
#ifdef INT_STATISTICS
    .counters = host_counters,
    .statistics = host_model_statistics,
#endif
};

int main(int argc, char **argv) {
    (void)argc;
m4_ifelse(INTC_TILES, 1, [<m4_dnl
    host_ask_for_tiles();
>])m4_dnl
    return host_main(&host_model, argv);
}
