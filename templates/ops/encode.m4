m4_dnl encode.m4 - from the caller's raw integers to values.
m4_define([<INTC_ENCODED>], [<m4_ifelse(INTC_FLOAT, 1,
[<(float)x[i] * INTC_ENCODE_MULTIPLIER - INTC_ENCODE_OFFSET>],
INTC_MULTIPLIER:INTC_OFFSET, [<1:0>], [<(INTC_SUM_TYPE)x[i]>],
INTC_PER_FEATURE:INTC_OFFSET, [<0:0>], [<(INTC_SUM_TYPE)x[i] * INTC_MULTIPLIER>],
[<(INTC_SUM_TYPE)x[i] * INTC_ENCODE_MULTIPLIER - INTC_ENCODE_OFFSET>])>])m4_dnl
m4_define([<INTC_ENCODE_MULTIPLIER>],
    [<m4_ifelse(INTC_PER_FEATURE, 1, [<multiplier[i]>], [<INTC_MULTIPLIER>])>])m4_dnl
m4_define([<INTC_ENCODE_OFFSET>],
    [<m4_ifelse(INTC_PER_FEATURE, 1, [<offset[i]>], [<INTC_OFFSET>])>])m4_dnl
m4_define([<INTC_ENCODE_CONSTANTS>], [<m4_ifelse(INTC_PER_FEATURE, 1, [<m4_dnl
        static const INTC_SUM_TYPE multiplier[] = {INTC_MULTIPLIER};
        static const INTC_SUM_TYPE offset[] = {INTC_OFFSET};
>])>])m4_dnl
m4_define([<INTC_encode>], [<m4_dnl
    /* INTC_ABOUT */
    {
INTC_ENCODE_CONSTANTS[<>]m4_dnl
        for (size_t b = 0; b < rows; ++b) {
            const INTC_RAW_TYPE *const x = INTC_RAW + b * INTC_ELEMENTS;
            INTC_VALUES_TYPE *const y = INTC_VALUES + b * INTC_ELEMENTS;
            for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                y[i] = INTC_CASTED([<INTC_ENCODED>]);
INTC_COUNT([<            >], [<y>], INTC_ELEMENTS)m4_dnl
        }
    }
>])m4_dnl
