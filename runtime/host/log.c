#include "host.h"

/* What the run says: the lines for a person on the standard output, and the log (`--log`), a JSON
 * object a line. Every write is checked, so that a full disk is noticed at once. */

typedef struct {
    FILE *file; /* NULL: no log is wanted */
    const char *path;
} HostLog;

static HostLog host_log_open(const char *path) {
    HostLog log = {NULL, path};
    if (path && host_rank == 0 && !(log.file = fopen(path, "a")))
        host_fail("%s: %s", path, strerror(errno));
    return log;
}

__attribute__((format(printf, 2, 3))) static void host_log_add(HostLog *log, const char *format,
                                                               ...) {
    if (!log->file)
        return;
    va_list arguments;
    va_start(arguments, format);
    vfprintf(log->file, format, arguments);
    va_end(arguments);
}

static void host_log_number(HostLog *log, const char *key, double value) {
    if (value < 0)
        host_log_add(log, ",\"%s\":null", key);
    else
        host_log_add(log, ",\"%s\":%.6g", key, value);
}

static void host_log_end_line(HostLog *log, const char *end) {
    host_log_add(log, "%s\n", end);
    if (log->file && (ferror(log->file) || fflush(log->file) != 0))
        host_fail("%s: cannot write: %s", log->path, strerror(errno));
}

static void host_log_close(HostLog *log) {
    if (log->file && fclose(log->file) != 0)
        host_fail("%s: cannot write: %s", log->path, strerror(errno));
    log->file = NULL;
}

static void host_log_traffic(HostLog *log, const HostTraffic *traffic) {
    if (!traffic->reduced)
        return;
    host_log_add(log, ",\"ranks\":%d,\"reduced_bytes_per_step\":%llu,\"exchanged_bytes\":%llu",
                 host_ranks, (unsigned long long)traffic->reduced,
                 (unsigned long long)traffic->exchanged);
    host_log_number(log, "computing_seconds", traffic->computing);
    host_log_number(log, "waiting_seconds", traffic->waiting);
}

static void host_log_test(HostLog *log, const HostModel *model, const HostResult *result) {
    host_log_number(log, model->classes ? "test_accuracy" : "test_loss", result->test);
    if (model->classes && model->targets > 1)
        host_log_number(log, "test_loss", result->test_loss);
}

static void host_log_epoch(HostLog *log, const HostModel *model, const HostResult *result) {
    host_log_add(log, "{\"epoch\":%u,\"samples\":%zu", result->epochs, result->samples);
    host_log_number(log, "loss", result->loss);
    if (model->classes)
        host_log_number(log, "train_accuracy", result->train_accuracy);
    host_log_test(log, model, result);
    host_log_number(log, "seconds", result->seconds);
    host_log_traffic(log, &result->traffic);
    host_log_end_line(log, "}");
}

static void host_log_final(HostLog *log, const HostModel *model, const HostResult *result,
                           const HostStatistic *statistics) {
    const HostStatistic *at;
    host_log_add(log, "{\"final\":true,\"epochs\":%u", result->epochs);
    host_log_test(log, model, result);
    if (result->averaged)
        host_log_add(log, ",\"averaged\":%u", result->averaged);
    host_log_add(log, ",\"hash\":\"0x%016llx\",\"saturated\":{", (unsigned long long)model->hash());
    for (at = statistics; at && at->counter; at++)
        host_log_add(log, "%s\"%s\":%.6g", at == statistics ? "" : ",", at->counter->name,
                     at->saturated);
    host_log_add(log, "},\"rms\":{");
    for (at = statistics; at && at->counter; at++)
        host_log_add(log, "%s\"%s\":%.6g", at == statistics ? "" : ",", at->counter->tensor,
                     at->rms);
    host_log_end_line(log, result->interrupted ? "},\"interrupted\":true}" : "}}");
}

/* ---- for people ---- */

