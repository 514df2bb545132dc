#include "host.h"

/* Where the data lies. The places, in order: --data (then it is the only one), the folder that the
 * environment names, that of the model file, ./data, ~/.cache/intc, /usr/share/datasets. Data are
 * one file there, or what the source says. Only regular files count: a model file that names a
 * device or a pipe cannot make the trainer hang. */

enum { HOST_PLACES = 5 };

/* In two pieces, since the compiler takes the whole word for a macro that was left over. */
#define HOST_DATA_VARIABLE                                                                         \
    "INTC"                                                                                         \
    "_DATA"

static bool host_is_file(const char *path) {
    struct stat status;
    return stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

static bool host_holds_data(const HostModel *model, const char *path) {
    return model->source->holds ? model->source->holds(path) : host_is_file(path);
}

/* One place on the search path, or NULL where the environment names none. */
static char *host_place(const HostModel *model, int place) {
    const char *name = model->data_name;
    const char *data = getenv(HOST_DATA_VARIABLE), *home = getenv("HOME");
    switch (place) {
    case 0:
        return data && *data ? host_print("%s/%s", data, name) : NULL;
    case 1:
        return host_print("%s/%s", model->folder, name);
    case 2:
        return host_print("data/%s", name);
    case 3:
        return home && *home ? host_print("%s/.cache/intc/%s", home, name) : NULL;
    default:
        return host_print("/usr/share/datasets/%s", name);
    }
}

static _Noreturn void host_found_nowhere(const HostModel *model, char *const *tried, int count) {
    char text[1536] = "";
    size_t length = 0;
    for (int i = 0; i < count && length < sizeof text; i++)
        length +=
            (size_t)snprintf(text + length, sizeof text - length, "%s%s", i ? ", " : "", tried[i]);
    host_make_printable(text);
    char *name = host_print("%s", model->data_name);
    host_make_printable(name);
    fprintf(stderr, "intc: error: %sno %s data '%s'; looked for %s\n", host_speaker(),
            model->source->kind, name, text);
    fputs("intc: help: ", stderr);
    if (model->source->print_help)
        model->source->print_help(model->data_name);
    else
        fputs("put the file in one of these places, or name its folder with --data DIR\n", stderr);
    _exit(3);
}

/* The places to look in, in order; at most HOST_PLACES. */
static int host_list_places(const HostModel *model, const char *option, char **places) {
    const char *name = model->data_name;
    int count = 0;
    if (option) {
        places[count++] = host_print("%s", option);
        if (*name)
            places[count++] = host_print("%s/%s", option, name);
    } else if (*name == '/') {
        places[count++] = host_print("%s", name);
    } else if (*name) {
        for (int i = 0; i < HOST_PLACES; i++)
            if ((places[count] = host_place(model, i)))
                count++;
    }
    return count;
}

/* The first place that holds the data, to be freed by the caller; the name of data that are made.
 * `option` is --data or NULL. */
static char *host_find(const HostModel *model, const char *option) {
    if (model->source->made)
        return host_print("%s", model->data_name);
    char *places[HOST_PLACES], *found = NULL;
    int count = host_list_places(model, option, places);
    if (!count)
        host_fail("the model names no data; name its folder with --data DIR");
    for (int i = 0; i < count && !found; i++)
        if (host_holds_data(model, places[i]))
            found = host_print("%s", places[i]);
    if (!found)
        host_found_nowhere(model, places, count);
    for (int i = 0; i < count; i++)
        free(places[i]);
    return found;
}
