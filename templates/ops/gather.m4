m4_dnl gather.m4 - the pieces of x that indices choose; backwards each gets errors of its places.
m4_define([<INTC_gather>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t i = 0; i < rows * INTC_POSITIONS; ++i) {
        const INTC_X_TYPE *const x = INTC_X + (i / INTC_POSITIONS * INTC_PIECES + (size_t)(INTC_INDICES)[i]) * INTC_PIECE;
        memcpy(INTC_Y + i * INTC_PIECE, x, INTC_PIECE * sizeof *x);
    }
>])m4_dnl
m4_define([<INTC_gather_error>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_KEY
        INTC_SUM_TYPE *const gathered = INTC_GATHERED;
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {INTC_FILL_DRAWS(b, (INTC_PIECES * INTC_PIECE))
            const INTC_E_Y_TYPE *const e = INTC_E_Y + b * (INTC_POSITIONS * INTC_PIECE);
            INTC_E_X_TYPE *const e_x = INTC_E_X + b * (INTC_PIECES * INTC_PIECE);
            memset(gathered, 0, INTC_PIECES * INTC_PIECE * sizeof *gathered);
            for (size_t i = 0; i < INTC_POSITIONS; ++i)
                for (size_t k = 0; k < INTC_PIECE; ++k)
                    gathered[(size_t)(INTC_INDICES)[b * INTC_POSITIONS + i] * INTC_PIECE + k] += e[i * INTC_PIECE + k];
            for (size_t i = 0; i < INTC_PIECES * INTC_PIECE; ++i)
                e_x[i] = INTC_CASTED([<gathered[i]>], [<i>]);
INTC_COUNT([<            >], [<e_x>], INTC_PIECES * INTC_PIECE)m4_dnl
        }
    }
>])m4_dnl
