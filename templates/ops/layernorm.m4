m4_dnl layernorm.m4 - x without its mean, over the root of its variance.
m4_define([<INTC_layernorm>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_NORM_FLOAT(1)>],
    [<INTC_NORM(1)>])>])m4_dnl
m4_define([<INTC_layernorm_error>],
    [<m4_ifelse(INTC_FLOAT, 1, [<INTC_NORM_ERROR_FLOAT(1)>], [<INTC_NORM_ERROR(1)>])>])m4_dnl
