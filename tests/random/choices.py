"""What a random model is made of, and the dice: names, sizes, constants as people write them."""
import random

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


class Choices:
    """Chance, all of it from one stream, and what has been used so far."""

    def __init__(self, seed):
        self.seed, self.random = seed, random.Random("model %s" % seed)
        self.features, self.lines, self.values, self.weights = set(), [], [], 0
        self.taken = set()
        self.wild = self.chance(0.2)
        self.use("wild numbers" if self.wild else "usual numbers")

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
