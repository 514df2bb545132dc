/* cross_entropy.h - what losses share that read logits. */
#ifndef CROSS_ENTROPY_H
#define CROSS_ENTROPY_H

#include "intc.h"

/* One logit for each class of the target; an error if not. */
bool logits_match(Model *model, Place place, const Tensor *logits, const Tensor *target);
/* The formats of the logits and of the error. */
void logits_typical(Model *model, Step *step);
/* The table of powers of two; false after an error. */
bool settle_logits(Model *model, Step *step);

#endif
