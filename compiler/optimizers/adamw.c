/* adamw.c - adam whose weights also lose a share of themselves, the learning rate times
 * `weight_decay`, at each step (Loshchilov and Hutter 2019). Biases do not. */
#include "adam.h"

const Optimizer adamw_optimizer = {
    .name = "adamw",
    .parameters = {{"lr", ARGUMENT_NUMBER, false, 0x1p-10, 1e-9, 16, {NULL}},
                   {"beta1", ARGUMENT_NUMBER, false, 0.875, 0.01, 0.9999, {NULL}},
                   {"beta2", ARGUMENT_NUMBER, false, 1 - 0x1p-10, 0.5, 0.99999, {NULL}},
                   {"eps", ARGUMENT_NUMBER, false, 1e-8, 1e-12, 1, {NULL}},
                   {"weight_decay", ARGUMENT_NUMBER, false, 0.01, 1e-6, 1, {NULL}}},
    .read = adam_read,
    .begin = adam_begin,
    .build = adam_build};
