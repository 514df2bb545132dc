m4_dnl embed.m4 - a row of weights for each index; backwards the rows that were used, one by one.
m4_define([<INTC_embed>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_POSITIONS, rows * INTC_POSITIONS * INTC_DIM)
    for (size_t i = 0; i < rows * INTC_POSITIONS; ++i)
        memcpy(INTC_Y + i * INTC_DIM, INTC_WEIGHTS + (size_t)(INTC_INDICES)[i] * INTC_DIM, INTC_DIM * sizeof *(INTC_Y));
>])m4_dnl
m4_dnl
m4_dnl gradient[row] = sum of the errors where it was used: first the uses of each row, as a list
m4_dnl from the last one to the first (numbers from 1 on, 0 at its end), then the loop over rows
m4_dnl that the update closes
m4_define([<INTC_embed_gradient>], [<m4_dnl
    /* INTC_ABOUT */
    {
        int32_t *const last_uses = INTC_LAST_USES;
        int32_t *const uses_before = INTC_USES_BEFORE;
        memset(last_uses, 0, INTC_VOCAB * sizeof *last_uses);
        for (int32_t i = 0; i < (int32_t)(INTC_SAMPLES * INTC_POSITIONS); ++i) {
            uses_before[i] = last_uses[(INTC_INDICES)[i]];
            last_uses[(INTC_INDICES)[i]] = i + 1;
        }
    }
    INT_PARALLEL(INTC_STRIP_ROWS, (size_t)INTC_SAMPLES * INTC_POSITIONS * INTC_DIM)
    for (size_t row = 0; row < INTC_VOCAB; ++row) {
        INTC_GRADIENT_TYPE *restrict const g = INTC_OWN_GRADIENT;
        if ((INTC_LAST_USES)[row] == 0)
            continue;
        memset(g, 0, INTC_DIM * sizeof *g);
        for (int32_t use = (INTC_LAST_USES)[row]; use > 0; use = (INTC_USES_BEFORE)[use - 1]) {
            const INTC_E_Y_TYPE *const e = INTC_E_Y + (size_t)(use - 1) * INTC_DIM;
            for (size_t k = 0; k < INTC_DIM; ++k)
                g[k] += e[k];
        }
        if (!int_any(g, INTC_DIM * sizeof *g))
            continue;
>])m4_dnl
