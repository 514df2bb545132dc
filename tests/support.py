"""What the test groups that build generated C share: compiling models, running tools, reporting."""
import concurrent.futures
import dataclasses
import functools
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent
PROJECT = TESTS.parent
INTC = os.environ.get("INTC", str(PROJECT / "build" / "intc"))
MORE = os.environ.get("INTC_MORE") == "1"
FULL = os.environ.get("INTC_FULL") == "1"
IN_CI = os.environ.get("CI") == "true"
INTEGERS = ["i8", "i16", "i32"]
SECONDS = 1200 if FULL else 240
# The flags under which generated C is to be clean.
STRICT = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror"]
SHOWN_LINES = 40


class Skip(Exception):
    """A test cannot run here; the text says why."""


class Failure(Exception):
    """A test failed; the text says how."""


def run(command, with_errors=False):
    """The standard output of a command, which must succeed; if asked, its stderr too."""
    command = [str(word) for word in command]
    if not shutil.which(command[0]):
        raise Skip(f"there is no {command[0]}")
    try:
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                errors="replace", timeout=SECONDS)
    except subprocess.TimeoutExpired as late:
        raise Failure(f"{' '.join(command)}\nran longer than {SECONDS} s") from late
    if result.returncode != 0:
        raise Failure(f"{' '.join(command)}\nexit status {result.returncode}\n"
                      f"{result.stdout}{result.stderr}")
    return result.stdout + (result.stderr if with_errors else "")


def heed_interrupts():
    """For a child before it runs: what a shell starts in the background ignores interrupts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def has_flag(compiler, flag):
    """Whether a compiler can build and link with a flag that not every machine supports."""
    if not shutil.which(compiler):
        raise Skip(f"there is no {compiler}")
    program = "#include <stdint.h>\nint main(void) { return (int)(uint8_t)0; }\n"
    command = [compiler, flag, "-x", "c", "-", "-o", os.devnull]
    return subprocess.run(command, input=program, capture_output=True, text=True).returncode == 0


def report(line):
    print(line, flush=True)


def run_test(name, test):
    """The lines that a test prints; whether it failed."""
    try:
        note = test()
    except Skip as reason:
        # In CI every tool is there, or something is wrong with the set-up.
        return f"{'FAIL' if IN_CI else 'skip'} {name}: {reason}", IN_CI
    except (Failure, OSError, ValueError) as reason:
        lines = str(reason).splitlines()
        shown = lines[:SHOWN_LINES] + ["..."] * (len(lines) > SHOWN_LINES)
        return "\n    ".join([f"FAIL {name}", *shown]), True
    return f"ok {name}" + (f" {note}" if note else ""), False


def run_tests(tests, workers=2):
    """Runs (name, function) pairs side by side, prints a line for each; the exit status."""
    failed = False
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        running = [pool.submit(run_test, name, test) for name, test in tests]
        for done in concurrent.futures.as_completed(running):
            line, bad = done.result()
            report(line)
            failed |= bad
    return 1 if failed else 0


# ---- models --------------------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Network:
    """A model in one precision, compiled into a folder of its own."""
    model: pathlib.Path
    precision: str
    folder: pathlib.Path
    settings: tuple = ()
    form: str = "one"

    @property
    def name(self):
        return self.model.stem

    @property
    def label(self):
        return f"{self.name}/{self.precision}" + (f"/{self.form}" if self.form != "one" else "")

    @property
    def source(self):
        return self.folder / f"{self.name}.c"

    @property
    def options(self):
        pairs = (f"precision={self.precision}", *self.settings)
        return [word for pair in pairs for word in ("--set", pair)]

    @functools.cached_property
    def schedule(self):
        return json.loads(run([INTC, "schedule", "--format=json", *self.options, self.model]))

    def tensor(self, kind):
        return next(tensor for tensor in self.schedule["tensors"] if tensor["kind"] == kind)

    @property
    def batch(self):
        return self.schedule["settings"]["batch"]


C_TYPES = {"i8": "int8_t", "u8": "uint8_t", "i16": "int16_t", "u16": "uint16_t", "i32": "int32_t",
           "i64": "int64_t"}

NETWORK_HEADER = """\
/* The names of one network's functions, so that one test program serves all networks. */
#include "{name}.h"
typedef {name} Network;
typedef {input_type} NetworkInput;
typedef {target_type} NetworkClass;
typedef NetworkClass NetworkTarget{target_row};
enum {{ NETWORK_BATCH = {batch}, NETWORK_INPUTS = {inputs}, NETWORK_CLASSES = {classes} }};
#define NETWORK_NAME "{name} {precision}"
#define NETWORK_ANSWERS {answers}
#define network_init {name}_init
#define network_set_epoch {name}_set_epoch
#define network_train {name}_train
#define network_gradients {name}_gradients
#define network_apply {name}_apply
#define network_correct {name}_correct
#define network_loss {name}_loss
#define network_infer {name}_infer
#define network_hash {name}_hash
"""

CLASSIFY = "#define network_classify {name}_classify\n"
CLASSIFY_STEPS = """\
/* The class of the last step. */
static inline int network_classify(Network *network, const NetworkInput *input) {{
    NetworkTarget found;
    {name}_classify(network, input, found);
    return found[sizeof found / sizeof *found - 1];
}}
"""
AVERAGE = """\
#define NETWORK_AVERAGE_LAST {last}
#define network_collect {name}_collect
#define network_average {name}_average
"""


def elements(shape):
    count = 1
    for dimension in shape:
        count *= dimension
    return count


def write_network_header(network):
    given, target = network.tensor("input"), network.tensor("target")
    classes = target.get("classes", 0)
    if not classes:
        raise Failure(f"{network.label}: these tests know targets of classes only")
    text = NETWORK_HEADER.format(
        name=network.name, precision=network.precision, batch=network.batch, classes=classes,
        input_type=C_TYPES[given["type"]], target_type=C_TYPES[target["type"]],
        target_row="".join(f"[{size}]" for size in target["shape"]),
        inputs=elements(given["shape"]), answers=classes * elements(target["shape"]))
    text += (CLASSIFY_STEPS if target["shape"] else CLASSIFY).format(name=network.name)
    if last := network.schedule["settings"].get("average_last"):
        text += AVERAGE.format(name=network.name, last=last)
    (network.folder / "network.h").write_text(text)


def compile_network(model, precision, folder, settings=(), form="one"):
    network = Network(pathlib.Path(model), precision, pathlib.Path(folder), tuple(settings), form)
    run([INTC, "compile", *network.options, "--for", form, "-o", network.folder, network.model])
    write_network_header(network)
    return network


def work_folder(group):
    """An empty folder for what a group builds."""
    folder = pathlib.Path(INTC).resolve().parent / "test" / group
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


if __name__ == "__main__":
    sys.exit("tests/support.py is a module for the test groups")
