m4_dnl huber.m4 - half the squared distance to a target up to delta, and a line beyond.
m4_define([<INTC_huber>], [<INTC_DIFFERENCE_LOSS([<m4_dnl
                const int64_t distance = difference < 0 ? -difference : difference;
                const int64_t near = distance < INTC_DELTA ? distance : INTC_DELTA;
                const int64_t beyond = distance < INTC_DELTA ? 0 : distance - INTC_DELTA;
                sum += (uint64_t)(near * (near + 2 * beyond));
>], [<int_clamp(difference, -INTC_DELTA, INTC_DELTA)>], [<m4_dnl
                const float near = fminf(fabsf(difference), INTC_REAL_DELTA);
                sum += near * (2.0F * fabsf(difference) - near);
>], [<(difference < 0 ? -near : near)>], [< * 0.5F>])>])m4_dnl
