/* The trainer's loop around a model that only watches: which samples it is given, in which order,
 * with which epoch, and what is counted of its answers. */
#include "../../runtime/host/host.h"

#include <setjmp.h>

#include <cmocka.h>

/* In the order in which they are pasted. */
/* clang-format off */
#include "../../runtime/host/message.c"
#include "../../runtime/host/alone.c"
#include "../../runtime/host/random.c"
#include "../../runtime/host/data.c"
#include "../../runtime/host/find.c"
#include "../../runtime/host/csv.c"
#include "../../runtime/host/progress.c"
#include "../../runtime/host/statistics.c"
#include "../../runtime/host/log.c"
#include "../../runtime/host/options.c"
#include "../../runtime/host/interrupt.c"
#include "../../runtime/host/checkpoint.c"
#include "../../runtime/host/whole.c"
#include "../../runtime/host/train.c"
/* clang-format on */

enum { SAMPLES = 200, BATCH = 8, MOST_EPOCHS = 8, CLASSES = 2 };

static struct {
    int epochs;                             /* set_epoch was called so often */
    uint32_t epoch[MOST_EPOCHS];            /* with these */
    int count[MOST_EPOCHS];                 /* samples given since */
    uint8_t sample[MOST_EPOCHS][SAMPLES];   /* and which, by their only feature */
    uint64_t seed;
} seen;

static char folder[] = "/tmp/intc-test-train-XXXXXX";
static uint8_t right_below; /* classify is right for samples below this one */

/* ---- the model ---- */

static void watch_init(uint64_t seed) {
    memset(&seen, 0, sizeof seen);
    seen.seed = seed;
}

static void watch_set_epoch(uint32_t epoch) {
    seen.epoch[seen.epochs++] = epoch;
}

static uint32_t watch_train(void *inputs, void *targets) {
    const uint8_t *x = inputs, *t = targets;
    const int epoch = seen.epochs - 1;
    for (int i = 0; i < BATCH; i++) {
        assert_int_equal(t[i], x[i] % CLASSES);
        seen.sample[epoch][seen.count[epoch]++] = x[i];
    }
    return 65536;
}

static uint32_t watch_correct(void) {
    return BATCH / 2;
}

static int watch_classify(const void *input) {
    const uint8_t x = *(const uint8_t *)input;
    return (x + (x >= right_below)) % CLASSES;
}

static uint64_t watch_hash(void) {
    return 42;
}

static const HostCounter no_counters[] = {{NULL, NULL, 0}};

static HostModel watching(void) {
    return (HostModel){.name = "watch", .precision = "i8", .inputs = 1, .input_type = HOST_u8,
                       .input_unit = 1, .classes = CLASSES, .targets = 1, .target_type = HOST_u8,
                       .target_unit = 1, .source = &host_source_csv, .data_name = "data.csv",
                       .folder = folder, .label = "", .test_share = 0.286,
                       .batch = BATCH, .epochs = 3, .seed = 5, .init = watch_init,
                       .set_epoch = watch_set_epoch, .train = watch_train,
                       .correct = watch_correct, .classify = watch_classify, .hash = watch_hash,
                       .counters = no_counters};
}

/* ---- runs ---- */

static int set_up(void **state) {
    (void)state;
    if (!mkdtemp(folder))
        return 1;
    char *path = host_print("%s/data.csv", folder);
    FILE *file = fopen(path, "w");
    fputs("x,kind\n", file);
    for (int i = 0; i < SAMPLES; i++)
        fprintf(file, "%d,%d\n", i, i % CLASSES);
    free(path);
    return fclose(file);
}

static int tear_down(void **state) {
    char *path = host_print("%s/data.csv", folder), *log = host_print("%s/log", folder);
    (void)state;
    unlink(path);
    unlink(log);
    free(path);
    free(log);
    return rmdir(folder);
}

/* Trains, and returns what the log holds. */
static const char *run(HostModel model) {
    static char text[4096];
    char *log = host_print("%s/log", folder);
    char *arguments[] = {(char *)"train", (char *)"--quiet", (char *)"--log", log, NULL};
    unlink(log);
    assert_int_equal(host_main(&model, arguments), 0);
    FILE *file = fopen(log, "r");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    free(log);
    return text;
}

/* ---- the tests ---- */

static void each_epoch_has_each_sample_once(void **state) {
    (void)state;
    run(watching());
    assert_int_equal(seen.epochs, 3);
    for (int epoch = 0; epoch < 3; epoch++) {
        bool met[SAMPLES] = {false};
        assert_int_equal(seen.epoch[epoch], epoch);
        /* 28.6 of each class are due. */
        assert_int_equal(seen.count[epoch], (SAMPLES - 2 * 29) / BATCH * BATCH);
        for (int i = 0; i < seen.count[epoch]; i++) {
            assert_false(met[seen.sample[epoch][i]]);
            met[seen.sample[epoch][i]] = true;
        }
    }
}

static void each_epoch_has_its_own_order(void **state) {
    (void)state;
    run(watching());
    const int count = seen.count[0];
    assert_memory_not_equal(seen.sample[0], seen.sample[1], (size_t)count);
    assert_memory_not_equal(seen.sample[1], seen.sample[2], (size_t)count);
}

static void order_depends_on_the_seed(void **state) {
    uint8_t first[SAMPLES];
    HostModel model = watching();
    (void)state;
    run(model);
    assert_int_equal(seen.seed, 5);
    memcpy(first, seen.sample[0], sizeof first);
    run(model);
    assert_memory_equal(first, seen.sample[0], sizeof first);
    model.seed = 6;
    run(model);
    assert_memory_not_equal(first, seen.sample[0], sizeof first);
}

static void accuracies_are_counted(void **state) {
    (void)state;
    right_below = SAMPLES;
    const char *log = run(watching());
    assert_non_null(strstr(log, "\"test_accuracy\":1"));
    assert_non_null(strstr(log, "\"train_accuracy\":0.5"));
    assert_non_null(strstr(log, "\"loss\":1"));
    right_below = 0;
    assert_non_null(strstr(run(watching()), "\"test_accuracy\":0"));
}

static void stops_at_the_accuracy_only(void **state) {
    HostModel model = watching();
    (void)state;
    right_below = SAMPLES;
    model.stop_accuracy = 1;
    run(model);
    assert_int_equal(seen.epochs, 1);
    right_below = SAMPLES * 3 / 4;
    model.stop_accuracy = 0.999;
    run(model);
    assert_int_equal(seen.epochs, 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_epoch_has_each_sample_once),
        cmocka_unit_test(each_epoch_has_its_own_order),
        cmocka_unit_test(order_depends_on_the_seed),
        cmocka_unit_test(accuracies_are_counted),
        cmocka_unit_test(stops_at_the_accuracy_only),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
