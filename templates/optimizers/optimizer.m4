m4_dnl optimizer.m4 - what optimizers share: a row's pointers, clipped gradient, moments, last step.
m4_dnl
m4_dnl The rows of master and storage, and of the state INTC_$1, which C calls $2.
m4_define([<INTC_UPDATE_ROW>], [<m4_dnl
        INTC_MASTER_TYPE *restrict const master = INTC_MASTER + row * INTC_ROW;
m4_ifelse(INTC_STORAGE, [<>], [<>], INTC_FLOAT, 1, [<>], [<m4_dnl
        INTC_STORAGE_TYPE *restrict const storage = INTC_STORAGE + row * INTC_ROW;
>])>])m4_dnl
m4_define([<INTC_STATE_ROW>], [<m4_ifelse(INTC_$1, [<>], [<>], [<m4_dnl
        m4_ifelse(INTC_FLOAT, 1, float, int32_t) *restrict const $2 = INTC_$1 + row * INTC_ROW;
>])>])m4_dnl
m4_dnl The draws of the site $2, $3 bits each, at $4, for the row; some rows are drawn together.
m4_define([<INTC_UPDATE_DRAWS>], [<m4_ifelse($2, -1, [<>], INTC_SPARSE, 1, [<m4_dnl
        uint$3_t *const $1_draws = (uint$3_t *)($4);
        int_draw$3(int_row(int_site(m->seed, m->step, $2), (uint32_t)row), $1_draws, INTC_ROW);
>], [<m4_dnl
        uint$3_t *const $1_draws = (uint$3_t *)($4) + row % INTC_STRIP_ROWS * INTC_ROW;
        if (row % INTC_STRIP_ROWS == 0)
            int_draw$3_rows(int_site(m->seed, m->step, $2), (uint32_t)row, int_least(INTC_ROWS - row, INTC_STRIP_ROWS), $1_draws, INTC_ROW);
>])>])m4_dnl
m4_dnl The storage copies of the masters; closes the loop over rows.
m4_define([<INTC_UPDATE_CLOSE>], [<m4_dnl
m4_ifelse(INTC_STORAGE, [<>], [<>], INTC_SIGNS, 1, [<m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k)
            storage[k] = (INTC_STORAGE_TYPE)((master[k] > 0) - (master[k] < 0));
>], INTC_QUANT_SHIFT:INTC_MASTER_TYPE, 0:INTC_STORAGE_TYPE, [<m4_dnl
        memcpy(storage, master, INTC_ROW * sizeof *storage);
>], [<m4_dnl
        for (size_t k = 0; k < INTC_ROW; ++k)
            storage[k] = (INTC_STORAGE_TYPE)m4_ifelse(INTC_QUANT_SHIFT, 0, [<master[k]>],
                [<int_nearest(master[k], INTC_QUANT_SHIFT)>]);
>])m4_dnl
    }
>])m4_dnl
m4_dnl In float there is a storage copy only where it keeps signs, or -1, 0 and 1, in units.
m4_define([<INTC_REAL_KEPT>], [<INTC_REAL_UNIT * m4_ifelse(INTC_SIGNS, 1,
    [<(float)(($1 > 0.0F) - ($1 < 0.0F))>], [<floorf($1 / INTC_REAL_UNIT + 0.5F)>])>])m4_dnl
m4_define([<INTC_REAL_CLOSE>], [<m4_dnl
m4_ifelse(INTC_STORAGE, [<>], [<>], [<m4_dnl
        INTC_STORAGE_TYPE *restrict const storage = INTC_STORAGE + row * INTC_ROW;
        for (size_t k = 0; k < INTC_ROW; ++k) {
            master[k] = master[k] < -INTC_REAL_UNIT ? -INTC_REAL_UNIT : master[k] > INTC_REAL_UNIT ? INTC_REAL_UNIT : master[k];
            storage[k] = INTC_REAL_KEPT([<master[k]>]);
        }
>])m4_dnl
    }
>])m4_dnl
m4_define([<INTC_CLIPPED>], [<m4_ifelse(INTC_CLIP, 0, [<g[k]>],
    [<(g[k] < -INTC_CLIP ? -INTC_CLIP : g[k] > INTC_CLIP ? INTC_CLIP : g[k])>])>])m4_dnl
m4_define([<INTC_REAL_CLIPPED>],
    [<m4_ifelse(INTC_HAS_CLIP, 0, [<g[k]>],
        [<(g[k] < -INTC_REAL_CLIP ? -INTC_REAL_CLIP : g[k] > INTC_REAL_CLIP ? INTC_REAL_CLIP : g[k])>])>])m4_dnl
