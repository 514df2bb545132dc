"""Parameters: their first values, and the optimizers, a row at a time."""
from integers import BITS, clamp, fits, inverse_root_of, nearest, require, stochastic


def first_row(machine, step, row):
    """Uniform in +- init_bound: 32 bits a value, the low half of each word first."""
    if step["site"] < 0:
        return [0] * step["row"]
    draws = machine.streams.draws(0, step["site"], row, 32, step["row"])
    return [(draw * step["span"] >> 32) - step["init_bound"] for draw in draws]


def stored(step, master):
    """What the storage copy keeps of a row of the master."""
    if step["signs"]:
        return [(w > 0) - (w < 0) for w in master]
    return [nearest(w, step["quant_shift"]) for w in master]


def init(machine, step):
    rows = [first_row(machine, step, row) for row in range(step["rows"])]
    step.outputs["master"].store(rows)
    if "storage" in step.outputs:
        step.outputs["storage"].store([stored(step, row) for row in rows])


def sgd_u(machine, step, row, gradient):
    """clamp(gradient) * rate, rounded once to the shift of v."""
    clip, shift = step["clip"], step["rate_shift"]
    rate = step["rate"] * machine.rate_factor
    bits = BITS[step["product_type"]]
    if clip:
        gradient = [clamp(g, -clip, clip) for g in gradient]
    product = [g * rate for g in gradient]
    require(max(map(abs, product)) <= step["product_worst_case"],
            "gradient * rate exceeds its bound")
    if step["rate_site"] >= 0:
        fits(bits, [max(map(abs, product)) + (1 << shift)], "rounding gradient * rate")
    return step.cast.apply(fits(bits, product, "gradient * rate"),
                           machine.draws(step.cast, row, len(product)))


def sgd_v(step, v, u):
    """v - v * loss + u; u alone where there is no momentum."""
    lost = [nearest(value * step["loss_multiplier"], step["loss_shift"]) for value in v]
    v = fits(32, [a - b + c for a, b, c in zip(v, lost, u)], "momentum")
    bound = step["v_clamp"]
    return [clamp(value, -bound, bound) for value in v] if bound else v


def site_draws(machine, step, name, row, count):
    """The draws of a site of an update; None where it rounds otherwise."""
    if step[name + "_site"] < 0:
        return None
    return machine.streams.draws(machine.step, step[name + "_site"], row, step[name + "_field"],
                                 count)


def moved_weights(step, w, change):
    """w - w * 2^-decay - change, in the bounds of the master."""
    if step["decay_shift"]:
        w = [value - nearest(value, step["decay_shift"]) for value in w]
    bound = step["master_bound"]
    moved = fits(32, [a - b for a, b in zip(w, change)], "the master")
    return [clamp(value, -bound, bound) for value in moved]


def sgd_w(machine, step, row, w, v):
    draws = site_draws(machine, step, "apply", row, len(v))
    if draws:
        v = [stochastic(value, step["apply_shift"], r) for value, r in zip(v, draws)]
    return moved_weights(step, w, v)


def sgd_row(machine, step, row):
    u = sgd_u(machine, step, row, step.rows("gradient")[row])
    momentum = step.inputs.get("momentum")
    v = sgd_v(step, momentum.rows[row], u) if momentum else u
    ahead = sgd_v(step, v, u) if step.op == "nesterov" and momentum else v
    return [v], sgd_w(machine, step, row, step.rows("master")[row], ahead)


def moves(step, row):
    """Of a table, only rows whose gradient is not zero."""
    return not step["sparse"] or any(step.rows("gradient")[row])


def rest(step, row):
    states = [name for name, tensor in step.outputs.items() if tensor.kind == "state"]
    return [step.rows(name)[row] for name in states], step.rows("master")[row]


def update(row_of):
    """An update whose `row_of` gives the new rows of the states, and that of the master."""
    def run(machine, step):
        rows = [(row_of(machine, step, row) if moves(step, row) else rest(step, row))
                for row in range(step["rows"])]
        states = [tensor for tensor in step.outputs.values() if tensor.kind == "state"]
        for i, state in enumerate(states):
            state.store([made[i] for made, _ in rows])
        step.outputs["master"].store([w for _, w in rows])
        if "storage" in step.outputs:
            storage = step.outputs["storage"]
            storage.store([stored(step, w) if moves(step, row)
                           else storage.rows[row] for row, (_, w) in enumerate(rows)])
    return run


