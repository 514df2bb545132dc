m4_dnl relu.m4 - y = max(x, 0); the error passes where y is positive.
m4_define([<INTC_relu>], [<m4_dnl
    /* INTC_ABOUT */
    {
m4_ifelse(INTC_IN_PLACE, 1, [<m4_dnl
        INTC_X_TYPE *const x = INTC_X;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            x[i] = (INTC_X_TYPE)(x[i] > 0 ? x[i] : 0);
>], [<m4_dnl
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = (INTC_Y_TYPE)(x[i] > 0 ? x[i] : 0);
>])m4_dnl
    }
>])m4_dnl
m4_dnl
m4_define([<INTC_relu_error>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_Y_TYPE *const y = INTC_Y;
m4_ifelse(INTC_IN_PLACE, 1, [<m4_dnl
        INTC_E_Y_TYPE *const e = INTC_E_Y;
        for (size_t i = 0; i < (size_t)INTC_SAMPLES * INTC_ELEMENTS; ++i)
            e[i] = (INTC_E_Y_TYPE)(y[i] > 0 ? e[i] : 0);
>], [<m4_dnl
        const INTC_E_Y_TYPE *const e = INTC_E_Y;
        INTC_E_X_TYPE *const x = INTC_E_X;
        for (size_t i = 0; i < (size_t)INTC_SAMPLES * INTC_ELEMENTS; ++i)
            x[i] = (INTC_E_X_TYPE)(y[i] > 0 ? e[i] : 0);
>])m4_dnl
    }
>])m4_dnl
