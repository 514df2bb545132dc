/* registry.c - the lists of operators, losses and optimizers, made from their .def files. */
#include "intc.h"

#define OPERATOR(name) extern const Operator name##_operator;
#include "ops/ops.def"
#undef OPERATOR
#define LOSS(name) extern const Loss name##_loss;
#include "losses/losses.def"
#undef LOSS
#define OPTIMIZER(name) extern const Optimizer name##_optimizer;
#include "optimizers/optimizers.def"
#undef OPTIMIZER

const Operator *const operators[] = {
#define OPERATOR(name) &name##_operator,
#include "ops/ops.def"
    NULL};

const Loss *const losses[] = {
#define LOSS(name) &name##_loss,
#include "losses/losses.def"
    NULL};

const Optimizer *const optimizers[] = {
#define OPTIMIZER(name) &name##_optimizer,
#include "optimizers/optimizers.def"
    NULL};
