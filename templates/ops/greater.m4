m4_dnl greater.m4 - 1 where a > b, else 0; $1 is the comparison.
m4_define([<INTC_COMPARISON>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_A_TYPE *const a = INTC_A;
        const INTC_B_TYPE *const b = INTC_B;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = (INTC_Y_TYPE)(INTC_ADD_TERM(a, INTC_A_SCALE) $1 INTC_ADD_TERM(b, INTC_B_SCALE) ? INTC_ONE : 0);
    }
>])m4_dnl
m4_dnl With a constant; in float it is compared with itself.
m4_define([<INTC_LIMIT_IS_PASSED>],
    [<m4_ifelse(INTC_FLOAT, 1, [<x[i] m4_ifelse(INTC_REACHES, 1, [<>=>], [<>>]) INTC_REAL_LIMIT>],
[<x[i] > INTC_LIMIT>])>])m4_dnl
m4_define([<INTC_threshold>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
            y[i] = (INTC_Y_TYPE)(INTC_LIMIT_IS_PASSED ? INTC_ABOVE : INTC_BELOW);
    }
>])m4_dnl
m4_define([<INTC_greater>], [<INTC_COMPARISON([<>>])>])m4_dnl
