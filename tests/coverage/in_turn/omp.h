/* omp.h - threads of which each does its part after the other: gcov does not count inside of
 * parallel loops. Their number changes from loop to loop, up to more than there is room for. */
#ifndef TEST_OMP_H
#define TEST_OMP_H

static int omp_get_thread_num(void) {
    return 0;
}

static int omp_get_max_threads(void) {
    static int loops;
    return loops++ % 2 ? 2 : 1000;
}

#endif
