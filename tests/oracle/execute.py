"""Executes a shift schedule: init, forward, loss, backward and update, in unbounded integers.

It knows the schedule's JSON (docs/schedule.md) and nothing else of intc. Every tensor is a list of
rows: one row for each sample of the batch, or for each output unit of a parameter. While it
computes it holds the schedule to its word and raises Broken where it does not keep it:

    Accumulator   no sum, in whatever order it is added up, exceeds `worst_case`
    Cast          bits are dropped and values saturate only as the cast says
    Tensor        every stored value is within `bound`, and that within the type

and before anything runs, check_promises() derives each worst case anew from the operands' bounds, and
each shift from theirs.
"""
from integers import GOLDEN, MASK, Broken, Streams, mix, require
from schedule import Step, Tensor
from forward import FORWARD
from losses import LOSSES
from backward import BACKWARD
from updates import UPDATES, stored
from promises import check_accumulator, check_cast, check_directed, check_draws, check_tensor, check_update
from shifts import check_shifts

OPS = {**FORWARD, **LOSSES, **BACKWARD, **UPDATES}


class Machine:
    """The state of a training: what every tensor holds. `updates_last`: no step reads a parameter
    behind its update, so that all updates may as well come at the end."""

    def __init__(self, schedule, seed, updates_last=False):
        self.settings = schedule["settings"]
        self.batch = self.settings["batch"]
        self.tensors = {entry["name"]: Tensor(entry, self.batch) for entry in schedule["tensors"]}
        self.steps = [Step(entry, self.tensors) for entry in schedule["steps"]]
        if updates_last:
            self.steps.sort(key=lambda step: step.phase == "update")
        self.loss_steps = [step for step in self.steps if "target" in step.inputs]
        self.input = next(t for t in self.tensors.values() if t.kind == "input")
        self.target = next(t for t in self.tensors.values() if t.kind == "target")
        self.streams = Streams(seed)
        self.step = self.loss = self.correct = self.told = self.collected = 0
        self.training = False
        self.set_epoch(0)

    def check_promises(self):
        self.check_settings()
        for tensor in self.tensors.values():
            check_tensor(tensor)
        for step in self.steps:
            try:
                self.check_step(step)
            except Broken as error:
                step.fail(error)

    def check_settings(self):
        starts = self.settings["rate_from"]
        require(starts[0] == 0 and starts == sorted(set(starts)), "rates from epochs %s on", starts)
        for tensor, master, _ in self.sums():
            require(self.settings["average_last"] * master.bound <= tensor.bound and tensor.shift == master.shift,
                    "%s is no sum of masters", tensor.name)

    def check_step(self, step):
        check_shifts(step)
        check_draws(step)
        if step.accumulator:
            check_accumulator(step)
        if step.cast:
            check_cast(step)
        if step in self.loss_steps:
            require(step["classes"] == self.target.classes, "a loss of %d classes", step["classes"])
        if "gradient" in step.inputs:
            check = check_update if step.op in ("sgd", "nesterov") else check_directed
            check(step, self.settings["rate_factor_shift"])

    def draws(self, cast, row, count):
        if cast.site < 0:
            return None
        return self.streams.draws(self.step, cast.site, row, cast.field, count)

    def execute(self, step):
        """Runs one step; returns it, so that its outputs can be compared."""
        try:
            OPS[step.op](self, step)
        except Broken as error:
            step.fail(error)
        return step

    def run(self, *phases):
        for step in self.steps:
            if step.phase in phases:
                yield self.execute(step)

    def init(self):
        """Parameters start as `init` says, all other state at zero."""
        for tensor in self.tensors.values():
            if tensor.kind == "state":
                tensor.rows = self.zeros(tensor)
        return self.run("init")

    def zeros(self, tensor):
        made = next(s for s in self.steps if tensor in s.outputs.values())
        return [[0] * made["row"] for _ in range(made["rows"])]

    def set_epoch(self, epoch):
        passed = sum(epoch >= first for first in self.settings["rate_from"])
        self.rate_factor = self.settings["rate_factors"][passed - 1]

    def forward(self, rows):
        self.input.rows = rows
        return self.run("forward")

    def train(self, inputs, targets):
        """One step of the training; yields each step of the schedule when it is done."""
        self.loss = self.correct = self.told = 0
        self.training = True
        yield from self.forward(inputs)
        self.training = False
        self.target.rows = targets
        yield from self.run("backward", "update")
        self.step = self.step + 1 & 0xFFFFFFFF

    def sums(self):
        """Of averaged parameters: each master's sum, and the update that makes its storage copy."""
        for tensor in self.tensors.values():
            if tensor.kind == "average":
                master = self.tensors[tensor.sum_of]
                yield tensor, master, next(s for s in self.steps if s.phase == "update"
                                           and master in s.outputs.values())

    def collect(self, first):
        """After an epoch; the sums of many epochs are of the last ones, `average_last` at most."""
        more = not first and self.collected > 0
        if "average_last" not in self.settings or more and self.collected >= self.settings["average_last"]:
            return
        self.collected = self.collected + 1 if more else 1
        for tensor, master, _ in self.sums():
            before = tensor.rows if more else [[0] * len(row) for row in master.rows]
            tensor.store([[s + w for s, w in zip(*rows)] for rows in zip(before, master.rows)])

    def average(self):
        """Masters become their means; then the storage copies are made."""
        if self.collected == 0:
            return
        for tensor, master, update in self.sums():
            master.store([[(2 * s + self.collected) // (2 * self.collected) for s in row]
                          for row in tensor.rows])
            if "storage" in update.outputs:
                update.outputs["storage"].store([stored(update, row) for row in master.rows])
        self.collected = 0

    def answers(self):
        return next(iter(self.loss_steps[0].inputs.values())).rows

    def mean_loss(self, samples):
        """Of sequences the mean over steps that have a class."""
        terms = max(1, self.told) if self.target.classes and self.target.shape else samples
        return min(self.loss // terms, (1 << 32) - 1)

    def hash(self):
        """Of the step and of all that training agrees on, in the order of the tensors."""
        value = hash_with(0, self.step)
        for tensor in self.tensors.values():
            if tensor.kind == "parameter":
                for part in self.hashed(tensor):
                    value = hash_with_all(value, part)
        for tensor in self.kept():
            value = hash_with_all(value, tensor)
        return value

    def kept(self):
        """What forward steps keep from batch to batch."""
        made = {tensor for step in self.steps if step.phase == "forward"
                for tensor in step.outputs.values()}
        return [tensor for tensor in self.tensors.values() if tensor.kind == "state"
                and tensor in made]

    def hashed(self, parameter):
        """The master of a parameter, or itself where it has none; then its states."""
        made = next(s for s in self.steps
                    if s.phase == "update" and parameter in s.outputs.values())
        return [tensor for role, tensor in made.outputs.items() if role != "storage"]


def hash_with_all(value, tensor):
    for element in tensor.flat():
        value = hash_with(value, element & MASK)
    return value


def hash_with(value, element):
    return (mix(value ^ element) + GOLDEN) & MASK
