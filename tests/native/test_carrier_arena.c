// with: carrier
// TLS's memory: blocks that are zero, apart and wiped, and one free piece again with the last of them.

#include "check.h"
#include "cr_arena.h"

static _Alignas(8) uint8_t memory[8192];

TEST(blocks_are_apart_zero_and_wiped_and_all_comes_back) {
    static struct {
        uint8_t *data;
        size_t len;
        uint8_t mark;
    } blocks[24];
    uint64_t seed = 3;
    size_t refused = 0;
    cr_arena_init(memory, sizeof(memory));
    for (int step = 0; step < 20000; step++) {
        const size_t i = check_random(&seed) % 24;
        if (blocks[i].data == NULL) {
            blocks[i].len = 1 + check_random(&seed) % 700;
            blocks[i].mark = (uint8_t)(1 + step % 255);
            blocks[i].data = cr_arena_calloc(1, blocks[i].len);
            refused += blocks[i].data == NULL;
            CHECK_EQ(cr_arena_failed(), blocks[i].data == NULL);
            CHECK(!cr_arena_failed()); // it says so once
            if (blocks[i].data != NULL) {
                CHECK(cr_arena_has(blocks[i].data) && cr_arena_has(blocks[i].data + blocks[i].len - 1));
                CHECK_EQ((uintptr_t)blocks[i].data % 8, 0);
                for (size_t at = 0; at < blocks[i].len; at++) {
                    CHECK_EQ(blocks[i].data[at], 0);
                }
                memset(blocks[i].data, blocks[i].mark, blocks[i].len);
            }
        } else {
            for (size_t at = 0; at < blocks[i].len; at++) {
                CHECK_EQ(blocks[i].data[at], blocks[i].mark);
            }
            cr_arena_free(blocks[i].data);
            for (size_t at = 0; at < blocks[i].len; at++) {
                CHECK_EQ(blocks[i].data[at], 0);
            }
            blocks[i].data = NULL;
        }
        CHECK(cr_arena_used() <= cr_arena_used_most() && cr_arena_used_most() <= sizeof(memory));
    }
    CHECK(refused > 100);
    for (size_t i = 0; i < 24; i++) {
        cr_arena_free(blocks[i].data);
    }
    CHECK_EQ(cr_arena_used(), 0);
    CHECK(cr_arena_calloc(1, sizeof(memory) - 8) != NULL); // all of it, in one piece
}

TEST(what_is_more_than_there_is_is_refused) {
    cr_arena_init(memory, sizeof(memory));
    CHECK(cr_arena_calloc(SIZE_MAX / 2 + 1, 2) == NULL); // together 0
    CHECK(cr_arena_failed());
    CHECK(cr_arena_calloc(1, SIZE_MAX) == NULL);
    CHECK(cr_arena_calloc(1, sizeof(memory)) == NULL); // its header has no place
    CHECK(cr_arena_calloc(0, 16) != NULL);
    CHECK(cr_arena_calloc(16, 0) != NULL);
    cr_arena_free(NULL);
    CHECK(!cr_arena_has(memory - 1) && !cr_arena_has(memory + sizeof(memory)));
}
