/* sgd.h - what nesterov shares with sgd. */
#ifndef SGD_H
#define SGD_H

#include "intc.h"

void sgd_read(Model *model, Call *call);
void sgd_typical(Model *model, Step *step);
void sgd_settle(Model *model, Step *step);

#endif
