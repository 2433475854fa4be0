// ChaCha20 (RFC 8439) for headers: of each block, which has a nonce of its own, only the first 16 bytes.
//
// On a board such a block is most of what a hidden header costs, so it is short of all that can be had without: what the first
// round does with the key alone is done once, and the last rounds compute no more than is wanted.
#ifndef WG_CHACHA20_HEAD_H
#define WG_CHACHA20_HEAD_H

#include <stdint.h>

#include "wg_chacha20.h"
#include "wg_cpu.h"

typedef struct {
    uint32_t start[13]; // the state but for the nonce, as far into the first round as the key goes
    uint32_t end[8];    // what is added at the end: constants, and the key's first half
} wg_chacha20_head_t;

// For blocks whose counter is 0.
void wg_chacha20_head_init(wg_chacha20_head_t *head, const uint8_t key[WG_KEY_LEN]);

// out: the block's first 16 bytes as words. spare: 16 more that are no part of the key stream and as good as random: the
// third row without its last half round; NULL: they are not wanted. nonce: as words of the processor.
void wg_chacha20_head(const wg_chacha20_head_t *head, const wg_word_t nonce[3], uint32_t out[4], uint32_t spare[4]);

#endif
