/* graph.c - bytes as choices of a grammar: models that are well-formed and mean nearly always
 * something, so that the passes behind the parser are reached. Numbers are drawn from a list of
 * extremes as often as from sensible ones. INTC_FUZZ_PRINT=1 prints the model of a finding. */
#include "passes.h"

#include <stdarg.h>
#include <stdio.h>

enum { MOST_TEXT = 1 << 16, MOST_BINDINGS = 24 };

static const uint8_t *choices;
static size_t choices_left;
static char text[MOST_TEXT];
static size_t length;

/* A number below `limit`; 0 when the bytes are used up. */
static unsigned choose(unsigned limit) {
    if (choices_left == 0)
        return 0;
    choices_left--;
    return *choices++ % limit;
}

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(text + length, MOST_TEXT - length, format, arguments);
    va_end(arguments);
    if (more > 0 && (size_t)more < MOST_TEXT - length)
        length += (size_t)more;
}

#define PICK(list) list[choose(sizeof list / sizeof *list)]

static const char *const sizes[] = {"1", "2", "3", "8", "10", "17", "64", "300", "784", "65536",
                                    "1000003", "2^20", "2^28", "2^31"};
static const char *const widths[] = {"1", "3", "4", "10", "32", "255", "1000", "2^16"};
static const char *const numbers[] = {
    "0",     "1",      "0.5",    "3.76",  "-2.5",  "100",    "1e9",      "1e-9",       "1e30",
    "1e-30", "1e308",  "1e-307", "2^-5",  "2^40",  "2^1023", "2^-1000",  "-1e300",     "1 - 2^-3",
    "255",   "65535",  "2^31",   "-2^31", "1/3",   "0/0",    "1/0",      "0.1 * 3",    "2^99999",
    "1e15",  "-1e-15", "2^63",   "2^53",  "1e12"};
static const char *const rates[] = {"2^-5", "0.05", "1e-9", "16", "2^-20", "0.1", "1", "2^-12"};
static const char *const shares[] = {"0", "0.9", "1 - 2^-3", "0.9999", "0.5", "1e-9", "2^-40"};
static const char *const types[] = {"u8", "i8", "i16", "i32"};
static const char *const stores[] = {"i8", "i16", "i32"};
static const char *const precisions[] = {"i8", "i16", "i32", "f32"};
static const char *const shapes[] = {"4", "1", "10", "784", "28, 28", "3, 5, 7", "2^28",
                                     "65536, 2"};
static const char *const walls[] = {"round", "floor", "sign", "step"};
static const char *const headroom_names[] = {"weights", "activations", "errors", "inputs",
                                             "logits",  "h0",          "h1",     "x"};
static const char *const headrooms[] = {"0.25", "1", "4", "16", "100", "4096"};

/* ---- items ----------------------------------------------------------------------------------- */

static void say_encoding(void) {
    if (choose(3) == 0)
        say(" unit %s", PICK(numbers));
    switch (choose(4)) {
    case 0: say(" zscore(%s, %s)\n", PICK(numbers), PICK(numbers)); break;
    case 1: say(" minmax(%s, %s)\n", PICK(numbers), PICK(numbers)); break;
    case 2: say(" zscore([1, 2, 3, %s], %s)\n", PICK(numbers), PICK(numbers)); break;
    default: say(" fixed(%d)\n", (int)choose(57) - 16);
    }
}

static const char *answers; /* the width that the loss needs */

static void say_data(bool classes) {
    answers = PICK(widths);
    say("model fuzz\ninput x: %s[%s]", PICK(types), PICK(shapes));
    say_encoding();
    if (classes) {
        say("target t: class[%s]\n", answers);
    } else {
        say("target t: %s[%s]", PICK(types), answers);
        say_encoding();
    }
    say("v = flatten(x)\ndef block(a, n) = relu(dense(a, n)) + dense(a, n)\n");
}

static void say_pin(void) {
    switch (choose(6)) {
    case 0: say(": %s", PICK(stores)); break;
    case 1: say(": shift %d", (int)choose(57) - 16); break;
    case 2: say(": %s shift %d", PICK(stores), (int)choose(57) - 16); break;
    default: break;
    }
}

