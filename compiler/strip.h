/* strip.h - rows of weights are updated in strips: a strip's gradients and random draws are made
 * together, which keeps a batch in the nearest cache and several streams of numbers going. */
#ifndef STRIP_H
#define STRIP_H

#include <stdint.h>

enum { STRIP_ROWS = 4 }; /* templates/common.m4 says it too */

static inline int64_t strip_rows(int64_t rows) {
    return rows < STRIP_ROWS ? rows : STRIP_ROWS;
}

#endif
