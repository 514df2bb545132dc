#include "host.h"

static volatile sig_atomic_t host_interrupted;

/* The first Ctrl-C ends the run after the current batch, the second one ends the process. */
static void host_interrupt(int signal) {
    (void)signal;
    host_interrupted = 1;
}

static void host_catch_signals(void) {
    struct sigaction action = {0};
    action.sa_handler = host_interrupt;
    action.sa_flags = (int)(SA_RESETHAND | SA_RESTART);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Whether any rank is to stop. */
static bool host_stopping(void) {
    uint64_t interrupted = (uint64_t)host_interrupted;
    host_add_up(&interrupted, 1);
    return interrupted > 0;
}
