/* The host trainer's order of samples, search path, and data that are made or read as text. */
#include "host_folder.h"

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
            assert_int_equal(host_get_class(model, samples->targets, index * model->inputs + i),
                             odd);
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
    write_text("tiny.txt",
               "The quick brown fox jumps over the lazy dog, and the lazy dog lets it do so.");
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
    refuse_text(&model, "plain\ntext\nna\303\257ve\n",
                "bad.txt:3: a byte of 195, but the model takes 0 to 127");
    model.classes = 200;
    model.input_type = HOST_i8;
    refuse_text(&model, "\310", "bad.txt:1: a byte of 200");
    model.targets = 3;
    refuse_text(&model, "plain", "one class for each step");
    expect_exit(load, &tiny_text, in_folder("none.txt"), 3, "none.txt");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffle_is_a_permutation),
        cmocka_unit_test(shuffle_depends_on_seed_and_epoch_alone),
        cmocka_unit_test(shuffle_stays_what_it_was),
        cmocka_unit_test(random_numbers_are_even),
        cmocka_unit_test(xorshift_never_sticks_at_zero),
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
