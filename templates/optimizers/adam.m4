m4_dnl adam.m4 - the mean gradient over the root of the mean square, behind the row's gradient g.
m4_define([<INTC_adam_correction>], [<m4_dnl
    /* INTC_ABOUT */
    {
m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
        const float t = (float)m->step + 1.0F;
        float *const correction = INTC_CORRECTION;
        correction[1] = sqrtf(1.0F - powf(INTC_REAL_BETA2, t));
        correction[0] = correction[1] / (1.0F - powf(INTC_REAL_BETA1, t));
>], [<m4_dnl
        static const int32_t correction_table[] = {INTC_CORRECTION_TABLE};
        /* entries are 1 apart to t = 16, 2 to t = 32, 4 to t = 64 ... */
        const uint32_t t = m->step + 1;
        uint32_t doublings = 0;
        while (t >> doublings >= 16)
            ++doublings;
        const uint32_t at = 8 * doublings + (t >> doublings);
        INTC_CORRECTION[<>][[<>]0] = correction_table[INTC_CORRECTION_TABLE_COUNT - 1];
        if (at < INTC_CORRECTION_TABLE_COUNT - 1) {
            const int64_t rise = correction_table[at + 1] - correction_table[at];
            const uint32_t rest = t & (((uint32_t)1 << doublings) - 1);
            INTC_CORRECTION[<>][[<>]0] = correction_table[at] + (int32_t)int_shift64(rise * rest, (int)doublings);
        }
>])m4_dnl
    }
>])m4_dnl
m4_define([<INTC_adam>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_adam_float>],
    [<INTC_adam_integer>])>])m4_dnl
m4_dnl The part of a row that int_adam.h does; it leaves weights from `first` on.
m4_define([<INTC_ADAM_VECTORS>], [<m4_dnl
        const size_t first = int_adam(master, momentum, square, g, square_draws, INTC_ROW,
            &(const IntAdam){.most = INTC_CAST_HI >> INTC_CAST_SHIFT, .epsilon = INTC_EPSILON, m4_dnl
.rate = rate, .bound = INTC_MASTER_BOUND, .up = INTC_CAST_SHIFT, .root_shift = INTC_MOMENT_BITS,
                .mean_shift = INTC_MEAN_SHIFT, .square_shift = INTC_SQUARE_SHIFT, m4_dnl
.ratio_shift = INTC_RATIO_SHIFT, .ratio_down = INTC_RATIO_DOWN, .rate_shift = INTC_RATE_SHIFT});
>])m4_dnl
m4_define([<INTC_adam_integer>], [<m4_dnl
        /* INTC_ABOUT */
INTC_UPDATE_ROW[<>]INTC_STATE_ROW([<MOMENTUM>], [<momentum>])m4_dnl
INTC_STATE_ROW([<SQUARE>], [<square>])INTC_STEP_RATES([<INTC_CORRECTION[<>][[<>]0]>])m4_dnl
INTC_UPDATE_DRAWS(square, INTC_SQUARE_SITE, INTC_SQUARE_FIELD, [<INTC_OWN_SQUARE_DRAWS>])m4_dnl
INTC_UPDATE_DRAWS(apply, INTC_APPLY_SITE, INTC_APPLY_FIELD, [<INTC_OWN_APPLY_DRAWS>])m4_dnl
m4_ifelse(INTC_VECTORS, 1, [<INTC_ADAM_VECTORS[<>]>])m4_dnl
        for (size_t k = m4_ifelse(INTC_VECTORS, 1, first, 0); k < INTC_ROW; ++k) {
            const int32_t gradient = INTC_MOMENT_OF;
            const int32_t mean = momentum[k] + INTC_FORGOTTEN([<MEAN>], [<gradient - momentum[k]>]);
            const int32_t root = int_nearest(gradient, INTC_MOMENT_BITS);
            const int32_t v = square[k] + INTC_SQUARED([<root * root - square[k]>]);
            momentum[k] = mean;
            square[k] = v;
            const int32_t ratio = int_nearest(int_over_root(mean, v + INTC_EPSILON, INTC_RATIO_SHIFT), INTC_RATIO_DOWN);
INTC_STEP_APPLY([<ratio>])m4_dnl
        }
INTC_UPDATE_CLOSE[<>]m4_dnl
>])m4_dnl
m4_define([<INTC_adam_float>], [<m4_dnl
        /* INTC_ABOUT */
        const float correction = INTC_CORRECTION[<>][[<>]0];
        const float epsilon = INTC_REAL_EPSILON * INTC_CORRECTION[<>][[<>]1];
INTC_UPDATE_ROW[<>]INTC_STATE_ROW([<MOMENTUM>], [<momentum>])m4_dnl
INTC_STATE_ROW([<SQUARE>], [<square>])INTC_REAL_RATES[<>]m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
            const float gradient = INTC_REAL_CLIPPED * INTC_REAL_SCALE;
            const float mean = float_flushed(momentum[k] + (gradient - momentum[k]) * INTC_REAL_LOSS);
            const float v = float_flushed(square[k] + (gradient * gradient - square[k]) * INTC_REAL_SQUARE_LOSS);
            momentum[k] = mean;
            square[k] = v;
INTC_REAL_APPLY([<(correction * mean / (sqrtf(v) + epsilon))>])m4_dnl
        }
INTC_REAL_CLOSE[<>]m4_dnl
>])m4_dnl
