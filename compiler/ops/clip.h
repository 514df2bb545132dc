/* clip.h - what relu6 and hardtanh share with clip. */
#ifndef CLIP_H
#define CLIP_H

#include "intc.h"

/* Appends y = x within [lo, hi]. */
Tensor *clip_append(Model *model, const Call *call, double lo, double hi);

#endif
