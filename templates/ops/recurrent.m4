m4_dnl recurrent.m4 - what layers share that go through a sequence step by step.
m4_dnl
m4_dnl sum[o] = sum over k of h[k] * weights[o][k], where h is the state of a step, INTC_UNITS long;
m4_dnl $1 sums.
m4_define([<INTC_STATE_PRODUCTS>], [<m4_ifelse(INTC_KERNEL, [<>], [<m4_dnl
            for (size_t o = 0; o < $1; ++o) {
                sum[o] = 0;
                for (size_t k = 0; k < INTC_UNITS; ++k)
                    sum[o] += (INTC_PRODUCTS_TYPE)$2[k] * INTC_OPERAND(INTC_WEIGHTS)[o * INTC_UNITS + k];
            }
>], [<m4_dnl
            INTC_KERNEL_CALL([<products>])(sum, $2, INTC_WEIGHTS, INTC_UNITS, 1, $1);
>])>])m4_dnl
m4_dnl sum[k] = sum over o of e[o] * weights[o][k]; $1 errors $2.
m4_define([<INTC_STATE_ERRORS>], [<m4_ifelse(INTC_KERNEL, [<>], [<m4_dnl
                    memset(sum, 0, INTC_UNITS * sizeof *sum);
                    for (size_t o = 0; o < $1; ++o)
                        for (size_t k = 0; $2[o] != 0 && k < INTC_UNITS; ++k)
                            sum[k] += (INTC_PRODUCTS_TYPE)$2[o] * INTC_OPERAND(INTC_WEIGHTS)[o * INTC_UNITS + k];
>], [<m4_dnl
                    INTC_KERNEL_CALL([<error>])(sum, $2, INTC_WEIGHTS, $1, INTC_UNITS);
>])>])m4_dnl
m4_dnl Of $1 sequences, with $2 sums for each unit: a curve takes as long as some sixteen products.
m4_define([<INTC_RECURRENT_WORK>],
    [<$1 * INTC_STEPS * ($2 * INTC_UNITS) * (INTC_UNITS + 16)>])m4_dnl
m4_dnl The term $1 of a sum, times $2.
m4_define([<INTC_SCALED_TERM>],
    [<m4_ifelse(INTC_FLOAT, 1, [<$1>], $2:INTC_SUM_WIDTH, [<1:>], [<$1>], $2, 1,
        [<(INTC_SUM_TYPE)$1>], [<(INTC_SUM_TYPE)$1 * $2>])>])m4_dnl
m4_dnl The position of |$1| in units of a table of curves.
m4_define([<INTC_POSITION_OF>],
    [<m4_ifelse(INTC_SUM_WIDTH, 64, [<(int32_t)(INTC_POSITION([<$1>]))>],
        [<INTC_POSITION([<$1>])>])>])m4_dnl
m4_define([<INTC_POSITION>],
    [<int_clamp[<>]INTC_SUM_WIDTH[<>]($1 < 0 ? -$1 : $1, 0, INTC_REACH)[<>]INTC_IN_UNITS([<POSITION>], INTC_SUM_TYPE)>])m4_dnl
m4_dnl
m4_dnl gradient[o][k] = sum over b and t > 0 of e[b][t][o] * h[b][t-1][k]; opens the loop over rows
m4_dnl that the update closes
m4_define([<INTC_recurrent_weight_gradient>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_STRIP_ROWS, (size_t)INTC_SAMPLES * (INTC_STEPS - 1) * INTC_OUTPUTS * INTC_UNITS)
    for (size_t row = 0; row < INTC_OUTPUTS; ++row) {
        INTC_GRADIENT_TYPE *restrict const g = INTC_OWN_GRADIENT;
        memset(g, 0, INTC_UNITS * sizeof *g);
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            const INTC_E_TYPE *const e = INTC_E + b * INTC_E_SIZE + INTC_OUTPUTS + row;
            const INTC_H_TYPE *const h = INTC_H + b * INTC_H_SIZE;
m4_ifelse(INTC_KERNEL, [<>], [<m4_dnl
            for (size_t t = 0; t < INTC_STEPS - 1; ++t) {
                const INTC_GRADIENT_TYPE error = e[t * INTC_OUTPUTS];
                for (size_t k = 0; error != 0 && k < INTC_UNITS; ++k)
                    g[k] += error * h[t * INTC_UNITS + k];
            }
>], [<m4_dnl
            INTC_KERNEL_CALL([<add_rows>])(g, e, INTC_OUTPUTS, h, INTC_STEPS - 1, INTC_UNITS);
>])m4_dnl
        }
>])m4_dnl
