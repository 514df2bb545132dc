/* process.h - running other programs. Never through a shell. */
#ifndef PROCESS_H
#define PROCESS_H

#include "intc.h"

typedef struct {
    int error;  /* errno of the start, of a pipe or of the end; 0: it ran */
    int status; /* exit status, or 128 + the signal that ended it */
    Text output, errors;
} Process;

/* Runs argv[0], found through PATH, with `input` on its stdin, and collects what it prints. */
Process process_filter(Arena *arena, char *const argv[], const char *input, size_t length);
/* Runs it on our own stdin, stdout and stderr; `output` and `errors` stay empty. */
Process process_run(char *const argv[]);

/* From here on SIGINT, SIGTERM and SIGHUP do not end us; they reach the program that is running,
 * and process_interrupted tells which came (0: none). */
void process_watch_signals(void);
int process_interrupted(void);

#endif
