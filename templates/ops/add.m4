m4_dnl add.m4 - a + b at the finer of their shifts; forwards values, backwards errors.
m4_define([<INTC_ADD_TERM>], [<m4_ifelse(INTC_FLOAT, 1, [<$1[i]>], $2, 1, [<(INTC_SUM_TYPE)$1[i]>],
[<(INTC_SUM_TYPE)$1[i] * $2>])>])m4_dnl
m4_define([<INTC_add>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_KEY
        for (size_t row = 0; row < INTC_SAMPLES; ++row) {
            const INTC_A_TYPE *const a = INTC_A + row * INTC_ELEMENTS;
            const INTC_B_TYPE *const b = INTC_B + row * INTC_ELEMENTS;
            INTC_Y_TYPE *const y = INTC_Y + row * INTC_ELEMENTS;INTC_FILL_DRAWS(row, INTC_ELEMENTS)
            for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                y[i] = INTC_CASTED([<INTC_ADD_TERM(a, INTC_A_SCALE) + INTC_ADD_TERM(b, INTC_B_SCALE)>],
                    [<i>]);
INTC_COUNT([<            >], [<y>], INTC_ELEMENTS)m4_dnl
        }
    }
>])m4_dnl
