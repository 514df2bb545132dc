"""Gradients of the generated code against PyTorch's autograd, in f64.

    tests/gradients/run [TEXT]        only the tests whose names contain TEXT

A gradient is read from the momentum that one step of training leaves behind: from zero momentum it
is the gradient, summed over the batch, times a known constant. Three parts:

f32     Every operator and loss, and random graphs: relative error at most 1e-4 in every parameter.
update  Thirty steps with momentum, weight decay, clipping and halvings, against the same formulas.
optimizer  Thirty steps of each optimizer and schedule beside torch.optim.
bias    The integer build. Errors are rounded stochastically, so that the mean over the seeds of the
        rounding must be the exact gradient of the network with the weights and activations that
        the integers hold: no deviation beyond three standard errors.
"""
import os
import pathlib
import sys
import tempfile

import numpy
import torch

import cases
import generated
import reference

RELATIVE_ERROR = 1e-4
MORE = os.environ.get("INTC_MORE") == "1"
FULL = os.environ.get("INTC_FULL") == "1"
RANDOM_GRAPHS = 100 if FULL else 16 if MORE else 4
SEEDS = 4000 if FULL else 1000 if MORE else 250
MOST_BEYOND = 0.02 # of the elements beyond 3 standard errors; chance puts 0.0027 there, in clusters
MOST_OF_ONE = 5.5  # standard errors, for one element out of some ten thousand
NEGLIGIBLE = 1e-7  # of a gradient's largest element: where i32 has next to nothing to round
# Slopes of curves have 15 bits (docs/arithmetic.md), those of norms 20 or more: an error of their
# own, which only i32 shows. The gates of a gru multiply up to three, and the inner sum, above 1.
SLOPES = {"tanh_error": 2 ** -15, "sigmoid_error": 2 ** -15, "hardswish_error": 2 ** -15,
          "rnn_error": 2 ** -15, "gru_error": 2 ** -13, "rmsnorm_error": 2 ** -20,
          "layernorm_error": 2 ** -20, "batchnorm_error": 2 ** -20}
# Each probability is off by at most one unit of 2^-15: half of it by its rounding, half by the
# reciprocal. The target takes up what that leaves of the others; no case has more than 12 classes.
SOFTMAX_ERROR = 12 * 2 ** -15


class Deviation(Exception):
    pass


# ---- f32 -----------------------------------------------------------------------------------------

def relative_error(found, wanted):
    """The largest difference, in terms of the largest value."""
    most = numpy.abs(wanted).max()
    difference = numpy.abs(found - wanted).max()
    return difference / most if most > 0 else difference


def gradient_errors(model, wanted):
    """Of each parameter. What is added to all samples alike has no effect through a batchnorm: what
    is left of its gradient is rounding, and small beside that of others."""
    found = {name: model.gradient(name) for name in wanted}
    errors = {name: relative_error(found[name], wanted[name]) for name in wanted}
    largest = 0
    if model.steps("batchnorm"):
        largest = max(numpy.abs(value).max() for value in wanted.values())
    for name, value in wanted.items():
        if numpy.abs(value).max() < 1e-3 * largest:
            errors[name] = numpy.abs(found[name] - value).max() / largest
    return errors


def compare_f32(model, random, may_be_dead):
    inputs, targets = model.samples(random)
    model.scatter_biases(random)
    loss, wanted = reference.gradients(model, inputs, targets)
    if not may_be_dead and not any(value.any() for value in wanted.values()):
        raise Deviation("all gradients are zero: this case tests nothing")
    found_loss, terms = model.train(inputs, targets), model.terms(targets)
    if abs(found_loss - loss / terms) > 2e-4 * (1 + found_loss):
        raise Deviation(f"loss {found_loss:.5f}, not {loss / terms:.5f}")
    errors = gradient_errors(model, wanted)
    worst = max(errors, key=errors.get)
    if not errors[worst] <= RELATIVE_ERROR:
        raise Deviation(f"the gradient of {worst} is off by {errors[worst]:.2g}")
    return f"relative error {errors[worst]:.1e} in {len(errors)} parameters"


def test_f32(folder, case, random, may_be_dead=False):
    batch = int(random.choice([1, 2, 5, 16, 32, 33]))
    if "batchnorm" in case[2]:  # few samples leave little of their differences
        batch += 4
    text = cases.model_text(case, "f32", batch, cases.sgd(rate="0.05"))
    return compare_f32(generated.Generated(folder, text), random, may_be_dead)


# ---- update --------------------------------------------------------------------------------------

