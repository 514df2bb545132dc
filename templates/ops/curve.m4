m4_dnl curve.m4 - what operators share whose error is the derivative times the error.
m4_dnl
m4_dnl y = the cast of $1; `x` is the element, `at` |x| within reach, in units of the table.
m4_define([<INTC_CURVE>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t b = 0; b < rows; ++b) {
        const INTC_X_TYPE *const x = INTC_X + b * INTC_ELEMENTS;
        INTC_Y_TYPE *const y = INTC_Y + b * INTC_ELEMENTS;
        for (size_t i = 0; i < INTC_ELEMENTS; ++i) {
            const int32_t at = int_clamp(m4_ifelse(INTC_X_TYPE, uint8_t, [<x[i]>], [<(x[i] < 0 ? -x[i] : x[i])>]), 0, INTC_REACH)[<>]INTC_IN_UNITS([<POSITION>], int32_t);
            y[i] = INTC_CASTED([<$1>]);
        }
INTC_COUNT([<        >], [<y>], INTC_ELEMENTS)m4_dnl
    }
>])m4_dnl
m4_define([<INTC_CURVE_SIGNED>],
    [<m4_ifelse(INTC_X_TYPE, uint8_t, [<$1>], [<(x[i] < 0 ? -$1 : $1)>])>])m4_dnl
m4_dnl The same in float: y = $1 of x[i].
m4_define([<INTC_CURVE_FLOAT>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const float *const x = INTC_X;
        float *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = $1;
    }
>])m4_dnl
m4_dnl
m4_dnl e_x = the cast of e_y times $2, behind the statements $1; the slope is taken from INTC_$3.
m4_define([<INTC_CURVE_ERROR>], [<m4_dnl
    /* INTC_ABOUT */
    {m4_ifelse(INTC_FLOAT, 1, [<>], [<INTC_SITE_KEY>])
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_ELEMENTS;
            const INTC_$3_TYPE *const value = INTC_$3 + b * INTC_ELEMENTS;
            INTC_E_X_TYPE *const y = INTC_E_X + b * INTC_ELEMENTS;INTC_FILL_DRAWS(b, INTC_ELEMENTS)
            for (size_t i = 0; i < INTC_ELEMENTS; ++i) {
$1                y[i] = INTC_CASTED([<(INTC_SUM_TYPE)e[i] * $2>], [<i>]);
            }
INTC_COUNT([<            >], [<y>], INTC_ELEMENTS)m4_dnl
        }
    }
>])m4_dnl
m4_define([<INTC_VALUE_DECLARED>], [<m4_dnl
                const int32_t v = m4_ifelse(INTC_VALUE_DOWN, 0, [<value[i]>],
                    [<int_nearest(value[i], INTC_VALUE_DOWN)>]);
>])m4_dnl
m4_define([<INTC_SLOPE>], [<m4_ifelse(INTC_SLOPE_DOWN, 0, [<$1>],
    [<int_nearest($1, INTC_SLOPE_DOWN)>])>])m4_dnl
