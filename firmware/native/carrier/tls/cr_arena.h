// Memory for TLS: one arena that is given once, cut into blocks. What is freed is wiped at once.
//
// For connections that come and go one after the other: blocks are few, the first place that fits is taken, and with the last block
// everything is one free piece again.
#ifndef CR_ARENA_H
#define CR_ARENA_H

#include <stdbool.h>
#include <stddef.h>

// memory: aligned to 8, len bytes.
void cr_arena_init(void *memory, size_t len);
// Zeroed memory for count things of size bytes, aligned to 8; NULL: there is none left, which cr_arena_failed() says until it is asked.
void *cr_arena_calloc(size_t count, size_t size);
void cr_arena_free(void *memory);
bool cr_arena_failed(void);
// Whether this is memory of the arena.
bool cr_arena_has(const void *memory);
// Bytes in use, with what the blocks themselves need; and the end of the highest block that ever was.
size_t cr_arena_used(void);
size_t cr_arena_used_most(void);

#endif
