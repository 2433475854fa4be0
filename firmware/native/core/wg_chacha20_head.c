#include "wg_chacha20_head.h"

#include "wg_chacha20_rounds.h"
#include "wg_wipe.h"

// The first column round, columns 1 to 3, whose first addition was done by wg_chacha20_head_init().
WG_INLINE void finish_first_round(uint32_t x[16]) {
    uint32_t none = 0;
    x[13] ^= x[1], x[14] ^= x[2], x[15] ^= x[3];
    WG_ROTATE4(x[13], x[14], x[15], none, 32 - 16);
    x[9] += x[13], x[10] += x[14], x[11] += x[15];
    x[5] ^= x[9], x[6] ^= x[10], x[7] ^= x[11];
    WG_ROTATE4(x[5], x[6], x[7], none, 32 - 12);
    x[1] += x[5], x[2] += x[6], x[3] += x[7];
    x[13] ^= x[1], x[14] ^= x[2], x[15] ^= x[3];
    WG_ROTATE4(x[13], x[14], x[15], none, 32 - 8);
    x[9] += x[13], x[10] += x[14], x[11] += x[15];
    x[5] ^= x[9], x[6] ^= x[10], x[7] ^= x[11];
    WG_ROTATE4(x[5], x[6], x[7], none, 32 - 7);
    (void)none;
}

void wg_chacha20_head_init(wg_chacha20_head_t *head, const uint8_t key[WG_KEY_LEN]) {
    static const uint8_t nonce[WG_NONCE_LEN];
    wg_chacha20_t stream;
    wg_chacha20_begin(&stream, key, nonce, 0);
    uint32_t *x = stream.state;
    for (int i = 0; i < 4; i++) {
        head->end[i] = x[i];
        head->end[4 + i] = x[8 + i];
    }
    // Column 0 depends on the key and the counter alone. The others are computed with it and not kept, but for the sum.
    uint32_t sums[3] = {x[1] + x[5], x[2] + x[6], x[3] + x[7]};
    uint32_t rest[9] = {x[5], x[6], x[7], x[9], x[10], x[11]};
    wg_chacha20_column_round(x);
    for (int i = 0; i < 3; i++) {
        x[1 + i] = sums[i];
        x[5 + i] = rest[i];
        x[9 + i] = rest[3 + i];
    }
    memcpy(head->start, x, sizeof(head->start));
    wg_wipe(&stream, sizeof(stream));
    wg_wipe(sums, sizeof(sums));
    wg_wipe(rest, sizeof(rest));
}

void wg_chacha20_head(const wg_chacha20_head_t *head, const wg_word_t nonce[3], uint32_t out[4], uint32_t spare[4]) {
    uint32_t x[16];
#pragma GCC unroll 13
    for (int i = 0; i < 13; i++) {
        x[i] = head->start[i];
    }
    x[13] = nonce[0], x[14] = nonce[1], x[15] = nonce[2];
    finish_first_round(x);
    for (int i = 0; i < 9; i++) {
        wg_chacha20_diagonal_round(x);
        wg_chacha20_column_round(x);
    }
    wg_chacha20_half_diagonal_round(x);
    // Of the last half round the first row needs no more than its additions.
    out[0] = x[0] + x[5] + head->end[0];
    out[1] = x[1] + x[6] + head->end[1];
    out[2] = x[2] + x[7] + head->end[2];
    out[3] = x[3] + x[4] + head->end[3];
    if (spare == NULL) {
        return;
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        spare[i] = x[8 + i] + head->end[4 + i];
    }
}
