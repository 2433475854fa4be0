#include "reference.h"
#include "vectors.h"
#include "wg_aead.h"

#define LONGEST 1024

typedef struct {
    uint8_t key[32], nonce[32], ad[LONGEST], text[LONGEST], sealed[LONGEST + 16];
    size_t ad_len, text_len;
    bool valid;
} aead_case_t;

static void read_case(aead_case_t *c, const vectors_t *vectors) {
    vectors_bytes(vectors, "key", c->key, sizeof(c->key));
    vectors_bytes(vectors, "iv", c->nonce, sizeof(c->nonce));
    c->ad_len = vectors_bytes(vectors, "aad", c->ad, sizeof(c->ad));
    c->text_len = vectors_bytes(vectors, "msg", c->text, sizeof(c->text));
    CHECK_EQ(vectors_bytes(vectors, "ct", c->sealed, LONGEST), c->text_len);
    CHECK_EQ(vectors_bytes(vectors, "tag", c->sealed + c->text_len, 16), 16);
    c->valid = vectors_is(vectors, "result", "valid");
}

static void seal_with(bool extended, uint8_t *out, const uint8_t *in, size_t len, const aead_case_t *c) {
    if (extended) {
        wg_xaead_seal(out, in, len, c->ad, c->ad_len, c->nonce, c->key);
    } else {
        wg_aead_seal(out, in, len, c->ad, c->ad_len, c->nonce, c->key);
    }
}

static bool open_with(bool extended, uint8_t *out, const uint8_t *in, size_t len, const aead_case_t *c) {
    return extended ? wg_xaead_open(out, in, len, c->ad, c->ad_len, c->nonce, c->key)
                    : wg_aead_open(out, in, len, c->ad, c->ad_len, c->nonce, c->key);
}

// Every test of a Wycheproof file whose nonce has the right length: sealed and opened, in place and apart.
static int run_wycheproof(const char *name, bool extended) {
    static aead_case_t c;
    static uint8_t out[LONGEST + 17];
    int tests = 0;
    vectors_t vectors = vectors_open(name, "tcId");
    while (vectors_next(&vectors)) {
        if (vectors_bytes(&vectors, "iv", c.nonce, sizeof(c.nonce)) != (extended ? 24 : 12)) {
            continue;
        }
        read_case(&c, &vectors);
        size_t sealed_len = c.text_len + 16;
        memset(out, 0xee, sizeof(out));
        if (c.valid) {
            seal_with(extended, out, c.text, c.text_len, &c);
            CHECK_BYTES(out, c.sealed, sealed_len);
            CHECK_EQ(out[sealed_len], 0xee);
            memcpy(out + 1, c.text, c.text_len);
            seal_with(extended, out + 1, out + 1, c.text_len, &c);
            CHECK_BYTES(out + 1, c.sealed, sealed_len);
            CHECK(open_with(extended, out + 1, out + 1, sealed_len, &c));
            CHECK_BYTES(out + 1, c.text, c.text_len);
            CHECK(open_with(extended, out, c.sealed, sealed_len, &c));
            CHECK_BYTES(out, c.text, c.text_len);
        } else {
            CHECK(!open_with(extended, out, c.sealed, sealed_len, &c));
            for (size_t i = 0; i < sizeof(out); i++) {
                CHECK_EQ(out[i], 0xee);
            }
        }
        tests++;
    }
    return tests;
}

TEST(the_aead_passes_wycheproof) {
    CHECK_EQ(run_wycheproof("wycheproof/chacha20_poly1305_test.json", false), 316);
}

TEST(the_aead_with_long_nonces_passes_wycheproof) {
    CHECK_EQ(run_wycheproof("wycheproof/xchacha20_poly1305_test.json", true), 306);
}

// RFC 8439, section 2.8.1.
static void reference_seal(uint8_t *out, const uint8_t *in, size_t len, const uint8_t *ad, size_t ad_len,
                           const uint8_t nonce[12], const uint8_t key[32]) {
    static uint8_t covered[2 * LONGEST];
    uint8_t one_time_key[32] = {0};
    reference_chacha20(one_time_key, sizeof(one_time_key), key, nonce, 0);
    memmove(out, in, len);
    reference_chacha20(out, len, key, nonce, 1);
    size_t ad_end = (ad_len + 15) / 16 * 16;
    size_t end = ad_end + (len + 15) / 16 * 16;
    memset(covered, 0, sizeof(covered));
    memcpy(covered, ad, ad_len);
    memcpy(covered + ad_end, out, len);
    for (unsigned i = 0; i < 8; i++) {
        covered[end + i] = (uint8_t)((uint64_t)ad_len >> 8 * i);
        covered[end + 8 + i] = (uint8_t)((uint64_t)len >> 8 * i);
    }
    reference_poly1305(out + len, covered, end + 16, one_time_key);
}

