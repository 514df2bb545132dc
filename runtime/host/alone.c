#include "host.h"

/* The trainer by itself: one process, which has all the data and takes each batch as a whole. mpi.c
 * and slices.c stand in its place where many processes train together. */

static int host_rank, host_ranks = 1;

/* Whether a progress bar on a terminal gets there as it is drawn. */
enum { HOST_DRAWS = 1 };

static void host_join(void) {}

static void host_leave(void) {}

/* Every number becomes the sum of what all ranks have there. */
static void host_add_up(uint64_t *numbers, size_t count) {
    (void)numbers;
    (void)count;
}

/* Rank 0's bytes go to all others. */
static void host_hand_out(void *bytes, size_t count) {
    (void)bytes;
    (void)count;
}
