#include "wg_kdf.h"

#include <string.h>

#include "wg_wipe.h"

// A hash that has absorbed the key, XORed with the byte `pad` all over a block (RFC 2104).
static void begin(wg_blake2s_t *hash, const uint8_t *key, size_t key_len, uint8_t pad) {
    uint8_t block[WG_BLAKE2S_BLOCK_LEN];
    memset(block, pad, sizeof(block));
    for (size_t i = 0; i < key_len; i++) {
        block[i] ^= key[i];
    }
    wg_blake2s_init(hash, WG_HASH_LEN, NULL, 0);
    wg_blake2s_update(hash, block, sizeof(block));
    wg_wipe(block, sizeof(block));
}

// HMAC of data followed by one more byte, unless that is -1.
static void hmac(uint8_t out[WG_HASH_LEN], const uint8_t *key, size_t key_len, const uint8_t *data, size_t len,
                 int last) {
    wg_blake2s_t hash;
    uint8_t digest[WG_HASH_LEN];
    uint8_t short_key[WG_HASH_LEN];
    uint8_t byte = (uint8_t)last;
    if (key_len > WG_BLAKE2S_BLOCK_LEN) {
        wg_blake2s(short_key, sizeof(short_key), key, key_len, NULL, 0);
        key = short_key;
        key_len = sizeof(short_key);
    }
    begin(&hash, key, key_len, 0x36);
    wg_blake2s_update(&hash, data, len);
    wg_blake2s_update(&hash, &byte, last < 0 ? 0 : 1);
    wg_blake2s_finish(&hash, digest);
    begin(&hash, key, key_len, 0x5c);
    wg_blake2s_update(&hash, digest, sizeof(digest));
    wg_blake2s_finish(&hash, out);
    wg_wipe(digest, sizeof(digest));
    wg_wipe(short_key, sizeof(short_key));
}

void wg_hmac(uint8_t out[WG_HASH_LEN], const uint8_t *key, size_t key_len, const uint8_t *data, size_t len) {
    hmac(out, key, key_len, data, len, -1);
}

void wg_kdf(uint8_t out1[WG_HASH_LEN], uint8_t *out2, uint8_t *out3, const uint8_t chaining_key[WG_HASH_LEN],
            const uint8_t *input, size_t len) {
    uint8_t secret[WG_HASH_LEN];
    uint8_t t1[WG_HASH_LEN];
    uint8_t t2[WG_HASH_LEN];
    hmac(secret, chaining_key, WG_HASH_LEN, input, len, -1);
    hmac(t1, secret, sizeof(secret), NULL, 0, 1);
    if (out2 != NULL || out3 != NULL) {
        hmac(t2, secret, sizeof(secret), t1, sizeof(t1), 2);
        if (out3 != NULL) {
            hmac(out3, secret, sizeof(secret), t2, sizeof(t2), 3);
        }
        if (out2 != NULL) {
            memcpy(out2, t2, sizeof(t2));
        }
        wg_wipe(t2, sizeof(t2));
    }
    memcpy(out1, t1, sizeof(t1));
    wg_wipe(secret, sizeof(secret));
    wg_wipe(t1, sizeof(t1));
}
