"""The gradients of random models in f32 against PyTorch's autograd, as tests/gradients takes them.

    gradients.py SEED...

Says what is wrong with which model, if anything is, and how many it could compare. Whatever the
model's own settings, it is trained in f32 by plain momentum, from which the gradient can be read,
and without clipping.
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
import reference  # noqa: E402

# The error of softmax is known to 2^-24: below this loss that is too little of it to compare.
CERTAIN = 2.0 ** -10
# What the 32 bits of a mean loss in units of 2^-16 can tell.
MOST_LOSS = 2.0 ** 16
LOSS_ERROR = 2e-4
# What f32 loses in some roundings, of the largest number, and how often so much is added or taken
# away to see what hangs on it.
ROUNDING, MOVES = 2.0 ** -22, 8


def readable(model):
    """The model of that name, in that precision, with the optimizer of tests/gradients."""
    text = re.sub(r"^model \w+$", "model net", model.text, count=1, flags=re.MULTILINE)
    text = text.replace(f"  precision {model.precision}\n", "  precision f32\n")
    text = re.sub(r"^  clip .*\n", "", text, flags=re.MULTILINE)
    return re.sub(r"^  optimizer .*$", "  optimizer sgd(lr = 2^-5, momentum = 1 - 2^-3)", text,
                  flags=re.MULTILINE)


def moved(random, values):
    """Values that differ by some of the last bits that f32 has for the largest of them."""
    return values + random.uniform(-1, 1, values.shape) * ROUNDING * numpy.abs(values).max()


def is_sensitive(model, random, inputs, targets, loss, wanted):
    """Whether f64, too, finds another loss or other gradients as soon as what f32 rounds is moved
    a little: a norm of nearly zero, a sign or a choice at its edge."""
    start = model.state.copy()
    for _ in range(MOVES):
        model.state[:] = start
        for name in wanted:
            values = model.view(name)
            values[...] = moved(random, values)
        encoded = model.steps(phase="forward")[0]["op"] == "encode"
        raw = moved(random, inputs) if encoded else inputs
        other, found = reference.gradients(model, raw, targets)
        away = abs(other / model.batch - loss)
        turned = max(check.relative_error(found[name], wanted[name]) for name in wanted)
        if away > LOSS_ERROR * (1 + loss) or turned > check.RELATIVE_ERROR / 4:
            return True
    return False


def compare(model, random):
    """What is wrong, or None; whether there was a gradient to compare."""
    inputs, targets = model.samples(random)
    model.scatter_biases(random)
    start = model.state.copy()
    loss, wanted = reference.gradients(model, inputs, targets)
    loss /= model.batch
    found = model.train(inputs, targets)
    errors = check.gradient_errors(model, wanted)
    worst = max(errors, key=errors.get)
    wrong = None
    if abs(found - min(loss, MOST_LOSS)) > LOSS_ERROR * (1 + found):
        wrong = f"loss {found:.5f}, not {loss:.5f}"
    elif loss < CERTAIN:
        return None, False
    elif errors[worst] > check.RELATIVE_ERROR:
        wrong = f"the gradient of {worst} is off by {errors[worst]:.2g}"
    model.state[:] = start
    if wrong and is_sensitive(model, random, inputs, targets, loss, wanted):
        return None, False
    return wrong, True


def main(seeds):
    torch.set_num_threads(1)
    compared = failed = 0
    with tempfile.TemporaryDirectory(prefix="intc-random-gradients-") as folder:
        for seed in seeds:
            text = readable(generate.Model(seed))
            model = generated.Generated(pathlib.Path(folder, str(seed)), text)
            wrong, full = compare(model, numpy.random.default_rng(seed))
            compared += full
            if wrong:
                failed += 1
                print(f"{wrong}; seed {seed}:\n{text}")
    print(f"{compared} of {len(seeds)} models compared")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main([int(word) for word in sys.argv[1:]]))
