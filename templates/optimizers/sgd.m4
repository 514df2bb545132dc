m4_dnl sgd.m4 - momentum, weight decay and the update of one row, some columns at a time. The step of the gradient
m4_dnl has opened the loop over rows; INTC_GRADIENT_OF_COLUMNS leaves in g what belongs to columns at, at + 1, ...
m4_define([<INTC_sgd>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_sgd_float>], [<INTC_sgd_integer>])>])m4_dnl
m4_define([<INTC_SGD_DRAWS>], [<m4_ifelse($2, -1, [<>], [<m4_dnl
        int_draw$3(int_row(int_site(m->seed, m->step, $2), (uint32_t)row), (uint$3_t *)($4), INTC_ROW);
>])>])m4_dnl
m4_define([<INTC_SGD_DRAWN>], [<m4_ifelse($2, -1, [<>], [<m4_dnl
            const uint$3_t *const $1_draws = (const uint$3_t *)($4) + at;
>])>])m4_dnl
m4_dnl The columns in hand: opens the loop over them.
m4_define([<INTC_SGD_COLUMNS>], [<m4_dnl
        for (size_t at = 0; at < INTC_ROW; at += INTC_COLUMNS) {
            const size_t width = INTC_LEAST(INTC_ROW - at, INTC_COLUMNS);
            INTC_GRADIENT_TYPE *const g = INTC_GRADIENT + at;
INTC_GRADIENT_OF_COLUMNS[<>]m4_dnl
            INTC_MASTER_TYPE *restrict const master = INTC_MASTER + row * INTC_ROW + at;
m4_ifelse(INTC_MOMENTUM, [<>], [<>], [<m4_dnl
            INTC_MOMENTUM_TYPE *restrict const momentum = INTC_MOMENTUM + row * INTC_ROW + at;
>])m4_dnl
>])m4_dnl
m4_define([<INTC_CLIPPED>], [<m4_ifelse(INTC_CLIP, 0, [<g[k]>], [<(g[k] < -INTC_CLIP ? -INTC_CLIP : g[k] > INTC_CLIP ? INTC_CLIP : g[k])>])>])m4_dnl
m4_define([<INTC_PRODUCT_WIDTH>], [<m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], [<64>])>])m4_dnl
m4_define([<INTC_PRODUCT>], [<int[<>]m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], 64, 32)_t>])m4_dnl
m4_define([<INTC_WIDE>], [<m4_ifelse(INTC_PRODUCT, INTC_GRADIENT_TYPE, [<>], [<(INTC_PRODUCT)>])>])m4_dnl
m4_define([<INTC_SGD_U>], [<m4_ifelse(INTC_RATE_SHIFT, 0, [<INTC_WIDE[<>]INTC_CLIPPED * rate>],
INTC_RATE_SITE, -1, [<int_nearest[<>]INTC_PRODUCT_WIDTH[<>](INTC_WIDE[<>]INTC_CLIPPED * rate, INTC_RATE_SHIFT)>],
[<int_stochastic[<>]INTC_PRODUCT_WIDTH[<>](INTC_WIDE[<>]INTC_CLIPPED * rate, INTC_RATE_SHIFT, rate_draws[k])>])>])m4_dnl
m4_define([<INTC_SGD_LOSS>], [<m4_ifelse(INTC_LOSS_MULTIPLIER, 1, [<int_nearest(v, INTC_LOSS_SHIFT)>],
[<(int32_t)int_nearest64((int64_t)v * INTC_LOSS_MULTIPLIER, INTC_LOSS_SHIFT)>])>])m4_dnl
m4_define([<INTC_SGD_STEP>], [<m4_ifelse(INTC_APPLY_SITE, -1, [<v>], [<int_stochastic(v, INTC_APPLY_SHIFT, apply_draws[k])>])>])m4_dnl
m4_define([<INTC_SGD_CAPPED>], [<m4_ifelse(INTC_U_CLAMP, 0, [<m4_ifelse(INTC_PRODUCT_TYPE, [<i64>], [<(int32_t)(INTC_SGD_U)>], [<INTC_SGD_U>])>], [<(int32_t)int_clamp64(INTC_SGD_U, -INTC_U_CLAMP, INTC_U_CLAMP)>])>])m4_dnl
m4_define([<INTC_sgd_integer>], [<m4_dnl
        /* INTC_ABOUT */
        const INTC_PRODUCT rate = (INTC_RATE >> m->halvings);
INTC_SGD_DRAWS(rate, INTC_RATE_SITE, INTC_RATE_FIELD, [<INTC_RATE_DRAWS>])m4_dnl
INTC_SGD_DRAWS(apply, INTC_APPLY_SITE, INTC_APPLY_FIELD, [<INTC_APPLY_DRAWS>])m4_dnl
INTC_SGD_COLUMNS[<>]m4_dnl
INTC_SGD_DRAWN(rate, INTC_RATE_SITE, INTC_RATE_FIELD, [<INTC_RATE_DRAWS>])m4_dnl
INTC_SGD_DRAWN(apply, INTC_APPLY_SITE, INTC_APPLY_FIELD, [<INTC_APPLY_DRAWS>])m4_dnl
            for (size_t k = 0; k < width; ++k) {
                const int32_t u = INTC_SGD_CAPPED;
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
                const int32_t v = u;
>], [<m4_dnl
                int32_t v = momentum[k];
                v = INTC_SGD_KEPT([<v - INTC_SGD_LOSS + u>]);
                momentum[k] = v;
>])m4_dnl
                int32_t w = master[k];
m4_ifelse(INTC_DECAY_SHIFT, 0, [<>], [<m4_dnl
                w -= int_nearest(w, INTC_DECAY_SHIFT);
>])m4_dnl
                master[k] = (INTC_MASTER_TYPE)int_clamp(w - INTC_SGD_STEP, -INTC_MASTER_BOUND, INTC_MASTER_BOUND);
            }
