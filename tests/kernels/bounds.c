/* bounds.c - what no training reaches: updates by vectors of 64 bytes whose operands are at their
 * bounds, so that every clamp acts, beside the plain C of templates. Says what differs. */
#include "int_adam.h"
#include "int_fused_16.h"
#include "int_fused_8.h"
#include "int_kernels_16.h"
#include "int_kernels_8.h"

#include <stdio.h>
#include <stdlib.h>

/* Rows of vectors, eight together and one alone; a batch that fills no group. */
enum { BATCH = 3, ROWS = 3, INPUTS = 144, WEIGHTS = ROWS * INPUTS };
enum { OF_GRADIENTS, OF_MOMENTA, OF_QUOTIENTS, OF_WEIGHTS, CLAMPS };

typedef struct {
    int32_t master[WEIGHTS], momentum[WEIGHTS], square[WEIGHTS], storage[WEIGHTS];
} State;

static State found, wanted;
static int32_t inputs[BATCH * INPUTS], errors[BATCH * ROWS], gradient[WEIGHTS];
static uint16_t draws[WEIGHTS];
static uint32_t groups[2 * (INPUTS + ROWS)];
static int clamped[CLAMPS]; /* how often each clamp acted */

/* ---- operands -------------------------------------------------------------------------------- */

static uint32_t draw(void)
{
    static uint64_t state = 1;
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33);
}

/* A bound, mostly; 0, or what lies between. */
static int32_t extreme(int32_t most)
{
    const uint32_t kind = draw() % 5;
    const int32_t any = (int32_t)((int64_t)draw() % (2 * (int64_t)most + 1) - most);
    return kind < 2 ? most : kind == 2 ? -most : kind == 3 ? 0 : any;
}

static void fill_state(int32_t master, int32_t momentum)
{
    memset(clamped, 0, sizeof clamped);
    for (size_t i = 0; i < WEIGHTS; ++i) {
        found.master[i] = extreme(master);
        found.momentum[i] = extreme(momentum);
        found.square[i] = abs(extreme(32767 * 32767));
    }
    wanted = found;
}

/* ---- comparison ------------------------------------------------------------------------------ */

static int32_t clamp(int64_t v, int32_t most, int which)
{
    clamped[which] += v > most || v < -most;
    return (int32_t)int_clamp64(v, -most, most);
}

static void compare_member(const char *test, const char *member, const int32_t *is,
                           const int32_t *should)
{
    for (unsigned i = 0; i < WEIGHTS; ++i)
        if (is[i] != should[i]) {
            printf("%s: %s[%u] is %ld, not %ld\n", test, member, i, (long)is[i], (long)should[i]);
            exit(1);
        }
}

static void compare(const char *test)
{
    compare_member(test, "momentum", found.momentum, wanted.momentum);
    compare_member(test, "square", found.square, wanted.square);
    compare_member(test, "master", found.master, wanted.master);
    compare_member(test, "storage", found.storage, wanted.storage);
}

static void require_clamp(const char *test, int which)
{
    if (clamped[which] < WEIGHTS / 20 || clamped[which] > WEIGHTS * 19 / 20) {
        printf("%s: %d of %d are clamped\n", test, clamped[which], WEIGHTS);
        exit(1);
    }
}

/* ---- sgd with momentum, int_fused ------------------------------------------------------------ */

static void sgd_plain(const IntUpdate *update)
{
    for (size_t i = 0; i < WEIGHTS; ++i) {
        const int64_t product = (int64_t)gradient[i] * update->rate;
        const int64_t u = update->rate_shift ? int_nearest64(product, update->rate_shift) : product;
        const int32_t old = wanted.momentum[i];
        const int64_t v = old - int_nearest(old, update->loss_shift) + u;
        wanted.momentum[i] = update->most ? clamp(v, update->most, OF_MOMENTA) : (int32_t)v;
        wanted.master[i] =
            clamp((int64_t)wanted.master[i] - wanted.momentum[i], update->bound, OF_WEIGHTS);
        wanted.storage[i] = int_nearest(wanted.master[i], update->quant_shift);
    }
}

/* The sums of products of `inputs` and `errors`. */
static void make_gradient(void)
{
    for (size_t i = 0; i < WEIGHTS; ++i) {
        gradient[i] = 0;
        for (size_t b = 0; b < BATCH; ++b)
            gradient[i] += inputs[b * INPUTS + i % INPUTS] * errors[b * ROWS + i / INPUTS];
    }
}

static void words_step(const char *test, const IntUpdate *update)
{
    static int16_t storage[WEIGHTS], x[BATCH * INPUTS], e[BATCH * ROWS];
    for (size_t i = 0; i < BATCH * INPUTS; ++i)
        x[i] = (int16_t)inputs[i];
    for (size_t i = 0; i < BATCH * ROWS; ++i)
        e[i] = (int16_t)errors[i];
    int_regroup_s16(groups, x, e, BATCH, INPUTS, ROWS);
    int_fused_s16(found.master, found.momentum, storage, groups, 0, ROWS, BATCH, INPUTS, ROWS,
                  update);
    for (size_t i = 0; i < WEIGHTS; ++i)
        found.storage[i] = storage[i];
    sgd_plain(update);
    compare(test);
}

static void bytes_step(const char *test, const IntUpdate *update)
{
    static int8_t storage[WEIGHTS], e[BATCH * ROWS];
    static uint8_t x[BATCH * INPUTS];
    for (size_t i = 0; i < BATCH * INPUTS; ++i)
        x[i] = (uint8_t)inputs[i];
    for (size_t i = 0; i < BATCH * ROWS; ++i)
        e[i] = (int8_t)errors[i];
    int_regroup_u8(groups, x, e, BATCH, INPUTS, ROWS);
    for (size_t row = 0, at = 0; row < ROWS; ++row, at += INPUTS)
        int_fused_u8(found.master + at, found.momentum + at, storage + at, groups, row, BATCH,
                     INPUTS, ROWS, update);
    for (size_t i = 0; i < WEIGHTS; ++i)
        found.storage[i] = storage[i];
    sgd_plain(update);
    compare(test);
}

