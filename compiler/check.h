/* check.h - what the files of the check pass share: constants, arguments, settings, encodings.
 *
 * Each function that can fail has said why through diag_error before it returns false or NULL;
 * callers go on, so that one run reports every mistake. */
#ifndef CHECK_H
#define CHECK_H

#include "intc.h"

/* Whether it is made of numbers alone. */
bool is_constant(const Node *node);
/* The value of a constant expression. */
bool constant_number(Model *model, const Node *node, double *value);
/* The same, a whole number in [least, most]; `what` names it in the message. */
bool constant_integer(Model *model, const Node *node, const char *what, int64_t least,
                      int64_t most, int64_t *value);
/* A shift k such that the value is 2^-k, 0 < k < 32. */
bool constant_power_shift(Model *model, const Node *node, const char *what, int *shift);
/* Evaluates an argument that has to be a tensor. */
typedef Tensor *(*TensorReader)(Model *model, void *scope, const Node *node);

/* Matches the arguments of a call, by position or by name, with what `parameters` expects. */
bool call_bind(Model *model, const Node *node, const Parameter *parameters, TensorReader reader,
               void *scope, Call *call);
/* The same for one argument, which is for `parameter`. */
bool argument_read(Model *model, const Node *node, const Parameter *parameter, TensorReader reader,
                   void *scope, Argument *argument);
/* Whether a parameter of this kind takes the tensor: indices are no values. */
bool takes_tensor(Model *model, const Node *node, ArgumentKind kind, const Tensor *tensor);
/* A shape from the dimensions of a type node. */
bool shape_from_type(Model *model, const Node *type, Shape *shape);

/* The value of `schedule`, and the table that it comes to when all settings are known. */
void schedule_read(Model *model, const Node *value);
void schedule_tabulate(Model *model);
/* The value of `data`; whether it suits the input and the target. */
void data_read(Model *model, const Node *value);
void data_check(Model *model);
/* The value of `augment`, and the step that it becomes. */
void augment_read(Model *model, const Node *value);
void augment_input(Model *model);
void settings_read(Model *model, const Node *train);
/* Whether weights can be averaged, of a graph that is complete. */
void average_check(Model *model);
Encoding *encoding_read(Model *model, const Node *declaration, Shape shape);

#endif
