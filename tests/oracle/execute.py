"""Executes a shift schedule: init, forward, loss, backward and update, in unbounded integers.

It knows the schedule's JSON (docs/schedule.md) and nothing else of intc. Every tensor is a list of
rows: one row for each sample of the batch, or for each output unit of a parameter. While it
computes it holds the schedule to its word and raises Broken where it does not keep it:

    Accumulator   no sum, in whatever order it is added up, exceeds `worst_case`
    Cast          bits are dropped and values saturate only as the cast says
    Tensor        every stored value is within `bound`, and that within the type

and before anything runs, check_promises() derives each worst case anew from the operands' bounds.
"""
import collections
import itertools
import math
import operator

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}


class Broken(Exception):
    """The schedule promised something that does not hold."""


def require(holds, text, *values):
    if not holds:
        raise Broken(text % values)


def type_most(name):
    """The largest magnitude of a type. Stored values are symmetric; raw inputs are not."""
    return (1 << int(name[1:])) - 1 if name[0] == "u" else (1 << (int(name[1:]) - 1)) - 1


# ---- rounding ------------------------------------------------------------------------------------

def nearest(value, shift):
    """value / 2^shift, halves upwards."""
    return (value + (1 << shift >> 1)) >> shift


def stochastic(value, shift, draw):
    """value / 2^shift, upwards with the probability of the fraction."""
    return (value + (draw & ((1 << shift) - 1))) >> shift


def clamp(value, lo, hi):
    return lo if value < lo else hi if value > hi else value


def dot(left, right):
    return sum(map(operator.mul, left, right))


def magnitude(left, right):
    """What a sum of products can reach on its way, in any order."""
    return sum(map(abs, map(operator.mul, left, right)))


# ---- random streams ------------------------------------------------------------------------------

def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def words(state):
    """XorShift64: the states that follow `state`."""
    while True:
        state ^= (state << 13) & MASK
        state ^= state >> 7
        state ^= (state << 17) & MASK
        yield state


class Streams:
    """A stream of its own for each seed, step of the training, site and row."""

    def __init__(self, seed):
        self.key = mix((seed + GOLDEN) & MASK)

    def words(self, step, site, row):
        site_key = mix(self.key ^ ((step << 32) | site))
        return words(mix((site_key + GOLDEN * (row + 1)) & MASK) or 0xC0FFEE)

    def draws(self, step, site, row, field, count):
        """`count` draws of `field` bits: the low bits of a word serve first."""
        source, drawn = self.words(step, site, row), []
        while len(drawn) < count:
            word = next(source)
            drawn += [(word >> at) & ((1 << field) - 1) for at in range(0, 64, field)]
        return drawn[:count]


# ---- what the schedule says ----------------------------------------------------------------------

class Tensor:
    def __init__(self, entry, batch):
        self.name, self.kind, self.type = entry["name"], entry["kind"], entry["type"]
        self.shift, self.bound = entry["shift"], entry["bound"]
        self.lo = 0 if entry["non_negative"] else -self.bound
        self.batched, self.classes = entry["batched"], entry.get("classes", 0)
        self.shape, self.elements = entry["shape"], 1
        for size in self.shape:
            self.elements *= size
        self.samples = batch if self.batched else 1
        self.rows = None  # the values

    def store(self, rows):
        for row in rows:
            require(self.lo <= min(row) and max(row) <= self.bound,
                    "%s stores %d..%d, outside %d..%d", self.name, min(row), max(row), self.lo,
                    self.bound)
        self.rows = rows

    def flat(self):
        return list(itertools.chain.from_iterable(self.rows))


class Accumulator:
    def __init__(self, entry):
        self.type, self.shift = entry["type"], entry["shift"]
        self.worst_case, self.headroom_bits = entry["worst_case"], entry["headroom_bits"]
        self.attained = 0

    def check(self, reached):
        """`reached`: a magnitude that the sum has, or may have on its way."""
        self.attained = max(self.attained, reached)
        require(reached <= self.worst_case, "the accumulator reaches %d, its worst case is %d",
                reached, self.worst_case)

    def check_all(self, values):
        self.check(max(max(values), -min(values)))
        return values


class Cast:
    def __init__(self, entry):
        self.shift, self.rounding = entry["shift"], entry["rounding"]
        self.saturate, self.lo, self.hi = entry["saturate"], entry["lo"], entry["hi"]
        self.site, self.field = entry["site"], entry["field_bits"]

    def rounded(self, values, draws):
        if self.rounding == "stochastic":
            return [stochastic(v, self.shift, r) for v, r in zip(values, draws)]
        if self.rounding == "nearest":
            return [nearest(v, self.shift) for v in values]
        if self.rounding == "floor":
            return [v >> self.shift for v in values]
        if self.rounding == "scale":
            return self.scaled(values)
        require(self.rounding == "exact" and self.shift == 0, "cast %s by %d", self.rounding,
                self.shift)
        return values

    def scaled(self, values):
        """Clamped before the multiplication, so that it cannot overflow."""
        most = self.hi >> -self.shift
        require(self.saturate or max(map(abs, values)) <= most, "a cast clamps before it scales, "
                "and does not say so")
        return [clamp(v, -most, most) << -self.shift for v in values]

    def apply(self, values, draws=None):
        values = self.rounded(values, draws)
        if self.saturate:
            return [clamp(v, self.lo, self.hi) for v in values]
        require(self.lo <= min(values) and max(values) <= self.hi,
                "a cast gives %d..%d, saturates outside %d..%d, and does not say so", min(values),
                max(values), self.lo, self.hi)
        return values


class Step:
    def __init__(self, entry, tensors):
        self.number, self.op, self.phase = entry["number"], entry["op"], entry["phase"]
        self.inputs = {role: tensors[name] for role, name in entry["inputs"].items()}
        self.outputs = {role: tensors[name] for role, name in entry["outputs"].items()}
        self.attributes = entry["attributes"]
        self.accumulator = Accumulator(entry["accumulator"]) if "accumulator" in entry else None
        self.cast = Cast(entry["cast"]) if "cast" in entry else None

    def __getitem__(self, name):
        return self.attributes[name]

    def rows(self, role):
        return self.inputs[role].rows

    def makes_gradient(self):
        return any(tensor.kind == "gradient" for tensor in self.outputs.values())

    def fail(self, error):
        made = ", ".join(tensor.name for tensor in self.outputs.values())
        raise Broken("step %d (%s -> %s): %s" % (self.number, self.op, made, error)) from None


# ---- operators: forward --------------------------------------------------------------------------

