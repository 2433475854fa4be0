// ChaCha20 (RFC 8439, sections 2.3 and 2.4) and HChaCha20 (draft-irtf-cfrg-xchacha-03, section 2.2).
#ifndef WG_CHACHA20_H
#define WG_CHACHA20_H

#include <stddef.h>
#include <stdint.h>

#define WG_KEY_LEN 32
#define WG_CHACHA20_BLOCK_LEN 64
#define WG_NONCE_LEN 12

// XOR len bytes of in with the key stream into out, beginning at block `counter`. out may be in; other overlaps are not
// allowed. More than 2^32 blocks under one nonce are the caller's mistake.
void wg_chacha20_xor(uint8_t *out, const uint8_t *in, size_t len, const uint8_t key[WG_KEY_LEN],
                     const uint8_t nonce[WG_NONCE_LEN], uint32_t counter);

// The same piece by piece: wg_chacha20_xor() is begin, next and wg_wipe() of the stream.
typedef struct {
    uint32_t state[16]; // constants, key, the next block's counter, nonce
} wg_chacha20_t;

void wg_chacha20_begin(wg_chacha20_t *stream, const uint8_t key[WG_KEY_LEN], const uint8_t nonce[WG_NONCE_LEN],
                       uint32_t counter);
// Each piece begins with a new block: all but the last are whole blocks.
void wg_chacha20_next(wg_chacha20_t *stream, uint8_t *out, const uint8_t *in, size_t len);

// The subkey of XChaCha20 for the first 16 bytes of its nonce.
void wg_hchacha20(uint8_t out[WG_KEY_LEN], const uint8_t key[WG_KEY_LEN], const uint8_t nonce[16]);

#endif
