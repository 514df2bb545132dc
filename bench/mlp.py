"""Writes the .int of a multilayer perceptron that trains like mnist.int, or adam.int, of examples.

    mlp.py SIZES [--batch N] [--data NAME] [--optimizer sgd|adam]     e.g. mlp.py 784,128,128,10
"""
import argparse


OPTIMIZERS = {"sgd": "sgd(lr = 2^-5, momentum = 1 - 2^-3)", "adam": "adam(lr = 2^-10)"}


def model_text(sizes, batch=32, data="mnist", optimizer="sgd"):
    inputs, *hidden, classes = sizes
    names = ["image"] + [f"h{i + 1}" for i in range(len(hidden))]
    layers = [f"{name} = relu(dense({source}, {size}))"
              for name, source, size in zip(names[1:], names, hidden)]
    return "\n".join(["model mnist", f"input  image: u8[{inputs}] fixed(8)",
                      f"target digit: class[{classes}]", *layers,
                      f"logits = dense({names[-1]}, {classes})",
                      "loss cross_entropy(logits, digit)",
                      "train {", f"  optimizer {OPTIMIZERS[optimizer]}",
                      "  schedule  halve_every(4)", f"  batch     {batch}", "  epochs    16",
                      f'  data      idx("{data}")', "}"]) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("sizes")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--optimizer", choices=OPTIMIZERS, default="sgd")
    chosen = parser.parse_args()
    sizes = [int(size) for size in chosen.sizes.split(",")]
    print(model_text(sizes, chosen.batch, chosen.data, chosen.optimizer), end="")


if __name__ == "__main__":
    main()
