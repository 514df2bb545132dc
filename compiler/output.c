/* output.c - files that appear whole or not at all.
 *
 * Each file is written under a temporary name beside its final one, and renamed when all of them
 * are complete; what was there before is kept until the last one is in place, and put back if that
 * fails. Names that this program did not create are never opened, only replaced. */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_TRIES = 100 };

typedef struct {
    Arena *arena;
    const char *path; /* of the folder */
    int folder;
    const OutputFile *files;
    int count;
    char *temporary[MAX_OUTPUT_FILES]; /* NULL: not there, or renamed already */
    char *old[MAX_OUTPUT_FILES];       /* where the file of before went; NULL: there was none */
    int placed;                        /* files that have their final names */
} Batch;

static void discard(Batch *batch, char *const names[]) {
    for (int i = 0; i < batch->count; i++)
        if (names[i])
            unlinkat(batch->folder, names[i], 0);
}

/* Renaming one of two names of a file to the other does nothing: hence the second call. */
static void put_back(Batch *batch, int index) {
    const char *name = batch->files[index].name, *old = batch->old[index];
    if (renameat(batch->folder, old, batch->folder, name) == 0)
        unlinkat(batch->folder, old, 0);
}

static void restore(Batch *batch) {
    for (int i = 0; i < batch->count; i++) {
        if (batch->old[i])
            put_back(batch, i);
        else if (i < batch->placed)
            unlinkat(batch->folder, batch->files[i].name, 0);
    }
}

static _Noreturn void give_up(Batch *batch, const char *name, int error) {
    restore(batch);
    discard(batch, batch->temporary);
    fail("cannot write '%s/%s': %s", batch->path, name, strerror(error));
}

/* ---- the folder ------------------------------------------------------------------------------ */

static void make_folder(const char *path) {
    if (mkdir(path, 0777) < 0 && errno != EEXIST && errno != EISDIR)
        fail("cannot create the folder '%s': %s", path, strerror(errno));
}

static void make_folders(Arena *arena, const char *path) {
    struct stat status;
    if (stat(path, &status) == 0)
        return;
    char *prefix = arena_copy(arena, path, strlen(path));
    for (char *at = prefix + 1; *prefix && *at; at++) {
        if (*at == '/') {
            *at = '\0';
            make_folder(prefix);
            *at = '/';
        }
    }
    make_folder(prefix);
}

static int open_folder(Arena *arena, const char *path) {
    make_folders(arena, path);
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0 && errno == ENOTDIR)
        fail("cannot write to '%s': it is not a folder", path);
    if (folder < 0)
        fail("cannot write to the folder '%s': %s", path, strerror(errno));
    return folder;
}

/* ---- the files ------------------------------------------------------------------------------- */

/* A new file under a name that nobody uses; returns its descriptor. */
static int create(Batch *batch, int index) {
    const char *name = batch->files[index].name;
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int file = -1;
    for (int try = 0; try < MOST_TRIES; try++) {
        char *temporary = arena_print(batch->arena, ".%s.%ld.%d", name, (long)getpid(), try);
        file = openat(batch->folder, temporary, flags, 0666);
        if (file >= 0)
            batch->temporary[index] = temporary;
        if (file >= 0 || errno != EEXIST)
            break;
    }
    if (file < 0)
        give_up(batch, name, errno);
    return file;
}

/* Returns errno. */
static int write_all(int file, const char *text, size_t left) {
    while (left > 0) {
        ssize_t written = write(file, text, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno;
        text += written;
        left -= (size_t)written;
    }
    return 0;
}

static void write_temporary(Batch *batch, int index) {
    const OutputFile *output = &batch->files[index];
    int file = create(batch, index);
    int error = write_all(file, output->text, output->length);
    if (close(file) < 0 && error == 0)
        error = errno;
    if (error)
        give_up(batch, output->name, error);
}

/* A folder in the way would stop the renaming halfway. */
static void check_target(Batch *batch, int index) {
    struct stat status;
    const char *name = batch->files[index].name;
    if (fstatat(batch->folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(status.st_mode))
        give_up(batch, name, EISDIR);
}

/* A second name for the file of before; where the file system gives none, its only one. The
 * temporary name is ours, and so is this one. */
static void put_aside(Batch *batch, int index) {
    const char *name = batch->files[index].name;
    char *old = arena_print(batch->arena, "%s.old", batch->temporary[index]);
    if (linkat(batch->folder, name, batch->folder, old, 0) == 0 ||
        renameat(batch->folder, name, batch->folder, old) == 0)
        batch->old[index] = old;
    else if (errno != ENOENT)
        give_up(batch, name, errno);
}

static void put_in_place(Batch *batch, int index) {
    const char *name = batch->files[index].name;
    put_aside(batch, index);
    if (renameat(batch->folder, batch->temporary[index], batch->folder, name) < 0)
        give_up(batch, name, errno);
    batch->temporary[index] = NULL;
    batch->placed++;
}

/* Signals that would end the program wait until no temporary file is left. */
static sigset_t hold_signals(void) {
    sigset_t held, before;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    sigprocmask(SIG_BLOCK, &held, &before);
    return before;
}

void output_write(Arena *arena, const char *folder, const OutputFile *files, int count) {
    Batch batch = {.arena = arena, .path = folder, .files = files, .count = count};
    batch.folder = open_folder(arena, folder);
    sigset_t before = hold_signals();
    for (int i = 0; i < count; i++)
        check_target(&batch, i);
    for (int i = 0; i < count; i++)
        write_temporary(&batch, i);
    for (int i = 0; i < count; i++)
        put_in_place(&batch, i);
    discard(&batch, batch.old);
    sigprocmask(SIG_SETMASK, &before, NULL);
    close(batch.folder);
}
