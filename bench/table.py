#!/usr/bin/env python3
"""Puts the logs of bench/run side by side: time, ratio to PyTorch, MAC rate, accuracy.

    table.py FOLDER --sizes 784,128,128,10 --threads N --compiler VERSION --systems "i8 ... PyTorch"

FOLDER holds SYSTEM.REPETITION.log, a JSON object a line for each epoch, and `peaks`, the rate of the
processor in each width.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import textwrap


def macs_of(sizes):
    """For each sample: one for each weight forwards and for its gradient, and one for each weight above
    the first layer on the error's way back."""
    weights = [inputs * outputs for inputs, outputs in zip(sizes, sizes[1:])]
    return 2 * sum(weights) + sum(weights[1:])


def read_epochs(folder, system):
    """One list of epochs for each repetition."""
    paths = sorted(pathlib.Path(folder).glob(f"{system}.*.log"),
                   key=lambda path: int(path.suffixes[-2][1:]))
    logs = [[json.loads(line) for line in path.read_text().splitlines()] for path in paths]
    return [[entry for entry in log if "epoch" in entry] for log in logs]


def read_peaks(folder, threads):
    """Multiply-accumulates a second by width; rivals compute in f32."""
    lines = pathlib.Path(folder, "peaks").read_text().splitlines()
    peaks = {width: float(rate) * 1e9 * threads for width, rate in (line.split() for line in lines)}
    return {**peaks, **dict.fromkeys(["PyTorch", "JAX", "AIfES"], peaks["f32"])}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def print_times(runs, macs, peaks):
    seconds = {system: [entry["seconds"] for log in logs for entry in log]
               for system, logs in runs.items()}
    base = statistics.median(seconds["PyTorch"]) if "PyTorch" in seconds else None
    print(f"{'':10}{'s/epoch':>10}{'fastest':>10}{'slowest':>10}{'vs PyTorch':>14}{'GMAC/s':>10}"
          f"{'of the peak':>14}")
    for system, times in seconds.items():
        median = statistics.median(times)
        rate = runs[system][0][0]["samples"] * macs / median
        ratio = f"{base / median:.2f} x" if base else "-"
        share = f"{100 * rate / peaks[system]:.0f} %" if peaks.get(system) else "-"
        print(f"{system:10}{median:10.3f}{min(times):10.3f}{max(times):10.3f}{ratio:>14}"
              f"{rate / 1e9:10.1f}{share:>14}")


def print_accuracy(runs):
    print("".join(f"{name:>10}" for name in ["epoch", *runs]))
    for i in range(min(len(log) for logs in runs.values() for log in logs)):
        means = [statistics.mean(log[i]["test_accuracy"] for log in logs) for logs in runs.values()]
        print(f"{i + 1:10}" + "".join(f"{100 * mean:8.2f} %" for mean in means))


def note(macs):
    return (f"s/epoch: median over all epochs of all repetitions, with the fastest and the slowest one; "
            f"training alone, testing excluded. MAC rate: {macs:,} multiply-accumulates a sample, "
            "forward and backward, whether they are computed or, being products with zero, skipped. "
            "Peak: of the widest multiply-accumulate instruction of that width, measured here "
            "(bench/products.c). Accuracy: on the test set, mean over the repetitions, whose seeds are "
            "1, 2, ...")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    for name in ["sizes", "compiler", "systems"]:
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--threads", type=int, required=True)
    chosen = parser.parse_args()
    macs = macs_of([int(size) for size in chosen.sizes.split(",")])
    runs = {system: read_epochs(chosen.folder, system) for system in chosen.systems.split()}
    print(f"{chosen.sizes.replace(',', '-')}, batch 32, threads: {chosen.threads}, in turn; "
          f"repetitions: {len(next(iter(runs.values())))}")
    for name, value in [("processor", processor()), ("compiler", chosen.compiler),
                        ("load", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")]:
        print(f"{name + ':':10} {value}"[:100])
    print()
    print_times(runs, macs, read_peaks(chosen.folder, chosen.threads))
    print()
    print_accuracy(runs)
    print()
    print(textwrap.fill(note(macs), 100))


main()
