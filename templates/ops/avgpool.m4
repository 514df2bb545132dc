m4_dnl avgpool.m4 - the mean of each window; its error is shared among the window's elements.
m4_dnl
m4_define([<INTC_SHARE>], [<m4_ifelse(INTC_FLOAT, 1, [<$1 * INTC_REAL_SCALE>], INTC_SCALE, 1,
    [<$1>], [<$1 * INTC_SCALE>])>])m4_dnl
m4_define([<INTC_avgpool>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(1, rows * INTC_X_SIZE)
    for (size_t b = 0; b < rows; ++b) {
        INTC_Y_TYPE *const y = INTC_Y + b * INTC_Y_SIZE;
        for (size_t w = 0; w < INTC_WINDOWS; ++w) {
            const INTC_X_TYPE *const corner = INTC_X + b * INTC_X_SIZE + INTC_POOL_CORNER;
            for (size_t c = 0; c < INTC_CHANNELS; ++c) {
                INTC_SUM_TYPE sum = 0;
                for (size_t i = 0; i < INTC_AREA; ++i)
                    sum += corner[<>][[<>]INTC_POOL_PIXEL + c];
                y[w * INTC_CHANNELS + c] = INTC_CASTED([<INTC_SHARE([<sum>])>]);
            }
        }
INTC_COUNT([<        >], [<y>], INTC_Y_SIZE)m4_dnl
    }
>])m4_dnl
m4_dnl
m4_define([<INTC_avgpool_error>],
    [<m4_ifelse(INTC_OVERLAP, 1, [<INTC_AVGPOOL_SHARE>], [<INTC_AVGPOOL_ADD>])>])m4_dnl
m4_define([<INTC_AVGPOOL_SHARE>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
m4_ifelse(INTC_COVERED, 1, [<>], [<m4_dnl
        memset(INTC_E_X, 0, (size_t)INTC_SAMPLES * INTC_E_X_SIZE * sizeof *(INTC_E_X));
>])m4_dnl
        INT_PARALLEL(1, (size_t)INTC_SAMPLES * INTC_E_X_SIZE)
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            INTC_E_X_TYPE *const e_x = INTC_E_X + b * INTC_E_X_SIZE;m4_dnl
INTC_FILL_OWN_DRAWS(b, INTC_E_X_SIZE)
            for (size_t w = 0; w < INTC_WINDOWS; ++w) {
                const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_E_Y_SIZE + w * INTC_CHANNELS;
                for (size_t i = 0; i < INTC_AREA; ++i) {
                    const size_t at = INTC_POOL_CORNER + INTC_POOL_PIXEL;
                    for (size_t c = 0; c < INTC_CHANNELS; ++c)
                        e_x[at + c] = INTC_CASTED([<INTC_SHARE([<(INTC_SUM_TYPE)e[c]>])>],
                            [<at + c>]);
                }
            }
INTC_COUNT([<            >], [<e_x>], INTC_E_X_SIZE)m4_dnl
        }
    }
>])m4_dnl
m4_define([<INTC_AVGPOOL_ADD>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        INT_PARALLEL(1, (size_t)INTC_SAMPLES * INTC_WINDOWS * INTC_AREA * INTC_CHANNELS)
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            INTC_SUM_TYPE *const sums = INTC_OWN_ACCUMULATOR;
            INTC_E_X_TYPE *const e_x = INTC_E_X + b * INTC_E_X_SIZE;m4_dnl
INTC_FILL_OWN_DRAWS(b, INTC_E_X_SIZE)
            memset(sums, 0, INTC_E_X_SIZE * sizeof *sums);
            for (size_t w = 0; w < INTC_WINDOWS; ++w) {
                const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_E_Y_SIZE + w * INTC_CHANNELS;
                for (size_t i = 0; i < INTC_AREA; ++i) {
                    const size_t at = INTC_POOL_CORNER + INTC_POOL_PIXEL;
                    for (size_t c = 0; c < INTC_CHANNELS; ++c)
                        sums[at + c] += e[c];
                }
            }
            for (size_t k = 0; k < INTC_E_X_SIZE; ++k)
                e_x[k] = INTC_CASTED([<INTC_SHARE([<sums[k]>])>], [<k>]);
INTC_COUNT([<            >], [<e_x>], INTC_E_X_SIZE)m4_dnl
        }
    }
>])m4_dnl
