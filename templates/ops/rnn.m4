m4_dnl rnn.m4 - h[t] = tanh(p[t] + h[t-1] * weights), and its error, backwards from the last step.
m4_define([<INTC_rnn>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_STEPS, INTC_RECURRENT_WORK([<rows>], 1))
    for (size_t step = 0; step < rows * INTC_STEPS; ++step) {
        const INTC_P_TYPE *const p = INTC_P + step * INTC_UNITS;
        INTC_H_TYPE *const h = INTC_H + step * INTC_UNITS;
        INTC_PRODUCTS_TYPE *const sum = INTC_OWN_ACCUMULATOR;
        if (step % INTC_STEPS == 0) {
            memset(sum, 0, INTC_UNITS * sizeof *sum);
        } else {
            const INTC_H_TYPE *const last = h - INTC_UNITS;
INTC_STATE_PRODUCTS([<INTC_UNITS>], [<last>])m4_dnl
        }
        for (size_t i = 0; i < INTC_UNITS; ++i) {
            const INTC_SUM_TYPE z = INTC_SCALED_TERM([<sum[i]>], INTC_PRODUCTS_SCALE)m4_dnl
 + INTC_SCALED_TERM([<p[i]>], INTC_P_SCALE);
m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
            h[i] = tanhf(z);
>], [<m4_dnl
            const int32_t y = int_tanh(INTC_POSITION_OF([<z>]));
            h[i] = INTC_CASTED([<z < 0 ? -y : y>]);
>])m4_dnl
        }
INTC_COUNT([<        >], [<h>], INTC_UNITS)m4_dnl
    }
>])m4_dnl
m4_define([<INTC_SUM_REDUCED>],
    [<m4_ifelse(INTC_FLOAT, 1, [<($1)>], INTC_SUM_DOWN, 0, [<($1)>],
        [<int_nearest[<>]INTC_SUM_WIDTH[<>]($1, INTC_SUM_DOWN)>])>])m4_dnl
m4_define([<INTC_rnn_error>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        INT_PARALLEL(1, INTC_RECURRENT_WORK([<(size_t)INTC_SAMPLES>], 1))
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            INTC_PRODUCTS_TYPE *const sum = INTC_OWN_ACCUMULATOR;
            memset(sum, 0, INTC_UNITS * sizeof *sum);INTC_FILL_OWN_DRAWS(b, INTC_E_P_SIZE)
            for (size_t later = 0; later < INTC_STEPS; ++later) {
                const size_t t = INTC_STEPS - 1 - later;
                const INTC_E_H_TYPE *const e = INTC_E_H + b * INTC_E_P_SIZE + t * INTC_UNITS;
                const INTC_H_TYPE *const value = INTC_H + b * INTC_E_P_SIZE + t * INTC_UNITS;
                INTC_E_P_TYPE *const y = INTC_E_P + b * INTC_E_P_SIZE + t * INTC_UNITS;
                for (size_t i = 0; i < INTC_UNITS; ++i) {
                    const INTC_SUM_TYPE s = INTC_SUM_REDUCED([<m4_dnl
INTC_SCALED_TERM([<sum[i]>], INTC_PRODUCTS_SCALE) + INTC_SCALED_TERM([<e[i]>], INTC_E_SCALE)>]);
m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
                    y[i] = s * (1.0F - value[i] * value[i]);
>], [<m4_dnl
    INTC_VALUE_DECLARED[<>]m4_dnl
                    y[i] = INTC_CASTED([<s * INTC_SLOPE([<((int32_t)INTC_ONE * INTC_ONE - v * v)>])>],
                        [<t * INTC_UNITS + i>]);
>])m4_dnl
                }
INTC_COUNT([<                >], [<y>], INTC_UNITS)m4_dnl
                if (t > 0) {
INTC_STATE_ERRORS([<INTC_UNITS>], [<y>])m4_dnl
                }
            }
        }
    }
>])m4_dnl
