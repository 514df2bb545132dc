#include "host.h"

/* The matrix unit that the model's products use: Linux grants it to a process that asks. */
#if defined __linux__ && defined __x86_64__ && !defined INT_PLAIN_C && \
    (defined __AMX_INT8__ || defined __AMXINT8__)
#include <sys/syscall.h>
#include <unistd.h>

static void host_ask_for_tiles(void) {
    enum { ASK = 0x1023, TILE_DATA = 18 };
    if (syscall(SYS_arch_prctl, ASK, TILE_DATA) != 0)
        host_fail("this machine does not grant the AMX tiles that this build uses: %s; build it "
                  "without -march=native", strerror(errno));
}
#else
static void host_ask_for_tiles(void) {}
#endif
