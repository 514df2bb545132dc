/* options.c - the command line: one table of commands, one of options, from which the help is made
 * too. */
#include "options.h"

#include "file.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *name, *operands, *summary;
} CommandRow;

static const CommandRow commands[COMMANDS] = {
    [COMMAND_COMPILE] = {"compile", "MODEL.int", "write the model as C, MODEL.c and MODEL.h"},
    [COMMAND_CHECK] = {"check", "MODEL.int", "report errors and warnings, write nothing"},
    [COMMAND_SCHEDULE] = {"schedule", "MODEL.int", "print every step with its shifts and proofs"},
    [COMMAND_MEMORY] = {"memory", "MODEL.int", "print the RAM and flash needed, by tensor"},
    [COMMAND_EXPLAIN] = {"explain", "MODEL.int TENSOR", "print why a tensor has its shift"},
    [COMMAND_TRAIN] = {"train", "MODEL.int", "compile, build and train on this machine"},
};

enum {
    COMPILE = 1 << COMMAND_COMPILE,
    REPORT = 1 << COMMAND_SCHEDULE | 1 << COMMAND_MEMORY,
    TRAIN = 1 << COMMAND_TRAIN,
    EVERY = (1 << COMMANDS) - 1
};

/* What getopt_long returns; those with a short form are its letter. */
enum {
    OPTION_FOLDER = 'o',
    OPTION_HELP = 'h',
    OPERAND = 1,
    OPTION_DRIVER = 256,
    OPTION_FOR,
    OPTION_TILES,
    OPTION_RUNTIME,
    OPTION_DUMP,
    OPTION_TEMPLATES,
    OPTION_PROFILE,
    OPTION_FORMAT,
    OPTION_DATA,
    OPTION_EPOCHS,
    OPTION_SEED,
    OPTION_SPLIT,
    OPTION_THREADS,
    OPTION_LOG,
    OPTION_CHECKPOINT,
    OPTION_RANKS,
    OPTION_QUIET,
    OPTION_SET,
    OPTION_COLOR,
    OPTION_VERSION
};

typedef struct {
    int code;
    const char *name;  /* NULL: has a letter only */
    const char *value; /* NULL: takes none */
    int commands;
    const char *help;
} OptionRow;

static const OptionRow rows[] = {
    {OPTION_FOLDER, NULL, "DIR", COMPILE, "put the files in DIR, created if missing"},
    {OPTION_DRIVER, "driver", NULL, COMPILE, "also write MODEL_main.c, a trainer for the host"},
    {OPTION_FOR, "for", "FORM", COMPILE,
     "one (default), or distributed: gradients and update as two calls, for MPI"},
    {OPTION_TILES, "tiles", NULL, COMPILE,
     "with products by AMX tiles, for programs that have asked Linux for them"},
    {OPTION_RUNTIME, "include-runtime", NULL, COMPILE,
     "#include \"int_runtime.h\" instead of pasting it"},
    {OPTION_DUMP, "dump", "PASS", COMPILE,
     "stop and print after PASS: ast, graph, grad, range, plan, defs"},
    {OPTION_TEMPLATES, "templates", "DIR", COMPILE,
     "use the templates in DIR, not the built-in ones"},
    {OPTION_FORMAT, "format", "FORMAT", REPORT, "text (default) or json"},
    {OPTION_DATA, "data", "DIR", TRAIN, "the folder that holds the data"},
    {OPTION_EPOCHS, "epochs", "N", TRAIN, "train for N epochs"},
    {OPTION_SEED, "seed", "N", TRAIN, "first weights, order of samples, rounding"},
    {OPTION_SPLIT, "split", "N", TRAIN, "seed of the split of delimited text; 0: the fixed one"},
    {OPTION_THREADS, "threads", "N", TRAIN, "train with N threads, by OpenMP; the same result"},
    {OPTION_LOG, "log", "FILE", TRAIN, "append a JSON object a line for each epoch"},
    {OPTION_CHECKPOINT, "checkpoint", "FILE", TRAIN,
     "go on from FILE if it is there; keep the state there after each epoch"},
    {OPTION_RANKS, "ranks", "N", TRAIN,
     "train in N processes, by MPI; what is learned is the same"},
    {OPTION_QUIET, "quiet", NULL, TRAIN, "print the result only"},
    {OPTION_PROFILE, "profile", "LOG", EVERY, "choose shifts by what a training's --log observed"},
    {OPTION_SET, "set", "KEY=VALUE", EVERY, "override a setting of the train block; repeatable"},
    {OPTION_COLOR, "color", "WHEN", EVERY, "auto (default), always or never"},
    {OPTION_HELP, "help", NULL, EVERY, "print this text"},
    {OPTION_VERSION, "version", NULL, EVERY, "print the version"},
};

