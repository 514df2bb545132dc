/* contain.h - runs code that may end the program, and comes back.
 *
 * The linker turns exit and _exit into the two functions below (-Wl,--wrap=exit,--wrap=_exit):
 * status 70, a defect of intc, stops the fuzzer; a run may end with any other status. */
#ifndef CONTAIN_H
#define CONTAIN_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdlib.h>

static jmp_buf contained;
static bool containing;

_Noreturn void __real_exit(int status);
_Noreturn void __real__exit(int status);
_Noreturn void __wrap_exit(int status);
_Noreturn void __wrap__exit(int status);

_Noreturn void __wrap_exit(int status) {
    if (!containing)
        __real_exit(status);
    if (status == 70)
        abort();
    longjmp(contained, 1);
}

_Noreturn void __wrap__exit(int status) {
    if (!containing)
        __real__exit(status);
    __wrap_exit(status);
}

/* False if `action` ended the program. */
static bool contain(void (*action)(void)) {
    bool complete = false;
    containing = true;
    if (setjmp(contained) == 0) {
        action();
        complete = true;
    }
    containing = false;
    return complete;
}

#endif
