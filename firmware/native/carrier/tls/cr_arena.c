#include "cr_arena.h"

#include <stdint.h>
#include <string.h>

#include "wg_wipe.h"

// In front of each block; they follow each other without gaps.
typedef struct {
    uint32_t len; // with this header, a multiple of ALIGN
    uint32_t is_used;
} block_t;

#define ALIGN 8

static struct {
    uint8_t *start;
    size_t len, used, used_most;
    bool failed;
} arena;

static block_t *block_at(size_t place) {
    return (block_t *)(void *)(arena.start + place);
}

void cr_arena_init(void *memory, size_t len) {
    arena.start = memory;
    arena.len = len & ~(size_t)(ALIGN - 1);
    arena.used = arena.used_most = 0;
    arena.failed = false;
    *block_at(0) = (block_t){.len = (uint32_t)arena.len};
}

// One free block of this one and all free ones behind it.
static void join(size_t place) {
    block_t *block = block_at(place);
    while (place + block->len < arena.len && !block_at(place + block->len)->is_used) {
        block_t *next = block_at(place + block->len);
        block->len += next->len;
        *next = (block_t){0};
    }
}

void *cr_arena_calloc(size_t count, size_t size) {
    if (size != 0 && count > arena.len / size) {
        arena.failed = true;
        return NULL;
    }
    const size_t wanted = (count * size + sizeof(block_t) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    for (size_t place = 0; place < arena.len; place += block_at(place)->len) {
        block_t *block = block_at(place);
        if (block->is_used) {
            continue;
        }
        join(place);
        if (block->len < wanted) {
            continue;
        }
        if (block->len > wanted) {
            *block_at(place + wanted) = (block_t){.len = block->len - (uint32_t)wanted};
            block->len = (uint32_t)wanted;
        }
        block->is_used = 1;
        arena.used += wanted;
        arena.used_most = place + wanted > arena.used_most ? place + wanted : arena.used_most;
        return memset(block + 1, 0, wanted - sizeof(block_t));
    }
    arena.failed = true;
    return NULL;
}

void cr_arena_free(void *memory) {
    if (memory == NULL) {
        return;
    }
    block_t *block = (block_t *)memory - 1;
    wg_wipe(memory, block->len - sizeof(block_t));
    block->is_used = 0;
    arena.used -= block->len;
    join((size_t)((uint8_t *)block - arena.start));
}

bool cr_arena_has(const void *memory) {
    return (uintptr_t)memory - (uintptr_t)arena.start < arena.len;
}

bool cr_arena_failed(void) {
    const bool failed = arena.failed;
    arena.failed = false;
    return failed;
}

size_t cr_arena_used(void) {
    return arena.used;
}

size_t cr_arena_used_most(void) {
    return arena.used_most;
}
