m4_dnl dense.m4 - a dense layer: forward, error, gradients of weights and bias.
m4_dnl
m4_dnl Where a kernel of int_kernels.h fits the operands, INTC_KERNEL is the end of its name; f32:
m4_dnl of int_float.h.
m4_define([<INTC_KERNEL_CALL>],
    [<m4_ifelse(INTC_KERNEL, [<f32>], [<float_$1>], [<int_$1_[<>]INTC_KERNEL[<>]>])>])m4_dnl
m4_dnl
m4_dnl y[b][o] = bias[o] + sum over k of x[b][k] * weights[o][k]
m4_define([<INTC_dense>], [<m4_ifelse(INTC_KERNEL, [<>], [<INTC_dense_plain>],
    [<INTC_dense_kernel>])>])m4_dnl
m4_define([<INTC_dense_plain>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(1, rows * (size_t)INTC_WORK)
    for (size_t b = 0; b < rows; ++b) {
        const INTC_X_TYPE *const x = INTC_X + b * INTC_IN_FEATURES;
        INTC_Y_TYPE *const y = INTC_Y + b * INTC_OUT_FEATURES;
        for (size_t o = 0; o < INTC_OUT_FEATURES; ++o) {
            const INTC_WEIGHTS_TYPE *const w = INTC_WEIGHTS + o * INTC_IN_FEATURES;
            INTC_SUM_TYPE sum = INTC_BIAS_OF(o);
            for (size_t k = 0; k < INTC_IN_FEATURES; ++k)
                sum += (INTC_SUM_TYPE)x[k] * w[k];
            y[o] = INTC_CASTED([<sum>]);
        }
INTC_COUNT([<        >], [<y>], INTC_OUT_FEATURES)m4_dnl
    }
>])m4_dnl
m4_define([<INTC_WITH_BIAS>], [<m4_ifelse(INTC_BIAS, [<>], [<$1>],
    [<$1 + INTC_BIAS_OF([<$2>])>])>])m4_dnl
m4_define([<INTC_dense_kernel>],
    [<m4_ifelse(INTC_TILED, 1, [<INTC_dense_parts>], INTC_PART, INTC_OUT_FEATURES,
        [<INTC_dense_samples>], [<INTC_dense_parts>])>])m4_dnl
m4_dnl Some samples at a time ...
m4_define([<INTC_dense_samples>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(1, rows * (size_t)INTC_WORK)
    for (size_t b = 0; b < rows; b += INTC_BLOCK) {
        const size_t samples = int_least(rows - b, INTC_BLOCK);
        INTC_SUM_TYPE *const sums = INTC_OWN_ACCUMULATOR;
        INTC_KERNEL_CALL([<products>])(sums, INTC_X + b * INTC_IN_FEATURES, INTC_WEIGHTS, INTC_IN_FEATURES, samples, INTC_OUT_FEATURES);
        for (size_t i = 0; i < samples; ++i) {
            const INTC_SUM_TYPE *restrict const sum = sums + i * INTC_SUM_ROW;
            INTC_Y_TYPE *restrict const y = INTC_Y + (b + i) * INTC_OUT_FEATURES;
            for (size_t o = 0; o < INTC_OUT_FEATURES; ++o)
                y[o] = INTC_CASTED([<INTC_WITH_BIAS([<sum[o]>], [<o>])>]);
INTC_COUNT([<            >], [<y>], INTC_OUT_FEATURES)m4_dnl
        }
    }
>])m4_dnl
m4_dnl ... or some outputs at a time, of many samples.
m4_define([<INTC_dense_parts>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t b = 0; b < rows; b += INTC_BLOCK) {
        const size_t samples = int_least(rows - b, INTC_BLOCK);
m4_ifelse(INTC_TILED, 1, [<m4_dnl
        int_tiles_pack(INT_GROUPS(m), INTC_X + b * INTC_IN_FEATURES, INTC_IN_FEATURES, samples);
>])m4_dnl
        INT_PARALLEL(m4_ifelse(INTC_BY_ROW, 1,
            [<INT_SHARE((INTC_OUT_FEATURES + INTC_PART - 1) / INTC_PART, 1, samples * (size_t)INTC_WORK)>], 1), samples * (size_t)INTC_WORK)
        for (size_t first = 0; first < INTC_OUT_FEATURES; first += INTC_PART) {
            const size_t outputs = int_least(INTC_OUT_FEATURES - first, INTC_PART);
            INTC_SUM_TYPE *const sums = INTC_OWN_ACCUMULATOR;
m4_ifelse(INTC_TILED, 1, [<m4_dnl
            if (!int_tiles_products(sums, INT_GROUPS(m), INTC_WEIGHTS + first * INTC_IN_FEATURES, INTC_IN_FEATURES, samples, outputs))
    >])m4_dnl
            INTC_KERNEL_CALL([<products>])(sums, INTC_X + b * INTC_IN_FEATURES, INTC_WEIGHTS + first * INTC_IN_FEATURES, INTC_IN_FEATURES, samples, outputs);
            for (size_t i = 0; i < samples; ++i) {
                const INTC_SUM_TYPE *restrict const sum = sums + i * ((outputs + 3) / 4 * 4);
                INTC_Y_TYPE *restrict const y = INTC_Y + (b + i) * INTC_OUT_FEATURES + first;
                for (size_t o = 0; o < outputs; ++o)
                    y[o] = INTC_CASTED([<INTC_WITH_BIAS([<sum[o]>], [<first + o>])>]);
INTC_COUNT([<                >], [<y>], outputs)m4_dnl
            }
        }
    }
>])m4_dnl
m4_define([<INTC_BIAS_OF>], [<m4_ifelse(INTC_BIAS, [<>], [<0>], INTC_FLOAT, 1,
    [<INTC_OPERAND(INTC_BIAS)[$1]>],
INTC_BIAS_SHIFT, 0, [<INTC_OPERAND(INTC_BIAS)[$1]>], [<INTC_OPERAND(INTC_BIAS)[$1] * ((INTC_SUM_TYPE)1 << INTC_BIAS_SHIFT)>])>])m4_dnl
m4_dnl
m4_dnl e_x[b][k] = sum over o of e_y[b][o] * weights[o][k]; zero errors add nothing and are skipped
m4_define([<INTC_dense_error>],
    [<m4_ifelse(INTC_BY_ROW, 1, [<INTC_dense_error_by_row>],
        [<INTC_dense_error_by_sample>])>])m4_dnl
