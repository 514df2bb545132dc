#include "host.h"

#include <mpi.h>

/* The processes that train together, the ranks, by MPI. Rank 0 speaks for all. A rank that ends
 * without taking leave, by a failure of its own or a signal, makes MPI's launcher end the
 * others. */

static int host_rank, host_ranks = 1;

/* A launcher may give the ranks a terminal of its own, and pass on what they write there. */
enum { HOST_DRAWS = 0 };

/* An error that all ranks have is to be said once: rank 0 says it, and its end stops the others,
 * which wait here for seconds. Other ranks say who they are. */
static const char *host_wait_for_rank_0(void) {
    static char name[32];
    if (host_rank == 0)
        return "";
    sleep(3);
    snprintf(name, sizeof name, "rank %d: ", host_rank);
    return name;
}

static void host_join(void) {
    MPI_Init(NULL, NULL);
    MPI_Comm_rank(MPI_COMM_WORLD, &host_rank);
    MPI_Comm_size(MPI_COMM_WORLD, &host_ranks);
    host_take_turn = host_wait_for_rank_0;
}

static void host_leave(void) {
    MPI_Finalize();
}

/* MPI counts in int. */
static int host_mpi_count(size_t count) {
    if (count > INT_MAX)
        host_fail("%zu elements are more than MPI can count", count);
    return (int)count;
}

/* Every number becomes the sum of what all ranks have there. */
static void host_add_up(uint64_t *numbers, size_t count) {
    MPI_Allreduce(MPI_IN_PLACE, numbers, host_mpi_count(count), MPI_UINT64_T, MPI_SUM,
                  MPI_COMM_WORLD);
}

/* Rank 0's bytes go to all others. */
static void host_hand_out(void *bytes, size_t count) {
    MPI_Bcast(bytes, host_mpi_count(count), MPI_BYTE, 0, MPI_COMM_WORLD);
}