TEST(the_aead_agrees_with_plain_code_at_every_length_padding_and_alignment) {
    static uint8_t in[512];
    static uint8_t out[512];
    static uint8_t padded[512];
    static uint8_t expected[512];
    uint64_t seed = 4;
    for (size_t len = 0; len <= 300; len++) {
        for (size_t pad_len = 0; pad_len < 64; pad_len = pad_len < 17 ? pad_len + 1 : pad_len + 7) {
            uint8_t key[32];
            uint8_t nonce[12];
            uint8_t ad[40];
            size_t ad_len = len % 40;
            size_t in_at = len % 4;
            size_t out_at = pad_len % 4;
            size_t whole = len + pad_len;
            check_random_bytes(&seed, key, sizeof(key));
            check_random_bytes(&seed, nonce, sizeof(nonce));
            check_random_bytes(&seed, ad, sizeof(ad));
            check_random_bytes(&seed, in, in_at + len);
            memset(in + in_at + len, 0xee, sizeof(in) - in_at - len); // never to be read as padding
            memset(padded, 0, sizeof(padded));
            memcpy(padded, in + in_at, len);
            reference_seal(expected, padded, whole, ad, ad_len, nonce, key);

            memset(out, 0xee, sizeof(out));
            wg_aead_seal_padded(out + out_at, in + in_at, len, pad_len, ad, ad_len, nonce, key);
            CHECK_BYTES(out + out_at, expected, whole + 16);
            CHECK_EQ(out[out_at + whole + 16], 0xee);
            wg_aead_seal_padded(in + in_at, in + in_at, len, pad_len, ad, ad_len, nonce, key);
            CHECK_BYTES(in + in_at, expected, whole + 16);
            CHECK(wg_aead_open(out + out_at, in + in_at, whole + 16, ad, ad_len, nonce, key));
            CHECK_BYTES(out + out_at, padded, whole);
            CHECK(wg_aead_open(in + in_at, in + in_at, whole + 16, ad, ad_len, nonce, key));
            CHECK_BYTES(in + in_at, padded, whole);
        }
    }
}

TEST(the_aead_reads_and_writes_nothing_beyond_its_buffers) {
    uint64_t seed = 5;
    uint8_t key[32];
    uint8_t nonce[12];
    check_random_bytes(&seed, key, sizeof(key));
    check_random_bytes(&seed, nonce, sizeof(nonce));
    for (size_t len = 0; len <= 200; len++) {
        size_t pad_len = -len & 15;
        // Of exactly the size, so that AddressSanitizer sees a byte too far.
        uint8_t *in = malloc(len + 1);
        uint8_t *out = malloc(len + pad_len + 16);
        CHECK(in != NULL && out != NULL);
        check_random_bytes(&seed, in + 1, len);
        wg_aead_seal_padded(out, in + 1, len, pad_len, NULL, 0, nonce, key);
        CHECK(wg_aead_open(out, out, len + pad_len + 16, NULL, 0, nonce, key));
        CHECK_BYTES(out, in + 1, len);
        free(in);
        free(out);
    }
    uint8_t *tag = malloc(16);
    CHECK(tag != NULL);
    wg_aead_seal(tag, NULL, 0, NULL, 0, nonce, key);
    CHECK(wg_aead_open(tag, tag, 16, NULL, 0, nonce, key));
    free(tag);
}

TEST(one_wrong_bit_anywhere_is_refused_and_nothing_is_written) {
    uint64_t seed = 6;
    uint8_t key[32];
    uint8_t nonce[12];
    uint8_t ad[20];
    uint8_t sealed[80 + 16];
    uint8_t out[80];
    check_random_bytes(&seed, key, sizeof(key));
    check_random_bytes(&seed, nonce, sizeof(nonce));
    check_random_bytes(&seed, ad, sizeof(ad));
    memset(sealed, 7, 80);
    wg_aead_seal(sealed, sealed, 80, ad, sizeof(ad), nonce, key);
    for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
        memset(out, 0xee, sizeof(out));
        CHECK(!wg_aead_open(out, sealed, sizeof(sealed), ad, sizeof(ad), nonce, key));
        for (size_t i = 0; i < sizeof(out); i++) {
            CHECK_EQ(out[i], 0xee);
        }
        sealed[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sizeof(ad); bit++) {
        ad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!wg_aead_open(out, sealed, sizeof(sealed), ad, sizeof(ad), nonce, key));
        ad[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    for (size_t len = 0; len < sizeof(sealed); len++) {
        CHECK(!wg_aead_open(out, sealed, len, ad, sizeof(ad), nonce, key));
    }
    CHECK(wg_aead_open(out, sealed, sizeof(sealed), ad, sizeof(ad), nonce, key));
}

TEST(a_nonce_is_four_zero_bytes_and_the_counter) {
    static const uint8_t expected[12] = {0, 0, 0, 0, 0xef, 0xcd, 0xab, 0x89, 0x67, 0x45, 0x23, 0x01};
    uint8_t nonce[12];
    wg_nonce(nonce, UINT64_C(0x0123456789abcdef));
    CHECK_BYTES(nonce, expected, 12);
}
