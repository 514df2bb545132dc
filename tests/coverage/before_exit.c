/* before_exit.c - linked into the compiler where its coverage is measured: before gcov writes what
 * it has counted, which takes memory and files, tests/faults/shim.c is told to let no further call
 * fail, and files may grow again. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stddef.h>
#include <sys/resource.h>

__attribute__((destructor)) static void before_exit(void) {
    void (*stop)(void) = (void (*)(void))dlsym(RTLD_DEFAULT, "faults_stop");
    if (stop != NULL)
        stop();
    struct rlimit size;
    if (getrlimit(RLIMIT_FSIZE, &size) == 0) {
        size.rlim_cur = size.rlim_max;
        setrlimit(RLIMIT_FSIZE, &size);
    }
}
