m4_dnl mae.m4 - the distance to a target, and its sign.
m4_define([<INTC_mae>], [<INTC_DIFFERENCE_LOSS([<m4_dnl
                sum += (uint64_t)(difference < 0 ? -difference : difference);
>], [<((difference > 0) - (difference < 0)) * 32768>], [<                sum += fabsf(difference);
>], [<(float)((difference > 0) - (difference < 0))>], [<>])>])m4_dnl
