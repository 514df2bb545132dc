/* arena.c - memory that lives as long as the compile.
 *
 * Blocks are cut from the front and freed together. Nothing is returned one by one, so no pass
 * needs to know who owns what.
 */
#include "arena.h"
#include "intc.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, BLOCK_SIZE = 64 * 1024, FIRST_TEXT = 64 };

typedef struct Block {
    struct Block *next;
    size_t size, used; /* bytes of `data` */
    _Alignas(ALIGNMENT) char data[];
} Block;

struct Arena {
    Block *blocks; /* the first one is being filled */
};

void *(*arena_malloc)(size_t size) = malloc;

void *arena_request(size_t size) {
    void *memory = arena_malloc(size);
    if (memory == NULL)
        fail("out of memory (%zu bytes asked for)", size);
    return memory;
}

Arena *arena_new(void) {
    Arena *arena = arena_request(sizeof *arena);
    arena->blocks = NULL;
    return arena;
}

void arena_free(Arena *arena) {
    for (Block *block = arena->blocks, *next; block != NULL; block = next) {
        next = block->next;
        free(block);
    }
    free(arena);
}

/* A block with room for `size` bytes. One that is made for a single large request goes behind the
 * block that is being filled, so that the rest of that one is not lost. */
static Block *block_add(Arena *arena, size_t size) {
    bool large = size > BLOCK_SIZE / 4;
    Block *block = arena_request(sizeof(Block) + (large ? size : BLOCK_SIZE));
    Block **place = large && arena->blocks != NULL ? &arena->blocks->next : &arena->blocks;
    block->size = large ? size : BLOCK_SIZE;
    block->used = 0;
    block->next = *place;
    *place = block;
    return block;
}

static void *take(Arena *arena, size_t size, size_t alignment) {
    if (size > SIZE_MAX / 2)
        fail("out of memory (%zu bytes asked for)", size);
    Block *block = arena->blocks;
    size_t start = block == NULL ? 0 : (block->used + alignment - 1) / alignment * alignment;
    if (block == NULL || start > block->size || size > block->size - start) {
        block = block_add(arena, size);
        start = 0;
    }
    block->used = start + size;
    return block->data + start;
}

void *arena_alloc(Arena *arena, size_t size) {
    return memset(take(arena, size, ALIGNMENT), 0, size);
}

char *arena_copy(Arena *arena, const char *text, size_t length) {
    char *copy = take(arena, length + 1, 1);
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\0';
    return copy;
}

static size_t printed_length(const char *format, va_list arguments) {
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        internal_error("a text cannot be formatted: %s", format);
    return (size_t)length;
}

char *arena_print(Arena *arena, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t length = printed_length(format, arguments);
    va_end(arguments);
    char *text = take(arena, length + 1, 1);
    va_start(arguments, format);
    vsnprintf(text, length + 1, format, arguments);
    va_end(arguments);
    return text;
}

/* ---- texts that grow ------------------------------------------------------------------------- */

Text text_new(Arena *arena) {
    char *empty = take(arena, FIRST_TEXT, 1);
    empty[0] = '\0';
    return (Text){.arena = arena, .text = empty, .length = 0, .capacity = FIRST_TEXT};
}

/* Room for `more` bytes and the end mark. The old copy stays in the arena: doubling keeps the sum
 * of the copies below the size of the last one. */
static void text_reserve(Text *text, size_t more) {
    if (more >= SIZE_MAX / 2 - text->length)
        fail("out of memory (%zu bytes asked for)", more);
    size_t needed = text->length + more + 1;
    if (needed <= text->capacity)
        return;
    size_t capacity = needed > 2 * text->capacity ? needed : 2 * text->capacity;
    char *grown = take(text->arena, capacity, 1);
    memcpy(grown, text->text, text->length + 1);
    text->text = grown;
    text->capacity = capacity;
}

void text_add(Text *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t length = printed_length(format, arguments);
    va_end(arguments);
    text_reserve(text, length);
    va_start(arguments, format);
    vsnprintf(text->text + text->length, length + 1, format, arguments);
    va_end(arguments);
    text->length += length;
}

void text_append(Text *text, const char *bytes, size_t length) {
    text_reserve(text, length);
    if (length > 0)
        memcpy(text->text + text->length, bytes, length);
    text->length += length;
    text->text[text->length] = '\0';
}
