/* norm.h - what operators share that bring the elements of the last dimension to a mean square of 1. */
#ifndef NORM_H
#define NORM_H

#include "elementwise.h"

enum { MAX_NORM = 65536 }; /* elements that are normalised together */

/* Appends the step `kind`, which needs at least `least` elements in the last dimension. */
Tensor *norm_build(Model *model, const Call *call, const StepKind *kind, int least);
void norm_typical(Model *model, Step *step);
void norm_error_typical(Model *model, Step *step);
/* `centered`: the mean is taken away first. */
void norm_settle(Model *model, Step *step, bool centered);
void norm_error_settle(Model *model, Step *step, bool centered);
/* Appends the step back, which computes mean and root anew from x. */
void norm_grad(Model *model, Step *step, const StepKind *kind);

#endif
