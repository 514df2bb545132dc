m4_dnl conv.m4 - a convolution: forward, error, gradients of weights and bias. Images are
m4_dnl [height][width][channels].
m4_dnl
m4_define([<INTC_WINDOWS>], [<(INTC_OUT_HEIGHT * INTC_OUT_WIDTH)>])m4_dnl
m4_dnl The window of this step, and room for the elements under it: of all threads, or of each.
m4_define([<INTC_WINDOW>], [<m4_dnl
        static const IntWindow window = {INTC_HEIGHT, INTC_WIDTH, INTC_CHANNELS * sizeof(INTC_X_TYPE),
                                         INTC_KERNEL_HEIGHT, INTC_KERNEL_WIDTH, INTC_STRIDE, INTC_PAD_HEIGHT, INTC_PAD_WIDTH,
                                         INTC_CHANNEL_GROUPS};
>])m4_dnl
m4_define([<INTC_EACH_OWN_PATCH>], [<m4_dnl
            INTC_X_TYPE *const patch = (INTC_X_TYPE *)(INTC_OWN_PATCH);
>])m4_dnl
m4_define([<INTC_CONV_WORK>], [<(size_t)INTC_WINDOWS * INTC_ROW * INTC_OUT_CHANNELS>])m4_dnl
m4_dnl Where the elements of the window lie that output $1 sees.
m4_define([<INTC_SEEN_BY>], [<patch[<>]m4_ifelse(INTC_CHANNEL_GROUPS, 1, [<>],
    [< + $1 / (INTC_OUT_CHANNELS / INTC_CHANNEL_GROUPS) * INTC_ROW>])>])m4_dnl
m4_dnl
m4_dnl y[b][w][o] = bias[o] + sum over k of window w of x[b][k] * weights[o][k]
m4_define([<INTC_conv>], [<m4_ifelse(INTC_KERNEL, [<>], [<INTC_conv_plain>],
    [<INTC_conv_kernel>])>])m4_dnl
m4_define([<INTC_conv_plain>], [<m4_dnl
    /* INTC_ABOUT */
    {
INTC_WINDOW[<>]m4_dnl
        INT_PARALLEL(1, rows * INTC_CONV_WORK)
        for (size_t b = 0; b < rows; ++b) {
INTC_EACH_OWN_PATCH[<>]m4_dnl
            INTC_Y_TYPE *const y = INTC_Y + b * INTC_Y_SIZE;
            for (size_t w = 0; w < INTC_WINDOWS; ++w) {
                int_window_copy(patch, INTC_X + b * INTC_X_SIZE, &window, w / INTC_OUT_WIDTH, w % INTC_OUT_WIDTH);
                for (size_t o = 0; o < INTC_OUT_CHANNELS; ++o) {
                    const INTC_X_TYPE *const x = INTC_SEEN_BY(o);
                    const INTC_WEIGHTS_TYPE *const weights = INTC_WEIGHTS + o * INTC_ROW;
                    INTC_SUM_TYPE sum = INTC_BIAS_OF(o);
                    for (size_t k = 0; k < INTC_ROW; ++k)
                        sum += (INTC_SUM_TYPE)x[k] * weights[k];
                    y[w * INTC_OUT_CHANNELS + o] = INTC_CASTED([<sum>]);
                }
            }
INTC_COUNT([<            >], [<y>], INTC_Y_SIZE)m4_dnl
        }
    }
>])m4_dnl
m4_dnl The windows of row r of the result together, or a block of them where there are many:
m4_dnl INTC_FIRST w of the row, w < INTC_TOGETHER.
m4_define([<INTC_BLOCKED>], [<m4_ifelse(INTC_BLOCKS, 1, [<$2>], [<$1>])>])m4_dnl
m4_define([<INTC_FIRST>], [<INTC_BLOCKED([<first + >])>])m4_dnl
m4_define([<INTC_TOGETHER>], [<INTC_BLOCKED([<together>], INTC_OUT_WIDTH)>])m4_dnl
m4_define([<INTC_SAMPLES_SIZE>],
    [<m4_ifelse(INTC_SAMPLES, [<rows>], [<rows>], [<(size_t)INTC_SAMPLES>])>])m4_dnl
m4_dnl $1 is the indentation; $2: of the whole, or of a thread's share, the first and the last.
m4_define([<INTC_FROM>], [<m4_ifelse($1, 1, [<share * ($2) / shares>], 0)>])m4_dnl
m4_define([<INTC_UP_TO>], [<m4_ifelse($1, 1, [<(share + 1) * ($2) / shares>], [<$2>])>])m4_dnl
m4_define([<INTC_EACH>],
    [<for (size_t $1 = INTC_FROM([<$2>], [<$3>]); $1 < INTC_UP_TO([<$2>], [<$3>]); ++$1)>])m4_dnl
