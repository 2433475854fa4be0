// ChaCha20-Poly1305 (RFC 8439, section 2.8) and XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03).
#ifndef WG_AEAD_H
#define WG_AEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_chacha20.h"
#include "wg_poly1305.h"

#define WG_XNONCE_LEN 24

// Seal len bytes of in, followed by pad_len zero bytes that are not read from anywhere, into out:
// len + pad_len bytes of ciphertext and the tag. out may be in. pad_len < 64.
void wg_aead_seal_padded(uint8_t *out, const uint8_t *in, size_t len, size_t pad_len, const uint8_t *ad, size_t ad_len,
                         const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]);

// Seal len bytes of in into out: len + WG_TAG_LEN bytes. out may be in.
void wg_aead_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]);

// Open len bytes of in (ciphertext and tag) into out: len - WG_TAG_LEN bytes. out may be in. False: the tag is wrong or
// len < WG_TAG_LEN, and out is as it was.
bool wg_aead_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]);

// The same with a nonce of 24 bytes, for cookies.
void wg_xaead_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                   const uint8_t nonce[WG_XNONCE_LEN], const uint8_t key[WG_KEY_LEN]);
bool wg_xaead_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                   const uint8_t nonce[WG_XNONCE_LEN], const uint8_t key[WG_KEY_LEN]);

// A nonce as WireGuard counts them: four zero bytes, then the counter in little endian (paper 5.4.6).
void wg_nonce(uint8_t nonce[WG_NONCE_LEN], uint64_t counter);

#endif
