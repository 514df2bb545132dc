"""Runs the C of a model on given data and compares every tensor of every step with the executor.

The harness includes the generated file with INT_TRACE defined: behind each step it prints what the
step stored, from the places that the schedule's `memory` names; of a gradient, piece by piece, what
INT_TRACE_GRADIENT shows. It reads its data from stdin, all
numbers as the machine stores them:

    seed u64, batches u32, poking u32, then for each batch
    epoch u32, inputs, targets [, batches so far u32, every parameter, master and state]
    [, the error that the loss made]

Poking overwrites state before a batch, and the first error behind the loss: it puts tensors at
their bounds, and the count of batches far on, where training would hardly bring them.
"""
import array
import itertools
import os
import pathlib
import random
import struct
import subprocess

from forward import constants
from integers import Broken, clamp, require, type_most

C_TYPES = {"u8": "uint8_t", "u16": "uint16_t", "i8": "int8_t", "i16": "int16_t", "i32": "int32_t",
           "i64": "int64_t"}
CODES = {"u8": "B", "u16": "H", "i8": "b", "i16": "h", "i32": "i", "i64": "q"}
FLAGS = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror", "-g1",
         "-O0"]
SANITIZERS = ["-fsanitize=undefined,address", "-fno-sanitize-recover=all"]
FORGETS = 1  # the collect of an epoch that forgets what was collected before
STATE = ("parameter", "master", "state")

HARNESS = """/* Prints what each step of %(model)s stores. */
#include <stdio.h>
#include <stdlib.h>
#include <stdint.h>

struct %(model)s;
static void trace(struct %(model)s *m, uint32_t step);
static void trace_gradient(uint32_t step, size_t row, size_t at, size_t width, const void *g,
                           size_t bytes);
#define INT_TRACE(m, step) trace(m, step)
#define INT_TRACE_GRADIENT(m, step, row, at, g, width) \\
    trace_gradient(step, row, at, width, g, (width) * sizeof *(g))
#include "%(model)s.c"

static uint32_t tracing, poking;

static void put(const void *bytes, size_t count)
{
    if (fwrite(bytes, 1, count, stdout) != count)
        exit(3);
}

static void take(void *bytes, size_t count)
{
    if (fread(bytes, 1, count, stdin) != count)
        exit(3);
}

static void trace_gradient(uint32_t step, size_t row, size_t at, size_t width, const void *g,
                           size_t bytes)
{
    const uint32_t head[4] = {step, (uint32_t)row, (uint32_t)at, (uint32_t)width};
    if (!tracing)
        return;
    put(head, sizeof head);
    put(g, bytes);
}

static void trace(struct %(model)s *m, uint32_t step)
{
    if (!tracing)
        return;
    put(&step, sizeof step);
    switch (step) {
%(cases)s
    }
%(loss_pokes)s
}

static void poke(struct %(model)s *m)
{
    take(&m->step, sizeof m->step);
%(pokes)s
}

static struct %(model)s model;
static %(input_type)s inputs[%(batch)d][%(inputs)d];
static %(target_type)s targets[%(batch)d]%(targets)s;

static void batch(void)
{
    uint32_t epoch, result[2];
    take(&epoch, sizeof epoch);
    take(inputs, sizeof inputs);
    take(targets, sizeof targets);
    if (poking)
        poke(&model);
    %(model)s_set_epoch(&model, epoch);
    result[0] = %(model)s_train(&model, (const %(input_type)s(*)[%(inputs)d])inputs,
                                %(target_argument)s);
    result[1] = %(model)s_correct(&model);
    put(result, sizeof result);
}

static void answer(void)
{
    int16_t logits[%(answers)d];
    uint32_t loss;
    uint64_t hash = %(model)s_hash(&model);
    %(model)s_infer(&model, inputs[0], logits);
    loss = %(model)s_loss(&model, inputs[0], %(target_one)s);
    put(logits, sizeof logits);
    put(&loss, sizeof loss);
    put(&hash, sizeof hash);
}

int main(void)
{
    uint64_t seed;
    uint32_t batches;
    take(&seed, sizeof seed);
    take(&batches, sizeof batches);
    take(&poking, sizeof poking);
    tracing = 1;
    %(model)s_init(&model, seed);
    for (uint32_t i = 0; i < batches; ++i) {
        batch();
%(collect)s
    }
    tracing = 0;
%(average)s
    answer();
    return 0;
}
"""


# ---- the harness ---------------------------------------------------------------------------------

