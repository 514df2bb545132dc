"""A model, compiled by intc, built as a shared library and open to inspection.

The library includes the generated file, so that its static functions and the members of its struct
can be reached: parameters are set, activations and momenta are read, by the names that the schedule
gives them.
"""
import ctypes
import json
import os
import pathlib
import subprocess

import numpy

ROOT = pathlib.Path(__file__).resolve().parents[2]
INTC = os.environ.get("INTC", str(ROOT / "build" / "intc"))
CC = os.environ.get("CC", "cc").split()

NUMPY = {"u8": numpy.uint8, "u16": numpy.uint16, "i8": numpy.int8, "i16": numpy.int16,
         "i32": numpy.int32, "i64": numpy.int64, "f32": numpy.float32}

HARNESS = """
#include "net.c"
#include <stddef.h>
size_t harness_size(void) {{ return sizeof(net); }}
size_t harness_offset(size_t i) {{ return (const size_t[]){{{offsets}}}[i]; }}
void harness_forward(net *model, const void *inputs)
{{
    {training}net_forward(model, inputs, NET_BATCH);
}}
"""


def command(*words):
    result = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE, text=True)
    if result.returncode != 0:
        raise RuntimeError(f"{words[0]} failed: {result.stderr[-1500:]}")
    return result.stdout


