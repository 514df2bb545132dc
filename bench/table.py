#!/usr/bin/env python3
"""The logs of bench/run side by side: time, ratio to PyTorch and to one thread, rate, accuracy.

    table.py FOLDER --sizes 784,128,128,10 --threads "N ..." --compiler VERSION --systems "i8 ... PyTorch"

FOLDER holds SYSTEM.THREADS.REPETITION.log, a JSON object a line for each epoch, and `peaks`, the
rate of the processor in each width. A run is a system with a number of threads.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import sys
import textwrap

INTEGERS = ["i8", "i16", "i32"]


def macs_of(sizes):
    """For each sample: one for each weight forwards and for its gradient, and one for each weight
    above the first layer on the error's way back."""
    weights = [inputs * outputs for inputs, outputs in zip(sizes, sizes[1:])]
    return 2 * sum(weights) + sum(weights[1:])


def read_logs(folder, system, threads):
    """One list of lines for each repetition."""
    paths = sorted(pathlib.Path(folder).glob(f"{system}.{threads}.*.log"),
                   key=lambda path: int(path.suffixes[-2][1:]))
    return [[json.loads(line) for line in path.read_text().splitlines()] for path in paths]


def epochs_of(logs):
    return [[entry for entry in log if "epoch" in entry] for log in logs]


def check_hashes(logs):
    """However many threads intc has: the same bits."""
    hashes = {}
    for (system, threads), repetitions in logs.items():
        if system in INTEGERS:
            hashes.setdefault(system, set()).add(tuple(log[-1]["hash"] for log in repetitions))
    for system, found in hashes.items():
        if len(found) > 1:
            sys.exit(f"table.py: {system} learns something else with other numbers of threads")


def read_peaks(folder):
    """Multiply-accumulates a second by width; rivals compute in f32."""
    lines = pathlib.Path(folder, "peaks").read_text().splitlines()
    peaks = {width: float(rate) * 1e9 for width, rate in (line.split() for line in lines)}
    return {**peaks, **dict.fromkeys(["PyTorch", "JAX", "AIfES"], peaks["f32"])}


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith(("model name", "Model")):
            return line.split(":", 1)[1].strip()
    return platform.machine()


def times(medians, run, other):
    return f"{medians[other] / medians[run]:.2f} x" if other in medians else "-"


def print_times(runs, macs, peaks):
    seconds = {run: [entry["seconds"] for log in logs for entry in log]
               for run, logs in runs.items()}
    medians = {run: statistics.median(all_of_run) for run, all_of_run in seconds.items()}
    print(f"{'':10}{'threads':>8}{'s/epoch':>10}{'fastest':>10}{'slowest':>10}{'vs PyTorch':>12}"
          f"{'vs 1 thread':>13}{'GMAC/s':>10}{'of the peak':>13}")
    for (system, threads), median in medians.items():
        run = system, threads
        rate = runs[run][0][0]["samples"] * macs / median
        share = f"{100 * rate / (peaks[system] * threads):.0f} %" if peaks.get(system) else "-"
        print(f"{system:10}{threads:8}{median:10.3f}{min(seconds[run]):10.3f}{max(seconds[run]):10.3f}"
              f"{times(medians, run, ('PyTorch', threads)):>12}{times(medians, run, (system, 1)):>13}"
              f"{rate / 1e9:10.1f}{share:>13}")


def print_accuracy(runs):
    """Of each system's last number of threads: only in float that changes anything, a little."""
    of_system = {system: logs for (system, _), logs in runs.items()}
    print("".join(f"{name:>10}" for name in ["epoch", *of_system]))
    for i in range(min(len(log) for logs in of_system.values() for log in logs)):
        means = [statistics.mean(log[i]["test_accuracy"] for log in logs)
                 for logs in of_system.values()]
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
    for name in ["sizes", "compiler", "systems", "threads"]:
        parser.add_argument(f"--{name}", required=True)
    chosen = parser.parse_args()
    macs = macs_of([int(size) for size in chosen.sizes.split(",")])
    logs = {(system, int(threads)): read_logs(chosen.folder, system, threads)
            for system in chosen.systems.split() for threads in chosen.threads.split()}
    check_hashes(logs)
    runs = {run: epochs_of(repetitions) for run, repetitions in logs.items()}
    print(f"{chosen.sizes.replace(',', '-')}, batch 32, in turn; repetitions: {len(next(iter(runs.values())))}")
    for name, value in [("processor", processor()), ("compiler", chosen.compiler),
                        ("load", f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")]:
        print(f"{name + ':':10} {value}"[:100])
    print()
    print_times(runs, macs, read_peaks(chosen.folder))
    print()
    print_accuracy(runs)
    print()
    print(textwrap.fill(note(macs), 100))


main()
