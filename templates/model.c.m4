/* INTC_MODEL.c - trains the network `INTC_MODEL` in INTC_PRECISION. Written by intc INTC_VERSION; do not edit.
 *
 * The arithmetic runtime comes first, then the steps in the order in which they run: forward, loss,
 * backward with updates. `>>s` behind a tensor says that an element q is worth q * 2^-s. */
m4_ifelse(INTC_FLOAT, 1, [<#include <math.h>
>])
m4_define([<INTC_RUNTIME>], [<m4_ifelse($1, [<>], [<>], INTC_INCLUDE_RUNTIME, 1, [<#include "$2.h"
>], [<INTC_PASTE_$2>])>])m4_dnl
INTC_RUNTIME(1, [<int_runtime>])
INTC_RUNTIME(INTC_KERNELS, [<int_kernels>])
INTC_RUNTIME(INTC_KERNELS_8, [<int_kernels_8>])
INTC_RUNTIME(INTC_KERNELS_16, [<int_kernels_16>])
m4_ifelse(INTC_FLOAT, 1, [<INTC_PASTE_int_float>])
m4_define([<INTC_RUNTIME_FILE>], [<INTC_RUNTIME(1, [<$1>])>])m4_dnl
INTC_RUNTIMES

#include "INTC_MODEL.h"

/* For tests, which see what each step makes: of a gradient `width` elements g from `at` on. */
#ifndef INT_TRACE
#define INT_TRACE(m, step) ((void)0)
#define INT_TRACE_GRADIENT(m, step, row, at, g, width) ((void)0)
#endif

m4_ifelse(INTC_PARALLEL, 1, [<m4_dnl
/* With OpenMP threads share the turns of a loop, some neighbouring turns at a time, where its work,
 * in multiply-accumulates, is worth it. The results are the same: turns share no result, and a
 * thread has sums, gradient rows and draws of its own. */
#ifdef _OPENMP
#include <omp.h>
#define INT_PRAGMA(text) _Pragma(#text)
#define INT_PARALLEL(turns, work) INT_PRAGMA(omp parallel for num_threads(int_threads(work)) schedule(static, turns))
#define INT_ATOMIC INT_PRAGMA(omp atomic)
#define INT_OWN(m, pool, at, own_at) ((m)->own[omp_get_thread_num() % INTC_MODEL_UPPER[<>]_THREADS].pool + (own_at))
#ifndef INT_WORK_OF_THREADS
#define INT_WORK_OF_THREADS 100000
#endif

INT_FUNCTION int int_threads(size_t work)
{
    const int wanted = work < INT_WORK_OF_THREADS ? 1 : omp_get_max_threads();
    return wanted < INTC_MODEL_UPPER[<>]_THREADS ? wanted : INTC_MODEL_UPPER[<>]_THREADS;
}
m4_ifelse(INTC_SHARES, 1, [<m4_dnl
#define INT_SHARES(work) (size_t)int_threads(work)
#define INT_CRITICAL INT_PRAGMA(omp critical)
>])m4_dnl
m4_ifelse(INTC_OWN_ROWS, 1, [<m4_dnl

/* Of a large layer a thread has the same neighbouring rows of weights in each step, in its cache.
 * INT_SHARE: how many of `count` rows are one thread's; INT_OWN_OF: the memory of thread `n`;
 * INT_TOGETHER: the samples whose errors are added up at a time, where each thread has room. */
#define INT_SHARE(count, turns, work) int_share(count, turns, work)
#define INT_OWN_OF(m, n, pool, at, own_at) ((m)->own[[<n>]].pool + (own_at))
#define INT_TOGETHER(samples) (samples)

INT_FUNCTION size_t int_share(size_t count, size_t turns, size_t work)
{
    const size_t threads = (size_t)int_threads(work), most = (count + threads - 1) / threads;
    return (most + turns - 1) / turns * turns;
}
>])m4_dnl
#else
#define INT_PARALLEL(turns, work)
#define INT_ATOMIC
#define INT_OWN(m, pool, at, own_at) ((m)->pool + (at))
m4_ifelse(INTC_SHARES, 1, [<m4_dnl
#define INT_SHARES(work) 1
#define INT_CRITICAL
>])m4_dnl
m4_ifelse(INTC_OWN_ROWS, 1, [<m4_dnl
#define INT_SHARE(count, turns, work) (count)
#define INT_OWN_OF(m, n, pool, at, own_at) ((m)->pool + (at))
#define INT_TOGETHER(samples) 1
>])m4_dnl
#endif

>], [<#define INT_ATOMIC
>])m4_dnl
m4_ifelse(INTC_COUNTERS, 0, [<>], [<m4_dnl
/* Counts elements of y that saturated, and adds up squares, for the trainer's report. A square of
 * more than 30 bits loses 28 of them, so that 2^34 elements have room. */
#ifdef INT_STATISTICS
#define INT_COUNT(m, counter, y, count, lo, hi)                                \
    do {                                                                       \
        uint32_t limits = 0;                                                   \
        uint64_t squares = 0;                                                  \
        for (size_t q = 0; q < (count); ++q) {                                 \
            limits += (y)[[<q>]] >= (hi) || ((lo) < 0 && (y)[[<q>]] <= (lo));  \
            squares += (uint64_t)((int64_t)(y)[[<q>]] * (y)[[<q>]]) >> ((hi) > INT16_MAX ? 28 : 0); \
        }                                                                      \
        INT_ATOMIC                                                             \
        (m)->saturated[[<counter>]] += limits;                                 \
        INT_ATOMIC                                                             \
        (m)->squares[[<counter>]] += squares;                                  \
        INT_ATOMIC                                                             \
        (m)->seen[[<counter>]] += (count);                                     \
    } while (0)
#else
#define INT_COUNT(m, counter, y, count, lo, hi) ((void)0)
#endif

>])m4_dnl
/* ---- first weights --------------------------------------------------------------------------- */

