/* products.c - how near the forward products of a dense layer come to what this processor can do.
 *
 *     cc -O3 -march=native -I runtime bench/products.c -lm && ./a.out [peaks]
 *
 * First the peaks: multiply-accumulates a second of the widest instruction that the build has for
 * each width, from registers, with enough independent sums to hide its latency. Then the kernels of
 * the runtime, for a batch of 32 and layers of several sizes. Best of many short turns each, since
 * whatever else runs here only takes time away. */
#define _POSIX_C_SOURCE 200809L
#define _DEFAULT_SOURCE
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "int_runtime.h"

#include "int_kernels_8.h"
#include "int_kernels_16.h"
#include "int_tiles.h"

#include "int_float.h"

#ifdef __SSE2__
#include <immintrin.h>
#endif

enum { BATCH = 32, TURNS = 201, SUMS = 12, LOOPS = 1 << 17 };

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* ---- peaks ----------------------------------------------------------------------------------- */

/* Each instruction adds to a sum of its own; LANES products come of one of them. The sums go into a
 * volatile, so that the compiler must compute them, and does not see that operands are equal. */
#define PEAK(name, Vector, operand, lanes, instruction)                                            \
    static double name(void) {                                                                     \
        Vector sums[SUMS], a = operand;                                                            \
        volatile uint8_t kept;                                                                     \
        double best = 0;                                                                           \
        memset(sums, 0, sizeof sums);                                                              \
        for (int turn = 0; turn < TURNS; turn++) {                                                 \
            const double start = now();                                                            \
            for (int i = 0; i < LOOPS; i++) {                                                      \
                __asm__ volatile("" : "+x"(a));                                                    \
                _Pragma("GCC unroll 12") for (int s = 0; s < SUMS; s++) sums[s] = instruction;     \
            }                                                                                      \
            const double rate = (double)SUMS * LOOPS * (lanes) / (now() - start);                  \
            best = rate > best ? rate : best;                                                      \
        }                                                                                          \
        for (size_t i = 0; i < sizeof sums; i++)                                                   \
            kept = ((const uint8_t *)sums)[i];                                                     \
        (void)kept;                                                                                \
        return best;                                                                               \
    }

#if defined __AVX512VNNI__ && defined __AVX512BW__
#define NAME_8 "vpdpbusd, 512 bits"
#define NAME_16 "vpdpwssd, 512 bits"
PEAK(peak_8, __m512i, _mm512_set1_epi8(1), 64, _mm512_dpbusd_epi32(sums[s], a, a))
PEAK(peak_16, __m512i, _mm512_set1_epi8(1), 32, _mm512_dpwssd_epi32(sums[s], a, a))
#elif defined __AVXVNNI__
#define NAME_8 "vpdpbusd, 256 bits"
#define NAME_16 "vpdpwssd, 256 bits"
PEAK(peak_8, __m256i, _mm256_set1_epi8(1), 32, _mm256_dpbusd_avx_epi32(sums[s], a, a))
PEAK(peak_16, __m256i, _mm256_set1_epi8(1), 16, _mm256_dpwssd_avx_epi32(sums[s], a, a))
#elif defined __AVX2__
#define NAME_8 "vpmaddubsw and vpaddw, 256 bits"
#define NAME_16 "vpmaddwd and vpaddd, 256 bits"
PEAK(peak_8, __m256i, _mm256_set1_epi8(1), 32,
     _mm256_add_epi16(sums[s], _mm256_maddubs_epi16(sums[s], a)))
PEAK(peak_16, __m256i, _mm256_set1_epi8(1), 16,
     _mm256_add_epi32(sums[s], _mm256_madd_epi16(sums[s], a)))
#elif defined __SSE2__
#define NAME_8 "pmaddwd and paddd, 128 bits"
#define NAME_16 NAME_8
PEAK(peak_8, __m128i, _mm_set1_epi8(1), 8, _mm_add_epi32(sums[s], _mm_madd_epi16(sums[s], a)))
#define peak_16 peak_8
#else
#define NAME_8 "unknown"
#define NAME_16 "unknown"
static double peak_8(void) { return 0; }
#define peak_16 peak_8
#endif

#if defined __AVX512F__
#define NAME_FLOAT "vfmadd, 512 bits"
PEAK(peak_float, __m512, _mm512_set1_ps(1), 16, _mm512_fmadd_ps(a, a, sums[s]))
#elif defined __FMA__
#define NAME_FLOAT "vfmadd, 256 bits"
PEAK(peak_float, __m256, _mm256_set1_ps(1), 8, _mm256_fmadd_ps(a, a, sums[s]))
#elif defined __SSE2__
#define NAME_FLOAT "mulps and addps, 128 bits"
PEAK(peak_float, __m128, _mm_set1_ps(1), 4, _mm_add_ps(_mm_mul_ps(a, a), sums[s]))
#else
#define NAME_FLOAT "unknown"
static double peak_float(void) { return 0; }
#endif

/* The matrix unit: four independent tiles of sums, 16 x 16 x 64 products each. */
#if INT_TILES
#include <sys/syscall.h>
#include <unistd.h>