static void fill_operands(int32_t most_input, int32_t most_error)
{
    for (size_t i = 0; i < BATCH * INPUTS; ++i)
        inputs[i] = extreme(most_input);
    for (size_t i = 0; i < BATCH * ROWS; ++i)
        errors[i] = extreme(most_error);
}

/* The product fits 31 bits, or its halves 16 and 31; momentum starts at its 30 bits. */
static void test_words(const char *test, int32_t rate, int rate_shift, int halves, int32_t most_e)
{
    const IntUpdate update = {.rate = rate,
                              .rate_shift = rate_shift,
                              .halves = halves,
                              .loss_shift = 6,
                              .most = (1 << 30) - 1,
                              .bound = 32767 << 14,
                              .quant_shift = 14};
    fill_state(update.bound, update.most);
    fill_operands(32767, most_e);
    make_gradient();
    words_step(test, &update);
    require_clamp(test, OF_MOMENTA);
    require_clamp(test, OF_WEIGHTS);
}

static void test_bytes(const char *test)
{
    const IntUpdate update = {
        .rate = 1 << 13, .loss_shift = 3, .bound = 127 << 22, .quant_shift = 22};
    fill_state(update.bound, 1 << 29);
    fill_operands(127, 127);
    for (size_t i = 0; i < BATCH * INPUTS; ++i)
        inputs[i] = abs(inputs[i]);
    make_gradient();
    bytes_step(test, &update);
    require_clamp(test, OF_WEIGHTS);
}

/* One weight goes beyond its bound, by less than its storage copy shows: the row must be clamped
 * for it alone. */
static void fill_lone(size_t i, int32_t bound)
{
    memset(&found, 0, sizeof found);
    found.master[i] = i % 2 ? bound : -bound;
    found.momentum[i] = i % 2 ? -1024 : 1024;
    wanted = found;
}

static void test_lone_weights(void)
{
    const IntUpdate words = {.rate = 1, .loss_shift = 6, .bound = 32767 << 14, .quant_shift = 14};
    const IntUpdate bytes = {.rate = 1, .loss_shift = 6, .bound = 127 << 22, .quant_shift = 22};
    fill_operands(0, 0);
    make_gradient();
    for (size_t i = 0; i < WEIGHTS; ++i) {
        fill_lone(i, words.bound);
        words_step("fused, words, one beyond its bound", &words);
        fill_lone(i, bytes.bound);
        bytes_step("fused, bytes, one beyond its bound", &bytes);
    }
}

/* ---- adam, int_adam.h ------------------------------------------------------------------------ */

static int32_t over_root(int32_t m, int32_t v, int shift)
{
    const int half = int_leading_zeros((uint32_t)v) >> 1;
    (void)clamp(int_nearest(m, shift - half), 32767, OF_QUOTIENTS);
    return int_over_root(m, v, shift);
}

static void adam_plain(const IntAdam *a)
{
    for (size_t i = 0; i < WEIGHTS; ++i) {
        const int32_t g = clamp(gradient[i], a->most, OF_GRADIENTS) * (1 << a->up);
        const int32_t root = int_nearest(g, a->root_shift);
        const int32_t rise = root * root - wanted.square[i];
        wanted.momentum[i] += int_nearest(g - wanted.momentum[i], a->mean_shift);
        wanted.square[i] += int_stochastic(rise, a->square_shift, draws[i]);
        const int32_t quotient =
            over_root(wanted.momentum[i], wanted.square[i] + a->epsilon, a->ratio_shift);
        const int64_t ratio = int_nearest(quotient, a->ratio_down);
        const int64_t w = wanted.master[i] - int_nearest64(ratio * a->rate, a->rate_shift);
        wanted.master[i] = clamp(w, a->bound, OF_WEIGHTS);
    }
}

static void test_adam(const char *test)
{
    const IntAdam a = {.most = 32767 << 1,
                       .epsilon = 1,
                       .rate = 1 << 24,
                       .bound = 127 << 22,
                       .up = 13,
                       .root_shift = 14,
                       .mean_shift = 3,
                       .square_shift = 10,
                       .ratio_shift = 19,
                       .ratio_down = 11,
                       .rate_shift = 17};
    fill_state(a.bound, a.most << a.up);
    for (size_t i = 0; i < WEIGHTS; ++i) {
        gradient[i] = extreme(INT32_MAX);
        draws[i] = (uint16_t)draw();
    }
    const size_t done =
        int_adam(found.master, found.momentum, found.square, gradient, draws, WEIGHTS, &a);
    adam_plain(&a);
    memset(found.storage, 0, sizeof found.storage);
    memset(wanted.storage, 0, sizeof wanted.storage);
    compare(done == WEIGHTS ? test : "some of the weights only");
    require_clamp(test, OF_GRADIENTS);
    require_clamp(test, OF_QUOTIENTS);
    require_clamp(test, OF_WEIGHTS);
}

int main(void)
{
    test_words("fused, words, the product in 32 bits", 1 << 9, 2, 0, 42);
    test_words("fused, words, the product not rounded", 1 << 8, 0, 0, 42);
    test_words("fused, words, halves", 100, 8, 1, 1 << 12);
    test_bytes("fused, bytes");
    test_lone_weights();
    test_adam("adam");
    return 0;
}
