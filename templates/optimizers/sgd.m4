m4_dnl sgd.m4 - momentum, weight decay and the update of one row, behind its gradient g.
m4_define([<INTC_sgd>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_sgd_float>],
    [<INTC_sgd_integer>])>])m4_dnl
m4_define([<INTC_PRODUCT_WIDTH>], [<m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], [<64>])>])m4_dnl
m4_define([<INTC_PRODUCT>], [<int[<>]m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], 64, 32)_t>])m4_dnl
m4_define([<INTC_WIDE>], [<m4_ifelse(INTC_PRODUCT, INTC_GRADIENT_TYPE, [<>],
    [<(INTC_PRODUCT)>])>])m4_dnl
m4_define([<INTC_SGD_U>], [<m4_ifelse(INTC_RATE_SHIFT, 0, [<INTC_WIDE[<>]INTC_CLIPPED * rate>],
INTC_RATE_SITE, -1, [<int_nearest[<>]INTC_PRODUCT_WIDTH[<>](INTC_WIDE[<>]INTC_CLIPPED * rate, INTC_RATE_SHIFT)>],
[<int_stochastic[<>]INTC_PRODUCT_WIDTH[<>](INTC_WIDE[<>]INTC_CLIPPED * rate, INTC_RATE_SHIFT, rate_draws[k])>])>])m4_dnl
m4_define([<INTC_SGD_REST>], [<m4_ifelse(INTC_RATE_SITE, -1,
    [<int_nearest(rest * rate, INTC_RATE_SHIFT)>],
[<int_stochastic(rest * rate, INTC_RATE_SHIFT, rate_draws[k])>])>])m4_dnl
m4_dnl What momentum $1 loses in a step; nesterov looks ahead from the one that is new.
m4_define([<INTC_SGD_LOSS>], [<m4_ifelse(INTC_LOSS_MULTIPLIER, 1,
    [<int_nearest($1, INTC_LOSS_SHIFT)>],
[<(int32_t)int_nearest64((int64_t)$1 * INTC_LOSS_MULTIPLIER, INTC_LOSS_SHIFT)>])>])m4_dnl
m4_define([<INTC_AHEAD>], [<0>])m4_dnl
m4_define([<INTC_SGD_MOVE>], [<m4_ifelse(INTC_AHEAD, 1, [<ahead>], [<v>])>])m4_dnl
m4_define([<INTC_SGD_STEP>], [<m4_ifelse(INTC_APPLY_SITE, -1, [<INTC_SGD_MOVE>],
    [<int_stochastic(INTC_SGD_MOVE, INTC_APPLY_SHIFT, apply_draws[k])>])>])m4_dnl
m4_define([<INTC_SGD_DECAYED>],
    [<m4_ifelse(INTC_DECAY_SHIFT, 0, [<master[k]>],
        [<(master[k] - int_nearest(master[k], INTC_DECAY_SHIFT))>])>])m4_dnl
m4_define([<INTC_SGD_CAPPED>],
    [<m4_ifelse(INTC_U_CLAMP, 0,
        [<m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], [<(int32_t)(INTC_SGD_U)>], [<INTC_SGD_U>])>],
        [<(int32_t)int_clamp64(INTC_SGD_U, -INTC_U_CLAMP, INTC_U_CLAMP)>])>])m4_dnl
