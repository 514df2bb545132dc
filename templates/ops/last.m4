m4_dnl last.m4 - the last step of a sequence; backwards zeros before it.
m4_define([<INTC_last>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t b = 0; b < rows; ++b)
        memcpy(INTC_Y + b * INTC_ELEMENTS, INTC_X + (b + 1) * INTC_X_SIZE - INTC_ELEMENTS, INTC_ELEMENTS * sizeof *(INTC_Y));
>])m4_dnl
m4_define([<INTC_last_error>], [<m4_dnl
    /* INTC_ABOUT */
    memset(INTC_E_X, 0, (size_t)INTC_SAMPLES * INTC_E_X_SIZE * sizeof *(INTC_E_X));
    for (size_t b = 0; b < INTC_SAMPLES; ++b)
        memcpy(INTC_E_X + (b + 1) * INTC_E_X_SIZE - INTC_ELEMENTS, INTC_E_Y + b * INTC_ELEMENTS, INTC_ELEMENTS * sizeof *(INTC_E_X));
>])m4_dnl
