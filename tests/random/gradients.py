"""The gradients of random f32 models against PyTorch's autograd, as tests/gradients takes them.

    gradients.py SEED...

Prints a line for each seed: what was found, or `FAIL` and what is wrong. The models are trained by
plain momentum, from which the gradient can be read, and without clipping.
"""
import pathlib
import re
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "gradients")]

import numpy  # noqa: E402
import torch  # noqa: E402

import check  # noqa: E402
import generate  # noqa: E402
import generated  # noqa: E402


def readable(text):
    """The model under the name and with the optimizer that tests/gradients knows."""
    text = re.sub(r"^model \w+$", "model m", text, count=1, flags=re.MULTILINE)
    text = re.sub(r"^  clip .*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^  optimizer .*$", "  optimizer sgd(lr = 2^-5, momentum = 1 - 2^-3)", text,
                  flags=re.MULTILINE)


def compare(seed, folder):
    model = generated.Generated(folder / str(seed), readable(generate.Model(seed).text))
    return check.compare_f32(model, numpy.random.default_rng(seed))


def main(seeds):
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory(prefix="intc-random-gradients-") as folder:
        for seed in seeds:
            try:
                print(f"{seed}: {compare(seed, pathlib.Path(folder))}", flush=True)
            except (check.Deviation, RuntimeError) as error:
                print(f"FAIL {seed}: {error}", flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
