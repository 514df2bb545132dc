m4_dnl batchnorm.m4 - x less the mean of its channel over the batch, over the root of its variance.
m4_dnl
m4_dnl z of channel c, whose elements lie `at` and up.
m4_define([<INTC_BATCHNORM_Z>],
    [<m4_ifelse(INTC_CENTER_UP, 0, [<x[at + c]>],
        [<x[at + c] * ((int32_t)1 << INTC_CENTER_UP)>]) - centers[c]>])m4_dnl
m4_define([<INTC_BATCHNORM_EACH_CHANNEL>], [<for (size_t c = 0; c < INTC_CHANNELS; ++c)>])m4_dnl
m4_dnl The loop over places of the batch; $1 is their number.
m4_define([<INTC_BATCHNORM_EACH_PLACE>],
    [<for (size_t at = 0; at < $1 * INTC_ELEMENTS; at += INTC_CHANNELS)>])m4_dnl
m4_dnl Each thread makes the sums of its share of the channels; $1 samples, $2 is the indentation.
m4_define([<INTC_BATCHNORM_WORK>], [<$1 * 10 * INTC_ELEMENTS>])m4_dnl
m4_define([<INTC_BATCHNORM_EACH_SHARE>], [<m4_dnl
$2INT_PARALLEL(1, INTC_BATCHNORM_WORK([<$1>]))
$2for (size_t share = 0; share < shares; ++share) {
$2    const size_t low = share * INTC_CHANNELS / shares, high = (share + 1) * INTC_CHANNELS / shares;
>])m4_dnl
m4_define([<INTC_BATCHNORM_EACH_OF_SHARE>], [<for (size_t c = low; c < high; ++c)>])m4_dnl
m4_dnl From the whole batch, of which $1 samples are at hand: the mean of each channel in `centers`,
m4_dnl its variance in `scales`. $2 is the indentation.
m4_define([<INTC_BATCHNORM_MOMENTS>], [<m4_dnl
$2const size_t shares = INT_SHARES(INTC_BATCHNORM_WORK([<$1>]));
INTC_BATCHNORM_EACH_SHARE([<$1>], [<$2>])m4_dnl
$2    INTC_BATCHNORM_EACH_OF_SHARE
$2        scales[c] = 0;
$2    INTC_BATCHNORM_EACH_PLACE($1)
$2        INTC_BATCHNORM_EACH_OF_SHARE
$2            scales[c] += x[at + c];
$2}
INTC_ADD_UP([<scales>], [<INTC_CHANNELS>], [<$2>])m4_dnl
INTC_BATCHNORM_EACH_SHARE([<$1>], [<$2>])m4_dnl
$2    INTC_BATCHNORM_EACH_OF_SHARE {
$2        centers[c] = (int32_t)int_mean(scales[c], INTC_MEAN_OF, INTC_CENTER_UP);
$2        scales[c] = 0;
$2    }
$2    INTC_BATCHNORM_EACH_PLACE($1)
$2        INTC_BATCHNORM_EACH_OF_SHARE {
$2            const int32_t z = INTC_BATCHNORM_Z;
$2            scales[c] += (int64_t)z * z;
$2        }
$2}
INTC_ADD_UP([<scales>], [<INTC_CHANNELS>], [<$2>])m4_dnl
$2INTC_BATCHNORM_EACH_CHANNEL
$2    scales[c] = int_mean(scales[c], INTC_MEAN_OF, INTC_MEAN_UP);
>])m4_dnl
m4_dnl What is kept of them; the first batch is all that is known of them.
m4_define([<INTC_BATCHNORM_FOLLOW>], [<m4_dnl
            INTC_BATCHNORM_EACH_CHANNEL {
                mean[c] = m->step == 0 ? centers[c] : mean[c] + int_nearest(centers[c] - mean[c], INTC_FOLLOW_SHIFT);
                variance[c] = m->step == 0 ? scales[c] : variance[c] + int_nearest64(scales[c] - variance[c], INTC_FOLLOW_SHIFT);
            }
>])m4_dnl
m4_define([<INTC_BATCHNORM_RATE>],
    [<int_clamp64(int_nearest64($1, INTC_RATE_DOWN), 0, INTC_RATE_MOST)>])m4_dnl
