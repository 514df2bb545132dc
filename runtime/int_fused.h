/* int_fused.h - a row's gradient, momentum and update in one pass, where vectors have 64 bytes:
 * gradients stay in registers, and their products overlap the reading of weights. For `--tiles`.
 *
 * The integers are those of the steps' plain C, for masters of 32 bits, where nothing is drawn.
 * intc has proved that master - v fits 32 bits, and leaves room for the rounding that follows. */
#ifndef INT_FUSED_H
#define INT_FUSED_H

#include "int_kernels.h"

/* ---- gradient and update of a row at once ---------------------------------------------------- */

/* u is a gradient times `rate` * 2^-rate_shift; momentum loses its 2^-loss_shift-th part, and is
 * clamped to `most` unless that is 0; a master is clamped to `bound`, and its storage copy has
 * `quant_shift` bits less. `halves` says how u is computed (int_fused_16.h). */
typedef struct {
    int32_t rate, most, bound;
    int rate_shift, loss_shift, quant_shift, halves;
} IntUpdate;

/* Tests that look at gradients have them in memory. */
#if INT_VECTOR == 64 && !defined INT_TRACE
enum { INT_FUSED = 1 };

/* The same everywhere in a vector. */
typedef struct {
    IntVector rate, loss, half_loss, quant, half_quant;
} IntFactors;

INT_INLINE IntFactors int_v_factors(const IntUpdate *update)
{
    const IntFactors f = {int_v_repeat(update->rate), int_v_repeat(update->loss_shift),
                          int_v_repeat(1 << (update->loss_shift - 1)),
                          int_v_repeat(update->quant_shift),
                          int_v_repeat(1 << (update->quant_shift - 1))};
    return f;
}

/* `blocks` vectors of a row's gradient, 8 or 1, as in int_v_gradient_columns. */
INT_INLINE void int_v_gradient_sums(IntVector v[8], const IntGroups *list, const uint32_t *x,
                                    size_t inputs, size_t blocks, int kind)
{
    INT_UNROLL
    for (size_t n = 0; n < blocks; ++n)
        v[n] = int_v_repeat(0);
    for (size_t t = 0; t < list->count; ++t) {
        const IntVector errors = int_v_repeat((int32_t)list->errors[t]);
        INT_UNROLL
        for (size_t n = 0; n < blocks; ++n)
            v[n] = int_v_dot(v[n], int_v_load(x + list->group[t] * inputs + 16 * n), errors, kind);
    }
}

/* What momentum keeps of itself. */
INT_INLINE IntVector int_v_kept(const int32_t *momentum, const IntFactors *f)
{
    const IntVector old = int_v_load(momentum);
    return _mm512_sub_epi32(old, _mm512_srav_epi32(int_v_add(old, f->half_loss), f->loss));
}

/* 16 weights move by v; returns what of them is stored, before it is clamped. */
INT_INLINE IntVector int_v_move(int32_t *master, int32_t *momentum, IntVector v,
                                const IntFactors *f)
{
    const IntVector w = _mm512_sub_epi32(int_v_load(master), v);
    int_v_store(momentum, v);
    int_v_store(master, w);
    return _mm512_srav_epi32(int_v_add(w, f->half_quant), f->quant);
}

/* Weights lie within their bound nearly always. Where one does not, all of the row are clamped. */
INT_FUNCTION void int_clamp_masters(int32_t *master, size_t count, int32_t bound)
{
    for (size_t k = 0; k < count; ++k)
        master[k] = int_clamp(master[k], -bound, bound);
}
#else
enum { INT_FUSED = 0 };
#endif

#endif
