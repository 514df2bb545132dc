m4_dnl init.m4 - first values of a parameter: uniform, or zeros (which memset has left).
m4_define([<INTC_init>], [<m4_ifelse(INTC_SITE, -1, [<>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const uint64_t site = int_site(seed, 0, INTC_SITE);
        for (size_t row = 0; row < INTC_ROWS; ++row) {
            uint64_t state = int_row(site, (uint32_t)row);
            uint64_t bits = 0;
            for (size_t k = 0; k < INTC_ROW; ++k) {
                bits = k % 2 == 0 ? int_next(&state) : bits >> 32;
                const uint64_t scaled = ((bits & 0xFFFFFFFFU) * UINT64_C(INTC_SPAN)) >> 32;
                const int32_t w = (int32_t)((int64_t)scaled - INTC_INIT_BOUND);
m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
                const float value = ldexpf((float)w, -INTC_INIT_SHIFT);
                INTC_MASTER[<>][[<>]row * INTC_ROW + k] = value;
m4_ifelse(INTC_STORAGE, [<>], [<>], [<m4_dnl
                INTC_STORAGE[<>][[<>]row * INTC_ROW + k] = INTC_REAL_KEPT([<value>]);
>])m4_dnl
>], [<m4_dnl
                INTC_MASTER[<>][[<>]row * INTC_ROW + k] = (INTC_MASTER_TYPE)w;
m4_ifelse(INTC_STORAGE, [<>], [<>], [<m4_dnl
                INTC_STORAGE[<>][[<>]row * INTC_ROW + k] = (INTC_STORAGE_TYPE)m4_ifelse(INTC_SIGNS, 1,
                    [<((w > 0) - (w < 0))>], INTC_QUANT_SHIFT, 0, [<w>], [<int_nearest(w, INTC_QUANT_SHIFT)>]);
>])m4_dnl
>])m4_dnl
            }
        }
    }
>])m4_dnl
>])m4_dnl
