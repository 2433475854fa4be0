// Messages are long runs to ChaCha20 and to Poly1305, reached through their headers only, so that wide variants of the two
// can be linked instead. A variant that wants to compute the key block along with the first blocks of the message replaces
// this file too; wg_xaead.c stands on the two functions here.
#include "wg_aead.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_wipe.h"

// A block of zeros and a whole number of Poly1305 blocks, in words.
#define TAIL_LEN 128

// The first 32 bytes of block 0 are the one-time key. Wipe what comes out.
static void begin(wg_poly1305_t *poly, uint32_t block[WG_CHACHA20_BLOCK_LEN / 4], const uint8_t nonce[WG_NONCE_LEN],
                  const uint8_t key[WG_KEY_LEN]) {
    uint8_t *bytes = (uint8_t *)block;
    memset(bytes, 0, WG_CHACHA20_BLOCK_LEN);
    wg_chacha20_xor(bytes, bytes, WG_CHACHA20_BLOCK_LEN, key, nonce, 0);
    wg_poly1305_init(poly, bytes);
}

// Absorb what is left of data, up to 15 bytes, filled up with zeros.
static void absorb_padded(wg_poly1305_t *poly, const uint8_t *data, size_t len) {
    size_t whole = len & ~(size_t)15;
    size_t rest = len & 15;
    wg_poly1305_update(poly, data, whole);
    if (rest > 0) {
        uint32_t block[4] = {0};
        memcpy(block, data + whole, rest);
        wg_poly1305_update(poly, (const uint8_t *)block, 16);
    }
}

static void authenticate(wg_poly1305_t *poly, uint8_t tag[WG_TAG_LEN], const uint8_t *ad, size_t ad_len,
                         const uint8_t *ciphertext, size_t len) {
    uint32_t lengths[4];
    wg_store64_le((uint8_t *)lengths, ad_len);
    wg_store64_le((uint8_t *)(lengths + 2), len);
    if (ad_len > 0) {
        absorb_padded(poly, ad, ad_len);
    }
    absorb_padded(poly, ciphertext, len);
    wg_poly1305_update(poly, (const uint8_t *)lengths, sizeof(lengths));
    wg_poly1305_finish(poly, tag);
}

void wg_aead_seal_padded(uint8_t *out, const uint8_t *in, size_t len, size_t pad_len, const uint8_t *ad, size_t ad_len,
                         const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    wg_poly1305_t poly;
    uint32_t block[TAIL_LEN / 4];
    uint8_t *tail = (uint8_t *)block;
    begin(&poly, block, nonce, key);
    if (pad_len == 0) {
        wg_chacha20_xor(out, in, len, key, nonce, 1);
    } else {
        size_t whole = len & ~(size_t)(WG_CHACHA20_BLOCK_LEN - 1);
        size_t rest = len - whole;
        wg_chacha20_xor(out, in, whole, key, nonce, 1);
        memset(tail + rest, 0, pad_len);
        if (rest > 0) {
            memcpy(tail, in + whole, rest);
        }
        wg_chacha20_xor(out + whole, tail, rest + pad_len, key, nonce, 1 + (uint32_t)(whole / WG_CHACHA20_BLOCK_LEN));
    }
    len += pad_len;
    authenticate(&poly, out + len, ad, ad_len, out, len);
    wg_wipe(block, sizeof(block));
}

void wg_aead_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    wg_aead_seal_padded(out, in, len, 0, ad, ad_len, nonce, key);
}

bool wg_aead_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    wg_poly1305_t poly;
    uint32_t block[WG_CHACHA20_BLOCK_LEN / 4];
    uint8_t tag[WG_TAG_LEN];
    if (len < WG_TAG_LEN) {
        return false;
    }
    len -= WG_TAG_LEN;
    begin(&poly, block, nonce, key);
    authenticate(&poly, tag, ad, ad_len, in, len);
    bool ok = wg_equal(tag, in + len, WG_TAG_LEN);
    if (ok) {
        wg_chacha20_xor(out, in, len, key, nonce, 1);
    }
    wg_wipe(block, sizeof(block));
    wg_wipe(tag, sizeof(tag));
    return ok;
}

void wg_nonce(uint8_t nonce[WG_NONCE_LEN], uint64_t counter) {
    wg_store32_le(nonce, 0);
    wg_store64_le(nonce + 4, counter);
}
