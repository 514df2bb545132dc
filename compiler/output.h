/* output.h - files that appear whole or not at all. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include "intc.h"

typedef struct {
    const char *name; /* inside the folder */
    const char *text;
    size_t length;
} OutputFile;

enum { MAX_OUTPUT_FILES = 4 };

/* Creates `folder` if it is missing and puts all files into it, in place of files or symbolic links
 * of the same names. On failure nothing is replaced and the program ends with status 3. */
void output_write(Arena *arena, const char *folder, const OutputFile *files, int count);

#endif
