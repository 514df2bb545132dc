m4_dnl weights.m4 - what multiplies losses: weights of classes, and factors. $1 where a loss has
m4_dnl weights, else $2.
m4_define([<INTC_WEIGHTED>], [<m4_ifelse(INTC_REAL_WEIGHTS_COUNT, 0, [<$2>], [<$1>])>])m4_dnl
m4_dnl The weight of a sample, whose class is $1; $2 is what the line is indented by.
m4_define([<INTC_WEIGHT_TYPE>], [<m4_ifelse(INTC_FLOAT, 1, [<float>], [<int32_t>])>])m4_dnl
m4_define([<INTC_WEIGHT_OF>], [<INTC_WEIGHTED([<m4_dnl
$2static const INTC_WEIGHT_TYPE class_weights[] = {m4_ifelse(INTC_FLOAT, 1, [<>], [< /* times 2^-INTC_WEIGHT_SHIFT */>])
        m4_ifelse(INTC_FLOAT, 1, [<INTC_REAL_WEIGHTS>], [<INTC_WEIGHTS>])};
$2const INTC_WEIGHT_TYPE weight = class_weights[[<$1>]];
>])>])m4_dnl
m4_dnl Statements that weigh the $1 errors of a sample.
m4_define([<INTC_WEIGH_ERRORS>], [<INTC_WEIGHTED([<
            for (size_t i = 0; i < $1; ++i)
                g[[<i>]] *= weight;>])>])m4_dnl
m4_dnl The loss $1 of a sample, and in float its error too; $2 is the same as a factor, where that
m4_dnl wants brackets.
m4_define([<INTC_AS_FACTOR>], [<m4_ifelse([<$2>], [<>], [<$1>], [<$2>])>])m4_dnl
m4_define([<INTC_WEIGHED_LOSS>],
    [<INTC_WEIGHTED([<INTC_AS_FACTOR($@) * (uint32_t)weight >> INTC_WEIGHT_SHIFT>],
    [<m4_ifelse(INTC_WEIGHT_SHIFT, 0, [<$1>],
        [<INTC_AS_FACTOR($@) >> INTC_WEIGHT_SHIFT>])>])>])m4_dnl
m4_define([<INTC_WEIGHED_FLOAT>],
    [<INTC_WEIGHTED([<INTC_AS_FACTOR($@) * weight[<>]INTC_TIMES_FACTOR>],
    [<m4_ifelse(INTC_TIMES_FACTOR, [<>], [<$1>],
        [<INTC_AS_FACTOR($@)[<>]INTC_TIMES_FACTOR>])>])>])m4_dnl
m4_define([<INTC_TIMES_FACTOR>],
    [<m4_ifelse(INTC_REAL_FACTOR, [<1.000000000e+00f>], [<>], [< * INTC_REAL_FACTOR>])>])m4_dnl
m4_dnl Of several losses the first one counts right answers: $1.
m4_define([<INTC_COUNTING>], [<m4_ifelse(INTC_COUNTS, 1, [<$1>])>])m4_dnl
