"""Expressions of random models: layers, activations and the like, on values that fit them."""
from choices import MOST_WEIGHTS, Choices, Part, product


class Expressions(Choices):
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
        return Part("dense(%s, %s%s%s%s)" % (part.text, units, bias, init, self.kept()), (width,),
                    True, True)

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
        text = conv.text.replace(line.text,
                                 "reshape(%s, %d, %d)" % (part.text, height * width, channels))
        return Part("reshape(%s, 1, %d, %d)" % (text.replace("conv(", "conv1d(", 1),
                                                *conv.shape[1:]),
                    conv.shape, True)

    def bend(self, part):
        """An activation, or none."""
        kind = self.pick({"none": 3, "relu": 6, "leaky_relu": 2, "slope": 2, "wall": 3, "clip": 2,
                          "curve": 3,
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
            return Part("dropout(%s, %s)" % (part.text,
                                             self.random.choice(["0.5", "p = 0.1", "2^-3", "7/8", "0"])),
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
            ("relu6", ""), ("hardtanh", ""), ("clip", ", -0.5, 0.75"),
            ("clip", ", lo = 0, hi = 2^-2"), ("clip", ", -1000, 2")])
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
        """With a value that is added, too: only the larger side of a comparison gets an error."""
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
        return Part(("ste(%s) + %s" if learns else "(%s) + %s") % (text, other.name), part.shape,
                    learns, True)

    def compared_with_constant(self, part):
        """The larger side must learn."""
        constant = self.random.choice(["0", "0.5", "-1/3", "2^-4", "1.75", "-1", "100"])
        rising = ["(%s) > %s", "(%s) >= %s", "greater(%s, %s)", "at_least(%s, %s)"]
        sign = self.random.choice(rising if part.learns else rising + ["(%s) < %s", "(%s) <= %s"])
        self.use("ste(threshold)" if part.learns else "threshold")
        text = sign % (part.text, constant)
        return Part("ste(%s)" % text if part.learns else text, part.shape, part.learns, True,
                    unit=True)

    def choice(self, part):
        """The place of the largest element, straight through where errors must pass."""
        if part.shape[-1] < 2:
            return part
        self.use("argmax", "onehot")
        text = "onehot(argmax(%s))" % part.text
        return Part("ste(%s)" % text if part.learns else text, part.shape, part.learns, True,
                    unit=True)

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
