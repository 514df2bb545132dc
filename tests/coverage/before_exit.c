/* before_exit.c - linked into the compiler where its coverage is measured: before gcov writes what it
 * has counted, which takes memory and files, tests/faults/shim.c is told to let no further call fail. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>

__attribute__((destructor)) static void before_exit(void) {
    void (*stop)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "faults_stop");
    if (stop != NULL)
        stop();
}
