#!/usr/bin/env python3
"""Writes random models that are valid, the same one for the same seed.

    tests/random/generate.py SEED

A model grows binding by binding: each uses some names that stand before it, mostly the last ones.
`features` holds what a model makes use of, so that a run can say what it has covered. Costs are
bounded, since every model is also executed in Python.
"""
import sys

from choices import MODEL_NAMES, MOST_WEIGHTS, Part, Value, product
from expressions import Expressions
from inputs import Inputs
from training import Training

COMMENTS = ["# plain words\n", "# m4_esyscmd(echo) */ \\\n", "# \"open, `quoted' [< and >]\n",
            "# Grüße, 你好\n", "\n\n", "  \t \r\n"]
PINS = {"i8": (1, 5), "i16": (5, 11), "i32": (9, 20)}  # shifts that suit an activation

FEATURES = {
    "precision i8", "precision i16", "precision i32", "precision f32", "precision block",
    "weights i8", "weights i16", "weights i32", "activations i8", "activations i16",
    "activations i32", "gradients i8", "gradients i16", "gradients i32", "master i32", "master i16",
    "master none", "accumulators i32", "accumulators i64", "raw u8", "raw i8", "raw i16", "raw i32",
    "fixed", "zscore", "minmax", "list of constants", "one constant", "unit",
    "input of 1 dimension", "input of 2 dimensions", "input of 3 dimensions", "flatten", "dense",
    "conv", "conv with stride", "conv with pad", "conv in groups", "depthwise conv", "conv of conv",
    "maxpool", "avgpool", "maxpool of windows that overlap", "avgpool of windows that overlap",
    "global_avgpool", "pad", "concat", "concat of more", "reshape", "conv1d", "with bias",
    "without bias", "he", "xavier", "width 1", "wider", "100 wide or more", "relu", "leaky_relu",
    "leaky_relu with a slope", "relu6", "hardtanh", "clip", "tanh", "sigmoid", "hardswish",
    "softmax", "rmsnorm", "layernorm", "batchnorm", "dropout", "mask", "argmax", "onehot", "gather",
    "comparison", "ste(comparison)", "threshold", "ste(threshold)", "rnn", "last", "every state",
    "gru", "embed", "weights ste(sign)", "weights ste(round)", "mul", "*", "ste(round)",
    "ste(floor)", "ste(sign)", "ste(step)", "step before any parameter", "+", "add", "residual",
    "name used again", "def", "cross_entropy of classes", "mse of classes", "mse of values",
    "mae of classes", "mae of values", "huber of classes", "huber of values", "hinge of classes",
    "binary_cross_entropy of classes", "weights of classes", "losses of one answer",
    "losses of two heads", "pin of a type", "pin of a shift", "pin of a type and a shift",
    "pin of the answer", "batch 1", "batch of more", "momentum none", "momentum power of two",
    "momentum any", "rate 2^-k", "rate of any value", "wild numbers", "usual numbers",
    "schedule constant", "schedule halve_every", "schedule halve_at", "schedule steps",
    "schedule cosine", "schedule warmup", "headroom", "headroom by class", "clip", "weight_decay",
    "average", "epochs", "rounding", "seed", "stop", "data", "shift of images", "flip of images",
    "optimizer sgd", "optimizer nesterov", "optimizer sign_sgd", "optimizer adam",
    "optimizer adamw", "optimizer rmsprop",
} | {"depth %d" % depth for depth in range(1, 9)}


def size_of(units, channels):
    """Weights of a recurrent layer, or of a third of a gated one."""
    return units * (units + channels)


class Model(Inputs, Expressions, Training):
    def __init__(self, seed):
        super().__init__(seed)
        self.precision = self.choose_precision()
        self.name = self.random.choice(MODEL_NAMES) if self.chance(0.1) else "r%s" % seed
        self.input_text, target_at = self.make_input(), len(self.lines)
        self.make_network()
        self.lines.insert(target_at, self.make_target())
        self.batch = self.choose_batch()
        self.text = self.assemble()

    # ---- the target and its losses ----

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
        self.use("losses of one answer" if answer == self.values[-1].name
                 else "losses of two heads")
        factor = self.random.choice(["", "0.5 * ", "2^-3 * ", "1 / 4 * "])
        return factor + self.loss_of(loss, answer, target, width)

    def class_weights(self, classes):
        if self.real_target or classes > 20 or not self.chance(0.3):
            return ""
        self.use("weights of classes")
        others = [self.random.choice(["0", "1", "2", "2^-2", "0.3", "7/3", "31.7"])
                  for _ in range(classes - 1)]
        return ", weights = [%s]" % ", ".join(["1"] + others)

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
        kind = self.pick({"conv": 4, "outer": 2, "inner": 1, "pad": 1, "beside": 1, "line": 1,
                          "mean": 1})
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

    def recurrent_layer(self):
        """A layer that goes over the pixels of an image one by one; its last state, or all of
        them."""
        images = [value for value in self.values if len(value.shape) == 3
                  and product(value.shape[:2]) > 1]
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
        choosers = [value for value in self.values if 1 < value.shape[-1] <= 64
                    and product(value.shape) <= 300]
        pairs = [(value, chooser) for value in self.values for chooser in choosers
                 if chooser.shape[-1] <= value.shape[0]
                 and len(value.shape) + len(chooser.shape) <= 6
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
            self.define(name + "(a, n)",
                        "%s(dense(a, n))" % self.random.choice(["relu", "leaky_relu"]))
            self.call("%s(%%s, %d)" % (name, width), width)
        elif kind == "init":
            self.define(name + "(a, n, how)", "dense(a, n, init = how) + dense(a, n, bias = false)")
            self.call("%s(%%s, %d, %s)" % (name, width, self.random.choice(["he", "xavier"])),
                      width)
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
        makers = {self.image_layer: images, self.recurrent_layer: images // 4, self.layer: 6,
                  self.residual: 3, self.block: 1, self.again: 1, self.bent: 1, self.gathered: 0.5}
        for _ in range(depth - 1):
            self.pick(makers)()
            if self.chance(0.1):
                self.lines.append(self.random.choice(COMMENTS).rstrip("\n"))
        self.make_answer()

    def make_answer(self):
        """The last binding: what the loss reads."""
        self.loss = self.random.choice(["cross_entropy", "cross_entropy", "mse", "mae", "huber",
                                        "hinge", "binary_cross_entropy"])
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

    # ---- text ----

    def assemble(self):
        lines = ["model " + self.name, self.input_text, *self.lines, self.loss_line]
        rows = ["  %s %s" % row for row in self.settings()]
        if self.chance(0.2):
            lines.insert(0, self.random.choice(COMMENTS).rstrip("\n"))
        return "\n".join([*lines, "train {", *rows, "}"]) + "\n"


if __name__ == "__main__":
    print(Model(sys.argv[1] if len(sys.argv) > 1 else "1").text, end="")
