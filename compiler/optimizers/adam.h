/* adam.h - what adamw shares with adam. */
#ifndef ADAM_H
#define ADAM_H

#include "intc.h"

enum { ADAM_LR, ADAM_BETA1, ADAM_BETA2, ADAM_EPS, ADAM_DECAY };

void adam_read(Model *model, Call *call);
void adam_begin(Model *model);
void adam_build(Model *model, const Step *like, Tensor *parameter);

#endif
