/* optimizer.h - what optimizers share: masters and state, moments of the gradient, the last step.
 *
 * An optimizer that computes a change (sgd) does the rest itself. One that computes a direction, a
 * number of known size to be multiplied by the learning rate, leaves that to settle_step. */
#ifndef OPTIMIZER_H
#define OPTIMIZER_H

#include "../grad.h"
#include "../range.h"

/* Master and change stay within 30 bits each, so that their difference fits 32. */
enum { MOST_MOVE = (1 << 30) - 1 };

/* A direction: |q| <= most, and q * 2^-shift is what the learning rate multiplies. */
typedef struct {
    int64_t most;
    int shift;
    double typical;
    int64_t correction; /* what multiplies the rate is at most this (see adam.c), else 1 */
} Direction;

/* Operands of an update: gradient, master, states...; it makes master, storage, states... */
enum { UPDATE_GRADIENT = 0, UPDATE_MASTER = 1, UPDATE_STORAGE = 1, UPDATE_STATE = 2 };

/* 1 - `kept`, the argument's value; multiplier 0 where nothing is kept. */
Rational read_loss(const Argument *kept);
/* "momentum", if there is one. */
const char *const *momentum_states(const Model *model);
/* Makes the master and the named states (NULL ends the list) of a parameter; appends its update. */
Step *update_append(Model *model, const StepKind *kind, const Step *like, Tensor *parameter,
                    const char *const *states);
/* The storage copy, or the master where it is its own. */
const Tensor *updated_parameter(const Step *step);
/* The master has fewer than 32 bits: changes smaller than its last place are the rule. */
bool is_narrow(const Step *step);

/* The master's values; the format of a state of 32 bits. */
void master_typical(Model *model, Step *step);
void state_typical(Model *model, Tensor *state, double rms, const char *reason);

/* Sizes, the master's format, what clips the gradient. Returns the gradient's bound after it. */
int64_t settle_parameter(Model *model, Step *step);
/* The attributes that say what of the master the storage copy keeps. */
void settle_kept(Model *model, Step *step, const Tensor *parameter);
/* Dead and starved updates: the largest and the typical change of a weight. */
void report_speed(Model *model, const Step *step, double largest, double typical);

/* A moment is a mean of gradients that forgets: m = m + round((g - m) * loss). The rounding of a
 * number between m - most and most - m stays between them, so m never leaves +-most. */

/* The gradient, bounded by `gradient`, cast to a moment's format: at `shift`, clamped to `most`. */
void settle_moment(Model *model, Step *step, int64_t gradient, int shift, int64_t most);
/* Where a moment has 30 bits and holds every gradient. */
int widest_moment(const Step *step, int64_t gradient);
/* The attributes NAME_multiplier and NAME_shift of a loss. */
void settle_loss_of(Model *model, Step *step, const char *name, Rational loss);

/* The second moment of gradients at `root_shift`, in which they have at most ROOT_BITS bits, and
 * what divides by its root: q = m / sqrt(square + epsilon), with RATIO_BITS behind the point. The
 * gradient and m have MOMENT_BITS more bits. */
enum { ROOT_BITS = 15, MOMENT_BITS = 14, RATIO_BITS = 15, MOST_RATIO_BITS = 6 };
int root_shift_for(const Step *step);
void settle_square(Model *model, Step *step, Tensor *square, int root_shift, Rational loss,
                   double epsilon);
/* The direction m / sqrt(square), where `most_ratio` is what it can reach by theory. */
Direction ratio_direction(Model *model, Step *step, double most_ratio);

/* w = w - cast(q * rate * factor [* correction] + w * decay) */
void settle_step(Model *model, Step *step, Direction direction);
/* The reals of the float twin that every optimizer needs. */
void settle_float_step(Model *model, Step *step);

#endif
