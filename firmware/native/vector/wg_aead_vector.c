// ChaCha20-Poly1305 where key stream comes in runs of 16 blocks: the one-time key of Poly1305 is then not a block of its own
// but the first block of the first run, whose other 15 blocks serve the message.

#include "wg_aead.h"
#include "wg_bytes.h"
#include "wg_chacha20_vector.h"
#include "wg_wipe.h"

#define FIRST_LEN (WG_STREAM_LEN - 64) // message bytes that the first run covers

typedef struct {
    uint8_t stream[WG_STREAM_LEN] __attribute__((aligned(64)));
    uint32_t state[16];
} run_t;

// Begin: run->stream is the block of the one-time key and the stream of the first FIRST_LEN message bytes.
static void begin(run_t *run, const uint8_t key[32], const uint8_t nonce[12], size_t len) {
    wg_chacha20_state(run->state, key, nonce, 0);
    wg_chacha20_stream(run->stream, run->state, len < FIRST_LEN ? 1 + (len + 63) / 64 : WG_STREAM_BLOCKS);
}

// XOR len message bytes of in, followed by pad_len zero bytes, into out.
static void apply(run_t *run, uint8_t *out, const uint8_t *in, size_t len, size_t pad_len) {
    const uint8_t *stream = run->stream + 64;
    size_t left = FIRST_LEN;
    while (len > 0) {
        size_t take = len < left ? len : left;
        wg_xor(out, in, stream, take);
        out += take;
        in += take;
        len -= take;
        stream += take;
        left -= take;
        if (left == 0 && len + pad_len > 0) {
            size_t wanted = (len + pad_len + 63) / 64;
            wg_chacha20_stream(run->stream, run->state, wanted < WG_STREAM_BLOCKS ? wanted : WG_STREAM_BLOCKS);
            stream = run->stream;
            left = WG_STREAM_LEN;
        }
    }
    // Padding is zeros, so its ciphertext is the stream itself; it is under 64 bytes and may end one run and begin another.
    size_t take = pad_len < left ? pad_len : left;
    memcpy(out, stream, take);
    if (take < pad_len) {
        wg_chacha20_stream(run->stream, run->state, 1);
        memcpy(out + take, run->stream, pad_len - take);
    }
}

static void authenticate(uint8_t tag[WG_TAG_LEN], const uint8_t one_time_key[32], const uint8_t *ad, size_t ad_len,
                         const uint8_t *ciphertext, size_t len) {
    static const uint8_t zeros[16] = {0};
    uint8_t lengths[16];
    wg_poly1305_t poly;
    wg_poly1305_init(&poly, one_time_key);
    if (ad_len > 0) {
        wg_poly1305_update(&poly, ad, ad_len);
        wg_poly1305_update(&poly, zeros, -ad_len & 15);
    }
    wg_poly1305_update(&poly, ciphertext, len);
    wg_poly1305_update(&poly, zeros, -len & 15);
    wg_store64_le(lengths, ad_len);
    wg_store64_le(lengths + 8, len);
    wg_poly1305_update(&poly, lengths, 16);
    wg_poly1305_finish(&poly, tag);
}

void wg_aead_seal_padded(uint8_t *out, const uint8_t *in, size_t len, size_t pad_len, const uint8_t *ad, size_t ad_len,
                         const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    run_t run;
    uint8_t one_time_key[32];
    begin(&run, key, nonce, len + pad_len);
    memcpy(one_time_key, run.stream, 32);
    apply(&run, out, in, len, pad_len);
    authenticate(out + len + pad_len, one_time_key, ad, ad_len, out, len + pad_len);
    wg_wipe(&run, sizeof run);
    wg_wipe(one_time_key, sizeof one_time_key);
}

void wg_aead_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    wg_aead_seal_padded(out, in, len, 0, ad, ad_len, nonce, key);
}

bool wg_aead_open(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                  const uint8_t nonce[WG_NONCE_LEN], const uint8_t key[WG_KEY_LEN]) {
    if (len < WG_TAG_LEN) {
        return false;
    }
    run_t run;
    uint8_t tag[WG_TAG_LEN];
    len -= WG_TAG_LEN;
    begin(&run, key, nonce, len);
    authenticate(tag, run.stream, ad, ad_len, in, len);
    bool genuine = wg_equal(tag, in + len, WG_TAG_LEN);
    if (genuine) {
        apply(&run, out, in, len, 0);
    }
    wg_wipe(&run, sizeof run);
    wg_wipe(tag, sizeof tag);
    return genuine;
}

void wg_nonce(uint8_t nonce[WG_NONCE_LEN], uint64_t counter) {
    memset(nonce, 0, 4);
    wg_store64_le(nonce + 4, counter);
}
