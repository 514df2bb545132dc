#!/usr/bin/env python3
"""Writes random models that are valid, the same one for the same seed.

    tests/random/generate.py SEED

A model grows binding by binding: each uses some names that stand before it, mostly the last ones.
`features` holds what a model makes use of, so that a run can say what it has covered. Costs are
bounded, since every model is also executed in Python.
"""
import random
import sys

NARROW = [1, 1, 2, 3, 4, 5, 7, 8]
USUAL = [9, 10, 11, 13, 15, 16, 17, 19, 23, 29, 31, 32, 33]
WIDE = [47, 63, 64, 65, 97, 100, 127, 128, 129, 151, 199, 211, 255, 256, 257, 281, 293, 300]
MOST_WEIGHTS = 40000
MOST_PRODUCTS = 150000  # of one step: weights times batch

# Names that mean something to C, to m4 or to the generated code, and are free in a model file.
NAMES = ["b", "best", "define", "e", "epoch", "errno", "g", "hash", "i", "i8", "ifelse", "index",
         "key", "lo", "logits", "loss_", "m", "row", "rows", "seed", "size_t", "sum", "target_",
         "total", "uint8_t", "values", "w", "x", "x2", "y", "z", "zscore"]
# Of the model alone: C warns where one of its locals has the name of a type.
MODEL_NAMES = ["zero", "net_work", "define", "ifelse", "X1", "errno_", "data"]
COMMENTS = ["# plain words\n", "# m4_esyscmd(echo) */ \\\n", "# \"open, `quoted' [< and >]\n",
            "# Grüße, 你好\n", "\n\n", "  \t \r\n"]

BITS = {"u8": 8, "i8": 8, "i16": 16, "i32": 32}
PINS = {"i8": (1, 5), "i16": (5, 11), "i32": (9, 20)}  # shifts that suit an activation


FEATURES = {
    "precision i8", "precision i16", "precision i32", "precision f32", "precision block",
    "weights i8", "weights i16", "weights i32", "activations i8", "activations i16",
    "activations i32", "gradients i8", "gradients i16", "gradients i32", "master i32",
    "master i16", "master none", "accumulators i32", "accumulators i64", "raw u8", "raw i8",
    "raw i16", "raw i32", "fixed", "zscore", "minmax", "list of constants", "one constant", "unit",
    "input of 1 dimension", "input of 2 dimensions", "input of 3 dimensions", "flatten", "dense",
    "conv", "conv with stride", "conv with pad", "conv in groups", "depthwise conv", "conv of conv",
    "maxpool", "avgpool", "maxpool of windows that overlap", "avgpool of windows that overlap",
    "global_avgpool", "pad", "concat", "concat of more", "reshape", "conv1d",
    "with bias", "without bias", "he", "xavier", "width 1", "wider", "100 wide or more", "relu",
    "leaky_relu", "leaky_relu with a slope", "relu6", "hardtanh",
    "clip", "tanh", "sigmoid", "hardswish", "softmax", "rmsnorm", "layernorm", "batchnorm", "dropout", "mask", "argmax", "onehot", "gather", "comparison", "ste(comparison)", "threshold", "ste(threshold)", "rnn", "last", "every state",
    "gru", "embed", "weights ste(sign)", "weights ste(round)", "mul", "*",
    "ste(round)", "ste(floor)", "ste(sign)", "ste(step)",
    "step before any parameter", "+", "add", "residual", "name used again", "def",
    "cross_entropy of classes", "mse of classes", "mse of values", "mae of classes",
    "mae of values", "huber of classes", "huber of values", "hinge of classes",
    "binary_cross_entropy of classes", "weights of classes", "losses of one answer",
    "losses of two heads", "pin of a type",
    "pin of a shift", "pin of a type and a shift", "pin of the answer", "batch 1", "batch of more",
    "momentum none", "momentum power of two", "momentum any", "rate 2^-k", "rate of any value",
    "wild numbers", "usual numbers", "schedule constant", "schedule halve_every", "schedule halve_at",
    "schedule steps", "schedule cosine", "schedule warmup", "headroom",
    "headroom by class", "clip", "weight_decay", "average", "epochs", "rounding", "seed", "stop", "data",
    "shift of images", "flip of images",
    "optimizer sgd", "optimizer nesterov", "optimizer sign_sgd", "optimizer adam",
    "optimizer adamw", "optimizer rmsprop",
} | {"depth %d" % depth for depth in range(1, 9)}


class Value:
    """A name that is bound to a tensor."""

    def __init__(self, name, shape, learns, free):
        self.name, self.shape = name, shape
        self.learns = learns  # a parameter stands before it, so that errors pass it
        self.free = free      # its format is its own, and may be pinned


class Part:
    """An expression of one tensor; the same properties as a Value."""

    def __init__(self, text, shape, learns, free=False, unit=False):
        self.text, self.shape, self.learns, self.free, self.unit = text, shape, learns, free, unit


