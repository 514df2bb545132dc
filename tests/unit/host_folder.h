/* What the tests of the host trainer's parts share: these parts, a folder of one's own, and child
 * processes, whose failure is seen from outside, as exit status and message. */
#ifndef HOST_FOLDER_H
#define HOST_FOLDER_H

#include "../../runtime/host/host.h"

#include <setjmp.h>
#include <sys/wait.h>

#include <cmocka.h>

/* In the order in which they are pasted. */
/* clang-format off */
#include "../../runtime/host/message.c"
#include "../../runtime/host/alone.c"
#include "../../runtime/host/random.c"
#include "../../runtime/host/data.c"
#include "../../runtime/host/find.c"
#include "../../runtime/host/idx.c"
#include "../../runtime/host/csv.c"
#include "../../runtime/host/synthetic.c"
#include "../../runtime/host/text.c"
/* clang-format on */

static char folder[] = "/tmp/intc-test-host-XXXXXX";

static inline const char *in_folder(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static inline void write_file(const char *name, const void *bytes, size_t count) {
    FILE *file = fopen(in_folder(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static inline void write_text(const char *name, const char *text) {
    write_file(name, text, strlen(text));
}

typedef void Action(const HostModel *model, const char *path);

/* Run `action` in a child; it must exit with `status` and say `message`. */
static inline void expect_exit(Action *action, const HostModel *model, const char *path, int status,
                               const char *message) {
    int pipes[2], result;
    char text[4096] = "";
    assert_int_equal(pipe(pipes), 0);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipes[1], STDERR_FILENO);
        close(pipes[0]);
        action(model, path);
        _exit(0);
    }
    close(pipes[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(pipes[0], text + length, sizeof text - 1 - length)) > 0)
        length += (size_t)got;
    close(pipes[0]);
    assert_int_equal(waitpid(child, &result, 0), child);
    assert_true(WIFEXITED(result));
    if (WEXITSTATUS(result) != status || !strstr(text, message))
        fail_msg("status %d, '%s', where '%s' was due", WEXITSTATUS(result), text, message);
}

static inline void load(const HostModel *model, const char *path) {
    HostData data = {0};
    model->source->load(model, path, model->split, &data);
}

static inline void free_data(HostData *data) {
    host_samples_free(&data->train);
    host_samples_free(&data->test);
}

/* The shares of any number of ranks, one behind the other, are all that there is. */
static inline void check_shares(const HostModel *model, const char *path) {
    const size_t input = host_input_bytes(model), target = host_target_bytes(model);
    HostData whole;
    model->source->load(model, path, model->split, &whole);
    for (host_ranks = 1; host_ranks <= 7; host_ranks++) {
        size_t next = 0;
        for (host_rank = 0; host_rank < host_ranks; host_rank++) {
            HostData share;
            model->source->load(model, path, model->split, &share);
            assert_int_equal(share.train.first, next);
            assert_int_equal(share.train.all, whole.train.all);
            assert_true(share.train.samples <= whole.train.all / (size_t)host_ranks + 1);
            assert_true(next + share.train.samples <= whole.train.all);
            assert_memory_equal(share.train.inputs, whole.train.inputs + next * input,
                                share.train.samples * input);
            assert_memory_equal(share.train.targets, whole.train.targets + next * target,
                                share.train.samples * target);
            next += share.train.samples;
            free_data(&share);
        }
        assert_int_equal(next, whole.train.all);
    }
    host_rank = 0;
    host_ranks = 1;
    free_data(&whole);
}

static inline int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static inline int remove_folder(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") || system(command);
}

/* ---- models, and the data set of the first ---- */

static const HostModel tiny_idx = {
    .name = "tiny",
    .inputs = 4,
    .input_type = HOST_u8,
    .input_unit = 1,
    .classes = 3,
    .targets = 1,
    .target_type = HOST_u8,
    .source = &host_source_idx,
    .data_name = "tiny",
    .folder = ".",
    .label = "",
};

static const HostModel tiny_csv = {
    .name = "tiny",
    .inputs = 2,
    .input_type = HOST_i16,
    .input_unit = 0.1,
    .classes = 3,
    .targets = 1,
    .target_type = HOST_u8,
    .source = &host_source_csv,
    .data_name = "tiny.csv",
    .folder = ".",
    .label = "kind",
    .test_share = 0.5,
};

static const unsigned char good_images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,
                                            0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 255};
static const unsigned char good_labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 2, 0};

/* Two samples of 2x2, as plain files, for training and test alike. */
static inline void write_good_idx(void) {
    for (int i = 0; i < 4; i++) {
        char zipped[64];
        snprintf(zipped, sizeof zipped, "%s.gz", host_idx_names[i]);
        unlink(in_folder(zipped));
        if (i % 2 == 0)
            write_file(host_idx_names[i], good_images, sizeof good_images);
        else
            write_file(host_idx_names[i], good_labels, sizeof good_labels);
    }
}

#endif
