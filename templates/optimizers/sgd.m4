m4_dnl sgd.m4 - momentum, weight decay and the update of one row, behind its gradient g.
m4_define([<INTC_sgd>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_sgd_float>], [<INTC_sgd_integer>])>])m4_dnl
m4_define([<INTC_SGD_DRAWS>], [<m4_ifelse($2, -1, [<>], [<m4_dnl
        uint$3_t *const $1_draws = (uint$3_t *)($4) + row % INTC_STRIP_ROWS * INTC_ROW;
        if (row % INTC_STRIP_ROWS == 0)
            int_draw$3_rows(int_site(m->seed, m->step, $2), (uint32_t)row, INTC_LEAST(INTC_ROWS - row, INTC_STRIP_ROWS), $1_draws, INTC_ROW);
>])>])m4_dnl
m4_define([<INTC_CLIPPED>], [<m4_ifelse(INTC_CLIP, 0, [<g[k]>], [<(g[k] < -INTC_CLIP ? -INTC_CLIP : g[k] > INTC_CLIP ? INTC_CLIP : g[k])>])>])m4_dnl
m4_define([<INTC_PRODUCT_WIDTH>], [<m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], [<64>])>])m4_dnl
m4_define([<INTC_PRODUCT>], [<int[<>]m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], 64, 32)_t>])m4_dnl
m4_dnl A rate of fewer than ten digits has at most 31 bits; the product of two numbers of 32 bits is cheaper.
m4_define([<INTC_RATE_TYPE>], [<m4_ifelse(m4_eval(m4_len(INTC_RATE) < 10), 1, [<int32_t>], [<INTC_PRODUCT>])>])m4_dnl
m4_define([<INTC_WIDE>], [<m4_ifelse(INTC_PRODUCT, INTC_GRADIENT_TYPE, [<>], [<(INTC_PRODUCT)>])>])m4_dnl
m4_define([<INTC_SGD_U>], [<m4_ifelse(INTC_RATE_SHIFT, 0, [<INTC_WIDE[<>]INTC_CLIPPED * rate>],
INTC_RATE_SITE, -1, [<int_nearest[<>]INTC_PRODUCT_WIDTH[<>](INTC_WIDE[<>]INTC_CLIPPED * rate, INTC_RATE_SHIFT)>],
[<int_stochastic[<>]INTC_PRODUCT_WIDTH[<>](INTC_WIDE[<>]INTC_CLIPPED * rate, INTC_RATE_SHIFT, rate_draws[k])>])>])m4_dnl
m4_define([<INTC_SGD_REST>], [<m4_ifelse(INTC_RATE_SITE, -1, [<int_nearest(rest * rate, INTC_RATE_SHIFT)>],
[<int_stochastic(rest * rate, INTC_RATE_SHIFT, rate_draws[k])>])>])m4_dnl
m4_define([<INTC_SGD_LOSS>], [<m4_ifelse(INTC_LOSS_MULTIPLIER, 1, [<int_nearest(momentum[k], INTC_LOSS_SHIFT)>],
[<(int32_t)int_nearest64((int64_t)momentum[k] * INTC_LOSS_MULTIPLIER, INTC_LOSS_SHIFT)>])>])m4_dnl
m4_define([<INTC_SGD_STEP>], [<m4_ifelse(INTC_APPLY_SITE, -1, [<v>], [<int_stochastic(v, INTC_APPLY_SHIFT, apply_draws[k])>])>])m4_dnl
m4_define([<INTC_SGD_DECAYED>], [<m4_ifelse(INTC_DECAY_SHIFT, 0, [<master[k]>], [<(master[k] - int_nearest(master[k], INTC_DECAY_SHIFT))>])>])m4_dnl
m4_define([<INTC_SGD_CAPPED>], [<m4_ifelse(INTC_U_CLAMP, 0, [<m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], [<(int32_t)(INTC_SGD_U)>], [<INTC_SGD_U>])>], [<(int32_t)int_clamp64(INTC_SGD_U, -INTC_U_CLAMP, INTC_U_CLAMP)>])>])m4_dnl
m4_define([<INTC_sgd_integer>], [<m4_dnl
        /* INTC_ABOUT */
        const INTC_RATE_TYPE rate = INTC_RATE >> m->halvings;
        INTC_MASTER_TYPE *restrict const master = INTC_MASTER + row * INTC_ROW;
m4_ifelse(INTC_STORAGE, [<>], [<>], [<m4_dnl
        INTC_STORAGE_TYPE *restrict const storage = INTC_STORAGE + row * INTC_ROW;
>])m4_dnl
m4_ifelse(INTC_MOMENTUM, [<>], [<>], [<m4_dnl
        int32_t *restrict const momentum = INTC_MOMENTUM + row * INTC_ROW;
>])m4_dnl
INTC_SGD_DRAWS(rate, INTC_RATE_SITE, INTC_RATE_FIELD, [<INTC_OWN_RATE_DRAWS>])INTC_SGD_DRAWS(apply, INTC_APPLY_SITE, INTC_APPLY_FIELD, [<INTC_OWN_APPLY_DRAWS>])m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
m4_ifelse(INTC_SPLIT, 0, [<m4_dnl
            const int32_t u = INTC_SGD_CAPPED;
>], [<m4_dnl
            const int32_t rest = (int32_t)((uint32_t)INTC_CLIPPED & INTC_SPLIT); /* the shift rounds its product only */
            const int32_t u = int_shift(INTC_CLIPPED, INTC_RATE_SHIFT) * rate + INTC_SGD_REST;
>])m4_dnl
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
            const int32_t v = u;
>], [<m4_dnl
            const int32_t v = INTC_SGD_KEPT([<momentum[k] - INTC_SGD_LOSS + u>]);
            momentum[k] = v;
>])m4_dnl
            master[k] = (INTC_MASTER_TYPE)int_clamp(INTC_SGD_DECAYED - INTC_SGD_STEP, -INTC_MASTER_BOUND, INTC_MASTER_BOUND);
        }
