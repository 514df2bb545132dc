/* norm.c - what operators share that bring the last dimension to a mean square of 1.
 *
 * All of it is integers, with two roundings: of the mean, and of the result. With z = x, or x minus
 * its mean in units of 2^-center_up of those of x, and n elements,
 *
 *     square = epsilon + sum(z^2) * 2^mean_up / n         2^mean_up is a square, and at least n,
 *     scale  = 2^61 / sqrt(square)                        so that |z| <= sqrt(square):
 *     y      = cast(z * scale)                            |z * scale| <= 2^61, whatever z is
 *
 * Backwards z and scale are computed anew. With u = z * scale at fewer bits,
 * y / 2^(mean_up / 2),
 *
 *     along = sum(e * u) * 2^mean_up / n                  the error along y: the norm takes it away
 *     e_x   = cast((e - mean(e) - along * u) * rate)      rate, the slope, is scale in fewer bits
 *
 * There is no gain and no bias to learn: a dense layer behind has them. */
#include "ops/norm.h"

#include <math.h>

enum {
    ROOT_SHIFT = 61,
    SQUARE_BITS = 29,   /* of an element with its mean, and half of mean_up: squares fit 60 bits */
    CENTERED_BITS = 21, /* of the element at most */
    WIDE = 15,          /* errors of more bits leave no room for fractions */
    EXTRA_BITS = 8,     /* of an error, before its cast */
    UNIT_BITS = 24,     /* of a number of at most 1; fewer where sums of products need the room */
    SLOPE_BITS = 26,    /* the same of the slope */
    LARGER_SLOPES = 6,  /* rows that are 2^6 times smaller than usual have slopes that saturate */
    SUM_BITS = 61,
    EPSILON_BITS = 61 /* with a mean square of 60 bits it is within 63 */
};

/* The deviation of relu(x) over its rms, for normal x. */
static const double spread_of_magnitudes = 0.826;

static int64_t width_of(const Step *step) {
    return step_value(step, "width");
}

/* The least even q with 2^q >= n. */
static int mean_shift(int64_t n) {
    return 2 * ceil_log2(sqrt((double)n));
}

/* Narrow elements have room for a finer mean. */
static int center_shift(const Tensor *x, int64_t n, bool centered) {
    int room = SQUARE_BITS - mean_shift(n) / 2;
    int bits = room < CENTERED_BITS ? room : CENTERED_BITS;
    return centered && x->format->bits < bits ? bits - x->format->bits : 0;
}

int64_t norm_centered_bound(const Tensor *x, int64_t n) {
    return bound_shift(2 * x->bound, center_shift(x, n, true));
}

int norm_room_for(int64_t most, int bits) {
    int room = SUM_BITS - ceil_log2((double)most);
    return room < bits ? room : bits;
}

/* ---- typical values -------------------------------------------------------------------------- */

void norm_typical_of(Model *model, Step *step, int64_t n) {
    Tensor *x = step->in[0], *y = step->out[0];
    format_new(model, y, model->settings.precision.activations, headroom_of(model, "inputs", y));
    typical_set(model, y, 1, "%lld elements are brought to a mean square of 1", (long long)n);
    step->sum.widens = true;
    sum_set(step, x, x, NULL, 16 * n); /* z may be twice x, and square four times the sum */
}

void norm_typical(Model *model, Step *step) {
    norm_typical_of(model, step, width_of(step));
}

void norm_error_typical(Model *model, Step *step) {
    const Tensor *e_y = step->in[0], *x = step->in[1];
    Tensor *e_x = step->out[0];
    error_format(model, e_x);
    typical_set(model, e_x, e_y->typical / x->typical, "error %.3g over %.3g, the size of %s",
                e_y->typical, x->typical, x->name);
}

/* ---- constants ------------------------------------------------------------------------------- */

/* An eps far above the squares of `x`: once, of the step forward. */
static void check_epsilon(Model *model, const Step *step, const Tensor *x, double epsilon) {
    if (epsilon <= ldexp(1, EPSILON_BITS) || step->phase != PHASE_FORWARD)
        return;
    double eps = step_real(step, "real_epsilon");
    diag_error(model, step->place,
               "eps = %.3g is out of reach of the squares of '%s' at shift %d", eps, x->name,
               x->format->shift);
    diag_help(model, "an eps of %.3g is the largest, or a smaller shift is needed",
              ldexp(eps / epsilon, EPSILON_BITS));
}

