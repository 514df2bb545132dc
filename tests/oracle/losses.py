"""Losses: the errors of the answers, and what is added to the loss and to the right answers."""
from integers import clamp, exp2, nearest, require
from forward import constants, pieces, tanh_of


def log2(total, table):
    """log2(total / 2^15) in 15 bits: the table read backwards."""
    whole_part, index = 1, 0
    while total >= 65536:
        total, whole_part = total >> 1, whole_part + 1
    total >>= 1
    while index < 31 and table[index + 1] >= total:
        index += 1
    rest = ((table[index] - total) << 10) // (table[index] - table[index + 1])
    return (whole_part << 15) - ((index << 10) + rest)


def best_of(values):
    """The largest, the first of equal ones."""
    return max(range(len(values)), key=lambda i: (values[i], -i))


def weighted(step, target, g, loss):
    """Errors and loss of a sample, times its class's weight, if any, and the loss's factor."""
    weight = step["weights"][target] if step["real_weights"] else 1
    return [error * weight for error in g], loss * weight >> step["weight_shift"]


def softmax_error(z, right, step):
    """The error of one sample in 15 bits, and its loss in 16."""
    table, bits = step["exp2_table"], step["fraction_bits"]
    times = [(max(z) - v) * step["log2e"] for v in z]
    powers = [exp2(t, bits, table) for t in times]
    total = sum(powers)
    require(max(times) < 1 << 32 and total < 1 << 32, "softmax leaves 32 bits")
    reciprocal = (1 << 31) // total
    g = [(power * reciprocal + 0x8000) >> 16 for power in powers]
    g[right] -= sum(g)
    loss = log2(total, table) + (times[right] >> (bits - 15))
    return g, loss * step["ln2"] >> 15


def cross_entropy(machine, step):
    result = []
    for i, (row, targets) in enumerate(zip(step.rows("logits"), step.rows("target"))):
        errors = []
        for z, target in zip(pieces(row, step["classes"]), targets):
            if target >= step["classes"]:
                errors += [0] * len(z)
                continue
            machine.told += step["counts"]
            g, loss = weighted(step, target, *softmax_error(z, target, step))
            machine.correct += step["counts"] * (best_of(z) == target)
            machine.loss += loss
            errors += g
        step.accumulator.check_all(errors)
        result.append(step.cast.apply(errors, machine.draws(step.cast, i, len(errors))))
    step.outputs["error"].store(result)


def wanted(step, y, target):
    """The target in the format of the output."""
    if step["classes"]:
        return [step["one"] if i == target[0] else 0 for i in range(len(y))]
    multiplier = constants(step, "multiplier", len(y))
    offset = constants(step, "offset", len(y))
    bound = step["target_bound"]
    return [clamp(nearest(raw * m - o, step["target_shift"]), -bound, bound)
            for raw, m, o in zip(target, multiplier, offset)]


def squares_loss(step, squares):
    squares = min(squares, step["squares_most"] or squares) * step["loss_factor"]
    require(squares < 1 << 48 + step["loss_shift"], "the loss leaves 48 bits")
    return squares >> step["loss_shift"]


def difference_loss(element):
    """A loss of the difference d of output and goal; `element` gives its error and its loss."""
    def run(machine, step):
        result = []
        for i, (y, target) in enumerate(zip(step.rows("output"), step.rows("target"))):
            goals = wanted(step, y, target)
            if step["classes"]:
                machine.correct += step["counts"] * (best_of(y) == target[0])
            pairs = [element(step, v - goal, goal) for v, goal in zip(y, goals)]
            loss = squares_loss(step, sum(part for _, part in pairs))
            g, loss = weighted(step, target[0], [error for error, _ in pairs], loss)
            machine.loss += loss
            step.accumulator.check_all(g)
            result.append(step.cast.apply(g, machine.draws(step.cast, i, len(g))))
        step.outputs["error"].store(result)
    return run


def mse(step, d, goal):
    return d, d * d


def mae(step, d, goal):
    return ((d > 0) - (d < 0)) * 32768, abs(d)


def huber(step, d, goal):
    near = min(abs(d), step["delta"])
    return clamp(d, -step["delta"], step["delta"]), near * (2 * abs(d) - near)


def hinge(step, d, goal):
    """The goal is 1 or 0: -1 for the others is one less."""
    short_of = -d if goal else d + step["one"]
    return 0 if short_of <= 0 else -32768 if goal else 32768, max(short_of, 0)


def binary_cross_entropy(machine, step):
    table, bits, result = step["exp2_table"], step["fraction_bits"], []
    for i, (z, target) in enumerate(zip(step.rows("logits"), step.rows("target"))):
        g, loss = [], 0
        for k, logit in enumerate(z):
            yes = k == target[0]
            power = exp2(abs(logit) * step["log2e"], bits, table)
            g.append(32768 + tanh_of(step, logit) - 65536 * yes)
            loss += (log2(32768 + power, table) if power else 0) * step["ln2"] >> 15
            loss += (max(-logit if yes else logit, 0) << 16) >> step["logits_shift"]
        machine.correct += step["counts"] * (best_of(z) == target[0])
        g, loss = weighted(step, target[0], g, loss)
        machine.loss += loss
        step.accumulator.check_all(g)
        result.append(step.cast.apply(g, machine.draws(step.cast, i, len(g))))
    step.outputs["error"].store(result)


LOSSES = {
    "cross_entropy": cross_entropy,
    "mse": difference_loss(mse),
    "mae": difference_loss(mae),
    "huber": difference_loss(huber),
    "hinge": difference_loss(hinge),
    "binary_cross_entropy": binary_cross_entropy,
}
