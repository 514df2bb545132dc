/* int_window.h - copies what lies under a window that slides over an image.
 *
 * An image is rows of pixels, a pixel its channels side by side; around it lie zeros. */
#ifndef INT_WINDOW_H
#define INT_WINDOW_H

#include "int_runtime.h"

#include <string.h>

/* Whether one of so many bytes is not zero. */
INT_FUNCTION int int_any(const void *bytes, size_t count)
{
    const unsigned char *const from = bytes;
    uint64_t any = 0, word;
    for (size_t k = 0; k < count / 8; ++k) {
        memcpy(&word, from + 8 * k, 8);
        any |= word;
    }
    for (size_t k = count / 8 * 8; k < count; ++k)
        any |= from[k];
    return any != 0;
}

/* A copy in pieces of a fixed size, the last one overlapping: for few bytes faster than memcpy,
 * which has to find out first how many they are. */
INT_FUNCTION void int_copy(unsigned char *to, const unsigned char *from, size_t count)
{
    if (count >= 16) {
        for (size_t k = 0; k < count - 16; k += 16)
            memcpy(to + k, from + k, 16);
        memcpy(to + count - 16, from + count - 16, 16);
    } else if (count >= 4) {
        for (size_t k = 0; k < count - 4; k += 4)
            memcpy(to + k, from + k, 4);
        memcpy(to + count - 4, from + count - 4, 4);
    } else if (count == 2) {
        memcpy(to, from, 2);
    } else {
        for (size_t k = 0; k < count; ++k)
            memcpy(to + k, from + k, 1);
    }
}

typedef struct {
    size_t height, width; /* of the image, in pixels */
    size_t pixel;         /* bytes of a pixel */
    size_t kernel_height, kernel_width, stride, pad_height, pad_width;
    size_t groups; /* equal parts of a pixel, which are copied one after the other */
} IntWindow;

/* The positions first to end - 1 of a kernel that lie on the image, where the kernel starts `at`
 * pixels from the padding's edge; it reaches the image, since padding is less wide than the
 * kernel. */
typedef struct {
    size_t first, end;
} IntOverlap;

INT_FUNCTION IntOverlap int_overlap(size_t at, size_t kernel, size_t pad, size_t size)
{
    const size_t end = size + pad;
    const IntOverlap overlap = {at < pad ? pad - at : 0, at + kernel > end ? end - at : kernel};
    return overlap;
}

/* Copies one group's part of the pixels of one row of the window. */
INT_FUNCTION void int_window_row(unsigned char *to, const unsigned char *from,
                                 const IntWindow *window, size_t pixels)
{
    const size_t part = window->pixel / window->groups;
    if (window->groups == 1 && pixels == window->kernel_width) /* a size that compilers know */
        int_copy(to, from, window->kernel_width * window->pixel);
    else if (window->groups == 1)
        int_copy(to, from, pixels * part);
    else
        for (size_t i = 0; i < pixels; ++i)
            int_copy(to + i * part, from + i * window->pixel, part);
}

/* The window in row y and column x of all windows, to
 * patch[groups][kernel_height][kernel_width]. */
INT_FUNCTION void int_window_copy(void *patch, const void *image, const IntWindow *window,
                                  size_t y, size_t x)
{
    const unsigned char *const from = image;
    unsigned char *const to = patch;
    const size_t height = window->kernel_height, width = window->kernel_width;
    const size_t top = y * window->stride, left = x * window->stride;
    const IntOverlap rows = int_overlap(top, height, window->pad_height, window->height);
    const IntOverlap columns = int_overlap(left, width, window->pad_width, window->width);
    const size_t pixels = columns.end - columns.first, part = window->pixel / window->groups;
    if (rows.end - rows.first < height || pixels < width)
        memset(patch, 0, height * width * window->pixel);
    for (size_t group = 0; group < window->groups; ++group)
        for (size_t i = rows.first; i < rows.end; ++i) {
            const size_t row = top + i - window->pad_height;
            const size_t column = left + columns.first - window->pad_width;
            const size_t pixel = row * window->width + column;
            const size_t at = (group * height + i) * width + columns.first;
            int_window_row(to + at * part, from + pixel * window->pixel + group * part, window,
                           pixels);
        }
}

#endif
