/* report.h - what the compiler says about a model, for people and programs. */
#ifndef REPORT_H
#define REPORT_H

#include "intc.h"

/* --dump: what a pass left behind; ast_dump stands in intc.h. */
void graph_dump(const Model *model, FILE *out); /* after check and after grad */
void range_dump(const Model *model, FILE *out);
void plan_dump(const Model *model, FILE *out);
void defs_dump(const Model *model, FILE *out);

/* All require plan. */
void schedule_text(const Model *model, FILE *out);
void schedule_json(const Model *model, FILE *out);
void memory_text(const Model *model, FILE *out);
void memory_json(const Model *model, FILE *out);
/* False, and nothing printed, if the model has no such tensor. */
bool explain(const Model *model, const char *tensor, FILE *out);

#endif
