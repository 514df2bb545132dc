m4_dnl norm.m4 - what rmsnorm and layernorm share; $1 is 1 where the mean is taken away.
m4_dnl
m4_define([<INTC_NORM_SCALED_X>],
    [<m4_ifelse(INTC_CENTER_UP, 0, [<x[i]>], [<x[i] * ((int32_t)1 << INTC_CENTER_UP)>])>])m4_dnl
m4_dnl The statements that make `scale`, 2^61 over the root of the mean square of $1's z, of x.
m4_dnl $2 is the indentation; z is in $3, which is x where no mean is taken away.
m4_define([<INTC_NORM_SCALE>], [<m4_ifelse($1, 1, [<m4_dnl
$2int64_t sum = 0;
$2for (size_t i = 0; i < INTC_WIDTH; ++i)
$2    sum += x[i];
$2const int32_t mean = (int32_t)int_mean(sum, INTC_WIDTH, INTC_CENTER_UP);
$2for (size_t i = 0; i < INTC_WIDTH; ++i)
$2    $3[<[i]>] = INTC_NORM_SCALED_X - mean;
>])m4_dnl
$2int64_t square_sum = 0;
$2for (size_t i = 0; i < INTC_WIDTH; ++i) {
$2    const int32_t z = $3[<[i]>];
$2    square_sum += (int64_t)z * z;
$2}
$2const int64_t scale = int_inverse_root(INTC_EPSILON + int_mean(square_sum, INTC_WIDTH, INTC_MEAN_UP));
>])m4_dnl
m4_dnl An element takes as long as some ten products.
m4_define([<INTC_NORM_WORK>], [<(size_t)$1 * 10 * INTC_ELEMENTS>])m4_dnl
m4_define([<INTC_NORM>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_ELEMENTS / INTC_WIDTH, INTC_NORM_WORK([<rows>]))
    for (size_t at = 0; at < rows * INTC_ELEMENTS; at += INTC_WIDTH) {
        const INTC_X_TYPE *const x = INTC_X + at;
        INTC_Y_TYPE *const y = INTC_Y + at;
m4_ifelse($1, 1, [<        int32_t *const centered = INTC_OWN_CENTERED;
>])m4_dnl
INTC_NORM_SCALE($1, [<        >], m4_ifelse($1, 1, [<[<centered>]>], [<[<x>]>]))m4_dnl
        for (size_t i = 0; i < INTC_WIDTH; ++i) {
            const int32_t z = m4_ifelse($1, 1, [<centered>], [<x>])[<[i]>];
            y[i] = INTC_CASTED([<z * scale>]);
        }
INTC_COUNT([<        >], [<y>], INTC_WIDTH)m4_dnl
    }
>])m4_dnl
m4_dnl What the error has along y is taken away: `unit` is z over its length.
m4_define([<INTC_NORM_ERROR>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        INT_PARALLEL(1, INTC_NORM_WORK([<INTC_SAMPLES>]))
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            int32_t *const unit = INTC_OWN_UNIT;m4_ifelse($1, 1, [< /* z, then z over its length */>])m4_dnl
INTC_FILL_OWN_DRAWS(b, INTC_ELEMENTS)
            for (size_t at = 0; at < INTC_ELEMENTS; at += INTC_WIDTH) {
                const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_ELEMENTS + at;
                const INTC_X_TYPE *const x = INTC_X + b * INTC_ELEMENTS + at;
                INTC_E_X_TYPE *const e_x = INTC_E_X + b * INTC_ELEMENTS + at;
INTC_NORM_SCALE($1, [<                >], m4_ifelse($1, 1, [<[<unit>]>], [<[<x>]>]))m4_dnl
                const int64_t rate = int_clamp64(int_nearest64(scale, INTC_RATE_DOWN), 0, INTC_RATE_MOST);
                int64_t product = 0;m4_ifelse($1, 1, [<
                int64_t errors = 0;>])
                for (size_t i = 0; i < INTC_WIDTH; ++i) {
                    const int32_t z = m4_ifelse($1, 1, [<unit>], [<x>])[<[i]>];
                    unit[i] = (int32_t)int_nearest64(z * scale, 61 - INTC_UNIT_BITS);
                    product += (int64_t)e[i] * unit[i];m4_ifelse($1, 1, [<
                    errors += e[i];>])
                }
                const int64_t along = int_nearest64(int_mean(product, INTC_WIDTH, INTC_MEAN_UP), INTC_UNIT_BITS - INTC_EXTRA);m4_dnl
m4_ifelse($1, 1, [<
                const int64_t error_mean = int_mean(errors, INTC_WIDTH, INTC_EXTRA);>])
                for (size_t i = 0; i < INTC_WIDTH; ++i) {
                    const int64_t away = int_nearest64(along * unit[i], INTC_UNIT_BITS)m4_ifelse($1, 1,
                        [< + error_mean>]);
                    e_x[i] = INTC_CASTED([<((int64_t)e[i] * (1 << INTC_EXTRA) - away) * rate>],
                        [<at + i>]);
                }
INTC_COUNT([<                >], [<e_x>], INTC_WIDTH)m4_dnl
            }
        }
    }
>])m4_dnl
m4_dnl The same in float.
m4_define([<INTC_NORM_Z_FLOAT>], [<m4_ifelse($1, 1, [<(x[i] - mean)>], [<x[i]>])>])m4_dnl
m4_define([<INTC_NORM_SCALE_FLOAT>], [<m4_ifelse($1, 1, [<m4_dnl
        float sum = 0;
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            sum += x[i];
        const float mean = sum / INTC_WIDTH.0F;
>])m4_dnl
        float square_sum = 0;
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            square_sum += INTC_NORM_Z_FLOAT($1) * INTC_NORM_Z_FLOAT($1);
        const float scale = 1.0F / sqrtf(square_sum / INTC_WIDTH.0F + INTC_REAL_EPSILON);
>])m4_dnl
m4_define([<INTC_NORM_FLOAT>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_ELEMENTS / INTC_WIDTH, INTC_NORM_WORK([<rows>]))
    for (size_t at = 0; at < rows * INTC_ELEMENTS; at += INTC_WIDTH) {
        const float *const x = INTC_X + at;
        float *const y = INTC_Y + at;
INTC_NORM_SCALE_FLOAT($1)m4_dnl
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            y[i] = INTC_NORM_Z_FLOAT($1) * scale;
    }
>])m4_dnl
m4_define([<INTC_NORM_ERROR_FLOAT>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_ELEMENTS / INTC_WIDTH, INTC_NORM_WORK([<INTC_SAMPLES>]))
    for (size_t at = 0; at < INTC_SAMPLES * INTC_ELEMENTS; at += INTC_WIDTH) {
        const float *const e = INTC_E_Y + at;
        const float *const x = INTC_X + at;
        float *const e_x = INTC_E_X + at;
INTC_NORM_SCALE_FLOAT($1)m4_dnl
        float product = 0;m4_ifelse($1, 1, [<
        float errors = 0;>])
        for (size_t i = 0; i < INTC_WIDTH; ++i) {
            product += e[i] * INTC_NORM_Z_FLOAT($1) * scale;m4_ifelse($1, 1, [<
            errors += e[i];>])
        }
        for (size_t i = 0; i < INTC_WIDTH; ++i)
            e_x[i] = (e[i]m4_ifelse($1, 1, [< - errors / INTC_WIDTH.0F>])[<>]m4_dnl
 - product / INTC_WIDTH.0F * INTC_NORM_Z_FLOAT($1) * scale) * scale;
    }
>])m4_dnl
