/* train.c - trains a network on samples made here for some steps and prints its hash.
 *
 * A class is a set of bright pixels under noise, mostly dark. Built with -DMODEL=name -DNAME=NAME
 * and the model's header included before. */
#include <stdio.h>
#include <stdlib.h>

#if defined __linux__ && defined __x86_64__
#include <sys/syscall.h>
#include <unistd.h>
#endif

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define BATCH JOIN(NAME, _BATCH)
#define INPUTS JOIN(NAME, _INPUTS)
#define CLASSES JOIN(NAME, _CLASSES)

static MODEL network;
static INPUT inputs[BATCH][INPUTS];
static uint8_t targets[BATCH];

static uint32_t draw(uint32_t *state)
{
    *state = *state * UINT32_C(1664525) + UINT32_C(1013904223);
    return *state >> 16;
}

static void fill(uint32_t step)
{
    uint32_t state = step * 2 + 1;
    for (size_t b = 0; b < BATCH; ++b) {
        targets[b] = (uint8_t)(draw(&state) % CLASSES);
        for (uint32_t i = 0; i < INPUTS; ++i) {
            uint32_t pattern = (targets[b] + 1U) * UINT32_C(65537) + i;
            draw(&pattern);
            const uint32_t bright = draw(&pattern) % 5 == 0, noise = draw(&state);
            inputs[b][i] = (INPUT)(bright ? noise % 200 + 20 : noise % 16 == 0 ? noise % 100 : 0);
        }
    }
}

int main(int argc, char **argv)
{
    const long steps = argc > 1 ? strtol(argv[1], NULL, 10) : 200;
    uint64_t losses = 0;
#if defined __linux__ && defined __x86_64__
    (void)syscall(SYS_arch_prctl, 0x1023, 18); /* for tiles, if there are any */
#endif
    JOIN(MODEL, _init)(&network, 7);
    for (long step = 0; step < steps; ++step) {
        fill((uint32_t)step);
        losses *= 31;
        losses += JOIN(MODEL, _train)(&network, (const INPUT(*)[INPUTS])inputs, targets);
        losses = losses * 31 + (uint64_t)JOIN(MODEL, _classify)(&network, inputs[0]);
    }
    printf("%016llx %016llx\n", (unsigned long long)JOIN(MODEL, _hash)(&network),
           (unsigned long long)losses);
    return 0;
}
