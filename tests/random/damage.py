"""Models with one thing wrong, made from the text of a valid one.

Tokens are deleted, doubled, swapped, renamed and resized, lines are lost or moved, and the text
ends early. Now and then the result is valid still.
"""
import random
import re

TOKEN = re.compile(r'#[^\n]*|"[^"\n]*"|[A-Za-z_]\w*|0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|'
                   r'>=|\s+|.', re.DOTALL)
SIZES = ["0", "1", "2", "-1", "0.5", "301", "65537", "2^31", "4294967296", "1e18", "1e308",
         "1e-300", "1/0", "2^-40", "0x7fffffff", "100000000"]
NAMES = ["model", "input", "target", "def", "loss", "train", "unit", "shift", "relu", "dense",
         "add", "ste", "round", "int", "m4_define", "none", "f32", "i64", "u8", "sgd", "momentum",
         "class", "nowhere", "h1", "x", "t", "y"]
OTHERS = ["\0", "\x1b[31m", "\u00e9", "\\", "`", "$1", "[<", ">]", "*/", "\"", "}", "{", ")", "]",
          ","]


class Damage:
    def __init__(self, text, seed):
        self.random = random.Random(f"damage {seed}")
        self.tokens = TOKEN.findall(text)
        self.solid = [i for i, token in enumerate(self.tokens) if not token.isspace()]

    def any(self, fits=lambda token: True):
        """The place of a token that fits; of any token where none does."""
        fitting = [i for i in self.solid if fits(self.tokens[i])]
        return self.random.choice(fitting or self.solid)

    def delete(self):
        self.tokens[self.any()] = ""

    def double(self):
        self.tokens[self.any()] *= 2

    def repeat(self):
        at = self.any()
        self.tokens[at] += " " + self.tokens[at]

    def swap(self):
        first, second = self.any(), self.any()
        self.tokens[first], self.tokens[second] = self.tokens[second], self.tokens[first]

    def swap_neighbours(self):
        at = self.random.randrange(len(self.solid) - 1)
        first, second = self.solid[at:at + 2]
        self.tokens[first], self.tokens[second] = self.tokens[second], self.tokens[first]

    def rename(self):
        names = [token for token in self.tokens if token.isidentifier()]
        self.tokens[self.any(str.isidentifier)] = self.random.choice(names + NAMES)

    def resize(self):
        self.tokens[self.any(lambda token: token[0].isdigit())] = self.random.choice(SIZES)

    def replace(self):
        self.tokens[self.any()] = self.random.choice(OTHERS)

    def insert(self):
        at = self.any()
        self.tokens[at] = self.random.choice(OTHERS + NAMES + SIZES) + " " + self.tokens[at]

    def lines(self):
        """A line is lost, doubled or moved."""
        lines = "".join(self.tokens).split("\n")
        at, to = self.random.randrange(len(lines)), self.random.randrange(len(lines))
        line = lines[at]
        if self.random.random() < 0.7:
            del lines[at]
        if self.random.random() < 0.5:
            lines.insert(to, line)
        self.tokens = ["\n".join(lines)]

    def cut(self):
        text = "".join(self.tokens)
        self.tokens = [text[:self.random.randrange(len(text))]]

    def text(self):
        kinds = [self.delete, self.double, self.repeat, self.swap, self.swap_neighbours,
                 self.rename,
                 self.resize, self.resize, self.replace, self.insert, self.lines, self.cut]
        kind = self.random.choice(kinds)
        kind()
        return kind.__name__, "".join(self.tokens)


def damaged(text, seed):
    """The kind of damage, and the text."""
    return Damage(text, seed).text()
