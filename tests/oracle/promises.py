"""Promises that hold whatever the data are: worst cases, anew from the operands' bounds."""
import collections
import math

from integers import nearest, require, type_most
from forward import window_indices


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
    products = step["row"] * x.bound * weights.bound
    return products + ((bias.bound << step["bias_shift"]) if bias else 0)


def most_windows(step):
    """That hold one element."""
    return max(collections.Counter(i for window in window_indices(step) for i in window[0] if i >= 0).values())


def conv_error_worst(step):
    """The pixel that the most windows hold, in every output of its group."""
    outputs = step["out_channels"] // step["channel_groups"]
    return most_windows(step) * outputs * step.inputs["e_y"].bound * step.inputs["weights"].bound


def conv_gradient_worst(step):
    return step["out_height"] * step["out_width"] * gradient_worst(step)


def norm_error_worst(step):
    """The error, its mean and what it has along the result, by the Cauchy-Schwarz inequality."""
    together = step.attributes.get("width") or step["mean_of"]
    parts = math.isqrt(together) + (2 if "center_up" in step.attributes else 1)
    return parts * (step.inputs["e_y"].bound << step["extra"]) * step["rate_most"]


def products_worst(step, left, right, addend, scale):
    """Products of the state, or of its error, with `units` rows; and what is added to them."""
    return step["units"] * left.bound * right.bound * step["products_scale"] + addend.bound * step[scale]


def rnn_worst(step):
    return products_worst(step, step.outputs["h"], step.inputs["weights"], step.inputs["p"],
                          "p_scale")


def rnn_error_worst(step):
    worst = products_worst(step, step.outputs["e_p"], step.inputs["weights"], step.inputs["e_h"],
                           "e_scale")
    require(worst <= step["sum_worst_case"], "the sum can exceed its worst case")
    return nearest(worst, step["sum_down"]) * nearest(step["one"] ** 2, step["slope_down"])


def gru_error_worst(step):
    """The steepest slope is that to r, where the inner sum is large."""
    worst = 3 * step["units"] * step.outputs["e_s"].bound * step.inputs["weights"].bound * step["products_scale"] + \
        step.inputs["e_h"].bound * step["e_scale"]
    require(worst <= step["sum_worst_case"], "the sum can exceed its worst case")
    return step["g_most"] * max(32768,
                                nearest(8192 * step.inputs["inner"].bound, step["inner_shift"]))


def recurrent_gradient_worst(step):
    return (step["steps"] - 1) * step.inputs["e"].samples * step.inputs["e"].bound * step.inputs["h"].bound


def add_worst(step):
    return sum(step.inputs[role].bound * step[role + "_scale"] for role in "ab")


WORST = {
    "encode": encoded_worst, "dense": dense_worst, "add": add_worst,
    "dense_error": lambda step: step["out_features"] * step.inputs["e_y"].bound *
    step.inputs["weights"].bound,
    "avgpool": lambda step: step["area"] * step["scale"] * step.inputs["x"].bound,
    "avgpool_error": lambda step: most_windows(step) * step["scale"] * step.inputs["e_y"].bound,
    "maxpool_error": lambda step: most_windows(step) * step.inputs["e_y"].bound,
    **dict.fromkeys(("greater", "at_least"),
                    lambda step: max(step.inputs[role].bound * step[role + "_scale"]
                                     for role in "ab")),
    "concat": lambda step: max(part.bound * step[role + "_scale"]
                               for role, part in step.inputs.items()),
    "conv": conv_worst, "conv_error": conv_error_worst,
    "conv_weight_gradient": conv_gradient_worst, "conv_bias_gradient": conv_gradient_worst,
    "dense_weight_gradient": gradient_worst, "dense_bias_gradient": gradient_worst,
    "softmax": lambda step: 1 << 15,
    "softmax_error": lambda step: step.inputs["e_y"].bound * 2 * step["one"] ** 2,
    "dropout": lambda step: step.inputs["x"].bound * step["scale"],
    "dropout_error": lambda step: step.inputs["e_y"].bound * step["scale"],
    "rmsnorm": lambda step: 1 << 61, "layernorm": lambda step: 1 << 61,
    "batchnorm": lambda step: (2 * step.inputs["x"].bound << step["center_up"]) * step["rate_most"],
    "batchnorm_error": norm_error_worst,
    "rmsnorm_error": norm_error_worst, "layernorm_error": norm_error_worst,
    "gather_error": lambda step: step["positions"] * step.inputs["e_y"].bound,
    "embed_gradient": lambda step: step["most_used"] * step.inputs["e_y"].bound,
    "rnn": rnn_worst, "rnn_error": rnn_error_worst, "gru": rnn_worst, "gru_error": gru_error_worst,
    "recurrent_weight_gradient": recurrent_gradient_worst,
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
    if "weights" in step.attributes:
        least *= max(step["weights"])
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
    require(cast.lo in (0, -cast.hi), "a cast clamps at %d and %d", cast.lo, cast.hi)
    require((cast.rounding == "stochastic") == (cast.site >= 0), "a site without draws")
    check_field("cast", cast.site, cast.field, cast.shift)
    if not cast.saturate and step.accumulator and step.op not in ("rnn", "gru"):  # they cast tanh
        check_unclamped(cast, step.accumulator.worst_case)


def check_field(what, site, field, shift):
    wanted = 0 if site < 0 else 16 if shift <= 16 else 32 if shift <= 32 else 64
    require(site >= -1 and field == wanted, "%s: %d bits of a draw of %d", what, shift, field)


def check_unclamped(cast, worst):
    """What is rounded, however, stays within the bounds at which it is not clamped."""
    shift = max(cast.shift, 0)
    up = {"nearest": (1 << shift) >> 1, "stochastic": (1 << shift) - 1}.get(cast.rounding, 0)
    most = worst + up >> shift if cast.shift >= 0 else worst << -cast.shift
    require(most <= cast.hi, "a cast reaches %d, and does not saturate at %d", most, cast.hi)


def check_draws(step):
    """Of the sites of an update; the cast's is said twice."""
    apply = "apply_shift" if step.op in ("sgd", "nesterov") else "rate_shift"
    shifts = {"apply": apply, "square": "square_shift"}
    for name, shift in shifts.items():
        if name + "_site" in step.attributes:
            check_field(name, step[name + "_site"], step[name + "_field"], step[shift])
    if "rate_site" in step.attributes:
        said = [step[name] for name in ("rate_site", "rate_field", "rate_shift", "u_clamp")]
        cast = step.cast
        wanted = [cast.site, cast.field, cast.shift, cast.hi if cast.saturate else 0]
        require(said == wanted, "the cast of u is %s, and said to be %s", wanted, said)


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
        require(tensor.shift == 0 and tensor.batched, "%s: raw integers of a batch have no shift", tensor.name)
    require(0 <= tensor.bound <= most, "%s: bound %d does not fit %s", tensor.name, tensor.bound,
            tensor.type)