def moment_of(step, row):
    """The gradient, clipped and cast to the format of a moment."""
    clip, gradient = step["clip"], step.rows("gradient")[row]
    if clip:
        gradient = [clamp(g, -clip, clip) for g in gradient]
    return step.cast.apply(step.accumulator.check_all(gradient))


def mean_of(step, name, means, values):
    """means + (values - means) * loss"""
    away = fits(32, [v - m for v, m in zip(values, means)], "the distance to a mean")
    return [m + nearest(a * step[name + "_multiplier"], step[name + "_shift"])
            for m, a in zip(means, away)]


def rates_of(machine, step):
    shift = machine.settings["rate_factor_shift"]
    return [step[name] * machine.rate_factor >> shift for name in ("rate", "decay")]


def directed(machine, step, row, directions, correction=None):
    """w - cast(direction * rate + w * decay)"""
    w, shift = step.rows("master")[row], step["rate_shift"]
    rate, decay = rates_of(machine, step)
    if correction is not None:
        rate = rate * correction >> 15
    change = [q * rate + (nearest(v * decay, step["decay_down"]) if step["decay"] else 0)
              for q, v in zip(directions, w)]
    require(max(map(abs, change)) <= step["step_worst_case"], "a change exceeds its worst case")
    draws = site_draws(machine, step, "apply", row, len(w))
    change = [stochastic(c, shift, r) for c, r in zip(change, draws)] if draws else \
        [nearest(c, shift) for c in change]
    most = step["apply_clamp"]
    if most:
        change = [clamp(c, -most, most) for c in change]
    return moved_weights(step, w, fits(32, change, "a change"))


def over_root(m, v, shift):
    """m / sqrt(v) * 2^(31 - shift) by the table of reciprocal roots; 15 bits of m are left."""
    half = (32 - v.bit_length()) // 2
    normal = v << 2 * half
    root = inverse_root_of(normal)
    return clamp(nearest(m, shift - half), -32767, 32767) * root


def adam_correction(machine, step):
    table, t = step["correction_table"], machine.step + 1 & 0xFFFFFFFF
    doublings = max(0, t.bit_length() - 4)
    at, rest = 8 * doublings + (t >> doublings), t & ((1 << doublings) - 1)
    value = table[-1]
    if at < len(table) - 1:
        value = table[at] + ((table[at + 1] - table[at]) * rest >> doublings)
    step.outputs["correction"].store([[value]])


def squares_of(machine, step, row, roots):
    """squares + (roots^2 - squares) * loss, rounded stochastically."""
    squares, shift = step.rows("square")[row], step["square_shift"]
    away = fits(32, [r * r - v for r, v in zip(roots, squares)], "the distance to a mean square")
    away = [a * step["square_multiplier"] for a in away]
    draws = site_draws(machine, step, "square", row, len(roots)) or [0] * len(roots)
    return [v + stochastic(a, shift, r) for v, a, r in zip(squares, away, draws)]


def ratios_of(step, means, squares):
    return [nearest(over_root(m, v + step["epsilon"], step["ratio_shift"]), step["ratio_down"])
            for m, v in zip(means, squares)]


def adam_row(machine, step, row):
    gradient = moment_of(step, row)
    means = mean_of(step, "mean", step.rows("momentum")[row], gradient)
    squares = squares_of(machine, step, row, [nearest(g, step["moment_bits"]) for g in gradient])
    correction = step.rows("correction")[0][0]
    return [means, squares], directed(machine, step, row, ratios_of(step, means, squares),
                                      correction)


def rmsprop_row(machine, step, row):
    gradient = moment_of(step, row)
    squares = squares_of(machine, step, row, [nearest(g, step["moment_bits"]) for g in gradient])
    return [squares], directed(machine, step, row, ratios_of(step, gradient, squares))


def sign_sgd_row(machine, step, row):
    means, made = moment_of(step, row), []
    if "momentum" in step.inputs:
        means = mean_of(step, "mean", step.rows("momentum")[row], means)
        made = [means]
    return made, directed(machine, step, row, [(m > 0) - (m < 0) for m in means])


UPDATES = {
    "init": init,
    "sgd": update(sgd_row),
    "nesterov": update(sgd_row),
    "sign_sgd": update(sign_sgd_row),
    "adam": update(adam_row),
    "adam_correction": adam_correction,
    "rmsprop": update(rmsprop_row),
}
