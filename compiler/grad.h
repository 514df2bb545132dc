/* grad.h - what operators call to build the backward graph. */
#ifndef GRAD_H
#define GRAD_H

#include "intc.h"

/* The error of a tensor as one of its uses sees it. A tensor used several times has several; grad
 * adds them up before the tensor's producer asks for their sum. */
typedef struct Contribution {
    Tensor *error;
    struct Contribution *next;
} Contribution;

/* A new error for `tensor`, of its shape, not yet contributed. */
Tensor *error_new(Model *model, const Tensor *tensor);
/* Says that `error` is part of the error of `tensor`. */
void contribute(Model *model, Tensor *tensor, Tensor *error);
/* Appends the step that makes the gradient of `parameter`, summed over the batch, and behind it the
 * optimizer's update: the two run row by row in one loop, so that no whole gradient is stored. */
void append_gradient(Model *model, const StepKind *kind, const Step *like, Tensor *const in[],
                     Tensor *parameter);

#endif
