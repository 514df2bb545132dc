m4_dnl common.m4 - what the templates of steps share. Quotes are [< and >]; there are no comments.
m4_dnl
m4_dnl The expression $1 as an operand: in parentheses where it has an operator, between blanks.
m4_define([<INTC_OPERAND>], [<m4_ifelse(m4_index([<$1>], [< >]), -1, [<$1>], [<($1)>])>])m4_dnl
m4_dnl
m4_dnl The cast of a step, applied to the expression $1; element $2 of the row's draws.
m4_define([<INTC_ROUNDED>], [<m4_ifelse(INTC_CAST, [<nearest>],
[<int_nearest[<>]INTC_SUM_WIDTH[<>]($1, INTC_CAST_SHIFT)>], INTC_CAST, [<stochastic>],
[<int_stochastic[<>]INTC_SUM_WIDTH[<>]($1, INTC_CAST_SHIFT, draws[$2])>], INTC_CAST, [<floor>],
[<int_shift[<>]INTC_SUM_WIDTH[<>]($1, INTC_CAST_SHIFT)>],
[<$1>])>])m4_dnl
m4_define([<INTC_CLAMPED>], [<m4_ifelse(INTC_CAST_SATURATES, 1,
[<int_clamp[<>]INTC_SUM_WIDTH[<>]($1, INTC_CAST_LO, INTC_CAST_HI)>], [<$1>])>])m4_dnl
m4_dnl A shift to the left is a multiplication, clamped before it so that it cannot overflow.
m4_define([<INTC_SCALED>],
    [<int_clamp[<>]INTC_SUM_WIDTH[<>]($1, -(INTC_CAST_HI >> INTC_CAST_SHIFT), INTC_CAST_HI >> INTC_CAST_SHIFT) *
            ((INTC_SUM_TYPE)1 << INTC_CAST_SHIFT)>])m4_dnl
m4_define([<INTC_CASTED>], [<m4_ifelse(INTC_CAST, [<>], [<$1>], INTC_CAST, [<scale>],
[<(INTC_OUT_TYPE)(INTC_SCALED([<$1>]))>],
INTC_CAST:INTC_CAST_SATURATES, [<exact:0>], [<(INTC_OUT_TYPE)INTC_OPERAND($1)>],
[<(INTC_OUT_TYPE)INTC_CLAMPED([<INTC_ROUNDED([<$1>], [<$2>])>])>])>])m4_dnl
m4_dnl Behind a number: brings it to the units of the attributes $1_up and $1_down, in type $2.
m4_define([<INTC_IN_UNITS>], [<m4_ifelse(INTC_$1_UP, 0, [<>], [< * (($2)1 << INTC_$1_UP)>])m4_dnl
m4_ifelse(INTC_$1_DOWN, 0, [<>], [< >> INTC_$1_DOWN>])>])m4_dnl
m4_dnl The type of the row of draws, and the statements that fill it for sample $1 of this call, $2
m4_dnl long. A sample draws by its number in the batch: in the distributed form a call has a slice
m4_dnl of it.
m4_define([<INTC_SAMPLE>], [<m4_ifelse(INTC_DISTRIBUTED, 1, [<m->first + >])(uint32_t)$1>])m4_dnl
m4_define([<INTC_DRAWS_TYPE>], [<uint[<>]INTC_CAST_FIELD[<>]_t>])m4_dnl
m4_define([<INTC_SITE_OF_CAST>], [<m4_ifelse(INTC_CAST, [<stochastic>], [<
        const uint64_t site = int_site(m->seed, m->step, INTC_CAST_SITE);>])>])m4_dnl
m4_define([<INTC_SITE_KEY>], [<INTC_SITE_OF_CAST[<>]m4_ifelse(INTC_CAST, [<stochastic>], [<
        INTC_DRAWS_TYPE *const draws = (INTC_DRAWS_TYPE *)(INTC_DRAWS);>])>])m4_dnl
m4_define([<INTC_FILL_DRAWS>], [<m4_ifelse(INTC_CAST, [<stochastic>], [<
            int_draw[<>]INTC_CAST_FIELD[<>](int_row(site, INTC_SAMPLE($1)), draws, $2);>])>])m4_dnl
m4_dnl The same in a parallel loop.
m4_define([<INTC_FILL_OWN_DRAWS>], [<m4_ifelse(INTC_CAST, [<stochastic>], [<
            INTC_DRAWS_TYPE *const draws = (INTC_DRAWS_TYPE *)(INTC_OWN_DRAWS);>])m4_dnl
INTC_FILL_DRAWS($1, $2)>])m4_dnl
m4_dnl The same for some samples at a time, of $2 in all, each $3 long; $4 is more indentation.
m4_define([<INTC_STRIP_ROWS>], [<4>])m4_dnl
m4_define([<INTC_DRAW_STRIP>], [<m4_ifelse(INTC_CAST, [<stochastic>], [<
$4            INTC_DRAWS_TYPE *const draws = (INTC_DRAWS_TYPE *)(INTC_OWN_DRAWS) + $1 % INTC_STRIP_ROWS * $3;
$4            if ($1 % INTC_STRIP_ROWS == 0)
$4                int_draw[<>]INTC_CAST_FIELD[<>]_rows(site, INTC_SAMPLE($1), m4_dnl
int_least($2 - $1, INTC_STRIP_ROWS), draws, $3);>])>])m4_dnl
m4_dnl Counting values at the limit of their format, for the trainer's report only: a line, if any;
m4_dnl $1 is its indentation.
m4_define([<INTC_COUNT>], [<m4_ifelse(INTC_COUNTER, [<>], [<>], [<m4_dnl
$1INT_COUNT(m, INTC_COUNTER, $2, $3, INTC_CAST_LO, INTC_CAST_HI);
>])>])m4_dnl
m4_dnl
m4_dnl The distributed form. Behind a gradient's row: adds it to the sums, and closes the loop.
m4_define([<INTC_ADD_TO_SUMS>], [<m4_dnl
        INTC_SUMS_TYPE *restrict const sums = INTC_SUMS + row * INTC_SUMS_ROW;
        for (size_t k = 0; k < INTC_SUMS_ROW; ++k)
            sums[k] += g[k];
    }
    if (ready)
        ready(context, INTC_READY);
>])m4_dnl
m4_dnl In the middle of a step: the $2 sums from $1 on, of this slice, become those of the whole
m4_dnl batch; $3 is the indentation.
m4_define([<INTC_ADD_UP>], [<m4_ifelse(INTC_WHOLE_BATCH, 1, [<m4_dnl
$3if (m->add_up)
$3    m->add_up(m->context, $1, $2);
>])>])m4_dnl
m4_dnl Before an update: opens the loop over the rows of the sums.
m4_define([<INTC_EACH_ROW_OF_SUMS>], [<m4_dnl
    for (size_t row = 0; row < INTC_SUMS_ROWS; ++row) {
        const INTC_SUMS_TYPE *restrict const g = INTC_SUMS + row * INTC_SUMS_ROW;
m4_ifelse(INTC_SPARSE, 1, [<m4_dnl
        if (!int_any(g, INTC_SUMS_ROW * sizeof *g))
            continue;
>])m4_dnl
>])m4_dnl
