/* comparison.h - what the comparisons of two tensors share. */
#ifndef COMPARISON_H
#define COMPARISON_H

#include "elementwise.h"

/* Appends the step `kind`; both operands have one shape. */
Tensor *comparison_build(Model *model, Call *call, const StepKind *kind);
void comparison_typical(Model *model, Step *step);
void comparison_settle(Model *model, Step *step);

#endif