def constants(step, name, elements):
    """An attribute that holds one constant for all features, or one for each."""
    values = step[name]
    return values if step["per_feature"] else values * elements


def encode(machine, step):
    n = step["elements"]
    multiplier, offset = constants(step, "multiplier", n), constants(step, "offset", n)
    result = []
    for row in step.rows("raw"):
        values = [raw * m - o for raw, m, o in zip(row, multiplier, offset)]
        result.append(step.cast.apply(step.accumulator.check_all(values)))
    step.outputs["values"].store(result)


def dense(machine, step):
    weights = step.rows("weights")
    bias = [b << step["bias_shift"] for b in step.rows("bias")[0]] if "bias" in step.inputs \
        else [0] * len(weights)
    result = []
    for x in step.rows("x"):
        step.accumulator.check(max(abs(b) + magnitude(x, w) for b, w in zip(bias, weights)))
        result.append(step.cast.apply([b + dot(x, w) for b, w in zip(bias, weights)]))
    step.outputs["y"].store(result)


def relu(machine, step):
    step.outputs["y"].store([[max(v, 0) for v in row] for row in step.rows("x")])


def leaky_relu(machine, step):
    result = []
    for row in step.rows("x"):
        sloped = step.cast.apply(step.accumulator.check_all(row))
        result.append([v if v > 0 else s for v, s in zip(row, sloped)])
    step.outputs["y"].store(result)


def add(machine, step):
    result = []
    for i, (a, b) in enumerate(zip(step.rows("a"), step.rows("b"))):
        sums = [p * step["a_scale"] + q * step["b_scale"] for p, q in zip(a, b)]
        step.accumulator.check_all(sums)
        result.append(step.cast.apply(sums, machine.draws(step.cast, i, len(sums))))
    step.outputs["y"].store(result)


def window_indices(step):
    """For each window, for each group of channels: where its elements lie in the image; -1: outside."""
    groups = step.attributes.get("channel_groups", 1)
    part = step["channels"] // groups

    def index(y, x, group, channel):
        inside = 0 <= y < step["height"] and 0 <= x < step["width"]
        return (y * step["width"] + x) * step["channels"] + group * part + channel if inside else -1

    return [[[index(r * step["stride"] + i - step["pad_height"],
                    c * step["stride"] + j - step["pad_width"], group, k)
              for i in range(step["kernel_height"]) for j in range(step["kernel_width"])
              for k in range(part)]
             for group in range(groups)]
            for r in range(step["out_height"]) for c in range(step["out_width"])]


def windows(step, image):
    """What lies under each window, group by group: zeros where it is outside."""
    padded = image + [0]
    return [[[padded[i] for i in indices] for indices in window] for window in window_indices(step)]


