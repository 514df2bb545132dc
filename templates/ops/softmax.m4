m4_dnl softmax.m4 - powers over their sum, of the elements of the last dimension.
m4_define([<INTC_softmax>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_softmax_float>],
    [<INTC_softmax_integer>])>])m4_dnl
m4_define([<INTC_softmax_integer>], [<m4_dnl
    /* INTC_ABOUT */
    {
        static const uint16_t exp2_table[] = { /* 2^-(i/32), 15 bits */
        INTC_EXP2_TABLE};
        uint32_t *const power = (uint32_t *)(INTC_POWER);
        for (size_t at = 0; at < rows * INTC_ELEMENTS; at += INTC_WIDTH) {
            const INTC_X_TYPE *const x = INTC_X + at;
            INTC_Y_TYPE *const y = INTC_Y + at;
            int32_t largest = x[0];
            for (size_t i = 1; i < INTC_WIDTH; ++i)
                largest = x[i] > largest ? x[i] : largest;
            /* 2^-t for t = (largest - x) * log2(e): at most 2^15 each; 2^16 of them fit 32 bits */
            uint32_t sum = 0;
            for (size_t i = 0; i < INTC_WIDTH; ++i) {
                const int32_t below = int_clamp(largest - x[i], 0, INTC_REACH)[<>]INTC_IN_UNITS([<POSITION>], int32_t);
                power[i] = int_exp2((uint32_t)below * INTC_LOG2E, INTC_FRACTION_BITS, exp2_table);
                sum += power[i];
            }
            /* the largest has 2^15, so the clamp changes nothing but says it: reciprocal <= 2^16 */
            const uint32_t reciprocal = UINT32_C(0x80000000) / (uint32_t)int_clamp64(sum, INT64_C(0x8000), INT64_C(0x80000000));
            for (size_t i = 0; i < INTC_WIDTH; ++i) {
                const int32_t share = (int32_t)((power[i] * reciprocal + 0x8000U) >> 16);
                y[i] = INTC_CASTED([<share>]);
            }
INTC_COUNT([<            >], [<y>], INTC_WIDTH)m4_dnl
        }
    }
>])m4_dnl
m4_define([<INTC_softmax_float>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t at = 0; at < rows * INTC_ELEMENTS; at += INTC_WIDTH) {
        const float *const x = INTC_X + at;
        float *const y = INTC_Y + at;
        float largest = x[0];
        float sum = 0;
        for (size_t i = 1; i < INTC_WIDTH; ++i)
            largest = x[i] > largest ? x[i] : largest;
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            sum += y[i] = expf(x[i] - largest);
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            y[i] /= sum;
    }
>])m4_dnl
m4_define([<INTC_softmax_error>],
    [<m4_ifelse(INTC_FLOAT, 1, [<INTC_softmax_error_float>],
        [<INTC_softmax_error_integer>])>])m4_dnl
m4_define([<INTC_SOFTMAX_VALUE>],
    [<m4_ifelse(INTC_VALUE_DOWN, 0, [<y[i]>], [<int_nearest(y[i], INTC_VALUE_DOWN)>])>])m4_dnl
m4_define([<INTC_softmax_error_integer>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_KEY
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {INTC_FILL_DRAWS(b, INTC_ELEMENTS)
            for (size_t at = 0; at < INTC_ELEMENTS; at += INTC_WIDTH) {
                const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_ELEMENTS + at;
                const INTC_Y_TYPE *const y = INTC_Y + b * INTC_ELEMENTS + at;
                INTC_E_X_TYPE *const e_x = INTC_E_X + b * INTC_ELEMENTS + at;
                INTC_SUM_TYPE mean = 0;
                for (size_t i = 0; i < INTC_WIDTH; ++i)
                    mean += (INTC_SUM_TYPE)e[i] * INTC_SOFTMAX_VALUE;
                for (size_t i = 0; i < INTC_WIDTH; ++i) {
                    const INTC_SUM_TYPE away = (INTC_SUM_TYPE)e[i] * INTC_ONE - mean;
                    e_x[i] = INTC_CASTED([<away * INTC_SOFTMAX_VALUE>], [<at + i>]);
                }
INTC_COUNT([<                >], [<e_x>], INTC_WIDTH)m4_dnl
            }
        }
    }
>])m4_dnl
m4_define([<INTC_softmax_error_float>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t at = 0; at < INTC_SAMPLES * INTC_ELEMENTS; at += INTC_WIDTH) {
        const float *const e = INTC_E_Y + at;
        const float *const y = INTC_Y + at;
        float *const e_x = INTC_E_X + at;
        float mean = 0;
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            mean += e[i] * y[i];
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            e_x[i] = (e[i] - mean) * y[i];
    }
>])m4_dnl
