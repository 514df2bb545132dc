m4_dnl rmsprop.m4 - the gradient over the root of its mean square.
m4_define([<INTC_rmsprop>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_rmsprop_float>],
    [<INTC_rmsprop_integer>])>])m4_dnl
m4_define([<INTC_rmsprop_integer>], [<m4_dnl
        /* INTC_ABOUT */
INTC_UPDATE_ROW[<>]INTC_STATE_ROW([<SQUARE>], [<square>])INTC_STEP_RATES[<>]m4_dnl
INTC_UPDATE_DRAWS(square, INTC_SQUARE_SITE, INTC_SQUARE_FIELD, [<INTC_OWN_SQUARE_DRAWS>])m4_dnl
INTC_UPDATE_DRAWS(apply, INTC_APPLY_SITE, INTC_APPLY_FIELD, [<INTC_OWN_APPLY_DRAWS>])m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
            const int32_t gradient = INTC_MOMENT_OF;
            const int32_t root = int_nearest(gradient, INTC_MOMENT_BITS);
            const int32_t v = square[k] + INTC_SQUARED([<root * root - square[k]>]);
            square[k] = v;
            const int32_t ratio = int_nearest(int_over_root(gradient, v + INTC_EPSILON, INTC_RATIO_SHIFT), INTC_RATIO_DOWN);
INTC_STEP_APPLY([<ratio>])m4_dnl
        }
INTC_UPDATE_CLOSE[<>]m4_dnl
>])m4_dnl
m4_define([<INTC_rmsprop_float>], [<m4_dnl
        /* INTC_ABOUT */
INTC_UPDATE_ROW[<>]INTC_STATE_ROW([<SQUARE>], [<square>])INTC_REAL_RATES[<>]m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
            const float gradient = INTC_REAL_CLIPPED * INTC_REAL_SCALE;
            const float v = float_flushed(square[k] + (gradient * gradient - square[k]) * INTC_REAL_SQUARE_LOSS);
            square[k] = v;
INTC_REAL_APPLY([<(gradient / (sqrtf(v) + INTC_REAL_EPSILON))>])m4_dnl
        }
INTC_REAL_CLOSE[<>]m4_dnl
>])m4_dnl