m4_dnl
m4_dnl The gradient in the format of a moment; $2 is rounded to the share $1 that a moment forgets.
m4_define([<INTC_MOMENT_OF>], [<m4_ifelse(INTC_SUM_WIDTH, 64, [<(int32_t)>])m4_dnl
m4_ifelse(INTC_CAST, [<scale>], [<(INTC_SCALED([<INTC_CLIPPED>]))>],
[<INTC_CLAMPED([<INTC_ROUNDED([<INTC_CLIPPED>])>])>])>])m4_dnl
m4_define([<INTC_FORGOTTEN>], [<m4_ifelse(INTC_$1_MULTIPLIER, 1, [<int_nearest($2, INTC_$1_SHIFT)>],
[<(int32_t)int_nearest64((int64_t)($2) * INTC_$1_MULTIPLIER, INTC_$1_SHIFT)>])>])m4_dnl
m4_define([<INTC_SQUARED>], [<m4_ifelse(INTC_SQUARE_MULTIPLIER, 1,
    [<int_stochastic($1, INTC_SQUARE_SHIFT, square_draws[k])>],
[<(int32_t)int_stochastic64((int64_t)($1) * INTC_SQUARE_MULTIPLIER, INTC_SQUARE_SHIFT, square_draws[k])>])>])m4_dnl
m4_dnl
m4_dnl The learning rate, times $1, and the change of the weight: the direction $1 times the rate.
m4_define([<INTC_STEP_RATES>], [<m4_dnl
        const int32_t rate = (int32_t)(((int64_t)INTC_RATE * m->rate_factor >> INTC_RATE_FACTOR_SHIFT)m4_dnl
m4_ifelse($1, [<>], [<>], [< * $1 >> 15>]));
m4_ifelse(INTC_DECAY, 0, [<>], [<m4_dnl
        const int32_t decay = (int32_t)((int64_t)INTC_DECAY * m->rate_factor >> INTC_RATE_FACTOR_SHIFT);
>])>])m4_dnl
m4_define([<INTC_STEP_CHANGE>],
    [<m4_ifelse(INTC_DECAY, 0, [<(int64_t)$1 * rate>],
        [<((int64_t)$1 * rate + int_nearest64((int64_t)w * decay, INTC_DECAY_DOWN))>])>])m4_dnl
m4_define([<INTC_STEP_ROUNDED>],
    [<m4_ifelse(INTC_RATE_SHIFT, 0, [<$1>], INTC_APPLY_SITE, -1,
        [<int_nearest64($1, INTC_RATE_SHIFT)>],
        [<int_stochastic64($1, INTC_RATE_SHIFT, apply_draws[k])>])>])m4_dnl
m4_define([<INTC_STEP_CAPPED>],
    [<m4_ifelse(INTC_APPLY_CLAMP, 0, [<$1>],
        [<int_clamp64($1, -INTC_APPLY_CLAMP, INTC_APPLY_CLAMP)>])>])m4_dnl
m4_define([<INTC_STEP_APPLY>], [<m4_dnl
            int32_t w = master[k];
            const int32_t change = (int32_t)(INTC_STEP_CAPPED([<INTC_STEP_ROUNDED([<INTC_STEP_CHANGE([<$1>])>])>]));
m4_ifelse(INTC_DECAY_SHIFT, 0, [<>], [<m4_dnl
            w -= int_nearest(w, INTC_DECAY_SHIFT);
>])m4_dnl
            master[k] = (INTC_MASTER_TYPE)int_clamp(w - change, -INTC_MASTER_BOUND, INTC_MASTER_BOUND);
>])m4_dnl
m4_dnl
m4_dnl The same in float: the learning rate, and the change of a weight by the direction $1.
m4_define([<INTC_REAL_RATES>], [<m4_dnl
        const float rate = INTC_REAL_RATE * ldexpf((float)m->rate_factor, -INTC_RATE_FACTOR_SHIFT);
>])m4_dnl
m4_define([<INTC_REAL_APPLY>], [<m4_dnl
            master[k] = master[k][<>]m4_ifelse(INTC_DECAY_SHIFT, 0, [<>],
                [< - master[k] * INTC_REAL_SHARE>])[<>]m4_ifelse(INTC_HAS_DECAY, 0, [<>],
                [< - master[k] * (rate * INTC_REAL_DECAY)>]) - rate * $1;
>])m4_dnl
