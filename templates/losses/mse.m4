m4_dnl mse.m4 - half the squared distance to a target, and its error y - t.
m4_define([<INTC_mse>], [<INTC_DIFFERENCE_LOSS([<m4_dnl
                sum += (uint64_t)((int64_t)difference * difference);
>], [<difference>], [<                sum += difference * difference;
>], [<difference>], [< * 0.5F>])>])m4_dnl
