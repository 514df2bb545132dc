/* Arithmetic that is pasted into every generated file: rounding, powers of two, streams. */
#include "int_curves.h"
#include "int_roots.h"
#include "int_draws.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { POWER_BITS = 20 }; /* of the exponents given to int_exp2 */

static uint16_t table[33];

static int fill_table(void **state) {
    (void)state;
    for (int i = 0; i <= 32; i++)
        table[i] = (uint16_t)lround(ldexp(exp2(-i / 32.0), 15));
    return 0;
}

/* ---- shifts and rounding ---- */

static void shifts_round_down(void **state) {
    (void)state;
    for (int32_t v = -1000; v <= 1000; v++)
        for (int s = 0; s < 12; s++) {
            assert_int_equal(int_shift(v, s), (int32_t)floor(ldexp(v, -s)));
            assert_int_equal(int_shift64(v, s), (int64_t)floor(ldexp(v, -s)));
        }
    assert_int_equal(int_shift(INT32_MIN, 31), -1);
    assert_int_equal(int_shift64(INT64_MIN, 62), -2);
}

static void nearest_takes_halves_upwards(void **state) {
    (void)state;
    for (int32_t v = -1000; v <= 1000; v++)
        for (int s = 1; s < 12; s++) {
            assert_int_equal(int_nearest(v, s), (int32_t)floor(ldexp(v, -s) + 0.5));
            assert_int_equal(int_nearest64(v, s), (int64_t)floor(ldexp(v, -s) + 0.5));
        }
}

static void stochastic_hits_the_mean(void **state) {
    (void)state;
    for (int32_t v = -70; v <= 70; v++) {
        int32_t sum = 0;
        int64_t wide = 0;
        for (uint32_t r = 0; r < 32; r++) {
            sum += int_stochastic(v, 5, r);
            wide += int_stochastic64(v, 5, r + 320); /* only its low bits count */
        }
        assert_int_equal(sum, v);
        assert_int_equal(wide, v);
    }
}

static void clamps_at_both_ends(void **state) {
    (void)state;
    for (int v = -300; v <= 300; v++) {
        const int wanted = v < -100 ? -100 : v > 77 ? 77 : v;
        assert_int_equal(int_clamp(v, -100, 77), wanted);
        assert_int_equal(int_clamp64(v, -100, 77), wanted);
        assert_int_equal(int_positive(v), v > 0 ? v : 0);
    }
}

/* ---- powers of two ---- */

static void powers_are_close(void **state) {
    (void)state;
    for (uint32_t t = 0; t < (uint32_t)18 << POWER_BITS; t += 97) {
        const double exact = ldexp(exp2(-ldexp(t, -POWER_BITS)), 15);
        const double off = int_exp2(t, POWER_BITS, table) - exact;
        assert_true(off > -1 && off < 4);
    }
    assert_int_equal(int_exp2(0, POWER_BITS, table), 32768);
}

static void logarithm_undoes_the_power(void **state) {
    (void)state;
    for (uint32_t sum = 32768; sum < UINT32_C(1) << 30; sum += 1 + sum / 777) {
        const double exact = ldexp(log2(ldexp(sum, -15)), 15);
        const double off = int_log2(sum, table) - exact;
        assert_true(off > -12 && off < 12);
    }
    assert_int_equal(int_log2(32768, table), 0);
}

/* The table of roots is off by one part in 2^13, m by half of its last place. */
static void quotient_by_a_root_is_close(void **state) {
    (void)state;
    enum { SHIFT = 19, EIGHT = 1 << 17 };
    for (uint32_t v = 1; v < UINT32_C(1) << 31; v += 1 + v / 3001)
        for (int sixteenth = -16; sixteenth <= 16; sixteenth++) {
            const int32_t m = (int32_t)(fmin(sqrt(v) * EIGHT, 1 << 29) * sixteenth / 16);
            const double exact = m / sqrt(v);
            const double found = ldexp(int_over_root(m, (int32_t)v, SHIFT), SHIFT - 31);
            assert_true(fabs(found - exact) <= ldexp(fabs(exact), -13) + 8.5);
        }
    assert_int_equal(int_over_root(INT32_C(1) << 29, 1, SHIFT), 32767 * 65535);
    assert_int_equal(int_over_root(-(INT32_C(1) << 29), 1, SHIFT), -32767 * 65535);
    assert_int_equal(int_over_root(0, 1, SHIFT), 0);
}

