m4_dnl sign.m4 - y = -1, 0 or 1.
m4_define([<INTC_sign>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = (INTC_Y_TYPE)(x[i] > 0 ? INTC_ONE : m4_ifelse(INTC_X_TYPE, [<uint8_t>], [<0>],
                [<x[i] < 0 ? -INTC_ONE : 0>]));
    }
>])m4_dnl
