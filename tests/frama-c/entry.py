"""The program that Frama-C looks at: it calls a generated file's functions, from any valid state.

All of it is written from the schedule. A slice of a batch starts from any sums that the samples of
other slices can have, and is to leave sums that one sample more for each of its own can have; so no
order of slices goes wrong.
"""
import re

import support
from support import Failure

STATE_KINDS = {"parameter", "master", "state"}
LINE = 64  # bytes; where an array of sums begins

ENTRY = """\
#include <__fc_builtin.h>
#include <stddef.h>
#include <stdint.h>
{contracts}
#include "{source}"

static int64_t any(int64_t lo, int64_t hi) {{
    return Frama_C_long_long_interval(lo, hi);
}}

static void any_state({name} *m) {{
    m->seed = Frama_C_unsigned_long_long_interval(0, UINT64_MAX);
    m->step = (uint32_t)any(0, UINT32_MAX - 1);
    {name}_set_epoch(m, (uint32_t)any(0, UINT32_MAX));
{havoc}{inference}{first}
}}

static void check_state(const {name} *m) {{
{check}{inferred}
}}

static {input} inputs[{batch}][{inputs}];
static {target} targets[{batch} * {targets}];

static void any_samples(void) {{
    Frama_C_make_unknown((char *)inputs, sizeof inputs);
    for (size_t i = 0; i < sizeof targets / sizeof *targets; ++i)
        targets[i] = ({target})any({target_lo}, {target_hi});
}}

{gradients}static void start(void) {{
    {name} m;
    {name}_init(&m, Frama_C_unsigned_long_long_interval(0, UINT64_MAX));
    {name}_set_epoch(&m, (uint32_t)any(0, UINT32_MAX));
    check_state(&m);
{cleared}}}

static void train(void) {{
    {name} m;
    any_state(&m);
{no_gradients}    {name}_train(&m, (const {input}(*)[{inputs}])inputs, {train_targets});
    check_state(&m);
{cleared}    {name}_hash(&m);
    {name}_correct(&m);
}}

static void infer(void) {{
    {name} m;
    int16_t answers[{answers}];
    any_state(&m);
    {name}_infer(&m, inputs[0], answers);
{classify}
}}

static void loss(void) {{
    {name} m;
    any_state(&m);
    {name}_loss(&m, inputs[0], targets);
}}

{averages}void entry(void) {{
    any_samples();
    start();
    train();
    infer();
    loss();
{slicing}{averaging}}}
"""

# Sums of k epochs are within k bounds.
AVERAGES = """\
static void any_epochs({name} *m, uint32_t k) {{
    any_state(m);
    m->collected = k;
{sums}}}

static void average(uint32_t k) {{
    {name} m;
    any_epochs(&m, k);
    {name}_collect(&m, k == 0);
    {name}_average(&m);
    check_state(&m);
    any_epochs(&m, k);
    {name}_average(&m);
    check_state(&m);
}}

"""
AVERAGING = """\
    for (uint32_t k = 0; k <= {last}; ++k)
        average(k);
"""
SUMS = """\
    for (size_t i = 0; i < {count}; ++i)
        m->{member}[i] = ({type})any(-(int64_t)k * {bound}, (int64_t)k * {bound});
"""

# The distributed form: sums of gradients, of any number of samples.
GRADIENTS = """\
static void any_gradients({name} *m, int64_t samples) {{
{havoc}}}

static void check_gradients(const {name} *m, int64_t samples) {{
{check}}}

static void ready(void *context, uint32_t sums_i32, uint32_t sums_i64) {{
    if (context == NULL || sums_i32 > {i32} || sums_i64 > {i64}) {{
        /*@ assert no_more_are_ready_than_there_are: \\false; */
        ;
    }}
}}

static void slice(uint32_t before, uint32_t count) {{
    {name} m;
    any_state(&m);
    any_gradients(&m, before);
    {name}_gradients(&m, (const {input}(*)[{inputs}])inputs, {train_targets},
                     (uint32_t)any(0, {batch} - count), count, ready, &m);
    check_gradients(&m, before + count);
    check_state(&m);
    {name}_correct(&m);
}}

static void apply(void) {{
    {name} m;
    any_state(&m);
    any_gradients(&m, {batch});
    {name}_apply(&m);
    check_gradients(&m, 0);
    check_state(&m);
}}

"""
SLICING = """\
    for (uint32_t count = 0; count <= {batch}; ++count)
        for (uint32_t before = 0; before <= {batch} - count; ++before)
            slice(before, count);
    apply();
"""
NO_GRADIENTS = """\
    any_gradients(&m, 0);
"""
CLEARED = """\
    check_gradients(&m, 0);
"""
ANY_GRADIENT = """\
    for (size_t i = {start}; i < {end}; ++i)
        m->sums_{type}[i] = ({c_type})any(-samples * {bound}, samples * {bound});
"""
CHECK_GRADIENT = """\
    for (size_t i = {start}; i < {end}; ++i)
        if (m->sums_{type}[i] < -samples * {bound} || m->sums_{type}[i] > samples * {bound}) {{
            /*@ assert {member}_within_bounds: \\false; */
            ;
        }}
"""
FIRST = """\
    m->first = (uint32_t)any(0, {batch});
"""

