#include "wg_chacha20.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_chacha20_rounds.h"
#include "wg_cpu.h"
#include "wg_wipe.h"

// "expand 32-byte k"
static const uint32_t constants[4] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};

WG_INLINE void rounds(uint32_t x[16]) {
    for (int i = 0; i < 10; i++) {
        wg_chacha20_column_round(x);
        wg_chacha20_diagonal_round(x);
    }
}

void wg_chacha20_begin(wg_chacha20_t *stream, const uint8_t key[WG_KEY_LEN], const uint8_t nonce[WG_NONCE_LEN],
                       uint32_t counter) {
    for (int i = 0; i < 4; i++) {
        stream->state[i] = constants[i];
    }
    if (wg_is_word_aligned(key)) {
#pragma GCC unroll 8
        for (int i = 0; i < 8; i++) {
            stream->state[4 + i] = wg_load_word(key + 4 * i);
        }
    } else {
        for (int i = 0; i < 8; i++) {
            stream->state[4 + i] = wg_load32_le(key + 4 * i);
        }
    }
    stream->state[12] = counter;
#pragma GCC unroll 3
    for (int i = 0; i < 3; i++) {
        stream->state[13 + i] = wg_load32_le(nonce + 4 * i);
    }
}

void wg_chacha20_next(wg_chacha20_t *stream, uint8_t *out, const uint8_t *in, size_t len) {
    uint32_t spare[WG_CHACHA20_BLOCK_LEN / 4];
    bool aligned = wg_is_word_aligned(in) && wg_is_word_aligned(out);
    bool spare_used = false;
    while (len > 0) {
        size_t n = len < WG_CHACHA20_BLOCK_LEN ? len : WG_CHACHA20_BLOCK_LEN;
        bool direct = aligned && n == WG_CHACHA20_BLOCK_LEN;
        const uint8_t *from = in;
        uint8_t *to = out;
        if (!direct) {
            to = memcpy(spare, in, n);
            from = to;
            spare_used = true;
        }
        uint32_t x[16];
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            x[i] = stream->state[i];
        }
        rounds(x);
#pragma GCC unroll 16
        for (int i = 0; i < 16; i++) {
            wg_store_word(to + 4 * i, (x[i] + stream->state[i]) ^ wg_load_word(from + 4 * i));
        }
        if (!direct) {
            memcpy(out, spare, n);
        }
        stream->state[12]++;
        in += n;
        out += n;
        len -= n;
    }
    if (spare_used) {
        wg_wipe(spare, sizeof(spare));
    }
}

void wg_chacha20_xor(uint8_t *out, const uint8_t *in, size_t len, const uint8_t key[WG_KEY_LEN],
                     const uint8_t nonce[WG_NONCE_LEN], uint32_t counter) {
    wg_chacha20_t stream;
    wg_chacha20_begin(&stream, key, nonce, counter);
    wg_chacha20_next(&stream, out, in, len);
    wg_wipe(&stream, sizeof(stream));
}

// HChaCha20 is the block function without the addition of the first state at its end, and of the outer rows only: the
// addition is undone here, so that the rounds exist once.
void wg_hchacha20(uint8_t out[WG_KEY_LEN], const uint8_t key[WG_KEY_LEN], const uint8_t nonce[16]) {
    uint32_t block[WG_CHACHA20_BLOCK_LEN / 4] = {0};
    uint8_t *bytes = (uint8_t *)block;
    wg_chacha20_xor(bytes, bytes, sizeof(block), key, nonce + 4, wg_load32_le(nonce));
    for (int i = 0; i < 4; i++) {
        wg_store32_le(out + 4 * i, wg_load32_le(bytes + 4 * i) - constants[i]);
        wg_store32_le(out + 16 + 4 * i, wg_load32_le(bytes + 48 + 4 * i) - wg_load32_le(nonce + 4 * i));
    }
    wg_wipe(block, sizeof(block));
}