def conv(machine, step):
    weights, result = step.rows("weights"), []
    bias = [b << step["bias_shift"] for b in step.rows("bias")[0]] if "bias" in step.inputs \
        else [0] * len(weights)
    share = len(weights) // step["channel_groups"]
    for image in step.rows("x"):
        sums = []
        for window in windows(step, image):
            seen = [window[o // share] for o in range(len(weights))]
            step.accumulator.check(max(abs(b) + magnitude(x, w)
                                       for b, x, w in zip(bias, seen, weights)))
            sums += [b + dot(x, w) for b, x, w in zip(bias, seen, weights)]
        result.append(step.cast.apply(sums))
    step.outputs["y"].store(result)


def channel_windows(step):
    """For each window and channel: where its elements lie, in the order of rows and columns."""
    return [[window[0][c::step["channels"]] for c in range(step["channels"])]
            for window in window_indices(step)]


def maxpool(machine, step):
    places = channel_windows(step)
    step.outputs["y"].store([[max(image[i] for i in indices) for window in places
                              for indices in window] for image in step.rows("x")])


def avgpool(machine, step):
    places, result = channel_windows(step), []
    for image in step.rows("x"):
        sums = [sum(image[i] for i in indices) * step["scale"] for window in places
                for indices in window]
        step.accumulator.check(max(sum(abs(image[i]) for i in indices) * step["scale"]
                                   for window in places for indices in window))
        result.append(step.cast.apply(sums))
    step.outputs["y"].store(result)


def image_indices(step):
    """Of the image with its padding: where its elements lie in the image; -1: outside."""
    return [i for window in window_indices(step) for i in window[0]]


def pad(machine, step):
    step.outputs["y"].store([[(x + [0])[i] for i in image_indices(step)] for x in step.rows("x")])


def concat(machine, step):
    result = []
    for a, b in zip(step.rows("a"), step.rows("b")):
        sums = []
        for piece in range(step["pieces"]):
            for role, row in (("a", a), ("b", b)):
                size = step[role + "_piece"]
                sums += [v * step[role + "_scale"] for v in row[piece * size:(piece + 1) * size]]
        result.append(step.cast.apply(step.accumulator.check_all(sums)))
    step.outputs["y"].store(result)


def flatten(machine, step):
    step.outputs["y"].store(step.rows("x"))


def whole(machine, step):
    """round and floor: the cast finds the whole number, which is brought back to the shift."""
    result = []
    for row in step.rows("x"):
        numbers = step.cast.apply(step.accumulator.check_all(row))
        result.append([v * step["one"] for v in numbers])
    step.outputs["y"].store(result)


def sign(machine, step):
    one = step["one"]
    step.outputs["y"].store([[one if v > 0 else -one if v < 0 else 0 for v in row]
                             for row in step.rows("x")])


def heaviside(machine, step):
    one = step["one"]
    step.outputs["y"].store([[one if v > 0 else 0 for v in row] for row in step.rows("x")])


def clip(machine, step):
    step.outputs["y"].store([[clamp(v, step["lo"], step["hi"]) for v in row] for row in step.rows("x")])


def product(left, right, result):
    """The product of two operands, forwards and backwards."""
    def run(machine, step):
        rows = []
        for i, (a, b) in enumerate(zip(step.rows(left), step.rows(right))):
            products = step.accumulator.check_all([p * q for p, q in zip(a, b)])
            rows.append(step.cast.apply(products, machine.draws(step.cast, i, len(a))))
        step.outputs[result].store(rows)
    return run


TANH = [round(32768 * math.tanh(i / 16)) for i in range(129)]


def tanh_of(step, x, reach="reach", up="position_up", down="position_down"):
    """tanh of the position of x, in 15 bits: a table of steps of 1/16 up to 8, a line between them."""
    at = min(abs(x), step[reach]) << step[up] >> step[down]
    index, rest = min(at, 8 << 14) >> 10, min(at, 8 << 14) & 1023
    value = TANH[-1] if index == 128 else TANH[index] + ((TANH[index + 1] - TANH[index]) * rest >> 10)
    return value if x >= 0 else -value


def curve(value_of):
    def run(machine, step):
        step.outputs["y"].store([
            step.cast.apply(step.accumulator.check_all([value_of(step, x) for x in row]))
            for row in step.rows("x")])
    return run


def third(step, x):
    """x * 2^15 / 6 for |x| up to 3."""
    return nearest(clamp(x, -step["reach"], step["reach"]) * 43691, step["third_shift"])


def hardswish_of(step, x):
    return x * clamp(16384 + third(step, x), 0, 32768)


def softmax_of(step, x):
    """The shares of one part in 15 bits."""
    distances = [min(max(x) - v, step["reach"]) << step["position_up"] >> step["position_down"] for v in x]
    times = [d * step["log2e"] for d in distances]
    powers = [exp2(t, step["fraction_bits"], step["exp2_table"]) for t in times]
    require(max(times) < 1 << 32 and sum(powers) < 1 << 32, "softmax leaves 32 bits")
    reciprocal = (1 << 31) // sum(powers)
    return [power * reciprocal + 0x8000 >> 16 for power in powers]


def softmax(machine, step):
    step.outputs["y"].store([
        step.cast.apply(step.accumulator.check_all(
            [share for part in parts_of(step, row) for share in softmax_of(step, part)]))
        for row in step.rows("x")])


def softmax_slopes(step, e, y):
    values = [nearest(v, step["value_down"]) for v in y]
    step.accumulator.check(magnitude(e, values))
    mean = dot(e, values)
    return [(error * step["one"] - mean) * v for error, v in zip(e, values)]


def softmax_backward(machine, step):
    result = []
    for i, (errors, row) in enumerate(zip(step.rows("e_y"), step.rows("y"))):
        products = [p for e, y in zip(parts_of(step, errors), parts_of(step, row)) for p in softmax_slopes(step, e, y)]
        step.accumulator.check_all(products)
        result.append(step.cast.apply(products, machine.draws(step.cast, i, len(products))))
    step.outputs["e_x"].store(result)


def mask(source, result):
    def run(machine, step):
        step.outputs[result].store([[v if c > 0 else 0 for v, c in zip(row, condition)]
                                    for row, condition in zip(step.rows(source), step.rows("condition"))])
    return run


def kept(machine, step, sample, elements):
    """The factor of each element."""
    if step.phase == "forward" and not machine.training:
        return [step["one"]] * elements
    draws = machine.streams.draws(machine.step, step["site"], sample, 16, elements)
    return [0 if draw < step["drop"] else step["scale"] for draw in draws]


def dropout(source, result):
    def run(machine, step):
        rows = []
        for i, x in enumerate(step.rows(source)):
            products = [v * factor for v, factor in zip(x, kept(machine, step, i, len(x)))]
            step.accumulator.check_all(products)
            rows.append(step.cast.apply(products, machine.draws(step.cast, i, len(x))))
        step.outputs[result].store(rows)
    return run


def mean_of_sum(total, count, up):
    """total * 2^up / count, halves upwards."""
    return (2 * (total << up) + count) // (2 * count)


def inverse_root(v):
    """2^61 / sqrt(v): a table, and one step of Newton's."""
    require(0 < v < 1 << 63, "a root of %d", v)
    half = (64 - v.bit_length()) // 2
    normal = v << 2 * half >> 32
    index, rest = (normal >> 25) - 32, normal >> 9 & 0xFFFF
    root = ROOTS[index] - ((ROOTS[index] - ROOTS[index + 1]) * rest >> 16)
    excess = normal * root * root - (1 << 62)
    return (root * 16384 - (root * (excess >> 16) >> 33)) << half


def normalised(step, x):
    """The elements without their mean, where it is taken away, and 2^61 over the root of their mean square."""
    n = step["width"]
    z = list(x)
    if "center_up" in step.attributes:
        mean = mean_of_sum(sum(x), n, step["center_up"])
        z = [(v << step["center_up"]) - mean for v in x]
    fits(32, z, "an element without the mean")
    scale = inverse_root(step["epsilon"] + mean_of_sum(dot(z, z), n, step["mean_up"]))
    return z, scale


def parts_of(step, row):
    """The elements that are normalised together."""
    return [row[i:i + step["width"]] for i in range(0, len(row), step["width"])]


def norm(machine, step):
    result = []
    for row in step.rows("x"):
        products = []
        for part in parts_of(step, row):
            z, scale = normalised(step, part)
            products += [v * scale for v in z]
        result.append(step.cast.apply(step.accumulator.check_all(products)))
    step.outputs["y"].store(result)


def index(machine, step):
    step.outputs["indices"].store([[clamp(raw, 0, step["most"]) for raw in row] for row in step.rows("raw")])


def embed(machine, step):
    table = step.rows("weights")
    step.outputs["y"].store([list(itertools.chain.from_iterable(table[i] for i in row))
                             for row in step.rows("indices")])


def last(machine, step):
    step.outputs["y"].store([row[-step["elements"]:] for row in step.rows("x")])


def pieces(row, size):
    return [row[at:at + size] for at in range(0, len(row), size)]


def check_products(step, reached):
    """Products that are added up apart from the accumulator."""
    require(reached < 1 << (31 if step["products_type"] == "int32_t" else 63),
            "products leave %s", step["products_type"])
    return reached


def rnn(machine, step):
    weights, result = step.rows("weights"), []
    for row in step.rows("p"):
        h, states = [0] * step["units"], []
        for p in pieces(row, step["units"]):
            z = [dot(h, w) * step["products_scale"] + v * step["p_scale"] for w, v in zip(weights, p)]
            for w, v in zip(weights, p):
                reached = check_products(step, magnitude(h, w))
                step.accumulator.check(reached * step["products_scale"] + abs(v) * step["p_scale"])
            h = step.cast.apply([tanh_of(step, v) for v in z])
            states += h
        result.append(states)
    step.outputs["h"].store(result)


def gru_unit(step, sums, p, state):
    """The gates, the inner sum and the new state of one unit, of its three sums and its three inputs."""
    def gate(part):
        z = sums[part] * step["products_scale"] + p[part] * step["p_scale"]
        return min((32768 + tanh_of(step, z)) >> 1, 32767)

    r, z, most = gate(0), gate(1), step["inner_most"]
    c = clamp(nearest(sums[2], step["inner_down"]), -most, most) * step["inner_up"]
    value = nearest(r * c, 15) * step["inner_scale"] + p[2] * step["candidate_scale"]
    fits(64 if step["candidate_width"] else 32, [value, r * c + (1 << 14)], "the candidate")
    n = clamp(tanh_of(step, value, "candidate_reach", "candidate_up", "candidate_down"), -32767, 32767)
    fits(32, [(state - n) * z + (1 << 14)], "the state")
    return r, z, n, c, n + nearest((state - n) * z, 15)


def gru(machine, step):
    weights, units, results = step.rows("weights"), step["units"], ([], [], [])
    for row in step.rows("p"):
        h, state, made = [0] * units, [0] * units, ([], [], [])
        for p in pieces(row, 3 * units):
            for part in 0, 1:
                for w, v in zip(weights[part * units:], p[part * units:(part + 1) * units]):
                    reached = check_products(step, magnitude(h, w)) * step["products_scale"]
                    step.accumulator.check(reached + abs(v) * step["p_scale"])
            sums = [dot(h, w) for w in weights]
            found = [gru_unit(step, sums[i::units], p[i::units], state[i]) for i in range(units)]
            r, z, n, c, state = map(list, zip(*found))
            h = step.cast.apply(state)
            for whole, part in zip(made, (h, r + z + n, c)):
                whole += part
        for result, values in zip(results, made):
            result.append(values)
    for name, result in zip(("h", "gates", "inner"), results):
        step.outputs[name].store(result)


# ---- losses --------------------------------------------------------------------------------------

def exp2(t, fraction_bits, table):
    """2^-t in 15 bits: table, a line between its entries, and the whole part shifts."""
    whole_part = t >> fraction_bits
    fraction = (t & ((1 << fraction_bits) - 1)) >> (fraction_bits - 15)
    index, rest = fraction >> 10, fraction & 1023
    drop = (table[index] - table[index + 1]) * rest >> 10
    return 0 if whole_part > 15 else (table[index] - drop) >> whole_part


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
            machine.told += 1
            g, loss = softmax_error(z, target, step)
            machine.correct += best_of(z) == target
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
    """A loss of the difference d of an output and its goal; `element` gives its error and its loss."""
    def run(machine, step):
        result = []
        for i, (y, target) in enumerate(zip(step.rows("output"), step.rows("target"))):
            goals = wanted(step, y, target)
            if step["classes"]:
                machine.correct += best_of(y) == target[0]
            pairs = [element(step, v - goal, goal) for v, goal in zip(y, goals)]
            g = step.accumulator.check_all([error for error, _ in pairs])
            machine.loss += squares_loss(step, sum(part for _, part in pairs))
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
        g = []
        for k, logit in enumerate(z):
            yes = k == target[0]
            power = exp2(abs(logit) * step["log2e"], bits, table)
            g.append(32768 + tanh_of(step, logit) - 65536 * yes)
            machine.loss += (log2(32768 + power, table) if power else 0) * step["ln2"] >> 15
            machine.loss += (max(-logit if yes else logit, 0) << 16) >> step["logits_shift"]
        machine.correct += best_of(z) == target[0]
        step.accumulator.check_all(g)
        result.append(step.cast.apply(g, machine.draws(step.cast, i, len(g))))
    step.outputs["error"].store(result)


# ---- operators: backward -------------------------------------------------------------------------

def dense_error(machine, step):
    columns = list(zip(*step.rows("weights")))
    result = []
    for i, e in enumerate(step.rows("e_y")):
        step.accumulator.check(max(magnitude(e, w) for w in columns))
        draws = machine.draws(step.cast, i, len(columns))
        result.append(step.cast.apply([dot(e, w) for w in columns], draws))
    step.outputs["e_x"].store(result)


def dense_weight_gradient(machine, step):
    inputs, result = list(zip(*step.rows("x"))), []
    for e in zip(*step.rows("e_y")):
        step.accumulator.check(max(magnitude(e, x) for x in inputs))
        result.append([dot(e, x) for x in inputs])
    step.outputs["gradient"].store(result)


def dense_bias_gradient(machine, step):
    errors = list(zip(*step.rows("e_y")))
    step.accumulator.check(max(sum(map(abs, e)) for e in errors))
    step.outputs["gradient"].store([[sum(e) for e in errors]])


def conv_error(machine, step):
    weights, places, result = step.rows("weights"), window_indices(step), []
    share, outputs = len(weights) // step["channel_groups"], step["out_channels"]
    elements = step.outputs["e_x"].elements
    for i, errors in enumerate(step.rows("e_y")):
        sums, reached = [0] * (elements + 1), [0] * (elements + 1)  # the last one: the padding
        for at, e in enumerate(errors):
            window, o = divmod(at, outputs)
            for k, w in zip(places[window][o // share], weights[o]) if e else ():
                sums[k] += e * w
                reached[k] += abs(e * w)
        step.accumulator.check(max(reached[:-1]))
        result.append(step.cast.apply(sums[:-1], machine.draws(step.cast, i, elements)))
    step.outputs["e_x"].store(result)


def conv_weight_gradient(machine, step):
    outputs = step["out_channels"]
    share = outputs // step["channel_groups"]
    seen = [window for image in step.rows("x") for window in windows(step, image)]
    columns = [list(zip(*[window[group] for window in seen]))
               for group in range(step["channel_groups"])]
    result = []
    for o in range(outputs):
        e = [v for errors in step.rows("e_y") for v in errors[o::outputs]]
        step.accumulator.check(max(magnitude(e, x) for x in columns[o // share]))
        result.append([dot(e, x) for x in columns[o // share]])
    step.outputs["gradient"].store(result)


def conv_bias_gradient(machine, step):
    outputs = step["out_channels"]
    errors = [[v for row in step.rows("e_y") for v in row[o::outputs]] for o in range(outputs)]
    step.accumulator.check(max(sum(map(abs, e)) for e in errors))
    step.outputs["gradient"].store([[sum(e) for e in errors]])


def maxpool_error(machine, step):
    places, result = channel_windows(step), []
    for e_y, x, y in zip(step.rows("e_y"), step.rows("x"), step.rows("y")):
        e_x = [0] * len(x)
        for at, e in enumerate(e_y):
            window, channel = divmod(at, step["channels"])
            e_x[next(i for i in places[window][channel] if x[i] == y[at])] = e
        result.append(e_x)
    step.outputs["e_x"].store(result)


def avgpool_error(machine, step):
    """Elements that are in no window have no error; their draws are left unused."""
    places, result = channel_windows(step), []
    elements = step.outputs["e_x"].elements
    for sample, e_y in enumerate(step.rows("e_y")):
        e_x = [None] * elements
        for at, e in enumerate(e_y):
            window, channel = divmod(at, step["channels"])
            for i in places[window][channel]:
                e_x[i] = e * step["scale"]
        inside = [i for i, v in enumerate(e_x) if v is not None]
        step.accumulator.check_all([e_x[i] for i in inside])
        draws = machine.draws(step.cast, sample, elements)
        values = step.cast.apply([e_x[i] for i in inside], draws and [draws[i] for i in inside])
        row = [0] * elements
        for i, v in zip(inside, values):
            row[i] = v
        result.append(row)
    step.outputs["e_x"].store(result)


def pad_error(machine, step):
    places = image_indices(step)
    result = []
    for e_y in step.rows("e_y"):
        e_x = [0] * (step.outputs["e_x"].elements + 1)
        for i, e in zip(places, e_y):
            e_x[i] = e
        result.append(e_x[:-1])
    step.outputs["e_x"].store(result)


def concat_error(machine, step):
    whole, first = step["whole"], step["offset"]
    step.outputs["e_x"].store([[v for piece in range(step["pieces"])
                                for v in e_y[piece * whole + first:][:step["piece"]]]
                               for e_y in step.rows("e_y")])


def relu_error(machine, step):
    step.outputs["e_x"].store([[e if y > 0 else 0 for e, y in zip(errors, values)]
                               for errors, values in zip(step.rows("e_y"), step.rows("y"))])


def leaky_relu_error(machine, step):
    result = []
    for i, (errors, values) in enumerate(zip(step.rows("e_y"), step.rows("y"))):
        step.accumulator.check_all(errors)
        sloped = step.cast.apply(errors, machine.draws(step.cast, i, len(errors)))
        result.append([e if y > 0 else s for e, y, s in zip(errors, values, sloped)])
    step.outputs["e_x"].store(result)


def clip_error(machine, step):
    step.outputs["e_x"].store([[e if step["lo"] < y < step["hi"] else 0 for e, y in zip(errors, values)]
                               for errors, values in zip(step.rows("e_y"), step.rows("y"))])


def curve_error(slope_of, role):
    """The slope, taken from the operand `role`, times the error."""
    def run(machine, step):
        result = []
        for i, (errors, values) in enumerate(zip(step.rows("e_y"), step.rows(role))):
            products = [e * slope_of(step, v) for e, v in zip(errors, values)]
            step.accumulator.check_all(products)
            result.append(step.cast.apply(products, machine.draws(step.cast, i, len(errors))))
        step.outputs["e_x"].store(result)
    return run


def tanh_slope(step, y):
    v = nearest(y, step["value_down"])
    return nearest(step["one"] ** 2 - v * v, step["slope_down"])


def sigmoid_slope(step, y):
    v = nearest(y, step["value_down"])
    return nearest(v * (step["one"] - v), step["slope_down"])


def hardswish_slope(step, x):
    return 0 if x <= -step["whole"] else 16384 if x >= step["whole"] else 8192 + third(step, x)


def norm_slopes(step, x, e):
    """The error of one part, before the cast."""
    n, extra, bits = step["width"], step["extra"], step["unit_bits"]
    z, scale = normalised(step, x)
    rate = min(nearest(scale, step["rate_down"]), step["rate_most"])
    unit = fits(32, [nearest(v * scale, 61 - bits) for v in z], "a unit vector")
    fits(64, [magnitude(e, unit)], "the error along the result")
    along = nearest(mean_of_sum(dot(e, unit), n, step["mean_up"]), bits - extra)
    mean = mean_of_sum(sum(e), n, extra) if "center_up" in step.attributes else 0
    fits(64, [along * u for u in unit], "the error that is taken away")
    return [((v << extra) - nearest(along * u, bits) - mean) * rate for v, u in zip(e, unit)]


def norm_error(machine, step):
    result = []
    for i, (errors, row) in enumerate(zip(step.rows("e_y"), step.rows("x"))):
        products = []
        for x, e in zip(parts_of(step, row), parts_of(step, errors)):
            products += norm_slopes(step, x, e)
        step.accumulator.check_all(products)
        result.append(step.cast.apply(products, machine.draws(step.cast, i, len(products))))
    step.outputs["e_x"].store(result)


def embed_gradient(machine, step):
    """Of each row the errors where it was used; only rows that are to move are looked at."""
    gradient, dim = step.outputs["gradient"], step["dim"]
    rows, reached = ([[0] * dim for _ in range(gradient.shape[0])] for _ in range(2))
    for errors, indices in zip(step.rows("e_y"), step.rows("indices")):
        for i, error in zip(indices, pieces(errors, dim)):
            rows[i] = [a + b for a, b in zip(rows[i], error)]
            reached[i] = [a + abs(b) for a, b in zip(reached[i], error)]
    step.accumulator.check(max(map(max, reached)))
    gradient.store(rows)
    gradient.visited = [i for i, row in enumerate(rows) if any(row)]


def last_error(machine, step):
    before = step.outputs["e_x"].elements - step["elements"]
    step.outputs["e_x"].store([[0] * before + e for e in step.rows("e_y")])


def rnn_error(machine, step):
    """From the last step to the first; draws are numbered forwards."""
    columns, units, result = list(zip(*step.rows("weights"))), step["units"], []
    for i, (errors, states) in enumerate(zip(step.rows("e_h"), step.rows("h"))):
        draws, later, made = machine.draws(step.cast, i, len(errors)), [0] * units, []
        for t in reversed(range(step["steps"])):
            here = slice(t * units, (t + 1) * units)
            sums = []
            for w, e in zip(columns, errors[here]):
                reached = check_products(step, magnitude(later, w)) * step["products_scale"]
                require(reached + abs(e) * step["e_scale"] <= step["sum_worst_case"],
                        "the sum exceeds its worst case")
                sums.append(dot(later, w) * step["products_scale"] + e * step["e_scale"])
            products = [nearest(s, step["sum_down"]) * tanh_slope(step, h)
                        for s, h in zip(sums, states[here])]
            step.accumulator.check_all(products)
            later = step.cast.apply(products, draws and draws[here])
            made = later + made
        result.append(made)
    step.outputs["e_p"].store(result)


def gru_slopes(step, r, z, n, c, last):
    """Of the parts of p, and of the inner sum, by the state; in 15 bits."""
    to_n = nearest((32768 - z) * (32768 - nearest(n * n, 15)), 15)
    to_z = nearest((last - n) * nearest(z * (32768 - z), 15), 15)
    to_r = nearest(to_n * nearest(r * (32768 - r), 15), 15)
    fits(32, [to_r * c + (1 << 14), (last - n) * 8193 + (1 << 14)], "a slope")
    return nearest(to_r * c, step["inner_shift"]), to_z, to_n, nearest(to_n * r, 15)


def gru_error_at(step, g, h, gates, inner):
    """The products of one step: for r, z, n and the inner sum, units side by side."""
    units = step["units"]
    last = [nearest(v, step["state_down"]) * step["state_up"] for v in h]
    slopes = [gru_slopes(step, *gates[i::units], inner[i], last[i]) for i in range(units)]
    return [g[i] * slopes[i][part] for part in range(4) for i in range(units)]


def gru_error(machine, step):
    """From the last step to the first; draws are numbered forwards."""
    columns, units, results = list(zip(*step.rows("weights"))), step["units"], ([], [])
    states = [[0] * units + row for row in step.rows("h")]  # the one before the first step is zero
    for b, (errors, h, gates, inner) in enumerate(zip(step.rows("e_h"), states, step.rows("gates"),
                                                      step.rows("inner"))):
        draws, later, carry = machine.draws(step.cast, b, 4 * len(errors)), [0] * (3 * units), [0] * units
        e_p, e_s = [], []
        for t in reversed(range(step["steps"])):
            here = slice(t * units, (t + 1) * units)
            g = []
            for w, e, c in zip(columns, errors[here], carry):
                reached = check_products(step, magnitude(later, w)) * step["products_scale"]
                require(reached + abs(e) * step["e_scale"] <= step["sum_worst_case"], "the sum exceeds its worst case")
                injected = dot(later, w) * step["products_scale"] + e * step["e_scale"]
                fits(64 if step["injected_width"] else 32, [reached + abs(e) * step["e_scale"]], "the sum")
                g.append(clamp(nearest(injected, step["sum_down"]) + c, -step["g_most"], step["g_most"]))
            now = gates[3 * t * units:3 * (t + 1) * units]
            carry = [nearest(v * z, 15) for v, z in zip(g, now[units:])]
            products = step.accumulator.check_all(gru_error_at(step, g, h[here], now, inner[here]))
            made = step.cast.apply(products, draws and draws[4 * t * units:4 * (t + 1) * units])
            later = made[:2 * units] + made[3 * units:]
            e_p, e_s = made[:3 * units] + e_p, later + e_s
        for result, row in zip(results, (e_p, e_s)):
            result.append(row)
    step.outputs["e_p"].store(results[0])
    step.outputs["e_s"].store(results[1])


def recurrent_weight_gradient(machine, step):
    """Of the products of errors and the states a step before."""
    errors, states = [], []
    for e, h in zip(step.rows("e"), step.rows("h")):
        errors += pieces(e, step["outputs"])[1:]
        states += pieces(h, step["units"])[:-1]
    columns, result = list(zip(*states)), []
    for e in zip(*errors):
        step.accumulator.check(max(magnitude(e, h) for h in columns))
        result.append([dot(e, h) for h in columns])
    step.outputs["gradient"].store(result)


def flatten_error(machine, step):
    step.outputs["e_x"].store(step.rows("e_y"))


# ---- parameters ----------------------------------------------------------------------------------

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


def fits(bits, values, what):
    """Nothing that the generated code computes on its way may leave its type."""
    require(max(map(abs, values)) < 1 << (bits - 1), "%s leaves %d bits", what, bits)
    return values


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
    return machine.streams.draws(machine.step, step[name + "_site"], row, step[name + "_field"], count)


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
        rows = [row_of(machine, step, row) if moves(step, row) else rest(step, row) for row in range(step["rows"])]
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


ROOTS = [min(65535, round(2 ** 31 / math.sqrt(i * 2 ** 25))) for i in range(32, 129)]


def over_root(m, v, shift):
    """m / sqrt(v) * 2^(31 - shift) by the table of reciprocal roots; 15 bits of m are left."""
    half = (32 - v.bit_length()) // 2
    normal = v << 2 * half
    index, rest = (normal >> 25) - 32, normal >> 9 & 0xFFFF
    root = ROOTS[index] - ((ROOTS[index] - ROOTS[index + 1]) * rest >> 16)
    return clamp(nearest(m, shift - half), -32767, 32767) * root


def adam_correction(machine, step):
    table, t = step["correction_table"], machine.step + 1
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
    return [means, squares], directed(machine, step, row, ratios_of(step, means, squares), correction)


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


OPS = {"encode": encode, "dense": dense, "conv": conv, "conv_error": conv_error,
       "conv_weight_gradient": conv_weight_gradient, "conv_bias_gradient": conv_bias_gradient,
       "maxpool": maxpool, "maxpool_error": maxpool_error, "avgpool": avgpool,
       "avgpool_error": avgpool_error, "pad": pad, "pad_error": pad_error, "concat": concat,
       "concat_error": concat_error, "relu": relu, "leaky_relu": leaky_relu, "add": add,
       "flatten": flatten, "round": whole, "floor": whole, "sign": sign, "step": heaviside,
       "cross_entropy": cross_entropy, "mse": difference_loss(mse),
       "mae": difference_loss(mae), "huber": difference_loss(huber), "hinge": difference_loss(hinge),
       "binary_cross_entropy": binary_cross_entropy, "dense_error": dense_error,
       "dense_weight_gradient": dense_weight_gradient, "dense_bias_gradient": dense_bias_gradient,
       "relu_error": relu_error, "leaky_relu_error": leaky_relu_error,
       "clip": clip, "clip_error": clip_error, "mul": product("a", "b", "y"),
       "mul_error": product("e_y", "other", "e_x"), "tanh": curve(tanh_of),
       "sigmoid": curve(lambda step, x: 32768 + tanh_of(step, x)), "hardswish": curve(hardswish_of),
       "tanh_error": curve_error(tanh_slope, "y"), "sigmoid_error": curve_error(sigmoid_slope, "y"),
       "hardswish_error": curve_error(hardswish_slope, "x"), "flatten_error": flatten_error,
       "softmax": softmax, "softmax_error": softmax_backward,
       "mask": mask("x", "y"), "mask_error": mask("e_y", "e_x"),
       "dropout": dropout("x", "y"), "dropout_error": dropout("e_y", "e_x"),
       "rmsnorm": norm, "layernorm": norm, "rmsnorm_error": norm_error, "layernorm_error": norm_error,
       "index": index, "embed": embed, "embed_gradient": embed_gradient, "last": last, "last_error": last_error, "rnn": rnn, "rnn_error": rnn_error,
       "gru": gru, "gru_error": gru_error,
       "recurrent_weight_gradient": recurrent_weight_gradient, "init": init, "sgd": update(sgd_row),
       "nesterov": update(sgd_row), "sign_sgd": update(sign_sgd_row), "adam": update(adam_row),
       "adam_correction": adam_correction, "rmsprop": update(rmsprop_row)}


# ---- promises that hold whatever the data are ----------------------------------------------------

def encoded_worst(step):
    raw = step.inputs["raw"]
    lo, hi = (0, raw.bound) if raw.type == "u8" else (-raw.bound, raw.bound - 1)
    return max(abs(end * m - o) for end in (lo, hi)
               for m, o in zip(step["multiplier"], step["offset"]))


def dense_worst(step):
    x, weights, bias = (step.inputs.get(role) for role in ("x", "weights", "bias"))
    return step["in_features"] * x.bound * weights.bound + \
        ((bias.bound << step["bias_shift"]) if bias else 0)


def gradient_worst(step):
    e_y, x = step.inputs["e_y"], step.inputs.get("x")
    return e_y.samples * e_y.bound * (x.bound if x else 1)


def conv_worst(step):
    x, weights, bias = (step.inputs.get(role) for role in ("x", "weights", "bias"))
    return step["row"] * x.bound * weights.bound + ((bias.bound << step["bias_shift"]) if bias else 0)


def conv_error_worst(step):
    """The pixel that the most windows hold, in every output of its group."""
    held = collections.Counter(i for window in window_indices(step) for i in window[0] if i >= 0)
    outputs = step["out_channels"] // step["channel_groups"]
    return max(held.values()) * outputs * step.inputs["e_y"].bound * step.inputs["weights"].bound


def conv_gradient_worst(step):
    return step["out_height"] * step["out_width"] * gradient_worst(step)


def norm_error_worst(step):
    """The error, its mean and what it has along the result, by the Cauchy-Schwarz inequality."""
    parts = math.isqrt(step["width"]) + (2 if "center_up" in step.attributes else 1)
    return parts * (step.inputs["e_y"].bound << step["extra"]) * step["rate_most"]


def products_worst(step, left, right, addend, scale):
    """Products of the state, or of its error, with `units` rows; and what is added to them."""
    return step["units"] * left.bound * right.bound * step["products_scale"] + addend.bound * step[scale]


def rnn_worst(step):
    return products_worst(step, step.outputs["h"], step.inputs["weights"], step.inputs["p"], "p_scale")


def rnn_error_worst(step):
    worst = products_worst(step, step.outputs["e_p"], step.inputs["weights"], step.inputs["e_h"], "e_scale")
    require(worst <= step["sum_worst_case"], "the sum can exceed its worst case")
    return nearest(worst, step["sum_down"]) * nearest(step["one"] ** 2, step["slope_down"])


def gru_error_worst(step):
    """The steepest slope is that to r, where the inner sum is large."""
    worst = 3 * step["units"] * step.outputs["e_s"].bound * step.inputs["weights"].bound * step["products_scale"] + \
        step.inputs["e_h"].bound * step["e_scale"]
    require(worst <= step["sum_worst_case"], "the sum can exceed its worst case")
    return step["g_most"] * max(32768, nearest(8192 * step.inputs["inner"].bound, step["inner_shift"]))


def recurrent_gradient_worst(step):
    return (step["steps"] - 1) * step.inputs["e"].samples * step.inputs["e"].bound * step.inputs["h"].bound


def add_worst(step):
    return sum(step.inputs[role].bound * step[role + "_scale"] for role in "ab")


WORST = {
    "encode": encoded_worst, "dense": dense_worst, "add": add_worst,
    "dense_error": lambda step: step["out_features"] * step.inputs["e_y"].bound *
    step.inputs["weights"].bound,
    "avgpool": lambda step: step["area"] * step["scale"] * step.inputs["x"].bound,
    "avgpool_error": lambda step: step["scale"] * step.inputs["e_y"].bound,
    "concat": lambda step: max(step.inputs[role].bound * step[role + "_scale"] for role in "ab"),
    "conv": conv_worst, "conv_error": conv_error_worst,
    "conv_weight_gradient": conv_gradient_worst, "conv_bias_gradient": conv_gradient_worst,
    "dense_weight_gradient": gradient_worst, "dense_bias_gradient": gradient_worst,
    "softmax": lambda step: 1 << 15,
    "softmax_error": lambda step: step.inputs["e_y"].bound * 2 * step["one"] ** 2,
    "dropout": lambda step: step.inputs["x"].bound * step["scale"],
    "dropout_error": lambda step: step.inputs["e_y"].bound * step["scale"],
    "rmsnorm": lambda step: 1 << 61, "layernorm": lambda step: 1 << 61,
    "rmsnorm_error": norm_error_worst, "layernorm_error": norm_error_worst,
    "embed_gradient": lambda step: step["most_used"] * step.inputs["e_y"].bound,
    "rnn": rnn_worst, "rnn_error": rnn_error_worst, "gru": rnn_worst, "gru_error": gru_error_worst, "recurrent_weight_gradient": recurrent_gradient_worst,
    "leaky_relu": lambda step: step.inputs["x"].bound,
    "mul": lambda step: step.inputs["a"].bound * step.inputs["b"].bound,
    "mul_error": lambda step: step.inputs["e_y"].bound * step.inputs["other"].bound,
    "tanh": lambda step: 32768, "sigmoid": lambda step: 65536,
    "hardswish": lambda step: step.inputs["x"].bound << 15,
    "tanh_error": lambda step: step.inputs["e_y"].bound * (step["one"] ** 2 >> step["slope_down"]),
    "sigmoid_error": lambda step: step.inputs["e_y"].bound * (step["one"] ** 2 >> step["slope_down"] + 2),
    "hardswish_error": lambda step: step.inputs["e_y"].bound * 24576,
    "leaky_relu_error": lambda step: step.inputs["e_y"].bound,
    "round": lambda step: step.inputs["x"].bound, "floor": lambda step: step.inputs["x"].bound,
    "cross_entropy": lambda step: (1 << 15) + step["classes"],
    "mae": lambda step: 1 << 15, "hinge": lambda step: 1 << 15, "huber": lambda step: step["delta"],
    "binary_cross_entropy": lambda step: 1 << 16,
    "mse": lambda step: step.inputs["output"].bound +
    step["one" if step["classes"] else "target_bound"],
}


def check_accumulator(step):
    stated, most = step.accumulator, type_most(step.accumulator.type)
    least = WORST[step.op](step) if step.op in WORST else 0
    require(stated.worst_case >= least, "worst case %d is stated, but operands reach %d",
            stated.worst_case, least)
    require(stated.worst_case <= most, "worst case %d exceeds %s", stated.worst_case, stated.type)
    free = most.bit_length() - stated.worst_case.bit_length()
    require(stated.headroom_bits == free, "headroom %d is stated, but %d bits are free",
            stated.headroom_bits, free)


def check_cast(step):
    cast, output = step.cast, next(iter(step.outputs.values()))
    if step.accumulator and cast.shift > 0:
        most = type_most(step.accumulator.type)
        require(cast.shift < most.bit_length() and
                step.accumulator.worst_case + (1 << cast.shift) <= most,
                "rounding by %d bits can leave %s", cast.shift, step.accumulator.type)
    if step.phase != "update" and step.op not in ("round", "floor"):
        require(output.lo <= cast.lo and cast.hi <= output.bound,
                "the cast gives %d..%d, but %s holds %d..%d", cast.lo, cast.hi, output.name,
                output.lo, output.bound)
    require((cast.rounding == "stochastic") == (cast.site >= 0), "a site without draws")
    require(cast.site < 0 or cast.shift <= cast.field, "%d bits of a draw of %d", cast.shift,
            cast.field)


def check_directed(step, factor_shift):
    """The change of a weight fits 64 bits, and 32 once it is rounded."""
    most = step["step_worst_case"]
    decayed = (step["decay"] * step.inputs["master"].bound >> step["decay_down"]) + 1
    directions = (1 << 31 - step["ratio_down"]) if "ratio_down" in step.attributes else 1
    correction = step.inputs["correction"].bound / 2 ** 15 if "correction" in step.inputs else 1
    require(directions * step["rate"] * correction + (decayed if step["decay"] else 0) <= most,
            "the change can exceed its worst case")
    require(most + (1 << step["rate_shift"]) < 1 << 62, "the change can leave 64 bits")
    require(step["apply_clamp"] or (most >> step["rate_shift"]) + 1 < 1 << 30,
            "the change can leave 31 bits")
    require(step["rate"] << factor_shift < 1 << 63, "the rate leaves 64 bits")


def check_update(step, factor_shift):
    gradient = step["clip"] or step.inputs["gradient"].bound
    full_rate = step["rate"] << factor_shift
    product, most = gradient * full_rate, type_most(step["product_type"])
    require(product <= step["product_worst_case"], "gradient * rate reaches %d, not %d", product,
            step["product_worst_case"])
    require(product + (1 << step["rate_shift"]) <= most, "gradient * rate can leave %s",
            step["product_type"])
    require(step["rate_shift"] < most.bit_length(), "the rate is shifted by %d bits",
            step["rate_shift"])
    require(full_rate < 1 << 31, "the rate leaves 32 bits")
    if "momentum" in step.inputs:
        require(step["loss_shift"] > 0, "momentum is lost at once")


def check_tensor(tensor):
    most = type_most(tensor.type)
    if tensor.kind in ("input", "target"):
        most += tensor.type[0] == "i"
    require(0 <= tensor.bound <= most, "%s: bound %d does not fit %s", tensor.name, tensor.bound,
            tensor.type)


# ---- the machine ---------------------------------------------------------------------------------

class Machine:
    """The state of a training: what every tensor holds. `updates_last`: no step reads a parameter behind
    its update, so that all updates may as well come at the end."""

    def __init__(self, schedule, seed, updates_last=False):
        self.settings = schedule["settings"]
        self.batch = self.settings["batch"]
        self.tensors = {entry["name"]: Tensor(entry, self.batch) for entry in schedule["tensors"]}
        self.steps = [Step(entry, self.tensors) for entry in schedule["steps"]]
        if updates_last:
            self.steps.sort(key=lambda step: step.phase == "update")
        self.loss_step = next(step for step in self.steps if "target" in step.inputs)
        self.input = next(t for t in self.tensors.values() if t.kind == "input")
        self.target = next(t for t in self.tensors.values() if t.kind == "target")
        self.streams = Streams(seed)
        self.step = self.loss = self.correct = self.told = 0
        self.training = False
        self.set_epoch(0)

    def check_promises(self):
        for tensor in self.tensors.values():
            check_tensor(tensor)
        for step in self.steps:
            try:
                if step.accumulator:
                    check_accumulator(step)
                if step.cast:
                    check_cast(step)
                if "gradient" in step.inputs:
                    check = check_update if step.op in ("sgd", "nesterov") else check_directed
                    check(step, self.settings["rate_factor_shift"])
            except Broken as error:
                step.fail(error)

    def draws(self, cast, row, count):
        if cast.site < 0:
            return None
        return self.streams.draws(self.step, cast.site, row, cast.field, count)

    def execute(self, step):
        """Runs one step; returns it, so that its outputs can be compared."""
        try:
            OPS[step.op](self, step)
        except Broken as error:
            step.fail(error)
        return step

    def run(self, *phases):
        for step in self.steps:
            if step.phase in phases:
                yield self.execute(step)

    def init(self):
        """Parameters start as `init` says, all other state at zero."""
        for tensor in self.tensors.values():
            if tensor.kind == "state":
                tensor.rows = self.zeros(tensor)
        return self.run("init")

    def zeros(self, tensor):
        made = next(s for s in self.steps if tensor in s.outputs.values())
        return [[0] * made["row"] for _ in range(made["rows"])]

    def set_epoch(self, epoch):
        passed = sum(epoch >= first for first in self.settings["rate_from"])
        self.rate_factor = self.settings["rate_factors"][passed - 1]

    def forward(self, rows):
        self.input.rows = rows
        return self.run("forward")

    def train(self, inputs, targets):
        """One step of the training; yields each step of the schedule when it is done."""
        self.loss = self.correct = self.told = 0
        self.training = True
        yield from self.forward(inputs)
        self.training = False
        self.target.rows = targets
        yield from self.run("backward", "update")
        self.step += 1

    def answers(self):
        return next(iter(self.loss_step.inputs.values())).rows

    def mean_loss(self, samples):
        """Of sequences the mean over steps that have a class."""
        terms = max(1, self.told) if self.target.classes and self.target.shape else samples
        return min(self.loss // terms, (1 << 32) - 1)

    def hash(self):
        """Of the step and of all that training agrees on, in the order of the tensors."""
        value = hash_with(0, self.step)
        for tensor in self.tensors.values():
            if tensor.kind == "parameter":
                for part in self.hashed(tensor):
                    for element in part.flat():
                        value = hash_with(value, element & MASK)
        return value

    def hashed(self, parameter):
        """The master of a parameter, or itself where it has none; then its states."""
        made = next(s for s in self.steps
                    if s.phase == "update" and parameter in s.outputs.values())
        return [tensor for role, tensor in made.outputs.items() if role != "storage"]


def hash_with(value, element):
    return (mix(value ^ element) + GOLDEN) & MASK
