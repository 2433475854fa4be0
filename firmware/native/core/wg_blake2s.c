#include "wg_blake2s.h"

#include <stdbool.h>
#include <string.h>

#include "wg_bytes.h"
#include "wg_cpu.h"
#include "wg_wipe.h"

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// Where in the block, in bytes, each round finds its message words (RFC 7693, section 2.7).
static const uint8_t order[10 * 16] = {
    0,  4,  8,  12, 16, 20, 24, 28, 32, 36, 40, 44, 48, 52, 56, 60, // round 0
    56, 40, 16, 32, 36, 60, 52, 24, 4,  48, 0,  8,  44, 28, 20, 12, // round 1
    44, 32, 48, 0,  20, 8,  60, 52, 40, 56, 12, 24, 28, 4,  36, 16, // round 2
    28, 36, 12, 4,  52, 48, 44, 56, 8,  24, 20, 40, 16, 0,  60, 32, // round 3
    36, 0,  20, 28, 8,  16, 40, 60, 56, 4,  44, 48, 24, 32, 12, 52, // round 4
    8,  48, 24, 40, 0,  44, 32, 12, 16, 52, 28, 20, 60, 56, 4,  36, // round 5
    48, 20, 4,  60, 56, 52, 16, 40, 0,  28, 24, 12, 36, 8,  32, 44, // round 6
    52, 44, 28, 56, 48, 4,  12, 36, 20, 0,  60, 16, 32, 24, 8,  40, // round 7
    24, 60, 56, 36, 44, 12, 0,  32, 48, 8,  52, 28, 4,  16, 40, 20, // round 8
    40, 8,  32, 16, 28, 24, 4,  20, 60, 44, 36, 56, 12, 48, 52, 0,  // round 9
};

// One step of four mixings side by side: a += b + word, d = (d ^ a) rotated to the right by n.
#define WITH_WORDS(n, s, a0, a1, a2, a3, b0, b1, b2, b3, d0, d1, d2, d3)                                               \
    v[a0] += wg_load_word(m + (s)[0]), v[a1] += wg_load_word(m + (s)[2]), v[a2] += wg_load_word(m + (s)[4]),           \
        v[a3] += wg_load_word(m + (s)[6]);                                                                             \
    STEP(n, a0, a1, a2, a3, b0, b1, b2, b3, d0, d1, d2, d3)
#define STEP(n, a0, a1, a2, a3, b0, b1, b2, b3, d0, d1, d2, d3)                                                        \
    v[a0] += v[b0], v[a1] += v[b1], v[a2] += v[b2], v[a3] += v[b3];                                                    \
    v[d0] ^= v[a0], v[d1] ^= v[a1], v[d2] ^= v[a2], v[d3] ^= v[a3];                                                    \
    WG_ROTATE4(v[d0], v[d1], v[d2], v[d3], n);

static void compress(wg_blake2s_t *hash, bool last) {
    const uint8_t *m = (const uint8_t *)hash->block;
    uint32_t v[16];
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        v[i] = hash->h[i];
        v[8 + i] = initial[i];
    }
    v[12] ^= hash->count[0];
    v[13] ^= hash->count[1];
    v[14] ^= last ? UINT32_MAX : 0;
    for (const uint8_t *s = order; s < order + sizeof(order); s += 16) {
        WITH_WORDS(16, s, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15)
        STEP(12, 8, 9, 10, 11, 12, 13, 14, 15, 4, 5, 6, 7)
        WITH_WORDS(8, s + 1, 0, 1, 2, 3, 4, 5, 6, 7, 12, 13, 14, 15)
        STEP(7, 8, 9, 10, 11, 12, 13, 14, 15, 4, 5, 6, 7)
        WITH_WORDS(16, s + 8, 0, 1, 2, 3, 5, 6, 7, 4, 15, 12, 13, 14)
        STEP(12, 10, 11, 8, 9, 15, 12, 13, 14, 5, 6, 7, 4)
        WITH_WORDS(8, s + 9, 0, 1, 2, 3, 5, 6, 7, 4, 15, 12, 13, 14)
        STEP(7, 10, 11, 8, 9, 15, 12, 13, 14, 5, 6, 7, 4)
    }
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) {
        hash->h[i] ^= v[i] ^ v[8 + i];
    }
}

static void count(wg_blake2s_t *hash, uint32_t len) {
    hash->count[0] += len;
    hash->count[1] += hash->count[0] < len;
}

void wg_blake2s_init(wg_blake2s_t *hash, size_t out_len, const uint8_t *key, size_t key_len) {
    memset(hash, 0, sizeof(*hash));
    memcpy(hash->h, initial, sizeof(initial));
    hash->h[0] ^= 0x01010000 ^ ((uint32_t)key_len << 8) ^ (uint32_t)out_len;
    hash->out_len = (uint8_t)out_len;
    if (key_len > 0) {
        memcpy(hash->block, key, key_len);
        hash->block_len = WG_BLAKE2S_BLOCK_LEN;
    }
}

void wg_blake2s_update(wg_blake2s_t *hash, const uint8_t *data, size_t len) {
    while (len > 0) {
        if (hash->block_len == WG_BLAKE2S_BLOCK_LEN) {
            // Only when more is to come: the last block is compressed by finish().
            count(hash, WG_BLAKE2S_BLOCK_LEN);
            compress(hash, false);
            hash->block_len = 0;
        }
        size_t space = WG_BLAKE2S_BLOCK_LEN - (size_t)hash->block_len;
        size_t n = len < space ? len : space;
        memcpy((uint8_t *)hash->block + hash->block_len, data, n);
        hash->block_len = (uint8_t)(hash->block_len + n);
        data += n;
        len -= n;
    }
}

void wg_blake2s_finish(wg_blake2s_t *hash, uint8_t *out) {
    memset((uint8_t *)hash->block + hash->block_len, 0, WG_BLAKE2S_BLOCK_LEN - (size_t)hash->block_len);
    count(hash, hash->block_len);
    compress(hash, true);
    for (int i = 0; i < 8; i++) {
        wg_store_word((uint8_t *)(hash->block + i), hash->h[i]);
    }
    memcpy(out, hash->block, hash->out_len);
    wg_wipe(hash, sizeof(*hash));
}

void wg_blake2s(uint8_t *out, size_t out_len, const uint8_t *data, size_t len, const uint8_t *key, size_t key_len) {
    wg_blake2s_t hash;
    wg_blake2s_init(&hash, out_len, key, key_len);
    wg_blake2s_update(&hash, data, len);
    wg_blake2s_finish(&hash, out);
}
