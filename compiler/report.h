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
/* Whether a tensor's memory is its own from batch to batch. */
bool is_state(const Tensor *tensor);
/* Constants that stay in flash: tables and lists of more than one number. */
int64_t flash_bytes(const Model *model);
/* False, and nothing printed, if the model has no such tensor. */
bool explain(const Model *model, const char *tensor, FILE *out);

#endif
