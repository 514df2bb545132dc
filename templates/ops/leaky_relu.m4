m4_dnl leaky_relu.m4 - y = x where x > 0, else x * 2^-slope_shift.
m4_define([<INTC_leaky_relu>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = (INTC_Y_TYPE)(x[i] > 0 ? x[i] : m4_ifelse(INTC_FLOAT, 1, [<ldexpf(x[i], -INTC_SLOPE_SHIFT)>],
                                    [<INTC_CASTED([<x[i]>])>]));
    }
>])m4_dnl
m4_dnl
m4_define([<INTC_leaky_relu_error>], [<m4_dnl
    /* INTC_ABOUT */
    {m4_ifelse(INTC_FLOAT, 1, [<>], [<INTC_SITE_KEY>])
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_ELEMENTS;
            const INTC_Y_TYPE *const y = INTC_Y + b * INTC_ELEMENTS;
            INTC_E_X_TYPE *const x = INTC_E_X + b * INTC_ELEMENTS;INTC_FILL_DRAWS(b, INTC_ELEMENTS)
            for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                x[i] = (INTC_E_X_TYPE)(y[i] > 0 ? e[i] : m4_ifelse(INTC_FLOAT, 1, [<ldexpf(e[i], -INTC_SLOPE_SHIFT)>],
                                 [<INTC_CASTED([<e[i]>], [<i>])>]));
        }
    }
>])m4_dnl
