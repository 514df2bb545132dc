m4_dnl pad.m4 - an image with zeros around it; backwards the image alone. Row by row.
m4_define([<INTC_PADDED_ROW_AT>],
    [<((r % INTC_HEIGHT + INTC_PAD_HEIGHT) * INTC_PADDED_ROW + INTC_BEFORE)>])m4_dnl
m4_define([<INTC_pad>], [<m4_dnl
    /* INTC_ABOUT */
    memset(INTC_Y, 0, rows * INTC_Y_SIZE * sizeof *(INTC_Y));
    for (size_t r = 0; r < rows * INTC_HEIGHT; ++r)
        memcpy(INTC_Y + r / INTC_HEIGHT * INTC_Y_SIZE + INTC_PADDED_ROW_AT, INTC_X + r * INTC_ROW, INTC_ROW * sizeof *(INTC_Y));
>])m4_dnl
m4_define([<INTC_pad_error>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t r = 0; r < (size_t)INTC_SAMPLES * INTC_HEIGHT; ++r)
        memcpy(INTC_E_X + r * INTC_ROW, INTC_E_Y + r / INTC_HEIGHT * INTC_E_Y_SIZE + INTC_PADDED_ROW_AT, INTC_ROW * sizeof *(INTC_E_X));
>])m4_dnl