m4_define([<INTC_BATCHNORM_INTEGERS>], [<m4_dnl
    /* INTC_ABOUT */
    {
        const INTC_X_TYPE *const x = INTC_X;
        INTC_Y_TYPE *const y = INTC_Y;
        int32_t *const mean = INTC_MEAN;
        int64_t *const variance = INTC_VARIANCE;
        int32_t *const centers = INTC_CENTERS;
        int64_t *const scales = INTC_SCALES;
        if (m->training != 0) {
INTC_BATCHNORM_MOMENTS([<rows>], [<            >])m4_dnl
INTC_BATCHNORM_FOLLOW[<>]m4_dnl
        } else {
            INTC_BATCHNORM_EACH_CHANNEL {
                centers[c] = mean[c];
                scales[c] = variance[c];
            }
        }
        INTC_BATCHNORM_EACH_CHANNEL
            scales[c] = INTC_BATCHNORM_RATE([<int_inverse_root(INTC_EPSILON + scales[c])>]);
        INT_PARALLEL(INTC_ELEMENTS / INTC_CHANNELS, INTC_BATCHNORM_WORK([<rows>]))
        INTC_BATCHNORM_EACH_PLACE([<rows>])
            INTC_BATCHNORM_EACH_CHANNEL {
                const int32_t z = INTC_BATCHNORM_Z;
                y[at + c] = INTC_CASTED([<z * scales[c]>]);
            }
INTC_COUNT([<        >], [<y>], rows * INTC_ELEMENTS)m4_dnl
    }
>])m4_dnl
m4_dnl The sums of errors, and of errors times `unit`, which is z over its length, become what is
m4_dnl taken away.
m4_define([<INTC_BATCHNORM_ERROR_INTEGERS>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        const INTC_E_Y_TYPE *const e = INTC_E_Y;
        const INTC_X_TYPE *const x = INTC_X;
        INTC_E_X_TYPE *const e_x = INTC_E_X;
        int32_t *const centers = INTC_CENTERS;
        int64_t *const scales = INTC_SCALES;
        int64_t *const products = INTC_PRODUCTS;
        int64_t *const errors = INTC_ERRORS;
INTC_BATCHNORM_MOMENTS([<(size_t)INTC_SAMPLES>], [<        >])m4_dnl
        INTC_BATCHNORM_EACH_CHANNEL {
            scales[c] = int_inverse_root(INTC_EPSILON + scales[c]);
            products[c] = 0;
            errors[c] = 0;
        }
INTC_BATCHNORM_EACH_SHARE([<(size_t)INTC_SAMPLES>], [<        >])m4_dnl
            INTC_BATCHNORM_EACH_PLACE([<(size_t)INTC_SAMPLES>])
                INTC_BATCHNORM_EACH_OF_SHARE {
                    const int32_t z = INTC_BATCHNORM_Z;
                    const int64_t unit = int_nearest64(z * scales[c], 61 - INTC_UNIT_BITS);
                    products[c] += e[at + c] * unit;
                    errors[c] += e[at + c];
                }
        }
INTC_ADD_UP([<products>], [<INTC_CHANNELS>], [<        >])m4_dnl
INTC_ADD_UP([<errors>], [<INTC_CHANNELS>], [<        >])m4_dnl
        INTC_BATCHNORM_EACH_CHANNEL {
            products[c] = int_nearest64(int_mean(products[c], INTC_MEAN_OF, INTC_MEAN_UP), INTC_UNIT_BITS - INTC_EXTRA);
            errors[c] = int_mean(errors[c], INTC_MEAN_OF, INTC_EXTRA);
        }
        INT_PARALLEL(1, INTC_BATCHNORM_WORK([<(size_t)INTC_SAMPLES>]))
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {INTC_FILL_OWN_DRAWS(b, INTC_ELEMENTS)
            for (size_t place = 0; place < INTC_ELEMENTS; place += INTC_CHANNELS) {
                const size_t at = b * INTC_ELEMENTS + place;
                INTC_BATCHNORM_EACH_CHANNEL {
                    const int32_t z = INTC_BATCHNORM_Z;
                    const int64_t unit = int_nearest64(z * scales[c], 61 - INTC_UNIT_BITS);
                    const int64_t away = int_nearest64(products[c] * unit, INTC_UNIT_BITS) + errors[c];
                    const int64_t rate = INTC_BATCHNORM_RATE([<scales[c]>]);
                    e_x[at + c] = INTC_CASTED([<((int64_t)e[at + c] * (1 << INTC_EXTRA) - away) * rate>],
                        [<place + c>]);
                }
            }
INTC_COUNT([<            >], [<(e_x + b * INTC_ELEMENTS)>], INTC_ELEMENTS)m4_dnl
        }
    }
