m4_dnl cross_entropy.m4 - softmax cross-entropy of a class, and its error.
m4_define([<INTC_cross_entropy>],
    [<m4_ifelse(INTC_FLOAT, 1, [<INTC_cross_entropy_float>],
        [<INTC_cross_entropy_integer>])>])m4_dnl
m4_dnl
m4_dnl Where each step of a sequence has a class, a row of logits is that of a step; a sample draws
m4_dnl for all its steps. A step whose class is beyond the last one is masked: no error, no loss,
m4_dnl not counted.
m4_define([<INTC_LOSS_ROWS>], [<m4_ifelse(INTC_STEPS, 1, rows, [<rows * INTC_STEPS>])>])m4_dnl
m4_define([<INTC_LOSS_DRAWS>],
    [<m4_ifelse(INTC_STEPS, 1, [<INTC_FILL_DRAWS(b, INTC_CLASSES)>])>])m4_dnl
m4_define([<INTC_LOSS_SAMPLE>],
    [<m4_ifelse(INTC_STEPS:INTC_CAST, 1:INTC_CAST, [<>], INTC_CAST, [<stochastic>], [<m4_dnl
            if (b % INTC_STEPS == 0) {INTC_FILL_DRAWS((b / INTC_STEPS), INTC_ERROR_SIZE)
            }
>])>])m4_dnl
m4_define([<INTC_LOSS_MASK>], [<m4_ifelse(INTC_STEPS, 1, [<>], [<m4_dnl
            if (right >= INTC_CLASSES) {
                memset(e, 0, INTC_CLASSES * sizeof *e);
                continue;
            }
INTC_COUNTING([<            ++m->told;
>])m4_dnl
>])>])m4_dnl
m4_define([<INTC_LOSS_DRAW>], [<m4_ifelse(INTC_STEPS, 1, i,
    [<b % INTC_STEPS * INTC_CLASSES + i>])>])m4_dnl
m4_define([<INTC_cross_entropy_integer>], [<m4_dnl
    /* INTC_ABOUT */
    {
        static const uint16_t exp2_table[] = { /* 2^-(i/32), 15 bits */
        INTC_EXP2_TABLE};
        int32_t *const g = INTC_ACCUMULATOR;INTC_SITE_KEY
        for (size_t b = 0; b < INTC_LOSS_ROWS; ++b) {
            const INTC_LOGITS_TYPE *const z = INTC_LOGITS + b * INTC_CLASSES;
            INTC_ERROR_TYPE *const e = INTC_ERROR + b * INTC_CLASSES;
            const size_t right = (size_t)target[b];
INTC_LOSS_SAMPLE[<>]INTC_LOSS_MASK[<>]INTC_WEIGHT_OF([<right>], [<            >])m4_dnl
            size_t best = 0;
            for (size_t i = 1; i < INTC_CLASSES; ++i)
                best = z[i] > z[best] ? i : best;
INTC_COUNTING([<            *correct += best == right;
>])m4_dnl
            /* 2^-t for t = (max - z) * log2(e): at most 2^15 each, and the sum fits 32 bits */
            const int32_t largest = z[best];
            uint32_t sum = 0x8000U;
            for (size_t i = 0; i < INTC_CLASSES; ++i) {
                const uint32_t power = int_exp2(int_positive(largest - z[i]) * INTC_LOG2E, INTC_FRACTION_BITS, exp2_table);
                g[i] = (int32_t)power;
                sum += i == best ? 0 : power;
            }
            /* p = power / sum in 15 bits: power <= 2^15, reciprocal <= 2^16 */
            const uint32_t reciprocal = UINT32_C(0x80000000) / sum;
            int32_t rest = -32768;
            for (size_t i = 0; i < INTC_CLASSES; ++i) {
                g[i] = (int32_t)(((uint32_t)g[i] * reciprocal + 0x8000U) >> 16);
                rest += g[i];
            }
            g[right] -= 32768 + rest; /* the error sums to exactly zero */m4_dnl
INTC_WEIGH_ERRORS(INTC_CLASSES)
            const uint64_t bits = int_log2(sum, exp2_table) +
                (int_positive(largest - z[right]) * INTC_LOG2E >> (INTC_FRACTION_BITS - 15));
            total += INTC_WEIGHED_LOSS([<(bits * INTC_LN2) >> 15>], [<(bits * INTC_LN2 >> 15)>]);INTC_LOSS_DRAWS
            for (size_t i = 0; i < INTC_CLASSES; ++i)
                e[i] = INTC_CASTED([<g[i]>], [<INTC_LOSS_DRAW>]);
INTC_COUNT([<            >], [<e>], INTC_CLASSES)m4_dnl
        }
    }
>])m4_dnl
m4_define([<INTC_cross_entropy_float>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t b = 0; b < INTC_LOSS_ROWS; ++b) {
        const float *const z = INTC_LOGITS + b * INTC_CLASSES;
        float *const e = INTC_ERROR + b * INTC_CLASSES;
        const size_t right = (size_t)target[b];
INTC_LOSS_MASK[<>]INTC_WEIGHT_OF([<right>], [<        >])m4_dnl
        size_t best = 0;
        for (size_t i = 1; i < INTC_CLASSES; ++i)
            best = z[i] > z[best] ? i : best;
INTC_COUNTING([<        *correct += best == right;
>])m4_dnl
        float sum = 0;
        for (size_t i = 0; i < INTC_CLASSES; ++i)
            sum += e[i] = expf(z[i] - z[best]);
        for (size_t i = 0; i < INTC_CLASSES; ++i)
            e[i] = INTC_WEIGHED_FLOAT([<e[i] / sum - (i == right ? 1.0F : 0.0F)>],
                [<(e[i] / sum - (i == right ? 1.0F : 0.0F))>]);
        total += float_loss(INTC_WEIGHED_FLOAT([<logf(sum) + z[best] - z[right]>],
            [<(logf(sum) + z[best] - z[right])>]));
    }
>])m4_dnl