m4_define([<INTC_dense_error_by_sample>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        INT_PARALLEL(INTC_STRIP_ROWS, INTC_SAMPLES * (size_t)INTC_WORK)
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            INTC_SUM_TYPE *const sum = INTC_OWN_ACCUMULATOR;
            const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_OUT_FEATURES;
            INTC_E_X_TYPE *const y = INTC_E_X + b * INTC_IN_FEATURES;
m4_ifelse(INTC_KERNEL, [<>], [<m4_dnl
            memset(sum, 0, INTC_IN_FEATURES * sizeof *sum);
            for (size_t o = 0; o < INTC_OUT_FEATURES; ++o) {
                const INTC_WEIGHTS_TYPE *const w = INTC_WEIGHTS + o * INTC_IN_FEATURES;
                const INTC_E_Y_TYPE error = e[o];
                for (size_t k = 0; error != 0 && k < INTC_IN_FEATURES; ++k)
                    sum[k] += (INTC_SUM_TYPE)error * w[k];
            }>], [<m4_dnl
            INTC_KERNEL_CALL([<error>])(sum, e, INTC_WEIGHTS, INTC_OUT_FEATURES, INTC_IN_FEATURES);>])INTC_DRAW_STRIP(b, INTC_SAMPLES, INTC_IN_FEATURES)
            for (size_t k = 0; k < INTC_IN_FEATURES; ++k)
                y[k] = INTC_CASTED([<sum[k]>], [<k>]);
INTC_COUNT([<            >], [<y>], INTC_IN_FEATURES)m4_dnl
        }
    }
