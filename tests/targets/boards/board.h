/* board.h - what a test program needs of what it runs on: to print, and to end. */
#ifndef BOARD_H
#define BOARD_H

void board_start(void);
void board_say(const char *text);
void board_end(void); /* successfully; a board without an end of its own stops here */

#endif
