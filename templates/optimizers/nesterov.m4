m4_dnl nesterov.m4 - sgd that looks one step ahead.
m4_define([<INTC_nesterov>],
    [<m4_pushdef([<INTC_AHEAD>], [<1>])INTC_sgd[<>]m4_popdef([<INTC_AHEAD>])m4_dnl
>])m4_dnl
