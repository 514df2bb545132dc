/* arena.h - the one door to the system's memory, so that a test can let the n-th request fail. */
#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

/* malloc, unless a test puts something else in its place. What it returns is given to free(). */
extern void *(*arena_malloc)(size_t size);
/* Memory outside any arena; never NULL: running out exits with status 3. */
void *arena_request(size_t size);

#endif
