m4_dnl hardswish.m4 - x times a gate that rises from 0 at -3 to 1 at 3.
m4_dnl $1 * 2^15 / 6, for |$1| up to 3
m4_define([<INTC_THIRD>],
    [<(int32_t)int_nearest64((int64_t)int_clamp($1, -INTC_REACH, INTC_REACH) * 43691, INTC_THIRD_SHIFT)>])m4_dnl
m4_define([<INTC_hardswish>], [<m4_ifelse(INTC_FLOAT, 1,
[<INTC_CURVE_FLOAT([<x[i] * (x[i] <= -3.0F ? 0.0F : x[i] >= 3.0F ? 1.0F : x[i] / 6.0F + 0.5F)>])>],
    [<m4_dnl
    /* INTC_ABOUT */
    for (size_t b = 0; b < rows; ++b) {
        const INTC_X_TYPE *const x = INTC_X + b * INTC_ELEMENTS;
        INTC_Y_TYPE *const y = INTC_Y + b * INTC_ELEMENTS;
        for (size_t i = 0; i < INTC_ELEMENTS; ++i) {
            const int32_t gate = int_clamp(16384 + INTC_THIRD([<x[i]>]), 0, 32768);
            y[i] = INTC_CASTED([<(INTC_SUM_TYPE)x[i] * gate>]);
        }
INTC_COUNT([<        >], [<y>], INTC_ELEMENTS)m4_dnl
    }
>])>])m4_dnl
m4_define([<INTC_hardswish_error>], [<m4_ifelse(INTC_FLOAT, 1,
[<INTC_CURVE_ERROR([<>],
    [<(value[i] <= -3.0F ? 0.0F : value[i] >= 3.0F ? 1.0F : value[i] / 3.0F + 0.5F)>], [<X>])>],
[<INTC_CURVE_ERROR([<m4_dnl
                const int32_t v = value[i];
                const int32_t slope = v <= -INTC_WHOLE ? 0 : v >= INTC_WHOLE ? 16384 : 8192 + INTC_THIRD([<v>]);
>], [<slope>], [<X>])>])>])m4_dnl
