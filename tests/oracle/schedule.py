"""What a schedule says of tensors, accumulators, casts and steps. Each holds values to its word."""
import itertools

from integers import Broken, clamp, nearest, require, stochastic


class Tensor:
    def __init__(self, entry, batch):
        self.name, self.kind, self.type = entry["name"], entry["kind"], entry["type"]
        self.shift, self.bound = entry["shift"], entry["bound"]
        self.lo = 0 if entry["non_negative"] else -self.bound
        self.batched, self.classes = entry["batched"], entry.get("classes", 0)
        self.sum_of = entry.get("sum_of")
        self.shape, self.elements = entry["shape"], 1
        for size in self.shape:
            self.elements *= size
        self.samples = batch if self.batched else 1
        self.rows = None  # the values

    def store(self, rows):
        elements = sum(map(len, rows))
        require(elements == self.elements * (len(rows) if self.batched else 1), "%s stores %d elements in %d rows",
                self.name, elements, len(rows))
        for row in rows:
            require(self.lo <= min(row) and max(row) <= self.bound,
                    "%s stores %d..%d, outside %d..%d", self.name, min(row), max(row), self.lo,
                    self.bound)
        self.rows = rows

    def flat(self):
        return list(itertools.chain.from_iterable(self.rows))


class Accumulator:
    def __init__(self, entry):
        self.type, self.shift = entry["type"], entry["shift"]
        self.worst_case, self.headroom_bits = entry["worst_case"], entry["headroom_bits"]
        self.attained = 0

    def check(self, reached):
        """`reached`: a magnitude that the sum has, or may have on its way."""
        self.attained = max(self.attained, reached)
        require(reached <= self.worst_case, "the accumulator reaches %d, its worst case is %d",
                reached, self.worst_case)

    def check_all(self, values):
        self.check(max(max(values), -min(values)))
        return values


class Cast:
    def __init__(self, entry):
        self.shift, self.rounding = entry["shift"], entry["rounding"]
        self.saturate, self.lo, self.hi = entry["saturate"], entry["lo"], entry["hi"]
        self.site, self.field = entry["site"], entry["field_bits"]

    def rounded(self, values, draws):
        if self.rounding == "stochastic":
            return [stochastic(v, self.shift, r) for v, r in zip(values, draws)]
        if self.rounding == "nearest":
            return [nearest(v, self.shift) for v in values]
        if self.rounding == "floor":
            return [v >> self.shift for v in values]
        if self.rounding == "scale":
            return self.scaled(values)
        require(self.rounding == "exact" and self.shift == 0, "cast %s by %d", self.rounding,
                self.shift)
        return values

    def scaled(self, values):
        """Clamped before the multiplication, so that it cannot overflow."""
        most = self.hi >> -self.shift
        require(self.saturate or max(map(abs, values)) <= most, "a cast clamps before it scales, "
                "and does not say so")
        return [clamp(v, -most, most) << -self.shift for v in values]

    def apply(self, values, draws=None):
        values = self.rounded(values, draws)
        if self.saturate:
            return [clamp(v, self.lo, self.hi) for v in values]
        require(self.lo <= min(values) and max(values) <= self.hi,
                "a cast gives %d..%d, saturates outside %d..%d, and does not say so", min(values),
                max(values), self.lo, self.hi)
        return values


class Step:
    def __init__(self, entry, tensors):
        self.number, self.op, self.phase = entry["number"], entry["op"], entry["phase"]
        self.inputs = {role: tensors[name] for role, name in entry["inputs"].items()}
        self.outputs = {role: tensors[name] for role, name in entry["outputs"].items()}
        self.attributes = entry["attributes"]
        self.accumulator = Accumulator(entry["accumulator"]) if "accumulator" in entry else None
        self.cast = Cast(entry["cast"]) if "cast" in entry else None

    def __getitem__(self, name):
        return self.attributes[name]

    def operand(self, role):
        return self.inputs.get(role) or self.outputs[role]

    def rows(self, role):
        return self.inputs[role].rows

    def makes_gradient(self):
        return any(tensor.kind == "gradient" for tensor in self.outputs.values())

    def fail(self, error):
        made = ", ".join(tensor.name for tensor in self.outputs.values())
        raise Broken("step %d (%s -> %s): %s" % (self.number, self.op, made, error)) from None