class Generated:
    """The model must be called `net`."""

    def __init__(self, folder, text):
        folder.mkdir()
        (folder / "net.int").write_text(text)
        command(INTC, "compile", folder / "net.int", "-o", folder)
        self.schedule = json.loads(command(INTC, "schedule", "--format=json", folder / "net.int"))
        self.tensors = {tensor["name"]: tensor for tensor in self.schedule["tensors"]}
        self.buffers = {row["name"]: row for row in self.schedule["memory"]["buffers"]}
        self.batch = self.schedule["settings"]["batch"]
        self.build(folder)
        self.state = numpy.zeros(self.library.harness_size(), numpy.uint8)
        self.library.net_init(self.pointer(self.state), ctypes.c_uint64(1))

    def build(self, folder):
        members = {self.member(row) for row in self.buffers.values()} | {"seed"}
        self.order = {name: i for i, name in enumerate(sorted(members))}
        offsets = ", ".join(f"offsetof(net, {name})" for name in self.order)
        (folder / "harness.c").write_text(HARNESS.format(offsets=offsets, training=self.training()))
        command(*CC, "-std=c99", "-O0", "-shared", "-fPIC", "-o", folder / "harness.so",
                folder / "harness.c", "-lm")
        self.library = ctypes.CDLL(str(folder / "harness.so"))
        self.library.harness_size.restype = ctypes.c_size_t
        self.library.harness_offset.restype = ctypes.c_size_t
        self.library.net_train.restype = ctypes.c_uint32

    def training(self):
        """A batchnorm's values in training are neither inference's nor made of what it keeps."""
        return "model->training = 1; " if self.steps("batchnorm") else ""

    @staticmethod
    def member(row):
        return row["name"].replace(".", "_") if row["pool"] == "own" else row["pool"]

    @staticmethod
    def pointer(array):
        return array.ctypes.data_as(ctypes.c_void_p)

    def view(self, name):
        """The elements of a tensor, where they lie in the struct."""
        tensor, row = self.tensors[name], self.buffers[name]
        kind = numpy.dtype(NUMPY[tensor["type"]])
        shape = [self.batch] * tensor["batched"] + tensor["shape"]
        start = self.library.harness_offset(ctypes.c_size_t(self.order[self.member(row)]))
        start += row.get("offset", 0) * kind.itemsize
        count = int(numpy.prod(shape))
        return self.state[start:start + count * kind.itemsize].view(kind).reshape(shape)

    def values(self, name):
        """The elements as the numbers that they stand for."""
        return self.view(name).astype(numpy.float64) * 2.0 ** -self.tensors[name]["shift"]

    def set_seed(self, seed):
        start = self.library.harness_offset(ctypes.c_size_t(self.order["seed"]))
        self.state[start:start + 8].view(numpy.uint64)[0] = seed

    def forward(self, inputs):
        self.library.harness_forward(self.pointer(self.state), self.pointer(inputs))

    def train(self, inputs, targets):
        """One step; the mean loss."""
        return self.library.net_train(self.pointer(self.state), self.pointer(inputs),
                                    self.pointer(targets)) / 65536

    def terms(self, targets):
        """What the mean loss is a mean of: samples, or steps that are not masked."""
        target = self.tensors[self.loss_steps()[0]["inputs"]["target"]]
        steps = "classes" in target and target["shape"]
        return max(1, int((targets < target["classes"]).sum())) if steps else self.batch

    def set_epoch(self, epoch):
        self.library.net_set_epoch(self.pointer(self.state), ctypes.c_uint32(epoch))

    # ---- what the schedule says ----

    def steps(self, op=None, phase=None):
        return [step for step in self.schedule["steps"]
                if op in (None, step["op"]) and phase in (None, step["phase"])]

    def loss_steps(self):
        return [step for step in self.steps() if "target" in step["inputs"]]

    def updates(self):
        """Each parameter's name and its update."""
        return {step["inputs"]["gradient"].removesuffix(".gradient"): step
                for step in self.steps(phase="update") if step["inputs"]}

    def momentum_unit(self, name):
        """The gradient that makes one unit of momentum."""
        attributes, settings = self.updates()[name]["attributes"], self.schedule["settings"]
        factor = settings["rate_factors"][0]  # the rate is that of the first epoch
        if "real_rate" in attributes:
            return 1 / (attributes["real_rate"] * factor * 2.0 ** -settings["rate_factor_shift"])
        shift = attributes["rate_shift"] - self.tensors[name + ".gradient"]["shift"]
        return 2.0 ** shift / (attributes["rate"] * factor)

    def gradient(self, name):
        """Summed over the batch, as one step from zero momentum has left it there."""
        momentum = self.view(name + ".momentum").astype(numpy.float64)
        most = self.updates()[name]["attributes"].get("u_clamp", 0)
        if most and numpy.abs(momentum).max() >= most:
            raise RuntimeError(f"the update of {name} saturates")
        return momentum * self.momentum_unit(name)

    def gradient_error(self, name):
        """What rounding the momentum to the nearest takes or adds at most, each time the same."""
        nearest = self.updates()[name]["cast"]["rounding"] == "nearest"
        return self.momentum_unit(name) / 2 if nearest else 0.0

    # ---- data ----

    def raw(self, random, step, name, count):
        """`count` samples of raw integers whose encoded values have about mean 0, deviation 1."""
        tensor, attributes = self.tensors[name], step["attributes"]
        kind = numpy.iinfo(NUMPY[tensor["type"]])
        shape = (count, int(numpy.prod(tensor["shape"])))
        scale, offset = (numpy.array(attributes[key]) for key in ("multiplier", "offset"))
        unit = 2.0 ** (step.get("accumulator", {"shift": 0})["shift"] +
                       attributes.get("target_shift", 0))
        raw = (random.standard_normal(shape) * unit + offset) / scale
        if offset.max() == 0: # fixed: whatever the type holds
            raw = random.integers(kind.min, kind.max, shape, endpoint=True)
        raw = numpy.clip(numpy.rint(raw), kind.min, kind.max)
        return numpy.ascontiguousarray(raw.astype(NUMPY[tensor["type"]]))

    def indices(self, random, index):
        """Some are beyond the last one, which they then count as."""
        tensor = self.tensors[index["inputs"]["raw"]]
        raw = random.integers(0, index["attributes"]["most"] + 2, [self.batch] + tensor["shape"])
        return numpy.ascontiguousarray(raw.astype(NUMPY[tensor["type"]]))

    def samples(self, random):
        """Inputs and targets of one batch."""
        encode, loss = self.steps(phase="forward")[0], self.loss_steps()[0]
        inputs = self.raw(random, encode, encode["inputs"]["raw"], self.batch) if encode["op"] == "encode" else \
            self.indices(random, encode)
        target = self.tensors[loss["inputs"]["target"]]
        if "classes" in target:
            masked = len(target["shape"]) # a class beyond the last one masks a step
            labels = random.integers(0, target["classes"] + masked, [self.batch] + target["shape"])
            return inputs, labels.astype(NUMPY[target["type"]])
        return inputs, self.raw(random, loss, target["name"], self.batch)

    def scatter_biases(self, random):
        """Biases start at zero: give them values, so that they take part."""
        for name in self.updates():
            tensor = self.tensors[name]
            if len(tensor["shape"]) == 1:
                values = random.standard_normal(tensor["shape"]) * 0.25 * 2.0 ** tensor["shift"]
                most = tensor["bound"] or numpy.inf
                self.view(name)[...] = numpy.clip(values, -most, most)
