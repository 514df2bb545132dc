m4_dnl concat.m4 - a and b side by side, piece by piece; backwards the part of one of them.
m4_define([<INTC_concat>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t piece = 0; piece < rows * INTC_PIECES; ++piece) {
        const INTC_A_TYPE *const a = INTC_A + piece * INTC_A_PIECE;
        const INTC_B_TYPE *const b = INTC_B + piece * INTC_B_PIECE;
        INTC_Y_TYPE *const y = INTC_Y + piece * (INTC_A_PIECE + INTC_B_PIECE);
        for (size_t i = 0; i < INTC_A_PIECE; ++i)
            y[i] = INTC_CASTED([<INTC_ADD_TERM(a, INTC_A_SCALE)>]);
        for (size_t i = 0; i < INTC_B_PIECE; ++i)
            y[INTC_A_PIECE + i] = INTC_CASTED([<INTC_ADD_TERM(b, INTC_B_SCALE)>]);
INTC_COUNT([<        >], [<y>], (INTC_A_PIECE + INTC_B_PIECE))m4_dnl
    }
>])m4_dnl
m4_define([<INTC_concat_error>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t piece = 0; piece < (size_t)INTC_SAMPLES * INTC_PIECES; ++piece)
        memcpy(INTC_E_X + piece * INTC_PIECE, INTC_E_Y + piece * INTC_WHOLE + INTC_OFFSET, INTC_PIECE * sizeof *(INTC_E_X));
>])m4_dnl
