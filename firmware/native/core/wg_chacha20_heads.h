// The heads of many blocks at once (wg_chacha20_head.h), for machines with wide registers: one block in each lane.
#ifndef WG_CHACHA20_HEADS_H
#define WG_CHACHA20_HEADS_H

#include "wg_chacha20_head.h"

#define WG_CHACHA20_HEADS 16

// By word, then by block: so that a register takes one word of several blocks as they lie here.
typedef struct {
    uint32_t nonces[3][WG_CHACHA20_HEADS]; // as words of the processor
    uint32_t out[4][WG_CHACHA20_HEADS];
    uint32_t spare[4][WG_CHACHA20_HEADS]; // what wg_chacha20_head() calls so
} wg_chacha20_heads_t;

// Compute heads->out and heads->spare of the first `count` blocks, 0 to WG_CHACHA20_HEADS, as wg_chacha20_head() does one. What is
// behind them is undefined, and secret as they are.
void wg_chacha20_heads(const wg_chacha20_head_t *head, wg_chacha20_heads_t *heads, size_t count);

#endif
