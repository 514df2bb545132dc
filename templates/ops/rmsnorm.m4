m4_dnl rmsnorm.m4 - x over the root of its mean square.
m4_define([<INTC_rmsnorm>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_NORM_FLOAT(0)>],
    [<INTC_NORM(0)>])>])m4_dnl
m4_define([<INTC_rmsnorm_error>],
    [<m4_ifelse(INTC_FLOAT, 1, [<INTC_NORM_ERROR_FLOAT(0)>], [<INTC_NORM_ERROR(0)>])>])m4_dnl
