m4_dnl sign_sgd.m4 - steps of one size against the sign of the gradient, or of its mean.
m4_define([<INTC_sign_sgd>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_sign_sgd_float>],
    [<INTC_sign_sgd_integer>])>])m4_dnl
m4_define([<INTC_sign_sgd_integer>], [<m4_dnl
        /* INTC_ABOUT */
INTC_UPDATE_ROW[<>]INTC_STATE_ROW([<MOMENTUM>], [<momentum>])INTC_STEP_RATES[<>]m4_dnl
INTC_UPDATE_DRAWS(apply, INTC_APPLY_SITE, INTC_APPLY_FIELD, [<INTC_OWN_APPLY_DRAWS>])m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
            const INTC_GRADIENT_TYPE mean = INTC_CLIPPED;
>], [<m4_dnl
            int32_t mean = INTC_MOMENT_OF;
            mean = momentum[k] + INTC_FORGOTTEN([<MEAN>], [<mean - momentum[k]>]);
            momentum[k] = mean;
>])m4_dnl
            const int32_t sign = (mean > 0) - (mean < 0);
INTC_STEP_APPLY([<sign>])m4_dnl
        }
INTC_UPDATE_CLOSE[<>]m4_dnl
>])m4_dnl
m4_define([<INTC_sign_sgd_float>], [<m4_dnl
        /* INTC_ABOUT */
INTC_UPDATE_ROW[<>]INTC_STATE_ROW([<MOMENTUM>], [<momentum>])INTC_REAL_RATES[<>]m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
            const float mean = INTC_REAL_CLIPPED;
>], [<m4_dnl
            const float mean = float_flushed(momentum[k] + (INTC_REAL_CLIPPED * INTC_REAL_SCALE - momentum[k]) * INTC_REAL_LOSS);
            momentum[k] = mean;
>])m4_dnl
            const float sign = (float)((mean > 0) - (mean < 0));
INTC_REAL_APPLY([<sign>])m4_dnl
        }
INTC_REAL_CLOSE[<>]m4_dnl
>])m4_dnl
