#include "vectors.h"
#include "wg_kdf.h"

TEST(the_kdf_gives_the_outputs_of_wireguard_go) {
    uint8_t key[64];
    uint8_t input[64];
    uint8_t t0[32];
    uint8_t t1[32];
    uint8_t t2[32];
    uint8_t out1[32];
    uint8_t out2[32];
    uint8_t out3[32];
    vectors_t vectors = vectors_open("wireguard/kdf.json", "key");
    int tests = 0;
    while (vectors_next(&vectors)) {
        // Its keys are shorter than a chaining key; HMAC fills up with zeros.
        uint8_t chaining_key[32] = {0};
        size_t key_len = vectors_bytes(&vectors, "key", key, sizeof(key));
        size_t len = vectors_bytes(&vectors, "input", input, sizeof(input));
        memcpy(chaining_key, key, key_len);
        vectors_bytes(&vectors, "t0", t0, sizeof(t0));
        vectors_bytes(&vectors, "t1", t1, sizeof(t1));
        vectors_bytes(&vectors, "t2", t2, sizeof(t2));
        wg_kdf(out1, out2, out3, chaining_key, input, len);
        CHECK_BYTES(out1, t0, 32);
        CHECK_BYTES(out2, t1, 32);
        CHECK_BYTES(out3, t2, 32);
        wg_kdf(out1, out2, NULL, chaining_key, input, len);
        CHECK_BYTES(out1, t0, 32);
        CHECK_BYTES(out2, t1, 32);
        wg_kdf(out1, NULL, out3, chaining_key, input, len);
        CHECK_BYTES(out3, t2, 32);
        wg_kdf(chaining_key, NULL, NULL, chaining_key, input, len);
        CHECK_BYTES(chaining_key, t0, 32);
        tests++;
    }
    CHECK_EQ(tests, 3);
}

TEST(hmac_is_two_hashes_with_a_padded_key) {
    uint64_t seed = 8;
    for (size_t key_len = 0; key_len <= 130; key_len += 13) {
        uint8_t key[130];
        uint8_t data[100];
        uint8_t block[64] = {0};
        uint8_t inner[64 + 100];
        uint8_t outer[64 + 32];
        uint8_t expected[32];
        uint8_t out[32];
        check_random_bytes(&seed, key, sizeof(key));
        check_random_bytes(&seed, data, sizeof(data));
        if (key_len > 64) {
            wg_blake2s(block, 32, key, key_len, NULL, 0);
        } else {
            memcpy(block, key, key_len);
        }
        for (int i = 0; i < 64; i++) {
            inner[i] = block[i] ^ 0x36;
            outer[i] = block[i] ^ 0x5c;
        }
        memcpy(inner + 64, data, sizeof(data));
        wg_blake2s(outer + 64, 32, inner, sizeof(inner), NULL, 0);
        wg_blake2s(expected, 32, outer, sizeof(outer), NULL, 0);
        wg_hmac(out, key, key_len, data, sizeof(data));
        CHECK_BYTES(out, expected, 32);
    }
}
