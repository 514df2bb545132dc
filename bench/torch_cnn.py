#!/usr/bin/env python3
"""The network of examples/mnist_cnn in PyTorch: as torch_mlp.py; --sizes says nothing here."""
import torch

import mnist
import torch_mlp


def make_network(sizes):
    layers = torch.nn.Sequential(
        torch.nn.Unflatten(1, (1, 28, 28)),
        torch.nn.Conv2d(1, 16, 5, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(16, 32, 5, padding=2), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(7 * 7 * 32, 128), torch.nn.ReLU(),
        torch.nn.Linear(128, 10))
    for layer in layers:
        if hasattr(layer, "weight"):
            torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
            torch.nn.init.zeros_(layer.bias)
    return layers


if __name__ == "__main__":
    mnist.HALVE_EVERY = 3
    torch_mlp.make_network = make_network
    torch_mlp.main()
