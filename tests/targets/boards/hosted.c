/* hosted.c - a system with a C library. */
#include "board.h"

#include <stdio.h>

void board_start(void) {
}

void board_say(const char *text) {
    fputs(text, stdout);
}

void board_end(void) {
}
