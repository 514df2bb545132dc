/* init.c - the first values of a parameter: uniform in +- bound, or zeros; drawn in integers.
 *
 *     master = ((r * (2 * bound + 1)) >> 32) - bound       r: 32 bits of the row's stream
 *
 * Every precision draws the same integers at the same shift, so that every build of a model starts
 * from the same weights. Uniform He and Xavier bounds: He et al. 2015, Glorot and Bengio 2010. */
#include "../optimizers/optimizer.h"

#include <math.h>

enum { MOST_DRAWN = (1 << 29) - 1 };

static void init_settle(Model *model, Step *step) {
    const Tensor *master = step->out[0], *storage = step->out[1];
    int64_t elements = shape_elements(master->shape);
    int64_t bound = llround(ldexp(step->in[0]->init_bound, master->init_shift));
    int64_t most = is_float(model) ? MOST_DRAWN : master->bound;
    if (bound > most)
        bound = most;
    step_integer(model, step, "row", step->in[0]->row_elements);
    step_integer(model, step, "rows", elements / step->in[0]->row_elements);
    step_integer(model, step, "init_bound", bound);
    step_integer(model, step, "init_shift", master->init_shift);
    step_integer(model, step, "span", 2 * bound + 1);
    step_integer(model, step, "site", bound > 0 ? step->cast.site : -1);
    settle_kept(model, step, step->in[0]);
    if (storage)
        step_integer(model, step, "quant_shift", master->format->shift - storage->format->shift);
}

const StepKind init_step = {.name = "init",
                            .in_roles = {"parameter"},
                            .out_roles = {"master", "storage"},
                            .settle = init_settle};