class Places:
    """Where the generated struct keeps each tensor, as C, and how many elements are there."""

    def __init__(self, schedule, machine):
        self.buffers = {row["name"]: row for row in schedule["memory"]["buffers"]}
        self.tensors = machine.tensors

    def expression(self, tensor):
        buffer = self.buffers[tensor.name]
        if buffer["pool"] == "own":
            return "m->" + tensor.name.replace(".", "_")
        return "m->%s + %d" % (buffer["pool"], buffer["offset"])

    def elements(self, tensor):
        """All that the batch needs."""
        return self.buffers[tensor.name]["bytes"] // array.array(CODES[tensor.type]).itemsize

    def arguments(self, tensor):
        return "%s, %d * sizeof(%s)" % (self.expression(tensor), self.elements(tensor),
                                        C_TYPES[tensor.type])


def averaging(line, machine):
    """A line for models whose weights are averaged; here an epoch has one batch."""
    return line if "average_last" in machine.settings else ""


def harness_text(schedule, machine, places):
    cases = "\n".join(
        "    case %d: %s break;" % (step.number, " ".join(
            "put(%s);" % places.arguments(tensor) for tensor in step.outputs.values()))
        for step in machine.steps if not step.makes_gradient())
    state = [tensor for tensor in machine.tensors.values() if tensor.kind in STATE]
    target = machine.target
    return HARNESS % {
        "model": schedule["model"], "cases": cases, "batch": machine.batch,
        "loss_pokes": "\n".join("    if (poking && step == %d)\n        take(%s);" % (
            step.number, places.arguments(step.outputs["error"])) for step in machine.loss_steps),
        "collect": averaging("        %s_collect(&model, i == %d);" % (schedule["model"], FORGETS), machine),
        "average": averaging("    %s_average(&model);" % schedule["model"], machine),
        "pokes": "\n".join("    take(%s);" % places.arguments(tensor) for tensor in state),
        "input_type": C_TYPES[machine.input.type], "inputs": machine.input.elements,
        "target_type": C_TYPES[target.type],
        "targets": "[%d]" % target.elements if target.shape else "",
        "target_argument": "targets" if not target.shape else
        "(const %s(*)[%d])targets" % (C_TYPES[target.type], target.elements),
        "target_one": "targets[0]" if target.shape else "targets",
        "answers": next(iter(machine.loss_steps[0].inputs.values())).elements}


def build(text, folder, name, options):
    """The harness as a program, beside the generated file."""
    (folder / "harness.c").write_text(text)
    command = [os.environ.get("CC", "cc"), *FLAGS, *options, "harness.c", "-o", name]
    result = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                            text=True)
    if result.returncode:
        raise Broken("the generated C does not compile:\n" + result.stderr[:3000])
    return folder / name


# ---- data ----------------------------------------------------------------------------------------

def raw_limits(tensor):
    most = type_most(tensor.type)
    return (0, most) if tensor.type[0] == "u" else (-most - 1, most)


class Source:
    """Pseudo-random data for a model: mostly usual values, some at the ends of their type."""

    def __init__(self, machine, seed):
        self.machine, self.random = machine, random.Random(seed)
        encode = next(s for s in machine.steps if s.op in ("encode", "index"))
        self.indices = encode["most"] + 1 if encode.op == "index" else 0
        self.encodings = {} if self.indices else {machine.input.name: (encode, encode.accumulator.shift)}
        if not machine.target.classes:
            loss = machine.loss_steps[0]
            self.encodings[machine.target.name] = (
                loss, loss["target_shift"] + loss.inputs["output"].shift)

    def usual(self, tensor, feature):
        """A raw integer that stands for a value between -2 and 2, or for an index."""
        if self.indices and tensor is self.machine.input:
            return self.random.randrange(self.indices)
        step, shift = self.encodings[tensor.name]
        multiplier = constants(step, "multiplier", tensor.elements)[feature]
        offset = constants(step, "offset", tensor.elements)[feature]
        value = self.random.uniform(-2, 2) * 2.0 ** shift + offset
        return clamp(int(value / max(multiplier, 1)), *raw_limits(tensor))

    def value(self, tensor, feature):
        lo, hi = raw_limits(tensor)
        kind = self.random.random()
        if kind < 0.75:
            return self.usual(tensor, feature)
        return self.random.choice((lo, hi)) if kind < 0.85 else self.random.randint(lo, hi)

    def sample(self, tensor):
        if tensor.classes:
            masked = 1 if tensor.shape else 0  # classes beyond the last one mask a step
            return [self.random.randrange(tensor.classes + masked) for _ in range(tensor.elements)]
        return [self.value(tensor, feature) for feature in range(tensor.elements)]

    def rows(self, tensor):
        return [self.sample(tensor) for _ in range(self.machine.batch)]

    def ends(self, tensor, sign):
        """Raw integers at one end of their type; at a random one for sign 0."""
        if tensor.classes:
            return self.rows(tensor)
        lo, hi = raw_limits(tensor)
        return [[self.signed(sign, lo, hi) for _ in range(tensor.elements)]
                for _ in range(self.machine.batch)]

    def signed(self, sign, lo, hi):
        return self.random.choice((lo, hi)) if sign == 0 else hi if sign > 0 else lo