def step_by_formula(model, weights, momentum, gradient, epoch):
    settings, two = model.schedule["settings"], len(weights.shape) == 2
    rate = 0.125 * 0.5 ** (epoch >= 2) * 0.5 ** (epoch >= 4)
    mean = numpy.clip(gradient / model.batch, -settings["clip"], settings["clip"])
    momentum += -0.125 * momentum + rate * mean
    weights -= weights * two * 2.0 ** -settings["weight_decay_shift"] + momentum


def test_update(folder, case, random):
    settings = ("  clip 0.0625\n  weight_decay 2^-6\n  schedule halve_at([2, 4])\n  epochs 6\n" +
                cases.sgd(rate="2^-3"))
    model = generated.Generated(folder, cases.model_text(case, "f32", 12, settings))
    weights = {name: model.values(name) for name in model.updates()}
    momenta = {name: numpy.zeros_like(value) for name, value in weights.items()}
    for step in range(30):
        inputs, targets = model.samples(random)
        _, found = reference.gradients(model, inputs, targets)
        for name in weights:
            step_by_formula(model, weights[name], momenta[name], found[name], step // 5)
        model.set_epoch(step // 5)
        model.train(inputs, targets)
    error = max(relative_error(model.values(name), weights[name]) for name in weights)
    if not error <= RELATIVE_ERROR:
        raise Deviation(f"parameters are off by {error:.2g} after 30 steps")
    return f"relative error {error:.1e} after 30 steps"


def test_average(folder, case, random):
    """The mean of the weights after the last three of five steps; the first forgets the past."""
    settings = "  average last 3\n" + cases.sgd(rate="2^-2")
    model = generated.Generated(folder, cases.model_text(case, "f32", 12, settings))
    seen = []
    for step in range(5):
        model.train(*model.samples(random))
        model.library.net_collect(model.pointer(model.state), int(step in (0, 2)))
        seen.append({name: model.values(name) for name in model.updates()})
    model.library.net_average(model.pointer(model.state))
    error = max(relative_error(model.values(name), sum(values[name] for values in seen[2:]) / 3)
                for name in seen[0])
    if not error <= 1e-6:
        raise Deviation(f"means are off by {error:.2g}")
    return f"relative error {error:.1e}"


# ---- optimizers ----------------------------------------------------------------------------------

class SignSgd(torch.optim.Optimizer):
    """A step of one size against the sign of the mean gradient."""

    def __init__(self, parameters, rate, momentum):
        super().__init__(parameters, {"lr": rate, "momentum": momentum})

    def step(self):
        for group in self.param_groups:
            for parameter in group["params"]:
                mean = self.state[parameter].setdefault("mean", torch.zeros_like(parameter))
                mean += (parameter.grad - mean) * (1 - group["momentum"])
                parameter -= group["lr"] * torch.sign(mean)


# As a model file spells it, and as PyTorch does.
OPTIMIZERS = {
    "sgd": ("sgd(lr = 2^-4, momentum = 1 - 2^-3)",
            lambda p: torch.optim.SGD(p, 2 ** -4, momentum=0.875)),
    "nesterov": ("nesterov(lr = 2^-4, momentum = 0.75)",
                 lambda p: torch.optim.SGD(p, 2 ** -4, momentum=0.75, nesterov=True)),
    "adam": ("adam(lr = 2^-6, beta1 = 0.75, beta2 = 1 - 2^-6)",
             lambda p: torch.optim.Adam(p, 2 ** -6, (0.75, 1 - 2 ** -6))),
    "adam with a large eps": ("adam(lr = 2^-6, eps = 2^-4)",
                              lambda p: torch.optim.Adam(p, 2 ** -6, (0.875, 1 - 2 ** -10), 2 ** -4)),
    "adamw": ("adamw(lr = 2^-6, weight_decay = 0.25)",
              lambda p: torch.optim.AdamW(p, 2 ** -6, (0.875, 1 - 2 ** -10), weight_decay=0.25)),
    "sign_sgd": ("sign_sgd(lr = 2^-8)", lambda p: SignSgd(p, 2 ** -8, 0)),
    "sign_sgd with momentum": ("sign_sgd(lr = 2^-8, momentum = 0.75)",
                               lambda p: SignSgd(p, 2 ** -8, 0.75)),
    "rmsprop": ("rmsprop(lr = 2^-6, alpha = 1 - 2^-5)",
                lambda p: torch.optim.RMSprop(p, 2 ** -6, 1 - 2 ** -5)),
}
RATES = {"constant": lambda epoch: 1,
         "halve_at([2, 4])": lambda epoch: 0.5 ** ((epoch >= 2) + (epoch >= 4)),
         "cosine(least = 2^-3)": lambda epoch: 2 ** -3 + (1 - 2 ** -3) * (1 + numpy.cos(numpy.pi * epoch / 6)) / 2,
         "warmup(3, steps([4], factor = 0.3))": lambda epoch: min((epoch + 1) / 4, 1) * 0.3 ** (epoch >= 4)}


def torch_optimizer(parameters, make):
    """Weights decay, biases do not."""
    optimizer = make([{"params": [p]} for p in parameters.values()])
    for group in optimizer.param_groups:
        if group["params"][0].dim() == 1:
            group["weight_decay"] = 0
    return optimizer


def test_optimizer(folder, case, random, spelt, make, schedule):
    """Thirty steps; rates of the table have eight bits or more, and are off by 2^-9 at most."""
    settings = f"  optimizer {spelt}\n  schedule {schedule}\n  epochs 6\n"
    model = generated.Generated(folder, cases.model_text(case, "f32", 12, settings))
    parameters = {name: torch.from_numpy(model.values(name)) for name in model.updates()}
    optimizer = torch_optimizer(parameters, make)
    rate, factors = optimizer.param_groups[0]["lr"], model.schedule["settings"]["rate_factors"]
    for step in range(30):
        inputs, targets = model.samples(random)
        _, found = reference.gradients(model, inputs, targets)
        for name, parameter in parameters.items():
            parameter.grad = torch.from_numpy(found[name]) / 12
        factor = factor_of(model, step // 5)
        if abs(factor / RATES[schedule](step // 5) - 1) > 2 ** -8:
            raise Deviation(f"the factor of epoch {step // 5} is {factor:.4f}")
        for group in optimizer.param_groups:
            group["lr"] = rate * factor
        optimizer.step()
        model.set_epoch(step // 5)
        model.train(inputs, targets)
    error = max(relative_error(model.values(name), parameters[name].numpy()) for name in parameters)
    if not error <= 1e-4:
        raise Deviation(f"parameters are off by {error:.2g} after 30 steps")
    return f"relative error {error:.1e} after 30 steps, {len(factors)} rates"


def factor_of(model, epoch):
    settings = model.schedule["settings"]
    at = sum(first <= epoch for first in settings["rate_from"]) - 1
    return settings["rate_factors"][at] * 2.0 ** -settings["rate_factor_shift"]


# ---- bias ----------------------------------------------------------------------------------------

def pins_of(model, inputs):
    """What the backward pass reads of the forward pass: it still stands in its buffers."""
    model.forward(inputs)
    names = {name for step in model.steps(phase="backward") for name in step["inputs"].values()
             if model.tensors[name]["kind"] == "activation"}
    return {name: torch.from_numpy(model.values(name)) for name in names}


def sample(model, inputs, targets, seeds):
    """Gradients by parameter, one row for each seed of the rounding."""
    start = model.state.copy()
    rows = {name: [] for name in model.updates()}
    for seed in seeds:
        model.state[:] = start
        model.set_seed(seed)
        model.train(inputs, targets)
        for name in rows:
            rows[name].append(model.gradient(name).ravel())
    model.state[:] = start
    return {name: numpy.array(row) for name, row in rows.items()}


def deviation(off, direction, floor, rare):
    """The mean of a sample of vectors along a direction, in standard errors. What is below `floor`
    in every element does not count; `rare` is by how much each may be off by chance of its own."""
    along = off @ direction
    error = numpy.linalg.norm([along.std(ddof=1) / numpy.sqrt(len(off)),
                               floor * numpy.abs(direction).sum(),
                               rare * numpy.linalg.norm(direction)])
    return along.mean() / error if error > 0 else 0.0


def rare_rounding(rows):
    """What one rounding up more or less makes of a mean. An element that is rounded up once in a
    thousand samples may never be in this one, whose spread is then 0."""
    seen = numpy.abs(rows[rows != 0])
    return seen.min() / len(rows) if seen.size else 0.0


def statistics(rows, wanted, floor):
    """Deviations, in standard errors: each element's; of their mean; along the gradient itself."""
    off, rare = rows - wanted, rare_rounding(rows)
    errors = numpy.hypot(numpy.hypot(rows.std(axis=0, ddof=1) / numpy.sqrt(len(rows)), floor), rare)
    return (off.mean(axis=0) / errors, deviation(off, 1 / errors, floor, rare),
            deviation(off, wanted / numpy.abs(wanted).max(initial=1e-30), floor, rare))


class Findings:
    """What one sample of seeds shows, over all parameters."""

    def __init__(self, rows, wanted, floors):
        self.elements, self.aggregates = [], {}
        for name in wanted:
            each, mean, along = statistics(rows[name], wanted[name].ravel(), floors[name])
            self.elements.extend(numpy.abs(each))
            self.aggregates[f"the mean of {name}"] = mean
            self.aggregates[f"{name} along its gradient"] = along
        self.beyond = sum(element > 3 for element in self.elements)
        self.worst = max(self.aggregates, key=lambda key: abs(self.aggregates[key]))

    def complaint(self):
        if self.beyond > 3 and self.beyond > MOST_BEYOND * len(self.elements):
            return f"{self.beyond} of {len(self.elements)} elements are beyond 3 standard errors"
        if max(self.elements) > MOST_OF_ONE:
            return f"an element is {max(self.elements):.1f} standard errors off"
        if abs(self.aggregates[self.worst]) > 3:
            return f"{self.worst} is {self.aggregates[self.worst]:.1f} standard errors off"
        return None


def test_bias(folder, case, random, precision):
    settings = cases.sgd(rate="2^-7") + "  headroom { errors 32 }\n"
    model = generated.Generated(folder, cases.model_text(case, precision, 8, settings))
    inputs, targets = model.samples(random)
    model.scatter_biases(random)
    pins = pins_of(model, inputs)
    wanted, softmax_error = reference.expected_gradients(model, inputs, targets, pins)
    if softmax_error > SOFTMAX_ERROR:
        raise Deviation(f"the integer softmax is off by {softmax_error * 2 ** 15:.1f} * 2^-15")
    slopes = [SLOPES[step["op"]] for step in model.steps() if step["op"] in SLOPES
              and precision == "i32"]
    negligible = max(slopes, default=NEGLIGIBLE)
    floors = {name: negligible * (numpy.abs(wanted[name]).max() + 1e-30) + model.gradient_error(name)
              for name in wanted}
    seeds = range(1, SEEDS + 1)
    findings = Findings(sample(model, inputs, targets, seeds), wanted, floors)
    if findings.complaint(): # of many statistics some are beyond 3 by chance, but not twice
        seeds = range(SEEDS + 1, 5 * SEEDS + 1)
        findings = Findings(sample(model, inputs, targets, seeds), wanted, floors)
    if findings.complaint():
        raise Deviation(f"{findings.complaint()} over {len(seeds)} seeds")
    return (f"{findings.beyond} of {len(findings.elements)} elements beyond 3 standard errors, "
            f"sums at most {abs(findings.aggregates[findings.worst]):.1f}; {len(seeds)} seeds")


# ---- the run -------------------------------------------------------------------------------------

def all_tests():
    """Name, function, its arguments."""
    for name, case in cases.OPERATORS.items():
        yield f"f32/{name}", test_f32, case
    for i in range(RANDOM_GRAPHS):
        yield f"f32/random {i}", test_f32, cases.random_case(numpy.random.default_rng(i)), True
    yield "update/sgd", test_update, cases.OPERATORS["two relus"]
    yield "update/average", test_average, cases.OPERATORS["two relus"]
    for name, (spelt, make) in OPTIMIZERS.items():
        gathers = name in ("sgd", "nesterov")  # the rate into its momentum, as PyTorch does not
        for schedule in ["constant"] if gathers or not (MORE or name == "adam") else RATES:
            yield (f"optimizer/{name}, {schedule}", test_optimizer, cases.OPERATORS["two relus"],
                   spelt, make, schedule)
    for precision in ["i8", "i16", "i32"] if MORE else ["i8"]:
        for name, case in cases.OPERATORS.items():
            drops = "dropout" in name  # other elements with each seed: the oracle follows it
            if not drops and (FULL or precision != "i32" or name in cases.FEW):
                yield f"bias/{precision}/{name}", test_bias, case, precision
    for i in range(RANDOM_GRAPHS):
        precision = ["i8", "i16"][i % 2]
        case = cases.random_case(numpy.random.default_rng(1000 + i))
        yield f"bias/{precision}/random {i}", test_bias, case, precision


def run_test(folder, name, function, case, *rest):
    random = numpy.random.default_rng(list(name.encode()))
    try:
        print(f"ok gradients/{name}: {function(folder, case, random, *rest)}", flush=True)
        return True
    except (Deviation, RuntimeError) as error:
        print(f"FAIL gradients/{name}: {error}", *case, sep="\n", flush=True)
        return False


def main():
    torch.set_num_threads(1)
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    passed = True
    with tempfile.TemporaryDirectory(prefix="intc-gradients-") as folder:
        for i, test in enumerate(all_tests()):
            if wanted in test[0]:
                passed &= run_test(pathlib.Path(folder, str(i)), *test)
    sys.exit(not passed)


if __name__ == "__main__":
    main()