m4_dnl The constants of an update, for int_fused.h.
m4_define([<INTC_SGD_CONSTANTS>],
    [<&(const IntUpdate){.rate = rate, .rate_shift = INTC_RATE_SHIFT, m4_dnl
.halves = m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], 1, 0), .loss_shift = INTC_LOSS_SHIFT, m4_dnl
.most = INTC_V_CLAMP, .bound = INTC_MASTER_BOUND, .quant_shift = INTC_QUANT_SHIFT}>])m4_dnl
m4_define([<INTC_sgd_integer>], [<m4_dnl
        /* INTC_ABOUT */
        const int32_t rate = m4_ifelse(INTC_RATE, 1, [<>], [<INTC_RATE * >])m->rate_factor;
INTC_UPDATE_ROW[<>]INTC_STATE_ROW([<MOMENTUM>], [<momentum>])m4_dnl
INTC_UPDATE_DRAWS(rate, INTC_RATE_SITE, INTC_RATE_FIELD, [<INTC_OWN_RATE_DRAWS>])m4_dnl
INTC_UPDATE_DRAWS(apply, INTC_APPLY_SITE, INTC_APPLY_FIELD, [<INTC_OWN_APPLY_DRAWS>])m4_dnl
m4_ifelse(INTC_FUSED, 8, [<m4_dnl
        if (INT_FUSED) {
            int_fused_u8(master, momentum, storage, INT_GROUPS(m), row, INTC_BATCH, INTC_ROW, INTC_ROWS,
                INTC_SGD_CONSTANTS);
            continue;
        }
>], INTC_FUSED, 16, [<m4_dnl
        if (INT_FUSED) {
            if (row % INTC_FUSED_ROWS == 0)
                int_fused_s16(master, momentum, storage, INT_GROUPS(m), row, m4_dnl
int_least(INTC_ROWS - row, INTC_FUSED_ROWS), INTC_BATCH, INTC_ROW, INTC_ROWS,
                INTC_SGD_CONSTANTS);
            continue;
        }
>])m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
m4_ifelse(INTC_SPLIT, 0, [<m4_dnl
            const int32_t u = INTC_SGD_CAPPED;
>], [<m4_dnl
            const int32_t rest = INTC_CLIPPED & INTC_SPLIT; /* the shift rounds its product only */
            const int32_t u = int_shift(INTC_CLIPPED, INTC_RATE_SHIFT) * rate + INTC_SGD_REST;
>])m4_dnl
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
            const int32_t v = u;
>], [<m4_dnl
            const int32_t v = INTC_SGD_KEPT([<momentum[k] - INTC_SGD_LOSS([<momentum[k]>]) + u>]);
            momentum[k] = v;
m4_ifelse(INTC_AHEAD, 1, [<m4_dnl
            const int32_t ahead = INTC_SGD_KEPT([<v - INTC_SGD_LOSS([<v>]) + u>]);
>])m4_dnl
>])m4_dnl
            master[k] = (INTC_MASTER_TYPE)int_clamp(INTC_SGD_DECAYED - INTC_SGD_STEP, -INTC_MASTER_BOUND, INTC_MASTER_BOUND);
        }
INTC_UPDATE_CLOSE[<>]m4_dnl
>])m4_dnl
m4_define([<INTC_SGD_KEPT>], [<m4_ifelse(INTC_V_CLAMP, 0, [<$1>],
    [<int_clamp($1, -INTC_V_CLAMP, INTC_V_CLAMP)>])>])m4_dnl
m4_dnl
m4_dnl The float twin: the same steps.
m4_define([<INTC_sgd_float>], [<m4_dnl
        /* INTC_ABOUT */
        const float rate = INTC_REAL_RATE * ldexpf((float)m->rate_factor, -INTC_RATE_FACTOR_SHIFT);
        float *restrict const master = INTC_MASTER + row * INTC_ROW;
m4_ifelse(INTC_MOMENTUM, [<>], [<>], [<m4_dnl
        float *restrict const momentum = INTC_MOMENTUM + row * INTC_ROW;
>])m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
            const float u = INTC_REAL_CLIPPED * rate;
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
            const float v = u;
>], [<m4_dnl
            const float v = float_flushed(momentum[k] - momentum[k] * INTC_REAL_LOSS + u);
            momentum[k] = v;
>])m4_dnl
m4_ifelse(INTC_AHEAD, 1, [<m4_dnl
            const float ahead = v - v * INTC_REAL_LOSS + u;
>])m4_dnl
m4_ifelse(INTC_DECAY_SHIFT, 0, [<m4_dnl
            master[k] = master[k] - INTC_SGD_MOVE;
>], [<m4_dnl
            master[k] = master[k] - master[k] * INTC_REAL_DECAY - INTC_SGD_MOVE;
>])m4_dnl
        }
INTC_REAL_CLOSE[<>]m4_dnl
>])m4_dnl