void INTC_MODEL[<>]_init(INTC_MODEL *m, uint64_t seed)
{
    memset(m, 0, sizeof *m);
    m->seed = seed;
    m->rate_factor = INTC_RATE_FIRST;
INTC_INIT_STEPS
}

/* ---- forward --------------------------------------------------------------------------------- */

static void INTC_MODEL[<>]_forward(INTC_MODEL *m, const INTC_INPUT_C_TYPE *input, size_t rows)
{
INTC_FORWARD_STEPS
}

/* ---- loss, backward, update ------------------------------------------------------------------ */

/* Sum of the losses in units of 2^-16; leaves the first error and adds up right answers. */
static uint64_t INTC_MODEL[<>]_losses(INTC_MODEL *m, const INTC_TARGET_C_TYPE *target, size_t rows, uint32_t *correct)
{
    uint64_t total = 0;
m4_ifelse(INTC_CLASSES, 0, [<    (void)correct; /* there are none: the target is real-valued */
>])INTC_LOSS_STEPS
    return total;
}

m4_ifelse(INTC_DISTRIBUTED, 1, [<m4_dnl
/* Adds the gradients of `rows` samples to the sums. */
static void INTC_MODEL[<>]_backward(INTC_MODEL *m, size_t rows, INTC_MODEL[<>]_ready *ready, void *context)
{
INTC_BACKWARD_STEPS
}
>], [<m4_dnl
static void INTC_MODEL[<>]_backward(INTC_MODEL *m)
{
INTC_BACKWARD_STEPS
}
>])m4_dnl

