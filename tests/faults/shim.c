/* shim.c - loaded before the C library (LD_PRELOAD), makes the n-th call of one function fail.
 *
 *     FAULT_CALL   malloc, write, open, ...
 *     FAULT_AT     which call fails, from 1; 0: none
 *     FAULT_EVER   1: all calls after it fail as well
 *     FAULT_ERRNO  what errno becomes
 *     FAULT_COUNT  a file to which the number of calls is written at the end
 *
 * Only the process that was started is concerned: its children find no LD_PRELOAD. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static char call[32], count_path[512];
static long fault_at, calls;
static bool ever;
static int fault_errno;

static void copy(char *to, size_t size, const char *name) {
    const char *value = getenv(name);
    if (value && strlen(value) < size)
        strcpy(to, value);
}

static long number(const char *name) {
    const char *value = getenv(name);
    return value ? atol(value) : 0;
}

/* No further call fails: a program whose coverage is measured calls this before it writes that. */
void faults_stop(void) { *call = '\0'; }

__attribute__((constructor)) static void start(void) {
    copy(call, sizeof call, "FAULT_CALL");
    copy(count_path, sizeof count_path, "FAULT_COUNT");
    fault_at = number("FAULT_AT");
    ever = number("FAULT_EVER") == 1;
    fault_errno = (int)number("FAULT_ERRNO");
    unsetenv("LD_PRELOAD");
}

__attribute__((destructor)) static void end(void) {
    char text[32];
    int length = snprintf(text, sizeof text, "%ld\n", calls);
    if (!*count_path)
        return;
    long file = syscall(SYS_openat, AT_FDCWD, count_path, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    syscall(SYS_write, file, text, (size_t)length);
    syscall(SYS_close, file);
}

/* Whether this call of `name` is the one. */
static bool fails(const char *name) {
    if (!*call || strcmp(call, name) != 0)
        return false;
    calls++;
    if (fault_at == 0 || (ever ? calls < fault_at : calls != fault_at))
        return false;
    errno = fault_errno;
    return true;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* dlsym itself may ask for memory. */
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) { return fails("malloc") ? NULL : __libc_malloc(size); }

void *calloc(size_t count, size_t size) {
    return fails("malloc") ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size) {
    return fails("malloc") ? NULL : __libc_realloc(memory, size);
}

ssize_t write(int file, const void *bytes, size_t count) {
    return fails("write") ? -1 : REAL(write)(file, bytes, count);
}

ssize_t read(int file, void *bytes, size_t count) {
    return fails("read") ? -1 : REAL(read)(file, bytes, count);
}

/* The descriptor is gone even so, as Linux does it. */
int close(int file) {
    bool failing = fails("close");
    int result = REAL(close)(file);
    if (failing)
        errno = fault_errno;
    return failing ? -1 : result;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails("open") ? -1 : REAL(open)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return fails("openat") ? -1 : REAL(openat)(folder, path, flags, mode);
}

int renameat(int from, const char *old, int to, const char *new) {
    return fails("renameat") ? -1 : REAL(renameat)(from, old, to, new);
}

int linkat(int from, const char *old, int to, const char *new, int flags) {
    return fails("linkat") ? -1 : REAL(linkat)(from, old, to, new, flags);
}

int rename(const char *old, const char *new) { return fails("rename") ? -1 : REAL(rename)(old, new); }

int unlink(const char *path) { return fails("unlink") ? -1 : REAL(unlink)(path); }

int fsync(int file) { return fails("fsync") ? -1 : REAL(fsync)(file); }

int unlinkat(int folder, const char *path, int flags) {
    return fails("unlinkat") ? -1 : REAL(unlinkat)(folder, path, flags);
}

int mkdir(const char *path, mode_t mode) { return fails("mkdir") ? -1 : REAL(mkdir)(path, mode); }

int pipe(int ends[2]) { return fails("pipe") ? -1 : REAL(pipe)(ends); }

int fcntl(int file, int command, ...) {
    va_list arguments;
    va_start(arguments, command);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    return fails("fcntl") ? -1 : REAL(fcntl)(file, command, argument);
}

int poll(struct pollfd *files, nfds_t count, int timeout) {
    return fails("poll") ? -1 : REAL(poll)(files, count, timeout);
}

int fstat(int file, struct stat *status) { return fails("fstat") ? -1 : REAL(fstat)(file, status); }

int stat(const char *path, struct stat *status) {
    return fails("stat") ? -1 : REAL(stat)(path, status);
}

int fstatat(int folder, const char *path, struct stat *status, int flags) {
    return fails("fstatat") ? -1 : REAL(fstatat)(folder, path, status, flags);
}

int posix_spawnp(pid_t *child, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const argv[],
                 char *const environment[]) {
    if (fails("posix_spawnp"))
        return fault_errno;
    return REAL(posix_spawnp)(child, file, actions, attributes, argv, environment);
}

pid_t waitpid(pid_t child, int *status, int options) {
    return fails("waitpid") ? -1 : REAL(waitpid)(child, status, options);
}

int waitid(idtype_t kind, id_t child, siginfo_t *info, int options) {
    return fails("waitid") ? -1 : REAL(waitid)(kind, child, info, options);
}
