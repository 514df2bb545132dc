m4_dnl gru.m4 - a gated recurrent unit, and its error, from the last step to the first. Parts of p,
m4_dnl of the sums and of the gates stand behind each other: r, z, n.
m4_define([<INTC_OF_PART>], [<m4_ifelse($2, 0, [<$1[i]>], $2, 1, [<$1[INTC_UNITS + i]>],
    [<$1[2 * INTC_UNITS + i]>])>])m4_dnl
m4_define([<INTC_gru>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_STEPS, INTC_RECURRENT_WORK([<rows>], 3))
    for (size_t step = 0; step < rows * INTC_STEPS; ++step) {
        const INTC_P_TYPE *const p = INTC_P + step * (3 * INTC_UNITS);
        INTC_H_TYPE *const h = INTC_H + step * INTC_UNITS;
        INTC_GATES_TYPE *const gates = INTC_GATES + step * (3 * INTC_UNITS);
        INTC_INNER_TYPE *const inner = INTC_INNER + step * INTC_UNITS;
        INTC_PRODUCTS_TYPE *const sum = INTC_OWN_ACCUMULATOR;
        m4_ifelse(INTC_FLOAT, 1, float, int32_t) *const state = INTC_OWN_STATE;
        if (step % INTC_STEPS == 0) {
            memset(sum, 0, 3 * INTC_UNITS * sizeof *sum);
            memset(state, 0, INTC_UNITS * sizeof *state);
        } else {
            const INTC_H_TYPE *const last = h - INTC_UNITS;
INTC_STATE_PRODUCTS([<3 * INTC_UNITS>], [<last>])m4_dnl
        }
        for (size_t i = 0; i < INTC_UNITS; ++i) {
m4_ifelse(INTC_FLOAT, 1, [<INTC_GRU_FLOAT[<>]>], [<INTC_GRU_INTEGER[<>]>])m4_dnl
        }
INTC_COUNT([<        >], [<h>], INTC_UNITS)m4_dnl
    }
>])m4_dnl
m4_define([<INTC_GRU_SUM>],
    [<INTC_SCALED_TERM([<INTC_OF_PART([<sum>], $1)>], INTC_PRODUCTS_SCALE)m4_dnl
 + INTC_SCALED_TERM([<INTC_OF_PART([<p>], $1)>], INTC_P_SCALE)>])m4_dnl
m4_define([<INTC_PRODUCTS_WIDTH>], [<m4_ifelse(INTC_PRODUCTS_TYPE, int64_t, 64)>])m4_dnl
m4_define([<INTC_INNER_ROUNDED>],
    [<m4_ifelse(INTC_INNER_DOWN, 0, [<INTC_OF_PART([<sum>], 2)>],
        [<int_nearest[<>]INTC_PRODUCTS_WIDTH[<>](INTC_OF_PART([<sum>], 2), INTC_INNER_DOWN)>])>])m4_dnl
m4_define([<INTC_GRU_GATE>], [<int_clamp((32768 + ($1 < 0 ? -$2 : $2)) >> 1, 0, 32767)>])m4_dnl
m4_define([<INTC_GRU_INTEGER>], [<m4_dnl
            /* gates, (1 + tanh(sum / 2)) / 2 in 15 bits */
            const INTC_SUM_TYPE reset_sum = INTC_GRU_SUM(0);
            const INTC_SUM_TYPE keep_sum = INTC_GRU_SUM(1);
            const int32_t reset_curve = int_tanh(INTC_POSITION_OF([<reset_sum>]));
            const int32_t keep_curve = int_tanh(INTC_POSITION_OF([<keep_sum>]));
            const int32_t r = INTC_GRU_GATE([<reset_sum>], [<reset_curve>]);
            const int32_t z = INTC_GRU_GATE([<keep_sum>], [<keep_curve>]);
            /* the candidate: r * c has 30 bits */
            const int32_t c = m4_ifelse(INTC_PRODUCTS_WIDTH, 64, [<(int32_t)>])m4_dnl
int_clamp[<>]INTC_PRODUCTS_WIDTH[<>](INTC_INNER_ROUNDED, -INTC_INNER_MOST, INTC_INNER_MOST)[<>]m4_dnl
m4_ifelse(INTC_INNER_UP, 1, [<>], [< * INTC_INNER_UP>]);
            const int[<>]m4_ifelse(INTC_CANDIDATE_WIDTH, 64, 64, 32)_t value = m4_dnl
INTC_CANDIDATE_TERM([<int_nearest(r * c, 15)>], INTC_INNER_SCALE) + m4_dnl
INTC_CANDIDATE_TERM([<INTC_OF_PART([<p>], 2)>], INTC_CANDIDATE_SCALE);
            const int32_t at = m4_ifelse(INTC_CANDIDATE_WIDTH, 64,
                [<(int32_t)(INTC_CANDIDATE_POSITION)>], [<INTC_CANDIDATE_POSITION>]);
            const int32_t curve = int_clamp(int_tanh(at), 0, 32767);
            const int32_t n = value < 0 ? -curve : curve;
            /* |state - n| * z is at most 65534 * 32767; the clamp, between n and the last state,
             * does nothing */
            state[i] = int_clamp(n + int_nearest((state[i] - n) * z, 15), -32767, 32767);
            INTC_OF_PART([<gates>], 0) = (int16_t)r;
            INTC_OF_PART([<gates>], 1) = (int16_t)z;
            INTC_OF_PART([<gates>], 2) = (int16_t)n;
            inner[i] = (int16_t)c;
            h[i] = INTC_CASTED([<state[i]>]);
>])m4_dnl
m4_define([<INTC_CANDIDATE_TERM>],
    [<m4_ifelse($2:INTC_CANDIDATE_WIDTH, [<1:>], [<$1>], INTC_CANDIDATE_WIDTH, 64,
        [<(int64_t)$1 * $2>], [<(int32_t)$1 * $2>])>])m4_dnl
