#include "wg_sha256.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_wipe.h"

static const uint32_t initial[8] = {
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// FIPS 180-4, 4.2.2.
static const uint32_t constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, //
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, //
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, //
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, //
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, //
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, //
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3, //
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2, //
};

static uint32_t rotate(uint32_t word, int n) {
    return word >> n | word << (32 - n);
}

// The next word of the message schedule, in place of the one that is 16 before it (6.2.2, step 1).
static uint32_t extend(uint32_t w[16], int t) {
    uint32_t w15 = w[(t + 1) & 15];
    uint32_t w2 = w[(t + 14) & 15];
    uint32_t s0 = rotate(w15, 7) ^ rotate(w15, 18) ^ w15 >> 3;
    uint32_t s1 = rotate(w2, 17) ^ rotate(w2, 19) ^ w2 >> 10;
    return w[t & 15] += s0 + s1 + w[(t + 9) & 15];
}

static void compress(wg_sha256_t *hash) {
    uint32_t w[16];
    uint32_t v[8];
    memcpy(v, hash->h, sizeof(v));
    for (int t = 0; t < 64; t++) {
        uint32_t word = t < 16 ? w[t] = wg_load32_be(hash->block + 4 * t) : extend(w, t);
        uint32_t s1 = rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25);
        uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
        uint32_t t1 = v[7] + s1 + choice + constants[t] + word;
        uint32_t s0 = rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22);
        uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
        memmove(v + 1, v, 7 * sizeof(v[0]));
        v[4] += t1;
        v[0] = t1 + s0 + majority;
    }
    for (int i = 0; i < 8; i++) {
        hash->h[i] += v[i];
    }
    // Secrets are hashed, too, and this memory is used again for other things.
    wg_wipe(w, sizeof(w));
    wg_wipe(v, sizeof(v));
}

void wg_sha256_init(wg_sha256_t *hash) {
    memset(hash, 0, sizeof(*hash));
    memcpy(hash->h, initial, sizeof(initial));
}

void wg_sha256_update(wg_sha256_t *hash, const uint8_t *data, size_t len) {
    while (len > 0) {
        size_t used = (size_t)(hash->count % WG_SHA256_BLOCK_LEN);
        size_t space = WG_SHA256_BLOCK_LEN - used;
        size_t n = len < space ? len : space;
        memcpy(hash->block + used, data, n);
        hash->count += n;
        if (n == space) {
            compress(hash);
        }
        data += n;
        len -= n;
    }
}

void wg_sha256_finish(wg_sha256_t *hash, uint8_t out[WG_SHA256_LEN]) {
    // A one bit, zeros, and the length in bits (5.1.1).
    static const uint8_t padding[WG_SHA256_BLOCK_LEN] = {0x80};
    uint8_t bits[8];
    wg_store32_be(bits, (uint32_t)(hash->count >> 29));
    wg_store32_be(bits + 4, (uint32_t)(hash->count << 3));
    size_t used = (size_t)(hash->count % WG_SHA256_BLOCK_LEN);
    wg_sha256_update(hash, padding, (used < 56 ? 56 : 120) - used);
    wg_sha256_update(hash, bits, sizeof(bits));
    for (int i = 0; i < 8; i++) {
        wg_store32_be(out + 4 * i, hash->h[i]);
    }
    wg_wipe(hash, sizeof(*hash));
}

void wg_sha256(uint8_t out[WG_SHA256_LEN], const uint8_t *data, size_t len) {
    wg_sha256_t hash;
    wg_sha256_init(&hash);
    wg_sha256_update(&hash, data, len);
    wg_sha256_finish(&hash, out);
}

// A hash that has absorbed the key, XORed with the byte `pad` all over a block.
static void begin(wg_sha256_t *hash, const uint8_t key[WG_SHA256_BLOCK_LEN], uint8_t pad) {
    uint8_t block[WG_SHA256_BLOCK_LEN];
    for (size_t i = 0; i < sizeof(block); i++) {
        block[i] = key[i] ^ pad;
    }
    wg_sha256_init(hash);
    wg_sha256_update(hash, block, sizeof(block));
    wg_wipe(block, sizeof(block));
}

// The outer hash of HMAC, over the inner one.
static void end(wg_sha256_t *hash, const uint8_t key[WG_SHA256_BLOCK_LEN], uint8_t out[WG_SHA256_LEN]) {
    uint8_t digest[WG_SHA256_LEN];
    wg_sha256_finish(hash, digest);
    begin(hash, key, 0x5c);
    wg_sha256_update(hash, digest, sizeof(digest));
    wg_sha256_finish(hash, out);
    wg_wipe(digest, sizeof(digest));
}

void wg_hmac_sha256(uint8_t out[WG_SHA256_LEN], const uint8_t *key, size_t key_len, const uint8_t *data, size_t len) {
    wg_sha256_t hash;
    uint8_t whole_key[WG_SHA256_BLOCK_LEN] = {0};
    if (key_len > sizeof(whole_key)) {
        wg_sha256(whole_key, key, key_len);
    } else if (key_len > 0) {
        memcpy(whole_key, key, key_len);
    }
    begin(&hash, whole_key, 0x36);
    wg_sha256_update(&hash, data, len);
    end(&hash, whole_key, out);
    wg_wipe(whole_key, sizeof(whole_key));
}

void wg_hkdf_sha256_expand(uint8_t *out, size_t out_len, const uint8_t secret[WG_SHA256_LEN], const uint8_t *info,
                           size_t info_len) {
    wg_sha256_t hash;
    uint8_t key[WG_SHA256_BLOCK_LEN] = {0};
    uint8_t block[WG_SHA256_LEN]; // T(number)
    memcpy(key, secret, WG_SHA256_LEN);
    for (uint8_t number = 1; out_len > 0; number++) {
        begin(&hash, key, 0x36);
        wg_sha256_update(&hash, block, number > 1 ? sizeof(block) : 0);
        wg_sha256_update(&hash, info, info_len);
        wg_sha256_update(&hash, &number, 1);
        end(&hash, key, block);
        size_t n = out_len < sizeof(block) ? out_len : sizeof(block);
        memcpy(out, block, n);
        out += n;
        out_len -= n;
    }
    wg_wipe(key, sizeof(key));
    wg_wipe(block, sizeof(block));
}