HAVOC = """\
    for (size_t i = 0; i < {count}; ++i)
        m->{member}[i] = ({type})any({least}, {bound});
"""
CHECK = """\
    for (size_t i = 0; i < {count}; ++i)
        if (m->{member}[i] < {least} || m->{member}[i] > {bound}) {{
            /*@ assert {member}_within_bounds: \\false; */
            ;
        }}
"""
INFERENCE = """\
    m->training = 0;
"""
INFERRED = """\
    if (m->training != 0) {
        /*@ assert training_is_over: \\false; */
        ;
    }
"""


def state_tensors(network):
    return [tensor for tensor in network.schedule["tensors"] if tensor["kind"] in STATE_KINDS]


def momentum_steps(network):
    """Updates whose momentum no clamp keeps within its bound, by the momentum's name."""
    return {step["inputs"]["momentum"]: step for step in network.schedule["steps"]
            if step["op"] == "sgd" and "momentum" in step["inputs"]
            and step["attributes"]["v_clamp"] == 0}


def for_state(network, template, but=()):
    return "".join(template.format(count=support.elements(tensor["shape"]),
                                   member=tensor["name"].replace(".", "_"),
                                   type=support.C_TYPES[tensor["type"]], bound=tensor["bound"],
                                   least=0 if tensor["non_negative"] else -tensor["bound"])
                   for tensor in state_tensors(network) if tensor["name"] not in but)


def averaging(network):
    """The entry's part that takes means of weights, definitions and calls; or nothing."""
    last = network.schedule["settings"].get("average_last")
    if not last:
        return "", ""
    sums = "".join(SUMS.format(count=support.elements(tensor["shape"]),
                               member=tensor["name"].replace(".", "_"),
                               type=support.C_TYPES[tensor["type"]], bound=tensor["bound"] // last)
                   for tensor in network.schedule["tensors"] if tensor["kind"] == "average")
    return AVERAGES.format(name=network.name, sums=sums), AVERAGING.format(last=last)


def sums_of_gradients(network):
    """Sums of the distributed form in the order they are made, bounds of one sample; their ends."""
    tensors = {tensor["name"]: tensor for tensor in network.schedule["tensors"]}
    ends, found, text = {"i32": 0, "i64": 0}, [], network.source.read_text()
    for step in network.schedule["steps"]:
        if "gradient" not in step["outputs"]:
            continue
        tensor = tensors[step["outputs"]["gradient"]]
        kind, bound = tensor["type"], tensor["bound"]
        in_line = 8 * LINE // int(kind[1:])
        start = -(-ends[kind] // in_line) * in_line
        if bound % network.batch or not re.search(rf"sums = m->sums_{kind} \+ {start}\b", text):
            raise Failure(f"{tensor['name']}: its sums are not what this entry takes them for")
        ends[kind] = start + support.elements(tensor["shape"])
        found.append({"type": kind, "c_type": support.C_TYPES[kind], "start": start,
                      "end": ends[kind],
                      "bound": bound // network.batch, "member": tensor["name"].replace(".", "_")})
    return found, ends


def slices(network, values):
    """What the distributed form has more than the usual one, by its place in the entry."""
    if network.form != "distributed":
        return dict.fromkeys(("gradients", "no_gradients", "cleared", "slicing", "first"), "")
    sums, ends = sums_of_gradients(network)
    havoc = "".join(ANY_GRADIENT.format(**each) for each in sums)
    check = "".join(CHECK_GRADIENT.format(**each) for each in sums)
    return {"gradients": GRADIENTS.format(**values, havoc=havoc, check=check, i32=ends["i32"],
                                          i64=ends["i64"]),
            "no_gradients": NO_GRADIENTS, "cleared": CLEARED, "first": FIRST.format(**values),
            "slicing": SLICING.format(**values)}


def target_range(target):
    if target.get("classes"):  # of steps, one more masks a step
        return 0, target["classes"] - (target["shape"] == [])
    bits = int(target["type"][1:])
    return (0, 2**bits - 1) if target["type"][0] == "u" else (-2**(bits - 1), 2**(bits - 1) - 1)


def entry_text(network, source, contracts):
    given, target = network.tensor("input"), network.tensor("target")
    targets, classes = support.elements(target["shape"]), target.get("classes", 0)
    c_type = support.C_TYPES[target["type"]]
    steps_of_classes = classes and target["shape"] != []
    rows = steps_of_classes or not classes
    differs = any(step["op"] in ("augment", "batchnorm", "dropout")
                  for step in network.schedule["steps"])
    lo, hi = target_range(target)
    averages, calls = averaging(network)
    values = {"name": network.name, "batch": network.batch,
              "inputs": support.elements(given["shape"]), "input": support.C_TYPES[given["type"]],
              "train_targets": f"(const {c_type}(*)[{targets}])targets" if rows else "targets"}
    return ENTRY.format(
        **values, **slices(network, values), source=source, contracts=contracts, targets=targets,
        answers=(classes or 1) * targets, target=c_type, target_lo=lo, target_hi=hi,
        classify=f"    {network.name}_classify(&m, inputs[0]{', targets' * bool(steps_of_classes)});" if classes else "",
        inference=INFERENCE * differs, inferred=INFERRED * differs, averages=averages,
        averaging=calls, havoc=for_state(network, HAVOC),
        check=for_state(network, CHECK, momentum_steps(network)))
