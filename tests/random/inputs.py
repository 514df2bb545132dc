"""Inputs of random models: types, shapes, encodings; images, rows, and indices of a table."""
from choices import Choices, Value, product

BITS = {"u8": 8, "i8": 8, "i16": 16, "i32": 32}


class Inputs(Choices):
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
        """Indices and the table that makes values of them; both sizes may exceed what comes in."""
        shape = self.random.choice([(1,), (4,), (7,), (2, 3), (3, 1)])
        count = self.random.choice([2, 3, 50, 128, 129, 250])
        dim = self.random.choice([1, 3, 8, 17, 32])
        rows = count + self.random.choice([0, 0, 1, 6])
        raw = self.random.choice(["u8", "i16", "i32"])
        self.use("embed", "raw " + raw)
        name, values = self.bound_name("x"), self.bound_name("e")
        self.lines.append("%s = embed(%s, %s, %s)" % (values, name, self.integer(rows), self.integer(dim)))
        self.values.append(Value(values, (*shape, dim), True, False))
        self.weights += rows * dim
        return "input %s: %s[%s] index(%s)" % (name, raw, ",".join(map(self.integer, shape)),
                                               self.integer(count))

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
