/* process.c - running other programs, with pipes that cannot block each other.
 *
 * A filter's stdin, stdout and stderr are served by one poll loop: whichever end is ready is
 * written or read, so that neither side waits for the other for ever. */
#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- signals: the handler has nothing but these two ------------------------------------------ */

static volatile sig_atomic_t running; /* a pid, or 0 */
static volatile sig_atomic_t caught;

/* A Ctrl-C at the terminal reaches the child by itself; a signal that somebody sent does not. */
static void pass_on(int number, siginfo_t *info, void *context) {
    (void)context;
    int saved = errno;
    caught = number;
    if (running > 0 && info->si_code <= 0)
        kill((pid_t)running, number);
    errno = saved;
}

static const int watched[] = {SIGINT, SIGTERM, SIGHUP};

static sigset_t watched_set(void) {
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++)
        sigaddset(&set, watched[i]);
    return set;
}

void process_watch_signals(void) {
    struct sigaction action = {.sa_sigaction = pass_on, .sa_flags = SA_SIGINFO | SA_RESTART};
    action.sa_mask = watched_set();
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct sigaction old;
        /* What our caller had us ignore (nohup), we go on ignoring. */
        if (sigaction(watched[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
    }
}

int process_interrupted(void) {
    return (int)caught;
}

/* ---- starting and waiting -------------------------------------------------------------------- */

/* Signals that intc ignores for itself are not ignored by what it starts. */
static void set_attributes(posix_spawnattr_t *attributes, const sigset_t *mask) {
    sigset_t defaults;
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    sigaddset(&defaults, SIGXFSZ);
    posix_spawnattr_setsigdefault(attributes, &defaults);
    posix_spawnattr_setsigmask(attributes, mask);
    posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
}

/* Returns errno. Watched signals wait until the handler can know the child. */
static int start(char *const argv[], const posix_spawn_file_actions_t *actions, pid_t *child) {
    sigset_t held = watched_set(), before;
    sigprocmask(SIG_BLOCK, &held, &before);
    posix_spawnattr_t attributes;
    int error = posix_spawnattr_init(&attributes);
    if (error == 0) {
        set_attributes(&attributes, &before);
        error = posix_spawnp(child, argv[0], actions, &attributes, argv, environ);
        posix_spawnattr_destroy(&attributes);
    }
    if (error == 0)
        running = (sig_atomic_t)*child;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* The child's number may be given to another process once it is reaped, and must not be signalled
 * after that: so first wait, then forget it, then reap. */
static void finish(Process *process, pid_t child) {
    siginfo_t info;
    while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
        continue;
    running = 0;
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            process->error = errno;
            return;
        }
    }
    process->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Process process_run(char *const argv[]) {
    Process process = {0};
    pid_t child;
    process.error = start(argv, NULL, &child);
    if (process.error == 0)
        finish(&process, child);
    return process;
}

/* ---- pipes ----------------------------------------------------------------------------------- */

typedef struct {
    int ours, theirs;
} Pipe;

enum { INPUT, OUTPUT, ERRORS, PIPES };

static void close_end(int *end) {
    if (*end >= 0)
        close(*end);
    *end = -1;
}

static void close_pipes(Pipe pipes[PIPES]) {
    for (int i = 0; i < PIPES; i++) {
        close_end(&pipes[i].ours);
        close_end(&pipes[i].theirs);
    }
}

/* Returns errno. Our end does not block, so that a program that stops reading cannot hold us. */
static int open_pipe(Pipe *new, bool we_write) {
    int ends[2];
    if (pipe(ends) < 0)
        return errno;
    *new = we_write ? (Pipe){ends[1], ends[0]} : (Pipe){ends[0], ends[1]};
    if (fcntl(new->ours, F_SETFD, FD_CLOEXEC) < 0 || fcntl(new->theirs, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(new->ours, F_SETFL, O_NONBLOCK) < 0)
        return errno;
    return 0;
}

static int open_pipes(Pipe pipes[PIPES]) {
    for (int i = 0; i < PIPES; i++)
        pipes[i] = (Pipe){-1, -1};
    int error = 0;
    for (int i = 0; i < PIPES && error == 0; i++)
        error = open_pipe(&pipes[i], i == INPUT);
    return error;
}

static int start_on_pipes(char *const argv[], Pipe pipes[PIPES], pid_t *child) {
    posix_spawn_file_actions_t actions;
    int error = posix_spawn_file_actions_init(&actions);
    if (error)
        return error;
    for (int i = 0; i < PIPES && error == 0; i++)
        error = posix_spawn_file_actions_adddup2(&actions, pipes[i].theirs, i);
    if (error == 0)
        error = start(argv, &actions, child);
    posix_spawn_file_actions_destroy(&actions);
    for (int i = 0; i < PIPES; i++)
        close_end(&pipes[i].theirs);
    return error;
}

/* Writes what the pipe takes now; closes it at the end of the input, or when nobody reads: the
 * program's own status says then what was wrong. */
static void feed(Process *process, int *end, const char **input, size_t *left) {
    ssize_t written = *left ? write(*end, *input, *left) : 0;
    if (written < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (written < 0 && errno != EPIPE)
        process->error = errno;
    if (written > 0) {
        *input += written;
        *left -= (size_t)written;
    }
    if (written < 0 || *left == 0)
        close_end(end);
}

static void drain(Process *process, int *end, Text *text) {
    char chunk[1 << 16];
    ssize_t got = read(*end, chunk, sizeof chunk);
    if (got < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (got < 0)
        process->error = errno;
    if (got > 0)
        text_append(text, chunk, (size_t)got);
    else
        close_end(end);
}

/* Returns how much of the input was not wanted. */
static size_t serve(Pipe pipes[PIPES], Process *process, const char *input, size_t left) {
    while (process->error == 0 && (pipes[OUTPUT].ours >= 0 || pipes[ERRORS].ours >= 0)) {
        struct pollfd ready[PIPES];
        for (int i = 0; i < PIPES; i++)
            ready[i] = (struct pollfd){pipes[i].ours, i == INPUT ? POLLOUT : POLLIN, 0};
        if (poll(ready, PIPES, -1) < 0) {
            if (errno == EINTR)
                continue;
            process->error = errno;
            break;
        }
        if (ready[INPUT].revents)
            feed(process, &pipes[INPUT].ours, &input, &left);
        if (ready[OUTPUT].revents)
            drain(process, &pipes[OUTPUT].ours, &process->output);
        if (ready[ERRORS].revents)
            drain(process, &pipes[ERRORS].ours, &process->errors);
    }
    return left;
}

Process process_filter(Arena *arena, char *const argv[], const char *input, size_t length) {
    Process process = {.output = text_new(arena), .errors = text_new(arena)};
    struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
    sigaction(SIGPIPE, &ignore, &before);
    Pipe pipes[PIPES];
    pid_t child;
    process.error = open_pipes(pipes);
    if (process.error == 0)
        process.error = start_on_pipes(argv, pipes, &child);
    bool started = process.error == 0;
    size_t unread = started ? serve(pipes, &process, input, length) : 0;
    close_pipes(pipes);
    if (started)
        finish(&process, child);
    if (process.error == 0 && process.status == 0 && unread > 0)
        process.error = EPIPE; /* content with a part of its input: something is wrong */
    sigaction(SIGPIPE, &before, NULL);
    return process;
}
