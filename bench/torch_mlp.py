#!/usr/bin/env python3
"""The network in PyTorch: eager mode, f32. mnist.py says how it is called and what is timed.

Denormal numbers are flushed to zero, which is faster.
"""
import torch

import mnist


def make_network(sizes):
    layers = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        layer = torch.nn.Linear(inputs, outputs)
        torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        torch.nn.init.zeros_(layer.bias)
        layers += [layer, torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def make_optimizer(name, parameters):
    """The optimizer, and its first learning rate."""
    if name == "adam":
        return torch.optim.Adam(parameters, lr=mnist.ADAM_RATE, betas=mnist.ADAM_BETAS,
                                eps=mnist.ADAM_EPSILON), mnist.ADAM_RATE
    return torch.optim.SGD(parameters, lr=mnist.RATE, momentum=mnist.MOMENTUM), mnist.RATE


class Trainer:
    def __init__(self, chosen):
        self.network = make_network(chosen.sizes)
        self.optimizer, self.rate = make_optimizer(chosen.optimizer, self.network.parameters())
        self.train, self.test = ([torch.from_numpy(array) for array in
                                  mnist.read_part(chosen.data, part)] for part in ("train", "t10k"))

    def epoch(self, number):
        images, labels = self.train
        for group in self.optimizer.param_groups:
            group["lr"] = mnist.rate_of(number, self.rate)
        order, total = torch.randperm(len(labels)), torch.zeros(())
        batches = len(labels) // mnist.BATCH
        for batch in range(batches):
            rows = order[batch * mnist.BATCH:(batch + 1) * mnist.BATCH]
            loss = torch.nn.functional.cross_entropy(self.network(images[rows]), labels[rows])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            total += loss.detach()
        return batches * mnist.BATCH, float(total) / batches

    def accuracy(self):
        images, labels = self.test
        with torch.no_grad():
            return float((self.network(images).argmax(1) == labels).double().mean())


def main():
    chosen = mnist.options()
    torch.set_num_threads(chosen.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(chosen.seed)
    trainer = Trainer(chosen)
    mnist.run(chosen, trainer.epoch, trainer.accuracy)


if __name__ == "__main__":
    main()
