#include "host.h"

/* The command line of the trainer. Wrong usage ends with exit status 2. */

__attribute__((format(printf, 1, 2))) static _Noreturn void host_misused(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    host_complain(format, arguments);
    va_end(arguments);
    exit(2);
}

static void host_print_usage(const char *program) {
    char *line = host_print("usage: %s [options]\n", program);
    host_write(line);
    free(line);
    host_write("  --data DIR   the folder that holds the data\n"
               "  --epochs N   instead of the model's number of epochs\n"
               "  --seed N     of the first weights, the order of samples, the rounding\n"
               "  --split N    seed of the split of delimited text, or of synthetic data; 0 is the "
               "fixed one\n"
               "  --threads N  where it is built with -fopenmp; the same result\n"
               "  --log FILE   append a JSON object a line for each epoch\n"
               "  --checkpoint FILE\n"
               "               go on from FILE if it is there; keep the state there after each "
               "epoch\n"
               "  --quiet      only the result\n"
               "  --help       this text\n");
}

static uint64_t host_parse_number(const char *option, const char *text, uint64_t least,
                                  uint64_t most) {
    char *end;
    errno = 0;
    unsigned long long number = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
    if (!isdigit((unsigned char)*text) || *end || errno || number < least || number > most)
        host_misused("%s takes a whole number from %llu to %llu, not '%s'", option,
                     (unsigned long long)least, (unsigned long long)most, text);
    return number;
}

/* The value of option `name` if `arguments[*at]` is that option, as `--x=V` or `--x V`. */
static const char *host_value(char **arguments, int *at, const char *name) {
    const size_t length = strlen(name);
    const char *argument = arguments[*at];
    if (strncmp(argument, name, length) != 0)
        return NULL;
    if (argument[length] == '=')
        return argument + length + 1;
    if (argument[length])
        return NULL;
    if (!arguments[*at + 1])
        host_misused("%s needs a value", name);
    return arguments[++*at];
}

static void host_read_option(HostOptions *options, char **arguments, int *at) {
    const char *value;
    if (strcmp(arguments[*at], "--quiet") == 0)
        options->quiet = true;
    else if (strcmp(arguments[*at], "--help") == 0)
        options->help = true;
    else if ((value = host_value(arguments, at, "--data")))
        options->data = value;
    else if ((value = host_value(arguments, at, "--log")))
        options->log = value;
    else if ((value = host_value(arguments, at, "--checkpoint")))
        options->checkpoint = value;
    else if ((value = host_value(arguments, at, "--epochs")))
        options->epochs = (unsigned)host_parse_number("--epochs", value, 1, 1000000);
    else if ((value = host_value(arguments, at, "--seed")))
        options->seed = host_parse_number("--seed", value, 0, UINT64_MAX);
    else if ((value = host_value(arguments, at, "--split")))
        options->split = host_parse_number("--split", value, 0, UINT64_MAX);
    else if ((value = host_value(arguments, at, "--threads")))
        options->threads = (int)host_parse_number("--threads", value, 1, 256);
    else
        host_misused("unknown option '%s'; --help lists the options", arguments[*at]);
}

static HostOptions host_read_options(const HostModel *model, char **arguments) {
    HostOptions options = {.epochs = model->epochs, .seed = model->seed, .split = model->split};
    for (int at = 1; arguments[at]; at++)
        host_read_option(&options, arguments, &at);
    if (options.split != model->split && !model->source->splits)
        host_misused("--split is for delimited text; %s data comes split", model->source->kind);
    if (options.data && model->source->made)
        host_misused("--data is of no use: synthetic data are made");
    if (options.threads > 1 && options.threads > model->most_threads)
        host_misused("--threads %d: this trainer is built for %d; the flags are -fopenmp and "
                     "-DMODEL_THREADS=N, with the model's name in capitals", options.threads,
                     model->most_threads);
    return options;
}
