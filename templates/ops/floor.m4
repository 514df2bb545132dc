m4_dnl floor.m4 - y = the whole number below.
m4_define([<INTC_floor>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = m4_ifelse(INTC_FLOAT, 1, [<floorf(x[i])>],
                [<(INTC_Y_TYPE)(INTC_CLAMPED([<INTC_ROUNDED([<x[i]>])>]) * INTC_ONE)>]);
    }
>])m4_dnl