m4_ifelse(INTC_WHOLE_BATCH, 1, [<m4_dnl
/* What a slice of no samples does: it adds nothing to the sums over the batch, and follows them. */
static uint64_t INTC_MODEL[<>]_attend(INTC_MODEL *m, size_t rows)
{
    m->training = 1;
INTC_COMMON_STEPS
    m->training = 0;
    return 0;
}

>])m4_dnl
m4_define([<INTC_TARGETS_OF_CALL>],
    [<INTC_TARGET_PARAMETER[<>]m4_ifelse(INTC_TARGET_ROW, [<>], [<>], [<[0]>])>])m4_dnl
m4_define([<INTC_SUMS_ARRAY>], [<    memset(m->$2, 0, sizeof m->$2);
>])m4_dnl
m4_define([<INTC_FORWARD_IN_TRAINING>], [<m4_ifelse(INTC_TRAINING, 1, [<    m->training = 1;
>])m4_dnl
    INTC_MODEL[<>]_forward(m, INTC_INPUT_PARAMETER[0], $1);
m4_ifelse(INTC_TRAINING, 1, [<    m->training = 0;
>])>])m4_dnl
m4_define([<INTC_NONE_TOLD>], [<m4_ifelse(INTC_STEPS_OF_CLASSES, 1, [<>], [<m->told = 0;
    >])>])m4_dnl
m4_define([<INTC_TOLD>], [<(m->told > 0 ? m->told : 1)>])m4_dnl
/* ---- what the caller calls ------------------------------------------------------------------- */

static uint32_t INTC_MODEL[<>]_bounded(uint64_t loss)
{
    return loss < UINT32_MAX ? (uint32_t)loss : UINT32_MAX;
}

void INTC_MODEL[<>]_infer(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS], int16_t logits[INTC_ANSWERS])
{
    INTC_MODEL[<>]_forward(m, INTC_INPUT_PARAMETER, 1);
    const INTC_ANSWER_TYPE *const values = INTC_ANSWER;
    for (size_t i = 0; i < INTC_ANSWERS; ++i)
        logits[i] = m4_ifelse(INTC_FLOAT, 1, [<float_to_fixed(values[i], INTC_ANSWER_SHIFT)>],
            [<(int16_t)values[i]>]);
}

m4_ifelse(INTC_CLASSES, 0, [<>], INTC_TARGET_ROW, [<>], [<m4_dnl
int INTC_MODEL[<>]_classify(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS])
{
    INTC_MODEL[<>]_forward(m, INTC_INPUT_PARAMETER, 1);
    const INTC_ANSWER_TYPE *const values = INTC_ANSWER;
    int best = 0;
    for (int i = 1; i < INTC_CLASSES; ++i)
        best = values[i] > values[best] ? i : best;
    return best;
}
>], [<m4_dnl
void INTC_MODEL[<>]_classify(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS], m4_dnl
INTC_TARGET_C_TYPE INTC_TARGET_PARAMETER[<>]INTC_TARGET_ROW)
{
    INTC_MODEL[<>]_forward(m, INTC_INPUT_PARAMETER, 1);
    for (size_t place = 0; place < INTC_TARGETS; ++place) {
        const INTC_ANSWER_TYPE *const values = INTC_ANSWER + place * INTC_CLASSES;
        size_t best = 0;
        for (size_t i = 1; i < INTC_CLASSES; ++i)
            best = values[i] > values[best] ? i : best;
        INTC_TARGET_PARAMETER[<>][[<>]place] = (INTC_TARGET_C_TYPE)best;
    }
}
>])
m4_define([<INTC_ADD_UP_PARAMETER>],
    [<m4_ifelse(INTC_WHOLE_BATCH, 1, [<INTC_MODEL[<>]_add_up *add_up, >])>])m4_dnl
