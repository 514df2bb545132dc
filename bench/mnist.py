"""What the rivals of bench/run share: the network, the data, the command line, the log.

    RIVAL.py DATA --sizes 784,128,128,10 --epochs N --seed N --threads N --log FILE [--optimizer sgd|adam]

The same sizes, batch, optimizer, schedule, encoding and first weights' distribution as mnist.int
(or adam.int), and the same log, so that its lines stand beside those of `intc train --log`. What is
timed is what intc times: shuffling, gathering the batches and training. Rivals get what speeds them
up: pixels converted once, outside of the timing.
"""
import argparse
import gzip
import json
import pathlib
import time

import numpy

BATCH = 32
RATE, MOMENTUM, HALVE_EVERY = 2 ** -5, 1 - 2 ** -3, 4
ADAM_RATE, ADAM_BETAS, ADAM_EPSILON = 2 ** -10, (1 - 2 ** -3, 1 - 2 ** -10), 1e-8


def read_idx(folder, name, header):
    plain = pathlib.Path(folder, name)
    packed = pathlib.Path(folder, name + ".gz")
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return numpy.frombuffer(data, numpy.uint8, offset=header)


def read_part(folder, part):
    images = read_idx(folder, part + "-images-idx3-ubyte", 16).reshape(-1, 784)
    labels = read_idx(folder, part + "-labels-idx1-ubyte", 8)
    return images.astype(numpy.float32) / 256, labels.astype(numpy.int64)


def rate_of(epoch, first=RATE):
    """Epochs count from 0."""
    return first * 0.5 ** (epoch // HALVE_EVERY)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--sizes", required=True)
    for name in ["epochs", "seed", "threads"]:
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
    chosen = parser.parse_args()
    chosen.sizes = [int(size) for size in chosen.sizes.split(",")]
    return chosen


def run(chosen, train_epoch, accuracy):
    """train_epoch(epoch) returns samples and loss; accuracy() is of the test data."""
    with open(chosen.log, "a") as log:
        for epoch in range(chosen.epochs):
            start = time.perf_counter()
            samples, loss = train_epoch(epoch)
            seconds = time.perf_counter() - start
            print(json.dumps({"epoch": epoch + 1, "samples": samples, "loss": round(loss, 4),
                              "test_accuracy": accuracy(), "seconds": seconds}),
                  file=log, flush=True)
