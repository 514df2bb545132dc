m4_dnl dropout.m4 - in training elements whose draw is below `drop` are 0, others larger by as much.
m4_dnl
m4_dnl No draw is below 0, which compilers warn of.
m4_define([<INTC_DROPOUT_SCALE>],
    [<m4_ifelse(INTC_FLOAT, 1, [<INTC_REAL_SCALE>], [<INTC_SCALE>])>])m4_dnl
m4_define([<INTC_DROPOUT_FACTOR>],
    [<m4_ifelse(INTC_DROP, 0, [<INTC_DROPOUT_SCALE>],
        [<(kept[i] < INTC_DROP ? 0 : INTC_DROPOUT_SCALE)>])>])m4_dnl
m4_define([<INTC_DROPOUT_STREAM>], [<m4_dnl
        const uint64_t kept_site = int_site(m->seed, m->step, INTC_SITE);
        uint16_t *const kept = (uint16_t *)(INTC_KEPT);
>])m4_dnl
m4_define([<INTC_dropout>], [<m4_dnl
    /* INTC_ABOUT */
    {
INTC_DROPOUT_STREAM[<>]m4_dnl
        for (size_t b = 0; b < rows; ++b) {
            const INTC_X_TYPE *const x = INTC_X + b * INTC_ELEMENTS;
            INTC_Y_TYPE *const y = INTC_Y + b * INTC_ELEMENTS;
            if (m->training != 0) {
                int_draw16(int_row(kept_site, INTC_SAMPLE(b)), kept, INTC_ELEMENTS);
                for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                    y[i] = INTC_CASTED([<(INTC_SUM_TYPE)x[i] * INTC_DROPOUT_FACTOR>]);
            } else {
m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
                memcpy(y, x, INTC_ELEMENTS * sizeof *y);
>], [<m4_dnl
                for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                    y[i] = INTC_CASTED([<(INTC_SUM_TYPE)x[i] * INTC_ONE>]);
>])m4_dnl
            }
INTC_COUNT([<            >], [<y>], INTC_ELEMENTS)m4_dnl
        }
    }
>])m4_dnl
m4_define([<INTC_dropout_error>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_KEY
INTC_DROPOUT_STREAM[<>]m4_dnl
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_ELEMENTS;
            INTC_E_X_TYPE *const e_x = INTC_E_X + b * INTC_ELEMENTS;
            int_draw16(int_row(kept_site, INTC_SAMPLE(b)), kept, INTC_ELEMENTS);m4_dnl
INTC_FILL_DRAWS(b, INTC_ELEMENTS)
            for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                e_x[i] = INTC_CASTED([<(INTC_SUM_TYPE)e[i] * INTC_DROPOUT_FACTOR>], [<i>]);
INTC_COUNT([<            >], [<e_x>], INTC_ELEMENTS)m4_dnl
        }
    }
>])m4_dnl
