/* int_tiles.h - the products of many samples by the matrix unit of x86-64 (Intel AMX).
 *
 * It is here because `intc compile --tiles` was asked for it, and works where the C compiler
 * targets AMX. Linux grants the unit to a process that has asked, once, with
 * syscall(SYS_arch_prctl, 0x1023, 18); one that has not ends by SIGILL. Everywhere else
 * int_kernels_8.h makes the products.
 *
 * A tile is a register of up to 16 rows of 64 bytes. One instruction takes 64 bytes of 16 rows of
 * a, and of 16 rows of b, four bytes of each row lying together, and adds to 16 x 16 sums
 *
 *     sum[i][j] += sum over k < 64 of a[i][k] * b[k / 4][j][k % 4]
 *
 * Here a is the weights as they lie, and b the samples, transposed as words of four bytes. intc has
 * proved that no sum of these products leaves 32 bits, whatever their order: the bits are those of
 * the plain C. */
#ifndef INT_TILES_H
#define INT_TILES_H

#include "int_kernels_8.h"

/* ---- products by tiles ----------------------------------------------------------------------- */

#if defined __x86_64__ && defined __AVX512F__ && !defined INT_PLAIN_C && \
    (defined __AMX_INT8__ || defined __AMXINT8__)
#define INT_TILES 1
#include <immintrin.h>

/* Fewer samples are not worth it. */
enum { INT_TILE_SAMPLES = 16 };

