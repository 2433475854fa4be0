// SHA-256 (FIPS 180-4), HMAC (RFC 2104) and HKDF-Expand (RFC 5869, 2.3) with it, for pairing. WireGuard itself has BLAKE2s.
#ifndef WG_SHA256_H
#define WG_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define WG_SHA256_LEN 32
#define WG_SHA256_BLOCK_LEN 64

typedef struct {
    uint32_t h[8];
    uint64_t count; // bytes hashed
    uint8_t block[WG_SHA256_BLOCK_LEN];
} wg_sha256_t;

void wg_sha256_init(wg_sha256_t *hash);
void wg_sha256_update(wg_sha256_t *hash, const uint8_t *data, size_t len);
// Write the digest and wipe the state.
void wg_sha256_finish(wg_sha256_t *hash, uint8_t out[WG_SHA256_LEN]);

// All in one call.
void wg_sha256(uint8_t out[WG_SHA256_LEN], const uint8_t *data, size_t len);

// out may be the key or the data.
void wg_hmac_sha256(uint8_t out[WG_SHA256_LEN], const uint8_t *key, size_t key_len, const uint8_t *data, size_t len);

// out_len: up to 255 * 32. secret: the pseudorandom key of HKDF.
void wg_hkdf_sha256_expand(uint8_t *out, size_t out_len, const uint8_t secret[WG_SHA256_LEN], const uint8_t *info,
                           size_t info_len);

#endif
