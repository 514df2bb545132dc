"""Cases that Frama-C is to look at one by one, as ACSL comments in the copy that it reads.

Intervals do not know that m + (g - m) / 8 lies between m and g, because m occurs twice; of an m near the end of its
bounds, and of all others, they do. So each comment asserts that a value lies in one of many ranges. EVA checks that
these leave nothing out (an assertion that it cannot show is an alarm), goes on from each of them by itself, and joins
what it finds behind the place that needs them. Nothing is assumed, and no code is changed.
"""
import re

from support import Failure

APART = "/*@ slevel 100000; */\n"
CASES = "/*@ assert cases: {}; */\n"
JOIN = "/*@ slevel merge; */\n"
TOGETHER = JOIN + "/*@ slevel default; */\n"
MOST_ERRORS = 4  # whose signs are told apart


def ranges(name, starts, most):
    """That `name` lies between one of `starts` and the next, or `most`."""
    ends = [start - 1 for start in starts[1:]] + [most]
    return " || ".join(f"{start} <= {name} <= {end}" for start, end in zip(starts, ends))


def near_ends(name, least, most):
    """Ranges that are a quarter as long as the next one further from an end."""
    steps = [1 << i for i in range(0, 64, 2) if 1 << i <= (most - least) // 2]
    return ranges(name, sorted({least} | {least + step for step in steps} | {most + 1 - step for step in steps}), most)


def powers(name, base, bits):
    """Ranges from one power of the base to the next, for numbers above 0."""
    starts = [base**i for i in range(bits) if base**i < 1 << bits]
    return ranges(name, starts, (1 << bits) - 1)


def each(name, count):
    return ranges(name, range(count), count - 1)


def signs(names):
    """The first of them that is not zero, and its sign; or all are zero."""
    zeros = [" && ".join(f"{name} == 0" for name in names[:k]) for k in range(1, len(names) + 1)]
    firsts = [f"({' && '.join(filter(None, [zero, name]))} {sign})"
              for zero, name in zip([""] + zeros, names) for sign in ("<= -1", ">= 1")]
    return " || ".join([*firsts, f"({zeros[-1]})"])


def start_of(line):
    return re.compile(rf"^(?= *(?:{line}))", re.MULTILINE)


def before(text, first, cases, last=None):
    """Cases before each line that begins with `first`, one of them each; they end before the next line that
    begins with `last`, or with the function."""
    parts = start_of(first).split(text)
    if len(parts) - 1 != len(cases):
        raise Failure(f"{len(cases)} lines were to begin with {first}, but {len(parts) - 1} do")
    for i, which in enumerate(cases, 1):
        if last:
            parts[i], found = start_of(last).subn(TOGETHER, parts[i], count=1)
            if not found:
                raise Failure(f"no line behind {first} begins with {last}")
        parts[i] = APART + CASES.format(which) + parts[i]
    return "".join(parts)


def skipped_windows(block):
    """A gradient of a convolution, whose patch is filled only where an error of the window is not zero, and read there only."""
    sizes = re.search(r"int_any\(errors, (\d+) \* (\d+) \* sizeof", block[0])
    windows, channels = map(int, sizes.groups()) if sizes else (0, 0)
    if not 0 < windows * channels <= MOST_ERRORS:
        return block[0]
    cases = "".join(CASES.format(signs([f"errors[{w * channels + c}]" for c in range(channels)])) for w in range(windows))
    text = start_of(r"const int8_t \*const errors = ").sub(JOIN, block[0])
    return APART + start_of(r"if \(!int_any\(errors, ").sub(cases, text) + TOGETHER


def moments(network, state):
    """What bounds a state that no clamp keeps there, in the order of updates; not of sgd, which `run` looks after."""
    bounds = {tensor["name"]: tensor["bound"] for tensor in network.schedule["tensors"]}
    return [bounds[step["inputs"][state]] for step in network.schedule["steps"]
            if step["op"] != "sgd" and state in step["inputs"] and not step["attributes"].get("v_clamp")]


def correction_entries(network):
    return max((len(step["attributes"]["correction_table"]) for step in network.schedule["steps"]
                if step["op"] == "adam_correction"), default=1)


def with_cases(network, text):
    """The generated text with all cases that are of use."""
    momentum = [near_ends("momentum[k]", -most, most) for most in moments(network, "momentum")]
    square = [near_ends("square[k]", 0, most) for most in moments(network, "square")]
    if momentum:
        text = before(text, r"(?:const int32_t )?(?:v|mean) = momentum\[k\] [-+] ", momentum,
                      r"momentum\[k\] = |const int32_t root = ")
    if square:
        text = before(text, r"const int32_t v = square\[k\] \+ ", square, r"\w+\[k\] = ")
    for first, cases, last in [
            (r"const int64_t rise = ", each("at", correction_entries(network) - 1), None),
            (r"uint32_t doublings = 0;", powers("t", 2, 32), r"INT_TRACE\("),
            (r"const int half = int_leading_zeros\(\(uint32_t\)v\)", powers("v", 4, 31), None),
            (r"int zeros = 0;", powers("v", 2, 32), None),
            (r"const int32_t from = int_root_table\[", each("index", 96), None)]:
        text = before(text, first, [cases] * len(start_of(first).findall(text)), last)
    return re.sub(r"^ *for \(size_t r = share .*?(?=^ *INT_CRITICAL)", skipped_windows, text, flags=re.MULTILINE | re.DOTALL)

