/* file.c - reading whole files, and the standard streams. */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 16 };

static int open_readable(const char *path) {
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (file < 0)
        fail("cannot read '%s': %s", path, strerror(errno));
    struct stat status;
    if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode))
        fail("cannot read '%s': it is a folder", path);
    return file;
}

char *file_read(Arena *arena, const char *path, size_t most, size_t *length) {
    int file = open_readable(path);
    Text text = text_new(arena);
    char chunk[CHUNK];
    for (;;) {
        ssize_t got = read(file, chunk, sizeof chunk);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            fail("cannot read '%s': %s", path, strerror(errno));
        if (got == 0)
            break;
        if ((size_t)got > most - text.length)
            fail("'%s' is longer than %zu MiB", path, most >> 20);
        text_append(&text, chunk, (size_t)got);
    }
    close(file);
    *length = text.length;
    return text.text;
}

void streams_open(void) {
    for (int stream = 0; stream <= 2; stream++) {
        if (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
            /* open() takes the lowest number that is free: this one. */
            if (open("/dev/null", stream == 0 ? O_WRONLY : O_RDONLY) != stream)
                return;
        }
    }
}

void streams_finish(void) {
    errno = 0;
    if (fflush(stdout) != 0 || ferror(stdout))
        fail("cannot write the result: %s", strerror(errno ? errno : EIO));
}
