// BLAKE2s, plain and keyed (RFC 7693).
#ifndef WG_BLAKE2S_H
#define WG_BLAKE2S_H

#include <stddef.h>
#include <stdint.h>

#define WG_HASH_LEN 32
#define WG_BLAKE2S_BLOCK_LEN 64

typedef struct {
    uint32_t h[8];
    uint32_t count[2]; // bytes hashed, low word first
    uint32_t block[WG_BLAKE2S_BLOCK_LEN / 4];
    uint8_t block_len;
    uint8_t out_len;
} wg_blake2s_t;

// out_len: 1 to 32. key_len: 0 (no key) to 32.
void wg_blake2s_init(wg_blake2s_t *hash, size_t out_len, const uint8_t *key, size_t key_len);
void wg_blake2s_update(wg_blake2s_t *hash, const uint8_t *data, size_t len);
// Write out_len bytes and wipe the state.
void wg_blake2s_finish(wg_blake2s_t *hash, uint8_t *out);

// All in one call.
void wg_blake2s(uint8_t *out, size_t out_len, const uint8_t *data, size_t len, const uint8_t *key, size_t key_len);

#endif
