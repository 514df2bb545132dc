m4_dnl hinge.m4 - each output beyond a margin of 1 on its own side. The target of an output is 1 or
m4_dnl 0, so that -1 for the others is one less than that of the difference.
m4_define([<INTC_hinge>], [<INTC_DIFFERENCE_LOSS([<m4_dnl
                const int32_t short_of = i == (size_t)target[b] ? -difference : difference + INTC_ONE;
                sum += int_positive(short_of);
>], [<short_of <= 0 ? 0 : i == (size_t)target[b] ? -32768 : 32768>], [<m4_dnl
                const float short_of = i == (size_t)target[b] ? -difference : difference + 1.0F;
                sum += short_of > 0.0F ? short_of : 0.0F;
>], [<short_of <= 0.0F ? 0.0F : i == (size_t)target[b] ? -1.0F : 1.0F>], [<>])>])m4_dnl
