m4_dnl mask.m4 - y = x where the condition is positive, else 0; forwards values, backwards errors.
m4_define([<INTC_MASK_STEP>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_CONDITION_TYPE *const condition = INTC_CONDITION;
        const INTC_$1_TYPE *const x = INTC_$1;
        INTC_$2_TYPE *const y = INTC_$2;
        for (size_t i = 0; i < (size_t)INTC_SAMPLES * INTC_ELEMENTS; ++i)
            y[i] = (INTC_$2_TYPE)(condition[i] > 0 ? x[i] : 0);
    }
>])m4_dnl
m4_define([<INTC_mask>], [<INTC_MASK_STEP([<X>], [<Y>])>])m4_dnl
m4_define([<INTC_mask_error>], [<INTC_MASK_STEP([<E_Y>], [<E_X>])>])m4_dnl
