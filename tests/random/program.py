"""Builds the C of one model in several ways, each with the same main program, and runs them.

The main program trains on raw integers from the whole range of their type, the two ends more often
than the rest, and prints what it gets: losses, answers, hashes. Every build of an integer model
must print the same; in f32 each compiler may round in its own way. Two of the builds stop at the
first thing that C leaves undefined.
"""
import re

from support import C_TYPES, STRICT, Failure, elements, run

# Random streams and the hash wrap around by design; nothing else may.
WRAPPING = "[unsigned-integer-overflow]\n" + "".join(
    f"fun:int_{name}\n" for name in ("mix", "site", "row", "hash")) + \
    "[unsigned-shift-base]\nfun:int_next\n"

STOP = "-g1 -fno-sanitize-recover=all"
PLAIN = [("gcc", "-O0"), ("gcc", "-O3 -march=native"), ("clang", "-O2"), ("gcc", "-Os")]
# Unoptimised builds take a third of the time, and no optimiser removes what they are to find.
CLANG_CHECKS = [("clang", f"-O0 {STOP} -DINT_STATISTICS -fsanitize-ignorelist=wrapping "
                          "-fsanitize=undefined,integer,float-cast-overflow")]
GCC_CHECKS = [("gcc", f"-O0 {STOP} -fsanitize=undefined,address,float-cast-overflow")]

# Forms of the kernels: for any processor of the kind, for this one, in plain C.
KERNELS = ["", " -march=native", " -DINT_PLAIN_C"]


def with_kernels(builds, kernels):
    return [(compiler, flags + kernels) for compiler, flags in builds]


ALL = PLAIN + [build for kernels in KERNELS
                           for build in with_kernels(CLANG_CHECKS + GCC_CHECKS, kernels)]

MAIN = """/* Trains {model} on random raw integers and prints what comes out. */
#ifdef SPLIT
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#endif
#include <inttypes.h>
#include <stdio.h>
#include "{model}.h"

enum {{ STEPS = {steps} }};
static {model} network;
static {input_type} raw_inputs[{batch}][{inputs}];
static {target_type} raw_targets[{batch}]{target_shape};
static int16_t answers[{answers}];
static uint32_t random_state = 12345;

/* A linear congruence of 16 bits that shows its upper 15, so that nothing here wraps around. */
static uint32_t random_bits(void)
{{
    random_state = (random_state * 25173U + 13849U) & 0xFFFFU;
    return random_state >> 1;
}}

/* A value of a type of `width` bits: one of its ends, or anything. */
static int64_t random_raw(int width, int is_signed)
{{
    const int64_t range = (int64_t)1 << width, least = is_signed ? -range / 2 : 0;
    const int64_t high = random_bits(), middle = random_bits(), low = random_bits();
    const uint32_t kind = random_bits() % 8U;
    const int64_t any = (high << 30 | middle << 15 | low) % range;
    return least + (kind == 0 ? 0 : kind == 1 ? range - 1 : any);
}}

static void fill(void)
{{
    for (size_t row_ = 0; row_ < {batch}; ++row_) {{
        for (size_t i_ = 0; i_ < {inputs}; ++i_)
            raw_inputs[row_][i_] = ({input_type})random_raw({input_bits});
        {fill_target}
    }}
}}

#ifdef SPLIT
{sliced}#else
static uint32_t train_batch(uint32_t *right_)
{{
    const uint32_t loss_ = {model}_train(&network, {const_inputs}, {const_targets});
    *right_ = {model}_correct(&network);
    return loss_;
}}
#endif

static void train(uint32_t number)
{{
    uint32_t loss_, right_;
    fill();
    {model}_set_epoch(&network, number * number);
    loss_ = train_batch(&right_);
{collect}    printf("%" PRIu32 ": loss %" PRIu32 ", %" PRIu32 " right, hash %016" PRIx64 "\\n", number, loss_,
           right_, {model}_hash(&network));
}}

int main(void)
{{
    {model}_init(&network, 7);
    for (uint32_t number = 0; number < STEPS; ++number)
        train(number);
{average}    {model}_infer(&network, raw_inputs[0], answers);
    printf("loss of one: %" PRIu32 ", answer", {model}_loss(&network, raw_inputs[0], raw_targets{one}));
    for (size_t i_ = 0; i_ < {answers}; ++i_)
        printf(" %d", answers[i_]);
{classify}    printf("\\n");
#ifdef INT_STATISTICS
    static uint64_t saturated_[{upper}_COUNTERS + 1], seen_[{upper}_COUNTERS + 1];
    static uint64_t squares_[{upper}_COUNTERS + 1];
    {model}_statistics(&network, saturated_, squares_, seen_);
#endif
    return 0;
}}
"""

