/* csv.c: what it loads, how it splits, and what it refuses, with the message. */
#include "host_folder.h"

static void refuse_csv(const HostModel *model, const char *text, const char *message) {
    write_text("table.csv", text);
    expect_exit(load, model, in_folder("table.csv"), 3, message);
}

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

int main(void) {
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests_name("csv", tests, make_folder, remove_folder);
}