m4_ifelse(INTC_STORAGE, [<>], [<>], INTC_QUANT_SHIFT:INTC_MASTER_TYPE, 0:INTC_STORAGE_TYPE, [<m4_dnl
        memcpy(storage, master, INTC_ROW * sizeof *storage);
>], [<m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k)
            storage[k] = (INTC_STORAGE_TYPE)m4_ifelse(INTC_QUANT_SHIFT, 0, [<master[k]>], [<int_nearest(master[k], INTC_QUANT_SHIFT)>]);
>])m4_dnl
    }
>])m4_dnl
m4_define([<INTC_SGD_KEPT>], [<m4_ifelse(INTC_V_CLAMP, 0, [<$1>], [<int_clamp($1, -INTC_V_CLAMP, INTC_V_CLAMP)>])>])m4_dnl
m4_dnl
m4_dnl The float twin: the same steps.
m4_define([<INTC_sgd_float>], [<m4_dnl
        /* INTC_ABOUT */
        const float rate = ldexpf(INTC_REAL_RATE, -(int)m->halvings);
        float *restrict const master = INTC_MASTER + row * INTC_ROW;
m4_ifelse(INTC_MOMENTUM, [<>], [<>], [<m4_dnl
        float *restrict const momentum = INTC_MOMENTUM + row * INTC_ROW;
>])m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k) {
m4_ifelse(INTC_HAS_CLIP, 0, [<m4_dnl
            const float u = g[k] * rate;
>], [<m4_dnl
            const float u = (g[k] < -INTC_REAL_CLIP ? -INTC_REAL_CLIP : g[k] > INTC_REAL_CLIP ? INTC_REAL_CLIP : g[k]) * rate;
>])m4_dnl
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
            const float v = u;
>], [<m4_dnl
            const float v = float_flushed(momentum[k] - momentum[k] * INTC_REAL_LOSS + u);
            momentum[k] = v;
>])m4_dnl
m4_ifelse(INTC_DECAY_SHIFT, 0, [<m4_dnl
            master[k] = master[k] - v;
>], [<m4_dnl
            master[k] = master[k] - master[k] * INTC_REAL_DECAY - v;
>])m4_dnl
        }
    }
>])m4_dnl