m4_define([<INTC_CANDIDATE_POSITION>],
    [<int_clamp[<>]INTC_CANDIDATE_WIDTH[<>](value < 0 ? -value : value, 0, INTC_CANDIDATE_REACH)m4_dnl
INTC_IN_UNITS([<CANDIDATE>], int32_t)>])m4_dnl
m4_define([<INTC_GRU_FLOAT>], [<m4_dnl
            const float r = 1.0F / (1.0F + expf(-(INTC_GRU_SUM(0))));
            const float z = 1.0F / (1.0F + expf(-(INTC_GRU_SUM(1))));
            const float n = tanhf(r * INTC_OF_PART([<sum>], 2) + INTC_OF_PART([<p>], 2));
            state[i] = n + (state[i] - n) * z;
            INTC_OF_PART([<gates>], 0) = r;
            INTC_OF_PART([<gates>], 1) = z;
            INTC_OF_PART([<gates>], 2) = n;
            inner[i] = INTC_OF_PART([<sum>], 2);
            h[i] = state[i];
>])m4_dnl
m4_dnl
m4_define([<INTC_gru_error>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        INT_PARALLEL(1, INTC_RECURRENT_WORK([<(size_t)INTC_SAMPLES>], 3))
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            INTC_PRODUCTS_TYPE *const sum = INTC_OWN_ACCUMULATOR;
            m4_ifelse(INTC_FLOAT, 1, float, int32_t) *const carry = INTC_OWN_CARRY;
            memset(sum, 0, INTC_UNITS * sizeof *sum);
            memset(carry, 0, INTC_UNITS * sizeof *carry);INTC_FILL_OWN_DRAWS(b, 4 * INTC_H_SIZE)
            for (size_t later = 0; later < INTC_STEPS; ++later) {
                const size_t t = INTC_STEPS - 1 - later;
                const size_t step = b * INTC_STEPS + t;
                const INTC_E_H_TYPE *const e = INTC_E_H + step * INTC_UNITS;
                const INTC_GATES_TYPE *const gates = INTC_GATES + step * (3 * INTC_UNITS);
                const INTC_INNER_TYPE *const inner = INTC_INNER + step * INTC_UNITS;
                INTC_E_P_TYPE *const y = INTC_E_P + step * (3 * INTC_UNITS);
                INTC_E_S_TYPE *const e_s = INTC_E_S + step * (3 * INTC_UNITS);
                for (size_t i = 0; i < INTC_UNITS; ++i) {
m4_ifelse(INTC_FLOAT, 1, [<INTC_GRU_ERROR_FLOAT[<>]>], [<INTC_GRU_ERROR_INTEGER[<>]>])m4_dnl
                    INTC_OF_PART([<e_s>], 0) = INTC_OF_PART([<y>], 0);
                    INTC_OF_PART([<e_s>], 1) = INTC_OF_PART([<y>], 1);
                }
INTC_COUNT([<                >], [<y>], (3 * INTC_UNITS))m4_dnl
                if (t > 0) {
INTC_STATE_ERRORS([<3 * INTC_UNITS>], [<e_s>])m4_dnl
                }
            }
        }
    }
