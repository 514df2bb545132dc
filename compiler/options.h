/* options.h - the command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "intc.h"

typedef enum {
    COMMAND_COMPILE,
    COMMAND_CHECK,
    COMMAND_SCHEDULE,
    COMMAND_MEMORY,
    COMMAND_EXPLAIN,
    COMMAND_TRAIN,
    COMMANDS
} Command;

typedef struct {
    Command command;
    const char *path;   /* of the model file */
    const char *tensor; /* explain */
    bool json, color;
    /* train: passed on to the trainer as they were written; NULL where not given */
    const char *data, *epochs, *seed, *split, *threads, *log, *checkpoint;
    const char *ranks; /* train: processes, or NULL */
    bool quiet;
    Options options;
} CommandLine;

/* --help and --version are answered here, and wrong usage is refused, with status 2. */
CommandLine options_read(Arena *arena, int argc, char **argv);

#endif
