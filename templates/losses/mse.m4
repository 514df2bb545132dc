m4_dnl mse.m4 - half the squared distance to a target, and its error y - t.
m4_define([<INTC_MSE_TARGET>], [<m4_ifelse(INTC_CLASSES, 0,
[<m4_ifelse(INTC_FLOAT, 1, [<INTC_ENCODED>], [<(int32_t)int_clamp64(m4_ifelse(INTC_TARGET_SHIFT, 0, [<(int64_t)INTC_ENCODED>],
                          [<int_nearest64((int64_t)x[i] * INTC_ENCODE_MULTIPLIER - INTC_ENCODE_OFFSET, INTC_TARGET_SHIFT)>]), -INTC_TARGET_BOUND, INTC_TARGET_BOUND)>])>],
[<(i == (size_t)target[b] ? m4_ifelse(INTC_FLOAT, 1, 1.0F, INTC_ONE) : 0)>])>])m4_dnl
m4_define([<INTC_MSE_TOTAL>], [<m4_ifelse(INTC_FLOAT, 1, [<float_loss(squares * 0.5F)>],
INTC_LOSS_FACTOR, 1, [<INTC_MSE_SQUARES >> INTC_LOSS_SHIFT>], [<INTC_MSE_SQUARES * INTC_LOSS_FACTOR>])>])m4_dnl
m4_define([<INTC_MSE_SQUARES>], [<m4_ifelse(INTC_SQUARES_MOST, 0, [<squares>], [<(squares < INTC_SQUARES_MOST ? squares : INTC_SQUARES_MOST)>])>])m4_dnl
m4_define([<INTC_mse>], [<m4_dnl
    /* INTC_ABOUT */
    {
m4_ifelse(INTC_CLASSES, 0, [<INTC_ENCODE_CONSTANTS[<>]>])m4_dnl
m4_ifelse(INTC_FLOAT, 1, [<>], [<m4_dnl
        int32_t *const g = INTC_ACCUMULATOR;INTC_SITE_KEY
>])m4_dnl
        for (size_t b = 0; b < rows; ++b) {
            const INTC_OUTPUT_TYPE *const y = INTC_OUTPUT + b * INTC_ELEMENTS;
            INTC_ERROR_TYPE *const e = INTC_ERROR + b * INTC_ELEMENTS;
m4_ifelse(INTC_CLASSES, 0, [<m4_dnl
            const INTC_TARGET_TYPE *const x = target + b * INTC_ELEMENTS;
>], [<m4_dnl
            size_t best = 0;
            for (size_t i = 1; i < INTC_ELEMENTS; ++i)
                best = y[i] > y[best] ? i : best;
            *correct += best == (size_t)target[b];
>])m4_dnl
m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
            float squares = 0;
            for (size_t i = 0; i < INTC_ELEMENTS; ++i) {
                e[i] = y[i] - (INTC_MSE_TARGET);
                squares += e[i] * e[i];
            }
>], [<m4_dnl
            uint64_t squares = 0; /* of 17-bit differences */
            for (size_t i = 0; i < INTC_ELEMENTS; ++i) {
                const int32_t difference = (int32_t)y[i] - INTC_MSE_TARGET;
                squares += (uint64_t)((int64_t)difference * difference);
                g[i] = difference;
            }INTC_FILL_DRAWS(b, INTC_ELEMENTS)
            for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                e[i] = INTC_CASTED([<g[i]>], [<i>]);
>])m4_dnl
            total += INTC_MSE_TOTAL;
        }
    }
>])m4_dnl
