#include "host.h"

/* Messages: one line each. Text from data files and from the model may hold anything, so control
 * characters never reach the terminal. */

static void host_make_printable(char *text) {
    for (; *text; text++)
        if (iscntrl((unsigned char)*text))
            *text = '?';
}

/* Where there are many ranks: waits until it is this one's turn to complain, and tells its name. */
static const char *(*host_take_turn)(void);

/* What a complaint starts with. */
static const char *host_speaker(void) {
    return host_take_turn ? host_take_turn() : "";
}

static void host_complain(const char *format, va_list arguments) {
    char text[2048];
    const char *speaker = host_speaker();
    vsnprintf(text, sizeof text, format, arguments);
    host_make_printable(text);
    fflush(stdout);
    fprintf(stderr, "intc: error: %s%s\n", speaker, text);
}

/* Something outside failed. What was written before has been flushed, and memory is left as it is:
 * `_exit` keeps leak checkers from blaming the middle of a load. */
__attribute__((format(printf, 1, 2))) static _Noreturn void host_fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    host_complain(format, arguments);
    va_end(arguments);
    _exit(3);
}

/* Never NULL. */
static void *host_alloc(size_t count, size_t size) {
    if (size && count > SIZE_MAX / size)
        host_fail("out of memory");
    const size_t bytes = count * size;
    void *memory = malloc(bytes ? bytes : 1);
    if (!memory)
        host_fail("out of memory (%zu bytes)", bytes);
    return memory;
}

__attribute__((format(printf, 1, 2), nonnull(1))) static char *host_print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0)
        host_fail("cannot format a text");
    char *text = host_alloc((size_t)length + 1, 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}