/* As assembly: gcc 12 does not know that its built-in functions read memory. */
#define INT_TILE_ZERO(tile) __asm__ volatile("tilezero %%tmm" #tile ::)
#define INT_TILE_LOAD(tile, from, row)                                                             \
    __asm__ volatile("tileloadd (%0,%1,1), %%tmm" #tile ::"r"(from), "r"(row) : "memory")
#define INT_TILE_STORE(tile, to, row)                                                              \
    __asm__ volatile("tilestored %%tmm" #tile ", (%0,%1,1)" ::"r"(to), "r"(row) : "memory")
#define INT_TILE_DOT(sums, a, b)                                                                   \
    __asm__ volatile("tdpbssd %%tmm" #b ", %%tmm" #a ", %%tmm" #sums ::)

/* Registers: 0 to 3 hold sums, 4 and 5 whole rows of a and b, 6 and 7 their last `rest` bytes. */
INT_FUNCTION void int_tiles_shape(size_t rows, size_t columns, size_t rest)
{
    struct {
        uint8_t palette, none[15];
        uint16_t bytes[16];
        uint8_t rows[16];
    } shape;
    memset(&shape, 0, sizeof shape);
    shape.palette = 1;
    for (size_t tile = 0; tile < 6; ++tile) {
        shape.rows[tile] = (uint8_t)(tile == 5 ? 16 : rows);
        shape.bytes[tile] = (uint16_t)(tile == 4 ? 64 : 4 * columns);
    }
    if (rest > 0) {
        shape.rows[6] = (uint8_t)rows;
        shape.bytes[6] = (uint16_t)rest;
        shape.rows[7] = (uint8_t)(rest / 4);
        shape.bytes[7] = (uint16_t)(4 * columns);
    }
    __asm__ volatile("ldtilecfg %0" ::"m"(shape));
}

/* a and b from k on; b has rows of four bytes for each sample. What has been loaded of a stays. */
#define INT_TILE_STEP(n, of_a, of_b)                                                               \
    if (n < count) {                                                                               \
        if (n == 0 || a[n] != a[n == 0 ? 0 : n - 1])                                               \
            INT_TILE_LOAD(of_a, a[n] + k, length);                                                 \
        INT_TILE_LOAD(of_b, b[n] + k * samples, 4 * samples);                                      \
        INT_TILE_DOT(n, of_a, of_b);                                                               \
    }
#define INT_TILE_KEEP(n)                                                                           \
    if (n < count)                                                                                 \
    INT_TILE_STORE(n, sums[n], 4 * samples)

/* `down` times `across` tiles of sums, each of rows x columns, of which four are made together. */
INT_FUNCTION void int_tiles_sums(int32_t *sum, const int8_t *w, const uint32_t *words,
                                 size_t length, size_t samples, size_t rows, size_t columns,
                                 size_t down, size_t across)
{
    if (rows * columns * down * across == 0)
        return;
    int_tiles_shape(rows, columns, length % 64);
    for (size_t tile = 0, i = 0, j = 0; tile < down * across; tile += 4) {
        const size_t count = int_least(down * across - tile, 4), whole = length / 64 * 64;
        const int8_t *a[4];
        const uint8_t *b[4];
        int32_t *sums[4];
        for (size_t n = 0; n < count; ++n) {
            a[n] = w + 16 * i * length;
            b[n] = (const uint8_t *)(words + 16 * j);
            sums[n] = sum + 16 * (i * samples + j);
            j = j + 1 < across ? j + 1 : 0;
            i += j == 0;
        }
        INT_TILE_ZERO(0);
        INT_TILE_ZERO(1);
        INT_TILE_ZERO(2);
        INT_TILE_ZERO(3);
        for (size_t k = 0; k < whole; k += 64) {
            INT_TILE_STEP(0, 4, 5)
            INT_TILE_STEP(1, 4, 5)
            INT_TILE_STEP(2, 4, 5)
            INT_TILE_STEP(3, 4, 5)
        }
        if (whole < length) {
            const size_t k = whole;
            INT_TILE_STEP(0, 6, 7)
            INT_TILE_STEP(1, 6, 7)
            INT_TILE_STEP(2, 6, 7)
            INT_TILE_STEP(3, 6, 7)
        }
        INT_TILE_KEEP(0);
        INT_TILE_KEEP(1);
        INT_TILE_KEEP(2);
        INT_TILE_KEEP(3);
    }
}

/* to[j * to_row + i] = from[i * columns + j], words of four bytes: 16 rows and 16 columns at a
 * time. Four times the first half of all words is shuffled into the second, as cards are. */
INT_FUNCTION void int_tiles_transpose(uint32_t *to, size_t to_row, const void *from, size_t rows,
                                      size_t columns)
{
    const __m512i low = _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    const __m512i high = _mm512_add_epi32(low, _mm512_set1_epi32(8));
    for (size_t i = 0; i < rows; i += 16)
        for (size_t j = 0; j < columns; j += 16) {
            const __mmask16 across = (__mmask16)(0xFFFFU >> (16 - int_least(columns - j, 16)));
            const __mmask16 down = (__mmask16)(0xFFFFU >> (16 - int_least(rows - i, 16)));
            __m512i v[16], w[16];
            INT_UNROLL
            for (size_t r = 0; r < 16; ++r)
                v[r] = _mm512_maskz_loadu_epi32(across, (const uint8_t *)from +
                                                4 * (int_least(i + r, rows - 1) * columns + j));
            INT_UNROLL
            for (size_t twice = 0; twice < 2; ++twice) {
                INT_UNROLL
                for (size_t r = 0; r < 8; ++r) {
                    w[2 * r] = _mm512_permutex2var_epi32(v[r], low, v[r + 8]);
                    w[2 * r + 1] = _mm512_permutex2var_epi32(v[r], high, v[r + 8]);
                }
                INT_UNROLL
                for (size_t r = 0; r < 8; ++r) {
                    v[2 * r] = _mm512_permutex2var_epi32(w[r], low, w[r + 8]);
                    v[2 * r + 1] = _mm512_permutex2var_epi32(w[r], high, w[r + 8]);
                }
            }
            INT_UNROLL
            for (size_t r = 0; r < 16; ++r)
                if (j + r < columns)
                    _mm512_mask_storeu_epi32(to + (j + r) * to_row + i, down, v[r]);
        }
}
#else
#define INT_TILES 0
#endif

/* Before the products of some samples: groups become their words of four bytes, transposed. */
INT_FUNCTION void int_tiles_pack(uint32_t *groups, const void *x, size_t length, size_t samples)
{
#if INT_TILES
    if (samples >= INT_TILE_SAMPLES)
        int_tiles_transpose(groups, samples, x, samples, length / 4);
#else
    (void)groups, (void)x, (void)length, (void)samples;
#endif
}

/* As int_products_s8, of packed samples; but may refuse, and then returns 0. length is a multiple
 * of four, and sum has room for twice as many. */
INT_KERNEL int int_tiles_products(int32_t *sum, const uint32_t *groups, const int8_t *w,
                                  size_t length, size_t samples, size_t outputs)
{
#if INT_TILES
    const size_t i = outputs / 16, j = samples / 16, stride = (outputs + 3) / 4 * 4;
    const int8_t *const last_w = w + 16 * i * length;
    int32_t *const all = sum + samples * stride, *const last = all + 16 * i * samples;
    if (samples < INT_TILE_SAMPLES)
        return 0;
    int_tiles_sums(all, w, groups, length, samples, 16, 16, i, j);
    int_tiles_sums(all + 16 * j, w, groups + 16 * j, length, samples, 16, samples % 16, i, 1);
    int_tiles_sums(last, last_w, groups, length, samples, outputs % 16, 16, 1, j);
    int_tiles_sums(last + 16 * j, last_w, groups + 16 * j, length, samples, outputs % 16,
                   samples % 16, 1, 1);
    __asm__ volatile("tilerelease");
    int_tiles_transpose((uint32_t *)sum, stride, all, outputs, samples);
    return 1;
#else
    (void)sum, (void)groups, (void)w, (void)length, (void)samples, (void)outputs;
    return 0;
#endif
}

#endif
