m4_dnl embed.m4 - a row of weights for each index; backwards the rows that were used, one by one.
m4_define([<INTC_embed>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t i = 0; i < rows * INTC_POSITIONS; ++i)
        memcpy(INTC_Y + i * INTC_DIM, INTC_WEIGHTS + (size_t)(INTC_INDICES)[i] * INTC_DIM, INTC_DIM * sizeof *(INTC_Y));
>])m4_dnl
m4_dnl
m4_dnl gradient[row] = sum of the errors where it was used: first which rows those are, each with its uses from the last
m4_dnl to the first, then the loop over these rows that the update closes. used[0] is their number.
m4_define([<INTC_embed_gradient>], [<m4_dnl
    /* INTC_ABOUT */
    {
        int32_t *const slots = INTC_SLOTS;
        int32_t *const used = INTC_USED;
        int32_t *const last_uses = INTC_LAST_USES;
        int32_t *const uses_before = INTC_USES_BEFORE;
        used[0] = 0;
        for (int32_t i = 0; i < (int32_t)(INTC_SAMPLES * INTC_POSITIONS); ++i) {
            const int32_t row = (INTC_INDICES)[i];
            const int32_t slot = slots[row];
            if (slot >= 0 && slot < used[0] && used[slot + 1] == row) {
                uses_before[i] = last_uses[slot];
                last_uses[slot] = i;
            } else { /* slots that no row of this batch has set hold anything */
                slots[row] = used[0];
                last_uses[used[0]] = i;
                uses_before[i] = -1;
                used[0] += 1;
                used[used[0]] = row;
            }
        }
    }
    for (int32_t slot = 0; slot < (INTC_USED)[0]; ++slot) {
        const size_t row = (size_t)(INTC_USED)[slot + 1];
        INTC_GRADIENT_TYPE *restrict const g = INTC_GRADIENT;
        memset(g, 0, INTC_DIM * sizeof *g);
        for (int32_t i = (INTC_LAST_USES)[slot]; i >= 0; i = (INTC_USES_BEFORE)[i])
            for (size_t k = 0; k < INTC_DIM; ++k)
                g[k] += (INTC_E_Y)[(size_t)i * INTC_DIM + k];
        if (!int_any(g, INTC_DIM * sizeof *g))
            continue;
>])m4_dnl
