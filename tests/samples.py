"""Training samples for the test groups: what a model's data line names, or made ones instead."""
import array
import csv
import gzip
import os
import pathlib
import random
import re

import support

ARRAY_CODES = {"u8": "B", "i8": "b", "u16": "H", "i16": "h", "i32": "i"}
MADE = 2000


class Samples:
    """Rows of raw integers in one array, their classes (one for each step, if there are steps), and
    where they are from."""

    def __init__(self, inputs, classes, origin):
        self.inputs, self.classes, self.origin = inputs, classes, origin


def data_setting(model):
    """The kind and the name in `data kind("name", ...)`."""
    match = re.search(r'^\s*data\s+(\w+)\("([^"]*)"', model.read_text(), re.MULTILINE)
    return match.groups() if match else (None, None)


def find(model, name):
    for place in [os.environ.get("INTC_DATA"), model.parent, "/usr/share/datasets"]:
        if place and (path := pathlib.Path(place, name)).exists():
            return path
    return None


def idx_content(folder, name, header):
    plain, packed = folder / name, folder / (name + ".gz")
    content = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return content[header:]


def read_idx(folder, limit, inputs):
    images = idx_content(folder, "train-images-idx3-ubyte", 16)[:limit * inputs]
    labels = idx_content(folder, "train-labels-idx1-ubyte", 8)[:limit]
    return Samples(array.array("B", images), array.array("B", labels), str(folder))


def read_csv(path, model, code):
    unit = re.search(r"\bunit\s+([\d.]+)", model.read_text())
    label = re.search(r'label\s*=\s*"([^"]*)"', model.read_text())[1]
    scale = float(unit[1]) if unit else 1.0
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    names = sorted({row[label] for row in rows})
    values = [round(float(text) / scale) for row in rows for key, text in row.items()
              if key != label]
    random.Random(1).shuffle(order := list(range(len(rows))))
    width = len(rows[0]) - 1
    shuffled = [value for i in order for value in values[i * width:(i + 1) * width]]
    classes = [names.index(rows[i][label]) for i in order]
    return Samples(array.array(code, shuffled), array.array("B", classes), path.name)


def made(inputs, classes, steps, code, count):
    """A pattern for each class, mostly dark, under noise; steps have the sample's class."""
    draw = random.Random(2)
    patterns = [[draw.randrange(256) if draw.random() < 0.2 else 0 for _ in range(inputs)]
                for _ in range(classes)]
    labels = [draw.randrange(classes) for _ in range(count)]
    rows = array.array(code)
    for label in labels:
        noise = draw.randbytes(inputs)
        rows.extend(min(pixel, n) // 2 for pixel, n in zip(patterns[label], noise))
    return Samples(rows, array.array("B", [label for label in labels for _ in range(steps)]),
                   "synthetic data")


def read(network, limit):
    """At most `limit` samples for a network."""
    given, target = network.tensor("input"), network.tensor("target")
    inputs, code = support.elements(given["shape"]), ARRAY_CODES[given["type"]]
    kind, name = data_setting(network.model)
    path = find(network.model, name) if name else None
    if path and kind == "csv":
        return read_csv(path, network.model, code)
    if path and kind == "idx":
        return read_idx(path, limit, inputs)
    return made(inputs, target["classes"], support.elements(target["shape"]), code,
                min(limit, MADE))
