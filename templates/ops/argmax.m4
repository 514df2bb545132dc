m4_dnl argmax.m4 - where the first of the largest elements is.
m4_define([<INTC_argmax>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t i = 0; i < rows * INTC_POSITIONS; ++i) {
        const INTC_X_TYPE *const x = INTC_X + i * INTC_WIDTH;
        size_t best = 0;
        for (size_t k = 1; k < INTC_WIDTH; ++k)
            best = x[k] > x[best] ? k : best;
        (INTC_INDICES)[i] = (INTC_INDICES_TYPE)best;
    }
>])m4_dnl
