/* comparison.h - what comparisons share. */
#ifndef COMPARISON_H
#define COMPARISON_H

#include "elementwise.h"

/* Appends the step `kind` on two tensors of one shape, or one that compares with a constant;
 * `reaches`: equal ones are in, too. */
Tensor *comparison_build(Model *model, Call *call, const StepKind *kind, bool reaches);
void comparison_typical(Model *model, Step *step);
void comparison_settle(Model *model, Step *step);

/* What either side may be: a tensor, or a number. */
#define COMPARISON_SIDE(name) {name, ARGUMENT_OPERAND, true, 0, -1e9, 1e9, {NULL}}

#endif