static void host_show_start(const HostModel *model, const HostOptions *options, const char *path,
                            const HostData *data) {
    char *line = host_print("%s: %s, batch %zu, %u epoch%s, seed %llu\n", model->name,
                            model->precision, model->batch, options->epochs,
                            options->epochs == 1 ? "" : "s", (unsigned long long)options->seed);
    host_write(line);
    free(line);
    char *place = host_print("%s", path);
    host_make_printable(place);
    line = host_print("data: %s: %zu samples to train, %zu to test\n\n", place, data->train.all,
                      data->test.all);
    host_write(line);
    free(line);
    free(place);
}

/* `text` becomes `98.24 %`, or `-` where there is none. */
static void host_print_percent(char *text, size_t size, double share) {
    if (share < 0)
        snprintf(text, size, "-");
    else
        snprintf(text, size, "%.2f %%", 100 * share);
}

static void host_show_epoch(const HostModel *model, const HostResult *result, unsigned epochs) {
    char line[192], train[32], test[32];
    const int width = snprintf(NULL, 0, "%u", epochs);
    host_print_percent(train, sizeof train, result->train_accuracy);
    host_print_percent(test, sizeof test, result->test);
    if (model->classes && model->targets > 1 && result->test >= 0)
        snprintf(line, sizeof line,
                 "epoch %*u/%u  loss %.4f  train %8s  test %8s  test loss %.4f  %.2f s\n", width,
                 result->epochs, epochs, result->loss, train, test, result->test_loss,
                 result->seconds);
    else if (model->classes)
        snprintf(line, sizeof line, "epoch %*u/%u  loss %.4f  train %8s  test %8s  %.2f s\n", width,
                 result->epochs, epochs, result->loss, train, test, result->seconds);
    else if (result->test < 0)
        snprintf(line, sizeof line, "epoch %*u/%u  loss %.5f  %.2f s\n", width, result->epochs,
                 epochs, result->loss, result->seconds);
    else
        snprintf(line, sizeof line, "epoch %*u/%u  loss %.5f  test loss %.5f  %.2f s\n", width,
                 result->epochs, epochs, result->loss, result->test, result->seconds);
    host_write(line);
}

static void host_show_test(const HostModel *model, const HostResult *result) {
    char line[128], percent[32];
    host_print_percent(percent, sizeof percent, result->test);
    const char *plural = result->epochs == 1 ? "" : "s";
    if (result->test < 0)
        snprintf(line, sizeof line, "no test samples; trained for %u epoch%s\n", result->epochs,
                 plural);
    else if (model->classes && model->targets > 1)
        snprintf(line, sizeof line,
                 "test accuracy %s, loss %.4f (%.4f bits) a step, after %u epoch%s\n", percent,
                 result->test_loss, result->test_loss / log(2), result->epochs, plural);
    else if (model->classes)
        snprintf(line, sizeof line, "test accuracy %s after %u epoch%s\n", percent, result->epochs,
                 plural);
    else
        snprintf(line, sizeof line, "test loss %.5f after %u epoch%s\n", result->test,
                 result->epochs, plural);
    host_write(line);
}

/* Only what saturated at all, wrapped to 78 columns. */
static void host_show_saturated(const HostStatistic *statistics) {
    size_t column = strlen("saturated"), shown = 0;
    host_write("saturated");
    for (const HostStatistic *at = statistics; at->counter; at++) {
        if (at->saturated <= 0)
            continue;
        char *item = host_print("%s %s %.3g %%", shown++ ? "," : "", at->counter->name,
                                100 * at->saturated);
        if (column + strlen(item) > 78) {
            host_write(",\n         ");
            column = strlen("saturated");
            memmove(item, item + 1, strlen(item));
        }
        column += strlen(item);
        host_write(item);
        free(item);
    }
    host_write(shown ? "\n" : " nothing\n");
}

static void host_show_final(const HostModel *model, const HostResult *result,
                            const HostStatistic *statistics) {
    char line[64];
    snprintf(line, sizeof line, "mean of the weights after the last %u epoch%s: ", result->averaged,
             result->averaged == 1 ? "" : "s");
    if (result->averaged)
        host_write(line);
    host_show_test(model, result);
    if (statistics)
        host_show_saturated(statistics);
    snprintf(line, sizeof line, "hash 0x%016llx\n", (unsigned long long)model->hash());
    host_write(line);
}
