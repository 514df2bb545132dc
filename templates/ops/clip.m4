m4_dnl clip.m4 - y = x within [lo, hi]; the error passes strictly within.
m4_define([<INTC_CLIP_LO>], [<m4_ifelse(INTC_FLOAT, 1, INTC_REAL_LO, [<INTC_LO>])>])m4_dnl
m4_define([<INTC_CLIP_HI>], [<m4_ifelse(INTC_FLOAT, 1, INTC_REAL_HI, [<INTC_HI>])>])m4_dnl
m4_define([<INTC_clip>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        for (size_t i = 0; i < rows * INTC_ELEMENTS; ++i)
m4_ifelse(INTC_FLOAT, 1, [<            y[i] = x[i] < INTC_REAL_LO ? INTC_REAL_LO : x[i] > INTC_REAL_HI ? INTC_REAL_HI : x[i];>],
[<            y[i] = (INTC_Y_TYPE)int_clamp(x[i], INTC_LO, INTC_HI);>])
    }
>])m4_dnl
m4_dnl
m4_define([<INTC_clip_error>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_E_Y_TYPE *const e = INTC_E_Y;
        const INTC_Y_TYPE *const y = INTC_Y;
        INTC_E_X_TYPE *const x = INTC_E_X;
        for (size_t i = 0; i < (size_t)INTC_SAMPLES * INTC_ELEMENTS; ++i) {
            const m4_ifelse(INTC_FLOAT, 1, float, int32_t) v = y[i];
            x[i] = (INTC_E_X_TYPE)(v > INTC_CLIP_LO && v < INTC_CLIP_HI ? e[i] : 0);
        }
    }
>])m4_dnl
