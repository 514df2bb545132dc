/* cross_entropy.h - what losses share that read logits. */
#ifndef CROSS_ENTROPY_H
#define CROSS_ENTROPY_H

#include "intc.h"

/* One logit for each class of the target; an error if not. */
bool logits_match(Model *model, Place place, const Tensor *logits, const Tensor *target);
/* The formats of the logits and of the error. */
void logits_typical(Model *model, Step *step);
/* The attribute exp2_table: 2^-(i/32) in 15 bits. */
void set_exp2_table(Model *model, Step *step);
/* The table of powers of two, and what brings logits to it; false after an error. */
bool settle_logits(Model *model, Step *step);

#endif
