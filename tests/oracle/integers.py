"""What all parts compute with: rounding, sums of products, tables, random streams; and Broken,
raised where a promise of the schedule is not kept."""
import math
import operator

MASK = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
BITS = {"i8": 8, "i16": 16, "i32": 32, "i64": 64}


class Broken(Exception):
    """The schedule promised something that does not hold."""


def require(holds, text, *values):
    if not holds:
        raise Broken(text % values)


def type_most(name):
    """The largest magnitude of a type. Stored values are symmetric; raw inputs are not."""
    return (1 << int(name[1:])) - 1 if name[0] == "u" else (1 << (int(name[1:]) - 1)) - 1


# ---- rounding ------------------------------------------------------------------------------------

def nearest(value, shift):
    """value / 2^shift, halves upwards."""
    return (value + (1 << shift >> 1)) >> shift


def stochastic(value, shift, draw):
    """value / 2^shift, upwards with the probability of the fraction."""
    return (value + (draw & ((1 << shift) - 1))) >> shift


def clamp(value, lo, hi):
    return lo if value < lo else hi if value > hi else value


def dot(left, right):
    return sum(map(operator.mul, left, right))


def magnitude(left, right):
    """What a sum of products can reach on its way, in any order."""
    return sum(map(abs, map(operator.mul, left, right)))


# ---- random streams ------------------------------------------------------------------------------

def mix(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def words(state):
    """XorShift64: the states that follow `state`."""
    while True:
        state ^= (state << 13) & MASK
        state ^= state >> 7
        state ^= (state << 17) & MASK
        yield state


class Streams:
    """A stream of its own for each seed, step of the training, site and row."""

    def __init__(self, seed):
        self.key = mix((seed + GOLDEN) & MASK)

    def words(self, step, site, row):
        site_key = mix(self.key ^ ((step << 32) | site))
        return words(mix((site_key + GOLDEN * (row + 1)) & MASK) or 0xC0FFEE)

    def draws(self, step, site, row, field, count):
        """`count` draws of `field` bits: the low bits of a word serve first."""
        source, drawn = self.words(step, site, row), []
        while len(drawn) < count:
            word = next(source)
            drawn += [(word >> at) & ((1 << field) - 1) for at in range(0, 64, field)]
        return drawn[:count]


# ---- tables and limits ---------------------------------------------------------------------------

ROOTS = [min(65535, round(2 ** 31 / math.sqrt(i * 2 ** 25))) for i in range(32, 129)]


def inverse_root_of(normal):
    """2^31 / sqrt(normal) for 2^30 <= normal < 2^32: table, and a line between its entries."""
    index, rest = (normal >> 25) - 32, normal >> 9 & 0xFFFF
    return ROOTS[index] - ((ROOTS[index] - ROOTS[index + 1]) * rest >> 16)


def exp2(t, fraction_bits, table):
    """2^-t in 15 bits: table, a line between its entries, and the whole part shifts."""
    whole_part = t >> fraction_bits
    fraction = (t & ((1 << fraction_bits) - 1)) >> (fraction_bits - 15)
    index, rest = fraction >> 10, fraction & 1023
    drop = (table[index] - table[index + 1]) * rest >> 10
    return 0 if whole_part > 15 else (table[index] - drop) >> whole_part


def fits(bits, values, what):
    """Nothing that the generated code computes on its way may leave its type."""
    require(max(map(abs, values)) < 1 << (bits - 1), "%s leaves %d bits", what, bits)
    return values
