m4_dnl onehot.m4 - 1 where an index points, else 0.
m4_define([<INTC_onehot>], [<m4_dnl
    /* INTC_ABOUT */
    memset(INTC_Y, 0, rows * INTC_ELEMENTS * sizeof *(INTC_Y));
    for (size_t i = 0; i < rows * INTC_POSITIONS; ++i)
        (INTC_Y)[i * INTC_WIDTH + (size_t)(INTC_INDICES)[i]] = INTC_ONE;
>])m4_dnl