static double peak_tiles(void) {
    double best = 0;
    int_tiles_shape(16, 16, 0);
    for (int turn = 0; turn < TURNS; turn++) {
        const double start = now();
        for (int i = 0; i < LOOPS; i++) {
            INT_TILE_DOT(0, 4, 5);
            INT_TILE_DOT(1, 4, 5);
            INT_TILE_DOT(2, 4, 5);
            INT_TILE_DOT(3, 4, 5);
        }
        const double rate = 4.0 * LOOPS * 16 * 16 * 64 / (now() - start);
        best = rate > best ? rate : best;
    }
    __asm__ volatile("tilerelease");
    return best;
}

static int tiles_granted(void) {
    return syscall(SYS_arch_prctl, 0x1023, 18) == 0;
}
#else
static double peak_tiles(void) { return 0; }
static int tiles_granted(void) { return 0; }
#endif

/* ---- the kernels ----------------------------------------------------------------------------- */

/* `count` operands, aligned as the generated code's are. All are 1: of floats, small bytes would be
 * denormal numbers, which are slow. */
static void *operands(size_t count, size_t element) {
    const size_t bytes = (count * element + 63) / 64 * 64;
    char *memory = aligned_alloc(64, bytes);
    if (!memory) {
        fputs("products: out of memory\n", stderr);
        exit(3);
    }
    for (size_t i = 0; i < bytes / element; i++)
        if (element == sizeof(float))
            memcpy(memory + i * element, &(float){1}, element);
        else
            memset(memory + i * element, 1, element);
    return memory;
}

typedef struct {
    void *sums, *x, *w;
    uint32_t *groups;
    size_t inputs, outputs;
} Layer;

static void products_8(const Layer *layer) {
    int_products_u8(layer->sums, layer->x, layer->w, layer->inputs, BATCH, layer->outputs);
}

/* As in generated code: samples are packed once, parts of the outputs follow. */
static void products_tiles(const Layer *layer) {
    const int8_t *const w = layer->w;
    int_tiles_pack(layer->groups, layer->x, layer->inputs, BATCH);
    for (size_t first = 0; first < layer->outputs; first += 64)
        int_tiles_products(layer->sums, layer->groups, w + first * layer->inputs, layer->inputs,
                           BATCH, int_least(layer->outputs - first, 64));
}

static void products_16(const Layer *layer) {
    int_products_s16(layer->sums, layer->x, layer->w, layer->inputs, BATCH, layer->outputs);
}

static void products_float(const Layer *layer) {
    float_products(layer->sums, layer->x, layer->w, layer->inputs, BATCH, layer->outputs);
}

static double best_rate(void (*products)(const Layer *), const Layer *layer) {
    const double macs = (double)BATCH * (double)layer->inputs * (double)layer->outputs;
    const int repeats = (int)(2e8 / macs) + 1;
    double best = 0;
    for (int turn = 0; turn < TURNS; turn++) {
        const double start = now();
        for (int i = 0; i < repeats; i++)
            products(layer);
        const double rate = repeats * macs / (now() - start);
        best = rate > best ? rate : best;
    }
    return best;
}

static void show_layer(const char *width, void (*products)(const Layer *), size_t element,
                       size_t inputs, size_t outputs, double peak) {
    const Layer layer = {
        .sums = operands(2 * (outputs + 16) * BATCH, sizeof(int32_t)),
        .x = operands(inputs * BATCH, element),
        .w = operands(inputs * outputs, element),
        .groups = operands(inputs * BATCH / 4, sizeof(uint32_t)),
        .inputs = inputs,
        .outputs = outputs,
    };
    const double rate = best_rate(products, &layer);
    printf("%-6s %5zu x %-5zu %8.1f GMAC/s", width, inputs, outputs, rate / 1e9);
    if (peak > 0)
        printf(" %6.0f %% of the peak", 100 * rate / peak);
    putchar('\n');
    free(layer.sums);
    free(layer.x);
    free(layer.w);
    free(layer.groups);
}

static void show(const char *width, const char *name, double peak,
                 void (*products)(const Layer *), size_t element) {
    static const size_t sizes[][2] = {
        {784, 128}, {128, 128}, {784, 1024}, {1024, 1024}, {4096, 4096}};
    printf("%-6s peak          %8.1f GMAC/s  %s\n", width, peak / 1e9, name);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        show_layer(width, products, element, sizes[i][0], sizes[i][1], peak);
}

int main(int argc, char **argv) {
    if (argc > 1 && strcmp(argv[1], "peaks") == 0) {
        /* Those of vectors: what every kernel but one uses. */
        printf("i8 %.1f\ni16 %.1f\nf32 %.1f\n", peak_8() / 1e9, peak_16() / 1e9,
               peak_float() / 1e9);
        return 0;
    }
    show("i8", NAME_8, peak_8(), products_8, sizeof(int8_t));
    if (tiles_granted())
        show("i8", "tdpbssd, 16 rows of 64 bytes", peak_tiles(), products_tiles, sizeof(int8_t));
    show("i16", NAME_16, peak_16(), products_16, sizeof(int16_t));
    show("f32", NAME_FLOAT, peak_float(), products_float, sizeof(float));
    return 0;
}
