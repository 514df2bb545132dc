m4_dnl round.m4 - y = the nearest whole number, halves upwards.
m4_define([<INTC_round>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = m4_ifelse(INTC_FLOAT, 1, [<floorf(x[i] + 0.5F)>],
                [<(INTC_Y_TYPE)(INTC_CLAMPED([<INTC_ROUNDED([<x[i]>])>]) * INTC_ONE)>]);
    }
>])m4_dnl
