"""The forward pass and the loss in PyTorch's f64, read off the schedule; autograd does the rest.

`pins` gives tensors the values that the generated code computed, so that only the way back is left
to differ: the gradient passes a pinned tensor as if nothing had happened.
"""
import pathlib
import sys

import numpy
import torch

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "oracle"))
from integers import Streams  # noqa: E402


def encoded(raw, attributes, shift=0):
    scale, offset = (torch.tensor(attributes[key], dtype=torch.float64)
                     for key in ("multiplier", "offset"))
    return (torch.from_numpy(raw.astype(numpy.float64)) * scale - offset) * 2.0 ** -shift


def pass_through(x, y):
    """The value y with the gradient of x."""
    return x + (y - x).detach()


def threshold(step, x):
    attributes = step["attributes"]
    limit = attributes["real_limit"]
    above = x >= limit if attributes["reaches"] else x > limit
    return pass_through(x, (above if attributes["rising"] else ~above).double())


def dense(step, x, weights, bias=None):
    return torch.nn.functional.linear(x, weights, bias)


def channels_first(x):
    return x.movedim(-1, 1)


def conv(step, x, weights, bias=None):
    """Without a height: an image and a kernel of height 1."""
    attributes, flat = step["attributes"], x.dim() == 3
    if flat:
        x, weights = x.unsqueeze(1), weights.unsqueeze(1)
    y = torch.nn.functional.conv2d(
        channels_first(x), channels_first(weights), bias, attributes["stride"],
        (attributes["pad_height"], attributes["pad_width"]), groups=attributes["channel_groups"])
    y = y.movedim(1, -1)
    return y.squeeze(1) if flat else y


def maxpool(step, x):
    size, stride = step["attributes"]["kernel_height"], step["attributes"]["stride"]
    return torch.nn.functional.max_pool2d(channels_first(x), size, stride).movedim(1, -1)


def avgpool(step, x):
    """With the factor that the schedule has instead of one over the area."""
    attributes = step["attributes"]
    size = (attributes["kernel_height"], attributes["kernel_width"])
    share = attributes.get("real_scale", attributes["scale"] * 2.0 ** -attributes["scale_shift"])
    mean = torch.nn.functional.avg_pool2d(channels_first(x), size, attributes["stride"]).movedim(1, -1)
    return mean * (share * attributes["area"])


def pad(step, x):
    size = step["attributes"]["pad_width"]
    return torch.nn.functional.pad(x, (0, 0, size, size, size, size))


def leaky_relu(step, x, positive):
    return torch.where(positive, x, x * 2.0 ** -step["attributes"]["slope_shift"])


def relu(step, x, positive):
    return torch.where(positive, x, torch.zeros_like(x))


def clip(step, x, y):
    """The gradient passes strictly within the limits, where the format reaches them."""
    lo, hi = step["attributes"]["real_lo"], step["attributes"]["real_hi"]
    return torch.where((y > lo) & (y < hi), x, torch.clamp(x.detach(), lo, hi))


# What PyTorch computes, and the slope as the generated code takes it from what it keeps.
CURVES = {
    "tanh": (lambda step, x: torch.tanh(x), lambda x, y: 1 - y * y),
    "sigmoid": (lambda step, x: torch.sigmoid(x), lambda x, y: y * (1 - y)),
    "hardswish": (lambda step, x: torch.nn.functional.hardswish(x),
                  lambda x, y: torch.where(x.abs() < 3, x / 3 + 0.5, (x > 0).double())),
}


def curve(step, x, pin):
    value, slope = CURVES[step["op"]]
    if pin is None:
        return value(step, x)
    return pin + (x - x.detach()) * slope(x.detach(), pin)


def dropout(step, x):
    """As in the first step of a training with seed 1."""
    attributes, elements = step["attributes"], x[0].numel()
    draws = [Streams(1).draws(0, attributes["site"], row, 16, elements) for row in range(len(x))]
    kept = torch.tensor(draws).reshape(x.shape) >= attributes["drop"]
    return x * kept / (1 - attributes["drop"] / 65536)