def product(shape):
    result = 1
    for size in shape:
        result *= size
    return result


def size_of(units, channels):
    """Weights of a recurrent layer, or of a third of a gated one."""
    return units * (units + channels)


class Model:
    def __init__(self, seed):
        self.seed, self.random = seed, random.Random("model %s" % seed)
        self.features, self.lines, self.values, self.weights = set(), [], [], 0
        self.wild = self.chance(0.2)
        self.use("wild numbers" if self.wild else "usual numbers")
        self.precision = self.choose_precision()
        self.name = self.random.choice(MODEL_NAMES) if self.chance(0.1) else "r%s" % seed
        self.taken = set()
        self.input_text, target_at = self.make_input(), len(self.lines)
        self.make_network()
        self.lines.insert(target_at, self.make_target())
        self.batch = self.choose_batch()
        self.text = self.assemble()

    # ---- chance ----

    def chance(self, share):
        return self.random.random() < share

    def pick(self, weights):
        """A key of a dictionary of weights."""
        return self.random.choices(list(weights), list(weights.values()))[0]

    def wildly(self, usual, wild):
        """One of the usual choices; in a model of wild numbers often one of the others."""
        return self.random.choice(wild if self.wild and self.chance(0.5) else usual)

    def use(self, *names):
        self.features.update(names)

    def new_name(self, usual):
        return self.random.choice(NAMES) if self.chance(0.1) else usual

    def bound_name(self, usual):
        name = self.new_name(usual)
        while name in self.taken:
            name = "%s_%d" % (usual, len(self.taken))
        self.taken.add(name)
        return name

    # ---- numbers ----

    def width(self, least=1):
        widths = self.pick({"narrow": 4, "usual": 4, "wide": 2})
        size = self.random.choice({"narrow": NARROW, "usual": USUAL, "wide": WIDE}[widths])
        return max(least, size)

    def affordable(self, inputs, least=1):
        """A width that `inputs` can be multiplied with."""
        room = (MOST_WEIGHTS - self.weights) // inputs
        size = self.width(least)
        while size > room and size > least:
            size = max(least, size // 3)
        return size

    def integer(self, value):
        """A constant, as people write them."""
        kind = self.pick({"plain": 8, "sum": 1, "product": 1, "hex": 1})
        if kind == "sum":
            return "%d + %d" % (value - value // 2, value // 2)
        if kind == "product":
            return "%d * (3 - 2)" % value
        return "0x%x" % value if kind == "hex" else str(value)

    def real(self, value):
        return ("%.4g" % value) if self.chance(0.8) else "(%.6f + 1) - 1" % value

    # ---- precision ----

    def choose_precision(self):
        kind = self.pick({"i8": 5, "i16": 4, "i32": 3, "f32": 3, "block": 6})
        self.use("precision " + kind)
        self.float, self.master, self.activations = kind == "f32", "i32", kind
        if kind != "block":
            return kind
        classes = {"weights": "i8 i16 i32", "activations": "i8 i16 i32",
                   "gradients": "i8 i16 i32", "master": "i32 i16 none", "accumulators": "i32 i64"}
        chosen = {name: self.random.choice(types.split()) for name, types in classes.items()
                  if self.chance(0.6)}
        self.use(*("%s %s" % item for item in chosen.items()))
        self.master, self.activations = chosen.get("master", "i32"), chosen.get("activations", "i8")
        return "{ %s }" % "  ".join("%s %s" % item for item in chosen.items())

    # ---- inputs and targets ----

    def encoding(self, features):
        """Type, shape and encoding; values of about -2 to 2 for most of what the type holds."""
        raw = self.random.choice(["u8", "u8", "i8", "i16", "i16", "i32"])
        kind = self.random.choice(["fixed", "zscore", "zscore", "minmax"])
        listed = kind != "fixed" and features <= 60 and self.chance(0.4)
        unit = self.wildly([1, 1, 0.1, 0.01, 2, 0.25], [100, 2.0 ** -20])
        self.use("raw " + raw, kind, "list of constants" if listed else "one constant")
        if unit != 1:
            self.use("unit")
        text = " unit %s" % self.real(unit) if unit != 1 else ""
        return raw, text + " " + self.encoding_call(kind, raw, unit, features if listed else 0)

    def encoding_call(self, kind, raw, unit, listed):
        if kind == "fixed":
            return "fixed(%s)" % self.integer(BITS[raw] + self.wildly([-2, -1, 0, 0, 1], [-7, 8]))
        ends = [self.interval(raw, unit) for _ in range(listed or 1)]
        if kind == "zscore":
            ends = [((lo + hi) / 2, (hi - lo) / 4) for lo, hi in ends]
        columns = [[self.real(end[i]) for end in ends] for i in range(2)]
        if not listed:
            return "%s(%s, %s)" % (kind, columns[0][0], columns[1][0])
        return "%s([%s], [%s])" % (kind, ", ".join(columns[0]), ", ".join(columns[1]))

    def interval(self, raw, unit):
        """Where data lie, in their own units: some of the range of the raw integers."""
        span = 2.0 ** BITS[raw]
        least = 0 if raw == "u8" else -span / 2
        width = span * self.wildly([1, 0.5, 0.25, 1 / 16], [1 / 64, 4, 1000])
        start = least + self.random.random() * abs(span - width)
        return start * unit, (start + width) * unit

    def make_indices(self):
        """Indices, and the table that makes values of them; both sizes may be larger than what comes in."""
        shape = self.random.choice([(1,), (4,), (7,), (2, 3), (3, 1)])
        count, dim = self.random.choice([2, 3, 50, 128, 129, 250]), self.random.choice([1, 3, 8, 17, 32])
        rows, raw = count + self.random.choice([0, 0, 1, 6]), self.random.choice(["u8", "i16", "i32"])
        self.use("embed", "raw " + raw)
        name, values = self.bound_name("x"), self.bound_name("e")
        self.lines.append("%s = embed(%s, %s, %s)" % (values, name, self.integer(rows), self.integer(dim)))
        self.values.append(Value(values, (*shape, dim), True, False))
        self.weights += rows * dim
        return "input %s: %s[%s] index(%s)" % (name, raw, ",".join(map(self.integer, shape)), self.integer(count))

    def make_input(self):
        self.image = ()
        if self.chance(0.1):
            return self.make_indices()
        rank = self.pick({1: 6, 2: 2, 3: 4})
        shape = (self.width(),) if rank == 1 else tuple(
            self.random.choice([1, 2, 3, 4, 5, 7]) for _ in range(rank))
        self.use("input of %d dimension%s" % (rank, "s" if rank > 1 else ""))
        raw, encoding = self.encoding(product(shape))
        name = self.bound_name("x")
        self.values.append(Value(name, shape, learns=False, free=False))
        self.image = shape if rank > 1 else ()
        dimensions = ",".join(map(self.integer, shape))
        return "input %s: %s[%s]%s" % (name, raw, dimensions, encoding)

    def make_target(self):
        name, width = self.bound_name("t"), self.values[-1].shape[0]
        self.loss_line = "loss " + self.loss_of(self.loss, self.values[-1].name, name, width)
        if self.chance(0.15):
            self.loss_line += " + " + self.another_loss(name, width)
        if self.real_target:
            raw, encoding = self.encoding(width)
            return "target %s: %s[%d]%s" % (name, raw, width, encoding)
        return "target %s: class[%s]" % (name, self.integer(width))

    def loss_of(self, loss, answer, target, width):
        delta = self.random.choice(["", ", 0.5", ", delta = 2^-3"]) if loss == "huber" else ""
        return "%s(%s, %s%s%s)" % (loss, answer, target, delta, self.class_weights(width))

    def another_loss(self, target, width):
        """Of the same answer, or of a layer that stands beside it."""
        answer = self.values[-1].name
        loss = self.random.choice(["mse", "mae", "huber"] + ([] if self.real_target else ["hinge", "cross_entropy"]))
        if self.chance(0.7):
            answer, part = self.bound_name("y"), self.dense(self.flat(self.source()), width)
            self.lines.append("%s = %s" % (answer, part.text))
        self.use("losses of one answer" if answer == self.values[-1].name else "losses of two heads")
        factor = self.random.choice(["", "0.5 * ", "2^-3 * ", "1 / 4 * "])
        return factor + self.loss_of(loss, answer, target, width)

    def class_weights(self, classes):
        if self.real_target or classes > 20 or not self.chance(0.3):
            return ""
        self.use("weights of classes")
        others = [self.random.choice(["0", "1", "2", "2^-2", "0.3", "7/3", "31.7"]) for _ in range(classes - 1)]
        return ", weights = [%s]" % ", ".join(["1"] + others)

    # ---- expressions ----

    def source(self, shape=None):
        """A value that stands before, mostly one of the last."""
        fitting = [value for value in self.values if shape in (None, value.shape)]
        near = fitting[-2:] if self.chance(0.8) else fitting
        value = self.random.choice(near)
        return Part(value.name, value.shape, value.learns)

    def flat(self, part):
        if len(part.shape) == 1 and not self.chance(0.03):
            return part
        self.use("flatten")
        return Part("flatten(%s)" % part.text, (product(part.shape),), part.learns)

    def dense(self, part, width=None):
        part = self.flat(part)
        inputs = part.shape[0]
        width = width or self.affordable(inputs)
        self.weights += inputs * width
        bias = self.pick({"": 5, ", bias = true": 1, ", bias = false": 3})
        init = self.pick({"": 5, ", init = he": 1, ", init = xavier": 3})
        self.use("dense", "without bias" if "false" in bias else "with bias",
                 "xavier" if "xavier" in init else "he", "width 1" if width == 1 else "wider")
        if width > 99:
            self.use("100 wide or more")
        units = self.pick({"": 3, "units = ": 1}) + self.integer(width)
        return Part("dense(%s, %s%s%s%s)" % (part.text, units, bias, init, self.kept()), (width,), True, True)

    def kept(self):
        """What is kept of a layer's weights."""
        if self.master == "none" or self.chance(0.9):
            return ""
        kept = self.random.choice(["ste(sign)", "ste(round)"])
        self.use("weights " + kept)
        return ", weights = " + kept

    def conv(self, part):
        """A convolution of an image, whatever sizes fit."""
        height, width, channels = part.shape
        kernel = self.random.choice([1, 2, 3, 3, 3, 4, 5])
        pad = self.random.choice([0, 0, 1, kernel // 2, kernel - 1])
        pad = max(min(pad, kernel - 1), (kernel - min(height, width) + 1) // 2)
        stride = self.random.choice([1, 1, 1, 2, 3])
        groups = self.random.choice([1, 1, 1, channels, *(d for d in (2, 3) if channels % d == 0)])
        out = [(size + 2 * pad - kernel) // stride + 1 for size in (height, width)]
        row = kernel * kernel * channels // groups
        outputs = groups * min(self.random.choice([1, 1, 2, 3, 4, 7]),
                               max(1, (MOST_WEIGHTS - self.weights) // (groups * row * product(out))))
        self.weights += outputs * row * product(out)
        self.use(*["conv"] + ["conv with stride"] * (stride > 1) + ["conv with pad"] * (pad > 0) +
                 ["conv in groups"] * (1 < groups < channels) + ["depthwise conv"] * (1 < groups == channels) +
                 ["conv of conv"] * part.learns)
        options = [", stride = %d" % stride] * (stride > 1) + [", pad = %s" % self.integer(pad)] * (pad > 0) + \
            [", groups = %d" % groups] * (groups > 1) + self.random.choice([[], [", bias = false"], [", init = xavier"]]) + [self.kept()]
        kernel_text = self.random.choice(["", "kernel = "]) + self.integer(kernel)
        text = "conv(%s, %d, %s%s)" % (part.text, outputs, kernel_text, "".join(options))
        return Part(text, (*out, outputs), True, True)

    def pool(self, part):
        """The size of the windows may leave pixels out."""
        size = self.random.randint(1, min(3, *part.shape[:2]))
        stride = self.random.randint(1, size + 1) if self.chance(0.6) else size
        name = self.random.choice(["maxpool", "maxpool", "avgpool"])
        self.use(name, *["%s of windows that overlap" % name] * (stride < size))
        shape = tuple((length - size) // stride + 1 for length in part.shape[:2]) + part.shape[2:]
        apart = self.random.choice([", stride = %d", ", %d"]) % stride if stride != size else ""
        return Part("%s(%s, %d%s)" % (name, part.text, size, apart), shape, part.learns)

    def padded(self, part):
        size = self.random.randint(0, 2)
        self.use("pad")
        shape = (part.shape[0] + 2 * size, part.shape[1] + 2 * size, part.shape[2])
        return Part("pad(%s, %d)" % (part.text, size), shape, part.learns)

    def as_sequence(self, part):
        """A layer along the rows of an image, laid out in one line."""
        height, width, channels = part.shape
        line = Part("reshape(%s, 1, %d, %d)" % (part.text, height * width, channels),
                    (1, height * width, channels), part.learns)
        conv = self.conv(line)
        self.use("reshape")
        if conv.shape[0] > 1:  # padding has given it rows
            return conv
        self.use("conv1d")
        text = conv.text.replace(line.text, "reshape(%s, %d, %d)" % (part.text, height * width, channels))
        return Part("reshape(%s, 1, %d, %d)" % (text.replace("conv(", "conv1d(", 1), *conv.shape[1:]),
                    conv.shape, True)

    def recurrent_layer(self):
        """A layer that goes over the pixels of an image one by one; its last state, or all of them."""
        images = [value for value in self.values if len(value.shape) == 3 and product(value.shape[:2]) > 1]
        if not images:
            return self.layer()
        value = self.random.choice(images[-2:])
        height, width, channels = value.shape
        room = (MOST_WEIGHTS - self.weights) // (height * width)
        units = self.random.choice([size for size in (1, 2, 3, 5, 8, 9, 16, 17, 32, 33)
                                    if size == 1 or size_of(size, channels) <= room])
        kind = self.random.choice(["rnn", "gru"]) if 3 * size_of(units, channels) <= room else "rnn"
        self.weights += height * width * size_of(units, channels) * (3 if kind == "gru" else 1)
        text = "%s(reshape(%s, %d, %d), %s%s)" % (
            kind, value.name, height * width, channels, self.integer(units),
            self.random.choice(["", "", ", bias = false", ", init = he"]))
        if self.chance(0.5):
            self.use(kind, "last")
            return self.bind(self.bend(Part("last(%s)" % text, (units,), True)))
        self.use(kind, "every state")
        return self.bind(Part("reshape(%s, %d, %d, %d)" % (text, height, width, units),
                              (height, width, units), True, True, unit=True))

    def bend(self, part):
        """An activation, or none."""
        kind = self.pick({"none": 3, "relu": 6, "leaky_relu": 2, "slope": 2, "wall": 3, "clip": 2, "curve": 3,
                          "norm": 2, "dropout": 1, "mask": 1, "comparison": 1, "choice": 1})
        if kind == "none":
            return part
        if kind == "wall":
            return self.wall(part)
        if kind == "clip":
            return self.clip(part)
        if kind == "mask":
            return self.masked(part)
        if kind == "comparison":
            return self.compared(part)
        if kind == "choice":
            return self.choice(part)
        if kind == "dropout":
            self.use("dropout")
            return Part("dropout(%s, %s)" % (part.text, self.random.choice(["0.5", "p = 0.1", "2^-3", "7/8", "0"])),
                        part.shape, part.learns, True)
        if kind == "norm":
            return self.norm(part)
        if kind == "curve":
            kind = self.random.choice(["tanh", "sigmoid", "hardswish"] + ["softmax"] * (part.shape[-1] > 1))
        self.use("leaky_relu with a slope" if kind == "slope" else kind)
        text = "%s(%s)" % (kind, part.text)
        if kind == "slope":
            slope = self.random.choice(["2^-1", "0.25", "slope = 2^-4", "1 / 64", "2^-10"])
            text = "leaky_relu(%s, %s)" % (part.text, slope)
        return Part(text, part.shape, part.learns, part.free)

    def clip(self, part):
        kind, arguments = self.random.choice([
            ("relu6", ""), ("hardtanh", ""), ("clip", ", -0.5, 0.75"), ("clip", ", lo = 0, hi = 2^-2"),
            ("clip", ", -1000, 2")])
        self.use(kind)
        return Part("%s(%s%s)" % (kind, part.text, arguments), part.shape, part.learns, part.free)

    def masked(self, part):
        """By a value that is added as well: a condition alone passes no error on."""
        fitting = [value for value in self.values if value.shape == part.shape]
        if not fitting:
            return part
        self.use("mask")
        condition = self.random.choice(fitting)
        return Part("mask(%s, %s) + %s" % (part.text, condition.name, condition.name), part.shape,
                    part.learns or condition.learns, True)

    def compared(self, part):
        """With a value that is added as well: of the two only the larger side of a comparison gets an error."""
        if self.chance(0.4):
            return self.compared_with_constant(part)
        fitting = [value for value in self.values if value.shape == part.shape]
        if not fitting:
            return part
        other, sign = self.random.choice(fitting), self.random.choice([">", ">=", "<", "<=", "greater"])
        text = "greater(%s, %s)" % (part.text, other.name) if sign == "greater" else \
            "%s %s (%s)" % (other.name, sign, part.text) if sign[0] == "<" else "(%s) %s %s" % (part.text, sign, other.name)
        learns = part.learns or other.learns
        self.use("comparison" if not learns else "ste(comparison)")
        return Part(("ste(%s) + %s" if learns else "(%s) + %s") % (text, other.name), part.shape, learns, True)

    def compared_with_constant(self, part):
        """The larger side must learn."""
        constant = self.random.choice(["0", "0.5", "-1/3", "2^-4", "1.75", "-1", "100"])
        rising = ["(%s) > %s", "(%s) >= %s", "greater(%s, %s)", "at_least(%s, %s)"]
        sign = self.random.choice(rising if part.learns else rising + ["(%s) < %s", "(%s) <= %s"])
        self.use("ste(threshold)" if part.learns else "threshold")
        text = sign % (part.text, constant)
        return Part("ste(%s)" % text if part.learns else text, part.shape, part.learns, True, unit=True)

    def choice(self, part):
        """The place of the largest element, straight through where errors must pass."""
        if part.shape[-1] < 2:
            return part
        self.use("argmax", "onehot")
        text = "onehot(argmax(%s))" % part.text
        return Part("ste(%s)" % text if part.learns else text, part.shape, part.learns, True, unit=True)

    def norm(self, part):
        """Of the last dimension, where there is enough of it."""
        if part.shape[-1] < 3:
            return part
        kind = self.random.choice(["rmsnorm", "layernorm"] + ["batchnorm"] * self.chance(0.5))
        self.use(kind)
        options = ["", "", ", eps = 0.01", ", 1"] + [", rate = 2^-1", ", 0.25, 2^-6"] * (kind == "batchnorm")
        text = "%s(%s%s)" % (kind, part.text, self.random.choice(options))
        return Part(text, part.shape, part.learns, True)

    def wall(self, part):
        """A step function: straight through where errors must pass, by itself where none do."""
        name = self.random.choice(["round", "floor", "sign", "step"])
        through = part.learns or self.chance(0.2)
        self.use("ste(%s)" % name if through else name + " before any parameter")
        text = "%s(%s)" % (name, part.text)
        return Part("ste(%s)" % text if through else text, part.shape, part.learns, part.free,
                    unit=name in ("sign", "step"))

    def add(self, left, right):
        name, sign = ("mul", "*") if self.chance(0.2) else ("add", "+")
        infix = self.chance(0.7)
        self.use(sign if infix else name)
        text = "(%s) %s (%s)" % (left.text, sign, right.text) if infix else \
            "%s(%s, %s)" % (name, left.text, right.text)
        return Part(text, left.shape, left.learns or right.learns, True)

    # ---- bindings ----

    def bind(self, part):
        name = self.bound_name("h%d" % len(self.values))
        pin = self.pin(part)
        self.lines.append("%s%s = %s" % (name, pin, part.text))
        self.values.append(Value(name, part.shape, part.learns, not pin))

    def pin(self, part):
        if not part.free or not self.chance(0.12):
            return ""
        kind = self.random.choice(["i8", "i16", "i32"])
        lo, hi = (0, 6) if part.unit else PINS[kind]
        shift = " shift %s" % self.integer(self.random.randint(lo, hi))
        form = self.random.choice(["type", "both", "shift"])
        self.use("pin of a " + {"both": "type and a shift"}.get(form, form))
        if self.wild and self.chance(0.5):
            return ": %s shift %d" % (kind, self.random.randint(-6, 20))
        if form == "shift":  # of a type that is not pinned
            lo, hi = (0, 6) if part.unit else PINS.get(self.activations, (1, 5))
            return ": shift %d" % self.random.randint(lo, hi)
        return ": " + kind + (shift if form == "both" else "")

    def layer(self):
        self.bind(self.bend(self.dense(self.source())))

    def image_layer(self):
        """A layer on an image, where there is one; pools stand before or behind the activation."""
        images = [value for value in self.values if len(value.shape) == 3]
        if not images:
            return self.layer()
        value = self.random.choice(images[-2:])
        part = Part(value.name, value.shape, value.learns)
        kind = self.pick({"conv": 4, "outer": 2, "inner": 1, "pad": 1, "beside": 1, "line": 1, "mean": 1})
        if kind == "beside":
            return self.beside([v for v in images if v.shape[:2] == part.shape[:2]])
        part = self.as_sequence(part) if kind == "line" else self.conv(self.padded(part) if kind == "pad" else part)
        if kind == "inner":
            part = self.pool(part)
        part = self.bend(part)
        if kind == "mean":
            self.use("global_avgpool")
            return self.bind(Part("global_avgpool(%s)" % part.text, part.shape[2:], True))
        return self.bind(self.pool(part) if kind == "outer" else part)

    def beside(self, images):
        """Two to six images side by side, the same one perhaps more than once."""
        parts = [self.random.choice(images) for _ in range(self.random.choice([2, 2, 2, 3, 4, 6]))]
        self.use("concat", *["concat of more"] * (len(parts) > 2))
        shape = (*parts[0].shape[:2], sum(part.shape[2] for part in parts))
        self.bind(Part("concat(%s)" % ", ".join(part.name for part in parts), shape,
                       any(part.learns for part in parts), True))

    def residual(self):
        """The sum of a value and of a layer on it, or on another one."""
        self.use("residual")
        base = self.flat(self.source())
        room = (MOST_WEIGHTS - self.weights) // base.shape[0]
        if base.shape[0] > room:
            self.again()
            return
        branch = self.bend(self.dense(base if self.chance(0.7) else self.source(), base.shape[0])
                           if self.chance(0.7) else self.dense(self.bend(base), base.shape[0]))
        self.bind(self.add(base, branch) if self.chance(0.5) else self.add(branch, base))

    def gathered(self):
        """Pieces of a value that another one chooses, which is passed on as well."""
        choosers = [value for value in self.values if 1 < value.shape[-1] <= 64 and product(value.shape) <= 300]
        pairs = [(value, chooser) for value in self.values for chooser in choosers
                 if chooser.shape[-1] <= value.shape[0] and len(value.shape) + len(chooser.shape) <= 6
                 and product(value.shape[1:]) * product(chooser.shape[:-1]) <= 300]
        if not pairs:
            return self.again()
        value, chooser = self.random.choice(pairs)
        self.use("argmax", "gather", "concat", "flatten")
        pieces = product(value.shape[1:]) * product(chooser.shape[:-1])
        self.bind(Part("concat(flatten(gather(%s, argmax(%s))), flatten(%s))" % (value.name, chooser.name, chooser.name),
                       (pieces + product(chooser.shape),), value.learns or chooser.learns, True))

    def again(self):
        """A name that is used more than once."""
        self.use("name used again")
        base = self.source()
        other = self.source(base.shape) if self.chance(0.5) else base
        self.bind(self.add(self.bend(base), other))

    def bent(self):
        """An activation of a value that others use too: with a copy of its own, or in place."""
        part = self.bend(self.source())
        if part.text not in self.taken:
            self.bind(part)

    def block(self):
        """A definition, called once or twice."""
        self.use("def")
        name, kind = "block%d" % len(self.values), self.random.choice(["plain", "residual", "init"])
        width = self.affordable(product(self.values[-1].shape))
        if kind == "plain":
            self.define(name + "(a, n)", "%s(dense(a, n))" % self.random.choice(["relu", "leaky_relu"]))
            self.call("%s(%%s, %d)" % (name, width), width)
        elif kind == "init":
            self.define(name + "(a, n, how)", "dense(a, n, init = how) + dense(a, n, bias = false)")
            self.call("%s(%%s, %d, %s)" % (name, width, self.random.choice(["he", "xavier"])), width)
        else:
            self.residual_block(name)

    def define(self, head, body):
        self.lines.append("def %s = %s" % (head, body))

    def call(self, text, width):
        part = self.flat(self.source())
        self.weights += 2 * part.shape[0] * width
        self.bind(Part(text % part.text, (width,), True))

    def residual_block(self, name):
        part = self.flat(self.source())
        width = part.shape[0]
        if 2 * width * width > MOST_WEIGHTS - self.weights:
            self.again()
            return
        self.define(name + "(a)", "a + relu(dense(a, %d))" % width)
        self.weights += 2 * width * width
        twice = self.chance(0.5)
        text = "%s(%s(%s))" % (name, name, part.text) if twice else "%s(%s)" % (name, part.text)
        self.bind(Part(text, (width,), True))

    def make_network(self):
        depth = self.pick({1: 2, 2: 4, 3: 4, 4: 3, 5: 2, 6: 2, 7: 1, 8: 1})
        self.use("depth %d" % depth)
        images = 8 if len(self.values[0].shape) == 3 else 0
        makers = {self.image_layer: images, self.recurrent_layer: images // 4, self.layer: 6, self.residual: 3, self.block: 1, self.again: 1, self.bent: 1, self.gathered: 0.5}
        for _ in range(depth - 1):
            self.pick(makers)()
            if self.chance(0.1):
                self.lines.append(self.random.choice(COMMENTS).rstrip("\n"))
        self.make_answer()

    def make_answer(self):
        """The last binding: what the loss reads."""
        self.loss = self.random.choice(["cross_entropy", "cross_entropy", "mse", "mae", "huber", "hinge",
                                        "binary_cross_entropy"])
        self.real_target = self.loss in ("mse", "mae", "huber") and self.chance(0.6)
        source = self.flat(self.source())
        width = self.affordable(source.shape[0], 1 if self.real_target else 2)
        part = self.dense(source, width)
        if self.chance(0.2):
            part = self.add(part, self.dense(self.flat(self.source()), width))
        elif self.chance(0.15):
            part = self.random.choice([self.relu_of, self.leaky_of])(part)
        self.use(self.loss + (" of values" if self.real_target else " of classes"))
        name = self.bound_name("y")
        self.lines.append("%s%s = %s" % (name, self.answer_pin(), part.text))
        self.values.append(Value(name, (width,), True, False))

    def relu_of(self, part):
        return Part("relu(%s)" % part.text, part.shape, True)

    def leaky_of(self, part):
        return Part("leaky_relu(%s)" % part.text, part.shape, True)

    def answer_pin(self):
        """Losses take answers of 8 or 16 bits, cross_entropy at a shift from 3."""
        if not self.chance(0.1):
            return ""
        self.use("pin of the answer")
        kind, shift = self.random.choice([("i8", 3), ("i8", 4), ("i16", 7), ("i16", 10)])
        return ": %s shift %d" % (kind, shift) if self.chance(0.7) else ": " + kind

    # ---- training ----

    def choose_batch(self):
        most = min(64, max(1, MOST_PRODUCTS // max(1, self.weights)))
        least = 5 if "batchnorm" in self.features else 1
        sizes = [size for size in (1, 1, 2, 3, 5, 7, 8, 13, 16, 31, 32, 33, 48, 63, 64) if least <= size <= max(most, least)]
        batch = self.random.choice(sizes)
        self.use("batch 1" if batch == 1 else "batch of more")
        return batch

    def optimizer(self):
        coarse = self.master != "i32" and not self.float
        rates = ["2^-1", "2^-2", "0.3"] if coarse else ["2^-3", "2^-5", "2^-7", "0.05", "0.1", "1/96"]
        kind = self.pick({"none": 3, "power of two": 3, "any": 3})
        momenta = {"none": [None], "power of two": ["1 - 2^-3", "0.5", "1 - 2^-6"],
                   "any": ["0.9", "0.99", "0.7", "2/3"]}
        momentum = self.wildly(momenta[kind], ["0.9999", "0.001", "1 - 2^-12", None])
        self.use("momentum " + kind)
        rate = self.wildly(rates, ["1", "5", "16", "2^-11", "1e-4"])
        self.use("rate of any value" if rate[:2] != "2^" else "rate 2^-k")
        # nesterov's momentum is 0.01 or more.
        name = self.pick({"sgd": 6, "nesterov": 0 if momentum in (None, "0.001") else 1,
                          "sign_sgd": 2, "adam": 2, "adamw": 2, "rmsprop": 2})
        self.use("optimizer " + name)
        if name in ("adam", "adamw"):
            return "%s(lr = %s%s)" % (name, rate, self.random.choice([
                "", ", beta1 = 0.9, beta2 = 0.999", ", eps = 0.01", ", beta1 = 0.5, beta2 = 0.75",
                ", beta2 = 0.9999", ", beta1 = 0.9, beta2 = 0.6"]))
        if name == "rmsprop":
            return "rmsprop(lr = %s%s)" % (rate, self.random.choice(["", ", alpha = 0.9", ", eps = 2^-9"]))
        return "%s(lr = %s%s)" % (name, rate, ", momentum = " + momentum if momentum else "")

    def schedule(self):
        kind = self.pick({"constant": 1, "halve_every": 2, "halve_at": 2, "steps": 2, "cosine": 2,
                          "warmup": 2})
        self.use("schedule " + kind)
        if kind == "constant":
            return kind
        if kind == "halve_every":
            return "halve_every(%d)" % self.random.randint(1, 5)
        if kind == "cosine":
            return self.random.choice(["cosine()", "cosine(7)", "cosine(3, least = 0.25)",
                                       "cosine(least = 2^-9)"])
        if kind == "warmup":
            return self.random.choice(["warmup(2)", "warmup(3, cosine(9))", "warmup(1, constant)",
                                       "warmup(2, steps([3, 4], 0.3))"])
        epochs = ", ".join(
            map(str, sorted(self.random.sample(range(1, 30), self.random.randint(1, 5)))))
        if kind == "steps":
            return "steps([%s], factor = %s)" % (epochs, self.random.choice(["0.1", "2^-1", "0.7"]))
        return "halve_at([%s])" % epochs

    def headroom(self):
        if self.chance(0.5):
            self.use("headroom")
            return self.wildly(["8", "24", "2^6", "4"], ["0.25", "4096", "300"])
        self.use("headroom by class")
        classes = ["weights", "activations", "errors", "inputs", "logits"]
        if not self.float and len(self.values) > 2 and self.values[-1].name not in classes:
            classes.append(self.values[-1].name)
        chosen = self.random.sample(classes, self.random.randint(1, 3))
        return "{ %s }" % "  ".join("%s %s" % (name, self.wildly(["2", "8", "20", "128"], ["0.25", "4096"]))
                                    for name in chosen)

    def augment(self):
        """What the input suits: images, of which at least a line and a column stay in sight."""
        farthest = min(self.image[:2]) - 1
        kind = self.pick({"shift": 2, "flip": 1, "both": 2}) if farthest > 0 else "flip"
        shift = "shift(%s)" % self.integer(self.random.randint(1, max(1, farthest)))
        if kind != "flip":
            self.use("shift of images")
        if kind != "shift":
            self.use("flip of images")
        return {"shift": shift, "flip": "flip", "both": "[%s, flip]" % shift}[kind]

    def settings(self):
        """Every setting that has a place in a train block, each in some of the models."""
        optional = {"clip": lambda: self.wildly(["0.5", "1", "2^-3", "4", "0.01"], ["1000", "1e-5"]),
                    "weight_decay": lambda: "2^-%d" % self.wildly(range(3, 20), [1, 2, 25, 30, 31]),
                    "schedule": self.schedule, "headroom": self.headroom,
                    "epochs": lambda: str(self.random.randint(1, 40)),
                    "rounding": lambda: self.random.choice(["nearest", "stochastic"]),
                    "seed": lambda: str(self.random.choice([0, 1, 77, 2 ** 53])),
                    "stop": lambda: "accuracy >= 0.95",
                    "data": lambda: 'csv("x.csv", label = "y", test = 0.2)'}
        rows = [("precision", self.precision), ("optimizer", self.optimizer()),
                ("batch", str(self.batch))]
        for name, value in optional.items():
            if self.chance(0.25):
                rows.append((name, value()))
                self.use(name)
        if "batchnorm" not in self.features and self.chance(0.2):
            rows.append(("average", "last %d" % self.random.randint(1, int(dict(rows).get("epochs", 10)))))
            self.use("average")
        if self.image and self.image[1] > 1 and self.chance(0.4):
            rows.append(("augment", self.augment()))
        self.random.shuffle(rows)
        return rows

    # ---- text ----

    def assemble(self):
        lines = ["model " + self.name, self.input_text, *self.lines, self.loss_line]
        rows = ["  %s %s" % row for row in self.settings()]
        if self.chance(0.2):
            lines.insert(0, self.random.choice(COMMENTS).rstrip("\n"))
        return "\n".join([*lines, "train {", *rows, "}"]) + "\n"


if __name__ == "__main__":
    print(Model(sys.argv[1] if len(sys.argv) > 1 else "1").text, end="")