# Instead of a whole batch, in the distributed form.
SPLIT = """/* The distributed form: the batch in slices of 1, 2, 3, ... samples, the last one first. */
static uint32_t train_batch(uint32_t *right_)
{{
    uint64_t loss_ = 0;
    *right_ = 0;
    for (uint32_t end_ = {batch}, size_ = 1; end_ > 0; ++size_) {{
        const uint32_t count_ = size_ < end_ ? size_ : end_;
        end_ -= count_;
        loss_ += {model}_gradients(&network, {const_inputs} + end_, {const_targets} + end_, end_, count_, NULL, NULL);
        *right_ += {model}_correct(&network);
    }}
    {model}_apply(&network);
    loss_ /= {batch};
    return loss_ < UINT32_MAX ? (uint32_t)loss_ : UINT32_MAX;
}}
"""

TOGETHER = """/* The distributed form of what needs sums over the whole batch: slices of 0, 1, 2, ... samples, the last one first,
 * each in a thread with a network of its own. One of them goes on. */
static const uint32_t first_of[] = {{{bounds}}}; /* from the end of the batch down */
enum {{ PARTS = sizeof first_of / sizeof first_of[0] - 1 }};
static {model} parts[PARTS];
static uint64_t losses[PARTS];
static int64_t sums_of_all[{most_sums}];
static pthread_barrier_t all_there;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static void add_up(void *context, int64_t *sums, uint32_t count)
{{
    pthread_barrier_wait(&all_there);
    if (*(int *)context == 0)
        for (uint32_t i_ = 0; i_ < count; ++i_)
            sums_of_all[i_] = 0;
    pthread_barrier_wait(&all_there);
    pthread_mutex_lock(&adding);
    for (uint32_t i_ = 0; i_ < count; ++i_)
        sums_of_all[i_] += sums[i_];
    pthread_mutex_unlock(&adding);
    pthread_barrier_wait(&all_there);
    for (uint32_t i_ = 0; i_ < count; ++i_)
        sums[i_] = sums_of_all[i_];
}}

static void *train_part(void *number)
{{
    const int k_ = *(int *)number;
    const uint32_t first_ = first_of[k_ + 1];
    losses[k_] = {model}_gradients(&parts[k_], {const_inputs} + first_, {const_targets} + first_, first_,
                                   first_of[k_] - first_, NULL, add_up, number);
    return NULL;
}}

static uint32_t train_batch(uint32_t *right_)
{{
    static uint32_t batches_;
    {model} *const next_ = &parts[batches_++ % PARTS];
    pthread_t threads_[PARTS];
    int numbers_[PARTS];
    uint64_t loss_ = 0;
    pthread_barrier_init(&all_there, NULL, PARTS);
    for (int k_ = 0; k_ < PARTS; ++k_) {{
        numbers_[k_] = k_;
        parts[k_] = network;
        if (pthread_create(&threads_[k_], NULL, train_part, &numbers_[k_]) != 0)
            return 0;
    }}
    *right_ = 0;
    for (int k_ = 0; k_ < PARTS; ++k_) {{
        pthread_join(threads_[k_], NULL);
        loss_ += losses[k_];
        *right_ += {model}_correct(&parts[k_]);
    }}
    for (int k_ = 0; k_ < PARTS; ++k_) {{
        if (&parts[k_] == next_)
            continue;
        {add_sums}
    }}
    {model}_apply(next_);
    network = *next_;
    pthread_barrier_destroy(&all_there);
    loss_ /= {batch};
    return loss_ < UINT32_MAX ? (uint32_t)loss_ : UINT32_MAX;
}}
"""

FILL_CLASS = "raw_targets[row_] = ({target_type})(random_bits() % {classes}U);"
# The class that there is not masks a step.
FILL_STEPS = """for (size_t i_ = 0; i_ < {targets}; ++i_)
            raw_targets[row_][i_] = ({target_type})(random_bits() % ({classes}U + 1U));"""
FILL_VALUES = """for (size_t i_ = 0; i_ < {targets}; ++i_)
            raw_targets[row_][i_] = ({target_type})random_raw({target_bits});"""
CLASSIFY = """\
    printf(", class %d", {model}_classify(&network, raw_inputs[0]));
"""
CLASSIFY_STEPS = """\
    {model}_classify(&network, raw_inputs[0], raw_targets[0]);
    for (size_t i_ = 0; i_ < {targets}; ++i_)
        printf(", class %d", raw_targets[0][i_]);
"""
# An epoch has one batch here; sums begin where there are none, and once more later. A second mean
# changes nothing.
COLLECT = """\
    {model}_collect(&network, number == 2);
"""
AVERAGE = """\
    {model}_average(&network);
    {model}_average(&network);
    printf("average: hash %016" PRIx64 "\\n", {model}_hash(&network));
"""


