// The rounds of ChaCha20 (RFC 8439, section 2.3), for the files that compute blocks.
#ifndef WG_CHACHA20_ROUNDS_H
#define WG_CHACHA20_ROUNDS_H

#include <stdint.h>

#include "wg_cpu.h"

// One step of four quarter-rounds side by side: a += b, d ^= a, d rotated to the left by n.
#define WG_CHACHA20_STEP(n, a0, a1, a2, a3, b0, b1, b2, b3, d0, d1, d2, d3)                                            \
    x[a0] += x[b0], x[a1] += x[b1], x[a2] += x[b2], x[a3] += x[b3];                                                    \
    x[d0] ^= x[a0], x[d1] ^= x[a1], x[d2] ^= x[a2], x[d3] ^= x[a3];                                                    \
    WG_ROTATE4(x[d0], x[d1], x[d2], x[d3], 32 - (n));

// x is a local array of the caller and ends up in registers.
WG_INLINE void wg_chacha20_column_round(uint32_t x[16]){
    WG_CHACHA20_STEP(16, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15)
        WG_CHACHA20_STEP(12, 8, 9, 10, 11, 12, 13, 14, 15, 4, 5, 6, 7)
            WG_CHACHA20_STEP(8, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15)
                WG_CHACHA20_STEP(7, 8, 9, 10, 11, 12, 13, 14, 15, 4, 5, 6, 7)}

WG_INLINE void wg_chacha20_half_diagonal_round(uint32_t x[16]){
    WG_CHACHA20_STEP(16, 0, 1, 2, 3, 5, 6, 7, 4, 15, 12, 13, 14)
        WG_CHACHA20_STEP(12, 10, 11, 8, 9, 15, 12, 13, 14, 5, 6, 7, 4)}

WG_INLINE void wg_chacha20_diagonal_round(uint32_t x[16]) {
    wg_chacha20_half_diagonal_round(x);
    WG_CHACHA20_STEP(8, 0, 1, 2, 3, 5, 6, 7, 4, 15, 12, 13, 14)
    WG_CHACHA20_STEP(7, 10, 11, 8, 9, 15, 12, 13, 14, 5, 6, 7, 4)
}

#endif