void norm_settle_square(Model *model, Step *step, const Tensor *x, int64_t n, bool centered) {
    int up = mean_shift(n), center = center_shift(x, n, centered);
    double epsilon = ldexp(step_real(step, "real_epsilon"), 2 * (x->format->shift + center) + up);
    elementwise_settle(model, step);
    if (is_float(model))
        return;
    check_epsilon(model, step, x, epsilon);
    if (centered)
        step_integer(model, step, "center_up", center);
    step_integer(model, step, "mean_up", up);
    step_integer(model, step, "epsilon", llround(fmin(fmax(epsilon, 1), ldexp(1, EPSILON_BITS))));
}

/* |z| <= sqrt(square) before the root is off, by less than 1 of 2^28. */
void norm_settle(Model *model, Step *step, bool centered) {
    const Tensor *x = step->in[0];
    int up = mean_shift(width_of(step));
    norm_settle_square(model, step, x, width_of(step), centered);
    int64_t worst = (INT64_C(1) << ROOT_SHIFT) + (INT64_C(1) << (ROOT_SHIFT - 28));
    prove_value(model, step, worst, ROOT_SHIFT - up / 2);
    cast_out(model, step, ROUND_NEAREST);
    if (centered && !is_float(model))
        step_scratch(model, step, "centered", TYPE_I32, width_of(step));
}

int norm_settle_rate(Model *model, Step *step, const Tensor *x, int64_t n, bool centered, int bits,
                     int spare) {
    double spread = centered && x->non_negative ? spread_of_magnitudes : 1;
    int up = mean_shift(n), shift = x->format->shift + center_shift(x, n, centered);
    double root = fmax(ldexp(spread * x->typical, shift + up / 2), 1);
    int down = ceil_log2(ldexp(1 / root, ROOT_SHIFT)) - (bits - spare);
    step_integer(model, step, "rate_down", down);
    step_integer(model, step, "rate_most", INT64_C(1) << bits);
    return ROOT_SHIFT - up / 2 - shift - down;
}

/* |along * u| <= sqrt(n) * |e| by the Cauchy-Schwarz inequality, and the mean of e is at most |e|:
 * twice that is more than roundings add. */
static int64_t most_left(const Step *step, int64_t n, int extra) {
    int64_t parts = 2 * (int64_t)ceil(sqrt((double)n)) + 3;
    return bound_shift(bound_multiply(parts, step->in[0]->bound), extra);
}

/* Of the sum of e * u: at most n * |e|, and by the same inequality sqrt(n) * |e|, of which
 * roundings of u make at most twice as much; its mean in units of 2^-mean_up, four times that. */
static int64_t most_along(const Step *step, int64_t n) {
    int64_t terms = 8 * (int64_t)ceil(sqrt((double)n));
    return bound_multiply(n < terms ? n : terms, step->in[0]->bound);
}

void norm_error_settle_of(Model *model, Step *step, int64_t n, bool centered) {
    const Tensor *e_y = step->in[0], *x = step->in[1];
    int extra = e_y->format->bits > WIDE ? 0 : EXTRA_BITS;
    norm_settle_square(model, step, x, n, centered);
    if (is_float(model)) {
        prove_value(model, step, 0, 0);
        return;
    }
    int64_t most = most_left(step, n, extra);
    int bits = norm_room_for(most, SLOPE_BITS);
    int rate_shift = norm_settle_rate(model, step, x, n, centered, bits, LARGER_SLOPES);
    step_integer(model, step, "unit_bits", norm_room_for(most_along(step, n), UNIT_BITS));
    step_integer(model, step, "extra", extra);
    prove_value(model, step, bound_shift(most, bits), e_y->format->shift + extra + rate_shift);
    cast_out(model, step, error_rounding(model));
}

void norm_error_settle(Model *model, Step *step, bool centered) {
    norm_error_settle_of(model, step, width_of(step), centered);
    if (!is_float(model))
        step_scratch(model, step, "unit", TYPE_I32, width_of(step));
}

/* ---- the graph ------------------------------------------------------------------------------- */

static void put_constants(Model *model, Step *step, int64_t width, double epsilon) {
    step_integer(model, step, "width", width);
    step_reals(model, step, "real_epsilon", &epsilon, 1);
}

void norm_grad(Model *model, Step *step, const StepKind *kind) {
    Tensor *x = step->in[0], *e_x = error_new(model, x);
    Step *back = step_with(model, kind, PHASE_BACKWARD, step,
                           (Tensor *[]){step->out[0]->error, x}, e_x);
    put_constants(model, back, width_of(step), step_real(step, "real_epsilon"));
    contribute(model, x, e_x);
}

Tensor *norm_build(Model *model, const Call *call, const StepKind *kind, int least) {
    const Tensor *x = call->argument[0].tensor;
    int64_t width = shape_last(x->shape);
    if (!width_fits(model, call, least, MAX_NORM))
        return NULL;
    Tensor *y = elementwise_build(model, call, kind);
    put_constants(model, y->producer, width, call->argument[1].number);
    return y;
}
