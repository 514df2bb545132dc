m4_dnl difference.m4 - losses of the difference of an output and a target: $1 declares and sums up
m4_dnl an element's loss, in `part`, $2 is its error; in float $3 and $4, the loss $5 times the sum.
m4_define([<INTC_WANTED>], [<m4_ifelse(INTC_CLASSES, 0,
    [<m4_ifelse(INTC_FLOAT, 1, [<INTC_ENCODED>],
        [<(int32_t)int_clamp64(m4_ifelse(INTC_TARGET_SHIFT, 0, [<(int64_t)INTC_ENCODED>],
            [<int_nearest64((int64_t)x[i] * INTC_ENCODE_MULTIPLIER - INTC_ENCODE_OFFSET, m4_dnl
INTC_TARGET_SHIFT)>]), -INTC_TARGET_BOUND, INTC_TARGET_BOUND)>])>],
[<(i == (size_t)target[b] ? m4_ifelse(INTC_FLOAT, 1, 1.0F, INTC_ONE) : 0)>])>])m4_dnl
m4_define([<INTC_LOSS_SUM>], [<m4_ifelse(INTC_SQUARES_MOST, 0, [<sum>],
    [<(sum < INTC_SQUARES_MOST ? sum : INTC_SQUARES_MOST)>])>])m4_dnl
m4_define([<INTC_DIFFERENCE_LOSS>], [<m4_dnl
    /* INTC_ABOUT */
    {
m4_ifelse(INTC_CLASSES, 0, [<INTC_ENCODE_CONSTANTS[<>]>])m4_dnl
m4_ifelse(INTC_FLOAT, 1, [<>], [<m4_dnl
        int32_t *const g = INTC_ACCUMULATOR;INTC_SITE_KEY
>])m4_dnl
        for (size_t b = 0; b < rows; ++b) {
            const INTC_OUTPUT_TYPE *const y = INTC_OUTPUT + b * INTC_ELEMENTS;
            INTC_ERROR_TYPE *const e = INTC_ERROR + b * INTC_ELEMENTS;
m4_ifelse(INTC_CLASSES, 0, [<m4_dnl
            const INTC_TARGET_TYPE *const x = target + b * INTC_ELEMENTS;
>], [<m4_dnl
INTC_COUNTING([<            size_t best = 0;
            for (size_t i = 1; i < INTC_ELEMENTS; ++i)
                best = y[i] > y[best] ? i : best;
            *correct += best == (size_t)target[b];
>])m4_dnl
INTC_WEIGHT_OF([<target[b]>], [<            >])m4_dnl
>])m4_dnl
m4_ifelse(INTC_FLOAT, 1, [<m4_dnl
            float sum = 0;
            for (size_t i = 0; i < INTC_ELEMENTS; ++i) {
                const float difference = y[i] - (INTC_WANTED);
$3                e[i] = INTC_WEIGHED_FLOAT([<$4>], [<($4)>]);
            }
            total += float_loss(INTC_WEIGHED_FLOAT([<sum$5>]));
>], [<m4_dnl
            uint64_t sum = 0;
            for (size_t i = 0; i < INTC_ELEMENTS; ++i) {
                const int32_t difference = (int32_t)y[i] - INTC_WANTED; /* 17 bits */
$1                g[i] = $2;
            }INTC_WEIGH_ERRORS(INTC_ELEMENTS)INTC_FILL_DRAWS(b, INTC_ELEMENTS)
            for (size_t i = 0; i < INTC_ELEMENTS; ++i)
                e[i] = INTC_CASTED([<g[i]>], [<i>]);
INTC_COUNT([<            >], [<e>], INTC_ELEMENTS)m4_dnl
            total += m4_ifelse(INTC_LOSS_FACTOR, 1,
                [<INTC_WEIGHED_LOSS([<INTC_LOSS_SUM >> INTC_LOSS_SHIFT>],
                    [<(INTC_LOSS_SUM >> INTC_LOSS_SHIFT)>])>],
                [<INTC_WEIGHED_LOSS([<INTC_LOSS_SUM * INTC_LOSS_FACTOR>])>]);
>])m4_dnl
        }
    }
>])m4_dnl
