/* train.c - trains a network on samples that need no file and says its hash after some steps.
 *
 * Either the rows in samples.h, or patterns made here: a class is a set of bright pixels, a sample
 * is its class's pattern under noise, mostly dark, like written digits. */
#include "board.h"
#include "network.h"
#include "samples.h"

static Network network;
static NetworkInput inputs[NETWORK_BATCH][NETWORK_INPUTS];
static NetworkTarget targets[NETWORK_BATCH];

static uint32_t next_draw(uint32_t *state) {
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return *state >> 16;
}

#ifdef SAMPLES
static void fill_batch(uint32_t step) {
    for (uint32_t b = 0; b < NETWORK_BATCH; ++b) {
        const uint32_t row = (step * NETWORK_BATCH + b) % SAMPLES;
        for (uint32_t i = 0; i < NETWORK_INPUTS; ++i)
            inputs[b][i] = sample_inputs[row][i];
        targets[b] = sample_classes[row];
    }
}
#else
static NetworkInput pixel(uint32_t class_number, uint32_t i, uint32_t noise) {
    uint32_t pattern = (class_number + 1) * UINT32_C(65537) + i;
    next_draw(&pattern);
    const uint32_t bright = next_draw(&pattern) % 5 == 0;
    return (NetworkInput)(bright ? noise % 200 + 20 : noise % 16 == 0 ? noise % 100 : 0);
}

/* Of more steps than one the first is never masked, the others now and then. */
static void set_target(NetworkClass *target, uint32_t class_number) {
    target[0] = (NetworkClass)class_number;
    for (uint32_t i = 1; i < sizeof(NetworkTarget) / sizeof(NetworkClass); ++i)
        target[i] = (NetworkClass)((class_number + i) % (NETWORK_CLASSES + 1));
}

static void fill_batch(uint32_t step) {
    uint32_t state = step * 2 + 1;
    for (uint32_t b = 0; b < NETWORK_BATCH; ++b) {
        const uint32_t class_number = next_draw(&state) % NETWORK_CLASSES;
        for (uint32_t i = 0; i < NETWORK_INPUTS; ++i)
            inputs[b][i] = pixel(class_number, i, next_draw(&state));
        set_target((NetworkClass *)&targets[b], class_number);
    }
}
#endif

/* With averaging, an epoch is one step here. */
static uint32_t train(uint32_t step) {
    const uint32_t loss =
        network_train(&network, (const NetworkInput(*)[NETWORK_INPUTS])inputs, targets);
#ifdef NETWORK_AVERAGE_LAST
    network_collect(&network, step + NETWORK_AVERAGE_LAST <= STEPS);
    if (step + 1 == STEPS)
        network_average(&network);
#endif
    return loss;
}

static void say_hex(uint64_t value, unsigned digits) {
    char text[2] = {0};
    while (digits-- > 0) {
        const unsigned digit = (unsigned)(value >> (4 * digits)) & 15U;
        text[0] = (char)(digit < 10 ? '0' + (int)digit : 'a' + (int)digit - 10);
        board_say(text);
    }
}

/* All that the outside sees: parameters, losses, answers. */
static void say_result(uint64_t losses) {
    int16_t logits[NETWORK_ANSWERS];
    network_infer(&network, inputs[0], logits);
    for (uint32_t i = 0; i < NETWORK_ANSWERS; ++i)
        losses = losses * 31 + (uint16_t)logits[i];
    losses = losses * 31 + network_loss(&network, inputs[0], (const NetworkClass *)targets);
    losses = losses * 31 + (uint64_t)network_classify(&network, inputs[1]);
    say_hex(network_hash(&network), 16);
    board_say(" ");
    say_hex(losses, 16);
    board_say("\n");
}

int main(void) {
    uint64_t losses = 0;
    board_start();
    network_init(&network, 7);
    for (uint32_t step = 0; step < STEPS; ++step) {
        fill_batch(step);
        network_set_epoch(&network, step / 20);
        losses += train(step);
    }
    say_result(losses);
    board_end();
    return 0;
}
