"""Operators, forward: each takes the machine and its step, and stores the step's results."""
import itertools
import math
import operator

from integers import clamp, dot, exp2, fits, inverse_root_of, magnitude, nearest, require


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


def moved(machine, step, sample, image):
    """A list of pixels, each a list of channels, seen from elsewhere, and perhaps in a mirror."""
    down, right, mirror = machine.streams.draws(machine.step, step["site"], sample, 16, 3)
    down, right = ((draw * (2 * step["pixels"] + 1) >> 16) - step["pixels"]
                   for draw in (down, right))
    height, width, channels = step["height"], step["width"], step["channels"]
    result = []
    for i in range(down, down + height):
        line = [image[i * width + j] if 0 <= i < height and 0 <= j < width else [0] * channels
                for j in range(right, right + width)]
        result += reversed(line) if step["flip"] and mirror % 2 == 1 else line
    return result


def augment(machine, step):
    rows, channels = step.rows("x"), step["channels"]
    if machine.training:
        images = [[row[at:at + channels] for at in range(0, len(row), channels)] for row in rows]
        rows = [list(itertools.chain.from_iterable(moved(machine, step, i, image)))
                for i, image in enumerate(images)]
    step.outputs["y"].store(rows)


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
    """For each window and group of channels: where its elements lie in the image; -1: outside."""
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
    for parts in zip(*map(step.rows, step.inputs)):
        sums = []
        for piece in range(step["pieces"]):
            for role, row in zip(step.inputs, parts):
                size = step[role + "_piece"]
                require(len(sums) % step["whole"] == step[role + "_at"], "a part lies elsewhere")
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


def comparison(holds):
    def run(machine, step):
        one, result = step["one"], []
        for a, b in zip(step.rows("a"), step.rows("b")):
            left, right = [v * step["a_scale"] for v in a], [v * step["b_scale"] for v in b]
            step.accumulator.check_all(left + right)
            result.append([one if holds(v, w) else 0 for v, w in zip(left, right)])
        step.outputs["y"].store(result)
    return run


def threshold(machine, step):
    step.outputs["y"].store([[step["above"] if v > step["limit"] else step["below"] for v in row]
                             for row in step.rows("x")])


def clip(machine, step):
    step.outputs["y"].store([[clamp(v, step["lo"], step["hi"]) for v in row]
                             for row in step.rows("x")])


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
    """tanh of the position of x, in 15 bits: a table of steps of 1/16 up to 8, a line between."""
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
    distances = [min(max(x) - v, step["reach"]) << step["position_up"] >> step["position_down"]
                 for v in x]
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
    root = inverse_root_of(normal)
    excess = normal * root * root - (1 << 62)
    return (root * 16384 - (root * (excess >> 16) >> 33)) << half


def moments(step, x):
    """The mean of the elements, 0 in an rmsnorm; the elements without it, and their mean square."""
    up, mean = step.attributes.get("center_up", 0), 0
    if "center_up" in step.attributes:
        mean = mean_of_sum(sum(x), len(x), up)
    z = fits(32, [(v << up) - mean for v in x], "an element without the mean")
    return mean, z, mean_of_sum(dot(z, z), len(x), step["mean_up"])


def normalised(step, x):
    """The elements, in a layernorm without their mean, and 2^61 over their root mean square."""
    _, z, square = moments(step, x)
    return z, inverse_root(step["epsilon"] + square)


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


def channels_of(step, rows):
    """The values of each channel, over all rows."""
    channels = step["channels"]
    return [[v for row in rows for v in row[c::channels]] for c in range(channels)]