>])m4_dnl
m4_dnl The same in float, a channel at a time; those of a cache line are one thread's.
m4_define([<INTC_LINE_OF_FLOATS>], [<16>])m4_dnl
m4_define([<INTC_BATCHNORM_PLACES_FLOAT>],
    [<for (size_t i = c; i < $1 * INTC_ELEMENTS; i += INTC_CHANNELS)>])m4_dnl
m4_define([<INTC_BATCHNORM_MOMENTS_FLOAT>], [<m4_dnl
$2float sum = 0, squares = 0;
$2INTC_BATCHNORM_PLACES_FLOAT($1)
$2    sum += x[i];
$2const float center = sum / INTC_MEAN_OF.0F;
$2INTC_BATCHNORM_PLACES_FLOAT($1)
$2    squares += (x[i] - center) * (x[i] - center);
$2const float spread = squares / INTC_MEAN_OF.0F;
>])m4_dnl
m4_define([<INTC_BATCHNORM_FLOAT>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_LINE_OF_FLOATS, INTC_BATCHNORM_WORK([<rows>]))
    for (size_t c = 0; c < INTC_CHANNELS; ++c) {
        const float *const x = INTC_X;
        float *const y = INTC_Y;
        float *const mean = INTC_MEAN + c;
        float *const variance = INTC_VARIANCE + c;
        if (m->training != 0) {
INTC_BATCHNORM_MOMENTS_FLOAT([<rows>], [<            >])m4_dnl
            const float share = m->step == 0 ? 1.0F : 1.0F / (1 << INTC_FOLLOW_SHIFT);
            *mean += (center - *mean) * share;
            *variance += (spread - *variance) * share;
            const float scale = 1.0F / sqrtf(spread + INTC_REAL_EPSILON);
            INTC_BATCHNORM_PLACES_FLOAT([<rows>])
                y[i] = (x[i] - center) * scale;
        } else {
            const float scale = 1.0F / sqrtf(*variance + INTC_REAL_EPSILON);
            INTC_BATCHNORM_PLACES_FLOAT([<rows>])
                y[i] = (x[i] - *mean) * scale;
        }
    }
>])m4_dnl
m4_define([<INTC_BATCHNORM_ERROR_FLOAT>], [<m4_dnl
    /* INTC_ABOUT */
    INT_PARALLEL(INTC_LINE_OF_FLOATS, INTC_BATCHNORM_WORK([<(size_t)INTC_SAMPLES>]))
    for (size_t c = 0; c < INTC_CHANNELS; ++c) {
        const float *const e = INTC_E_Y;
        const float *const x = INTC_X;
        float *const e_x = INTC_E_X;
INTC_BATCHNORM_MOMENTS_FLOAT([<INTC_SAMPLES>], [<        >])m4_dnl
        const float scale = 1.0F / sqrtf(spread + INTC_REAL_EPSILON);
        float product = 0, errors = 0;
        INTC_BATCHNORM_PLACES_FLOAT([<INTC_SAMPLES>]) {
            product += e[i] * (x[i] - center) * scale;
            errors += e[i];
        }
        INTC_BATCHNORM_PLACES_FLOAT([<INTC_SAMPLES>])
            e_x[i] = (e[i] - errors / INTC_MEAN_OF.0F - product / INTC_MEAN_OF.0F * (x[i] - center) * scale) * scale;
    }
>])m4_dnl
m4_define([<INTC_batchnorm>], [<m4_ifelse(INTC_FLOAT, 1, [<INTC_BATCHNORM_FLOAT[<>]>],
    [<INTC_BATCHNORM_INTEGERS[<>]>])>])m4_dnl
m4_define([<INTC_batchnorm_error>],
    [<m4_ifelse(INTC_FLOAT, 1, [<INTC_BATCHNORM_ERROR_FLOAT[<>]>],
        [<INTC_BATCHNORM_ERROR_INTEGERS[<>]>])>])m4_dnl
