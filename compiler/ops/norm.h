/* norm.h - what operators share that bring the last dimension to a mean square of 1. */
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
/* The same for n elements that are normalised together, wherever they lie. */
void norm_typical_of(Model *model, Step *step, int64_t n);
void norm_error_settle_of(Model *model, Step *step, int64_t n, bool centered);
/* The constants of mean and square. */
void norm_settle_square(Model *model, Step *step, const Tensor *x, int64_t n, bool centered);
/* Those of the slope, of `bits` bits, `spare` fewer for an x of usual size. Returns its shift. */
int norm_settle_rate(Model *model, Step *step, const Tensor *x, int64_t n, bool centered, int bits,
                     int spare);
/* No element without its mean is larger. */
int64_t norm_centered_bound(const Tensor *x, int64_t n);
/* The bits of a factor, at most `bits`, whose product with what is at most `most` fits a sum. */
int norm_room_for(int64_t most, int bits);
/* Appends the step back, which computes mean and root anew from x. */
void norm_grad(Model *model, Step *step, const StepKind *kind);

#endif
