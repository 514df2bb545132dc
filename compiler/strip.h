/* strip.h - rows of weights are updated in strips: the gradients and the random draws of a strip are made
 * together, which keeps a batch in the nearest cache and several streams of random numbers going. */
#ifndef STRIP_H
#define STRIP_H

#include <stdint.h>

enum { STRIP_ROWS = 4 }; /* templates/common.m4 says it too */

static inline int64_t strip_rows(int64_t rows) {
    return rows < STRIP_ROWS ? rows : STRIP_ROWS;
}

#endif