def rows_of(machine, tensor):
    """How many rows a tensor has, and how long they are."""
    if tensor.batched:
        return tensor.samples, tensor.elements
    init = next(s for s in machine.steps if "rows" in s.attributes and tensor in s.outputs.values())
    return init["rows"], init["row"]


def at_bounds(source, tensor, sign):
    rows, row = rows_of(source.machine, tensor)
    return [[source.signed(sign, tensor.lo, tensor.bound) for _ in range(row)]
            for _ in range(rows)]


def packed(tensor, rows):
    return array.array(CODES[tensor.type], itertools.chain.from_iterable(rows)).tobytes()


# ---- comparing -----------------------------------------------------------------------------------

class Trace:
    """What the C printed, read in the order in which the executor makes it."""

    def __init__(self, data, places):
        self.data, self.places, self.at, self.compared = memoryview(data), places, 0, 0

    def take(self, count):
        if self.at + count > len(self.data):
            raise Broken("the trace ends early")
        self.at += count
        return self.data[self.at - count:self.at]

    def numbers(self, code, count):
        taken = self.take(count * struct.calcsize("=" + code))
        return list(struct.unpack("=%d%s" % (count, code), taken))

    def compare_head(self, *wanted):
        found = tuple(self.numbers("I", len(wanted)))
        require(found == wanted, "the trace goes on with step %d", found[0])

    def compare_values(self, tensor, wanted, at, row):
        """`wanted` are elements `at` and up of a tensor with rows of `row` elements."""
        found = self.numbers(CODES[tensor.type], len(wanted))
        self.compared += len(wanted)
        if found == wanted:
            return
        i = next(i for i, value in enumerate(wanted) if found[i] != value)
        raise Broken("%s row %d element %d is %d in C, %d by the schedule (%d differ)" % (
            tensor.name, (at + i) // row, (at + i) % row, found[i], wanted[i],
            sum(a != b for a, b in zip(found, wanted))))

    def compare_tensor(self, tensor):
        values, count = tensor.flat(), self.places.elements(tensor)
        require(count == len(values), "%s has %d elements in memory, %d in the schedule",
                        tensor.name, count, len(values))
        self.compare_values(tensor, values, 0, len(tensor.rows[0]))

    def compare_gradient(self, step, gradient):
        """Row by row, each in pieces."""
        for i in getattr(gradient, "visited", range(len(gradient.rows))):
            row, at = gradient.rows[i], 0
            while at < len(row):
                self.compare_head(step.number, i, at)
                width = self.numbers("I", 1)[0]
                require(0 < width <= len(row) - at, "a piece of %d elements", width)
                self.compare_values(gradient, row[at:at + width], i * len(row) + at, len(row))
                at += width

    def compare(self, step):
        try:
            if step.makes_gradient():
                self.compare_gradient(step, step.outputs["gradient"])
                return
            self.compare_head(step.number)
            for tensor in step.outputs.values():
                self.compare_tensor(tensor)
        except Broken as error:
            step.fail(error)

    def compare_number(self, code, wanted, what):
        found = self.numbers(code, 1)[0]
        self.compared += 1
        require(found == wanted, "%s is %d in C, %d by the schedule", what, found, wanted)


class Batch:
    """What one step of the training is given."""

    def __init__(self, epoch, inputs, targets, step=0, state=None, errors=None):
        self.epoch, self.inputs, self.targets = epoch, inputs, targets
        self.step = step  # batches so far, where there is a state
        self.state = state  # {tensor: rows}, put there before the batch
        self.errors = errors or {}  # {tensor: rows}, put there behind its loss

    def packed(self, machine):
        parts = [struct.pack("=I", self.epoch), packed(machine.input, self.inputs),
                 packed(machine.target, self.targets)]
        if self.state is not None:
            parts.append(struct.pack("=I", self.step))
            parts += [packed(tensor, rows) for tensor, rows in self.state.items()]
            parts += [packed(tensor, rows) for tensor, rows in self.errors.items()]
        return b"".join(parts)


