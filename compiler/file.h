/* file.h - reading whole files, and the standard streams. */
#ifndef FILE_H
#define FILE_H

#include "intc.h"

/* The bytes of a file, terminated. A file that cannot be read, or is longer than `most`, ends the
 * program with status 3. */
char *file_read(Arena *arena, const char *path, size_t most, size_t *length);

/* Occupies those of the descriptors 0, 1, 2 that are closed, so that no file opened later is
 * mistaken for a standard stream. Writing to them fails as before. */
void streams_open(void);
/* Ends the program with status 3 if anything written to stdout was lost. */
void streams_finish(void);

#endif
