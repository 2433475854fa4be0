#include "wg_poly1305.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_cpu.h"
#include "wg_wipe.h"

// set_multiplier(), absorb() and reduce().
#ifdef WG_WITHOUT_CARRY
#include "wg_poly1305_nocarry.h"
#else
#include "wg_poly1305_carry.h"
#endif

#define BLOCK_LEN 16

void wg_poly1305_init(wg_poly1305_t *poly, const uint8_t key[32]) {
    uint32_t words[4];
    wg_load_block(words, key);
    set_multiplier(poly->state.words.r, words);
    wg_load_block(poly->state.words.pad, key + 16);
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++) {
        poly->state.words.h[i] = 0;
    }
    poly->state.words.block_len = 0;
}

// Absorb whole blocks. top: 1 at 2^128 for every block but a last one that is short.
static void blocks(wg_poly1305_t *poly, const uint8_t *data, size_t count, uint32_t top) {
    uint32_t h[5];
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++) {
        h[i] = poly->state.words.h[i];
    }
    for (; count > 0; count--) {
        uint32_t m[4];
        wg_load_block(m, data);
        absorb(h, m, top, poly->state.words.r);
        data += BLOCK_LEN;
    }
#pragma GCC unroll 5
    for (int i = 0; i < 5; i++) {
        poly->state.words.h[i] = h[i];
    }
}

void wg_poly1305_update(wg_poly1305_t *poly, const uint8_t *data, size_t len) {
    size_t have = poly->state.words.block_len;
    if ((have | len) % BLOCK_LEN == 0) {
        blocks(poly, data, len / BLOCK_LEN, 1);
        return;
    }
    uint8_t *block = (uint8_t *)poly->state.words.block;
    if (have > 0) {
        size_t n = len < BLOCK_LEN - have ? len : BLOCK_LEN - have;
        memcpy(block + have, data, n);
        have += n;
        data += n;
        len -= n;
        if (have == BLOCK_LEN) {
            blocks(poly, block, 1, 1);
            have = 0;
        }
    }
    if (len >= BLOCK_LEN) {
        blocks(poly, data, len / BLOCK_LEN, 1);
        data += len & ~(size_t)(BLOCK_LEN - 1);
        len &= BLOCK_LEN - 1;
    }
    if (len > 0) {
        memcpy(block + have, data, len);
        have += len;
    }
    poly->state.words.block_len = (uint32_t)have;
}

void wg_poly1305_finish(wg_poly1305_t *poly, uint8_t tag[WG_TAG_LEN]) {
    uint32_t words[4];
    size_t have = poly->state.words.block_len;
    if (have > 0) {
        uint8_t *block = (uint8_t *)poly->state.words.block;
        block[have] = 1;
        memset(block + have + 1, 0, BLOCK_LEN - 1 - have);
        blocks(poly, block, 1, 0);
    }
    reduce(words, poly->state.words.h, poly->state.words.pad);
    for (int i = 0; i < 4; i++) {
        wg_store32_le(tag + 4 * i, words[i]);
    }
    wg_wipe(&poly->state.words, sizeof(poly->state.words));
}
