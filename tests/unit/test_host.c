/* The host trainer's parts that read what others wrote: IDX, delimited text, the search path, and
 * the order of samples. Each test writes its files to a folder of its own; a failure is seen from
 * outside, as the exit status and the message of a child process. */
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

/* ---- helpers ---- */

static const char *in_folder(const char *name) {
    static char paths[4][256];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void write_file(const char *name, const void *bytes, size_t count) {
    FILE *file = fopen(in_folder(name), "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, count, file), count);
    assert_int_equal(fclose(file), 0);
}

static void write_text(const char *name, const char *text) {
    write_file(name, text, strlen(text));
}

static void write_zipped(const char *name, const void *bytes, unsigned count) {
    gzFile file = gzopen(in_folder(name), "wb");
    assert_int_equal(gzwrite(file, bytes, count), count);
    assert_int_equal(gzclose(file), Z_OK);
}

typedef void Action(const HostModel *model, const char *path);

/* Run `action` in a child; it must exit with `status` and say `message`. */
static void expect_exit(Action *action, const HostModel *model, const char *path, int status,
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

static void load(const HostModel *model, const char *path) {
    HostData data = {0};
    model->source->load(model, path, model->split, &data);
}

static void free_data(HostData *data) {
    host_samples_free(&data->train);
    host_samples_free(&data->test);
}

static void refuse_idx(const HostModel *model, const char *message) {
    expect_exit(load, model, folder, 3, message);
}

static void refuse_csv(const HostModel *model, const char *text, const char *message) {
    write_text("table.csv", text);
    expect_exit(load, model, in_folder("table.csv"), 3, message);
}

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

static const HostModel tiny_parity = {
    .name = "tiny",
    .inputs = 6,
    .input_type = HOST_u8,
    .input_unit = 1,
    .classes = 2,
    .targets = 6,
    .target_type = HOST_u8,
    .source = &host_source_synthetic,
    .data_name = "parity",
    .folder = ".",
    .label = "",
    .train_samples = 40,
    .test_samples = 20,
};

static const HostModel tiny_text = {
    .name = "tiny",
    .inputs = 4,
    .input_type = HOST_u8,
    .input_unit = 1,
    .classes = 128,
    .targets = 4,
    .target_type = HOST_u8,
    .source = &host_source_text,
    .data_name = "tiny.txt",
    .folder = ".",
    .label = "",
    .test_share = 0.25,
};

/* ---- random.c ---- */

static void shuffle_is_a_permutation(void **state) {
    (void)state;
    size_t items[100], seen[100] = {0};
    for (size_t i = 0; i < 100; i++)
        items[i] = i;
    host_shuffle(items, 100, 1, 0);
    for (size_t i = 0; i < 100; i++)
        seen[items[i]]++;
    for (size_t i = 0; i < 100; i++)
        assert_int_equal(seen[i], 1);
}

static void shuffle_depends_on_seed_and_epoch_alone(void **state) {
    (void)state;
    size_t items[4][64];
    const uint64_t seeds[4] = {1, 1, 1, 2}, epochs[4] = {5, 5, 6, 5};
    for (int k = 0; k < 4; k++) {
        for (size_t i = 0; i < 64; i++)
            items[k][i] = i;
        host_shuffle(items[k], 64, seeds[k], epochs[k]);
    }
    assert_memory_equal(items[0], items[1], sizeof items[0]);
    assert_memory_not_equal(items[0], items[2], sizeof items[0]);
    assert_memory_not_equal(items[0], items[3], sizeof items[0]);
}

/* The order of samples is part of what every run can be compared by: it must never change. */
static void shuffle_stays_what_it_was(void **state) {
    (void)state;
    const size_t expected[8] = {5, 2, 0, 7, 6, 1, 4, 3};
    size_t items[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    host_shuffle(items, 8, 1, 0);
    assert_memory_equal(items, expected, sizeof items);
}

static void random_numbers_are_even(void **state) {
    (void)state;
    HostRandom random = host_random(0, 0);
    int count[7] = {0};
    for (int i = 0; i < 70000; i++)
        count[host_random_below(&random, 7)]++;
    for (int i = 0; i < 7; i++)
        assert_in_range(count[i], 9600, 10400);
    assert_int_equal(host_random_below(&random, 1), 0);
    for (int i = 0; i < 100; i++)
        assert_true(host_random_below(&random, UINT64_MAX - 1) < UINT64_MAX - 1);
}

static void xorshift_never_sticks_at_zero(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 1000; seed++) {
        HostRandom random = host_random(seed, seed);
        assert_true(host_random_next(&random) != 0);
    }
}

/* ---- idx.c ---- */

static const unsigned char good_images[] = {0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 2,
                                            0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 255};
static const unsigned char good_labels[] = {0, 0, 8, 1, 0, 0, 0, 2, 2, 0};

/* Two samples of 2x2, as plain files, for training and test alike. */
static void write_good_idx(void) {
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

static void refuse_images(const void *bytes, size_t count, const char *message) {
    write_good_idx();
    write_file(host_idx_names[0], bytes, count);
    refuse_idx(&tiny_idx, host_idx_names[0]);
    refuse_idx(&tiny_idx, message);
}

static void refuse_labels(const void *bytes, size_t count, const char *message) {
    write_good_idx();
    write_file(host_idx_names[1], bytes, count);
    refuse_idx(&tiny_idx, host_idx_names[1]);
    refuse_idx(&tiny_idx, message);
}

/* The good images with one byte changed. */
static void refuse_image_byte(size_t at, unsigned char value, const char *message) {
    unsigned char bytes[sizeof good_images];
    memcpy(bytes, good_images, sizeof bytes);
    bytes[at] = value;
    refuse_images(bytes, sizeof bytes, message);
}

static void idx_loads(void **state) {
    (void)state;
    HostData data;
    write_good_idx();
    host_load_idx(&tiny_idx, folder, 0, &data);
    assert_int_equal(data.train.samples, 2);
    assert_int_equal(data.test.samples, 2);
    assert_memory_equal(data.train.inputs, good_images + 16, 8);
    assert_memory_equal(data.train.targets, good_labels + 8, 2);
    free_data(&data);
}

/* The shares of any number of ranks, one behind the other, are all that there is. */
static void check_shares(const HostModel *model, const char *path) {
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

static void idx_loads_in_shares(void **state) {
    (void)state;
    write_good_idx();
    check_shares(&tiny_idx, folder);
    unlink(in_folder(host_idx_names[0]));
    write_zipped("train-images-idx3-ubyte.gz", good_images, sizeof good_images);
    check_shares(&tiny_idx, folder);
    unlink(in_folder("train-images-idx3-ubyte.gz"));
}

static void idx_loads_zipped(void **state) {
    (void)state;
    HostData data;
    write_good_idx();
    unlink(in_folder(host_idx_names[0]));
    write_zipped("train-images-idx3-ubyte.gz", good_images, sizeof good_images);
    host_load_idx(&tiny_idx, folder, 0, &data);
    assert_memory_equal(data.train.inputs, good_images + 16, 8);
    free_data(&data);
}

static void idx_turns_big_endian_numbers(void **state) {
    (void)state;
    const unsigned char wide[] = {0, 0, 0x0B, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0xFF, 0xFE, 1, 2};
    const unsigned char label[] = {0, 0, 8, 1, 0, 0, 0, 1, 1};
    const int16_t expected[] = {-2, 258};
    HostModel model = tiny_idx;
    model.input_type = HOST_i16;
    model.inputs = 2;
    write_good_idx();
    for (int i = 0; i < 4; i += 2) {
        write_file(host_idx_names[i], wide, sizeof wide);
        write_file(host_idx_names[i + 1], label, sizeof label);
    }
    HostData data;
    host_load_idx(&model, folder, 0, &data);
    assert_memory_equal(data.train.inputs, expected, sizeof expected);
    free_data(&data);
}

static void idx_refuses_a_bad_header(void **state) {
    (void)state;
    refuse_image_byte(0, 1, "not an IDX file");
    refuse_image_byte(2, 0x55, "unknown element type 0x55");
    refuse_image_byte(2, 0x0D, "floating-point");
    refuse_image_byte(3, 0, "0 dimensions");
    refuse_image_byte(3, 200, "200 dimensions");
    refuse_images("", 0, "truncated");
    refuse_images(good_images, 3, "truncated");
    refuse_images(good_images, 9, "truncated");
}

static void idx_refuses_a_size_that_the_header_denies(void **state) {
    (void)state;
    unsigned char longer[sizeof good_images + 1] = {0};
    memcpy(longer, good_images, sizeof good_images);
    refuse_images(longer, sizeof longer, "1 bytes follow the last sample");
    refuse_images(good_images, sizeof good_images - 1, "promises 8 bytes, but only 7");
}

/* 4 billion images of 2x2, and dimensions whose product needs more than 64 bits. */
static void idx_believes_no_huge_header(void **state) {
    (void)state;
    unsigned char huge[4 + 4 * 8] = {0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 2, 0, 0, 0, 2};
    refuse_images(huge, sizeof huge, "promises 17179869180 bytes");
    memset(huge + 4, 255, sizeof huge - 4);
    huge[3] = 8;
    refuse_images(huge, sizeof huge, "dimensions are too large");
    const unsigned char none[] = {0, 0, 8, 3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 2};
    refuse_images(none, sizeof none, "no samples");
}

static void idx_believes_no_huge_header_when_zipped(void **state) {
    (void)state;
    const unsigned char huge[24] = {0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 255, 0, 0, 0, 255, 0};
    write_good_idx();
    unlink(in_folder(host_idx_names[0]));
    write_zipped("train-images-idx3-ubyte.gz", huge, sizeof huge);
    HostModel model = tiny_idx;
    model.inputs = 0xFF00u * 0xFF00u;
    refuse_idx(&model, "more than a compressed file of");
}

static void idx_refuses_damaged_gzip(void **state) {
    (void)state;
    unsigned char bytes[256];
    write_good_idx();
    unlink(in_folder(host_idx_names[0]));
    write_zipped("train-images-idx3-ubyte.gz", good_images, sizeof good_images);
    FILE *file = fopen(in_folder("train-images-idx3-ubyte.gz"), "rb");
    const size_t count = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    for (size_t length = 10; length < count; length++) {
        write_file("train-images-idx3-ubyte.gz", bytes, length);
        refuse_idx(&tiny_idx, "train-images-idx3-ubyte.gz: truncated");
    }
    bytes[count - 6] ^= 1; /* the checksum */
    write_file("train-images-idx3-ubyte.gz", bytes, count);
    refuse_idx(&tiny_idx, "corrupt: incorrect data check");
    write_zipped("train-images-idx3-ubyte.gz", good_images, sizeof good_images - 2);
    refuse_idx(&tiny_idx, "truncated: what the header promises needs 8 bytes");
}

static void idx_refuses_bytes_after_zipped_samples(void **state) {
    (void)state;
    unsigned char longer[sizeof good_images + 1] = {0};
    memcpy(longer, good_images, sizeof good_images);
    write_good_idx();
    unlink(in_folder(host_idx_names[0]));
    write_zipped("train-images-idx3-ubyte.gz", longer, sizeof longer);
    refuse_idx(&tiny_idx, "bytes follow the last sample");
}

static void idx_refuses_what_the_model_does_not_take(void **state) {
    (void)state;
    HostModel model = tiny_idx;
    write_good_idx();
    model.inputs = 5;
    refuse_idx(&model, "samples of 2x2 = 4 elements, but the model takes 5");
    model = tiny_idx;
    model.input_type = HOST_i16;
    refuse_idx(&model, "holds u8, but the model takes i16");
    model = tiny_idx;
    model.classes = 2;
    refuse_idx(&model, "label 2 of sample 0 is outside 0..1");
    model.classes = 0;
    refuse_idx(&model, "the target is real-valued");
}

static void idx_refuses_labels_that_do_not_match(void **state) {
    (void)state;
    const unsigned char three[] = {0, 0, 8, 1, 0, 0, 0, 3, 2, 0, 1};
    refuse_labels(three, sizeof three, "3 labels for the 2 samples");
    refuse_labels(good_images, sizeof good_images, "labels of 2x2 elements");
    const unsigned char negative[] = {0, 0, 9, 1, 0, 0, 0, 2, 0, 255};
    refuse_labels(negative, sizeof negative, "label -1 of sample 1");
}

static void idx_names_a_missing_file(void **state) {
    (void)state;
    write_good_idx();
    unlink(in_folder(host_idx_names[3]));
    refuse_idx(&tiny_idx, "holds no t10k-labels-idx1-ubyte");
}

/* ---- csv.c ---- */

/* All rows to train, in the order of the file. */
static HostData load_csv(HostModel model, const char *text) {
    HostData data;
    model.test_share = 0;
    write_text("table.csv", text);
    host_load_csv(&model, in_folder("table.csv"), 0, &data);
    return data;
}

static void check_csv(const char *text) {
    const int16_t inputs[] = {15, -20, 3, 40, 50, 60};
    const unsigned char classes[] = {1, 2, 0};
    HostData data = load_csv(tiny_csv, text);
    assert_int_equal(data.train.samples, 3);
    assert_int_equal(data.test.samples, 0);
    assert_memory_equal(data.train.inputs, inputs, sizeof inputs);
    assert_memory_equal(data.train.targets, classes, sizeof classes);
    free_data(&data);
}

static void csv_loads(void **state) {
    (void)state;
    check_csv("a,b,kind\n1.5,-2,m\n0.32,4,z\n5,6,c\n");
    check_csv("a;b;kind\n1.5;-2;m\n0.32;4;z\n5;6;c\n");
    check_csv("a\tb\tkind\n1.5\t-2\tm\n0.32\t4\tz\n5\t6\tc");
    check_csv("\xEF\xBB\xBF"
              "a,b,kind\r\n1.5,-2,\"m\"\r\n\r\n0.32, 4 ,z\r\n5,6,c\r\n");
    check_csv("kind,a,b\nm,1.5,-2\nz,0.32,4\nc,5,6\n");
    check_csv("a,\"kind\",b\n1.5,1,-2\n0.32,2,4\n5,0,6\n");
}

static void csv_takes_the_last_column_without_a_label(void **state) {
    (void)state;
    HostModel model = tiny_csv;
    model.label = "";
    HostData data = load_csv(model, "kind,b,c\n1,2,0\n3,4,1\n");
    assert_int_equal(data.train.targets[1], 1);
    free_data(&data);
}

static void csv_loads_real_targets(void **state) {
    (void)state;
    const int16_t inputs[] = {10, 20, -10, 30};
    const int32_t targets[] = {100, -50, 7, 0};
    HostModel model = tiny_csv;
    model.classes = 0;
    model.targets = 2;
    model.target_type = HOST_i32;
    model.target_unit = 0.01;
    model.label = "y";
    HostData data = load_csv(model, "a,y,z,b\n1,1,-0.5,2\n-1,0.07,0.001,3\n");
    assert_memory_equal(data.train.inputs, inputs, sizeof inputs);
    assert_memory_equal(data.train.targets, targets, sizeof targets);
    free_data(&data);
}

static void csv_holds_more_than_256_classes(void **state) {
    (void)state;
    const uint16_t classes[] = {299, 0};
    HostModel model = tiny_csv;
    model.classes = 300;
    HostData data = load_csv(model, "a,b,kind\n1,1,299\n2,2,0\n");
    assert_memory_equal(data.train.targets, classes, sizeof classes);
    free_data(&data);
}

static void csv_names_line_and_column(void **state) {
    (void)state;
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,x\n1,oops,y\n", "table.csv:3: column 'b': 'oops'");
    refuse_csv(&tiny_csv, "a,b,kind\n1,,x\n", ":2: column 'b': '' is not a number");
    refuse_csv(&tiny_csv, "a,b,kind\n\n1,nan,x\n", ":3: column 'b'");
    refuse_csv(&tiny_csv, "a,b,kind\n1,1e999,x\n", "is not a number");
    refuse_csv(&tiny_csv, "a,b,kind\n1,4000,x\n",
               "40000 steps of 0.1, outside i16 (-32768..32767)");
    refuse_csv(&tiny_csv, "a,b,kind\n1,3276.8,x\n", "32768 steps of 0.1, outside i16");
    refuse_csv(&tiny_csv, "a,b,kind\n1,-3276.9,x\n", "-32769 steps of 0.1, outside i16");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,\n", ":2: column 'kind' is empty");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2\n", ":2: 2 columns, but the header has 3");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,x,4\n", ":2: 4 columns, but the header has 3");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,\"x\n", "inside quotes");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,\"x\"y\n", ":2: a quote stands");
}

static void csv_refuses_a_bad_header(void **state) {
    (void)state;
    refuse_csv(&tiny_csv, "", "holds no rows");
    refuse_csv(&tiny_csv, "a,b,kind\n", "holds no rows");
    refuse_csv(&tiny_csv, "a,b,label\n1,2,x\n", ":1: the header has no column 'kind'");
    refuse_csv(&tiny_csv, "a,b,c,kind\n1,2,3,x\n", "4 columns, but the model takes 2 features");
    refuse_csv(&tiny_csv, "1,2,0\n3,4,1\n", "header row");
    write_file("table.csv", "a,b,kind\n1,\0,x\n", 15);
    expect_exit(load, &tiny_csv, in_folder("table.csv"), 3, "zero byte");
}

static void csv_refuses_wrong_classes(void **state) {
    (void)state;
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,x\n1,2,y\n", "holds 2 classes, but the model has 3");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,x\n1,2,y\n1,2,z\n1,2,w\n", ":5: 'w' is one class more");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,0\n1,2,3\n", ":3: label 3 is outside 0..2");
    refuse_csv(&tiny_csv, "a,b,kind\n1,2,0\n1,2,-1\n", ":3: label -1 is outside 0..2");
}

static void csv_keeps_control_characters_off_the_terminal(void **state) {
    (void)state;
    refuse_csv(&tiny_csv, "a,b,kind\n1,\033[2J,x\n", "'?[2J' is not a number");
}

/* 40 rows of class 0, 20 of class 1, 10 of class 2; the first feature is the number of the row. */
static void write_strata(void) {
    FILE *file = fopen(in_folder("strata.csv"), "w");
    fputs("a,b,kind\n", file);
    for (int i = 0; i < 70; i++)
        fprintf(file, "%d,0,%d\n", i, i % 7 < 4 ? 0 : i % 7 < 6 ? 1 : 2);
    fclose(file);
}

static HostData load_strata(uint64_t split) {
    HostData data;
    HostModel model = tiny_csv;
    model.test_share = 0.2;
    host_load_csv(&model, in_folder("strata.csv"), split, &data);
    return data;
}

static void split_is_stratified_and_whole(void **state) {
    (void)state;
    int seen[70] = {0}, classes[3] = {0};
    write_strata();
    HostData data = load_strata(0);
    assert_int_equal(data.train.samples, 56);
    assert_int_equal(data.test.samples, 14);
    for (size_t i = 0; i < 14; i++)
        classes[data.test.targets[i]]++;
    assert_int_equal(classes[0], 8);
    assert_int_equal(classes[1], 4);
    assert_int_equal(classes[2], 2);
    for (size_t i = 0; i < 14; i++)
        seen[((int16_t *)(void *)data.test.inputs)[2 * i] / 10]++;
    for (size_t i = 0; i < 56; i++)
        seen[((int16_t *)(void *)data.train.inputs)[2 * i] / 10]++;
    for (int i = 0; i < 70; i++)
        assert_int_equal(seen[i], 1);
    free_data(&data);
}

static void csv_loads_in_shares(void **state) {
    (void)state;
    write_strata();
    HostModel model = tiny_csv;
    model.test_share = 0.2;
    check_shares(&model, in_folder("strata.csv"));
}

static void split_depends_on_its_seed(void **state) {
    (void)state;
    write_strata();
    HostData first = load_strata(0), again = load_strata(0), other = load_strata(1);
    const size_t bytes = 14 * host_input_bytes(&tiny_csv);
    assert_int_equal(other.test.samples, 14);
    assert_memory_equal(first.test.inputs, again.test.inputs, bytes);
    assert_memory_not_equal(first.test.inputs, other.test.inputs, bytes);
    free_data(&first);
    free_data(&again);
    free_data(&other);
}

/* ---- find.c ---- */

static void find_and_forget(const HostModel *model, const char *option) {
    free(host_find(model, option));
}

static void expect_found(const HostModel *model, const char *option, const char *path) {
    char *found = host_find(model, option);
    assert_string_equal(found, path);
    free(found);
}

/* A folder for each place on the search path, in a current folder of its own. */
static void make_places(void) {
    static const char *const places[] = {"env",  "model",       "data",
                                         "home", "home/.cache", "home/.cache/intc"};
    for (int i = 0; i < 6; i++)
        mkdir(in_folder(places[i]), 0700);
    assert_int_equal(chdir(folder), 0);
    setenv("HOME", in_folder("home"), 1);
    setenv(HOST_DATA_VARIABLE, in_folder("env"), 1);
}

static void find_keeps_the_order(void **state) {
    (void)state;
    HostModel model = tiny_csv;
    char own[256];
    snprintf(own, sizeof own, "%s/model", folder);
    model.folder = own;
    make_places();
    write_text("home/.cache/intc/tiny.csv", "");
    expect_found(&model, NULL, in_folder("home/.cache/intc/tiny.csv"));
    write_text("data/tiny.csv", "");
    expect_found(&model, NULL, "data/tiny.csv");
    write_text("model/tiny.csv", "");
    expect_found(&model, NULL, in_folder("model/tiny.csv"));
    write_text("env/tiny.csv", "");
    expect_found(&model, NULL, in_folder("env/tiny.csv"));
    expect_found(&model, in_folder("data"), in_folder("data/tiny.csv"));
    expect_found(&model, in_folder("data/tiny.csv"), in_folder("data/tiny.csv"));
    expect_exit(find_and_forget, &model, in_folder("home"), 3, "no csv data 'tiny.csv'");
}

static void find_takes_an_idx_folder(void **state) {
    (void)state;
    make_places();
    write_good_idx();
    expect_found(&tiny_idx, folder, folder);
    mkdir(in_folder("env/tiny"), 0700);
    write_file("env/tiny/t10k-labels-idx1-ubyte.gz", "", 0);
    expect_found(&tiny_idx, NULL, in_folder("env/tiny"));
    expect_found(&tiny_idx, in_folder("env"), in_folder("env/tiny"));
}

static void find_says_where_it_looked(void **state) {
    (void)state;
    HostModel model = tiny_idx;
    make_places();
    model.data_name = "absent";
    expect_exit(find_and_forget, &model, NULL, 3, "looked for ");
    expect_exit(find_and_forget, &model, NULL, 3, "./absent, data/absent, ");
    expect_exit(find_and_forget, &model, NULL, 3, "/home/.cache/intc/absent, /usr/share/datasets");
    expect_exit(find_and_forget, &model, NULL, 3, "four IDX files");
    model.data_name = "absent-fashion";
    expect_exit(find_and_forget, &model, NULL, 3, "apt-get install dataset-fashion-mnist");
    model.data_name = "a\nb";
    expect_exit(find_and_forget, &model, NULL, 3, "'a?b'");
    model.data_name = "";
    expect_exit(find_and_forget, &model, NULL, 3, "--data DIR");
}

static void find_opens_no_device(void **state) {
    (void)state;
    HostModel model = tiny_csv;
    model.data_name = "/dev/zero";
    expect_exit(find_and_forget, &model, NULL, 3, "looked for /dev/zero");
    mkfifo(in_folder("pipe"), 0600);
    expect_exit(find_and_forget, &model, in_folder("pipe"), 3, "looked for");
}

/* ---- synthetic.c ---- */

/* The sequence of a sample, whose classes are checked. */
static size_t sequence_of(const HostModel *model, const HostSamples *samples, size_t index) {
    const unsigned char *bits = samples->inputs + index * model->inputs;
    size_t sequence = 0;
    int odd = 0;
    for (size_t i = 0; i < model->inputs; i++) {
        assert_true(bits[i] <= 1);
        sequence |= (size_t)bits[i] << i;
        odd ^= bits[i];
        if (model->targets > 1)
            assert_int_equal(host_get_class(model, samples->targets, index * model->inputs + i), odd);
    }
    if (model->targets == 1)
        assert_int_equal(host_get_class(model, samples->targets, index), odd);
    return sequence;
}

static void check_parity(const HostModel *model) {
    HostData data;
    bool tested[64] = {false};
    host_load_synthetic(model, "parity", 0, &data);
    assert_int_equal(data.train.samples, 40);
    assert_int_equal(data.test.samples, 20);
    for (size_t i = 0; i < data.test.samples; i++) {
        const size_t sequence = sequence_of(model, &data.test, i);
        assert_false(tested[sequence]);
        tested[sequence] = true;
    }
    for (size_t i = 0; i < data.train.samples; i++)
        assert_false(tested[sequence_of(model, &data.train, i)]);
    free_data(&data);
}

static void parity_is_tested_on_unseen_sequences(void **state) {
    (void)state;
    HostModel last = tiny_parity;
    last.targets = 1;
    check_parity(&tiny_parity);
    check_parity(&last);
}

static void parity_loads_in_shares(void **state) {
    (void)state;
    check_shares(&tiny_parity, "parity");
}

static void parity_depends_on_its_seed(void **state) {
    (void)state;
    HostData one, other;
    host_load_synthetic(&tiny_parity, "parity", 0, &one);
    host_load_synthetic(&tiny_parity, "parity", 0, &other);
    assert_memory_equal(one.train.inputs, other.train.inputs, 40 * 6);
    free_data(&other);
    host_load_synthetic(&tiny_parity, "parity", 1, &other);
    assert_memory_not_equal(one.train.inputs, other.train.inputs, 40 * 6);
    free_data(&one);
    free_data(&other);
}

static void load_parity(const HostModel *model, const char *path) {
    HostData data;
    host_load_synthetic(model, path, 0, &data);
}

static void synthetic_refuses_what_it_cannot_make(void **state) {
    (void)state;
    HostModel model = tiny_parity;
    expect_exit(load_parity, &model, "xor", 3, "no such synthetic data");
    model.inputs = 21;
    expect_exit(load_parity, &model, "parity", 3, "no such synthetic data");
    model = tiny_parity;
    model.test_samples = 64;
    expect_exit(load_parity, &model, "parity", 3, "64 sequences, of which 64");
}

/* ---- text.c ---- */

static void text_loads_windows_side_by_side(void **state) {
    (void)state;
    HostData data;
    write_text("tiny.txt", "abcdefghijklmnopqrst");
    host_load_text(&tiny_text, in_folder("tiny.txt"), 0, &data);
    assert_int_equal(data.train.samples, 3); /* of 15 bytes, of which the last one is only told */
    assert_memory_equal(data.train.inputs, "abcdefghijkl", 12);
    assert_memory_equal(data.train.targets, "bcdefghijklm", 12);
    assert_int_equal(data.test.samples, 1);
    assert_memory_equal(data.test.inputs, "pqrs", 4);
    assert_memory_equal(data.test.targets, "qrst", 4);
    free_data(&data);
}

static void text_loads_windows_with_one_class(void **state) {
    (void)state;
    HostModel model = tiny_text;
    HostData data;
    model.targets = 1;
    write_text("tiny.txt", "abcdefgh");
    host_load_text(&model, in_folder("tiny.txt"), 0, &data);
    assert_int_equal(data.train.samples, 2);
    assert_memory_equal(data.train.inputs, "abcdbcde", 8);
    assert_memory_equal(data.train.targets, "ef", 2);
    assert_int_equal(data.test.samples, 0);
    free_data(&data);
}

static void text_loads_in_shares(void **state) {
    (void)state;
    HostModel model = tiny_text;
    write_text("tiny.txt", "The quick brown fox jumps over the lazy dog, and the lazy dog lets it do so.");
    check_shares(&model, in_folder("tiny.txt"));
    model.targets = 1;
    check_shares(&model, in_folder("tiny.txt"));
}

static void refuse_text(const HostModel *model, const char *text, const char *message) {
    write_text("bad.txt", text);
    expect_exit(load, model, in_folder("bad.txt"), 3, message);
}

static void text_names_the_line_of_a_byte(void **state) {
    (void)state;
    HostModel model = tiny_text;
    refuse_text(&model, "plain\ntext\nna\303\257ve\n", "bad.txt:3: a byte of 195, but the model takes 0 to 127");
    model.classes = 200;
    model.input_type = HOST_i8;
    refuse_text(&model, "\310", "bad.txt:1: a byte of 200");
    model.targets = 3;
    refuse_text(&model, "plain", "one class for each step");
    expect_exit(load, &tiny_text, in_folder("none.txt"), 3, "none.txt");
}

/* ---- the folder ---- */

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state) {
    (void)state;
    char command[300];
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return chdir("/") || system(command);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffle_is_a_permutation),
        cmocka_unit_test(shuffle_depends_on_seed_and_epoch_alone),
        cmocka_unit_test(shuffle_stays_what_it_was),
        cmocka_unit_test(random_numbers_are_even),
        cmocka_unit_test(xorshift_never_sticks_at_zero),
        cmocka_unit_test(idx_loads),
        cmocka_unit_test(idx_loads_in_shares),
        cmocka_unit_test(idx_loads_zipped),
        cmocka_unit_test(idx_turns_big_endian_numbers),
        cmocka_unit_test(idx_refuses_a_bad_header),
        cmocka_unit_test(idx_refuses_a_size_that_the_header_denies),
        cmocka_unit_test(idx_believes_no_huge_header),
        cmocka_unit_test(idx_believes_no_huge_header_when_zipped),
        cmocka_unit_test(idx_refuses_damaged_gzip),
        cmocka_unit_test(idx_refuses_bytes_after_zipped_samples),
        cmocka_unit_test(idx_refuses_what_the_model_does_not_take),
        cmocka_unit_test(idx_refuses_labels_that_do_not_match),
        cmocka_unit_test(idx_names_a_missing_file),
        cmocka_unit_test(csv_loads),
        cmocka_unit_test(csv_takes_the_last_column_without_a_label),
        cmocka_unit_test(csv_loads_real_targets),
        cmocka_unit_test(csv_holds_more_than_256_classes),
        cmocka_unit_test(csv_names_line_and_column),
        cmocka_unit_test(csv_refuses_a_bad_header),
        cmocka_unit_test(csv_refuses_wrong_classes),
        cmocka_unit_test(csv_keeps_control_characters_off_the_terminal),
        cmocka_unit_test(split_is_stratified_and_whole),
        cmocka_unit_test(csv_loads_in_shares),
        cmocka_unit_test(split_depends_on_its_seed),
        cmocka_unit_test(parity_is_tested_on_unseen_sequences),
        cmocka_unit_test(parity_loads_in_shares),
        cmocka_unit_test(parity_depends_on_its_seed),
        cmocka_unit_test(synthetic_refuses_what_it_cannot_make),
        cmocka_unit_test(text_loads_windows_side_by_side),
        cmocka_unit_test(text_loads_windows_with_one_class),
        cmocka_unit_test(text_loads_in_shares),
        cmocka_unit_test(text_names_the_line_of_a_byte),
        cmocka_unit_test(find_keeps_the_order),
        cmocka_unit_test(find_takes_an_idx_folder),
        cmocka_unit_test(find_says_where_it_looked),
        cmocka_unit_test(find_opens_no_device),
    };
    return cmocka_run_group_tests_name("host", tests, make_folder, remove_folder);
}