def raw_arguments(kind):
    return f"{kind[1:]}, {int(kind[0] == 'i')}"


def const_rows(kind, width, name):
    return f"(const {kind}(*)[{width}]){name}"


ADD_SUMS = """for (size_t i_ = 0; i_ < sizeof next_->{name} / sizeof next_->{name}[0]; ++i_)
            next_->{name}[i_] += parts[k_].{name}[i_];
        """


def bounds_of_slices(batch):
    """Of 0, 1, 2, ... samples, and what is left, from the end of the batch down."""
    bounds = [batch]
    while bounds[-1] > 0:
        bounds.append(max(0, bounds[-1] - len(bounds) + 1))
    return bounds


def sliced(schedule, values):
    """How the distributed form trains: slices that need each other's sums do so together."""
    channels = [step["attributes"]["channels"] for step in schedule["steps"]
                if step["op"] == "batchnorm"]
    if not channels:
        return SPLIT.format(**values)
    types = {tensor["type"] for tensor in schedule["tensors"] if tensor["kind"] == "gradient"}
    return TOGETHER.format(**values, bounds=", ".join(map(str, bounds_of_slices(values["batch"]))),
                           most_sums=max(channels),
                           add_sums="".join(ADD_SUMS.format(name=f"sums_{name}") for name in sorted(types)).rstrip())


def main_text(schedule, steps):
    tensors = {tensor["name"]: tensor for tensor in schedule["tensors"]}
    given = next(tensor for tensor in tensors.values() if tensor["kind"] == "input")
    target = next(tensor for tensor in tensors.values() if tensor["kind"] == "target")
    loss = next(step for step in schedule["steps"] if "target" in step["inputs"])
    answer = next(tensors[name] for role, name in loss["inputs"].items() if role != "target")
    classes, model = target.get("classes", 0), schedule["model"]
    inputs, targets = elements(given["shape"]), elements(target["shape"])
    rows = not classes or target["shape"] != []  # of targets: one a step, or values
    values = {"model": model, "upper": model.upper(), "steps": steps, "classes": classes,
              "batch": schedule["settings"]["batch"], "inputs": inputs, "targets": targets,
              "answers": elements(answer["shape"]), "input_type": C_TYPES[given["type"]],
              "target_type": C_TYPES[target["type"]], "input_bits": raw_arguments(given["type"]),
              "target_bits": raw_arguments(target["type"]),
              "target_shape": f"[{targets}]" if rows else "", "one": "[0]" if rows else ""}
    fill = FILL_VALUES if not classes else FILL_STEPS if rows else FILL_CLASS
    classify = "" if not classes else CLASSIFY_STEPS if rows else CLASSIFY
    averaged = "average_last" in schedule["settings"]
    values["fill_target"] = fill.format(**values)
    values["const_inputs"] = const_rows(values["input_type"], inputs, "raw_inputs")
    values["classify"] = classify.format(**values)
    values["collect"] = COLLECT.format(**values) if averaged else ""
    values["average"] = AVERAGE.format(**values) if averaged else ""
    values["const_targets"] = const_rows(values["target_type"], targets, "raw_targets") if rows else "raw_targets"
    return MAIN.format(**values, sliced=sliced(schedule, values))


def printed(folder, model, compiler, flags):
    """What the program prints when it is built like that."""
    program = folder / re.sub(r"\W+", "_", f"{compiler}{flags}")
    flags = [flag.replace("=wrapping", f"={folder / 'wrapping'}") for flag in flags.split()]
    run([compiler, *STRICT, "-pthread", *flags, folder / f"{model}.c", folder / "main.c", "-lm",
         "-o", program])
    return run([program])


def check_split(folder, model, flags, expected):
    """The distributed form, in a folder of its own, gives the same from a batch in slices."""
    distributed = folder / "distributed"
    for name in "main.c", "wrapping":
        (distributed / name).write_text((folder / name).read_text())
    found = printed(distributed, model, "clang", flags + " -DSPLIT")
    if found != expected:
        raise Failure(f"the distributed form disagrees:\n{found}where the usual one prints\n{expected}")


def check(folder, schedule, steps, builds):
    """Every build of the model in `folder` runs, and integer ones agree; what they print."""
    (folder / "main.c").write_text(main_text(schedule, steps))
    (folder / "wrapping").write_text(WRAPPING)
    texts = {f"{compiler} {flags}": printed(folder, schedule["model"], compiler, flags)
             for compiler, flags in builds}
    if len(set(texts.values())) > 1 and schedule["settings"]["precision"]["weights"] != "f32":
        raise Failure("builds disagree:\n" + "\n".join(f"{name}:\n{text}"
                                                       for name, text in texts.items()))
    return next(iter(texts.values()))