>])m4_dnl
m4_dnl The same where threads have rows of weights.
m4_define([<INTC_dense_error_by_row>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        const size_t share = INT_SHARE(INTC_OUT_FEATURES, INTC_TURNS, INTC_SAMPLES * (size_t)INTC_WORK);
        for (size_t start = 0; start < INTC_SAMPLES; start += INT_TOGETHER(INTC_BLOCK)) {
            const size_t end = int_least(INTC_SAMPLES, start + INT_TOGETHER(INTC_BLOCK));
            /* each thread adds up what its rows of weights give, then these sums are added */
            INT_PARALLEL(1, INTC_SAMPLES * (size_t)INTC_WORK)
            for (size_t first = 0; first < INTC_OUT_FEATURES; first += share) {
                INTC_SUM_TYPE *const sums = INT_OWN_OF(m, first / share, INTC_ACCUMULATOR_PLACE);
                for (size_t b = start; b < end; ++b)
                    INTC_KERNEL_CALL([<error>])(sums + (b - start) * INTC_IN_FEATURES, INTC_E_Y + b * INTC_OUT_FEATURES + first, INTC_WEIGHTS + first * INTC_IN_FEATURES, int_least(INTC_OUT_FEATURES - first, share), INTC_IN_FEATURES);
            }
            INT_PARALLEL(INTC_STRIP_ROWS, INTC_SAMPLES * (size_t)INTC_WORK)
            for (size_t b = start; b < end; ++b) {
                INTC_SUM_TYPE *const sum = INT_OWN_OF(m, 0, INTC_ACCUMULATOR_PLACE) + (b - start) * INTC_IN_FEATURES;
                INTC_E_X_TYPE *const y = INTC_E_X + b * INTC_IN_FEATURES;
                for (size_t n = 1; n * share < INTC_OUT_FEATURES; ++n) {
                    const INTC_SUM_TYPE *const more = INT_OWN_OF(m, n, INTC_ACCUMULATOR_PLACE) + (b - start) * INTC_IN_FEATURES;
                    for (size_t k = 0; k < INTC_IN_FEATURES; ++k)
                        sum[[<k>]] += more[[<k>]];
                }INTC_DRAW_STRIP(b, INTC_SAMPLES, INTC_IN_FEATURES, [<    >])
                for (size_t k = 0; k < INTC_IN_FEATURES; ++k)
                    y[k] = INTC_CASTED([<sum[k]>], [<k>]);
INTC_COUNT([<                >], [<y>], INTC_IN_FEATURES)m4_dnl
            }
        }
    }
>])m4_dnl
m4_dnl
m4_dnl gradient[o][k] = sum over b of e_y[b][o] * x[b][k]; opens the loop that the update closes
m4_define([<INTC_dense_weight_gradient>], [<m4_dnl
    /* INTC_ABOUT */
m4_ifelse(INTC_KERNEL, [<>], [<>], INTC_KERNEL, [<f32>], [<>], [<m4_dnl
    int_regroup_[<>]INTC_KERNEL[<>](INT_GROUPS(m), INTC_X, INTC_E_Y, INTC_SAMPLES, INTC_IN_FEATURES, INTC_OUT_FEATURES);
>])m4_dnl
    INT_PARALLEL(m4_ifelse(INTC_BY_ROW, 1,
        [<INT_SHARE(INTC_OUT_FEATURES, INTC_TURNS, INTC_SAMPLES * (size_t)INTC_WORK)>],
        [<INTC_TURNS>]), INTC_SAMPLES * (size_t)INTC_WORK)
    for (size_t row = 0; row < INTC_OUT_FEATURES; ++row) {
m4_ifelse(INTC_KERNEL, [<>], [<m4_dnl
        INTC_GRADIENT_TYPE *restrict const g = INTC_OWN_GRADIENT;
        memset(g, 0, INTC_IN_FEATURES * sizeof *g);
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            const INTC_X_TYPE *const x = INTC_X + b * INTC_IN_FEATURES;
            const INTC_E_Y_TYPE error = (INTC_E_Y)[b * INTC_OUT_FEATURES + row];
            for (size_t k = 0; error != 0 && k < INTC_IN_FEATURES; ++k)
                g[k] += (INTC_GRADIENT_TYPE)error * x[k];
        }
>], [<m4_dnl
        INTC_GRADIENT_TYPE *restrict const g = INTC_OWN_GRADIENT[<>]m4_ifelse(INTC_STRIP, 1,
            [<>], [< + row % INTC_STRIP * INTC_IN_FEATURES>]);
m4_ifelse(INTC_FUSED, 8, [<        if (!INT_FUSED)
    >], INTC_FUSED, 16, [<        if (!INT_FUSED && row % INTC_STRIP == 0)
    >], INTC_STRIP, 1, [<>], [<        if (row % INTC_STRIP == 0)
    >])m4_dnl
        INTC_KERNEL_CALL([<gradient>])(g, m4_ifelse(INTC_FLOAT, 1, [<>], [<INT_GROUPS(m), >])m4_dnl
INTC_X, INTC_E_Y, row, m4_ifelse(INTC_STRIP, 1, 1,
            [<int_least(INTC_OUT_FEATURES - row, INTC_STRIP)>]), INTC_SAMPLES, INTC_IN_FEATURES, INTC_OUT_FEATURES);
>])m4_dnl
>])m4_dnl
m4_dnl
m4_dnl gradient[o] = sum over b of e_y[b][o]; one row
m4_define([<INTC_dense_bias_gradient>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t row = 0; row < 1; ++row) {
        INTC_GRADIENT_TYPE *restrict const g = INTC_GRADIENT;
        memset(g, 0, INTC_OUT_FEATURES * sizeof *g);
        for (size_t b = 0; b < INTC_SAMPLES; ++b)
            for (size_t o = 0; o < INTC_OUT_FEATURES; ++o)
                g[o] += (INTC_E_Y)[b * INTC_OUT_FEATURES + o];
>])m4_dnl
