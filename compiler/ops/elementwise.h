/* elementwise.h - what operators share that compute each element by itself. */
#ifndef ELEMENTWISE_H
#define ELEMENTWISE_H

#include "../grad.h"
#include "../range.h"

/* Appends the step `kind` on the call's first argument; the result has its shape. */
Tensor *elementwise_build(Model *model, const Call *call, const StepKind *kind);
/* The rms of f(x) for normal x of that rms, or for its magnitude if x is never negative. */
typedef double Curve1(double x, const double *constants);
double normal_rms(Curve1 *f, const double *constants, const Tensor *x);
/* The number of elements of a sample, for the template's loop. */
void elementwise_settle(Model *model, Step *step);
/* Settles a rounding to whole numbers: `rounding` is ROUND_NEAREST or ROUND_FLOOR. */
void whole_settle(Model *model, Step *step, Rounding rounding);
/* A result of -1, 0 or 1, and the integer that stands for 1 in its format. */
void unit_set(Model *model, Tensor *y, const char *reason);
void unit_settle(Model *model, Step *step);

#endif
