m4_dnl index.m4 - the caller's integers as indices.
m4_define([<INTC_index>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
        (INTC_INDICES)[i] = (INTC_INDICES_TYPE)int_clamp(INTC_RAW[<>][[<>]i], 0, INTC_MOST);
>])m4_dnl
