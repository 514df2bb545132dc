/* profile.h - what a training observed, for the one that follows. */
#ifndef PROFILE_H
#define PROFILE_H

#include "intc.h"

/* Takes the text of a training log. requires: options.profile. fills: observed, with the rms of
 * each tensor in the last line that has them; status 3 ends the program if there is none. */
void profile_read(Model *model, char *text);

/* The observation of a tensor, or NULL. */
Observed *profile_find(const Model *model, const Tensor *tensor);

#endif