>])m4_dnl
m4_define([<INTC_INJECTED_TERM>],
    [<m4_ifelse($2:INTC_INJECTED_WIDTH, [<1:>], [<$1>], INTC_INJECTED_WIDTH, 64,
        [<(int64_t)$1 * $2>], [<(int32_t)$1 * $2>])>])m4_dnl
m4_define([<INTC_INJECTED>],
    [<INTC_INJECTED_TERM([<sum[i]>], INTC_PRODUCTS_SCALE)m4_dnl
 + INTC_INJECTED_TERM([<e[i]>], INTC_E_SCALE)>])m4_dnl
m4_define([<INTC_INJECTED_REDUCED>],
    [<m4_ifelse(INTC_SUM_DOWN, 0, [<INTC_INJECTED>],
        [<int_nearest[<>]INTC_INJECTED_WIDTH[<>](INTC_INJECTED, INTC_SUM_DOWN)>])>])m4_dnl
m4_define([<INTC_LAST_STATE>],
    [<m4_ifelse(INTC_STATE_DOWN, 0,
        [<m4_ifelse(INTC_STATE_UP, 1, [<>], [<(int32_t)>])m4_dnl
(INTC_H)[(step - 1) * INTC_UNITS + i][<>]m4_ifelse(INTC_STATE_UP, 1, [<>], [< * INTC_STATE_UP>])>],
        [<int_nearest((INTC_H)[(step - 1) * INTC_UNITS + i], INTC_STATE_DOWN)>])>])m4_dnl
m4_define([<INTC_GRU_DRAWN>],
    [<INTC_CASTED([<(INTC_SUM_TYPE)g * ($1)>], [<(t * 4 + $2) * INTC_UNITS + i>])>])m4_dnl
m4_define([<INTC_GRU_ERROR_INTEGER>], [<m4_dnl
                    const int32_t injected = m4_ifelse(INTC_INJECTED_WIDTH, 64,
                        [<(int32_t)(INTC_INJECTED_REDUCED)>], [<INTC_INJECTED_REDUCED>]);
                    const int32_t g = int_clamp(injected + carry[i], -INTC_G_MOST, INTC_G_MOST);
                    const int32_t r = INTC_OF_PART([<gates>], 0);
                    const int32_t z = INTC_OF_PART([<gates>], 1);
                    const int32_t n = INTC_OF_PART([<gates>], 2);
                    const int32_t last = t > 0 ? INTC_LAST_STATE : 0;
                    /* slopes in 15 bits: factors are at most 2^15 */
                    const int32_t to_n = int_nearest((32768 - z) * (32768 - int_nearest(n * n, 15)), 15);
                    const int32_t to_z = int_nearest((last - n) * int_nearest(z * (32768 - z), 15), 15);
                    const int32_t to_r = int_nearest(to_n * int_nearest(r * (32768 - r), 15), 15);
                    carry[i] = (int32_t)int_nearest64((int64_t)g * z, 15);
                    INTC_OF_PART([<y>], 0) = INTC_GRU_DRAWN([<m4_ifelse(INTC_INNER_SHIFT, 0,
                        [<to_r * inner[i]>], [<int_nearest(to_r * inner[i], INTC_INNER_SHIFT)>])>], 0);
                    INTC_OF_PART([<y>], 1) = INTC_GRU_DRAWN([<to_z>], 1);
                    INTC_OF_PART([<y>], 2) = INTC_GRU_DRAWN([<to_n>], 2);
                    INTC_OF_PART([<e_s>], 2) = INTC_GRU_DRAWN([<int_nearest(to_n * r, 15)>], 3);
>])m4_dnl
m4_define([<INTC_GRU_ERROR_FLOAT>], [<m4_dnl
                    const float g = sum[i] + e[i] + carry[i];
                    const float r = INTC_OF_PART([<gates>], 0);
                    const float z = INTC_OF_PART([<gates>], 1);
                    const float n = INTC_OF_PART([<gates>], 2);
                    const float last = t > 0 ? (INTC_H)[(step - 1) * INTC_UNITS + i] : 0.0F;
                    const float to_n = g * (1.0F - z) * (1.0F - n * n);
                    carry[i] = g * z;
                    INTC_OF_PART([<y>], 0) = to_n * inner[i] * r * (1.0F - r);
                    INTC_OF_PART([<y>], 1) = g * (last - n) * z * (1.0F - z);
                    INTC_OF_PART([<y>], 2) = to_n;
                    INTC_OF_PART([<e_s>], 2) = to_n * r;
>])m4_dnl
