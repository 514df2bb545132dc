/* loss.h - what all losses share: their step, factors and weights of classes, the size and the cast
 * of the error.
 *
 * The factor of a loss in a sum is a power of two, which moves the shift of its error and costs
 * nothing. A class's weight multiplies the loss and the error of its samples, by an integer at a
 * shift that all weights share. It comes behind all else and before the error's one rounding: an
 * error that sums to zero still does. */
#ifndef LOSS_H
#define LOSS_H

#include "../grad.h"
#include "../range.h"

/* The last parameter of each loss. */
#define LOSS_WEIGHTS {"weights", ARGUMENT_NUMBERS, false, 0, 0, 1024, {NULL}}

/* Appends a loss's step, from the network's answer to the first error. NULL after a message. */
Step *loss_append(Model *model, const StepKind *kind, const Call *call, Tensor *prediction,
                  Tensor *target);
/* The loss's error is that of what it reads. */
void loss_grad(Model *model, Step *step);
/* The size of the error, but for weights; `limit` is its bound, or 0: its format bounds it. */
void loss_typical(Model *model, Step *step, double limit, double rms, const char *reason, ...)
    __attribute__((format(printf, 5, 6)));
/* The error is cast from a value of at most `worst` at `shift`, but for weights. */
void settle_loss_error(Model *model, Step *step, int64_t worst, int shift);
/* Bits by which weights and other losses lengthen the loss of a sample. */
int loss_more_bits(const Model *model, const Step *step);
/* Whether a batch's losses fit 64 bits, each at most `worst` before weights, in units of 2^-16. */
bool loss_fits(Model *model, const Step *step, int64_t worst);

#endif
