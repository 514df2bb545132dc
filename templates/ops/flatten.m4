m4_dnl flatten.m4 - the same elements; a copy only where the input is needed later.
m4_define([<INTC_COPY>], [<m4_ifelse($1, $2, [<m4_dnl
    /* INTC_ABOUT: in place */
>], [<m4_dnl
    /* INTC_ABOUT */
    memcpy($2, $1, $3 * INTC_ELEMENTS * sizeof *($2));
>])>])m4_dnl
m4_define([<INTC_flatten>], [<INTC_COPY(INTC_X, INTC_Y, [<rows>])>])m4_dnl
m4_define([<INTC_flatten_error>], [<INTC_COPY(INTC_E_Y, INTC_E_X, [<(size_t)INTC_SAMPLES>])>])m4_dnl
