/* curve.h - what operators share whose error is multiplied by a derivative: e_x = e_y * f'(x). */
#ifndef CURVE_H
#define CURVE_H

#include "elementwise.h"

enum { CURVE_BITS = 15 };

/* Hyperbolic tangent and its derivative, in float: for typical values. No constants. */
double tanh_value(double x, const double *constants);
double tanh_slope(double x, const double *constants);

/* y = f(x) in a format of its own, as an activation that never exceeds `limit` (0: no limit). */
void curve_typical(Model *model, Step *step, Curve1 *f, double limit);
/* The error in a format of its own, where `derivative` takes x. */
void curve_error_typical(Model *model, Step *step, Curve1 *derivative, const Tensor *x);
/* e_y times a derivative of at most `most` at `shift`, cast to the error. */
void curve_error_settle(Model *model, Step *step, int64_t most, int shift);
/* Appends the step back, which reads `kept` (x or y). */
void curve_grad(Model *model, Step *step, const StepKind *kind, Tensor *kept);
/* Attributes of a position on x: |x| is clamped to `reach`, and shifted to units of 2^-shift. */
void settle_position(Model *model, Step *step, const Tensor *x, int most, int shift);
/* How y is brought to 15 bits at most, and a product of two such. Returns the product's shift. */
int settle_derivative_of_value(Model *model, Step *step, const Tensor *y);

#endif
