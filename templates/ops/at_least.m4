m4_dnl at_least.m4 - 1 where a >= b, else 0.
m4_define([<INTC_at_least>], [<INTC_COMPARISON([<>=>])>])m4_dnl
