m4_dnl augment.m4 - in training images are moved and mirrored, in place; in inference they are not.
m4_dnl
m4_dnl Moved: an image is put into a frame of zeros, and a window of its size taken elsewhere.
m4_define([<INTC_AUGMENT_FRAME>], [<m4_dnl
        INTC_Y_TYPE *const frame = (INTC_Y_TYPE *)(INTC_FRAME);
        memset(frame, 0, INTC_FRAMED * sizeof *frame);
>])m4_dnl
m4_define([<INTC_AUGMENT_SHIFT>], [<m4_dnl
            const size_t down = (size_t)(((draw & 0xFFFFU) * INTC_PLACES) >> 16);
            const size_t right = (size_t)((((draw >> 16) & 0xFFFFU) * INTC_PLACES) >> 16);
            for (size_t i = 0; i < INTC_HEIGHT; ++i)
                memcpy(frame + i * INTC_FRAMED_LINE + INTC_CORNER, y + i * INTC_LINE, INTC_LINE * sizeof *y);
            for (size_t i = 0; i < INTC_HEIGHT; ++i)
                for (size_t k = 0; k < INTC_LINE; ++k)
                    y[i * INTC_LINE + k] = frame[(i + down) * INTC_FRAMED_LINE + INTC_AUGMENT_RIGHT + k];
>])m4_dnl
m4_define([<INTC_AUGMENT_FLIP>], [<m4_dnl
            for (size_t i = 0; i < INTC_HEIGHT && ((draw >> 32) & 1U) != 0; ++i) {
                INTC_Y_TYPE *const line = y + i * INTC_LINE;
                for (size_t k = 0; k < INTC_HALF_LINE; ++k) {
                    const size_t other = INTC_AUGMENT_OTHER;
                    const INTC_Y_TYPE element = line[k];
                    line[k] = line[other];
                    line[other] = element;
                }
            }
>])m4_dnl
m4_define([<INTC_AUGMENT_RIGHT>],
    [<m4_ifelse(INTC_CHANNELS, 1, [<right>], [<right * INTC_CHANNELS>])>])m4_dnl
m4_define([<INTC_AUGMENT_OTHER>], [<m4_ifelse(INTC_CHANNELS, 1, [<INTC_WIDTH - 1 - k>],
[<(INTC_WIDTH - 1 - k / INTC_CHANNELS) * INTC_CHANNELS + k % INTC_CHANNELS>])>])m4_dnl
m4_define([<INTC_augment>], [<m4_dnl
    /* INTC_ABOUT */
    if (m->training != 0) {
        const uint64_t site = int_site(m->seed, m->step, INTC_SITE);
m4_ifelse(INTC_PIXELS, 0, [<>], [<INTC_AUGMENT_FRAME[<>]>])m4_dnl
        for (size_t b = 0; b < rows; ++b) {
            INTC_Y_TYPE *const y = INTC_Y + b * INTC_ELEMENTS;
            uint64_t stream = int_row(site, INTC_SAMPLE(b));
            const uint64_t draw = int_next(&stream);
m4_ifelse(INTC_PIXELS, 0, [<>], [<INTC_AUGMENT_SHIFT[<>]>])m4_dnl
m4_ifelse(INTC_FLIP, 1, [<INTC_AUGMENT_FLIP[<>]>])m4_dnl
        }
    }
>])m4_dnl