m4_ifelse(INTC_STORAGE, [<>], [<>], [<m4_dnl
            INTC_STORAGE_TYPE *restrict const storage = INTC_STORAGE + row * INTC_ROW + at;
            for (size_t k = 0; k < width; ++k)
                storage[k] = (INTC_STORAGE_TYPE)m4_ifelse(INTC_QUANT_SHIFT, 0, [<master[k]>], [<int_nearest(master[k], INTC_QUANT_SHIFT)>]);
>])m4_dnl
        }
        INT_TRACE(m, INTC_GRADIENT_STEP, row);
    }
>])m4_dnl
m4_define([<INTC_SGD_KEPT>], [<m4_ifelse(INTC_V_CLAMP, 0, [<$1>], [<int_clamp($1, -INTC_V_CLAMP, INTC_V_CLAMP)>])>])m4_dnl
m4_dnl
m4_dnl The float twin: the same steps.
m4_define([<INTC_sgd_float>], [<m4_dnl
        /* INTC_ABOUT */
        const float rate = ldexpf(INTC_REAL_RATE, -(int)m->halvings);
INTC_SGD_COLUMNS[<>]m4_dnl
            for (size_t k = 0; k < width; ++k) {
m4_ifelse(INTC_HAS_CLIP, 0, [<m4_dnl
                const float u = g[k] * rate;
>], [<m4_dnl
                const float u = (g[k] < -INTC_REAL_CLIP ? -INTC_REAL_CLIP : g[k] > INTC_REAL_CLIP ? INTC_REAL_CLIP : g[k]) * rate;
>])m4_dnl
m4_ifelse(INTC_MOMENTUM, [<>], [<m4_dnl
                const float v = u;
>], [<m4_dnl
                const float v = momentum[k] - momentum[k] * INTC_REAL_LOSS + u;
                momentum[k] = v;
>])m4_dnl
m4_ifelse(INTC_DECAY_SHIFT, 0, [<m4_dnl
                master[k] = master[k] - v;
>], [<m4_dnl
                master[k] = master[k] - master[k] * INTC_REAL_DECAY - v;
>])m4_dnl
            }
        }
        INT_TRACE(m, INTC_GRADIENT_STEP, row);
    }
>])m4_dnl
