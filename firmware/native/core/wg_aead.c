// Messages are long runs to ChaCha20 and to Poly1305, reached through their headers only, so that wide variants of the two
// can be linked instead. A variant that wants to compute the key block along with the first blocks of the message replaces
// this file too; wg_xaead.c stands on the functions here.
#include "wg_aead.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_cpu.h"
#include "wg_wipe.h"

// What a message leaves behind, but for the authenticator, which wipes itself.
typedef struct {
    wg_chacha20_t stream;
    uint32_t block[WG_CHACHA20_BLOCK_LEN / 4];
} secrets_t;

// The first 32 bytes of block 0 are the one-time key; the stream goes on with block 1.
static void begin(secrets_t *secrets, wg_poly1305_t *poly, const uint8_t nonce[WG_NONCE_LEN],
                  const uint8_t key[WG_KEY_LEN]) {
    uint8_t *bytes = (uint8_t *)secrets->block;
#pragma GCC unroll 16
    for (int i = 0; i < WG_CHACHA20_BLOCK_LEN / 4; i++) {
        secrets->block[i] = 0;
    }
    wg_chacha20_begin(&secrets->stream, key, nonce, 0);
    wg_chacha20_next(&secrets->stream, bytes, bytes, WG_CHACHA20_BLOCK_LEN);
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
    uint8_t *bytes = (uint8_t *)lengths;
    wg_store_word(bytes, (uint32_t)ad_len);
    wg_store_word(bytes + 4, (uint32_t)((uint64_t)ad_len >> 32));
    wg_store_word(bytes + 8, (uint32_t)len);
    wg_store_word(bytes + 12, (uint32_t)((uint64_t)len >> 32));
    if (ad_len > 0) {
        absorb_padded(poly, ad, ad_len);
    }
    absorb_padded(poly, ciphertext, len);
    wg_poly1305_update(poly, bytes, sizeof(lengths));
    wg_poly1305_finish(poly, tag);
}

// The last piece of a message, up to a block and the padding, from a copy that has room for it.
static void encrypt_tail(wg_chacha20_t *stream, uint8_t *out, const uint8_t *in, size_t len, size_t pad_len) {
    uint32_t words[2 * WG_CHACHA20_BLOCK_LEN / 4];
    uint8_t *tail = (uint8_t *)words;
    if (len > 0) {
        memcpy(tail, in, len);
    }
    memset(tail + len, 0, pad_len);
    wg_chacha20_next(stream, out, tail, len + pad_len);
    wg_wipe(tail, len);
}

void wg_aead_seal_padded(uint8_t *out, const uint8_t *in, size_t len, size_t pad_len, const uint8_t *ad, size_t ad_len,
                         const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    secrets_t secrets;
    wg_poly1305_t poly;
    begin(&secrets, &poly, nonce, key);
    if (pad_len == 0) {
        wg_chacha20_next(&secrets.stream, out, in, len);
    } else {
        size_t whole = len & ~(size_t)(WG_CHACHA20_BLOCK_LEN - 1);
        wg_chacha20_next(&secrets.stream, out, in, whole);
        encrypt_tail(&secrets.stream, out + whole, in + whole, len - whole, pad_len);
    }
    len += pad_len;
    authenticate(&poly, out + len, ad, ad_len, out, len);
    wg_wipe(&secrets, sizeof(secrets));
}

void wg_aead_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    wg_aead_seal_padded(out, in, len, 0, ad, ad_len, nonce, key);
}

bool wg_aead_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    secrets_t secrets;
    wg_poly1305_t poly;
    uint8_t tag[WG_TAG_LEN];
    if (len < WG_TAG_LEN) {
        return false;
    }
    len -= WG_TAG_LEN;
    begin(&secrets, &poly, nonce, key);
    authenticate(&poly, tag, ad, ad_len, in, len);
    bool ok = wg_equal(tag, in + len, WG_TAG_LEN);
    if (ok) {
        wg_chacha20_next(&secrets.stream, out, in, len);
    }
    wg_wipe(&secrets, sizeof(secrets));
    wg_wipe(tag, sizeof(tag));
    return ok;
}

void wg_nonce(uint8_t nonce[WG_NONCE_LEN], uint64_t counter) {
    wg_store32_le(nonce, 0);
    wg_store64_le(nonce + 4, counter);
}