def rows_of_channels(step, channels, rows):
    """The same values, as rows again."""
    values = list(itertools.chain.from_iterable(zip(*channels)))
    return pieces(values, len(values) // rows)


def followed(machine, step, role, new):
    """What is kept of a mean or a variance of each channel."""
    tensor = step.outputs[role]
    old = new if machine.step == 0 else tensor.rows[0]
    tensor.store([[a + nearest(b - a, step["follow_shift"]) for a, b in zip(old, new)]])


def check_normed(step, x, y):
    """The integers stand for what their formats say: (x - mean) / sqrt(variance + eps), to the
    nearest unit, of a mean that is rounded and a slope of at least fourteen bits."""
    x_unit, unit = 2.0 ** -step.inputs["x"].shift, 2.0 ** -step.outputs["y"].shift
    mean = sum(x) / len(x)
    variance = sum((v - mean) ** 2 for v in x) / len(x)
    scale = x_unit / math.sqrt(variance * x_unit ** 2 + step["real_epsilon"]) / unit
    mean_error = abs(scale) * 2.0 ** -(step["center_up"] + 1)
    for v, found in zip(x, y):
        wanted = clamp((v - mean) * scale, step.cast.lo, step.cast.hi)
        require(abs(found - wanted) <= 0.5 + mean_error + 2.0 ** -14 * abs(wanted),
                "%d stands for %g", found, wanted)


def batchnorm(machine, step):
    rows = step.rows("x")
    channels = channels_of(step, rows)
    if machine.training:
        require(len(channels[0]) == step["mean_of"], "a mean of %d values", len(channels[0]))
        means, _, squares = zip(*[moments(step, x) for x in channels])
        followed(machine, step, "mean", means)
        followed(machine, step, "variance", squares)
    else:
        means, squares = step.rows("mean")[0], step.rows("variance")[0]
    result = []
    for x, mean, square in zip(channels, means, squares):
        z = fits(32, [(v << step["center_up"]) - mean for v in x], "an element without the mean")
        scale = inverse_root(step["epsilon"] + square)
        rate = min(nearest(scale, step["rate_down"]), step["rate_most"])
        result.append(step.cast.apply(step.accumulator.check_all([v * rate for v in z])))
        if machine.training and 1 << 14 <= rate < step["rate_most"]:
            check_normed(step, x, result[-1])
    step.outputs["y"].store(rows_of_channels(step, result, len(rows)))


def index(machine, step):
    step.outputs["indices"].store([[clamp(raw, 0, step["most"]) for raw in row]
                                   for row in step.rows("raw")])


def embed(machine, step):
    table = step.rows("weights")
    step.outputs["y"].store([list(itertools.chain.from_iterable(table[i] for i in row))
                             for row in step.rows("indices")])


def argmax(machine, step):
    """The first of the largest."""
    width = step["width"]
    step.outputs["indices"].store([[part.index(max(part)) for part in pieces(row, width)]
                                   for row in step.rows("x")])


def onehot(machine, step):
    width = step["width"]
    step.outputs["y"].store([[step["one"] if i == k else 0 for i in row for k in range(width)]
                             for row in step.rows("indices")])


def gather(machine, step):
    result = []
    for row, indices in zip(step.rows("x"), step.rows("indices")):
        parts = pieces(row, step["piece"])
        require(len(parts) == step["pieces"] and len(indices) == step["positions"],
                "sizes of pieces")
        result.append(list(itertools.chain.from_iterable(parts[i] for i in indices)))
    step.outputs["y"].store(result)


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
            z = [dot(h, w) * step["products_scale"] + v * step["p_scale"]
                 for w, v in zip(weights, p)]
            for w, v in zip(weights, p):
                reached = check_products(step, magnitude(h, w))
                step.accumulator.check(reached * step["products_scale"] + abs(v) * step["p_scale"])
            h = step.cast.apply([tanh_of(step, v) for v in z])
            states += h
        result.append(states)
    step.outputs["h"].store(result)


def gru_unit(step, sums, p, state):
    """Gates, inner sum and new state of one unit, from its three sums and three inputs."""
    def gate(part):
        z = sums[part] * step["products_scale"] + p[part] * step["p_scale"]
        return min((32768 + tanh_of(step, z)) >> 1, 32767)

    r, z, most = gate(0), gate(1), step["inner_most"]
    c = clamp(nearest(sums[2], step["inner_down"]), -most, most) * step["inner_up"]
    value = nearest(r * c, 15) * step["inner_scale"] + p[2] * step["candidate_scale"]
    fits(64 if step["candidate_width"] else 32, [value, r * c + (1 << 14)], "the candidate")
    n = clamp(tanh_of(step, value, "candidate_reach", "candidate_up", "candidate_down"), -32767,
              32767)
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


FORWARD = {
    "encode": encode,
    "augment": augment,
    "dense": dense,
    "conv": conv,
    "maxpool": maxpool,
    "avgpool": avgpool,
    "pad": pad,
    "concat": concat,
    "relu": relu,
    "leaky_relu": leaky_relu,
    "add": add,
    "flatten": flatten,
    "round": whole,
    "floor": whole,
    "sign": sign,
    "step": heaviside,
    "greater": comparison(operator.gt),
    "at_least": comparison(operator.ge),
    "threshold": threshold,
    "clip": clip,
    "mul": product("a", "b", "y"),
    "tanh": curve(tanh_of),
    "sigmoid": curve(lambda step, x: 32768 + tanh_of(step, x)),
    "hardswish": curve(hardswish_of),
    "softmax": softmax,
    "mask": mask("x", "y"),
    "dropout": dropout("x", "y"),
    "rmsnorm": norm,
    "layernorm": norm,
    "batchnorm": batchnorm,
    "index": index,
    "embed": embed,
    "argmax": argmax,
    "onehot": onehot,
    "gather": gather,
    "last": last,
    "rnn": rnn,
    "gru": gru,
}
