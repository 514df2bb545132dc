/* range.h - what operators call to say how large their values are.
 *
 * An operator's `typical` states the rms of each output and, for sums of products, the operands.
 * Its `settle` runs when every format is known: it proves the accumulator and names the cast. */
#ifndef RANGE_H
#define RANGE_H

#include "intc.h"

/* A learning rate is m * 2^-s with m of at most so many bits. */
enum { RATE_BITS = 7 };

/* ---- format.c -------------------------------------------------------------------------------- */

bool is_float(const Model *model);

/* Gives `tensor` a format of its own; `factor` times the typical magnitude is to fit it. */
void format_new(Model *model, Tensor *tensor, Type type, double factor);
/* `out` has the format of `in`, whatever that becomes. */
void format_share(Model *model, Tensor *out, Tensor *in);
/* The same where elements of `out` are elements of `in`, and so have their limit and sign. */
void format_inherit(Model *model, Tensor *out, Tensor *in);
/* The usual format of an activation, or of an error. */
void activation_format(Model *model, Tensor *tensor);
void error_format(Model *model, Tensor *tensor);
/* The headroom of a class of tensors, or of this tensor where the user gave one. */
double headroom_of(Model *model, const char *class_name, const Tensor *tensor);

void typical_set(Model *model, Tensor *tensor, double rms, const char *reason, ...)
    __attribute__((format(printf, 4, 5)));

/* For the pass: an error for a headroom or a profile that belongs to no tensor. */
void check_given(Model *model);

/* ---- cast.c ---------------------------------------------------------------------------------- */

/* `terms` products of elements of `left` and `right` (or elements of `left`), plus `addend`. */
void sum_set(Step *step, Tensor *left, Tensor *right, Tensor *addend, int64_t terms);
/* Proves the sum that was set, or a worst case that the operator computed, at this shift. */
void prove_sum(Model *model, Step *step);
void prove_value(Model *model, Step *step, int64_t worst_case, int shift);

/* Computes the sum in 64 bits, whatever it needs. */
void widen_sum(Step *step);

/* The cast from the accumulator to the format of out[0]. */
void cast_out(Model *model, Step *step, Rounding rounding);
/* A cast of values bounded by `worst_case` at `from_shift` to [lo, hi] at `to_shift`; `row`
 * elements share one stream of random numbers. */
Cast cast_between(Model *model, int64_t worst_case, int from_shift, int to_shift, int64_t lo,
                  int64_t hi, Rounding rounding, int64_t row);
/* Says whether the step's sum can be cast as its cast says; widens it where that helps. */
void fit_cast(Model *model, Step *step);
/* Stochastic for errors, unless the user asked for nearest. */
Rounding error_rounding(const Model *model);

/* ---- bound.c --------------------------------------------------------------------------------- */

/* INT64_MAX stands for "more than 63 bits". */
int64_t bound_multiply(int64_t a, int64_t b);
int64_t bound_add(int64_t a, int64_t b);
int64_t bound_shift(int64_t a, int shift);
int64_t type_most(Type type);
/* The least e with value <= 2^e. */
int ceil_log2(double value);

/* ---- range_check.c, for the pass ------------------------------------------------------------- */

/* Errors for pins that do not hold, warnings for values that saturate or vanish. */
void check_formats(Model *model);

#endif
