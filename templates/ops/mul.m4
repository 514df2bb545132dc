m4_dnl mul.m4 - the product of two tensors, by elements; backwards of an error and the other one.
m4_define([<INTC_PRODUCT_STEP>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_KEY
        for (size_t row = 0; row < INTC_SAMPLES; ++row) {
            const INTC_$1_TYPE *const a = INTC_$1 + row * INTC_ELEMENTS;
            const INTC_$2_TYPE *const b = INTC_$2 + row * INTC_ELEMENTS;
            INTC_$3_TYPE *const y = INTC_$3 + row * INTC_ELEMENTS;m4_dnl
INTC_FILL_DRAWS(row, INTC_ELEMENTS)
            for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                y[i] = INTC_CASTED([<(INTC_SUM_TYPE)a[i] * b[i]>], [<i>]);
INTC_COUNT([<            >], [<y>], INTC_ELEMENTS)m4_dnl
        }
    }
>])m4_dnl
m4_define([<INTC_mul>], [<INTC_PRODUCT_STEP([<A>], [<B>], [<Y>])>])m4_dnl
m4_define([<INTC_mul_error>], [<INTC_PRODUCT_STEP([<E_Y>], [<OTHER>], [<E_X>])>])m4_dnl
