m4_dnl binary_cross_entropy.m4 - the sigmoid of each logit against yes or no.
m4_define([<INTC_BINARY_BEST>], [<INTC_COUNTING([<m4_dnl
            size_t best = 0;
            for (size_t i = 1; i < INTC_CLASSES; ++i)
                best = z[i] > z[best] ? i : best;
            *correct += best == (size_t)target[b];
>])>])m4_dnl
m4_define([<INTC_binary_cross_entropy>], [<m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
    /* INTC_ABOUT */
    for (size_t b = 0; b < rows; ++b) {
        const float *const z = INTC_LOGITS + b * INTC_CLASSES;
        float *const e = INTC_ERROR + b * INTC_CLASSES;
INTC_WEIGHT_OF([<target[b]>], [<        >])m4_dnl
        float sum = 0;
INTC_BINARY_BEST[<>]m4_dnl
        for (size_t i = 0; i < INTC_CLASSES; ++i) {
            const float against = i == (size_t)target[b] ? -z[i] : z[i];
            sum += fmaxf(against, 0.0F) + log1pf(expf(-fabsf(against)));
            e[i] = INTC_WEIGHED_FLOAT([<1.0F / (1.0F + expf(-z[i])) - (i == (size_t)target[b] ? 1.0F : 0.0F)>],
                [<(1.0F / (1.0F + expf(-z[i])) - (i == (size_t)target[b] ? 1.0F : 0.0F))>]);
        }
        total += float_loss(INTC_WEIGHED_FLOAT([<sum>]));
    }
>], [<m4_dnl
    /* INTC_ABOUT */
    {
        static const uint16_t exp2_table[] = { /* 2^-(i/32), 15 bits */
        INTC_EXP2_TABLE};
        int32_t *const g = INTC_ACCUMULATOR;INTC_SITE_KEY
        for (size_t b = 0; b < rows; ++b) {
            const INTC_LOGITS_TYPE *const z = INTC_LOGITS + b * INTC_CLASSES;
            INTC_ERROR_TYPE *const e = INTC_ERROR + b * INTC_CLASSES;
INTC_WEIGHT_OF([<target[b]>], [<            >])m4_dnl
            uint64_t sum = 0;
INTC_BINARY_BEST[<>]m4_dnl
            for (size_t i = 0; i < INTC_CLASSES; ++i) {
                const int32_t logit = z[i];
                const int32_t distance = logit < 0 ? -logit : logit;
                const int32_t at = int_clamp(distance, 0, INTC_REACH)[<>]INTC_IN_UNITS([<POSITION>], int32_t);
                const int32_t half = logit < 0 ? -int_tanh(at) : int_tanh(at);
                const uint32_t power = int_exp2((uint32_t)distance * INTC_LOG2E, INTC_FRACTION_BITS, exp2_table);
                const uint64_t bits = power == 0 ? 0 : int_log2(32768U + power, exp2_table);
                g[i] = 32768 + half - (i == (size_t)target[b] ? 65536 : 0);
                sum += (bits * INTC_LN2) >> 15;
                sum += ((uint64_t)int_positive(i == (size_t)target[b] ? -logit : logit) << 16) >> INTC_LOGITS_SHIFT;
            }INTC_WEIGH_ERRORS(INTC_CLASSES)
            total += INTC_WEIGHED_LOSS([<sum>]);INTC_FILL_DRAWS(b, INTC_CLASSES)
            for (size_t i = 0; i < INTC_CLASSES; ++i)
                e[i] = INTC_CASTED([<g[i]>], [<i>]);
INTC_COUNT([<            >], [<e>], INTC_CLASSES)m4_dnl
        }
    }
>])>])m4_dnl