m4_ifelse(INTC_DISTRIBUTED, 1, [<m4_dnl
uint64_t INTC_MODEL[<>]_gradients(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[][INTC_INPUTS],
                        const INTC_TARGET_C_TYPE INTC_TARGET_PARAMETER[]INTC_TARGET_ROW, uint32_t first, uint32_t count,
                        INTC_MODEL[<>]_ready *ready, INTC_ADD_UP_PARAMETER[<>]void *context)
{
    m->first = first;
    INTC_NONE_TOLD[<>]m->correct = 0;
m4_ifelse(INTC_WHOLE_BATCH, 1, [<m4_dnl
    m->add_up = add_up;
    m->context = context;
>])m4_dnl
    if (count == 0)
        return m4_ifelse(INTC_WHOLE_BATCH, 1, [<INTC_MODEL[<>]_attend(m, 0)>], 0);
INTC_FORWARD_IN_TRAINING([<count>])m4_dnl
    const uint64_t loss = INTC_MODEL[<>]_losses(m, INTC_TARGETS_OF_CALL, count, &m->correct);
    INTC_MODEL[<>]_backward(m, count, ready, context);
    return loss;
}

void INTC_MODEL[<>]_apply(INTC_MODEL *m)
{
INTC_UPDATE_STEPS
INTC_SUMS_ARRAYS[<>]m4_dnl
    ++m->step;
}

>])m4_dnl
uint32_t INTC_MODEL[<>]_train(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[][INTC_INPUTS],
                    const INTC_TARGET_C_TYPE INTC_TARGET_PARAMETER[]INTC_TARGET_ROW)
{
m4_ifelse(INTC_DISTRIBUTED, 1, [<m4_dnl
    const uint64_t loss = INTC_MODEL[<>]_gradients(m, INTC_INPUT_PARAMETER, INTC_TARGET_PARAMETER, 0, INTC_BATCH, NULL, m4_dnl
m4_ifelse(INTC_WHOLE_BATCH, 1, [<NULL, >])NULL);
    INTC_MODEL[<>]_apply(m);
>], [<m4_dnl
INTC_FORWARD_IN_TRAINING([<INTC_BATCH>])m4_dnl
    INTC_NONE_TOLD[<>]m->correct = 0;
    const uint64_t loss = INTC_MODEL[<>]_losses(m, INTC_TARGETS_OF_CALL, INTC_BATCH, &m->correct);
    INTC_MODEL[<>]_backward(m);
    ++m->step;
>])m4_dnl
    return INTC_MODEL[<>]_bounded(loss / m4_ifelse(INTC_STEPS_OF_CLASSES, 1, [<INTC_BATCH>],
        [<INTC_TOLD>]));
}

uint32_t INTC_MODEL[<>]_loss(INTC_MODEL *m, const INTC_INPUT_C_TYPE INTC_INPUT_PARAMETER[INTC_INPUTS],
                   const INTC_TARGET_C_TYPE *INTC_TARGET_PARAMETER)
{
m4_ifelse(INTC_DISTRIBUTED, 1, [<    m->first = 0; /* as in the usual form */
>])m4_dnl
m4_ifelse(INTC_STEPS_OF_CLASSES, 1, [<m4_dnl
    uint32_t correct = 0; /* not counted here */
    INTC_MODEL[<>]_forward(m, INTC_INPUT_PARAMETER, 1);
    return INTC_MODEL[<>]_bounded(INTC_MODEL[<>]_losses(m, INTC_TARGET_PARAMETER, 1, &correct));
>], [<m4_dnl
    INTC_NONE_TOLD[<>]m->correct = 0;
    INTC_MODEL[<>]_forward(m, INTC_INPUT_PARAMETER, 1);
    const uint64_t loss = INTC_MODEL[<>]_losses(m, INTC_TARGET_PARAMETER, 1, &m->correct);
    return INTC_MODEL[<>]_bounded(loss / INTC_TOLD);
>])m4_dnl
}

uint32_t INTC_MODEL[<>]_correct(const INTC_MODEL *m)
{
    return m->correct;
}

