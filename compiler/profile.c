/* profile.c - shifts by observation: the log of a training says how large its tensors were.
 *
 * The last line of a log holds `"rms":{"h1.dense":0.83, ...}`, over the whole run. With --profile
 * these stand where the pass `range` would otherwise expect the magnitudes of the first step. Only
 * the choice of shifts depends on them; what proves accumulators does not. */
#include "profile.h"

#include <json-c/json.h>
#include <math.h>
#include <string.h>

enum { MOST_NAME = 1000 };

static void add_observed(Model *model, const char *name, double rms) {
    if (!(rms > 0) || isinf(rms) || strlen(name) > MOST_NAME)
        return;
    Observed *observed = arena_alloc(model->arena, sizeof *observed);
    observed->name = arena_print(model->arena, "%s", name);
    observed->rms = rms;
    observed->next = model->observed;
    model->observed = observed;
}

/* Takes the observations of one line, if it has any. */
static void read_line(Model *model, const char *line) {
    struct json_object *values, *object = json_tokener_parse(line);
    if (json_object_is_type(object, json_type_object) &&
        json_object_object_get_ex(object, "rms", &values) &&
        json_object_is_type(values, json_type_object)) {
        model->observed = NULL; /* a later run counts */
        json_object_object_foreach(values, name, value) {
            add_observed(model, name, json_object_get_double(value));
        }
    }
    json_object_put(object);
}

void profile_read(Model *model, char *text) {
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        read_line(model, line);
    }
    if (!model->observed)
        fail("'%s' tells the magnitude of no tensor; make it with: intc train MODEL.int --log FILE",
             model->options.profile);
}

Observed *profile_find(const Model *model, const Tensor *tensor) {
    for (Observed *observed = model->observed; observed; observed = observed->next)
        if (strcmp(observed->name, tensor->name) == 0)
            return observed;
    return NULL;
}
