#include "vectors.h"
#include "wg_blake2s.h"
#include "wg_wipe.h"

TEST(blake2s_of_abc_is_that_of_rfc_7693) {
    uint8_t expected[32];
    uint8_t out[32];
    vectors_t vectors = vectors_open("rfc/rfc7693.json", "abc");
    CHECK(vectors_next(&vectors));
    vectors_bytes(&vectors, "abc", expected, sizeof(expected));
    wg_blake2s(out, 32, (const uint8_t *)"abc", 3, NULL, 0);
    CHECK_BYTES(out, expected, 32);
    CHECK(!vectors_next(&vectors));
}

// RFC 7693, appendix E.
static void fill_sequence(uint8_t *out, size_t len, uint32_t seed) {
    uint32_t a = UINT32_C(0xdead4bad) * seed;
    uint32_t b = 1;
    for (size_t i = 0; i < len; i++) {
        uint32_t t = a + b;
        a = b;
        b = t;
        out[i] = (uint8_t)(t >> 24);
    }
}

TEST(blake2s_passes_the_self_test_of_rfc_7693) {
    static const size_t out_lens[] = {16, 20, 28, 32};
    static const size_t in_lens[] = {0, 3, 64, 65, 255, 1024};
    uint8_t in[1024];
    uint8_t key[32];
    uint8_t out[32];
    uint8_t expected[32];
    wg_blake2s_t all;
    wg_blake2s_init(&all, 32, NULL, 0);
    for (int i = 0; i < 4; i++) {
        for (int j = 0; j < 6; j++) {
            fill_sequence(in, in_lens[j], (uint32_t)in_lens[j]);
            wg_blake2s(out, out_lens[i], in, in_lens[j], NULL, 0);
            wg_blake2s_update(&all, out, out_lens[i]);
            fill_sequence(key, out_lens[i], (uint32_t)out_lens[i]);
            wg_blake2s(out, out_lens[i], in, in_lens[j], key, out_lens[i]);
            wg_blake2s_update(&all, out, out_lens[i]);
        }
    }
    wg_blake2s_finish(&all, out);
    check_unhex(expected, "6a411f08ce25adcdfb02aba641451cec53c598b24f4fc787fbdc88797f4c1dfe");
    CHECK_BYTES(out, expected, 32);
}

TEST(keyed_blake2s_gives_the_published_digests) {
    uint8_t key[32];
    uint8_t message[256];
    uint8_t expected[32];
    uint8_t out[32];
    vectors_t vectors = vectors_open("rfc/rfc7693.json", "key");
    int tests = 0;
    while (vectors_next(&vectors)) {
        size_t key_len = vectors_bytes(&vectors, "key", key, sizeof(key));
        size_t len = vectors_bytes(&vectors, "msg", message, sizeof(message));
        vectors_bytes(&vectors, "out", expected, sizeof(expected));
        wg_blake2s(out, 32, message, len, key, key_len);
        CHECK_BYTES(out, expected, 32);
        tests++;
    }
    CHECK_EQ(tests, 7);
}

TEST(blake2s_takes_a_message_in_pieces_of_any_length) {
    uint64_t seed = 7;
    uint8_t message[300];
    check_random_bytes(&seed, message, sizeof(message));
    for (size_t len = 0; len <= sizeof(message); len++) {
        uint8_t expected[32];
        uint8_t out[32];
        wg_blake2s_t hash;
        wg_blake2s(expected, 32, message, len, NULL, 0);
        wg_blake2s_init(&hash, 32, NULL, 0);
        for (size_t at = 0; at < len;) {
            size_t n = check_random(&seed) % 100;
            n = n < len - at ? n : len - at;
            wg_blake2s_update(&hash, message + at, n);
            at += n;
        }
        wg_blake2s_finish(&hash, out);
        CHECK_BYTES(out, expected, 32);
        CHECK(wg_is_zero((const uint8_t *)&hash, sizeof(hash)));
    }
}
