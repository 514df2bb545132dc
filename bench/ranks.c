/* ranks.c - what a step costs on some ranks: the parts of the model in docs/scaling.md. Built by
 * bench/ranks.
 *
 *     mpirun -np N ranks STEPS
 *
 * Prints the least seconds, over all steps, that each part took on the slowest rank: gradients of a
 * slice and the update in seconds of the processor; the sum of the gradients over the ranks, that
 * of three numbers, and a whole step by the clock. On a machine that does other things too, the
 * least is what the part costs by itself. */
#define _POSIX_C_SOURCE 200809L
#include <mpi.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { GRADIENTS, SUM, NUMBERS, UPDATE, STEP, PARTS };

static const char *const names[PARTS] = {"gradients", "sum", "numbers", "update", "step"};
static Network network;
static NetworkInput inputs[NETWORK_BATCH][NETWORK_INPUTS];
static NetworkTarget targets[NETWORK_BATCH];

static void fill(void) {
    for (size_t b = 0; b < NETWORK_BATCH; ++b) {
        targets[b] = (NetworkTarget)(rand() % NETWORK_CLASSES);
        for (size_t i = 0; i < NETWORK_INPUTS; ++i)
            inputs[b][i] = (NetworkInput)(rand() % 5 ? 0 : rand() % 256);
    }
}

static double busy(void) {
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void step(uint32_t first, uint32_t count, double seconds[PARTS]) {
    uint64_t numbers[3] = {0};
    MPI_Barrier(MPI_COMM_WORLD);
    const double start = MPI_Wtime(), busy_start = busy();
    numbers[0] = network_gradients(&network, inputs + first, targets + first, first, count, NULL,
                                   NULL);
    seconds[GRADIENTS] = busy() - busy_start;
    const double made = MPI_Wtime();
    MPI_Allreduce(MPI_IN_PLACE, network.sums_i32,
                  sizeof network.sums_i32 / sizeof network.sums_i32[0], MPI_INT32_T, MPI_SUM,
                  MPI_COMM_WORLD);
    const double summed = MPI_Wtime();
    MPI_Allreduce(MPI_IN_PLACE, numbers, 3, MPI_UINT64_T, MPI_SUM, MPI_COMM_WORLD);
    const double counted = MPI_Wtime(), busy_counted = busy();
    network_apply(&network);
    seconds[UPDATE] = busy() - busy_counted;
    seconds[STEP] = MPI_Wtime() - start;
    seconds[SUM] = summed - made;
    seconds[NUMBERS] = counted - summed;
}

int main(int argc, char **argv) {
    int rank, ranks, steps = argc > 1 ? atoi(argv[1]) : 100;
    double least[PARTS];
    MPI_Init(&argc, &argv);
    MPI_Comm_rank(MPI_COMM_WORLD, &rank);
    MPI_Comm_size(MPI_COMM_WORLD, &ranks);
    const uint32_t share = NETWORK_BATCH / (uint32_t)ranks;
    const uint32_t longer = NETWORK_BATCH % (uint32_t)ranks;
    const uint32_t mine = (uint32_t)rank, count = share + (mine < longer);
    const uint32_t first = mine * share + (mine < longer ? mine : longer);
    network_init(&network, 1);
    fill();
    for (int i = 0; i < steps; ++i) {
        double seconds[PARTS];
        step(first, count, seconds);
        MPI_Allreduce(MPI_IN_PLACE, seconds, PARTS, MPI_DOUBLE, MPI_MAX, MPI_COMM_WORLD);
        for (int part = 0; part < PARTS; ++part)
            least[part] = i == 0 || seconds[part] < least[part] ? seconds[part] : least[part];
    }
    for (int part = 0; part < PARTS && rank == 0; ++part)
        printf("%s %.9f\n", names[part], least[part]);
    MPI_Finalize();
    return 0;
}
