/* encode.c - from the caller's raw integers to values: q = (raw * multiplier - offset) >> shift.
 *
 * The constants of the encoding become integers here, once. A multiplier has at most 15 bits, so
 * that its product with 16 raw bits fits 32. */
#include "encode.h"

#include <math.h>
#include <stdlib.h>

enum { MULTIPLIER_BITS = 15, CONSTANT_BITS = 30 };

static double largest_constant(const Encoding *encoding) {
    int64_t count = encoding->per_feature ? encoding->features : 1;
    double most = 0;
    for (int64_t i = 0; i < count; ++i)
        most = fmax(most, fmax(encoding->scale[i], fabs(encoding->offset[i])));
    return most;
}

/* At a shift as fine as 32 bits allow, an offset far from zero would not fit its constant. */
static void leave_room_for_constants(Model *model, Tensor *values, const Encoding *encoding) {
    Format *format = values->format;
    double span = fmin(values->limit, format->span_factor * encoding->typical);
    int bits = CONSTANT_BITS - ceil_log2(largest_constant(encoding)) + ceil_log2(span);
    if (is_float(model) || format->type != TYPE_I32 || bits < 2 || bits >= 29)
        return;
    format->bits = bits;
    format->narrowed = arena_print(model->arena, "%d bits, so that the constants of %s fit i32",
                                   bits, encoding->name);
}

static void encode_typical(Model *model, Step *step) {
    const Encoding *encoding = step->in[0]->encoding;
    Tensor *values = step->out[0];
    format_new(model, values, model->settings.precision.activations,
               headroom_of(model, "inputs", values));
    values->limit = fmax(-encoding->least, encoding->most);
    values->non_negative = encoding->least >= 0;
    typical_set(model, values, encoding->typical, "%s", encoding->reason);
    leave_room_for_constants(model, values, encoding);
}

/* The largest shift at which multipliers have at most MULTIPLIER_BITS bits and offsets 30. */
static int constants_shift(const Encoding *encoding, int64_t count, int value_shift) {
    int shift = 40;
    for (int64_t i = 0; i < count; ++i) {
        int scale_bits = ceil_log2(ldexp(encoding->scale[i], value_shift));
        int offset_bits = ceil_log2(ldexp(fabs(encoding->offset[i]), value_shift));
        if (shift > MULTIPLIER_BITS - scale_bits)
            shift = MULTIPLIER_BITS - scale_bits;
        if (encoding->offset[i] != 0 && shift > 30 - offset_bits)
            shift = 30 - offset_bits;
    }
    return shift < 0 ? 0 : shift;
}

/* multiplier and offset with their common factors of two removed: byte/256 becomes a mere shift. */
static int reduce(int64_t *multiplier, int64_t *offset, int64_t count, int shift) {
    for (; shift > 0; --shift) {
        for (int64_t i = 0; i < count; ++i)
            if (multiplier[i] % 2 != 0 || offset[i] % 2 != 0)
                return shift;
        for (int64_t i = 0; i < count; ++i) {
            multiplier[i] /= 2;
            offset[i] /= 2;
        }
    }
    return shift;
}

/* The largest magnitude, and whether any value is negative, over all raw integers and features. */
static void find_reach(EncodingConstants *constants, Type raw, const int64_t *multiplier,
                       const int64_t *offset, int64_t count) {
    int64_t most = bound_shift(1, type_magnitude_bits(raw)), below = raw == TYPE_U8 ? 0 : most;
    for (int64_t i = 0; i < count; ++i) {
        int64_t value = bound_add(bound_multiply(most, multiplier[i]), llabs(offset[i]));
        if (value > constants->worst_case)
            constants->worst_case = value;
        constants->negative |= -bound_multiply(below, multiplier[i]) < offset[i];
    }
}

/* The constant at this shift, rounded; 0 and `fits` false if it has more than 31 bits. */
static int64_t constant_at(double value, int shift, bool *fits) {
    double scaled = ldexp(value, shift);
    *fits &= fabs(scaled) <= INT32_MAX;
    return *fits ? llround(scaled) : 0;
}

EncodingConstants encoding_constants(Model *model, Step *step, const Encoding *encoding,
                                     int value_shift) {
    EncodingConstants constants = {0};
    int64_t count = encoding->per_feature ? encoding->features : 1;
    int64_t *multiplier = arena_alloc(model->arena, (size_t)count * sizeof *multiplier);
    int64_t *offset = arena_alloc(model->arena, (size_t)count * sizeof *offset);
    int shift = constants_shift(encoding, count, value_shift);
    bool fits = true;
    for (int64_t i = 0; i < count; ++i) {
        multiplier[i] = constant_at(encoding->scale[i], value_shift + shift, &fits);
        offset[i] = constant_at(encoding->offset[i], value_shift + shift, &fits);
    }
    if (!fits)
        diag_error(model, step->place, "the constants of '%s' at shift %d exceed 31 bits",
                   encoding->name, value_shift);
    constants.shift = reduce(multiplier, offset, count, shift);
    step_integers(model, step, "multiplier", multiplier, count);
    step_integers(model, step, "offset", offset, count);
    find_reach(&constants, encoding->raw, multiplier, offset, count);
    return constants;
}

static void encode_settle(Model *model, Step *step) {
    const Encoding *encoding = step->in[0]->encoding;
    int64_t count = encoding->per_feature ? encoding->features : 1;
    step_integer(model, step, "elements", encoding->features);
    step_integer(model, step, "per_feature", encoding->per_feature);
    if (is_float(model)) {
        step_reals(model, step, "multiplier", encoding->scale, count);
        step_reals(model, step, "offset", encoding->offset, count);
        prove_value(model, step, 0, 0);
        return;
    }
    int value_shift = step->out[0]->format->shift;
    EncodingConstants constants = encoding_constants(model, step, encoding, value_shift);
    prove_value(model, step, constants.worst_case, value_shift + constants.shift);
    cast_out(model, step, ROUND_NEAREST);
    if (constants.negative && step->out[0]->non_negative) /* raw integers below the least value */
        step->cast.saturate = true;
}

const StepKind encode_step = {.name = "encode",
                              .in_roles = {"raw"},
                              .out_roles = {"values"},
                              .typical = encode_typical,
                              .settle = encode_settle};
