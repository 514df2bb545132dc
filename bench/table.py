#!/usr/bin/env python3
"""Puts the logs of bench/run side by side: time, ratio to PyTorch, MAC rate, accuracy.

    table.py FOLDER --data DIR --compiler VERSION --systems "i8 ... PyTorch"

FOLDER holds SYSTEM.REPETITION.log, a JSON object a line for each epoch.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import textwrap

import torch

# 784-128-128-10: a multiply-accumulate for each weight forwards and for its gradient, and for each
# weight above the first layer on the error's way back.
FORWARD = 784 * 128 + 128 * 128 + 128 * 10
MACS = 2 * FORWARD + 128 * 128 + 128 * 10

NOTE = f"""s/epoch: median over all epochs of all repetitions, with the fastest and the slowest one;
training alone, testing excluded. MAC rate: {MACS:,} multiply-accumulates a sample, forward and
backward, whether they are computed or, being products with zero, skipped. Accuracy: on the test
set, mean over the repetitions, whose seeds are 1, 2, ..."""


def read_epochs(folder, system):
    """One list of epochs for each repetition."""
    paths = sorted(pathlib.Path(folder).glob(f"{system}.*.log"),
                   key=lambda path: int(path.suffixes[-2][1:]))
    logs = [[json.loads(line) for line in path.read_text().splitlines()] for path in paths]
    return [[entry for entry in log if "epoch" in entry] for log in logs]


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def print_times(runs):
    seconds = {system: [entry["seconds"] for log in logs for entry in log]
               for system, logs in runs.items()}
    base = statistics.median(seconds["PyTorch"])
    print(f"{'':10}{'s/epoch':>10}{'fastest':>10}{'slowest':>10}{'vs PyTorch':>14}{'GMAC/s':>10}")
    for system, times in seconds.items():
        median = statistics.median(times)
        rate = runs[system][0][0]["samples"] * MACS / median / 1e9
        print(f"{system:10}{median:10.3f}{min(times):10.3f}{max(times):10.3f}"
              f"{base / median:12.2f} x{rate:10.1f}")


def print_accuracy(runs):
    print("".join(f"{name:>10}" for name in ["epoch", *runs]))
    for i in range(len(runs["PyTorch"][0])):
        means = [statistics.mean(log[i]["test_accuracy"] for log in logs) for logs in runs.values()]
        print(f"{i + 1:10}" + "".join(f"{100 * mean:8.2f} %" for mean in means))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    for name in ["data", "compiler", "systems"]:
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    runs = {system: read_epochs(options.folder, system) for system in options.systems.split()}
    repeats = len(runs["PyTorch"])
    print("784-128-128-10, batch 32, one thread each, in turn; repetitions:", repeats)
    for name, value in [("data", options.data), ("processor", processor()),
                        ("compiler", options.compiler), ("PyTorch", torch.__version__),
                        ("load", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")]:
        print(f"{name + ':':10} {value}"[:100])
    print()
    print_times(runs)
    print()
    print_accuracy(runs)
    print()
    print(textwrap.fill(" ".join(NOTE.split()), 100))


main()
