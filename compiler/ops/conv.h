/* conv.h - what conv and conv1d share: one dimension is an image of height 1. */
#ifndef CONV_H
#define CONV_H

#include "../layer.h"
#include "../window.h"

enum {
    CONV_X,
    CONV_CHANNELS,
    CONV_KERNEL,
    CONV_STRIDE,
    CONV_PAD,
    CONV_GROUPS,
    CONV_BIAS,
    CONV_INIT,
    CONV_WEIGHTS
};

#define CONV_PARAMETERS                                                                            \
    {                                                                                              \
        [CONV_X] = {"x", ARGUMENT_TENSOR, true, 0, 0, 0, {NULL}},                                  \
        [CONV_CHANNELS] = {"channels", ARGUMENT_INTEGER, true, 0, 1, MAX_ELEMENTS, {NULL}},        \
        [CONV_KERNEL] = {"kernel", ARGUMENT_INTEGER, true, 0, 1, MAX_WINDOW, {NULL}},              \
        [CONV_STRIDE] = {"stride", ARGUMENT_INTEGER, false, 1, 1, MAX_WINDOW, {NULL}},             \
        [CONV_PAD] = {"pad", ARGUMENT_INTEGER, false, 0, 0, MAX_WINDOW, {NULL}},                   \
        [CONV_GROUPS] = {"groups", ARGUMENT_INTEGER, false, 1, 1, MAX_ELEMENTS, {NULL}},           \
        [CONV_BIAS] = {"bias", ARGUMENT_CHOICE, false, 0, 0, 0, {"true", "false"}},                \
        [CONV_INIT] = {"init", ARGUMENT_CHOICE, false, 0, 0, 0, {"he", "xavier"}},                 \
        [CONV_WEIGHTS] = LAYER_WEIGHTS                                                             \
    }

/* Builds the call's convolution over `window`, whose image and kernel are set; shapes and weights
 * have no height where it is `flat`. */
Tensor *conv_over(Model *model, const Call *call, Window *window, bool flat);

#endif
