/* cortex.c - a Cortex-M without any library: vectors, start, Arm semihosting for the console. */
#include "board.h"

#include <stdint.h>

extern char stack_end, bss_start, bss_end;

enum { WRITE_STRING = 0x04, EXIT = 0x18, APPLICATION_EXIT = 0x20026 };

int main(void);

static void semihosting(uintptr_t operation, uintptr_t argument) {
    register uintptr_t r0 __asm__("r0") = operation;
    register uintptr_t r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

void board_start(void) {
}

void board_say(const char *text) {
    semihosting(WRITE_STRING, (uintptr_t)text);
}

void board_end(void) {
    semihosting(EXIT, APPLICATION_EXIT);
}

static void on_reset(void) {
    for (char *byte = &bss_start; byte < &bss_end; ++byte)
        *(volatile char *)byte = 0;
    main();
    for (;;) {
    }
}

/* No message, and no success: the emulator is ended by its time limit, or by a second fault. */
static void on_fault(void) {
    board_say("fault\n");
    board_end();
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {
    &stack_end, (void *)on_reset, (void *)on_fault, (void *)on_fault,
    (void *)on_fault, (void *)on_fault, (void *)on_fault};
