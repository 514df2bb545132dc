"""Cases that Frama-C is to look at one by one, as ACSL comments in the copy that it reads.

Intervals do not know that m + (g - m) / 8 lies between m and g, because m occurs twice; of an m
near the end of its bounds, and of all others, they do. So each comment asserts that a value lies in
one of many ranges. EVA checks that these leave nothing out (an assertion that it cannot show is an
alarm), goes on from each of them by itself, and joins what it finds behind the place that needs
them. Nothing is assumed, and no code is changed, but for one product of batchnorm, on its way back
from any values: what is said of it, `run` shows by arithmetic. A place that is not found has no
cases, and alarms.
"""
import re

from support import Failure

APART = "/*@ slevel 100000; */\n"
CASES = "/*@ assert cases: {}; */\n"
JOIN = "/*@ slevel merge; */\n"
TOGETHER = JOIN + "/*@ slevel default; */\n"
PRODUCT = "unit = int_nearest64(z * scales[c],"
BOUNDED_PRODUCT = "unit = int_nearest64(int_over_length(z, scales[c]),"


# ---- cases -----------------------------------------------------------------------------------------

def either(cases):
    """Each says what the ones before leave open, which EVA follows from left to right."""
    return CASES.format(" || ".join(f"({' && '.join(case)})" for case in cases))


def within(name, least, most):
    return f"{least} <= {name} <= {most}"


def ranges(name, starts, most):
    """That `name` lies between one of `starts` and the next, or `most`."""
    ends = [start - 1 for start in starts[1:]] + [most]
    return either([within(name, *pair)] for pair in zip(starts, ends))


