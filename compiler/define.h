/* define.h - what the parts of `define` share. */
#ifndef DEFINE_H
#define DEFINE_H

#include "intc.h"

/* ---- definition.c ---------------------------------------------------------------------------- */

/* INTC_NAME is to be a text, 1 or empty, or a number. */
void define_text(Text *out, const char *name, const char *value);
void define_flag(Text *out, const char *name, bool set);
void define_integer(Text *out, const char *name, int64_t value);

char *upper(Model *model, const char *text);
/* h1.weights.master -> h1_weights_master */
char *member_name(Model *model, const Tensor *tensor);

/* ---- define_step.c --------------------------------------------------------------------------- */

/* C type of the elements. A byte that is never negative is read as uint8_t: the same bits, and what
 * dot-product instructions want. */
const char *element_type(const Tensor *tensor);
/* C expression for the first element. */
char *place_expression(Model *model, const Tensor *tensor);

void define_step(Model *model, const Step *step);

/* ---- define_members.c ------------------------------------------------------------------------ */

void define_members(Model *model);

#endif
