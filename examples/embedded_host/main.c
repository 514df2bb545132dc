/* main.c - a program that trains and asks the network by itself: no driver, no files, no heap.
 *
 * Ten patterns stand for the digits: a bright bar in one of ten rows, at a place that varies. */
#include "mnist.h"

#include <inttypes.h>
#include <stdio.h>

static mnist model; /* all that training needs; on a microcontroller it would be in .bss */
static uint8_t images[MNIST_BATCH][MNIST_INPUTS];
static uint8_t digits[MNIST_BATCH];

static void draw(uint8_t *image, unsigned digit, unsigned place) {
    for (unsigned i = 0; i < MNIST_INPUTS; ++i) {
        unsigned row = i / 28, column = i % 28;
        int bright = row / 2 == digit + 2 && column >= place && column < place + 12;
        image[i] = bright ? 255 : 0;
    }
}

static void fill_batch(unsigned step) {
    for (unsigned b = 0; b < MNIST_BATCH; ++b) {
        digits[b] = (uint8_t)((step + b) % MNIST_CLASSES);
        draw(images[b], digits[b], (step * 5 + b * 3) % 16);
    }
}

int main(void) {
    mnist_init(&model, 1);
    for (unsigned step = 0; step < 40; ++step) {
        fill_batch(step);
        uint32_t loss = mnist_train(&model, (const uint8_t(*)[MNIST_INPUTS])images, digits);
        if (step % 10 == 9)
            printf("step %2u  loss %.4f  right %2" PRIu32 " of %d\n", step + 1, loss / 65536.0,
                   mnist_correct(&model), MNIST_BATCH);
    }
    for (unsigned digit = 0; digit < MNIST_CLASSES; ++digit) {
        draw(images[0], digit, 9);
        printf("%u is taken for %d\n", digit, mnist_classify(&model, images[0]));
    }
    printf("hash 0x%016" PRIx64 "\n", mnist_hash(&model));
    return 0;
}