enum { ROWS = sizeof rows / sizeof *rows };

static const char *const form_names[] = {"one", "distributed", NULL};
static const char *const dump_names[] = {"ast", "graph", "grad", "range", "plan", "defs", NULL};

/* ---- wrong usage ----------------------------------------------------------------------------- */

/* `; did you mean 'NAME'?` with the nearest name, or a pointer to the help. */
static const char *hint(Arena *arena, const char *prefix, const char *name,
                        const char *const *names) {
    const char *near = diag_nearest(name, names);
    if (near)
        return arena_print(arena, "; did you mean '%s%s'?", prefix, near);
    return "; see intc --help";
}

static _Noreturn void unknown_option(Arena *arena, const char *text) {
    const char *names[ROWS + 1];
    int count = 0;
    for (int i = 0; i < ROWS; i++)
        if (rows[i].name)
            names[count++] = rows[i].name;
    names[count] = NULL;
    if (strncmp(text, "--", 2) != 0)
        misused("unknown option '%s'; see intc --help", text);
    const char *name = arena_copy(arena, text + 2, strcspn(text + 2, "="));
    misused("unknown option '--%s'%s", name, hint(arena, "--", name, names));
}

static _Noreturn void unknown_command(Arena *arena, const char *text) {
    const char *names[COMMANDS + 1] = {0};
    for (int i = 0; i < COMMANDS; i++)
        names[i] = commands[i].name;
    misused("unknown command '%s'%s", text, hint(arena, "", text, names));
}

/* ---- help ------------------------------------------------------------------------------------ */

static const char *spelling(Arena *arena, const OptionRow *row) {
    if (!row->name)
        return arena_print(arena, "-%c %s", row->code, row->value);
    if (!row->value)
        return arena_print(arena, "--%s", row->name);
    return arena_print(arena, "--%s %s", row->name, row->value);
}

static void print_options(Arena *arena, int mask) {
    for (int i = 0; i < ROWS; i++)
        if (rows[i].commands & mask)
            printf("  %-18s %s\n", spelling(arena, &rows[i]), rows[i].help);
}

static void print_general_help(void) {
    puts("intc compiles a neural network to C that trains it with integers only.\n\n"
         "usage: intc COMMAND [options] MODEL.int\n"
         "       intc MODEL.int                    the same as intc compile MODEL.int\n");
    for (int i = 0; i < COMMANDS; i++)
        printf("  intc %-8s %-17s %s\n", commands[i].name, commands[i].operands,
               commands[i].summary);
    puts("\nintc COMMAND --help lists the options of a command.\n"
         "Exit status: 0 done, 1 the model has errors, 2 wrong usage, 3 something else failed.");
}

static void print_command_help(Arena *arena, Command command) {
    const CommandRow *row = &commands[command];
    printf("usage: intc %s [options] %s\n\n%s\n\n", row->name, row->operands, row->summary);
    print_options(arena, 1 << command);
}

static _Noreturn void finish(void) {
    streams_finish();
    exit(0);
}

/* ---- reading --------------------------------------------------------------------------------- */

enum { MOST_OPERANDS = 3 };

typedef struct {
    Arena *arena;
    CommandLine line;
    int used[ROWS]; /* how often each option was given */
    const char *operands[MOST_OPERANDS];
    int operand_count;
    bool help;
} Reader;

static void add_override(Reader *reader, const char *key, const char *value) {
    Options *options = &reader->line.options;
    options->overrides[options->override_count++] = (Override){key, value};
}

static void read_set(Reader *reader, const char *text) {
    size_t length = strcspn(text, "=");
    if (length == 0 || text[length] == '\0')
        misused("--set takes KEY=VALUE, not '%s'", text);
    add_override(reader, arena_copy(reader->arena, text, length), text + length + 1);
}

