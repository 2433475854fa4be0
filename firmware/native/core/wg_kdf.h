// HMAC-BLAKE2s and the KDF of WireGuard (paper 5.4; HKDF of RFC 5869 with empty info).
#ifndef WG_KDF_H
#define WG_KDF_H

#include <stddef.h>
#include <stdint.h>

#include "wg_blake2s.h"

void wg_hmac(uint8_t out[WG_HASH_LEN], const uint8_t *key, size_t key_len, const uint8_t *data, size_t len);

// KDF1, KDF2 or KDF3: out2 and out3 may be NULL (out3 only if out2 is not needed either way). Outputs may be the chaining key.
void wg_kdf(uint8_t out1[WG_HASH_LEN], uint8_t *out2, uint8_t *out3, const uint8_t chaining_key[WG_HASH_LEN],
            const uint8_t *input, size_t len);

#endif
