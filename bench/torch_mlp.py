#!/usr/bin/env python3
"""The network of examples/mnist in PyTorch: eager mode, f32, one thread.

    torch_mlp.py DATA --epochs N --seed N --log FILE

The same sizes, batch, optimizer, schedule, encoding and first weights' distribution as mnist.int,
and the same log, so that its lines stand beside those of `intc train --log`. What is timed is what
intc times: shuffling, gathering the batches and training. PyTorch gets what speeds it up: pixels
converted once, outside of the timing, and denormal numbers flushed to zero.
"""
import argparse
import gzip
import json
import pathlib
import time

import numpy
import torch

SIZES = [784, 128, 128, 10]
BATCH = 32
RATE, MOMENTUM, HALVE_EVERY = 2 ** -5, 1 - 2 ** -3, 4


def read_idx(folder, name, header):
    plain = pathlib.Path(folder, name)
    packed = pathlib.Path(folder, name + ".gz")
    data = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
    return torch.from_numpy(numpy.frombuffer(data, numpy.uint8, offset=header).copy())


def read_part(folder, part):
    images = read_idx(folder, part + "-images-idx3-ubyte", 16).reshape(-1, SIZES[0])
    labels = read_idx(folder, part + "-labels-idx1-ubyte", 8)
    return images.float() / 256, labels.long()


def make_network():
    layers = []
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        layer = torch.nn.Linear(inputs, outputs)
        torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        torch.nn.init.zeros_(layer.bias)
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def train_epoch(network, optimizer, images, labels):
    order = torch.randperm(len(labels))
    total = torch.zeros(())
    batches = len(labels) // BATCH
    for batch in range(batches):
        rows = order[batch * BATCH:(batch + 1) * BATCH]
        loss = torch.nn.functional.cross_entropy(network(images[rows]), labels[rows])
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        total += loss.detach()
    return batches * BATCH, float(total) / batches


def accuracy(network, images, labels):
    with torch.no_grad():
        return float((network(images).argmax(1) == labels).double().mean())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("data")
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--log", required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    train, test = read_part(options.data, "train"), read_part(options.data, "t10k")
    network = make_network()
    optimizer = torch.optim.SGD(network.parameters(), lr=RATE, momentum=MOMENTUM)
    halving = torch.optim.lr_scheduler.StepLR(optimizer, HALVE_EVERY, 0.5)
    with open(options.log, "a") as log:
        for epoch in range(1, options.epochs + 1):
            start = time.perf_counter()
            samples, loss = train_epoch(network, optimizer, *train)
            seconds = time.perf_counter() - start
            halving.step()
            print(json.dumps({"epoch": epoch, "samples": samples, "loss": round(loss, 4),
                              "test_accuracy": accuracy(network, *test),
                              "seconds": seconds}), file=log, flush=True)


main()