def usual_batches(source, count):
    machine = source.machine
    return [Batch(i, source.rows(machine.input), source.rows(machine.target)) for i in range(count)]


def extreme_batch(source, epoch, step, signs):
    """Every state at its bound; `signs` of inputs, weights, momentum and error, 0 for random."""
    machine = source.machine
    by_kind = {"parameter": signs[1], "master": signs[1], "state": signs[2]}
    state = {tensor: at_bounds(source, tensor, by_kind[tensor.kind])
             for tensor in machine.tensors.values() if tensor.kind in STATE}
    errors = {tensor: at_bounds(source, tensor, signs[3])
              for tensor in (step.outputs["error"] for step in machine.loss_steps)}
    return Batch(epoch, source.ends(machine.input, signs[0]), source.ends(machine.target, signs[0]),
                 step, state, errors)


EXTREMES = [(1, 1, 1, 1), (1, 1, -1, -1), (-1, -1, 1, 1), (1, 1, 1, -1), (1, -1, -1, -1),
            (0, 0, 0, 0)]
BATCHES_SO_FAR = [0, 15, 40, 1000, 1 << 24, (1 << 32) - 1]


def extreme_batches(source):
    """w - v, v + u and the sums reach furthest where signs agree or are opposite."""
    return [extreme_batch(source, i % 2, step, signs)
            for i, (step, signs) in enumerate(zip(BATCHES_SO_FAR, EXTREMES, strict=True))]


def run_program(program, machine, seed, batches):
    poking = batches[0].state is not None
    data = struct.pack("=QII", seed, len(batches), poking)
    data += b"".join(batch.packed(machine) for batch in batches)
    result = subprocess.run([program], input=data, capture_output=True)
    if result.returncode:
        raise Broken("the generated C stopped with status %d:\n%s" % (
            result.returncode, result.stderr.decode(errors="replace")[:3000]))
    return result.stdout


def follow_batch(machine, trace, batch):
    if batch.state is not None:
        machine.step = batch.step
    for tensor, rows in (batch.state or {}).items():
        tensor.rows = rows
    machine.set_epoch(batch.epoch)
    for step in machine.train(batch.inputs, batch.targets):
        trace.compare(step)
        for tensor in step.outputs.values():
            tensor.rows = batch.errors.get(tensor, tensor.rows)
    trace.compare_number("I", machine.mean_loss(machine.batch), "the loss")
    trace.compare_number("I", machine.correct, "the number of right answers")


def follow_answer(machine, trace, batch):
    """infer and loss, of the last batch's first sample; then the hash."""
    hashed = machine.hash()
    for _ in machine.forward(batch.inputs[:1]):
        pass
    machine.target.rows, machine.loss, machine.told = batch.targets[:1], 0, 0
    answers = machine.answers()[0]
    for step in machine.loss_steps:
        machine.execute(step)
    for i, value in enumerate(answers):
        trace.compare_number("h", value, "logit %d" % i)
    trace.compare_number("I", machine.mean_loss(1), "the loss of one sample")
    trace.compare_number("Q", hashed, "the hash")


def follow(programs, machine, places, seed, batches):
    """Runs all and compares; returns how many values agreed."""
    data = run_program(programs[0], machine, seed, batches)
    for other in programs[1:]:
        require(data == run_program(other, machine, seed, batches),
                        "the build '%s' gives another trace than '%s'", other.name,
                        programs[0].name)
    trace = Trace(data, places)
    for step in machine.init():
        trace.compare(step)
    for i, batch in enumerate(batches):
        follow_batch(machine, trace, batch)
        machine.collect(i == FORGETS)
    machine.average()
    follow_answer(machine, trace, batches[-1])
    require(trace.at == len(trace.data), "the trace is longer than the execution")
    return trace.compared


def intc(model, *arguments):
    """What the compiler prints; its warnings are not our matter."""
    program = os.environ.get("INTC", str(pathlib.Path(__file__).parents[2] / "build" / "intc"))
    result = subprocess.run([program, *arguments[:1], str(model), *arguments[1:]],
                            stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if result.returncode:
        raise Broken("intc %s: exit status %d\n%s" % (" ".join(arguments), result.returncode,
                                                      result.stderr))
    return result.stdout
