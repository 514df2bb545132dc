/* avr.c - an ATmega: the serial line prints; sleep without interrupts ends the emulation. */
#include "board.h"

#include <avr/interrupt.h>
#include <avr/io.h>
#include <avr/sleep.h>

void board_start(void) {
    UCSR0B = 1 << TXEN0;
}

void board_say(const char *text) {
    for (; *text; ++text) {
        while (!(UCSR0A & (1 << UDRE0))) {
        }
        UDR0 = (unsigned char)*text;
    }
}

void board_end(void) {
    cli();
    sleep_enable();
    sleep_cpu();
}
