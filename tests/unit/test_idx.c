/* idx.c: what it loads, and what it refuses, with the message. */
#include "host_folder.h"

static void write_zipped(const char *name, const void *bytes, unsigned count) {
    gzFile file = gzopen(in_folder(name), "wb");
    assert_int_equal(gzwrite(file, bytes, count), count);
    assert_int_equal(gzclose(file), Z_OK);
}

static void refuse_idx(const HostModel *model, const char *message) {
    expect_exit(load, model, folder, 3, message);
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

int main(void) {
    const struct CMUnitTest tests[] = {
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
    };
    return cmocka_run_group_tests_name("idx", tests, make_folder, remove_folder);
}