def near_ends(name, least, most):
    """Ranges that are a quarter as long as the next one further from an end."""
    steps = [4**i for i in range(32) if 4**i <= (most - least) // 2]
    below, above = {least + step for step in steps}, {most + 1 - step for step in steps}
    return ranges(name, sorted({least} | below | above), most)


def powers(name, base, bits):
    """Ranges from one power of the base to the next, for numbers above 0."""
    return ranges(name, [base**i for i in range(bits) if base**i < 1 << bits], (1 << bits) - 1)


def each(name, count):
    return ranges(name, range(count), count - 1)


def few(name, count):
    """All elements, where each is -1, 0 or 1."""
    return "".join(ranges(f"{name}[{i}]", [-1, 0, 1], 1) for i in range(count))


def largest(names, bits):
    """The first of the largest, its sign, and the power of two below it; or all are zero."""
    cases = []
    for k in reversed(range(bits)):
        for i, name in enumerate(names):
            most = [(1 << k) - 1] * i + [(2 << k) - 1] * (len(names) - i)
            others = [within(names[j], -most[j], most[j]) for j in range(len(names)) if j != i]
            cases += [[*others, within(name, 1 << k, most[i])],
                      [*others, within(name, -most[i], -1 << k)]]
    return either([*cases, [f"{name} == 0" for name in names]])


# ---- places ----------------------------------------------------------------------------------------

def start_of(line):
    return re.compile(rf"^(?= *(?:{line}))", re.MULTILINE)


def before(text, first, cases, last=None):
    """Cases before each line that begins with `first`, one of them each; they end before the next
    line that begins with `last`, or with the function."""
    parts = start_of(first).split(text)
    if len(parts) - 1 != len(cases):
        raise Failure(f"{len(cases)} lines were to begin with {first}, but {len(parts) - 1} do")
    for i, which in enumerate(cases, 1):
        if last:
            parts[i], found = start_of(last).subn(TOGETHER, parts[i], count=1)
            if not found:
                raise Failure(f"no line behind {first} begins with {last}")
        parts[i] = APART + which + parts[i]
    return "".join(parts)


def everywhere(text, first, cases, last=None):
    return before(text, first, [cases] * len(start_of(first).findall(text)), last)


def in_blocks(text, first, last, change, holding=""):
    """A change of each block from a line that begins with `first` to one that begins with `last`
    and no other such line before it; of those that hold something."""
    inside = rf"(?:(?!{last}).)*?"
    block = rf"^ *{first}{inside}{holding}{inside}(?=^ *{last})"
    return re.sub(block, lambda found: change(found[0]), text, flags=re.MULTILINE | re.DOTALL)


def bounds_of(network):
    return {tensor["name"]: tensor["bound"] for tensor in network.schedule["tensors"]}


def moments(network, text):
    """A mean moves to what it is a mean of; not those of sgd, which `run` looks after."""
    bounds = bounds_of(network)
    steps = [step for step in network.schedule["steps"]
             if step["op"] != "sgd" and not step["attributes"].get("v_clamp")]
    for state, sign, line, last in [
            ("momentum", -1, r"(?:const int32_t )?(?:v|mean) = momentum\[k\] [-+] ",
             r"momentum\[k\] = |const int32_t root = "),
            ("square", 0, r"const int32_t v = square\[k\] \+ ", r"\w+\[k\] = ")]:
        most = [bounds[step["inputs"][state]] for step in steps if state in step["inputs"]]
        if most:
            cases = [near_ends(f"{state}[k]", sign * bound, bound) for bound in most]
            text = before(text, line, cases, last)
    return text


def clamped_momenta(network, text):
    """What a momentum loses has its sign: of either sign the rest fits 32 bits before the clamp."""
    bounds = bounds_of(network)
    most = [bounds[step["inputs"]["momentum"]] for step in network.schedule["steps"]
            if "momentum" in step["inputs"] and step["attributes"].get("v_clamp")]
    cases = [ranges("momentum[k]", [-bound, 0], bound) for bound in most]
    line = r"const int32_t v = int_clamp\(momentum\[k\] - "
    return before(text, line, cases, r"momentum\[k\] = ")


def corrections(network, text):
    """What makes up for the start of Adam: a line between entries, which lie ever further apart."""
    for step in network.schedule["steps"]:
        if step["op"] == "adam_correction":
            entries = len(step["attributes"]["correction_table"])
            text = everywhere(text, r"const int64_t rise = ", each("at", entries - 1))
    return everywhere(text, r"uint32_t doublings = 0;", powers("t", 2, 32), r"INT_TRACE\(")


def roots(text):
    """How far a number is shifted goes by its power of 4; a line of its table falls."""
    normal = [(32 + i) << 25 for i in range(0, 96, 16)]
    for line, cases in [
            (r"const int half = int_leading_zeros\(\(uint32_t\)v\)", powers("v", 4, 31)),
            (r"const uint64_t bits = \(uint64_t\)v;", powers("v", 4, 63)),
            (r"const int64_t root = int_root", ranges("normal", normal, (1 << 32) - 1)),
            (r"int zeros = 0;", powers("v", 2, 32)),
            (r"const int32_t from = int_root_table\[", each("index", 96))]:
        text = everywhere(text, line, cases)
    return text


def norm(block):
    """The larger an element is, or what is left of it without a mean, the larger is its root."""
    bits = int(re.search(r"const u?int(\d+)_t \*const x = ", block)[1]) - 1
    width, elements = re.search(r"square_sum = 0;\s*for \(size_t i = 0; i < (\d+); \+\+i\) \{\s*"
                                r"const int32_t z = (\w+)\[i\];", block).groups()
    up = re.search(r"\(int32_t\)1 << (\d+)\) - mean;", block)
    bits += (elements != "x") + (int(up[1]) if up else 0)
    cases = largest([f"{elements}[{i}]" for i in range(int(width))], min(bits, 30))
    return APART + start_of("int64_t square_sum = 0;").sub(JOIN + cases, block) + TOGETHER


def batchnorm_error(block, most):
    """Of a batch of signs all are looked at; of others a product is what `run` shows it to be."""
    if most > 1:
        return block.replace(PRODUCT, BOUNDED_PRODUCT)
    rows, row = re.search(r"at < \(size_t\)(\d+) \* (\d+);", block).groups()
    cases = few("x", int(rows) * int(row))
    return start_of(r"const size_t shares = ").sub(APART + cases, block) + TOGETHER


def batchnorm(block, step, bounds):
    """Only the largest sum has the largest mean. What is kept of means moves to them."""
    mean, variance = (bounds[step["inputs"][state]] for state in ("mean", "variance"))
    count = step["attributes"]["mean_of"]
    most, squares = count * bounds[step["inputs"]["x"]], count * (2 * mean)**2
    for line, cases in [
            (r"centers\[c\] = \(int", ranges("scales[c]", [-most, 1 - most, most], most)),
            (r"scales\[c\] = int_mean", ranges("scales[c]", [0, squares], squares)),
            (r"mean\[c\] = m->step", near_ends("mean[c]", -mean, mean)),
            (r"variance\[c\] = m->step", near_ends("variance[c]", 0, variance)),
            (r"scales\[c\] = int_clamp64", "")]:
        block = start_of(line).sub(JOIN + cases, block)
    return APART + block + TOGETHER


# What stands behind a step; behind one that makes gradients in the distributed form.
BEHIND = r"(?:INT_TRACE\(|if \(ready\))"


def norms(network, text):
    bounds = bounds_of(network)
    steps = iter(step for step in network.schedule["steps"] if step["op"] == "batchnorm")
    errors = iter(step for step in network.schedule["steps"] if step["op"] == "batchnorm_error")
    text = in_blocks(text, r"if \(m->training != 0\) \{\s*const size_t shares = ", BEHIND,
                     lambda block: batchnorm(block, next(steps), bounds))
    text = in_blocks(text, r"const u?int\d+_t \*const x = ", BEHIND,
                     lambda block: batchnorm_error(block, bounds[next(errors)["inputs"]["x"]]),
                     r"products\[c\] = 0;")
    return in_blocks(text, r"for \(size_t (?:at|b) = 0;", BEHIND, norm, "square_sum = 0;")


def with_cases(network, text):
    """The generated text with all cases that are of use."""
    text = clamped_momenta(network, moments(network, text))
    return roots(norms(network, corrections(network, text)))
