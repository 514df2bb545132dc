m4_dnl maxpool.m4 - the largest element of each window; the error goes to the first that was it.
m4_dnl
m4_dnl Element 0 of the window $1 in an image of type $2 that starts at $3, and pixel i from there.
m4_define([<INTC_POOL_CORNER>],
    [<(w / INTC_OUT_WIDTH * INTC_WIDTH + w % INTC_OUT_WIDTH) * (INTC_STRIDE * INTC_CHANNELS)>])m4_dnl
m4_define([<INTC_POOL_PIXEL>],
    [<(i / INTC_KERNEL_WIDTH * INTC_WIDTH + i % INTC_KERNEL_WIDTH) * INTC_CHANNELS>])m4_dnl
m4_define([<INTC_maxpool>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(1, rows * INTC_X_SIZE)
    for (size_t b = 0; b < rows; ++b)
        for (size_t w = 0; w < INTC_WINDOWS; ++w) {
            const INTC_X_TYPE *const corner = INTC_X + b * INTC_X_SIZE + INTC_POOL_CORNER;
            INTC_Y_TYPE *restrict const y = INTC_Y + b * INTC_Y_SIZE + w * INTC_CHANNELS;
            memcpy(y, corner, INTC_CHANNELS * sizeof *y);
            for (size_t i = 1; i < INTC_AREA; ++i) {
                const INTC_X_TYPE *restrict const x = corner + INTC_POOL_PIXEL;
                INT_ROLLED
                for (size_t c = 0; c < INTC_CHANNELS; ++c)
                    y[c] = x[c] > y[c] ? x[c] : y[c];
            }
        }
>])m4_dnl
m4_dnl
m4_define([<INTC_maxpool_error>],
    [<m4_ifelse(INTC_OVERLAP, 1, [<INTC_MAXPOOL_PASS>], [<INTC_MAXPOOL_ADD>])>])m4_dnl
m4_dnl The errors of sample b: $1 declares where those of a pixel go, $2 stores what one gets.
m4_define([<INTC_MAXPOOL_ERRORS>], [<m4_dnl
            INTC_E_Y_TYPE *restrict const left = INTC_OWN_LEFT; /* errors that have not found their element yet */
            for (size_t w = 0; w < INTC_WINDOWS; ++w) {
                const INTC_Y_TYPE *restrict const y = INTC_Y + b * INTC_Y_SIZE + w * INTC_CHANNELS;
                memcpy(left, INTC_E_Y + b * INTC_E_Y_SIZE + w * INTC_CHANNELS, INTC_CHANNELS * sizeof *left);
                for (size_t i = 0; i < INTC_AREA; ++i) {
                    const size_t at = b * INTC_X_SIZE + INTC_POOL_CORNER + INTC_POOL_PIXEL;
                    const INTC_X_TYPE *restrict const x = INTC_X + at;
                    $1
                    INT_ROLLED
                    for (size_t c = 0; c < INTC_CHANNELS; ++c) {
                        const INTC_E_Y_TYPE error = left[c];
                        $2
                        left[c] = (INTC_E_Y_TYPE)(x[c] == y[c] ? 0 : error);
                    }
                }
            }
>])m4_dnl
m4_define([<INTC_MAXPOOL_PASS>], [<m4_dnl
    /* INTC_ABOUT */
    {
m4_ifelse(INTC_COVERED, 1, [<>], [<m4_dnl
        memset(INTC_E_X, 0, (size_t)INTC_SAMPLES * INTC_E_X_SIZE * sizeof *(INTC_E_X));
>])m4_dnl
        INT_PARALLEL(1, (size_t)INTC_SAMPLES * INTC_X_SIZE)
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
INTC_MAXPOOL_ERRORS([<INTC_E_X_TYPE *restrict const e_x = INTC_E_X + at;>],
                    [<e_x[c] = (INTC_E_X_TYPE)(x[c] == y[c] ? error : 0);>])m4_dnl
        }
    }
>])m4_dnl
m4_define([<INTC_MAXPOOL_ADD>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        INT_PARALLEL(1, (size_t)INTC_SAMPLES * INTC_WINDOWS * INTC_AREA * INTC_CHANNELS)
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            INTC_SUM_TYPE *const sums = INTC_OWN_ACCUMULATOR;
            INTC_E_X_TYPE *restrict const e_x = INTC_E_X + b * INTC_E_X_SIZE;m4_dnl
INTC_FILL_OWN_DRAWS(b, INTC_E_X_SIZE)
            memset(sums, 0, INTC_E_X_SIZE * sizeof *sums);
INTC_MAXPOOL_ERRORS([<INTC_SUM_TYPE *restrict const sum = sums + (at - b * INTC_X_SIZE);>],
                    [<sum[c] += (INTC_SUM_TYPE)(x[c] == y[c] ? error : 0);>])m4_dnl
            for (size_t k = 0; k < INTC_E_X_SIZE; ++k)
                e_x[k] = INTC_CASTED([<sums[k]>], [<k>]);
INTC_COUNT([<            >], [<e_x>], INTC_E_X_SIZE)m4_dnl
        }
    }
>])m4_dnl