/* A value bound before: the last one more often than the others. */
static const char *value(int bound) {
    static char name[16];
    unsigned which = choose(8);
    if (bound == 0 || which == 0)
        return "v";
    int index = which < 5 ? bound - 1 : (int)choose((unsigned)bound);
    snprintf(name, sizeof name, "h%d", index);
    return name;
}

static void say_rarer(const char *a, const char *b) {
    switch (choose(9)) {
    case 0: say("batchnorm(%s, eps = %s, rate = 2^-%u)", a, PICK(shares), 1 + choose(10)); break;
    case 1: say("ste(%s %s %s)", a, choose(2) ? ">" : "<=", b); break;
    case 2: say("ste(onehot(argmax(%s)))", a); break;
    case 3: say("gather(%s, argmax(%s)) + dense(%s, 1)", a, b, b); break;
    case 4: say("concat(%s, %s, %s, d = %s)", a, b, a, b); break;
    case 5: say("concat(%s, onehot(argmax(%s), %s), %s)", a, b, PICK(widths), b); break;
    case 6: say("layernorm(%s)", a); break;
    case 7: say("rmsnorm(%s, %s)", a, PICK(shares)); break;
    default: say("%s * %s", a, b);
    }
}

static void say_expression(int bound) {
    char a[16], b[16];
    snprintf(a, sizeof a, "%s", value(bound));
    snprintf(b, sizeof b, "%s", value(bound));
    switch (choose(10)) {
    case 0: say("relu(%s)", a); break;
    case 1: say("leaky_relu(%s, slope = 2^-%u)", a, 1 + choose(10)); break;
    case 2: say("%s + %s", a, b); break;
    case 3: say("ste(%s(%s))", PICK(walls), a); break;
    case 4: say("block(%s, %s)", a, PICK(widths)); break;
    case 5: say("relu(%s + %s)", a, a); break;
    case 6: say("dense(%s, %s, bias = false)", a, PICK(sizes)); break;
    case 7: say("relu(dense(%s, %s, init = xavier))", a, PICK(widths)); break;
    case 9: say_rarer(a, b); break;
    default: say("dense(%s, %s)", a, PICK(widths));
    }
}

static void say_network(bool classes) {
    int count = 1 + (int)choose(MOST_BINDINGS - 1);
    for (int i = 0; i < count; i++) {
        say("h%d", i);
        say_pin();
        say(" = ");
        say_expression(i);
        say("\n");
    }
    say("y");
    say_pin();
    say(" = dense(h%d, %s)\n", count - 1, answers);
    say("loss %s(y, t)\n", classes && choose(3) ? "cross_entropy" : "mse");
}

static void say_settings(void) {
    if (choose(2))
        say("  precision %s\n", PICK(precisions));
    else
        say("  precision { weights %s activations %s gradients %s master %s accumulators %s }\n",
            PICK(stores), PICK(stores), PICK(stores),
            choose(3) == 0 ? "none" : choose(2) ? "i32" : "i16", choose(2) ? "i32" : "i64");
    say("  optimizer sgd(lr = %s, momentum = %s)\n  batch %s\n", PICK(rates), PICK(shares),
        PICK(widths));
    if (choose(3) == 0)
        say("  clip %s\n", PICK(numbers));
    if (choose(3) == 0)
        say("  weight_decay 2^-%u\n", 1 + choose(31));
    if (choose(2) == 0)
        say("  schedule halve_every(%u)\n  epochs %u\n", 1 + choose(9), 1 + choose(200));
    if (choose(4) == 0)
        say("  rounding nearest\n");
    if (choose(3) == 0)
        say("  headroom { %s %s }\n", PICK(headroom_names), PICK(headrooms));
}

static void say_model(void) {
    bool classes = choose(3) > 0;
    length = 0;
    say_data(classes);
    say_network(classes);
    say("train {\n");
    say_settings();
    say("}\n");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    choices = data;
    choices_left = size;
    say_model();
    if (getenv("INTC_FUZZ_PRINT"))
        fwrite(text, 1, length, stdout);
    passes_run(text, length, NULL, 0);
    return 0;
}
