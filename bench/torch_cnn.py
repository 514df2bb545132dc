#!/usr/bin/env python3
"""The network of examples/mnist_cnn in PyTorch: as torch_mlp.py, with the same options."""
import torch

import torch_mlp

HALVE_EVERY = 3


def make_network():
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
    torch_mlp.main(make_network(), HALVE_EVERY)
