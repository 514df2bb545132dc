"""Models to take gradients of: one for each operator and loss, and random graphs."""

VECTOR = "i16[7] unit 0.01 zscore(0.5, 0.25)"
LIST = "i16[3] unit 0.1 zscore([5.8, 3.1, -1.5], [0.8, 0.4, 2.0])"
BYTES = "u8[12] fixed(8)"
IMAGE = "u8[3,4] fixed(8)"
PICTURE = "u8[6,5,2] fixed(8)"
SEQUENCE = "i8[6,3] fixed(5)"

# name: input, target, bindings, loss
OPERATORS = {
    "dense": (VECTOR, "class[4]", "y = dense(x, 4)", "cross_entropy"),
    "dense without bias": (VECTOR, "class[4]", "y = dense(x, 4, bias = false)", "cross_entropy"),
    "dense of dense": (BYTES, "class[3]", "y = dense(dense(x, 9, init = xavier), 3)",
                       "cross_entropy"),
    "wide dense": ("u8[70] fixed(8)", "class[10]",
                   "h = dense(x, 67, bias = false)\ny = dense(h, 10)", "cross_entropy"),
    "single unit": ("i8[1] fixed(5)", "i8[1] fixed(6)", "y = dense(dense(x, 1), 1)", "mse"),
    "relu": (VECTOR, "class[4]", "h = relu(dense(x, 16))\ny = dense(h, 4)", "cross_entropy"),
    "two relus": (BYTES, "class[10]",
                  "h = relu(dense(x, 24))\ng = relu(dense(h, 16))\ny = dense(g, 10)",
                  "cross_entropy"),
    "leaky_relu": (VECTOR, "class[4]", "h = leaky_relu(dense(x, 16))\ny = dense(h, 4)",
                   "cross_entropy"),
    "steep leaky_relu": (VECTOR, "class[4]",
                         "h = leaky_relu(dense(x, 16), slope = 2^-1)\ny = dense(h, 4)", "mse"),
    "add": (VECTOR, "class[4]", "h = dense(x, 4)\ng = relu(dense(x, 4))\ny = add(h, g)",
            "cross_entropy"),
    "residual": (VECTOR, "class[4]",
                 "h = relu(dense(x, 9))\ng = h + relu(dense(h, 9))\ny = dense(g + h, 4)",
                 "cross_entropy"),
    "name used four times": (BYTES, "class[3]",
                             "h = dense(x, 6)\ng = relu(h) + h + leaky_relu(h)\n"
                             "y = dense(g + ste(floor(h)), 3)", "cross_entropy"),
    "flatten": (IMAGE, "class[3]", "y = dense(relu(dense(flatten(x), 8)), 3)", "cross_entropy"),
    "conv": (PICTURE, "class[3]", "h = relu(conv(x, 4, 3))\ny = dense(flatten(h), 3)",
             "cross_entropy"),
    "conv of conv": (PICTURE, "class[3]",
                     "h = leaky_relu(conv(x, 5, 3, pad = 1, bias = false))\n"
                     "g = relu(conv(h, 4, kernel = 2, init = xavier))\ny = dense(flatten(g), 3)",
                     "cross_entropy"),
    "conv with stride": (PICTURE, "class[3]",
                         "h = relu(conv(x, 3, 3, stride = 2, pad = 2))\n"
                         "g = conv(h, 3, 2, stride = 2)\ny = dense(flatten(g), 3)", "mse"),
    "conv in groups": (PICTURE, "class[3]",
                       "h = relu(conv(x, 4, 1))\ng = conv(h, 6, 3, pad = 1, groups = 2)\n"
                       "y = dense(flatten(g), 3)", "cross_entropy"),
    "depthwise conv": (PICTURE, "class[3]",
                       "h = relu(conv(x, 4, 1))\ng = conv(h, 4, 3, stride = 2, groups = 4)\n"
                       "y = dense(flatten(g), 3)", "cross_entropy"),
    "maxpool": (PICTURE, "class[3]",
                "h = maxpool(relu(conv(x, 4, 3, pad = 1)), 2)\n"
                "g = relu(maxpool(conv(h, 3, 2, pad = 1), 3))\ny = dense(flatten(g), 3)",
                "cross_entropy"),
    "maxpool of windows that overlap": (PICTURE, "class[3]",
                                        "h = maxpool(relu(conv(x, 4, 3, pad = 1)), 3, stride = 1)\n"
                                        "g = maxpool(conv(h, 3, 2, pad = 1), 3, 2)\ny = dense(flatten(g), 3)",
                                        "cross_entropy"),
    "avgpool of windows that overlap": (PICTURE, "class[3]",
                                        "h = avgpool(relu(conv(x, 4, 3, pad = 1)), 3, stride = 2)\n"
                                        "g = avgpool(conv(h, 3, 2, pad = 1), 2, 1)\ny = dense(flatten(g), 3)",
                                        "cross_entropy"),
    "conv1d": ("i8[9,2] fixed(5)", "class[3]",
               "h = relu(conv1d(x, 4, 3, pad = 1))\n"
               "g = conv1d(h, 6, kernel = 4, stride = 2, groups = 2)\ny = dense(flatten(g), 3)",
               "cross_entropy"),
    "avgpool": (PICTURE, "class[3]",
                "h = avgpool(relu(conv(x, 4, 3, pad = 1)), 2)\n"
                "g = relu(conv(h, 3, 3, pad = 2))\n"
                "y = dense(flatten(avgpool(g, 3)), 3)", "cross_entropy"),
    "global_avgpool": (PICTURE, "class[3]",
                       "h = relu(conv(x, 8, 3))\ny = dense(global_avgpool(h), 3)", "cross_entropy"),
    "pad": (PICTURE, "class[3]", "h = pad(relu(conv(x, 4, 3)), 2)\n"
            "y = dense(flatten(conv(h, 3, 5)), 3)", "cross_entropy"),
    "reshape": ("u8[12] fixed(8)", "class[3]",
                "h = relu(dense(reshape(x, 12), 24))\ng = conv(reshape(h, 4, 3, 2), 5, 2)\n"
                "y = dense(reshape(g, 30), 3)", "cross_entropy"),
    "concat": (PICTURE, "class[3]",
               "h = relu(conv(x, 4, 3))\ng = concat(h, conv(x, 3, 3, bias = false))\n"
               "y = dense(concat(flatten(g), flatten(h)), 3)", "cross_entropy"),
    "concat of six": (VECTOR, "class[4]",
                      "h = relu(dense(x, 5))\ng = dense(x, 1)\n"
                      "y = dense(concat(h, dense(h, 3), x, tanh(h), g, h), 4)", "cross_entropy"),
    "def": (VECTOR, "class[3]",
            "def block(a, c) = relu(dense(a, c)) + a\n"
            "y = dense(block(block(dense(x, 6), 6), 6), 3)", "cross_entropy"),
    "ste(round)": (VECTOR, "class[4]", "h = ste(round(dense(x, 8)))\ny = dense(h, 4)",
                   "cross_entropy"),
    "ste(floor)": (VECTOR, "class[4]", "h = ste(floor(dense(x, 8)))\ny = dense(h, 4)",
                   "cross_entropy"),
    "ste(sign)": (VECTOR, "class[4]", "h = ste(sign(dense(x, 8)))\ny = dense(h, 4)",
                  "cross_entropy"),
    "ste(step)": (VECTOR, "class[4]", "h = ste(step(dense(x, 8)))\ny = dense(h, 4)",
                  "cross_entropy"),
    "comparisons": (VECTOR, "class[4]", "h = dense(x, 7)\ng = dense(x, 7)\n"
                    "y = dense(ste(h > x) + (x <= flatten(x)) + ste(h < g) * h, 4)",
                    "cross_entropy"),
    "comparisons with constants": (VECTOR, "class[4]", "h = dense(x, 7)\n"
                                   "y = dense(ste(h > 0.25) + (x <= 0.5) + (0 >= x) + ste(-1/3 <= h) * h, 4)", "cross_entropy"),
    "onehot of argmax": (VECTOR, "class[4]",
                         "h = dense(x, 7)\ny = dense(ste(onehot(argmax(h))) + onehot(argmax(x)) * h, 4)",
                         "cross_entropy"),
    "gather": (SEQUENCE, "class[4]", "h = conv1d(x, 7, 1)\ng = gather(h, argmax(x))\n"
               "y = dense(concat(flatten(g), gather(flatten(h), argmax(flatten(x)))), 4)",
               "cross_entropy"),
    "clip": (VECTOR, "class[4]", "h = clip(dense(x, 16), -0.75, 0.5)\ny = dense(h, 4)",
             "cross_entropy"),
    "relu6": (VECTOR, "class[4]", "h = relu6(dense(x, 16) + dense(x, 16))\ny = dense(h, 4)",
              "cross_entropy"),
    "hardtanh": (VECTOR, "class[4]", "h = hardtanh(dense(x, 16))\ny = dense(h, 4)",
                 "cross_entropy"),
    "tanh": (VECTOR, "class[4]", "h = tanh(dense(x, 16))\ny = dense(h, 4)", "cross_entropy"),
    "sigmoid": (VECTOR, "class[4]", "h = sigmoid(dense(x, 16))\ny = dense(h, 4)", "cross_entropy"),
    "hardswish": (VECTOR, "class[4]", "h = hardswish(dense(x, 16))\ny = dense(h, 4)",
                  "cross_entropy"),
    "binary weights": (VECTOR, "class[4]",
                       "h = relu(dense(x, 16, weights = ste(sign)))\ny = dense(h, 4, weights = ste(sign), init = xavier)",
                       "cross_entropy"),
    "ternary weights": (PICTURE, "class[3]",
                        "h = relu(conv(x, 4, 3, weights = ste(round)))\ny = dense(flatten(h), 3, weights = ste(round))",
                        "cross_entropy"),
    "softmax": (VECTOR, "class[4]", "h = softmax(dense(x, 16))\ny = dense(h, 4)", "cross_entropy"),
    "softmax of steps": (PICTURE, "class[3]",
                         "h = conv(x, 9, 3)\ng = softmax(h) * h\ny = dense(flatten(g), 3)", "mse"),
    "mask": (VECTOR, "class[4]",
             "h = dense(x, 7)\ng = mask(h, x) + mask(dense(h, 7), h)\ny = dense(g, 4)",
             "cross_entropy"),
    "dropout": (VECTOR, "class[4]",
                "h = dropout(relu(dense(x, 16)), 0.5)\ny = dense(dropout(dense(h, 13), p = 0.2), 4)", "cross_entropy"),
    "rmsnorm": (VECTOR, "class[4]", "h = rmsnorm(dense(x, 16))\ny = dense(h, 4)", "cross_entropy"),
    "layernorm": (VECTOR, "class[4]", "h = layernorm(relu(dense(x, 16)))\ny = dense(h, 4)",
                  "cross_entropy"),
    "batchnorm": (VECTOR, "class[4]", "h = batchnorm(dense(x, 16))\ny = dense(relu(h), 4)",
                  "cross_entropy"),
    "batchnorm of pixels": (PICTURE, "class[3]",
                            "h = relu(batchnorm(conv(x, 5, 3), rate = 2^-1))\ng = batchnorm(relu(conv(h, 4, 2)), eps = 0.01)\n"
                            "y = dense(flatten(g), 3)", "cross_entropy"),
    "norms of pixels": (PICTURE, "class[3]",
                        "h = relu(layernorm(conv(x, 9, 3)))\ng = rmsnorm(conv(h, 8, 2), eps = 0.01)\n"
                        "y = dense(flatten(g), 3)", "cross_entropy"),
    "norm of a sum": (VECTOR, "class[4]",
                      "h = dense(x, 16)\ng = layernorm(h + relu(dense(rmsnorm(h), 16)))\ny = dense(g, 4)", "mse"),
    "rnn": (SEQUENCE, "class[4]", "h = rnn(x, 16)\ny = dense(last(h), 4)", "cross_entropy"),
    "rnn of rnn": (SEQUENCE, "class[4]", "h = rnn(x, 11)\ng = rnn(h, 11, bias = false, init = he)\n"
                   "y = dense(flatten(h + g), 4)", "cross_entropy"),
    "gru": (SEQUENCE, "class[4]", "h = gru(x, 9)\ny = dense(last(h), 4)", "cross_entropy"),
    "gru of gru": (SEQUENCE, "class[4]", "h = gru(x, 7)\ng = gru(h, 5, bias = false, init = he)\n"
                   "y = dense(flatten(g), 4) + dense(flatten(h), 4)", "cross_entropy"),
    "classes of steps": (SEQUENCE, "class[6,4]", "y = conv1d(rnn(x, 8), 4, 1)", "cross_entropy"),
    "embed": ("u8[6] index(20)", "class[4]", "h = tanh(embed(x, 24, 5))\ny = dense(flatten(h), 4)",
              "cross_entropy"),
    "gate": (VECTOR, "class[4]",
             "h = dense(x, 16)\ng = sigmoid(dense(x, 16)) * h + h * h\ny = dense(g, 4)",
             "cross_entropy"),
    "mul": (BYTES, "class[3]", "h = relu(dense(x, 8))\ny = dense(mul(h, dense(x, 8)), 3)", "mse"),
    "mae of a class": (LIST, "class[5]", "h = relu(dense(x, 8))\ny = dense(h, 5)", "mae"),
    "mae of zscore": (LIST, "i16[2] unit 0.1 zscore([3.0, 7.0], [2.0, 0.5])",
                      "h = relu(dense(x, 8))\ny = dense(h, 2)", "mae"),
    "huber": (LIST, "i16[2] unit 0.1 zscore([3.0, 7.0], [2.0, 0.5])",
              "h = relu(dense(x, 8))\ny = dense(h, 2)", "huber(delta = 0.75)"),
    "huber of a class": (VECTOR, "class[4]", "h = relu(dense(x, 8))\ny = dense(h, 4)", "huber"),
    "hinge": (VECTOR, "class[4]", "h = relu(dense(x, 8))\ny = dense(h, 4)", "hinge"),
    "binary_cross_entropy": (VECTOR, "class[4]", "h = relu(dense(x, 8))\ny = dense(h, 4)",
                             "binary_cross_entropy"),
    "weighted cross_entropy": (SEQUENCE, "class[6,4]", "y = conv1d(x, 4, 1)",
                               "cross_entropy([1, 2.5, 0.3, 0])"),
    "weighted hinge": (VECTOR, "class[4]", "h = relu(dense(x, 8))\ny = dense(h, 4)",
                       "hinge([0.25, 1, 0.3, 2])"),
    "weighted binary_cross_entropy": (VECTOR, "class[4]", "h = relu(dense(x, 8))\ny = dense(h, 4)",
                                      "binary_cross_entropy(weights = [1, 5, 0.1, 2^-2])"),
    "losses of two heads": (VECTOR, "class[4]",
                            "h = relu(dense(x, 8))\ny = dense(h, 4)\nz = dense(h, 4)",
                            "cross_entropy(y, t) + 2^-2 * mse(z, t) + 0.5 * cross_entropy(z, t, [1, 3, 0.3, 0])"),
    "mse of a class": (LIST, "class[5]", "h = relu(dense(x, 8))\ny = dense(h, 5)", "mse"),
    "mse of fixed": (VECTOR, "i8[3] fixed(7)", "h = relu(dense(x, 8))\ny = dense(h, 3)", "mse"),
    "mse of zscore": (LIST, "i16[2] unit 0.1 zscore([3.0, 7.0], [2.0, 0.5])",
                      "h = relu(dense(x, 8))\ny = dense(h, 2)", "mse"),
    "mse of minmax": (BYTES, "u8[2] minmax([10, 0], [200, 255])",
                      "h = relu(dense(x, 8))\ny = dense(h, 2)", "mse"),
    "minmax input": ("i32[4] unit 0.001 minmax([0, 1, 2, 3], [5, 4, 9, 8])", "class[3]",
                     "h = relu(dense(x, 8))\ny = dense(h, 3)", "cross_entropy"),
}

