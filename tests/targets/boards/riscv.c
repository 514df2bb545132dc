/* riscv.c - a RISC-V without an operating system: picolibc starts it and brings the console. */
#include "board.h"

#include <stdio.h>
#include <stdlib.h>

void board_start(void) {
}

void board_say(const char *text) {
    fputs(text, stdout);
}

void board_end(void) {
    exit(0);
}
