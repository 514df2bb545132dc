"""What the integers stand for: shifts of sums and of results follow from those of the operands.

An execution alone would not notice a shift that is wrong: it says what a number means, and is not computed
with."""

from integers import require


def of(role, *others):
    """The sum of the shifts of some operands: that of their product."""
    return lambda step: sum(step.operand(name).shift for name in (role, *others))


def more(role, bits):
    """That of an operand, and what the step adds."""
    return lambda step: step.operand(role).shift + bits(step)


def log2(step, name):
    """Of an attribute that is a power of two."""
    value = step[name]
    require(value > 0 and value & (value - 1) == 0, "%s is %d, no power of two", name, value)
    return value.bit_length() - 1


def slope_bits(step):
    return 2 * log2(step, "one") - step["slope_down"]


def rnn_error_shift(step):
    return step.inputs["e_h"].shift + log2(step, "e_scale") - step["sum_down"] + slope_bits(step)


def gru_error_shift(step):
    return step.inputs["e_h"].shift + log2(step, "e_scale") - step["sum_down"] + 15


def variance_shift(step):
    return 2 * (step.inputs["x"].shift + step.attributes.get("center_up", 0)) + step["mean_up"]


def normed_shift(step):
    """z / sqrt(v), where the root has half of the shift of v."""
    return 61 + step.inputs["x"].shift + step.attributes.get("center_up", 0) - variance_shift(step) // 2 - \
        step.attributes.get("rate_down", 0)


def normed_error_shift(step):
    return step.inputs["e_y"].shift + step["extra"] + 61 - variance_shift(step) // 2 - step["rate_down"]


def weighted(bits):
    """Of a loss: that of its error, and of the weights of classes and the factor in front of it."""
    return lambda step: bits(step) + step["weight_shift"]


def scaled(step):
    """The operands are brought to one shift."""
    shifts = {tensor.shift + log2(step, role + "_scale") for role, tensor in step.inputs.items()}
    require(len(shifts) == 1, "operands are added at shifts %s", sorted(shifts))
    return shifts.pop()


SUMS = {
    **dict.fromkeys(("dense", "conv"), of("x", "weights")),
    **dict.fromkeys(("dense_error", "conv_error"), of("e_y", "weights")),
    **dict.fromkeys(("dense_weight_gradient", "conv_weight_gradient"), of("e_y", "x")),
    **dict.fromkeys(("dense_bias_gradient", "conv_bias_gradient", "embed_gradient", "gather_error", "maxpool_error"),
                    of("e_y")),
    **dict.fromkeys(("add", "concat", "greater", "at_least"), scaled),
    **dict.fromkeys(("tanh", "softmax"), lambda step: 15), "sigmoid": lambda step: 16,
    **dict.fromkeys(("tanh_error", "sigmoid_error"), more("e_y", slope_bits)),
    **dict.fromkeys(("rmsnorm", "layernorm", "batchnorm"), normed_shift),
    **dict.fromkeys(("rmsnorm_error", "layernorm_error", "batchnorm_error"), normed_error_shift),
    **dict.fromkeys(("mse", "huber"), weighted(of("output"))),
    **dict.fromkeys(("cross_entropy", "mae", "hinge"), weighted(lambda step: 15)),
    **dict.fromkeys(("round", "floor"), of("x")),
    **dict.fromkeys(("adam", "rmsprop", "sign_sgd"), of("gradient")),
    "avgpool": more("x", lambda step: step["scale_shift"]),
    "avgpool_error": more("e_y", lambda step: step["scale_shift"]),
    "binary_cross_entropy": weighted(lambda step: 16),
    "dropout": more("x", lambda step: log2(step, "one")),
    "dropout_error": more("e_y", lambda step: log2(step, "one")),
    "gru": more("p", lambda step: log2(step, "p_scale")), "gru_error": gru_error_shift,
    "hardswish": more("x", lambda step: 15), "hardswish_error": more("e_y", lambda step: 14),
    "leaky_relu": more("x", lambda step: step["slope_shift"]),
    "leaky_relu_error": more("e_y", lambda step: step["slope_shift"]),
    "mul": of("a", "b"), "mul_error": of("e_y", "other"),
    "recurrent_weight_gradient": of("e", "h"),
    "rnn": more("p", lambda step: log2(step, "p_scale")), "rnn_error": rnn_error_shift,
    "softmax_error": more("e_y", lambda step: 2 * log2(step, "one")),
}

# What keeps the format of an operand.
KEPT = {
    **dict.fromkeys(("augment", "relu", "leaky_relu", "clip", "maxpool", "pad", "flatten", "last", "mask", "gather",
                     "round", "floor"), "x"),
    **dict.fromkeys(("relu_error", "leaky_relu_error", "clip_error", "pad_error", "flatten_error", "last_error",
                     "mask_error", "concat_error"), "e_y"), "embed": "weights",
}

# What stands for 1 in the result.
ONES = ("sign", "step", "onehot", "greater", "at_least")


def result_shift(step):
    """Of what a cast makes."""
    state = step.op in ("rnn", "gru")  # which casts what tanh gives
    return (15 if state else step.accumulator.shift) - step.cast.shift


def check_update(step):
    """Masters, their storage, and states."""
    master, storage = step.outputs["master"], step.outputs.get("storage")
    if storage and not step["signs"]:
        require(storage.shift == master.shift - step["quant_shift"], "the storage is at shift %d", storage.shift)
    if step.op == "init":
        require(step["init_shift"] == master.shift, "init_shift is %d", step["init_shift"])
    if step.op in ("sgd", "nesterov"):
        moved = step.outputs.get("momentum", master)
        require(step["apply_shift"] == moved.shift - master.shift, "apply_shift is %d", step["apply_shift"])
    if step.op in ("adam", "sign_sgd") and "momentum" in step.outputs:
        require(step.outputs["momentum"].shift == result_shift(step), "the mean is at another shift than the gradient")
    if "square" in step.outputs:
        root = result_shift(step) - step["moment_bits"]
        require(step.outputs["square"].shift == 2 * root, "the mean square is not at shift %d", 2 * root)


def check_epsilon(step):
    wanted = step["real_epsilon"] * 2.0 ** variance_shift(step)
    require(abs(step["epsilon"] - max(1, wanted)) <= 0.5, "epsilon is %d, not %g", step["epsilon"], wanted)


def check_results(step):
    result = next(iter(step.outputs.values()))
    if step.op in KEPT:
        require(result.shift == step.operand(KEPT[step.op]).shift, "the result is at another shift")
    elif step.cast:
        wanted = result_shift(step)
        require(result.shift == wanted, "the cast leads to shift %d, not %d", wanted, result.shift)
    elif step.makes_gradient():
        require(result.shift == step.accumulator.shift, "the gradient is at another shift than its sum")
    if step.op in ONES:
        require(step["one"] == 1 << result.shift, "one is %d at shift %d", step["one"], result.shift)


def check_shifts(step):
    if step.accumulator:
        require(step.accumulator.shift == SUMS[step.op](step) if step.op in SUMS else step.op == "encode",
                "a sum at shift %d", step.accumulator.shift)
    if "bias" in step.inputs:
        require(step["bias_shift"] == step.accumulator.shift - step.inputs["bias"].shift, "a bias at another shift")
    if "epsilon" in step.attributes and "real_epsilon" in step.attributes:
        check_epsilon(step)
    if "master" in step.outputs:
        check_update(step)
    elif step.op != "adam_correction":
        check_results(step)
