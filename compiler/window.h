/* window.h - a window that slides over an image: what convolution and pooling share.
 *
 * An image is [height,width,channels], the channels of a pixel side by side. Windows stand `stride`
 * pixels apart, on the image with `pad` pixels of zeros around it; those that would leave it are
 * left out. */
#ifndef WINDOW_H
#define WINDOW_H

#include "intc.h"

/* Keeps every product of sizes within 64 bits. */
enum { MAX_WINDOW = 1024 };

typedef struct {
    int64_t height, width, channels; /* of the image */
    int64_t kernel_height, kernel_width, stride, pad_height, pad_width;
    int64_t out_height, out_width; /* windows below and beside each other */
} Window;

/* The image's sizes; false after a message where the argument is no image. */
bool window_image(Model *model, const Call *call, const Argument *argument, Window *window);
/* Fills in how many windows there are; false after a message where not one fits. `place` is that of
 * the kernel's size. */
bool window_slide(Model *model, const Call *call, Place place, Window *window);
/* Appends a step on the call's first argument, with a result of that shape. */
Tensor *window_append(Model *model, const Call *call, const StepKind *kind, const Window *window,
                      Shape shape);
/* Appends a step that makes one pixel of each window. The call's arguments are the image, the
 * windows' size, and how far apart they are, if they do not stand side by side. */
Tensor *pool_build(Model *model, const Call *call, const StepKind *kind);
/* As attributes of a step, and back. */
void window_set(Model *model, Step *step, const Window *window);
Window window_of(const Step *step);
/* Whether every pixel is in one of the windows, which do not overlap. */
bool window_covers(const Window *window);
/* Elements of the image with its padding. */
int64_t window_padded(const Window *window);
/* How many windows a pixel is in, at most, and on average over the image. */
int64_t window_overlap(const Window *window);
double window_share(const Window *window);

#endif
