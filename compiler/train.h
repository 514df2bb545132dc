/* train.h - `intc train`, around the passes. */
#ifndef TRAIN_H
#define TRAIN_H

#include "options.h"

/* Before the passes: lets the generated files go to a folder that goes away with the program. */
void train_prepare(Model *model);
/* After them: builds the trainer and runs it; its exit status. */
int train_run(Model *model, const CommandLine *line);

#endif