/* The value if it is one of the `names`. */
static const char *one_of(Reader *reader, const char *option, const char *value,
                          const char *const *names) {
    Text list = text_new(reader->arena);
    for (int i = 0; names[i]; i++) {
        if (strcmp(names[i], value) == 0)
            return names[i];
        text_add(&list, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = diag_nearest(value, names);
    misused("%s takes one of %s, not '%s'%s", option, list.text, value,
            near ? arena_print(reader->arena, "; did you mean '%s'?", near) : "");
}

/* A whole number that the model's settings can hold too. */
static const char *whole_number(const char *option, const char *text, double least, double most) {
    size_t digits = strspn(text, "0123456789");
    double number = digits ? strtod(text, NULL) : -1;
    if (digits == 0 || text[digits] || number < least || number > most)
        misused("%s takes a whole number from %.0f to %.0f, not '%s'", option, least, most, text);
    return text;
}

static bool color_wanted(Reader *reader, const char *when) {
    static const char *const names[] = {"auto", "always", "never", NULL};
    when = one_of(reader, "--color", when, names);
    if (strcmp(when, "auto") != 0)
        return strcmp(when, "always") == 0;
    const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
    return isatty(STDERR_FILENO) && !(no_color && *no_color) &&
           !(terminal && strcmp(terminal, "dumb") == 0);
}

static const char *not_empty(const char *option, const char *value) {
    if (*value == '\0')
        misused("%s needs a value", option);
    return value;
}

static void read_compile_option(Reader *reader, int code, const char *value) {
    Options *options = &reader->line.options;
    if (code == OPTION_FOLDER)
        options->output_folder = not_empty("-o", value);
    else if (code == OPTION_DRIVER)
        options->driver = true;
    else if (code == OPTION_FOR)
        options->distributed =
            strcmp(one_of(reader, "--for", value, form_names), "distributed") == 0;
    else if (code == OPTION_TILES)
        options->tiles = true;
    else if (code == OPTION_RUNTIME)
        options->include_runtime = true;
    else if (code == OPTION_DUMP)
        options->dump = one_of(reader, "--dump", value, dump_names);
    else if (code == OPTION_TEMPLATES)
        options->template_folder = not_empty("--templates", value);
}

static void read_train_option(Reader *reader, int code, const char *value) {
    CommandLine *line = &reader->line;
    if (code == OPTION_DATA)
        line->data = not_empty("--data", value);
    else if (code == OPTION_EPOCHS)
        line->epochs = whole_number("--epochs", value, 1, 100000);
    else if (code == OPTION_SEED)
        line->seed = whole_number("--seed", value, 0, 9007199254740991.0);
    else if (code == OPTION_SPLIT)
        line->split = whole_number("--split", value, 0, 9007199254740991.0);
    else if (code == OPTION_THREADS)
        line->threads = whole_number("--threads", value, 1, 256);
    else if (code == OPTION_LOG)
        line->log = not_empty("--log", value);
    else if (code == OPTION_CHECKPOINT)
        line->checkpoint = not_empty("--checkpoint", value);
    else if (code == OPTION_RANKS) {
        line->ranks = whole_number("--ranks", value, 1, 65536);
        line->options.distributed = true;
    } else if (code == OPTION_QUIET)
        line->quiet = true;
}

static void read_common_option(Reader *reader, int code, const char *value) {
    static const char *const formats[] = {"text", "json", NULL};
    if (code == OPTION_SET)
        read_set(reader, value);
    else if (code == OPTION_PROFILE)
        reader->line.options.profile = not_empty("--profile", value);
    else if (code == OPTION_COLOR)
        reader->line.color = color_wanted(reader, value);
    else if (code == OPTION_FORMAT)
        reader->line.json = strcmp(one_of(reader, "--format", value, formats), "json") == 0;
    else if (code == OPTION_HELP)
        reader->help = true;
    else if (code == OPTION_VERSION) {
        puts("intc " INTC_VERSION);
        finish();
    }
}

static void read_operand(Reader *reader, const char *text) {
    if (reader->operand_count == MOST_OPERANDS)
        misused("too many operands: '%s'; see intc --help", text);
    reader->operands[reader->operand_count++] = text;
}

static void read_option(Reader *reader, int code, const char *value) {
    for (int i = 0; i < ROWS; i++)
        reader->used[i] += rows[i].code == code;
    read_common_option(reader, code, value);
    read_compile_option(reader, code, value);
    read_train_option(reader, code, value);
}

/* getopt_long's two answers that are not an option: `?` and `:`. */
static _Noreturn void refuse(Reader *reader, int answer, char **argv) {
    for (int i = 0; i < ROWS && optopt != 0; i++) {
        if (rows[i].code != optopt)
            continue;
        const char *name = spelling(reader->arena, &rows[i]);
        if (answer == ':')
            misused("%s needs a value", name);
        misused("%s takes no value", name);
    }
    if (optopt != 0)
        misused("unknown option '-%c'; see intc --help", optopt);
    unknown_option(reader->arena, argv[optind - 1]);
}

static void read_arguments(Reader *reader, int argc, char **argv) {
    struct option options[ROWS + 1] = {{0}};
    int count = 0;
    for (int i = 0; i < ROWS; i++)
        if (rows[i].name)
            options[count++] =
                (struct option){rows[i].name, rows[i].value != NULL, NULL, rows[i].code};
    opterr = 0;
    int answer;
    /* The dash makes operands come in their order whatever the environment says. */
    while ((answer = getopt_long(argc, argv, "-:o:h", options, NULL)) != -1) {
        if (answer == '?' || answer == ':')
            refuse(reader, answer, argv);
        if (answer == OPERAND)
            read_operand(reader, optarg);
        else
            read_option(reader, answer, optarg);
    }
    while (optind < argc)
        read_operand(reader, argv[optind++]);
}

/* ---- what it amounts to ---------------------------------------------------------------------- */

static void drop_operand(Reader *reader) {
    reader->operand_count--;
    memmove(reader->operands, reader->operands + 1,
            (size_t)reader->operand_count * sizeof *reader->operands);
}

/* `intc MODEL.int` means compile; what is neither a command nor looks like a file is a mistake. */
static void settle_command(Reader *reader) {
    const char *first = reader->operands[0];
    for (int i = 0; i < COMMANDS; i++) {
        if (strcmp(first, commands[i].name) == 0) {
            reader->line.command = (Command)i;
            drop_operand(reader);
            return;
        }
    }
    bool is_file = strpbrk(first, "./") || access(first, F_OK) == 0;
    if (!is_file || reader->operand_count > 1)
        unknown_command(reader->arena, first);
    reader->line.command = COMMAND_COMPILE;
}

static void check_options(Reader *reader) {
    Command command = reader->line.command;
    for (int i = 0; i < ROWS; i++)
        if (reader->used[i] && !(rows[i].commands & 1 << command))
            misused("intc %s takes no option %s; see intc %s --help", commands[command].name,
                    spelling(reader->arena, &rows[i]), commands[command].name);
}

static void settle_operands(Reader *reader) {
    CommandLine *line = &reader->line;
    const CommandRow *row = &commands[line->command];
    int expected = line->command == COMMAND_EXPLAIN ? 2 : 1;
    if (reader->operand_count != expected)
        misused("intc %s takes %s; usage: intc %s [options] %s", row->name,
                expected == 2 ? "a model file and a tensor" : "one model file", row->name,
                row->operands);
    line->path = reader->operands[0];
    line->tensor = expected == 2 ? reader->operands[1] : NULL;
}

/* The number of epochs shapes the schedule of learning rates, so the model has to know it too. */
static void settle_overrides(Reader *reader) {
    if (reader->line.epochs)
        add_override(reader, "epochs", reader->line.epochs);
    if (reader->line.seed)
        add_override(reader, "seed", reader->line.seed);
}

static void answer_help(Reader *reader) {
    if (reader->operand_count == 0)
        print_general_help();
    else {
        settle_command(reader);
        print_command_help(reader->arena, reader->line.command);
    }
    finish();
}

CommandLine options_read(Arena *arena, int argc, char **argv) {
    Reader reader = {.arena = arena, .line.options.output_folder = "."};
    reader.line.color = color_wanted(&reader, "auto");
    /* No more overrides than arguments, and the two of settle_overrides. */
    reader.line.options.overrides = arena_alloc(arena, ((size_t)argc + 2) * sizeof(Override));
    read_arguments(&reader, argc, argv);
    if (reader.help)
        answer_help(&reader);
    if (reader.operand_count == 0)
        misused("no command and no model file; see intc --help");
    settle_command(&reader);
    check_options(&reader);
    settle_operands(&reader);
    settle_overrides(&reader);
    return reader.line;
}
