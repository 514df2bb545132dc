m4_dnl sigmoid.m4 - (1 + tanh(x / 2)) / 2 by the table of tanh; the slope is y (1 - y).
m4_define([<INTC_sigmoid>], [<m4_ifelse(INTC_FLOAT, 1,
    [<INTC_CURVE_FLOAT([<1.0F / (1.0F + expf(-x[i]))>])>],
    [<INTC_CURVE([<(32768 + INTC_CURVE_SIGNED([<int_tanh(at)>]))>])>])>])m4_dnl
m4_define([<INTC_sigmoid_error>], [<m4_ifelse(INTC_FLOAT, 1,
[<INTC_CURVE_ERROR([<>], [<(value[i] * (1.0F - value[i]))>], [<Y>])>],
[<INTC_CURVE_ERROR([<INTC_VALUE_DECLARED>], [<INTC_SLOPE([<(v * (INTC_ONE - v))>])>],
    [<Y>])>])>])m4_dnl