m4_define([<INTC_EACH_BLOCK>], [<INTC_BLOCKED([<m4_dnl
$1INTC_EACH([<piece>], [<$2>], [<INTC_SAMPLES_SIZE * (INTC_OUT_HEIGHT * INTC_BLOCKS)>]) {
$1    const size_t r = piece / INTC_BLOCKS, first = piece % INTC_BLOCKS * INTC_BLOCK;
$1    const size_t together = int_least(INTC_OUT_WIDTH - first, INTC_BLOCK);
>], [<m4_dnl
$1INTC_EACH([<r>], [<$2>], [<INTC_SAMPLES_SIZE * INTC_OUT_HEIGHT>]) {
>])>])m4_dnl
m4_define([<INTC_CONV_PRODUCTS>],
    [<m4_ifelse(INTC_KERNEL, [<s8>], [<window_products>], INTC_KERNEL, [<u8>], [<window_products>],
        [<products>])>])m4_dnl
m4_define([<INTC_conv_kernel>], [<m4_dnl
    /* INTC_ABOUT */
    {
INTC_WINDOW[<>]m4_dnl
        INT_PARALLEL(1, rows * INTC_CONV_WORK)
INTC_EACH_BLOCK([<        >])m4_dnl
INTC_EACH_OWN_PATCH[<>]m4_dnl
            INTC_SUM_TYPE *const sums = INTC_OWN_ACCUMULATOR;
            for (size_t w = 0; w < INTC_TOGETHER; ++w)
                int_window_copy(patch + w * INTC_ROW, INTC_X + r / INTC_OUT_HEIGHT * INTC_X_SIZE, &window, r % INTC_OUT_HEIGHT, INTC_FIRST[<>]w);
            INTC_KERNEL_CALL(INTC_CONV_PRODUCTS)(sums, patch, INTC_WEIGHTS, INTC_ROW, INTC_TOGETHER, INTC_OUT_CHANNELS);
            for (size_t w = 0; w < INTC_TOGETHER; ++w) {
                const INTC_SUM_TYPE *restrict const sum = sums + w * INTC_SUM_ROW;
                INTC_Y_TYPE *restrict const y = INTC_Y + (r * INTC_OUT_WIDTH + INTC_FIRST[<>]w) * INTC_OUT_CHANNELS;
                INT_ROLLED
                for (size_t o = 0; o < INTC_OUT_CHANNELS; ++o)
                    y[o] = INTC_CASTED([<m4_ifelse(INTC_BIAS, [<>], [<sum[o]>],
                        [<sum[o] + INTC_BIAS_OF(o)>])>]);
            }
INTC_COUNT([<            >],
    [<(INTC_Y + (r * INTC_OUT_WIDTH[<>]INTC_BLOCKED([< + first>])) * INTC_OUT_CHANNELS)>], INTC_TOGETHER * INTC_OUT_CHANNELS)m4_dnl
        }
    }
>])m4_dnl
m4_dnl
m4_dnl e_x[b] = what windows of e_y[b] add to the image with its padding; zero errors add nothing
m4_define([<INTC_PADDED_WIDTH>], [<(INTC_WIDTH + 2 * INTC_PAD_WIDTH)>])m4_dnl
m4_define([<INTC_conv_error>], [<m4_dnl
    /* INTC_ABOUT */
    {INTC_SITE_OF_CAST
        INT_PARALLEL(1, INTC_SAMPLES * INTC_CONV_WORK)
        for (size_t b = 0; b < INTC_SAMPLES; ++b) {
            INTC_SUM_TYPE *const sums = INTC_OWN_ACCUMULATOR;
            memset(sums, 0, (size_t)(INTC_HEIGHT + 2 * INTC_PAD_HEIGHT) * INTC_PADDED_WIDTH * INTC_CHANNELS * sizeof *sums);
            for (size_t w = 0; w < INTC_WINDOWS; ++w) {
                const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_E_Y_SIZE + w * INTC_OUT_CHANNELS;
                INTC_SUM_TYPE *const corner = sums + (w / INTC_OUT_WIDTH * INTC_PADDED_WIDTH + w % INTC_OUT_WIDTH) * (INTC_STRIDE * INTC_CHANNELS);
m4_ifelse(INTC_KERNEL, [<>], [<INTC_CONV_ERROR_PLAIN[<>]>], [<INTC_CONV_ERROR_KERNEL[<>]>])m4_dnl
            }INTC_FILL_OWN_DRAWS(b, INTC_E_X_SIZE)
            for (size_t r = 0; r < INTC_HEIGHT; ++r) {
                const INTC_SUM_TYPE *restrict const sum = sums + ((r + INTC_PAD_HEIGHT) * INTC_PADDED_WIDTH + INTC_PAD_WIDTH) * INTC_CHANNELS;
                INTC_E_X_TYPE *restrict const y = INTC_E_X + b * INTC_E_X_SIZE + r * (INTC_WIDTH * INTC_CHANNELS);
                for (size_t k = 0; k < INTC_WIDTH * INTC_CHANNELS; ++k)
                    y[k] = INTC_CASTED([<sum[k]>], [<r * (INTC_WIDTH * INTC_CHANNELS) + k>]);
INTC_COUNT([<                >], [<y>], INTC_WIDTH * INTC_CHANNELS)m4_dnl
            }
        }
    }
>])m4_dnl
m4_define([<INTC_CONV_ERROR_PLAIN>], [<m4_dnl
                for (size_t o = 0; o < INTC_OUT_CHANNELS; ++o) {
                    const INTC_WEIGHTS_TYPE *const weights = INTC_WEIGHTS + o * INTC_ROW;
                    INTC_SUM_TYPE *const to = corner[<>]m4_ifelse(INTC_CHANNEL_GROUPS, 1, [<>],
                        [< + o / (INTC_OUT_CHANNELS / INTC_CHANNEL_GROUPS) * (INTC_CHANNELS / INTC_CHANNEL_GROUPS)>]);
                    const INTC_SUM_TYPE error = e[o];
                    for (size_t i = 0; error != 0 && i < INTC_KERNEL_HEIGHT * INTC_RUNS; ++i)
                        for (size_t k = 0; k < INTC_RUN; ++k)
                            to[(i / INTC_RUNS * INTC_PADDED_WIDTH + i % INTC_RUNS) * INTC_CHANNELS + k] += error * weights[i * INTC_RUN + k];
                }
>])m4_dnl
m4_define([<INTC_CONV_ERROR_KERNEL>], [<m4_dnl
                INTC_SUM_TYPE *const patch = INTC_OWN_PATCH;
                if (!INTC_ANY_ERROR)
                    continue;
                INTC_KERNEL_CALL([<error>])(patch, e, INTC_WEIGHTS, INTC_OUT_CHANNELS, INTC_ROW);
                for (size_t i = 0; i < INTC_KERNEL_HEIGHT; ++i) {
                    INT_ROLLED
                    for (size_t k = 0; k < INTC_RUN; ++k)
                        corner[i * (INTC_PADDED_WIDTH * INTC_CHANNELS) + k] += patch[i * INTC_RUN + k];
                }
>])m4_dnl
m4_dnl Whether an element of the window's error e is not zero.
m4_define([<INTC_ANY_ERROR>], [<int_any(e, INTC_OUT_CHANNELS * sizeof *e)>])m4_dnl
m4_dnl
m4_dnl gradient[o][k] = sum over b and windows w of e_y[b][w][o] * window w of x[b][k]: first all
m4_dnl rows, then the loop over rows that the update closes. Each thread makes a share: of the
m4_dnl channels, or of the windows, for all channels.
m4_define([<INTC_UPDATE_WORK>], [<(size_t)16 * INTC_OUT_CHANNELS * INTC_ROW>])m4_dnl
m4_define([<INTC_LOW>], [<m4_ifelse(INTC_BY_CHANNEL, 1, low, 0)>])m4_dnl
m4_define([<INTC_HIGH>], [<m4_ifelse(INTC_BY_CHANNEL, 1, high, INTC_OUT_CHANNELS)>])m4_dnl
m4_define([<INTC_conv_weight_gradient>], [<m4_dnl
    /* INTC_ABOUT */
    {
INTC_WINDOW[<>]m4_dnl
        INTC_GRADIENT_TYPE *const gradient = INTC_GRADIENT;
        const size_t shares = INT_SHARES(INTC_SAMPLES * INTC_CONV_WORK);
        memset(gradient, 0, (size_t)INTC_OUT_CHANNELS * INTC_ROW * sizeof *gradient);
        INT_PARALLEL(1, INTC_SAMPLES * INTC_CONV_WORK)
        for (size_t share = 0; share < shares; ++share) {
INTC_EACH_OWN_PATCH[<>]m4_dnl
m4_ifelse(INTC_BY_CHANNEL, 1, [<m4_dnl
            const size_t low = share * INTC_OUT_CHANNELS / shares, high = (share + 1) * INTC_OUT_CHANNELS / shares;
            INTC_GRADIENT_TYPE *const sums = gradient;
>], [<m4_dnl
            INTC_GRADIENT_TYPE *const sums = INTC_OWN_GRADIENT; /* without threads it is the gradient */
            memset(sums, 0, (size_t)INTC_OUT_CHANNELS * INTC_ROW * sizeof *sums);
>])m4_dnl
m4_ifelse(INTC_KERNEL, [<>], [<INTC_CONV_GRADIENT_PLAIN[<>]>], [<INTC_CONV_GRADIENT_KERNEL[<>]>])m4_dnl
m4_ifelse(INTC_BY_CHANNEL, 1, [<>], [<m4_dnl
            INT_CRITICAL
            for (size_t k = 0; sums != gradient && k < (size_t)INTC_OUT_CHANNELS * INTC_ROW; ++k)
                gradient[[<k>]] += sums[[<k>]];
>])m4_dnl
        }
    }
    INT_PARALLEL(INTC_STRIP_ROWS, INTC_UPDATE_WORK)
    for (size_t row = 0; row < INTC_OUT_CHANNELS; ++row) {
        INTC_GRADIENT_TYPE *restrict const g = INTC_GRADIENT + row * INTC_ROW;
>])m4_dnl
m4_define([<INTC_CONV_GRADIENT_PLAIN>], [<m4_dnl
            for (size_t b = 0; b < INTC_SAMPLES; ++b)
                for (size_t w = 0; w < INTC_WINDOWS; ++w) {
                    const INTC_E_Y_TYPE *const e = INTC_E_Y + b * INTC_E_Y_SIZE + w * INTC_OUT_CHANNELS;
                    int_window_copy(patch, INTC_X + b * INTC_X_SIZE, &window, w / INTC_OUT_WIDTH, w % INTC_OUT_WIDTH);
                    for (size_t o = INTC_LOW; o < INTC_HIGH; ++o) {
                        const INTC_X_TYPE *const x = INTC_SEEN_BY(o);
                        INTC_GRADIENT_TYPE *const g = sums + o * INTC_ROW;
                        const INTC_GRADIENT_TYPE error = e[o];
                        for (size_t k = 0; error != 0 && k < INTC_ROW; ++k)
                            g[k] += error * x[k];
                    }
                }
>])m4_dnl
m4_dnl Blocks of windows; only windows with errors are looked at.
m4_define([<INTC_CONV_GRADIENT_KERNEL>], [<m4_dnl
            memset(patch, 0, (size_t)INTC_BLOCKED(INTC_BLOCK, INTC_OUT_WIDTH) * INTC_ROW * sizeof *patch); /* windows without errors are not copied */
INTC_EACH_BLOCK([<            >], m4_ifelse(INTC_BY_CHANNEL, 1, 0, 1))m4_dnl
                const INTC_E_Y_TYPE *const errors = INTC_E_Y + (r * INTC_OUT_WIDTH[<>]INTC_BLOCKED([< + first>])) * INTC_OUT_CHANNELS;
                if (!int_any(errors, INTC_TOGETHER * INTC_OUT_CHANNELS * sizeof *errors))
                    continue;
                for (size_t w = 0; w < INTC_TOGETHER; ++w) {
                    const INTC_E_Y_TYPE *const e = errors + w * INTC_OUT_CHANNELS;
                    if (m4_ifelse(INTC_BY_CHANNEL, 1,
                            [<int_any(e + low, (high - low) * sizeof *e)>], [<INTC_ANY_ERROR>]))
                        int_window_copy(patch + w * INTC_ROW, INTC_X + r / INTC_OUT_HEIGHT * INTC_X_SIZE, &window, r % INTC_OUT_HEIGHT, INTC_FIRST[<>]w);
                }
                for (size_t o = INTC_LOW; o < INTC_HIGH; ++o)
                    INTC_KERNEL_CALL([<add_rows>])(sums + o * INTC_ROW, errors + o, INTC_OUT_CHANNELS, m4_dnl
m4_ifelse(INTC_X_TYPE, [<uint8_t>], [<(const int8_t *)>])patch, INTC_TOGETHER, INTC_ROW);
            }
>])m4_dnl
m4_dnl
m4_dnl gradient[o] = sum over b and windows w of e_y[b][w][o]; one row
m4_define([<INTC_conv_bias_gradient>], [<m4_dnl
    /* INTC_ABOUT */
    for (size_t row = 0; row < 1; ++row) {
        INTC_GRADIENT_TYPE *restrict const g = INTC_GRADIENT;
        memset(g, 0, INTC_OUT_CHANNELS * sizeof *g);
        for (size_t w = 0; w < (size_t)INTC_SAMPLES * INTC_WINDOWS; ++w) {
            const INTC_E_Y_TYPE *const e = INTC_E_Y + w * INTC_OUT_CHANNELS;
            if (!INTC_ANY_ERROR)
                continue;
            INT_ROLLED
            for (size_t o = 0; o < INTC_OUT_CHANNELS; ++o)
                g[o] += e[o];
        }
>])m4_dnl
