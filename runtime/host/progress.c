#include "host.h"

/* The progress bar: one line, redrawn in place ten times a second, only on a terminal. It is erased
 * with blanks, so any terminal will do. */

typedef struct {
    bool shown;
    double start, drawn; /* when the run started; when the bar was last drawn */
    unsigned first, epochs; /* of the whole run: the first epoch, and their number */
    size_t samples;         /* of one epoch */
} HostProgress;

static double host_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int host_terminal_width(void) {
    int width = 80;
#ifdef TIOCGWINSZ
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col)
        width = size.ws_col;
#endif
    return width < 500 ? width : 500;
}

/* To the standard output, by rank 0 alone. */
static void host_write(const char *text) {
    if (host_rank > 0)
        return;
    if (fputs(text, stdout) < 0 || fflush(stdout) != 0)
        host_fail("cannot write the output: %s", strerror(errno));
}

/* 1:05, 2:03:04 */
static void host_print_time(char *text, size_t size, double seconds) {
    const long long all = seconds < 359999 ? (long long)(seconds + 0.5) : 359999;
    if (all < 3600)
        snprintf(text, size, "%lld:%02lld", all / 60, all % 60);
    else
        snprintf(text, size, "%lld:%02lld:%02lld", all / 3600, all / 60 % 60, all % 60);
}

static void host_print_rate(char *text, size_t size, double rate) {
    if (rate < 9999.5)
        snprintf(text, size, "%.0f samples/s", rate);
    else if (rate < 9999.5e3)
        snprintf(text, size, "%.0fk samples/s", rate / 1e3);
    else
        snprintf(text, size, "%.0fM samples/s", rate / 1e6);
}

/* The last column stays free: writing there would move some terminals to the next line. */
static void host_progress_line(char *line, int width, const char *left, double part,
                               const char *right) {
    int bar = width - 1 - (int)strlen(left) - (int)strlen(right) - 4;
    if (bar > 40)
        bar = 40;
    int length = 0;
    if (bar >= 4) {
        char cells[41];
        memset(cells, '.', sizeof cells);
        memset(cells, '#', (size_t)(part * bar + 0.5));
        length = sprintf(line, "%s [%.*s] %s", left, bar, cells, right);
    } else {
        length = sprintf(line, "%s %s", left, right);
    }
    while (length < width - 1)
        line[length++] = ' ';
    line[width > 1 ? width - 1 : 0] = 0;
}

static void host_progress_clear(const HostProgress *progress) {
    if (!progress->shown)
        return;
    char line[512];
    int width = host_terminal_width() - 1;
    snprintf(line, sizeof line, "\r%*s\r", width, "");
    host_write(line);
}

/* `epoch` counts from 0; `done` samples of it took `seconds` of training. */
static void host_progress_draw(HostProgress *progress, unsigned epoch, size_t done,
                               double seconds) {
    const double now = host_seconds();
    if (!progress->shown || !done || now - progress->drawn < 0.1)
        return;
    progress->drawn = now;
    const double part = (double)done / (double)progress->samples;
    const double whole = (epoch - progress->first + part) / (progress->epochs - progress->first);
    char left[64], right[96], rate[32], time[32], line[1024];
    host_print_rate(rate, sizeof rate, (double)done / (seconds > 0 ? seconds : 1e-9));
    host_print_time(time, sizeof time, (now - progress->start) * (1 - whole) / whole);
    snprintf(left, sizeof left, "epoch %u/%u", epoch + 1, progress->epochs);
    snprintf(right, sizeof right, "%3.0f %%  %s  %s left", 100 * part, rate, time);
    host_progress_line(line, host_terminal_width(), left, part, right);
    host_write("\r");
    host_write(line);
}