m4_define([<INTC_HASHED_MEMBER>], [<    for (size_t i = 0; i < $3; ++i)
        hash = int_hash(hash, m4_ifelse($1, float, [<float_bits(m->$2[i])>], [<m->$2[i]>]));
>])m4_dnl
uint64_t INTC_MODEL[<>]_hash(const INTC_MODEL *m)
{
    uint64_t hash = int_hash(0, m->step);
INTC_HASHED
    return hash;
}

void INTC_MODEL[<>]_set_epoch(INTC_MODEL *m, uint32_t epoch)
{
m4_ifelse(INTC_RATE_CHANGES, 0, [<    (void)epoch;
    m->rate_factor = INTC_RATE_FACTORS;>], [<    static const uint32_t from[] = {INTC_RATE_FROM};
    static const int32_t factors[] = {INTC_RATE_FACTORS};
    size_t rate = 0;
    while (rate < INTC_RATE_CHANGES && epoch >= from[rate])
        ++rate;
    m->rate_factor = factors[rate];>])
}

m4_dnl Weight averaging. Of a master: name, elements, type, bound; storage copy, its type, the shift
m4_dnl or the real unit that it has, whether it keeps signs; the name of the sum.
m4_define([<INTC_STORED>], [<m4_ifelse(INTC_FLOAT, 1,
    [<m4_define([<INTC_SIGNS>], [<$4>])m4_define([<INTC_REAL_UNIT>], [<$3>])m4_dnl
INTC_REAL_KEPT([<$1>])>],
    $4, 1, [<($2)(($1 > 0) - ($1 < 0))>], $3, 0, [<($2)$1>], [<($2)int_nearest($1, $3)>])>])m4_dnl
m4_ifelse(INTC_AVERAGE_LAST, 0, [<>], [<m4_dnl
m4_define([<INTC_AVERAGED_MEMBER>], [<    for (size_t i = 0; i < $2; ++i)
        m->$9[i] = (more ? m->$9[i] : 0) + m->$1[i];
>])m4_dnl
void INTC_MODEL[<>]_collect(INTC_MODEL *m, int first)
{
    const int more = !first && m->collected > 0;
    if (more && m->collected >= INTC_AVERAGE_LAST)
        return;
    m->collected = more ? m->collected + 1 : 1;
INTC_AVERAGED[<>]m4_dnl
}

m4_ifelse(INTC_FLOAT, 1, [<>], [<m4_dnl
/* sum / count, to the nearest, halves upwards. */
static int64_t INTC_MODEL[<>]_mean(int64_t sum, int64_t count)
{
    const int64_t doubled = 2 * sum + count, whole = doubled / (2 * count);
    return whole - (doubled % (2 * count) < 0);
}

>])m4_dnl
m4_define([<INTC_AVERAGED_MEMBER>], [<    for (size_t i = 0; i < $2; ++i)
        m->$1[i] = m4_ifelse(INTC_FLOAT, 1, [<m->$9[i] / (float)m->collected>],
            [<($3)int_clamp64(INTC_MODEL[<>]_mean(m->$9[i], m->collected), -$4, $4)>]);
m4_ifelse($5, [<>], [<>], [<    for (size_t i = 0; i < $2; ++i)
        m->$5[i] = INTC_STORED([<m->$1[i]>], [<$6>], [<$7>], [<$8>]);
>])>])m4_dnl
void INTC_MODEL[<>]_average(INTC_MODEL *m)
{
    if (m->collected == 0)
        return;
INTC_AVERAGED[<>]m4_dnl
    m->collected = 0;
}

>])m4_dnl
#ifdef INT_STATISTICS
void INTC_MODEL[<>]_statistics(const INTC_MODEL *m, uint64_t saturated[], uint64_t squares[], uint64_t seen[])
{
    memcpy(saturated, m->saturated, INTC_COUNTERS * sizeof m->saturated[0]);
    memcpy(squares, m->squares, INTC_COUNTERS * sizeof m->squares[0]);
    memcpy(seen, m->seen, INTC_COUNTERS * sizeof m->seen[0]);
}
#endif
