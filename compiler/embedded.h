/* embedded.h - the templates and the runtime as bytes in the program; cmake/embed.cmake makes the
 * table, sorted by name. */
#ifndef EMBEDDED_H
#define EMBEDDED_H

#include <stddef.h>

typedef struct {
    const char *name; /* relative to the project's folder: templates/ops/dense.m4 */
    const unsigned char *bytes;
    size_t length;
} Embedded;

extern const Embedded embedded_files[]; /* ends with a name of NULL */

#endif