FEW = ["clip", "tanh", "rmsnorm", "layernorm", "gate", "dense", "wide dense", "relu", "leaky_relu",
       "residual", "ste(floor)", "mse of a class", "mse of zscore"]


def model_text(case, precision, batch, settings=""):
    x, target, bindings, loss = case
    name, _, more = loss.partition("(")
    arguments = ", " + more if more else ")"
    line = loss if "+" in loss else f"{name}(y, t{arguments}"
    return (f"model net\ninput x: {x}\ntarget t: {target}\n{bindings}\nloss {line}\n"
            f"train {{\n  precision {precision}\n  batch {batch}\n{settings}}}\n")


def sgd(rate="2^-5", momentum="1 - 2^-3"):
    return f"  optimizer sgd(lr = {rate}, momentum = {momentum})\n"


# ---- random graphs -------------------------------------------------------------------------------

WALLS = ["round", "floor", "sign", "step"]


class Graph:
    """Bindings, each of which uses some that stand before it."""

    def __init__(self, random, width):
        self.random = random
        self.lines = []
        self.widths = {"x": width}

    def pick(self, width=None):
        names = [name for name, has in self.widths.items() if width in (None, has)]
        return str(self.random.choice(names[-3:])) # near the end, so that graphs grow deep

    def bind(self, expression, width):
        name = f"h{len(self.lines)}"
        self.lines.append(f"{name} = {expression}")
        self.widths[name] = width

    def dense(self, source, width):
        options = self.random.choice(["", ", bias = false", ", init = xavier"])
        return f"dense({source}, {width}{options})"

    def bend(self, inner):
        kind = self.random.choice(["none", "relu", "leaky_relu", "slope", "ste"],
                                  p=[0.15, 0.4, 0.15, 0.15, 0.15])
        if kind == "none":
            return inner
        if kind == "slope":
            return f"leaky_relu({inner}, slope = 2^-{self.random.integers(1, 6)})"
        if kind == "ste":
            return f"ste({self.random.choice(WALLS)}({inner}))"
        return f"{kind}({inner})"

    def layer(self):
        width = int(self.random.choice([1, 2, 3, 5, 8, 13, 16, 31, 32, 33, 40]))
        self.bind(self.bend(self.dense(self.pick(), width)), width)

    def residual(self):
        at = self.pick()
        width = self.widths[at]
        other = self.pick(width) if self.random.random() < 0.5 else at
        self.bind(f"{at} + {self.bend(self.dense(other, width))}", width)

    def again(self):
        at = self.pick()
        self.bind(f"{self.bend(at)} + {at}", self.widths[at])


def random_case(random):
    x, width = [(VECTOR, 7), (LIST, 3), (BYTES, 12)][random.integers(3)]
    graph = Graph(random, width)
    graph.layer() # so that walls and bends always stand behind a parameter
    del graph.widths["x"]
    for _ in range(random.integers(1, 6)):
        random.choice([graph.layer, graph.layer, graph.residual, graph.again])()
    last, outputs = list(graph.widths)[-1], int(random.integers(2, 12))
    kind = random.integers(3)
    target = f"i16[{outputs}] unit 0.01 zscore(1, 2)" if kind == 2 else f"class[{outputs}]"
    loss = "cross_entropy" if kind == 0 else "mse"
    bindings = graph.lines + [f"y = {graph.dense(last, outputs)}"]
    return (x, target, "\n".join(bindings), loss)
