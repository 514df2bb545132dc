/* difference.h - losses of the difference of an output and a target, each element by itself.
 *
 * The target is encoded at the output's own shift, so that the difference is exact. A class stands
 * for its one-hot vector. */
#ifndef DIFFERENCE_H
#define DIFFERENCE_H

#include "loss.h"

enum { LOSS_BITS = 16 };

/* The output's format, which must also span the targets; the rms of the difference. */
double difference_typical(Model *model, Step *step);
/* Sizes and the target; false for f32, which is settled then, and after an error. */
bool difference_settle(Model *model, Step *step);
/* The loss of a sample is a sum of at most `worst`, times 2^-shift in units of 2^-LOSS_BITS. */
void settle_loss(Model *model, Step *step, int64_t worst, int shift);
/* What the rest of the step needs: the error is cast from a sum of at most `worst` at `shift`. */
void settle_error(Model *model, Step *step, int64_t worst, int shift);
/* All of it where an element's loss is at most twice the output's bound, its error -1, 0 or 1. */
void signs_settle(Model *model, Step *step);
/* NULL after a message. */
Step *difference_build(Model *model, const StepKind *kind, const Call *call, Tensor *output,
                       Tensor *target);

#endif
