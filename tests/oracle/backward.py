"""Operators, backward: the errors of operands, and the sums that are gradients of parameters."""
from integers import clamp, dot, fits, magnitude, nearest, require
from forward import (
    channel_windows, channels_of, check_products, dropout, image_indices, mask, mean_of_sum,
    normalised, parts_of, pieces, product, rows_of_channels, third, window_indices, windows)


def softmax_slopes(step, e, y):
    values = [nearest(v, step["value_down"]) for v in y]
    step.accumulator.check(magnitude(e, values))
    mean = dot(e, values)
    return [(error * step["one"] - mean) * v for error, v in zip(e, values)]


def error_of_parts(slopes_of, role):
    """What takes the errors of a row part by part, each beside its part of `role`."""
    def run(machine, step):
        result = []
        for i, (errors, row) in enumerate(zip(step.rows("e_y"), step.rows(role))):
            products = []
            for e, part in zip(parts_of(step, errors), parts_of(step, row)):
                products += slopes_of(step, e, part)
            step.accumulator.check_all(products)
            result.append(step.cast.apply(products, machine.draws(step.cast, i, len(products))))
        step.outputs["e_x"].store(result)
    return run


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
    """Where windows overlap, an element may be the largest of several."""
    places, result = channel_windows(step), []
    for sample, (e_y, x, y) in enumerate(zip(step.rows("e_y"), step.rows("x"), step.rows("y"))):
        given = [[] for _ in x]
        for at, e in enumerate(e_y):
            window, channel = divmod(at, step["channels"])
            given[next(i for i in places[window][channel] if x[i] == y[at])].append(e)
        row = [sum(errors) for errors in given]
        if step["overlap"] > 1:
            step.accumulator.check(max(sum(map(abs, errors)) for errors in given))
            row = step.cast.apply(row, machine.draws(step.cast, sample, len(row)))
        result.append(row)
    step.outputs["e_x"].store(result)


def avgpool_error(machine, step):
    places, result = channel_windows(step), []
    elements = step.outputs["e_x"].elements
    for sample, e_y in enumerate(step.rows("e_y")):
        given = [[0] for _ in range(elements)]
        for at, e in enumerate(e_y):
            window, channel = divmod(at, step["channels"])
            for i in places[window][channel]:
                given[i].append(e * step["scale"])
        step.accumulator.check(max(sum(map(abs, errors)) for errors in given))
        result.append(step.cast.apply([sum(errors) for errors in given],
                                      machine.draws(step.cast, sample, elements)))
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


def norm_slopes(step, e, x):
    """The error of one part, before the cast."""
    n, extra, bits = len(x), step["extra"], step["unit_bits"]
    z, scale = normalised(step, x)
    rate = min(nearest(scale, step["rate_down"]), step["rate_most"])
    unit = fits(32, [nearest(v * scale, 61 - bits) for v in z], "a unit vector")
    fits(64, [magnitude(e, unit)], "the error along the result")
    along = nearest(mean_of_sum(dot(e, unit), n, step["mean_up"]), bits - extra)
    mean = mean_of_sum(sum(e), n, extra) if "center_up" in step.attributes else 0
    fits(64, [along * u for u in unit], "the error that is taken away")
    return [((v << extra) - nearest(along * u, bits) - mean) * rate for v, u in zip(e, unit)]


def batchnorm_error(machine, step):
    result = []
    slopes = [norm_slopes(step, e, x) for e, x in zip(channels_of(step, step.rows("e_y")),
                                                      channels_of(step, step.rows("x")))]
    for i, products in enumerate(rows_of_channels(step, slopes, machine.batch)):
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


def gather_error(machine, step):
    result, size = [], step["piece"]
    for i, (errors, indices) in enumerate(zip(step.rows("e_y"), step.rows("indices"))):
        sums, reached = ([0] * (step["pieces"] * size) for _ in range(2))
        for index, part in zip(indices, pieces(errors, size)):
            for k, e in enumerate(part, index * size):
                sums[k] += e
                reached[k] += abs(e)
        step.accumulator.check(max(reached))
        result.append(step.cast.apply(sums, machine.draws(step.cast, i, len(sums))))
    step.outputs["e_x"].store(result)


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
        draws, later, carry = machine.draws(step.cast, b,
                                            4 * len(errors)), [0] * (3 * units), [0] * units
        e_p, e_s = [], []
        for t in reversed(range(step["steps"])):
            here = slice(t * units, (t + 1) * units)
            g = []
            for w, e, c in zip(columns, errors[here], carry):
                reached = check_products(step, magnitude(later, w)) * step["products_scale"]
                require(reached + abs(e) * step["e_scale"] <= step["sum_worst_case"],
                        "the sum exceeds its worst case")
                injected = dot(later, w) * step["products_scale"] + e * step["e_scale"]
                fits(64 if step["injected_width"] else 32, [reached + abs(e) * step["e_scale"]],
                     "the sum")
                g.append(clamp(nearest(injected, step["sum_down"]) + c, -step["g_most"],
                               step["g_most"]))
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


BACKWARD = {
    "conv_error": conv_error,
    "conv_weight_gradient": conv_weight_gradient,
    "conv_bias_gradient": conv_bias_gradient,
    "maxpool_error": maxpool_error,
    "avgpool_error": avgpool_error,
    "pad_error": pad_error,
    "concat_error": concat_error,
    "dense_error": dense_error,
    "dense_weight_gradient": dense_weight_gradient,
    "dense_bias_gradient": dense_bias_gradient,
    "relu_error": relu_error,
    "leaky_relu_error": leaky_relu_error,
    "clip_error": clip_error,
    "mul_error": product("e_y", "other", "e_x"),
    "tanh_error": curve_error(tanh_slope, "y"),
    "sigmoid_error": curve_error(sigmoid_slope, "y"),
    "hardswish_error": curve_error(hardswish_slope, "x"),
    "flatten_error": flatten_error,
    "softmax_error": error_of_parts(softmax_slopes, "y"),
    "mask_error": mask("e_y", "e_x"),
    "dropout_error": dropout("e_y", "e_x"),
    "rmsnorm_error": error_of_parts(norm_slopes, "x"),
    "layernorm_error": error_of_parts(norm_slopes, "x"),
    "batchnorm_error": batchnorm_error,
    "embed_gradient": embed_gradient,
    "gather_error": gather_error,
    "last_error": last_error,
    "rnn_error": rnn_error,
    "gru_error": gru_error,
    "recurrent_weight_gradient": recurrent_weight_gradient,
}