def augment(step, x):
    """As in the first step with seed 1: images seen in a frame of zeros, mirrored or not."""
    attributes, result = step["attributes"], []
    height, width, pixels = (attributes[key] for key in ("height", "width", "pixels"))
    frames = torch.nn.functional.pad(x.reshape(len(x), height, width, -1),
                                     (0, 0, pixels, pixels, pixels, pixels))
    for row, frame in enumerate(frames):
        draws = Streams(1).draws(0, attributes["site"], row, 16, 3)
        down, right = (draw * (2 * pixels + 1) // 65536 for draw in draws[:2])
        image = frame[down:down + height, right:right + width]
        result.append(image.flip(1) if attributes["flip"] and draws[2] % 2 else image)
    return torch.stack(result).reshape(x.shape)


def rmsnorm(step, x):
    return x / (x.square().mean(-1, keepdim=True) + step["attributes"]["real_epsilon"]).sqrt()


def layernorm(step, x):
    return torch.nn.functional.layer_norm(x, x.shape[-1:], eps=step["attributes"]["real_epsilon"])


def batchnorm(step, x):
    """Of all elements of a channel, as in training."""
    flat = x.reshape(-1, x.shape[-1])
    return torch.nn.functional.batch_norm(flat, None, None, training=True,
                                          eps=step["attributes"]["real_epsilon"]).reshape(x.shape)


def rnn(step, p, weights, pin):
    """With `pin`, the slopes as the generated code takes them from the states that it keeps."""
    states, last = [], torch.zeros_like(p[:, 0])
    for t in range(p.shape[1]):
        z = p[:, t] + last @ weights.T
        last = torch.tanh(z)
        if pin is not None:
            last = pin[:, t] + (z - z.detach()) * (1 - pin[:, t] ** 2)
        states.append(last)
    return torch.stack(states, 1)


def kept(pin, value, slope):
    """The value that the generated code has kept, with the slope that it takes from it."""
    return value if pin is None else pin + (value - value.detach()) * slope(pin)


def gru(step, p, weights, pin, gates=None, inner=None):
    """Parts r, z, n; of the state that is kept, the slopes see what it was rounded to."""
    units, states = weights.shape[1], []
    last = torch.zeros_like(p[:, 0, :units])
    for t in range(p.shape[1]):
        r, z, n = (None if gates is None else gates[:, t, i * units:(i + 1) * units]
                   for i in range(3))
        sums = (last @ weights.T).split(units, 1)
        inputs = p[:, t].split(units, 1)
        bend = torch.sigmoid if gates is None else lambda x: x
        r = kept(r, bend(inputs[0] + sums[0]), lambda y: y * (1 - y))
        z = kept(z, bend(inputs[1] + sums[1]), lambda y: y * (1 - y))
        c = kept(None if inner is None else inner[:, t], sums[2], lambda y: 1)
        value = inputs[2] + r * c
        n = kept(n, torch.tanh(value) if gates is None else value, lambda y: 1 - y * y)
        last = kept(None if pin is None else pin[:, t], n + z * (last - n), lambda y: 1)
        states.append(last)
    return torch.stack(states, 1)


# By the names of steps. What is a wall must stand in ste(...) wherever a gradient passes.
OPERATORS = {
    "dense": dense,
    "conv": conv,
    "maxpool": maxpool,
    "avgpool": avgpool,
    "pad": pad,
    "concat": lambda step, *parts: torch.cat(parts, -1),
    "add": lambda step, a, b: a + b,
    "mul": lambda step, a, b: a * b,
    "mask": lambda step, x, condition: x * (condition > 0),
    "dropout": dropout,
    "augment": augment,
    "rmsnorm": rmsnorm,
    "layernorm": layernorm,
    "batchnorm": batchnorm,
    "flatten": lambda step, x: x.reshape(len(x), -1),
    "last": lambda step, x: x[:, -1],
    "embed": lambda step, indices, weights: weights[indices],
    "round": lambda step, x: pass_through(x, torch.floor(x + 0.5)),
    "floor": lambda step, x: pass_through(x, torch.floor(x)),
    "sign": lambda step, x: pass_through(x, torch.sign(x)),
    "step": lambda step, x: pass_through(x, (x > 0).double()),
    "greater": lambda step, a, b: pass_through(a, (a > b).double()),
    "at_least": lambda step, a, b: pass_through(a, (a >= b).double()),
    "threshold": threshold,
}
RECURRENT = {"rnn": rnn, "gru": gru}
BENDS = {"relu": relu, "leaky_relu": leaky_relu}


def softmax(step, x, pin):
    """The derivative is taken from what is kept: y * (e - sum(e * y))."""
    if pin is None:
        return torch.softmax(x, -1)
    away = (x - x.detach()) * pin
    return pin + away - pin * away.sum(-1, keepdim=True)


def gather(step, x, indices):
    chosen = [row[places] for row, places in zip(x, indices.reshape(len(x), -1))]
    return torch.stack(chosen)


SOURCES = {}  # of indices, by their names: what they were taken from


def argmax(step, x, pin):
    """Of what was computed, where that is known: rounding decides between nearly equal values."""
    SOURCES[step["outputs"]["indices"]] = x
    return x.argmax(-1) if pin is None else pin.long()


def onehot(step, indices):
    """With the gradient of what the indices were taken from, where a gradient can pass."""
    y = torch.nn.functional.one_hot(indices, step["attributes"]["width"]).double()
    source = SOURCES.get(step["inputs"]["indices"])
    return y if source is None or source.numel() != y.numel() else pass_through(source.reshape(y.shape), y)


OPERATORS.update({"gather": gather, "onehot": onehot})


def output_of(step, values, pins):
    names = list(step["outputs"].values())
    # What a step keeps is no operand.
    operands = [values[name] for name in step["inputs"].values() if name in values]
    pin = pins.get(names[0])
    if step["op"] == "argmax":
        return names[0], argmax(step, operands[0], pin)
    if step["op"] in BENDS:
        y = BENDS[step["op"]](step, operands[0], (operands[0] if pin is None else pin) > 0)
    elif step["op"] == "clip":
        y = clip(step, operands[0], operands[0] if pin is None else pin.reshape(operands[0].shape))
    elif step["op"] == "softmax":
        y = softmax(step, operands[0], None if pin is None else pin.reshape(operands[0].shape))
    elif step["op"] in CURVES:
        y = curve(step, operands[0], None if pin is None else pin.reshape(operands[0].shape))
    elif step["op"] in RECURRENT:
        y = RECURRENT[step["op"]](step, *operands, *(pins.get(name) for name in names))
    else:
        y = OPERATORS[step["op"]](step, *operands)
    return names[0], y if pin is None else pass_through(y, pin.reshape(y.shape))


def forward(model, parameters, raw, pins):
    values = dict(parameters)
    first = model.steps(phase="forward")[0]
    name = list(first["outputs"].values())[0]
    if first["op"] == "index":
        x = torch.from_numpy(numpy.clip(raw.astype(numpy.int64), 0, first["attributes"]["most"]))
    else:
        x = pins[name] if name in pins else encoded(raw, first["attributes"])
    values[name] = x.reshape([len(raw)] + model.tensors[name]["shape"])
    for step in model.steps(phase="forward"):
        if step is not first:
            name, y = output_of(step, values, pins)
            values[name] = y.reshape([len(raw)] + model.tensors[name]["shape"])
    return values


def real_target(model, step, targets):
    """Of a difference, as the generated code encodes it: rounded to the output's format."""
    attributes = step["attributes"]
    if "target_shift" not in attributes:
        return encoded(targets, attributes)
    output = model.tensors[step["inputs"]["output"]]
    scale, offset = (numpy.array(attributes[key]) for key in ("multiplier", "offset"))
    exact = (targets.astype(numpy.int64) * scale - offset) * 2.0 ** -attributes["target_shift"]
    most = attributes["target_bound"]
    rounded = numpy.clip(numpy.floor(exact + 0.5), -most, most)
    return torch.from_numpy(rounded * 2.0 ** -output["shift"])


def hinge(output, wanted):
    return torch.relu(1 - (2 * wanted - 1) * output).sum()


# Of the output and the target, one-hot for classes; summed over the batch.
LOSSES = {
    "mse": lambda step, y, t: 0.5 * ((y - t) ** 2).sum(),
    "mae": lambda step, y, t: (y - t).abs().sum(),
    "huber": lambda step, y, t: torch.nn.functional.huber_loss(
        y, t, reduction="sum", delta=step["attributes"]["real_delta"]),
    "hinge": lambda step, y, t: hinge(y, t),
    "binary_cross_entropy": lambda step, y, t: torch.nn.functional.binary_cross_entropy_with_logits(
        y, t, reduction="sum"),
}


def class_weights(step):
    """As the integers have them, else as the file has them; None: there are none."""
    attributes = step["attributes"]
    if not attributes["real_weights"]:
        return None
    weights = torch.tensor(attributes.get("weights", attributes["real_weights"]),
                           dtype=torch.float64)
    if "weights" in attributes:
        return weights * 2.0 ** -attributes["weight_shift"] / attributes["real_factor"]
    return weights


def loss_sum(model, values, targets):
    """Over the batch, of all losses that are added."""
    return sum(step["attributes"]["real_factor"] * loss_of(model, step, values, targets)
               for step in model.loss_steps())


def loss_of(model, step, values, targets):
    output = values[step["inputs"].get("logits") or step["inputs"]["output"]]
    weights = class_weights(step)
    if step["op"] == "cross_entropy":
        classes = output.shape[-1]
        return torch.nn.functional.cross_entropy(
            output.reshape(-1, classes), torch.from_numpy(targets.reshape(-1).astype(numpy.int64)),
            reduction="sum", ignore_index=classes, weight=weights)
    output = output.reshape(len(output), -1)
    if "classes" in model.tensors[step["inputs"]["target"]]:
        wanted = torch.eye(output.shape[1], dtype=torch.float64)[targets.astype(numpy.int64)]
    else:
        wanted = real_target(model, step, targets)
    if weights is None:
        return LOSSES[step["op"]](step, output, wanted)
    return sum(weights[int(c)] * LOSSES[step["op"]](step, output[i], wanted[i])
               for i, c in enumerate(targets))


# ---- f32: autograd from the loss -----------------------------------------------------------------

def parameters_of(model):
    return {name: torch.from_numpy(model.values(name)).requires_grad_()
            for name in model.updates()}


def gradients(model, raw, targets):
    """The loss and its gradient by each parameter, both summed over the batch."""
    parameters = parameters_of(model)
    loss = loss_sum(model, forward(model, parameters, raw, {}), targets)
    loss.backward()
    return loss.item(), {name: value.grad.numpy() for name, value in parameters.items()}


# ---- integers: autograd from the loss's error ----------------------------------------------------

def power_of_two(t, step):
    """2^-t in 15 bits by the schedule's table: int_exp2 of the runtime."""
    table = numpy.array(step["attributes"]["exp2_table"])
    bits = step["attributes"]["fraction_bits"]
    whole, fraction = t >> bits, (t & ((1 << bits) - 1)) >> (bits - 15)
    index, rest = fraction >> 10, fraction & 1023
    value = table[index] - ((table[index] - table[index + 1]) * rest >> 10)
    return numpy.where(whole > 15, 0, value >> numpy.minimum(whole, 15))


def integer_softmax_error(step, logits, targets):
    """What the integers make of softmax minus one-hot, in 15 bits, before its cast."""
    shape, classes = logits.shape, logits.shape[-1]
    logits, targets = logits.reshape(-1, classes), targets.reshape(-1)
    told = targets < classes # others are masked
    distance = logits.max(axis=1, keepdims=True) - logits
    power = power_of_two(distance * step["attributes"]["log2e"], step)
    reciprocal = (1 << 31) // power.sum(axis=1, keepdims=True)
    g = (power * reciprocal + 0x8000) >> 16
    g[numpy.arange(len(g)), numpy.where(told, targets, 0)] -= g.sum(axis=1)
    g[~told] = 0
    return torch.from_numpy((g * 2.0 ** -15).reshape(shape))


def integer_sigmoid_error(step, logits, targets, tensor):
    """What the table of tanh makes of sigmoid minus one-hot, in 16 bits, before its cast."""
    table = numpy.array([round(32768 * numpy.tanh(i / 16)) for i in range(129)] + [32768])
    attributes, units = step["attributes"], numpy.rint(logits * 2.0 ** tensor["shift"]).astype(numpy.int64)
    at = numpy.minimum(numpy.abs(units), attributes["reach"]) << attributes["position_up"]
    at = numpy.minimum(at >> attributes["position_down"], 8 << 14)
    index, rest = at >> 10, at & 1023
    value = table[index] + ((table[index + 1] - table[index]) * rest >> 10)
    g = 32768 + numpy.sign(units) * value
    g[numpy.arange(len(g)), targets] -= 65536
    return torch.from_numpy(g * 2.0 ** -16)


def weighed(step, error, targets):
    """The error times the weights of its classes, and the largest; a masked error is zero."""
    weights = class_weights(step)
    if weights is None:
        return error, 1
    known = numpy.minimum(targets.astype(numpy.int64), len(weights) - 1)
    return error * weights[torch.from_numpy(known)].unsqueeze(-1), weights.max().item()


def saturated(values, step, shift):
    """At the limits of the step's cast; one that scales saturates before it does so."""
    cast = step["cast"]
    scale = 2 ** -cast["shift"] if cast["rounding"] == "scale" else 1
    most = cast["hi"] // scale * scale * 2.0 ** -shift
    return torch.clamp(values, -most, most)


def expected_error(model, step, output, targets):
    """Of one loss, by its output, as its cast leaves it, and the largest error of the integer
    softmax, before any weights. An error of -1 has no place in 8 bits: the loss's error
    saturates at its cast."""
    name = step["inputs"].get("logits") or step["inputs"]["output"]
    leaf, factor = output.detach().requires_grad_(), step["attributes"]["real_factor"]
    (factor * loss_of(model, step, {name: leaf}, targets)).backward()
    error, softmax_error = leaf.grad, 0.0
    if step["op"] == "cross_entropy":
        logits = numpy.rint(output.detach().numpy() * 2.0 ** model.tensors[name]["shift"])
        error = integer_softmax_error(step, logits.astype(numpy.int64), targets.astype(numpy.int64))
    if step["op"] == "binary_cross_entropy":
        error = integer_sigmoid_error(step, output.detach().numpy(), targets, model.tensors[name])
    if error is not leaf.grad:
        error, most = weighed(step, error * factor, targets)
        softmax_error = (error - leaf.grad).abs().max().item() / most / factor
    return saturated(error, step, model.tensors[step["outputs"]["error"]]["shift"]), softmax_error


def expected_gradients(model, raw, targets, pins):
    """By each parameter, summed over the batch: the mean of what stochastic rounding makes of it.
    With it the largest error of the integer softmax."""
    parameters = parameters_of(model)
    values = forward(model, parameters, raw, pins)
    outputs = [values[step["inputs"].get("logits") or step["inputs"]["output"]]
               for step in model.loss_steps()]
    errors = [expected_error(model, step, output, targets)
              for step, output in zip(model.loss_steps(), outputs)]
    torch.autograd.backward(outputs, [error for error, _ in errors])
    gradients = {name: value.grad.numpy() for name, value in parameters.items()}
    return gradients, max(e for _, e in errors)
