m4_dnl tanh.m4 - a table and a line between its entries; the slope is 1 - y^2.
m4_define([<INTC_tanh>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_CURVE_FLOAT([<tanhf(x[i])>])>],
    [<INTC_CURVE([<INTC_CURVE_SIGNED([<int_tanh(at)>])>])>])>])m4_dnl
m4_define([<INTC_tanh_error>], [<m4_ifelse(INTC_FLOAT, 1,
[<INTC_CURVE_ERROR([<>], [<(1.0F - value[i] * value[i])>], [<Y>])>],
[<INTC_CURVE_ERROR([<INTC_VALUE_DECLARED>],
    [<INTC_SLOPE([<((int32_t)INTC_ONE * INTC_ONE - v * v)>])>], [<Y>])>])>])m4_dnl
