m4_dnl concat.m4 - tensors side by side, piece by piece; backwards the part of one of them.
m4_dnl $1 for each operand that is there: its name in capitals, and in small letters.
m4_define([<INTC_CONCAT_PARTS>], [<$1(A, a)$1(B, b)$1(C, c)$1(D, d)$1(E, e)$1(F, f)>])m4_dnl
m4_define([<INTC_CONCAT_POINTER>], [<m4_ifelse(INTC_$1, [<>], [<>], [<m4_dnl
        const INTC_$1_TYPE *const $2 = INTC_$1 + piece * INTC_$1_PIECE;
>])>])m4_dnl
m4_define([<INTC_CONCAT_AT>], [<m4_ifelse($1, 0, [<>], [<$1 + >])>])m4_dnl
m4_define([<INTC_CONCAT_PART>], [<m4_ifelse(INTC_$1, [<>], [<>], [<m4_dnl
        for (size_t i = 0; i < INTC_$1_PIECE; ++i)
            y[INTC_CONCAT_AT(INTC_$1_AT)i] = INTC_CASTED([<INTC_ADD_TERM($2, INTC_$1_SCALE)>]);
>])>])m4_dnl
m4_define([<INTC_concat>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t piece = 0; piece < rows * INTC_PIECES; ++piece) {
INTC_CONCAT_PARTS([<INTC_CONCAT_POINTER>])m4_dnl
        INTC_Y_TYPE *const y = INTC_Y + piece * INTC_WHOLE;
INTC_CONCAT_PARTS([<INTC_CONCAT_PART>])m4_dnl
INTC_COUNT([<        >], [<y>], INTC_WHOLE)m4_dnl
    }
>])m4_dnl
m4_define([<INTC_concat_error>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t piece = 0; piece < (size_t)INTC_SAMPLES * INTC_PIECES; ++piece)
        memcpy(INTC_E_X + piece * INTC_PIECE, INTC_E_Y + piece * INTC_WHOLE + INTC_OFFSET, INTC_PIECE * sizeof *(INTC_E_X));
>])m4_dnl