/* Two bits more than Newton's step leaves: the largest among random numbers of every length. */
static void inverse_roots_are_close(void **state) {
    (void)state;
    uint64_t random = 1;
    for (int i = 0; i < 400000; i++) {
        const int64_t v = (int64_t)(int_next(&random) >> 1 >> i % 63);
        const double off =
            v > 0 ? ldexp((double)int_inverse_root(v), -61) * sqrt((double)v) - 1 : 0;
        assert_true(off > -ldexp(1, -25) && off < ldexp(1, -28));
    }
    assert_int_equal(int_inverse_root(1), INT64_C(1) << 61);
    assert_int_equal(int_inverse_root(INT64_C(1) << 60), INT64_C(1) << 31);
    assert_true(int_inverse_root(INT64_MAX) < 759250126);
}

static void means_round_halves_upwards(void **state) {
    (void)state;
    for (int64_t sum = -300; sum <= 300; sum++)
        for (int32_t count = 1; count <= 9; count++)
            for (int up = 0; up < 3; up++)
                assert_int_equal(int_mean(sum, count, up),
                                 (int64_t)floor(ldexp((double)sum, up) / count + 0.5));
    assert_int_equal(int_mean(INT64_MAX, 65536, 16), INT64_MAX);
    assert_int_equal(int_mean(-INT64_MAX, 65536, 16), -INT64_MAX);
}

static void tanh_is_close(void **state) {
    (void)state;
    for (int32_t x = 0; x < 10 << 14; x++)
        assert_true(fabs(ldexp(int_tanh(x), -15) - tanh(ldexp(x, -14))) < ldexp(1, -11));
    assert_int_equal(int_tanh(INT32_MAX), 32768);
    assert_int_equal(int_tanh(0), 0);
}

/* ---- random streams ---- */

/* The one key whose first row comes to zero, from which XorShift never gets away. */
static void a_stream_never_starts_at_zero(void **state) {
    (void)state;
    const uint64_t golden = UINT64_C(0x9E3779B97F4A7C15);
    uint64_t start = int_row(0 - golden, 0);
    assert_int_equal(start, 0xC0FFEE);
    assert_true(int_next(&start) != 0);
}

static void streams_differ(void **state) {
    (void)state;
    const uint64_t site = int_site(1, 2, 3);
    assert_true(site != int_site(2, 2, 3) && site != int_site(1, 3, 3) &&
                site != int_site(1, 2, 4));
    assert_true(int_row(site, 0) != int_row(site, 1));
}

/* A row drawn with others is the row drawn alone, whatever their number. */
static void rows_together_are_rows_alone(void **state) {
    (void)state;
    const uint64_t site = int_site(5, 6, 7);
    for (size_t count = 1; count < 12; count++)
        for (size_t rows = 1; rows <= 4; rows++) {
            uint16_t all[44], one[11];
            int_draw16_rows(site, 8, rows, all, count);
            for (size_t r = 0; r < rows; r++) {
                int_draw16(int_row(site, 8 + (uint32_t)r), one, count);
                assert_memory_equal(all + r * count, one, count * sizeof *one);
            }
        }
}

static void narrow_draws_are_parts_of_wide_ones(void **state) {
    (void)state;
    for (size_t count = 1; count < 12; count++) {
        uint16_t narrow[12];
        uint32_t middle[12];
        uint64_t wide[12];
        int_draw16(99, narrow, count);
        int_draw32(99, middle, count);
        int_draw64(99, wide, count);
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(narrow[i], wide[i / 4] >> (16 * (i % 4)) & 0xFFFF);
            assert_int_equal(middle[i], wide[i / 2] >> (32 * (i % 2)) & 0xFFFFFFFF);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shifts_round_down),
        cmocka_unit_test(nearest_takes_halves_upwards),
        cmocka_unit_test(stochastic_hits_the_mean),
        cmocka_unit_test(clamps_at_both_ends),
        cmocka_unit_test(powers_are_close),
        cmocka_unit_test(logarithm_undoes_the_power),
        cmocka_unit_test(quotient_by_a_root_is_close),
        cmocka_unit_test(inverse_roots_are_close),
        cmocka_unit_test(means_round_halves_upwards),
        cmocka_unit_test(tanh_is_close),
        cmocka_unit_test(a_stream_never_starts_at_zero),
        cmocka_unit_test(streams_differ),
        cmocka_unit_test(rows_together_are_rows_alone),
        cmocka_unit_test(narrow_draws_are_parts_of_wide_ones),
    };
    return cmocka_run_group_tests(tests, fill_table, NULL);
}
